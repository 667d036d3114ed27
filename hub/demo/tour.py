"""What the demo prints: how right the view is, and what to try, one query for each kind of user."""

import json
from pathlib import Path

from hub.demo.comparison import Comparison

_TRIES = (
    (
        "An integrator: cases of Sambas with their victims and suspects, names opened for an investigation",
        "polda-kalbar",
        """{ cases(first: 3, where: {originRegion: {eq: "61.01"}}, orderBy: [{field: REPORTED_ON, direction: DESC}]) {
  totalCount
  nodes { policeReport reportedOn modus legalStage destinationCountry agencies
    victims { nodes { fullName nik sex stage } } perpetrators { nodes { fullName suspectStatus roles } } } } }""",
    ),
    (
        "A dashboard developer: how many cases of one method, the newest first, page by page",
        "dashboard-satgas",
        """{ cases(first: 5, where: {modus: {eq: TRANSLATOR_MANDARIN}}, orderBy: [{field: REPORTED_ON, direction: DESC}]) {
  totalCount pageInfo { hasNextPage endCursor }
  nodes { reportedOn originRegion destinationCountry caseStatus victims { totalCount } } } }""",
    ),
    (
        "A data protection officer: what is open to this token, and how fresh each agency is",
        "officer-pdp",
        """{ me { clientId purpose scopes access { coordinate allowed requiresScopes } }
  sources { agency lastCompleteAt recordCount quarantinedCount driftCount } }""",
    ),
)

QUERIES = tuple(query for _, _, query in _TRIES)
"""What the demo prints to be tried."""


def summary(compared: Comparison, seconds: float) -> str:
    """How the view stands to the kept truth.

    Args:
        compared: the view beside the truth.
        seconds: since the start.
    """
    verdict = "the view is right" if compared.right else "THE VIEW IS NOT RIGHT"
    return (
        f"\n{verdict}, {seconds:.0f} s after the start\n"
        f"  records on the wire    {compared.record_count:>6}   in the store {compared.stored_count},"
        f" in quarantine {compared.quarantined_count}, missing {len(compared.missing)}\n"
        f"  not asked for          {compared.unasked_count:>6}   immigration's records of persons in no case\n"
        f"  distinct persons       {compared.hub_persons:>6}   true {compared.true_persons},"
        f" linkable by equal identifiers {compared.linkable_persons}, wrongly merged {compared.false_merges}\n"
        f"  distinct cases         {compared.hub_cases:>6}   true {compared.true_cases},"
        f" wrongly merged {compared.mixed_cases}"
    )


def text(issuer: str, clients: Path) -> str:
    """What to try, as commands that can be pasted into a second terminal.

    Args:
        issuer: of the running hub.
        clients: file of the demo's clients.
    """
    lines = [
        "",
        f"ready: {issuer}/graphql   (a browser gets the explorer there; paste a token into it)",
        f"clients with their keys: {clients}",
        "a token: .venv/bin/python -m hub token polda-kalbar",
    ]
    for what, client, query in _TRIES:
        body = json.dumps({"query": " ".join(query.split())})
        lines += [
            "",
            f"{what}:",
            f"  TOKEN=$(.venv/bin/python -m hub token {client})",
            f"  curl -s {issuer}/graphql -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \\",
            f"    -d '{body}' | python3 -m json.tool",
        ]
    return "\n".join([*lines, "", "Ctrl-C ends the demo and its agencies; the next start goes on from here."])

"""What the demo prints: how right the view is, and what to try, one query for each kind of user."""

import json
from pathlib import Path

from hub.demo.comparison import Comparison
from hub.graphql.explorer.examples import EXAMPLES

QUERIES = tuple(example.query for example in EXAMPLES)
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
        f"ready: {issuer}/graphql   (a browser gets the explorer there: log in, choose an office, then a purpose)",
        f"officers: {issuer}/console   (log in as PPDP Polri, or as one of the secretariat; what one proposes another approves)",
        f"clients with their keys: {clients}",
        "a token: .venv/bin/python -m hub token polda-kalbar",
        "an officer's, by login and consent: .venv/bin/python -m hub token polri",
    ]
    for example in EXAMPLES:
        body = json.dumps({"query": " ".join(example.query.split())})
        lines += [
            "",
            f"{example.who['en']}: {example.what['en']}",
            f"  TOKEN=$(.venv/bin/python -m hub token {example.client_id})",
            f"  curl -s {issuer}/graphql -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \\",
            f"    -d '{body}' | python3 -m json.tool",
        ]
    return "\n".join([*lines, "", "Ctrl-C ends the demo and its agencies; the next start goes on from here."])

"""`grant`: officers propose, decide and list grants from a terminal, by the same door and rules as everybody."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from hub.cli import context
from hub.cli.door import Door
from schema.errors import DecisionError, SettingError


class Action(StrEnum):
    """What can be done with grants."""

    LIST = "list"
    SHOW = "show"
    TEMPLATE = "template"
    PROPOSE = "propose"
    RENEW = "renew"
    APPROVE = "approve"
    APPROVE_AS_OWNER = "approve-as-owner"
    REFUSE = "refuse"
    SUSPEND = "suspend"
    RESUME = "resume"
    REVOKE = "revoke"


_DECISIONS: Final = {
    Action.APPROVE: "APPROVED",
    Action.APPROVE_AS_OWNER: "OWNER_APPROVED",
    Action.REFUSE: "REFUSED",
    Action.SUSPEND: "SUSPENDED",
    Action.RESUME: "RESUMED",
    Action.REVOKE: "REVOKED",
}
_FIELDS: Final = (
    "id version state grantee owner scopes purposes legalBasis agreement justification jurisdictions"
    " validFrom validTo needsOwner proposedBy proposedAt decisions { version kind decidedBy decidedAt reason }"
)
_TEMPLATE: Final = {
    "grantee": "client id, or account id ISSUER#SUB",
    "owner": "POLRI",
    "scopes": ["case:read"],
    "purposes": ["investigation"],
    "legalBasis": "UU PDP art. 20(2)(e)",
    "agreement": "number of the agreement between the agencies",
    "justification": "why it is needed; no name of a person",
    "jurisdictions": ["61"],
    "validFrom": "2026-12-01T00:00:00Z",
    "validTo": "2027-02-28T00:00:00Z",
}


def grant(
    action: Annotated[Action, typer.Argument(help="what to do, see above")],
    target: Annotated[
        str | None, typer.Argument(help="propose: a file; renew, show, all decisions: id of the grant")
    ] = None,
    *,
    file: Annotated[Path | None, typer.Option(help="renew: the proposal, as for propose")] = None,
    version: Annotated[
        int | None, typer.Option(min=1, help="decisions: the version that you have seen")
    ] = None,
    reason: Annotated[str, typer.Option(help="decisions: why, for the record; no name of a person")] = "",
    officer: Annotated[
        str | None, typer.Option("--as", help="one of the demo's officers, who logs in")
    ] = None,
    token_file: Annotated[Path | None, typer.Option(help="your access token; - for standard input")] = None,
    proof_key: Annotated[
        Path | None, typer.Option(help="private key (JWK) that the token is bound to, outside the demo")
    ] = None,
) -> None:
    """Who may see what of whose, why, where and until when.

    template: prints a proposal to fill in.

    propose FILE: asks for a grant. It opens nothing until another officer has approved it, and the owner's officer too
    where a scope is sensitive or restricted.

    list, show ID: what concerns your agency, and what was decided on it.

    approve, approve-as-owner, refuse, suspend, resume, revoke ID --version N --reason TEXT: your decision. What opens
    needs a login of the last five minutes.

    renew ID --file FILE: the next version; the one before stays alive until this one is approved.

    In the demo: --as polri. Elsewhere: --token-file and --proof-key of the client that you logged in with.

    Raises:
        SettingError: something is not given, or not there.
        DecisionError: the hub refuses; says why.
        SourceUnavailable: the hub does not answer.
    """
    if action is Action.TEMPLATE:
        print(json.dumps(_TEMPLATE, indent=2))
        return
    settings = context.read_settings()
    door = Door(settings, officer, token_file, proof_key)
    if action in {Action.LIST, Action.SHOW}:
        found = door.ask(f"{{ grants {{ {_FIELDS} }} }}", {}, "scope:manage")["grants"]
        _show(found) if action is Action.LIST else _tell(
            [one for one in found if one["id"] == _given(target, action)]
        )
    elif action is Action.PROPOSE:
        query = f"mutation ($p: GrantInput!) {{ made: proposeGrant(proposal: $p) {{ {_FIELDS} }} }}"
        _tell([door.ask(query, {"p": _proposal(Path(_given(target, action)))}, "scope:manage")["made"]])
    elif action is Action.RENEW:
        if file is None:
            raise SettingError("--file", "`grant renew` needs the proposal; `grant template` prints one")
        query = f"mutation ($i: ID!, $p: GrantInput!) {{ made: renewGrant(id: $i, proposal: $p) {{ {_FIELDS} }} }}"
        _tell([door.ask(query, {"i": _given(target, action), "p": _proposal(file)}, "scope:manage")["made"]])
    else:
        if version is None:
            raise SettingError("--version", f"`grant {action}` needs the version that you have seen")
        query = f"""mutation ($i: ID!, $v: Int!, $d: GrantDecisionKind!, $r: String!) {{
            made: decideGrant(id: $i, version: $v, decision: $d, reason: $r) {{ {_FIELDS} }} }}"""
        variables = {"i": _given(target, action), "v": version, "d": _DECISIONS[action], "r": reason}
        _tell([door.ask(query, variables, "scope:approve")["made"]])


def _given(target: str | None, action: Action) -> str:
    if target is None:
        raise SettingError("TARGET", f"`grant {action}` needs one; see --help")
    return target


def _proposal(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise SettingError("FILE", f"{path} is not there, or no JSON; `grant template` prints one") from None


def _show(found: list[dict[str, Any]]) -> None:
    table = Table("id", "v", "state", "grantee", "owner", "scopes", "until")
    for one in found:
        table.add_row(
            one["id"],
            str(one["version"]),
            one["state"],
            one["grantee"],
            one["owner"],
            " ".join(one["scopes"]),
            one["validTo"][:10],
        )
    Console().print(table)


def _tell(found: list[dict[str, Any]]) -> None:
    if not found:
        raise DecisionError("there is no grant of this id that concerns your agency")
    print(json.dumps(found[0] if len(found) == 1 else found, indent=2, ensure_ascii=False))

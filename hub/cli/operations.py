"""`operations`: officers list the operations that a client may send by their hash, and clients that may send no other."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from hub import clock
from hub.cli import context
from hub.cli.door import Door
from schema.errors import DecisionError, SettingError

MANIFEST: Final = "manifest.json"
_DAYS: Final = 180
_FIELDS: Final = "id clientId state sha256Hash names purpose expiresAt proposedBy proposedAt approvedBy approvedAt removedBy removedAt"
_HEX: Final = 64


class Action(StrEnum):
    """What can be done with lists."""

    LIST = "list"
    SHOW = "show"
    ADD = "add"
    APPROVE = "approve"
    REMOVE = "remove"
    NARROW = "narrow"
    WIDEN = "widen"


_DECISIONS: Final = {Action.APPROVE: "approveOperation", Action.REMOVE: "removeOperation"}


def operations(
    action: Annotated[Action, typer.Argument(help="what to do, see above")],
    targets: Annotated[
        list[str] | None,
        typer.Argument(help="add: CLIENT and files or folders; narrow, widen: CLIENT; else ids"),
    ] = None,
    *,
    purpose: Annotated[str | None, typer.Option(help="add: the only purpose; without it every one")] = None,
    days: Annotated[int, typer.Option(min=1, max=365, help="add: until so many days from now")] = _DAYS,
    reason: Annotated[str, typer.Option(help="narrow, widen: why, for the record; no name of a person")] = "",
    officer: Annotated[
        str | None, typer.Option("--as", help="one of the demo's officers, who logs in")
    ] = None,
    token_file: Annotated[Path | None, typer.Option(help="your access token; - for standard input")] = None,
    proof_key: Annotated[
        Path | None, typer.Option(help="private key (JWK) that the token is bound to, outside the demo")
    ] = None,
) -> None:
    """Operations that a client may send by their SHA-256 alone, and clients that may send no other.

    add CLIENT FILE|FOLDER...: proposes each *.graphql file; its hash is that of the file's bytes. They are listed once
    another officer has approved them. A folder may have a manifest.json: {"Cases.graphql": {"purpose": "investigation",
    "days": 90}}. What is on the list or waits already is left alone.

    list [CLIENT], show ID...: what stands, and who decided it; show prints the document too.

    approve ID..., remove ID...: your decision; all of them or none. Approving needs a login of the last five minutes.

    narrow CLIENT, widen CLIENT --reason TEXT: it may send listed operations alone, or others again. Widening takes another
    officer than who narrowed.

    In the demo: --as polri. Elsewhere: --token-file and --proof-key of the client that you logged in with.

    Raises:
        SettingError: something is not given, or not there.
        DecisionError: the hub refuses; says why.
        SourceUnavailable: the hub does not answer.
    """
    door = Door(context.read_settings(), officer, token_file, proof_key)
    given = targets or []
    if action is Action.LIST:
        _show(_lists(door, given))
    elif action is Action.SHOW:
        _tell(door, _some(given, action))
    elif action is Action.ADD:
        client, *paths = _some(given, action)
        files = list(_files(_some(paths, action), purpose, days))
        _add(door, client, files)
    elif action in _DECISIONS:
        made = _decide(door, _DECISIONS[action], _some(given, action))
        for one in made:
            print(f"{one['state'].lower()} {one['clientId']} {one['sha256Hash']} {' '.join(one['names'])}")
    else:
        (client,) = _some(given, action)[:1]
        query = """mutation ($c: String!, $l: Boolean!, $r: String!) {
            made: setListedOnly(clientId: $c, listedOnly: $l, reason: $r) { clientId listedOnly } }"""
        variables = {"c": client, "l": action is Action.NARROW, "r": reason}
        made = door.ask(query, variables, "scope:approve")["made"]
        print(f"{made['clientId']} may send {'listed operations alone' if made['listedOnly'] else 'any'}")


def _some(given: Sequence[str], action: Action) -> Sequence[str]:
    if not given:
        raise SettingError("TARGETS", f"`operations {action}` needs more; see --help")
    return given


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    text: str
    purpose: str | None
    days: int

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def _files(paths: Sequence[str], purpose: str | None, days: int) -> Iterator[_File]:
    """The documents of files and folders.

    Raises:
        SettingError: one is not there, no text, or is named by another hash than its own.
    """
    for path in map(Path, paths):
        said = _manifest(path / MANIFEST) if path.is_dir() else {}
        found = sorted(path.glob("*.graphql")) if path.is_dir() else [path]
        if not found or said.keys() - {one.name for one in found}:
            raise SettingError("FILE", f"{path} has no *.graphql, or not all that its {MANIFEST} names")
        for one in found:
            own = said.get(one.name, {})
            try:
                text = one.read_bytes().decode()
            except (OSError, ValueError):
                raise SettingError("FILE", f"{one} cannot be read as text in UTF-8") from None
            file = _File(one, text, own.get("purpose", purpose), own.get("days", days))
            if len(one.stem) == _HEX and one.stem != file.digest:
                raise SettingError("FILE", f"{one} is named by a hash that is not its own")
            yield file


def _manifest(path: Path) -> dict[str, dict[str, Any]]:
    if not path.exists():
        return {}
    try:
        found: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        is_whole = all(
            one.keys() <= {"purpose", "days"} and isinstance(one.get("days", 1), int)
            for one in found.values()
        )
    except (OSError, ValueError, AttributeError):
        is_whole, found = False, {}
    if not is_whole:
        raise SettingError("FILE", f'{path} is not {{"NAME.graphql": {{"purpose": ..., "days": ...}}}}')
    return found


def _lists(door: Door, clients: Sequence[str]) -> list[dict[str, Any]]:
    query = f"{{ operationLists {{ clientId listedOnly operations {{ {_FIELDS} document }} }} }}"
    found = door.ask(query, {}, "scope:manage")["operationLists"]
    return [one for one in found if not clients or one["clientId"] in clients]


def _add(door: Door, client: str, files: Sequence[_File]) -> None:
    standing = {
        (one["sha256Hash"], one["purpose"]): one
        for found in _lists(door, [client])
        for one in found["operations"]
        if one["state"] in {"PROPOSED", "LISTED"}
    }
    query = f"""mutation ($c: String!, $d: String!, $p: String, $e: DateTime!) {{
        made: proposeOperation(clientId: $c, document: $d, purpose: $p, expiresAt: $e) {{ {_FIELDS} }} }}"""
    for file in files:
        one = standing.get((file.digest, file.purpose))
        if one is None:
            until = (clock.now() + timedelta(days=file.days)).isoformat()
            variables = {"c": client, "d": file.text, "p": file.purpose, "e": until}
            try:
                one = door.ask(query, variables, "scope:manage")["made"]
            except DecisionError as error:
                raise DecisionError(f"{file.path}: {error}") from None
        print(f"{one['state'].lower()} {one['id']} {file.digest} {file.path}")


def _decide(door: Door, field: str, ids: Sequence[str]) -> list[dict[str, Any]]:
    """What each is after the decision; one operation, so all of them are decided or none."""
    parts = " ".join(f"d{at}: {field}(id: $i{at}) {{ {_FIELDS} }}" for at in range(len(ids)))
    names = ", ".join(f"$i{at}: ID!" for at in range(len(ids)))
    variables = {f"i{at}": one for at, one in enumerate(ids)}
    return list(door.ask(f"mutation ({names}) {{ {parts} }}", variables, "scope:approve").values())


def _show(found: Sequence[Mapping[str, Any]]) -> None:
    table = Table("client", "may send", "id", "state", "names", "purpose", "until", "sha256")
    for one in found:
        may = "listed only" if one["listedOnly"] else "any"
        for each in one["operations"] or [None]:
            row = (
                ["", "", "", "", "", ""]
                if each is None
                else [
                    each["id"],
                    each["state"],
                    " ".join(each["names"]),
                    each["purpose"] or "",
                    each["expiresAt"][:10],
                    each["sha256Hash"][:12],
                ]
            )
            table.add_row(one["clientId"], may, *row)
    Console().print(table)


def _tell(door: Door, ids: Sequence[str]) -> None:
    found = [each for one in _lists(door, []) for each in one["operations"] if each["id"] in ids]
    if not found:
        raise DecisionError("there is no listed operation of this id that concerns your agency")
    for one in found:
        document = one.pop("document")
        print(json.dumps(one, indent=2, ensure_ascii=False))
        print(document)

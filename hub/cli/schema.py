"""`schema`: the SDL, printed or compared; and whom a change of it breaks."""

from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import psycopg
import typer

from hub import clock
from hub.cli import context
from hub.database import conninfo
from hub.graphql import breaking
from hub.graphql.breaking import Change
from hub.graphql.sdl import printed
from schema.errors import InputInvalid, SettingError

KEPT = Path(__file__).resolve().parent.parent.parent / "schema" / "hub.graphql"
_DAYS: Final = 90
_HASH_SHOWN: Final = 12


class Action(StrEnum):
    """What else can be done with the SDL."""

    DIFF = "diff"


def schema(
    action: Annotated[Action | None, typer.Argument(help="diff: compare with OLD; else print")] = None,
    old: Annotated[Path | None, typer.Argument(help="diff: the SDL that clients know")] = None,
    *,
    write: Annotated[bool, typer.Option("--write", help="write it to schema/hub.graphql")] = False,
    check: Annotated[bool, typer.Option("--check", help="fail if schema/hub.graphql is another")] = False,
    new: Annotated[Path | None, typer.Option(help="diff: the SDL to come; without it this code's")] = None,
    usage_days: Annotated[int, typer.Option(min=1, max=400, help="diff: use within so many days")] = _DAYS,
) -> None:
    """Print the SDL of the API, write it to where it is kept, or compare it with what is kept.

    diff OLD.graphql: what breaks and what may behave differently, and for each the clients and operations that have used
    it lately or have it on their list. Ends with 1 where somebody uses what breaks. Without a database, only the changes.

    Raises:
        InputInvalid: what is kept is another, a file is no SDL, or clients use what breaks.
        SettingError: there is no file to compare with.
        StoreError: the database cannot be had.
    """
    if action is Action.DIFF:
        if old is None:
            raise SettingError("OLD", "`schema diff` needs the SDL to compare with; see --help")
        _diff(_text(old), printed() if new is None else _text(new), usage_days)
        return
    text = printed()
    if write:
        KEPT.write_text(text, encoding="utf-8")
        print(f"schema in {KEPT}")
    elif check:
        if not KEPT.exists() or KEPT.read_text(encoding="utf-8") != text:
            raise InputInvalid(
                f"{KEPT} is not what the code prints; run `make schema` and look at the difference"
            )
        print(f"{KEPT} is current")
    else:
        print(text, end="")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        raise SettingError("FILE", f"{path} cannot be read as text in UTF-8") from None


def _diff(old: str, new: str, usage_days: int) -> None:
    before = breaking.read(old)
    found = breaking.changes(before, breaking.read(new))
    settings = context.read_settings()
    users: dict[str, list[str]] | None = None
    if found and (settings.database_url is not None or (settings.var / "pg").exists()):
        users = _users(context.databases(settings).service_url, old, found, usage_days)
    broken = 0
    for one in found:
        print(f"{'BREAKING' if one.is_breaking else 'dangerous'} {one.kind}: {one.description}")
        lines = [] if users is None else users.get(one.coordinate, [])
        for line in lines:
            print(f"    {line}")
        broken += bool(one.is_breaking and lines)
    if not found:
        print("nothing breaks, and nothing behaves differently")
    elif users is None:
        print("there is no database, so nobody knows who uses what changes")
    if broken:
        raise InputInvalid(f"{broken} of the breaking changes break operations that clients send")


def _users(url: str, old: str, found: list[Change], usage_days: int) -> dict[str, list[str]]:
    """The lines of those who use each coordinate, by coordinate."""
    wanted = sorted({one.coordinate for one in found})
    since = clock.now().date() - timedelta(days=usage_days)
    lines: dict[str, list[str]] = {}
    with psycopg.connect(conninfo(url), application_name="schema-diff") as connection:
        for coordinate, client, digest, name, last, count in connection.execute(
            _USED, {"wanted": wanted, "since": since}
        ):
            lines.setdefault(coordinate, []).append(_used(client, digest, name, last, count))
        listed: list[tuple[Any, ...]] = connection.execute(_LISTED, {"now": clock.now()}).fetchall()
    before = breaking.read(old)
    for client, digest, names, until, document in listed:
        for coordinate in sorted(breaking.used_by(before, document).intersection(wanted)):
            lines.setdefault(coordinate, []).append(
                f"{client}: {' '.join(names) or 'an operation without a name'}"
                f" ({digest[:_HASH_SHOWN]}), listed until {until:%Y-%m-%d}"
            )
    return lines


def _used(client: str, digest: str, name: str, last: date, count: int) -> str:
    shown = digest[:_HASH_SHOWN] or "documents with texts, or too many to tell apart"
    return f"{client}: {name or 'an operation without a name'} ({shown}), last used {last}, {count} times"


_USED: Final = """
    SELECT c.coordinate, c.client_id, encode(c.document_hash, 'hex'), c.operation, c.last_day,
           (SELECT coalesce(sum(o.count), 0) FROM operation_usage o
            WHERE o.client_id = c.client_id AND o.document_hash = c.document_hash AND o.operation = c.operation
              AND o.day >= %(since)s)
    FROM coordinate_usage c WHERE c.coordinate = ANY(%(wanted)s) AND c.last_day >= %(since)s
    ORDER BY c.coordinate, c.client_id, c.last_day DESC, c.operation, c.document_hash
"""
_LISTED: Final = """
    SELECT o.client_id, encode(o.document_hash, 'hex'), o.names, o.expires_at, o.document
    FROM listed_operation o
    JOIN listing_decision a ON a.listing_id = o.listing_id AND a.kind = 'APPROVED'
    WHERE o.expires_at > %(now)s
      AND NOT EXISTS (SELECT FROM listing_decision r WHERE r.listing_id = o.listing_id AND r.kind = 'REMOVED')
    ORDER BY o.client_id, o.names, o.listing_id
"""

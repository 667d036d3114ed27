"""What the ledger has of a stretch of time, for officers who may read it: bounded, and never by scanning all of it.

Records have no index by time: their ids rise with it, so the ends of a stretch are found by halving. The service's role
may add records and read none; a search takes on the auditor's for its statements alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import Connection, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import BigInteger, DateTime, Text

MOST_SCANNED: Final = 200_000
"""Records of one stretch that are looked through; of a longer one the end is, and the answer says so."""
_LONGEST_MS: Final = 10_000
"""A search ends then: whoever looks something up holds nobody up."""
_SLACK: Final = timedelta(minutes=1)
"""Two records that were written side by side can have ids and times in different orders."""
_FROM: Final = text("SELECT id, at FROM audit.record WHERE id >= :id ORDER BY id LIMIT 1")
_LAST: Final = text("SELECT coalesce(max(id), 0) FROM audit.record")
_FOUND: Final = text("""
    SELECT r.id, r.at, r.body
    FROM audit.record r CROSS JOIN LATERAL (SELECT CAST(convert_from(r.body, 'UTF8') AS jsonb) AS said) j
    WHERE r.id >= :first AND r.id < :end AND r.at >= :after AND r.at < :before AND j.said @> :wanted
      AND (CAST(:agency AS text) IS NULL OR j.said->>'agency' = :agency OR jsonb_exists_any(j.said->'grants', :grants))
    ORDER BY r.id DESC LIMIT :most
""").bindparams(
    bindparam("first", type_=BigInteger()),
    bindparam("end", type_=BigInteger()),
    bindparam("after", type_=DateTime(timezone=True)),
    bindparam("before", type_=DateTime(timezone=True)),
    bindparam("wanted", type_=JSONB()),
    bindparam("agency", type_=Text()),
    bindparam("grants", type_=ARRAY(Text())),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Whose records may be seen: an agency's own, and those of reads that its grants opened.

    Attributes:
        agency: its code; None for all records.
        grants: that it owns, as the ledger names them (`uuid/version`).
    """

    agency: str | None
    grants: tuple[str, ...] = ()


EVERYBODY: Final = Whose(agency=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Records of a stretch, the newest first.

    Attributes:
        records: each as it was sealed (hub.ledger.entry), with its `id`.
        is_whole: no more of them are there.
    """

    records: tuple[dict[str, Any], ...]
    is_whole: bool


def search(
    connection: Connection,
    *,
    after: datetime,
    before: datetime,
    whose: Whose,
    wanted: Iterable[tuple[str, str | list[str]]] = (),
    most: int = 200,
) -> Found:
    """The records of a stretch.

    Args:
        connection: of the service's role, in a transaction.
        after: aware; the first moment.
        before: aware; the first moment that is not of it.
        whose: records that may be seen.
        wanted: members that a record must have, with their values (`client_id`, `kind`); of a list, what must be in it (`grants`).
        most: records that are given.
    """
    connection.execute(text(f"SET LOCAL statement_timeout = {_LONGEST_MS}"))
    connection.execute(text("SET LOCAL ROLE hub_auditor"))
    last: int = connection.execute(_LAST).scalar_one()
    first = _first_since(connection, after - _SLACK, last)
    end = _first_since(connection, before + _SLACK, last)
    start = max(first, end - MOST_SCANNED)
    values = {
        "first": start,
        "end": end,
        "after": after,
        "before": before,
        "wanted": dict(wanted),
        "agency": whose.agency,
        "grants": list(whose.grants),
        "most": most + 1,
    }
    rows = connection.execute(_FOUND, values).all()
    connection.execute(text("SET LOCAL ROLE NONE"))
    connection.execute(text("SET LOCAL statement_timeout TO DEFAULT"))
    records = tuple({**orjson.loads(bytes(body)), "id": number, "at": at} for number, at, body in rows[:most])
    return Found(records=records, is_whole=len(rows) <= most and start == first)


def _first_since(connection: Connection, moment: datetime, last: int) -> int:
    """An id such that records before it are older than the moment; found by halving."""
    low, high = 1, last + 1
    while low < high:
        middle = (low + high) // 2
        row = connection.execute(_FROM, {"id": middle}).one_or_none()
        if row is None or row.at >= moment:
            high = middle
        else:
            low = row.id + 1
    return low

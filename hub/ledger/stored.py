"""Keys, seals and records as the database has them, read in one snapshot by whoever may read the ledger."""

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from typing import Any

import orjson
import psycopg

from hub.database import conninfo
from hub.ledger.evidence import Key, Record, Seal
from schema.errors import StoreUnreachable

_PAGE = 5000
"""Rows that are fetched at once; no more of the ledger than that is ever in memory."""
_SEAL = "n, era, xid_from::text::bigint, xid_to::text::bigint, count, root, prev, at, kid, jws"
SEALS = f"SELECT {_SEAL} FROM audit.seal WHERE n > %s AND (%s::bigint IS NULL OR n <= %s) ORDER BY n"  # noqa: S608 -- put together from constants
_COVERING = f"""
SELECT {_SEAL} FROM audit.seal s WHERE (s.era, s.xid_to) > (%s, %s::text::xid8) ORDER BY s.era, s.xid_to LIMIT 1
"""  # noqa: S608 -- put together from constants
KEYS = (
    "SELECT kid, public_jwk, not_before, retire_at, endorsement FROM audit.seal_key ORDER BY not_before, kid"
)
_RECORDS = """
SELECT r.era, r.xid::text::bigint, r.id, r.body FROM audit.record r
WHERE (r.era, r.xid) >= (%s, %s::text::xid8) AND (%s::integer IS NULL OR (r.era, r.xid) < (%s, %s::text::xid8))
ORDER BY r.era, r.xid, r.id
"""
"""The order names the table's own columns: a bare `xid` would be the number beside it, which no index has."""
_ONE = "SELECT era, xid::text::bigint, id, body FROM audit.record WHERE id = %s"
_COUNT = "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'audit.record'::regclass"


def key_of(row: tuple[Any, ...]) -> Key:
    """The key of a row of `KEYS`."""
    kid, jwk, not_before, retire_at, endorsement = row
    return Key(kid, str(orjson.loads(jwk).get("x")), not_before, retire_at, endorsement)


class Stored:
    """The ledger as it was when it was opened, however much is written meanwhile; close it at the end.

    Args:
        connection: as a role that may read the ledger, in a transaction.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self._cursors: list[psycopg.ServerCursor[Any]] = []

    def close(self) -> None:
        """Nothing is read any more."""
        while self._cursors:
            self._cursors.pop().close()

    def seal_keys(self) -> list[Key]:
        """Every key, the oldest first."""
        return [key_of(row) for row in self.connection.execute(KEYS)]

    def seals(self, first: int = 1, last: int | None = None) -> Iterator[Seal]:
        """Seals in the order of their numbers.

        Args:
            first: number of the first.
            last: number of the last; None for all.
        """
        return (Seal(*row) for row in self._rows(SEALS, (first - 1, last, last)))

    def records(self, after: Seal | None = None, until: Seal | None = None) -> Iterator[Record]:
        """Records in the order of era, transaction and id.

        Args:
            after: the seal with whose records it begins; None for the very first ones.
            until: the seal with whose records it ends; None for all, also those that are not sealed.
        """
        start = (after.era, str(after.xid_from)) if after else (-(2**31), "0")
        end = (until.era, str(until.xid_to)) if until else (None, None)
        return map(Record._make, self._rows(_RECORDS, (*start, end[0], *end)))

    def record(self, number: int) -> Record | None:
        """The record of that id."""
        row = self.connection.execute(_ONE, (number,), binary=True).fetchone()
        return Record._make(row) if row else None

    def covering(self, record: Record) -> Seal | None:
        """The seal that covers a record; None where it is not sealed yet."""
        row = self.connection.execute(_COVERING, (record.era, str(record.xid)), binary=True).fetchone()
        seal = Seal(*row) if row else None
        covers = seal is not None and seal.era == record.era and seal.xid_from <= record.xid
        return seal if covers else None

    def about(self) -> int:
        """About how many records there are, as the server last counted; 0 where it has not."""
        row = self.connection.execute(_COUNT).fetchone()
        return row[0] if row else 0

    def _rows(self, statement: str, values: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        # Closed by `close` alone. A generator that is left closes what it delegates to, whenever it is collected, and that
        # can be in the middle of another statement.
        cursor = self.connection.cursor(f"ledger_{len(self._cursors)}")
        self._cursors.append(cursor)
        cursor.execute(statement.encode(), values, binary=True)
        while rows := cursor.fetchmany(_PAGE):
            yield from rows


@contextmanager
def opened(url: str) -> Generator[Stored]:
    """The ledger, read as hub_auditor in one snapshot.

    Args:
        url: of the database, as a role that may take on hub_auditor.

    Raises:
        StoreUnreachable: it cannot be read; see docs/operations.md for who may.
    """
    options = "-c timezone=UTC -c role=hub_auditor"
    try:
        with psycopg.connect(conninfo(url), application_name="audit", options=options) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            with closing(Stored(connection)) as ledger:
                yield ledger
    except psycopg.Error as error:
        raise StoreUnreachable(
            f"the ledger cannot be read: {error.diag.message_primary or 'no answer'}"
        ) from None

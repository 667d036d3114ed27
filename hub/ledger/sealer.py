"""A signed seal over all records that have come since the last one: each second, by whichever process comes first.

Source: RFC 9162 section 2.1 (the tree), RFC 8785 and RFC 7515 (what is signed).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import structlog
from psycopg import AsyncConnection

from hub.clock import Clock
from hub.database import Pool
from hub.identity.keyring import Keyring
from hub.ledger import keys, merkle
from hub.ledger.evidence import moment
from hub.ledger.keys import Signer
from hub.ledger.verify import NO_SEAL, SEAL

MOST: Final = 5000
"""Records of one seal; more only where a single transaction wrote more, which is never parted."""
LATE: Final = timedelta(seconds=60)
"""Age of an unsealed record from which operators are told; see docs/operations.md."""
SILENT: Final = timedelta(minutes=5)
"""After which the same trouble is told again."""

_LOCK: Final = 7_700_024_001
"""Key of the advisory lock that keeps two sealers apart."""
_LAST = """
SELECT (SELECT max(era) FROM audit.era), s.n, s.era, s.xid_to::text, s.jws
FROM (SELECT) AS one LEFT JOIN audit.seal s ON s.n = (SELECT max(n) FROM audit.seal)
"""
_HORIZON = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text"
_END = "SELECT max(xid)::text FROM audit.record WHERE era = %s"
_RECORDS = """
SELECT r.xid::text::bigint, r.body FROM audit.record r
WHERE r.era = %s AND r.xid >= %s::xid8 AND r.xid < %s::xid8 ORDER BY r.era, r.xid, r.id LIMIT %s
"""
"""The order names the table's own columns: a bare `xid` would be the number beside it, which no index has."""
_OLDEST = """
SELECT r.at FROM audit.record r WHERE r.era = %s AND r.xid >= %s::xid8 ORDER BY r.era, r.xid, r.id LIMIT 1
"""
_INSERT = """
INSERT INTO audit.seal (n, era, xid_from, xid_to, count, root, prev, at, kid, jws)
VALUES (%s, %s, %s::text::xid8, %s::text::xid8, %s, %s, %s, %s, %s, %s)
"""
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sealed:
    """A seal that was written.

    Attributes:
        n: its number.
        count: records below it.
        is_full: whether records that could have been sealed with it were left.
    """

    n: int
    count: int
    is_full: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the next seal begins."""

    n: int
    era: int
    xid: int
    prev: bytes
    is_over: bool  # a later era has begun, so nobody can write into this one


class Sealer:
    """Seals the ledger.

    Args:
        pool: its connections are hub_sealer's.
        keyring: seals and opens the private parts of the keys.
        clock: gives the present.
    """

    def __init__(self, pool: Pool, keyring: Keyring, clock: Clock) -> None:
        self._pool = pool
        self._keyring = keyring
        self._clock = clock
        self._signer: Signer | None = None

    async def seal_once(self) -> Sealed | None:
        """The seal over the oldest records that are not under one; None where there is nothing to seal yet.

        A crash before COMMIT leaves the ledger as it was.

        Raises:
            SealedValueBroken: the key was sealed under another root key.
        """
        async with self._pool.connection() as connection, connection.transaction():
            # Each statement must see what was committed before it began: the last seal after the lock, the records
            # after the horizon.
            await connection.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            place = await _place(connection)
            while place is not None:
                until = await _until(connection, place)
                bodies, end, is_full = await _records(connection, place, until)
                if bodies:
                    sealed = await self._write(connection, place, end, bodies)
                    return Sealed(place.n, sealed, is_full or place.is_over)
                if not place.is_over:
                    return None
                place = await _next_era(connection, place)
            return None

    async def seal_all(self) -> int:
        """Seals until nothing is left that could be sealed when it began; gives the number of records."""
        count = 0
        while sealed := await self.seal_once():
            count += sealed.count
            _log.debug("seal.written", record_count=sealed.count)
            # What has come meanwhile waits for the next second: under load there would be a seal for each few records.
            if not sealed.is_full:
                break
        return count

    async def oldest_unsealed(self) -> datetime | None:
        """When the oldest record that is under no seal was written; None where all are."""
        async with self._pool.connection() as connection:
            place = await _place(connection)
            if place is None:
                return None
            found = await connection.execute(_OLDEST, (place.era, str(place.xid)))
            row = await found.fetchone()
        return row[0] if row else None

    async def sign(self, kind: str, payload: dict[str, Any]) -> str:
        """A compact JWS by the key that signs now, over what is no seal.

        Args:
            kind: its type, which is none of hub.ledger.verify.
            payload: canonical (hub.ledger.entry.canonical).

        Raises:
            SealedValueBroken: the key was sealed under another root key.
        """
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            return (await self._signs(connection)).sign(kind, payload)

    async def _signs(self, connection: AsyncConnection[Any]) -> Signer:
        now = self._clock()
        if self._signer is None or not self._signer.signs_at(now) or self._signer.is_followed_at(now):
            self._signer = await keys.signer_at(connection, self._keyring, now)
        return self._signer

    async def _write(
        self, connection: AsyncConnection[Any], place: _Place, end: int, bodies: Sequence[bytes]
    ) -> int:
        signer, now = await self._signs(connection), self._clock()
        root = merkle.root(merkle.leaves(bodies))
        payload = {
            "n": place.n,
            "era": place.era,
            "xid_from": place.xid,
            "xid_to": end,
            "count": len(bodies),
            "root": root.hex(),
            "prev": place.prev.hex(),
            "at": moment(now),
        }
        jws = signer.sign(SEAL, payload)
        values = (place.n, place.era, str(place.xid), str(end), len(bodies), root, place.prev, now)
        await connection.execute(_INSERT, (*values, signer.kid, jws))
        return len(bodies)


async def _place(connection: AsyncConnection[Any]) -> _Place | None:
    """Where the next seal begins; None before the first record."""
    row = await (await connection.execute(_LAST)).fetchone()
    assert row is not None  # noqa: S101 -- a statement of scalar subqueries gives one row
    newest, n, era, xid, jws = row
    if newest is None:
        return None
    if n is None:
        return _Place(1, 1, 0, NO_SEAL, newest > 1)
    return _Place(n + 1, era, int(xid), sha256(jws.encode()).digest(), newest > era)


async def _next_era(connection: AsyncConnection[Any], place: _Place) -> _Place:
    row = await (await connection.execute(_LAST)).fetchone()
    assert row is not None  # noqa: S101 -- a statement of scalar subqueries gives one row
    return _Place(place.n, place.era + 1, 0, place.prev, row[0] > place.era + 1)


async def _until(connection: AsyncConnection[Any], place: _Place) -> int:
    """The transaction id below which nothing can appear in the era any more.

    It may lie below what is sealed, on a server that counts from a lower one and has nothing new yet.
    """
    if place.is_over:
        row = await (await connection.execute(_END, (place.era,))).fetchone()
        return int(row[0]) + 1 if row and row[0] is not None else place.xid
    row = await (await connection.execute(_HORIZON)).fetchone()
    assert row is not None  # noqa: S101 -- a statement without FROM gives one row
    return int(row[0])


async def _records(
    connection: AsyncConnection[Any], place: _Place, until: int
) -> tuple[list[bytes], int, bool]:
    """What the next seal covers: bodies, the transaction id where it ends, and whether more could have been sealed."""
    cursor = connection.cursor(binary=True)
    await cursor.execute(_RECORDS, (place.era, str(place.xid), str(until), MOST + 1))
    rows = await cursor.fetchall()
    if len(rows) <= MOST:
        return [body for _, body in rows], until, False
    first, end = rows[0][0], rows[-1][0]
    if first != end:
        return [body for xid, body in rows if xid < end], end, True
    await cursor.execute(_RECORDS, (place.era, str(place.xid), str(first + 1), None))
    return [body for _, body in await cursor.fetchall()], first + 1, True


class _Trouble:
    """Tells operators once that something is wrong, again every five minutes, and once that it is over."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: dict[str, datetime] = {}

    def is_news(self, what: str) -> bool:
        """True if it must be told now."""
        now, last = self._clock(), self._told.get(what)
        if last is not None and now - last < SILENT:
            return False
        self._told[what] = now
        return True

    def ends(self, what: str) -> bool:
        """True if it had been told and is over."""
        return self._told.pop(what, None) is not None


async def run_sealer(sealer: Sealer, clock: Clock, ended: asyncio.Event, *, interval_s: float = 1.0) -> None:
    """Seals each second until told to end; an outage of the database is told once and outlived.

    Args:
        sealer: to run.
        clock: gives the present.
        ended: set by who tells it to end; what can be sealed is sealed before.
        interval_s: between two passes.
    """
    trouble = _Trouble(clock)
    is_last = False
    while not is_last:
        is_last = ended.is_set()
        try:
            count = await sealer.seal_all()
            if trouble.ends("failed"):
                _log.info("seal.resumed", record_count=count)
            if not count:
                await _tell_delay(sealer, clock, trouble)
        except Exception as error:  # noqa: BLE001 -- the loop outlives whatever the database does
            if trouble.is_news("failed"):
                _log.error("seal.failed", error=type(error).__name__)
        if not is_last:
            try:
                await asyncio.wait_for(ended.wait(), interval_s)
            except TimeoutError:
                continue


async def _tell_delay(sealer: Sealer, clock: Clock, trouble: _Trouble) -> None:
    oldest = await sealer.oldest_unsealed()
    if oldest is None or clock() - oldest < LATE:
        trouble.ends("delayed")
    elif trouble.is_news("delayed"):
        age = clock() - oldest
        _log.warning("seal.delayed", duration_ms=round(age.total_seconds() * 1000))

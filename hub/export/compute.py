"""Rows into parts: read in one snapshot as the role that reads, sealed as they come, and whole only with the ledger.

Memory is that of one batch, one row group and one chunk, however many rows there are.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
import structlog
from psycopg import AsyncConnection, AsyncRawServerCursor
from sqlalchemy import Text, cast, select
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.clock import Clock
from hub.database import Pool
from hub.export import evidence, store
from hub.export.chunks import SIZE, Vault
from hub.export.manifest import KIND, manifest_of
from hub.export.marks import Marks
from hub.export.order import Order, question_of
from hub.export.question import BEGINNING, MARK, Questions, Wanted
from hub.export.store import Leased, LeaseLost, Part
from hub.export.writers import Writer, writer
from hub.graphql.marks import fresh_nonce
from hub.graphql.permits import Permits
from hub.graphql.plan import freshness
from hub.graphql.prepared import prepared
from hub.graphql.reveal import Revealer
from hub.graphql.rules import FENCE, fence
from hub.identity.keyring import Keyring
from hub.ledger.entry import canonical
from hub.ledger.pseudonym import Pseudonyms
from hub.ledger.sealer import Sealer
from hub.limits import Limits
from schema.errors import AccessError, HubError, QueryError
from schema.tables.grants import access_version

BATCH: Final = 1000
"""Rows that are fetched at once."""
PART_ROWS: Final = 20_000
"""Rows of a part; persons in one too, since the ledger names each of them in one entry."""
PART_BYTES: Final = 64 << 20
_VERSION: Final = prepared(select(cast(access_version.c.version, Text)))
_FRESHNESS: Final = prepared(select(freshness().label("freshness")))
_ONE_SNAPSHOT: Final = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
_log = structlog.get_logger()


class Withdrawn(AccessError):
    """What the export stands on has been withdrawn."""


class GivenUp(HubError):
    """The same part was begun again and again, and never became whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What computing exports needs of the process.

    Attributes:
        pool: to the hub's database as the service's role.
        readers: to the same as the role that reads rows.
        sealer: signs manifests.
        engine: to the same as the service's role, for what stands or falls with an entry of the ledger.
        keyring: seals, opens, signs.
        clock: gives the present.
        limits: of a question, which must hold still when it is computed.
        lease_s: seconds after which another process takes over from one that is silent.
        part_rows: rows of a part.
        batch: rows that are fetched at once.
    """

    pool: Pool
    readers: Pool
    sealer: Sealer
    engine: AsyncEngine
    keyring: Keyring
    clock: Clock
    limits: Limits
    lease_s: float = 60
    part_rows: int = PART_ROWS
    batch: int = BATCH


@dataclass(frozen=True, slots=True, kw_only=True)
class _Snapshot:
    """What was so when the rows were as they are given."""

    at: datetime
    freshness: list[dict[str, Any]]


@dataclass(slots=True, kw_only=True)
class _Open:
    """A part that is being written."""

    n: int
    writer: Writer
    digest: Any = field(default_factory=hashlib.sha256)
    waiting: bytearray = field(default_factory=bytearray)
    chunk_count: int = 0
    byte_count: int = 0
    row_count: int = 0
    shown: int = 0
    counted: int = 0
    subjects: set[str] = field(default_factory=set[str])
    last_key: UUID = BEGINNING


class Computing:
    """Computes exports. One for each process.

    Args:
        workshop: of the process.
    """

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._questions = Questions(workshop.keyring, workshop.limits)
        self._permits = Permits(workshop.clock)
        self._pseudonyms = Pseudonyms(workshop.keyring)
        self._marks = Marks(workshop.keyring)

    async def compute_next(self) -> Order | None:
        """The export that waited longest, computed or closed; None where none waits.

        A process that is killed leaves whole parts, and the next one goes on behind them.

        Raises:
            HubError: the ledger or the database do not serve; it is tried again when the lease is over.
        """
        workshop = self._workshop
        async with workshop.pool.connection() as connection:
            held = await store.lease(connection, workshop.lease_s, workshop.clock())
        if held is None:
            return None
        order = held.order
        try:
            await self._compute(held)
        except LeaseLost:
            _log.info("export.left", client_id=order.caller.client_id)
        except Withdrawn as error:
            await self.close(order, error)
        except (AccessError, QueryError, GivenUp) as error:
            # The release may have changed since it was asked for, and with it what the document means.
            async with workshop.pool.connection() as connection:
                await store.close(connection, order.export_id, "FAILED", workshop.clock(), code=error.code)
            _log.warning("export.failed", client_id=order.caller.client_id, code=error.code)
        return order

    async def close(self, order: Order, error: HubError) -> None:
        """The export is withdrawn: nothing of it can be fetched any more."""
        async with self._workshop.pool.connection() as connection:
            is_closed = await store.close(
                connection, order.export_id, "WITHDRAWN", self._workshop.clock(), code=error.code
            )
        if is_closed:
            _log.warning("export.withdrawn", client_id=order.caller.client_id, purpose=order.caller.purpose)

    async def require_standing(self, order: Order) -> str:
        """The version of all that decides about permits, at which the export's own still holds.

        Raises:
            Withdrawn: a grant of it has ended, a case was closed to its caller, or the caller is suspended.
        """
        async with self._workshop.pool.connection() as connection:
            known = await self._permits.read(connection, order.caller)
        if not known.permit.covers(order.permit):
            raise Withdrawn
        return known.version

    async def _compute(self, held: Leased) -> None:
        """All that is left of the export.

        Raises:
            LeaseLost: it was closed, or another process has taken over.
            Withdrawn: what it stands on has gone.
            GivenUp: it was begun too often.
        """
        workshop, order = self._workshop, held.order
        if held.attempts > store.MOST_ATTEMPTS:
            raise GivenUp
        await self.require_standing(order)
        question = question_of(workshop.keyring, order.export_id, held.question)
        wanted = self._questions.wanted(question, order.permit)
        vault = Vault.of(workshop.keyring, order.export_id, held.key)
        async with workshop.readers.connection() as reading, reading.transaction():
            await reading.execute(_ONE_SNAPSHOT)
            await FENCE.send(reading, fence(order.permit))
            await _Run(self, workshop, held, wanted, vault, reading).parts()
        ended_at = workshop.clock()
        async with workshop.pool.connection() as connection:
            parts = await store.parts(connection, order.export_id)
            manifest = await manifest_of(connection, order, parts, ended_at)
        jws = await workshop.sealer.sign(KIND, manifest)
        async with workshop.pool.connection() as connection:
            await store.finish(connection, held, canonical(manifest).decode(), jws, ended_at)
        _log.info(
            "export.finished",
            client_id=order.caller.client_id,
            purpose=order.caller.purpose,
            row_count=manifest["rowCount"],
        )

    def marked(self, order: Order, texts: Sequence[str], keys: Sequence[UUID]) -> list[str]:
        """The rows' JSON objects, each with its mark."""
        marks = self._marks.of(order.number, keys)
        return [f'{text[:-1]},"{MARK}":"{mark}"}}' for text, mark in zip(texts, marks, strict=True)]

    def made(self, order: Order, part: _Open, at: datetime) -> Any:
        """The ledger's entry of a part."""
        return evidence.made(
            order,
            part.n,
            at,
            self._pseudonyms,
            subjects=part.subjects,
            row_count=part.shown,
            counted=part.counted,
        )


class _Run:
    """One attempt at what is left of an export, in one snapshot."""

    def __init__(
        self,
        computing: Computing,
        workshop: Workshop,
        held: Leased,
        wanted: Wanted,
        vault: Vault,
        reading: AsyncConnection[Any],
    ) -> None:
        self._computing = computing
        self._workshop = workshop
        self._held = held
        self._order = held.order
        self._wanted = wanted
        self._vault = vault
        self._reading = reading
        self._version = ""
        self._renewed_at = workshop.clock()
        self._ends_at = min(
            (one.valid_to for one in held.order.permit.holdings), default=held.order.expires_at
        )

    async def parts(self) -> None:
        """Every part that is left, whole.

        Raises:
            LeaseLost: the export was closed, or another process has taken over.
            Withdrawn: what it stands on has gone.
        """
        order, permit = self._order, self._order.permit
        nonce = fresh_nonce()
        parameters = self._wanted.parameters(permit, nonce, order.last_key or BEGINNING)
        row = await _FRESHNESS.fetch(self._reading, {})
        snapshot = _Snapshot(at=self._workshop.clock(), freshness=orjson.loads(row[0]) if row else [])
        counted = await self._wanted.count.fetch(self._reading, parameters)
        await self._renew(counted[0] if counted else 0)
        statement = self._wanted.rows
        async with AsyncRawServerCursor(self._reading, "export") as cursor:
            await cursor.execute(statement.text, [parameters[name] for name in statement.names])
            part: _Open | None = None
            while rows := await cursor.fetchmany(min(self._workshop.batch, self._workshop.part_rows)):
                await self._require_alive()
                part = part or self._new_part()
                await self._add(part, rows, nonce)
                if (
                    part.row_count >= self._workshop.part_rows
                    or len(part.subjects) >= PART_ROWS
                    or part.byte_count >= PART_BYTES
                ):
                    await self._finish(part, snapshot)
                    part = None
            if part is not None:
                await self._finish(part, snapshot)

    def _new_part(self) -> _Open:
        order = self._order
        metadata = {"export": str(order.export_id), "part": str(order.part_count + 1)}
        return _Open(n=order.part_count + 1, writer=writer(order.format, self._wanted, metadata))

    async def _require_alive(self) -> None:
        """The lease holds, and so does what the export stands on.

        Raises:
            LeaseLost: the lease does not.
            Withdrawn: the rest does not.
        """
        now = self._workshop.clock()
        if (now - self._renewed_at).total_seconds() > self._workshop.lease_s / 4:
            await self._renew()
        async with self._workshop.pool.connection() as connection:
            row = await _VERSION.fetch(connection, {})
        if row != (self._version,) or now >= self._ends_at:
            self._version = await self._computing.require_standing(self._order)

    async def _renew(self, total: int | None = None) -> None:
        async with self._workshop.pool.connection() as connection:
            await store.renew(connection, self._held, self._workshop.lease_s, total)
        self._renewed_at = self._workshop.clock()

    async def _add(self, part: _Open, rows: Sequence[tuple[UUID, str]], nonce: str) -> None:
        compiler = self._wanted.compiler
        revealer = Revealer(self._workshop.keyring, self._order.permit, compiler.lists, nonce)
        # A line break in a text is escaped in JSON, so this one parts rows and nothing else.
        text = revealer.whole("\n".join(text for _, text in rows), has_values=compiler.reveals)
        keys = [key for key, _ in rows]
        lines = self._computing.marked(self._order, text.split("\n"), keys)
        part.shown += len(revealer.shown)
        part.counted += len(revealer.counted) + sum(int(one) for one in revealer.crowds)
        part.subjects.update(revealer.shown, revealer.counted)
        part.row_count += len(lines)
        part.last_key = keys[-1]
        await self._write(part, part.writer.add(lines))

    async def _write(self, part: _Open, data: bytes, *, is_last: bool = False) -> None:
        part.digest.update(data)
        part.byte_count += len(data)
        part.waiting += data
        while len(part.waiting) >= SIZE or (is_last and part.waiting):
            plain = bytes(part.waiting[:SIZE])
            del part.waiting[:SIZE]
            sealed = self._vault.seal(part.n, part.chunk_count, plain)
            async with self._workshop.pool.connection() as connection:
                await store.add_chunk(connection, self._held, part.n, part.chunk_count, sealed)
            part.chunk_count += 1

    async def _finish(self, part: _Open, snapshot: _Snapshot) -> None:
        await self._write(part, part.writer.end(), is_last=True)
        await self._require_alive()
        whole = Part(
            n=part.n,
            row_count=part.row_count,
            byte_count=part.byte_count,
            sha256=part.digest.digest(),
            snapshot_at=snapshot.at,
            freshness=snapshot.freshness,
        )
        entry = self._computing.made(self._order, part, self._workshop.clock())
        async with self._workshop.engine.begin() as connection:
            await connection.run_sync(store.finish_part, self._held, whole, part.last_key, entry)
        self._order = _behind(self._order, whole, part.last_key)


def _behind(order: Order, part: Part, last_key: UUID) -> Order:
    return replace(order, part_count=part.n, row_count=order.row_count + part.row_count, last_key=last_key)

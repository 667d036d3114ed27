"""The read ledger: how fast entries are committed in groups beside one by one, sealed, and verified."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
from psycopg import sql
from rich.console import Console

from hub import clock, database, logs
from hub.database import Pool
from hub.identity.keyring import Keyring
from hub.identity.kms import KeyFile
from hub.ledger import export, stored
from hub.ledger.entry import Entry
from hub.ledger.pseudonym import Pseudonyms
from hub.ledger.sealer import Sealer
from hub.ledger.verify import verify, verify_export
from hub.ledger.writer import INSERT, Ledger
from tests.bench import figures, machine
from tests.bench.figures import Line, Outcome, at_least
from tests.bench.ground import Ground, Store, ground

CALLERS = 16
SEALED_PER_S = 20_000
VERIFIED_PER_S = 50_000
ROUNDS = 5
_SUBJECTS = 20


def run(console: Console, *, small: bool) -> Outcome:
    """Rounds of both ways to append, interleaved; then one seal after another over all records; then verification."""
    logs.configure("warning")
    seconds, count = (0.3, 2_000) if small else (4.0, 200_000)
    with ground() as place, place.store("hub") as store:
        return asyncio.run(_measured(console, place, store, seconds, count))


async def _measured(console: Console, place: Ground, store: Store, seconds: float, count: int) -> Outcome:
    async with (
        database.open_pool(store.service_url, size=CALLERS, name="bench") as pool,
        database.open_pool(store.service_url, size=1, name="bench-ledger") as ledger_pool,
        database.open_pool(store.service_url, size=1, name="bench-sealer", role="hub_sealer") as sealer_pool,
    ):
        async with pool.connection() as connection:
            kms = KeyFile.read(Path(store.environment["HUB_KEY_FILE"]))
            keyring = await Keyring.load(connection, kms, ("POLRI",), clock.now())
        body = _body(keyring)
        console.print("append: in groups, and one commit for each")
        watch = machine.Watch(place.postmaster)
        grouped, single = await _appended(ledger_pool, pool, body, seconds)
        strangers = [watch.strangers_cores()]
        sealer = Sealer(sealer_pool, keyring, clock.now)
        await sealer.seal_all()
        _fill(place, store, body, count)
        console.print(f"seal {count:,} records")
        watch, began = machine.Watch(place.postmaster), time.perf_counter()
        sealed = await sealer.seal_all()
        sealed_per_s = sealed / (time.perf_counter() - began)
        strangers.append(watch.strangers_cores())
    verified_per_s, from_file_per_s, more = _verified(console, place, store)
    ratio = figures.paired(zip(grouped, single, strict=True))
    lines = [
        Line("append, 16 callers, in groups", f"{_median(grouped):,.0f} records/s"),
        Line("append, 16 callers, a commit each", f"{_median(single):,.0f} records/s"),
        Line("in groups beside a commit each", f"{ratio:.2f}"),
        at_least("seal", sealed_per_s, SEALED_PER_S, "records/s"),
        at_least("verify the database", verified_per_s, VERIFIED_PER_S, "records/s"),
        at_least("verify an export", from_file_per_s, VERIFIED_PER_S, "records/s"),
        Line("bytes of a body", f"{len(body)}"),
        Line("a pseudonym", f"{_pseudonym_us(keyring):.2f} us"),
    ]
    measured = {
        "grouped_per_s": grouped,
        "single_per_s": single,
        "sealed": sealed,
        "sealed_per_s": sealed_per_s,
        "server": place.settings(),
    }
    return Outcome("ledger", lines, measured, machine.contention(max(*strangers, more)))


def _body(keyring: Keyring) -> bytes:
    """An entry as a page of twenty persons makes it."""
    pseudonyms = Pseudonyms(keyring)
    return Entry(
        request_id="0123456789abcdef",
        at=datetime(2026, 3, 1, tzinfo=UTC),
        kind="query",
        client_id="polri-penyidik",
        agency="POLRI",
        purpose="investigation",
        grants=("01900000-0000-7000-8000-000000000001/1",),
        outcome="answered",
        operation="0" * 64,
        coordinates=tuple(sorted(f"Victim.field{number}" for number in range(8))),
        subjects=tuple(pseudonyms.of(UUID(int=number)) for number in range(_SUBJECTS)),
        row_count=_SUBJECTS,
    ).body()


async def _appended(
    ledger_pool: Pool, pool: Pool, body: bytes, seconds: float
) -> tuple[list[float], list[float]]:
    """Records a second of each round, in groups and one by one; after one round of each that warms both up."""

    async def alone(one: bytes) -> None:
        """What the ledger would be without groups: each caller commits on a connection of its own."""
        async with pool.connection() as connection:
            await connection.execute(INSERT, ([one],), prepare=True)

    grouped: list[float] = []
    single: list[float] = []
    async with Ledger(ledger_pool) as ledger:
        for number in range(-1, ROUNDS):
            ways = [(grouped, ledger.record), (single, alone)]
            for found, write in ways if number % 2 else ways[::-1]:
                per_s = await _per_s(write, body, seconds)
                if number >= 0:
                    found.append(per_s)
    return grouped, single


async def _per_s(write: Callable[[bytes], Awaitable[None]], body: bytes, seconds: float) -> float:
    count, began = 0, time.perf_counter()

    async def call() -> None:
        nonlocal count
        while time.perf_counter() - began < seconds:
            await write(body)
            count += 1

    await asyncio.gather(*(call() for _ in range(CALLERS)))
    return count / (time.perf_counter() - began)


def _fill(place: Ground, store: Store, body: bytes, count: int) -> None:
    """Records in transactions of ten, as under load; by the owner, since that is not what is measured."""
    fill = sql.SQL(
        """DO $$ BEGIN FOR number IN 1..{} LOOP
               INSERT INTO audit.record (era, body) SELECT 1, {} FROM generate_series(1, 10); COMMIT;
           END LOOP; END $$"""
    ).format(count // 10, sql.Literal(body))
    with psycopg.connect(database.conninfo(store.owner_url), autocommit=True) as owner:
        owner.execute("SET synchronous_commit = off")
        owner.execute(fill)
    place.settle(store.name)


def _verified(console: Console, place: Ground, store: Store) -> tuple[float, float, float]:
    """Records a second of verification, of the database and of an export; and cores that others used."""
    console.print("verify the database, and an export of it")
    path = place.folder / "ledger.ndjson"
    watch, began = machine.Watch(place.postmaster), time.perf_counter()
    with stored.opened(store.service_url) as ledger:
        held = verify(ledger.seal_keys(), ledger.seals(), ledger.records())
        from_database = held.record_count / (time.perf_counter() - began)
    with stored.opened(store.service_url) as ledger:
        export.write(ledger, path, progress=lambda _: None)
    began = time.perf_counter()
    again = verify_export(path)
    return from_database, again.record_count / (time.perf_counter() - began), watch.strangers_cores()


def _pseudonym_us(keyring: Keyring) -> float:
    pseudonyms, names = Pseudonyms(keyring), [str(UUID(int=number)) for number in range(20_000)]
    began = time.perf_counter()
    for name in names:
        pseudonyms.of(name)
    return (time.perf_counter() - began) / len(names) * 1e6


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]

"""Seals cover every record once and miss none, whoever else writes or seals meanwhile."""

import asyncio

import psycopg
import pytest

from hub.database import conninfo
from hub.identity.keyring import Keyring
from hub.ledger import sealer as sealing
from hub.ledger import stored, writer
from hub.ledger.sealer import Sealer, run_sealer
from schema.errors import SealedValueBroken
from tests.conftest import AGENCIES
from tests.ledger.conftest import until


def seals(owner) -> list[tuple]:
    return owner.execute("SELECT n, count FROM audit.seal ORDER BY n").fetchall()


async def test_a_seal_covers_what_has_come(ledger, sealer, owner, verified):
    for number in range(3):
        await ledger.record(b"%d" % number)

    sealed = await sealer.seal_once()

    assert (sealed.n, sealed.count, sealed.is_full) == (1, 3, False)
    assert seals(owner) == [(1, 3)]
    found = verified()
    assert (found.first, found.last, found.record_count, found.unsealed_count) == (1, 1, 3, 0)


async def test_where_nothing_has_come_there_is_no_seal(ledger, sealer, owner):
    assert await sealer.seal_once() is None
    await ledger.record(b"one")
    await sealer.seal_all()

    assert await sealer.seal_once() is None
    assert seals(owner) == [(1, 1)]


async def test_a_seal_names_the_one_before_and_begins_where_it_ends(ledger, sealer, owner):
    for number in range(3):
        await ledger.record(b"%d" % number)
        await sealer.seal_all()

    assert owner.execute(
        """SELECT s.n, s.era, s.xid_from = coalesce(b.xid_to, '0'),
                  s.prev = coalesce(sha256(b.jws::bytea), decode(repeat('00', 32), 'hex'))
           FROM audit.seal s LEFT JOIN audit.seal b ON b.n = s.n - 1 ORDER BY s.n"""
    ).fetchall() == [(n, 1, True, True) for n in (1, 2, 3)]


async def test_what_commits_late_gets_into_a_later_seal(ledger, sealer, database, owner, verified):
    with psycopg.connect(conninfo(database.service_url)) as late:
        await ledger.record(b"first")
        late.execute(writer.INSERT, ([b"late"],))
        await ledger.record(b"third")
        await sealer.seal_all()
        while_open = seals(owner)

        late.commit()
    await sealer.seal_all()

    assert while_open == [(1, 1)]
    assert seals(owner) == [(1, 1), (2, 2)]
    assert verified().unsealed_count == 0


async def test_what_is_taken_back_leaves_no_gap(ledger, sealer, database, owner, verified):
    await ledger.record(b"first")
    with psycopg.connect(conninfo(database.service_url)) as service:
        service.execute(writer.INSERT, ([b"taken back"],))
        service.rollback()
    await ledger.record(b"third")

    await sealer.seal_all()

    assert seals(owner) == [(1, 2)]
    assert verified().record_count == 2


async def test_many_writers_and_two_sealers_at_once_miss_nothing(
    ledger, sealer, sealer_pool, keyring, clock, database, owner, verified
):
    other = Sealer(sealer_pool, keyring, clock)
    written = asyncio.Event()

    async def write(name: int) -> None:
        for number in range(25):
            await ledger.record(b"%d %d" % (name, number))

    async def decide(name: int) -> None:
        # Transactions of many lengths, which commit out of the order of their ids.
        async with await psycopg.AsyncConnection.connect(conninfo(database.service_url)) as connection:
            for number in range(10):
                await connection.execute(writer.INSERT, ([b"decision %d %d" % (name, number)],), binary=True)
                await connection.execute("SELECT pg_sleep(%s)", (0.005 * ((name + number) % 4),))
                await connection.commit()

    async def seal(one: Sealer) -> None:
        while not written.is_set():
            await one.seal_all()

    sealers = [asyncio.create_task(seal(one)) for one in (sealer, other)]
    await ledger.record(b"the first of its era")
    await asyncio.gather(*(write(name) for name in range(8)), *(decide(name) for name in range(4)))
    written.set()
    await asyncio.gather(*sealers)
    await sealer.seal_all()

    found = verified()
    assert (found.record_count, found.unsealed_count) == (1 + 8 * 25 + 4 * 10, 0)
    assert sum(count for _, count in seals(owner)) == found.record_count
    assert found.last > 1


async def test_a_full_seal_ends_between_two_transactions(ledger, sealer, owner, monkeypatch, verified):
    monkeypatch.setattr(sealing, "MOST", 5)
    for size in (2, 2, 2, 8, 1):
        await asyncio.gather(*(ledger.record(b"%d" % number) for number in range(size)))
    groups = [
        count for (count,) in owner.execute("SELECT count(*) FROM audit.record GROUP BY xid ORDER BY xid")
    ]

    count = await sealer.seal_all()

    assert groups == [2, 2, 2, 8, 1]
    assert count == 15
    # The eight of one transaction are never parted, though they are more than a seal should cover.
    assert seals(owner) == [(1, 4), (2, 2), (3, 8), (4, 1)]
    assert verified().record_count == 15


async def test_a_sealer_under_load_does_not_write_a_seal_for_each_record(ledger, sealer, owner):
    ended = asyncio.Event()

    async def write() -> None:
        while not ended.is_set():
            await ledger.record(b"one")

    writing = asyncio.create_task(write())
    await until(lambda: owner.execute("SELECT count(*) > 10 FROM audit.record").fetchone()[0])
    await sealer.seal_all()
    ended.set()
    await writing

    assert len(seals(owner)) == 1


async def test_a_sealer_that_dies_leaves_the_ledger_as_it_was(
    ledger, sealer, sealer_pool, keyring, clock, owner, verified
):
    class Dying(Sealer):
        async def _write(self, *given):
            await super()._write(*given)
            raise KeyError

    await ledger.record(b"one")
    with pytest.raises(KeyError):
        await Dying(sealer_pool, keyring, clock).seal_once()

    assert seals(owner) == []
    assert owner.execute("SELECT count(*) FROM audit.seal_key").fetchone() == (0,)
    await sealer.seal_all()
    assert verified().record_count == 1


async def test_the_sealer_outlives_an_outage_and_tells_it_once(
    ledger, sealer_pool, keyring, clock, owner, capsys, verified
):
    await ledger.record(b"one")
    owner.execute("REVOKE SELECT ON audit.record FROM hub_sealer")
    ended = asyncio.Event()
    failures = 0

    class Counting(Sealer):
        async def seal_all(self) -> int:
            nonlocal failures
            try:
                return await super().seal_all()
            except psycopg.Error:
                failures += 1
                raise

    running = asyncio.create_task(
        run_sealer(Counting(sealer_pool, keyring, clock), clock, ended, interval_s=0.01)
    )
    await until(lambda: failures >= 5)
    owner.execute("GRANT SELECT ON audit.record TO hub_sealer")
    await until(lambda: bool(seals(owner)))
    ended.set()
    await running

    told = capsys.readouterr().out
    assert (told.count("seal.failed"), told.count("seal.resumed")) == (1, 1)
    assert verified().record_count == 1


async def test_trouble_that_lasts_is_told_again(sealer_pool, keyring, clock, owner, capsys, ledger):
    await ledger.record(b"one")
    owner.execute("REVOKE SELECT ON audit.record FROM hub_sealer")
    sealer = Sealer(sealer_pool, keyring, clock)
    running = asyncio.create_task(run_sealer(sealer, clock, asyncio.Event(), interval_s=0.01))
    await until(lambda: "seal.failed" in capsys.readouterr().out)

    clock.go(minutes=6)
    await until(lambda: "seal.failed" in capsys.readouterr().out)

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_transaction_that_stays_open_and_delays_seals_is_told(
    ledger, sealer, clock, database, owner, capsys
):
    clock.at = owner.execute("SELECT now()").fetchone()[0]
    ended = asyncio.Event()
    ended.set()
    with psycopg.connect(conninfo(database.service_url)) as late:
        late.execute("SELECT pg_current_xact_id()")
        await ledger.record(b"one")
        await run_sealer(sealer, clock, ended)
        early = capsys.readouterr().out
        clock.go(seconds=90)

        await run_sealer(sealer, clock, ended)

    assert "seal.delayed" not in early
    assert "seal.delayed" in capsys.readouterr().out


async def test_what_can_be_sealed_is_sealed_before_the_sealer_ends(ledger, sealer, clock, owner):
    await ledger.record(b"one")
    ended = asyncio.Event()
    ended.set()

    await run_sealer(sealer, clock, ended)

    assert seals(owner) == [(1, 1)]


async def test_under_another_root_key_nothing_is_sealed(ledger, sealer, sealer_pool, clock, owner):
    await ledger.record(b"one")
    await sealer.seal_all()
    await ledger.record(b"two")
    names = ("hub:token", "hub:hash", "hub:sign", "hub:vault", *AGENCIES)
    stranger = Keyring({name: {1: bytes(32)} for name in names})

    with pytest.raises(SealedValueBroken):
        await Sealer(sealer_pool, stranger, clock).seal_once()

    assert seals(owner) == [(1, 1)]


async def test_no_seal_and_no_reader_sorts_the_ledger(ledger, owner):
    """Records are read by their index: a sort of all of them for each seal would grow with the square of the ledger."""
    await ledger.record(b"one")
    owner.execute("SET enable_seqscan = off")
    statements = {
        sealing._RECORDS: (1, "0", "999999", 5001),  # noqa: SLF001 -- whose plan it is
        sealing._OLDEST: (1, "0"),  # noqa: SLF001 -- the same
        stored._RECORDS: (1, "0", 1, 1, "999999"),  # noqa: SLF001 -- the same
        stored._COVERING: (1, "0"),  # noqa: SLF001 -- the same
        stored.SEALS: (0, None, None),
    }

    for statement, values in statements.items():
        plan = [line for (line,) in owner.execute(f"EXPLAIN {statement}", values)]

        assert any("Index" in line for line in plan), plan
        assert not any("Sort" in line for line in plan), plan

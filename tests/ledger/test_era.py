"""Transaction ids that start anew begin a new era; the old one is sealed to its end, and nothing is lost between."""

import asyncio
import shutil
import subprocess

import psycopg
import pytest

from hub import database as hub_database
from hub import embedded
from hub.database import conninfo
from hub.ledger import stored
from hub.ledger.sealer import Sealer
from hub.ledger.verify import verify
from hub.ledger.writer import Ledger
from tests.ledger.conftest import until


@pytest.fixture
def elsewhere(tmp_path_factory):
    """Another server, whose transaction ids are its own."""
    running = embedded.start(tmp_path_factory.mktemp("elsewhere") / "pg", extra_settings={"fsync": "off"})
    yield running
    running.stop(force=True)
    shutil.rmtree(running.layout.data)


def restored(cluster, name: str, elsewhere) -> str:
    """The database as a dump brings it to another server; gives its URL there as the service."""
    dumped = subprocess.run(
        [cluster.bin_dir / "pg_dump", "--format=custom", "-d", cluster.conninfo("postgres", name)],
        check=True,
        capture_output=True,
    )
    elsewhere.create_database(name)
    subprocess.run(
        [elsewhere.bin_dir / "pg_restore", "--exit-on-error", "-d", elsewhere.conninfo("postgres", name)],
        input=dumped.stdout,
        check=True,
        capture_output=True,
    )
    return elsewhere.url("hub_service", name)


async def test_a_restore_on_another_server_begins_an_era_and_seals_the_old_one_to_its_end(
    ledger, sealer, keyring, clock, cluster, database, elsewhere
):
    for number in range(3):
        await ledger.record(b"sealed %d" % number)
    await sealer.seal_all()
    for number in range(2):
        await ledger.record(b"not sealed before the dump %d" % number)

    url = restored(cluster, database.name, elsewhere)
    async with (
        hub_database.open_pool(url, size=2, name="t") as pool,
        hub_database.open_pool(url, size=2, name="t", role="hub_sealer") as sealer_pool,
    ):
        there = Sealer(sealer_pool, keyring, clock)
        # Before anything is written there, nothing is wrong, and nothing is lost.
        await there.seal_all()
        async with Ledger(pool) as other:
            await other.record(b"after the restore")
            await other.record(b"and another")
        await there.seal_all()

    with psycopg.connect(conninfo(elsewhere.url("hub_owner", database.name))) as owner:
        eras = owner.execute("SELECT era, count(*) FROM audit.record GROUP BY era ORDER BY era").fetchall()
        covered = owner.execute("SELECT era, sum(count) FROM audit.seal GROUP BY era ORDER BY era").fetchall()
    with stored.opened(url) as found:
        held = verify(found.seal_keys(), found.seals(), found.records())
    assert eras == [(1, 5), (2, 2)]
    assert covered == [(1, 5), (2, 2)]
    assert (held.record_count, held.unsealed_count) == (7, 0)


async def test_ids_that_have_gone_back_on_the_same_server_begin_an_era(
    ledger, sealer, thief, owner, verified
):
    """As after pg_resetwal: the last seal ends beyond what the server counts."""
    await ledger.record(b"before")
    thief.execute("UPDATE audit.record SET xid = '9000000000'")
    with owner.transaction():
        thief.execute("UPDATE audit.era SET system = 0")
        thief.execute("INSERT INTO audit.era (era, system) VALUES (2, 0)")
    await sealer.seal_all()
    with owner.transaction():
        thief.execute("DELETE FROM audit.era WHERE era = 2")
        thief.execute("UPDATE audit.era SET system = (SELECT system_identifier FROM pg_control_system())")

    await ledger.record(b"after")
    await sealer.seal_all()

    seals = owner.execute(
        "SELECT n, era, xid_from::text, xid_to::text::bigint > 9000000000 FROM audit.seal ORDER BY n"
    )
    assert seals.fetchall() == [(1, 1, "0", True), (2, 2, "0", False)]
    assert verified().record_count == 2


async def test_two_who_find_a_new_server_at_once_begin_one_era(thief, owner, pool, bodies):
    async with Ledger(pool) as one, Ledger(pool) as other:
        await one.record(b"before")
        thief.execute("UPDATE audit.era SET system = 0")

        with owner.transaction():
            # Both have found that there is no era of this server, and stand before the same row.
            owner.execute("LOCK TABLE audit.era IN SHARE ROW EXCLUSIVE MODE")
            first = asyncio.create_task(one.record(b"first"))
            second = asyncio.create_task(other.record(b"second"))
            waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'audit.era'::regclass"
            await until(lambda: owner.execute(waits).fetchone() == (2,))
        await first
        await second

    assert set(bodies()) == {b"before", b"first", b"second"}
    assert owner.execute("SELECT era FROM audit.era ORDER BY era").fetchall() == [(1,), (2,)]


async def test_an_era_that_holds_nothing_is_never_left(thief, owner, sealer, pool, verified):
    """Three restores in a row, of which the second was never written to: eras rise by one all the same."""
    async with Ledger(pool) as ledger:
        for number in range(3):
            await ledger.record(b"%d" % number)
            thief.execute("UPDATE audit.era SET system = 0")
    await sealer.seal_all()

    assert owner.execute("SELECT era, count FROM audit.seal ORDER BY n").fetchall() == [
        (1, 1),
        (2, 1),
        (3, 1),
    ]
    assert verified().record_count == 3

"""What has changed is written in the transaction of the change: one event for each row that it touched, in one order."""

import asyncio
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import AsyncConnection

from hub.database import conninfo
from hub.linkage.undo import unlink
from hub.view.rebuild import rebuild
from schema.record import Record
from schema.tables.events import CHANNEL
from tests.ingest.store import START, Store, case, gone, person
from tests.ingest.world import WORLD

NIK = "9901014107900001"
SITI = {"name": "Siti Aminah", "born": "1990-07-01"}
VICTIM = person("v", nik=NIK, victim_in="a", **SITI)
CLIENT = person("k", "KEMENSOS", nik=NIK, victim_in="s", **SITI)
KEY = {"Case": "case_id", "Victim": "victim_id", "Perpetrator": "perpetrator_id"}


async def told(store: Store, after: int = 0) -> list[tuple[str, UUID, str]]:
    """Entity, id and kind of the events behind a position, in their order."""
    return await store.rows(
        "SELECT entity, row_id, kind FROM event WHERE position > %s ORDER BY position", after
    )


async def head(store: Store) -> int:
    return await store.value("SELECT head FROM outbox")


async def standing(store: Store) -> set[tuple[str, UUID]]:
    return {
        (entity, row[0])
        for entity, key in KEY.items()
        for row in await store.rows(f"SELECT {key} FROM golden_{entity.lower()}")  # noqa: S608 -- names of this file
    }


async def test_rows_that_come_are_told_once_each(store: Store):
    await store.say(*WORLD)

    events = await told(store)

    assert {(entity, row_id) for entity, row_id, _ in events} == await standing(store)
    assert {kind for *_, kind in events} == {"CREATED"}
    assert len(events) == 3


async def test_positions_have_no_gaps_and_end_where_the_outbox_says(store: Store):
    await store.say(*WORLD)
    await store.say(gone(WORLD[0], time=1), *WORLD[2:3])

    positions = [row[0] for row in await store.rows("SELECT position FROM event ORDER BY position")]

    assert positions == list(range(1, await head(store) + 1))


async def test_what_is_said_again_is_not_told(store: Store):
    await store.say(*WORLD)
    before = await head(store)

    await store.say(*WORLD)
    await rebuild(store.connection, store.keyring, START)

    assert await head(store) == before


async def test_a_victim_whose_status_is_another_has_changed_and_nobody_else(store: Store):
    await store.say(*WORLD)
    before, victim = await head(store), await store.value("SELECT victim_id FROM golden_victim")

    await store.say(
        person("v", victim_in="k", victim={"status": "IDENTIFIED"}, nik=NIK, name="Siti Aminah", time=2)
    )

    assert ("Victim", victim, "CHANGED") in await told(store, before)
    assert "Perpetrator" not in {entity for entity, *_ in await told(store, before)}


async def test_a_person_who_is_named_otherwise_has_changed_as_victim(store: Store):
    """The API shows the fields of the person on the victim; the golden row of the victim stays as it is."""
    await store.say(case("a"), VICTIM)
    before, victim = await head(store), await store.value("SELECT victim_id FROM golden_victim")
    rows = await store.rows("SELECT fingerprint FROM golden_victim")

    await store.say(
        person("v", nik=NIK, victim_in="a", name="Siti Aminah Kenanga", born="1990-07-01", time=1)
    )

    assert [one for one in await told(store, before) if one[0] == "Victim"] == [("Victim", victim, "CHANGED")]
    assert len(await store.rows("SELECT fingerprint FROM golden_victim")) == len(rows) == 1


async def test_what_is_withdrawn_is_told_and_to_whom_it_was_given_is_kept(store: Store):
    await store.say(case("a"), VICTIM)
    before, victim = await head(store), await store.value("SELECT victim_id FROM golden_victim")
    reach = await store.value("SELECT reach FROM golden_victim")

    await store.say(gone(VICTIM, time=1))

    assert ("Victim", victim, "WITHDRAWN") in await told(store, before)
    assert await store.rows("SELECT row_id, entity, reach, is_child FROM departed") == [
        (victim, "Victim", reach, False)
    ]


async def test_what_comes_back_is_told_as_created_and_is_departed_no_longer(store: Store):
    await store.say(case("a"), VICTIM)
    victim = await store.value("SELECT victim_id FROM golden_victim")
    await store.say(gone(VICTIM, time=1))
    before = await head(store)

    await store.say(person("v", nik=NIK, victim_in="a", time=2, **SITI))

    assert ("Victim", victim, "CREATED") in await told(store, before)
    assert await store.rows("SELECT row_id FROM departed") == []


async def merged(store: Store) -> tuple[Record, Record, dict[str, UUID]]:
    """Two records of one person in two cases of one report, joined by a NIK that is said later."""
    one = case("a", police_report="B/1/I/2026/POLRES SAMBAS")
    other = case("s", "KEMENSOS", implied=True, reported="2025-11-03")
    apart = person("k", "KEMENSOS", nik="9901014107900002", victim_in="s", **SITI)
    await store.say(one, VICTIM, other, apart)
    ids = {
        name: await store.value(
            "SELECT role_id FROM source_person WHERE source_id = %s", await store.source_id(record)
        )
        for name, record in (("old", VICTIM), ("new", apart))
    }
    return VICTIM, apart, ids


async def test_a_merge_and_its_end_are_told_about_both_ids(store: Store):
    police, shelter, ids = await merged(store)
    before = await head(store)

    await store.say(person("k", "KEMENSOS", nik=NIK, victim_in="s", time=1, **SITI))
    joined = await store.rows(
        "SELECT row_id, kind, old_ids, new_id FROM event WHERE entity = 'Victim' AND position > %s ORDER BY 1",
        before,
    )
    middle = await head(store)
    redirects = dict(await store.rows("SELECT old_id, new_id FROM redirect WHERE kind = 'Victim'"))
    sources = [await store.source_id(record) for record in (shelter, police)]
    await unlink(
        store.connection, store.keyring, *sources, decided_by="petugas", now=START + timedelta(days=3)
    )
    parted = {row_id: kind for entity, row_id, kind in await told(store, middle) if entity == "Victim"}

    assert redirects == {ids["new"]: ids["old"]}
    assert joined == sorted(
        [(ids["old"], "CORRECTED", [ids["new"]], None), (ids["new"], "CORRECTED", None, ids["old"])]
    )
    assert parted[ids["new"]] == "CORRECTED"


@pytest.mark.parametrize("table", ["event", "departed", "outbox"])
async def test_an_event_names_nobody(store: Store, table: str):
    await store.say(*WORLD)
    await store.say(*[gone(one, time=1) for one in WORLD])

    text = str(await store.rows(f"SELECT to_json(t)::text FROM {table} t"))  # noqa: S608 -- a literal of this file

    assert not [word for word in ("Siti", "Aminah", "Yusuf", NIK[:8]) if word in text]


async def test_a_change_that_is_taken_back_leaves_no_event_and_its_positions_to_the_next(store: Store):
    await store.say(*WORLD, link=None)
    async with store.connection.transaction(force_rollback=True):
        await store.link()
        inside = await head(store), len(await told(store))

    assert inside == (3, 3)
    assert (await head(store), await told(store)) == (0, [])
    await store.link()
    assert [row[0] for row in await store.rows("SELECT position FROM event ORDER BY 1")] == [1, 2, 3]


async def test_whoever_listens_is_woken_by_the_commit(store: Store, database):
    async with await AsyncConnection.connect(conninfo(database.service_url), autocommit=True) as listening:
        await listening.execute(f"LISTEN {CHANNEL}")

        await store.say(*WORLD)

        async with asyncio.timeout(10):
            told_of = await anext(listening.notifies())
    assert (told_of.channel, told_of.payload) == (CHANNEL, "")


def test_an_event_is_never_changed(database):
    with (
        psycopg.connect(conninfo(database.service_url), autocommit=True) as service,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        service.execute("UPDATE event SET kind = 'CREATED'")


STEPS = st.lists(
    st.tuples(st.sampled_from(["say", "gone", "move"]), st.integers(0, 3), st.integers(0, 2)),
    min_size=1,
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, limit=st.integers(1, 7))
async def test_whoever_follows_the_events_has_the_rows_that_stand(store: Store, owner, steps, limit):
    """Whatever happens in whichever batches: applying the events one after another ends at the ids that there are."""
    await owner.execute("UPDATE outbox SET head = 0, floor = 0")
    await owner.execute(
        "TRUNCATE event, departed, source_record, source_person, source_case, subject_key, link, link_match, link_queue,"
        " redirect, review_task, checkpoint, golden_person, golden_case, golden_victim, golden_perpetrator,"
        " golden_legal_event, golden_service_event, golden_movement, golden_job_placement, golden_restitution,"
        " golden_document, golden_organisation"
    )
    followed: set[tuple[str, UUID]] = set()
    read = 0
    for number, (what, which, where) in enumerate(steps):
        record = person(f"v{which}", victim_in=f"k{where if what == 'move' else which % 2}", time=number)
        await store.say(
            case(f"k{which % 2}", time=number),
            gone(record, time=number) if what == "gone" else record,
            link=limit,
        )
        for entity, row_id, kind, new_id in await store.rows(
            "SELECT entity, row_id, kind, new_id FROM event WHERE position > %s ORDER BY position", read
        ):
            if kind == "WITHDRAWN" or new_id is not None:
                followed.discard((entity, row_id))
            else:
                followed.add((entity, row_id))
        read = await head(store)

    assert followed == await standing(store)

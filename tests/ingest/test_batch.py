"""One batch is one transaction: what was given is stored once, or nothing is, and only what is new makes a version."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from hub.database import Pool
from hub.identity.keyring import Keyring
from hub.ingest.batch import Superseded, Written
from tests.ingest.store import START, Store, at, case, gone, person

COUNTS = """SELECT (SELECT count(*) FROM source_record), (SELECT count(*) FROM source_person), (SELECT count(*) FROM source_case),
    (SELECT count(*) FROM subject_key), (SELECT count(*) FROM link_queue)"""


def written(**counts: int) -> Written:
    full = {
        "record_count": 0,
        "version_count": 0,
        "unchanged_count": 0,
        "late_count": 0,
        "quarantined_count": 0,
    }
    return Written(**(full | counts))


async def versions(store: Store, key: str) -> list[tuple]:
    kept = store.keyring.source_key("POLRI", "korban", key)
    return await store.rows(
        "SELECT version, deleted, source_time, facts #>> '{facts,Victim,status}' FROM source_record"
        " WHERE key = %s ORDER BY version",
        kept,
    )


async def test_the_store_has_as_many_rows_as_the_batch(store: Store, pool: Pool):
    persons = [person(f"o{number}", victim_in="k1", name="Siti Aminah") for number in range(9_000)]
    cases = [case(f"k{number}") for number in range(1_000)]

    done = await store.write([*persons, *cases])

    # Another connection sees what was committed, and nothing else.
    async with pool.connection() as other:
        found = await (await other.execute(COUNTS)).fetchone()
    assert done == written(record_count=10_000, version_count=10_000)
    assert found == (10_000, 9_000, 1_000, 10_000, 10_000)


async def test_the_same_batch_again_writes_nothing(store: Store):
    batch = [person("a", nik="9901014107900001", victim_in="k"), case("k")]
    await store.write(batch)
    before = await store.rows(COUNTS)

    done = await store.write([replace(one, mapping_version="2", source_time=at(5)) for one in batch])

    assert done == written(record_count=2, unchanged_count=2)
    assert await store.rows(COUNTS) == before


async def test_a_word_that_comes_back_is_a_third_version(store: Store):
    for time, status in enumerate(("PRESUMED", "IDENTIFIED", "PRESUMED")):
        await store.write([person("a", victim_in="k", victim={"status": status}, time=time)])

    assert await versions(store, "a") == [
        (1, False, at(0), "PRESUMED"),
        (2, False, at(1), "IDENTIFIED"),
        (3, False, at(2), "PRESUMED"),
    ]


async def test_a_late_older_word_does_not_overtake(store: Store):
    await store.write([person("a", victim_in="k", victim={"status": "IDENTIFIED"}, time=7)])

    done = await store.write([person("a", victim_in="k", victim={"status": "PRESUMED"}, time=6)])

    assert done == written(record_count=1, late_count=1)
    assert await versions(store, "a") == [(1, False, at(7), "IDENTIFIED")]


async def test_of_a_key_that_stands_twice_the_newest_word_stays(store: Store):
    newest = person("a", victim_in="k", victim={"status": "IDENTIFIED"}, time=7)
    older = person("a", victim_in="k", victim={"status": "PRESUMED"}, time=6)

    await store.write([newest, older])

    assert await versions(store, "a") == [(1, False, at(7), "IDENTIFIED")]
    assert await store.value("SELECT count(*) FROM link_queue") == 1


async def test_a_deletion_is_a_version_without_payload(store: Store):
    victim = person("a", nik="9901014107900001", name="Siti Aminah", born="1990-07-01", victim_in="k")
    await store.write([victim])

    done = await store.write([gone(victim, time=1)])

    assert done == written(record_count=1, version_count=1)
    assert await store.rows(
        "SELECT version, deleted, sealed IS NULL, facts FROM source_record ORDER BY version"
    ) == [
        (
            1,
            False,
            False,
            {"facts": {"Person": {"sex": "FEMALE", "birth_date_precision": "DAY"}}, "events": {}},
        ),
        (2, True, True, {"facts": {}, "events": {}}),
    ]
    assert await store.rows(
        "SELECT deleted, role, case_key, nik_token, passport_token, birth_name_token FROM source_person"
    ) == [(True, None, None, None, None, None)]


async def test_a_record_that_comes_again_after_its_deletion_is_the_same_subject(store: Store):
    victim = person("a", victim_in="k")
    await store.write([victim])
    before = await store.source_id(victim)
    await store.write([gone(victim, time=1)])

    await store.write([replace(victim, source_time=at(2))])

    assert await store.source_id(victim) == before
    assert await store.rows("SELECT version, deleted FROM source_record ORDER BY version") == [
        (1, False),
        (2, True),
        (3, False),
    ]


async def test_who_is_no_longer_inside_a_report_is_withdrawn_with_it(store: Store):
    parts = ("korban", "a"), ("korban", "b")
    both = person("a", victim_in="k"), person("b", victim_in="k")
    await store.write([case("k", parts=parts), *both])

    await store.write([case("k", parts=parts[:1], time=1), replace(both[0], source_time=at(1))])

    assert await store.rows("SELECT key, deleted FROM source_person ORDER BY deleted") == [
        (store.keyring.source_key("POLRI", "korban", "a"), False),
        (store.keyring.source_key("POLRI", "korban", "b"), True),
    ]


async def test_a_subject_that_was_erased_begins_again_under_a_new_key(store: Store):
    victim = person("a", name="Siti Aminah")
    await store.write([victim])
    source_id = await store.source_id(victim)
    await store.rows("DELETE FROM subject_key WHERE subject_id = %s RETURNING 1", source_id)

    await store.say(person("a", name="Siti Aminah Baru", time=1))

    assert [row["full_name"] for row in await store.golden("Person")] == ["Siti Aminah Baru"]


async def test_the_checkpoint_moves_with_the_batch(store: Store):
    await store.write([person("a")], cursor={"sejak": "2026-01-05"})

    assert await store.rows(
        "SELECT agency, cursor, cursor_version, last_batch_at, last_complete_at FROM checkpoint"
    ) == [("POLRI", {"sejak": "2026-01-05"}, 1, START, START)]


async def test_a_batch_that_fails_leaves_nothing(store: Store):
    seen = await store.version("POLRI")
    unwritable = person("b", object="nama\x00rusak")

    with pytest.raises(Exception, match=r"NUL|0x00"):
        await store.write([person("a"), unwritable], seen_version=seen)

    assert await store.rows(COUNTS) == [(0, 0, 0, 0, 0)]
    assert await store.version("POLRI") == seen


async def test_of_two_workers_at_once_one_writes_and_the_other_stops(
    store: Store, pool: Pool, keyring: Keyring
):
    seen = await store.version("POLRI")
    batch = [person(f"o{number}", victim_in="k") for number in range(200)]

    async def worker() -> object:
        async with pool.connection() as connection:
            return await Store(connection, keyring).write(batch, seen_version=seen)

    ended = await asyncio.gather(*(worker() for _ in range(4)), return_exceptions=True)

    assert sorted(type(one).__name__ for one in ended) == [
        "Superseded",
        "Superseded",
        "Superseded",
        "Written",
    ]
    assert await store.rows(COUNTS) == [(200, 200, 0, 200, 200)]
    assert await store.version("POLRI") == seen + 1


async def test_a_worker_that_comes_late_stops_before_it_writes(store: Store):
    seen = await store.version("POLRI")
    await store.write([person("a")], seen_version=seen)

    with pytest.raises(Superseded):
        await store.write([person("b")], seen_version=seen, now=START + timedelta(hours=1))

    assert await store.value("SELECT count(*) FROM source_record") == 1

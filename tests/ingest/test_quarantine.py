"""What does not map is kept, sealed, with the rules that it broke, and closed once it comes in good order."""

import pytest

from hub.ingest.batch import Superseded
from schema.record import BrokenRule, Drift, Violation
from tests.ingest.store import START, Store, at, person

CANARY = "Rahasia Betul 6103214107020001"


def broken(key: str | None = "a", *, value: str = CANARY, rule: str = "nik", version: str = "1") -> Violation:
    return Violation(
        agency="POLRI",
        object="korban",
        key=key,
        source_time=at(0),
        rules=(BrokenRule(rule=rule, path="korban.nik", problem="has not the form of a NIK"),),
        raw={"nik": value},
        mapping_version=version,
    )


async def states(store: Store) -> list[tuple]:
    return await store.rows("SELECT key IS NULL, state FROM quarantine ORDER BY quarantine_id")


@pytest.mark.parametrize("key", ["a", None])
async def test_a_broken_record_stands_in_quarantine_once(store: Store, key):
    first = await store.write(violations=[broken(key)])

    await store.write(violations=[broken(key), broken(key)], now=at(60))

    assert first.quarantined_count == 1
    assert await store.rows(
        "SELECT agency, object, key, rules, paths, source_time, first_seen_at, last_seen_at, state FROM quarantine"
    ) == [
        (
            "POLRI",
            "korban",
            store.keyring.source_key("POLRI", "korban", key) if key else None,
            [{"rule": "nik", "path": "korban.nik", "problem": "has not the form of a NIK"}],
            ["korban.nik"],
            at(0),
            START,
            at(60),
            "open",
        )
    ]
    assert await store.value("SELECT count(*) FROM subject_key") == 1


async def test_two_records_without_a_key_stand_apart(store: Store):
    await store.write(violations=[broken(None, value="satu"), broken(None, value="dua")])

    assert await states(store) == [(True, "open"), (True, "open")]


async def test_a_bad_record_does_not_keep_the_good_ones_out(store: Store):
    done = await store.write([person("b")], violations=[broken("a")])

    assert (done.version_count, done.quarantined_count) == (1, 1)
    assert await store.value("SELECT count(*) FROM source_person") == 1


async def test_a_mended_record_is_closed_and_others_stay(store: Store):
    await store.write(violations=[broken("a"), broken("b"), broken(None)])

    await store.write([person("a", time=1)])

    assert await states(store) == [(False, "replayed"), (False, "open"), (True, "open")]


async def test_a_record_that_is_broken_again_is_open_again(store: Store):
    await store.write(violations=[broken("a")])
    await store.write([person("a", time=1)])

    await store.write(violations=[broken("a", rule="province", version="2")])

    assert await store.rows("SELECT state, rules->0->>'rule', mapping_version FROM quarantine") == [
        ("open", "province", "2")
    ]


async def test_what_a_person_has_rejected_stays_rejected(store: Store):
    await store.write(violations=[broken("a")])
    await store.rows("UPDATE quarantine SET state = 'rejected' RETURNING 1")

    await store.write(violations=[broken("a")])

    assert await states(store) == [(False, "rejected")]


async def test_quarantine_is_sealed_and_its_rules_hold_no_value(store: Store):
    await store.write(violations=[broken("a"), broken(None)])

    shown = repr(await store.rows("SELECT rules::text, paths, sealed, hash, key FROM quarantine"))
    assert CANARY not in shown
    assert "6103214107020001" not in shown


async def test_a_failing_batch_says_no_value(store: Store):
    await store.write([person("a", name=CANARY)])

    with pytest.raises(Superseded) as refused:
        await store.write([person("b", name=CANARY)], violations=[broken("c")], seen_version=0)

    assert CANARY not in repr(refused.value) + str(refused.value)


async def test_an_unknown_field_is_one_task_however_often_it_comes(store: Store):
    text = Drift(agency="POLRI", object="korban", path="hobi", form="string")
    number = Drift(agency="POLRI", object="korban", path="hobi", form="number")
    other = Drift(agency="POLRI", object="korban", path="warna", form="string")

    await store.write(drifts=[text, text, other])
    await store.write(drifts=[text, number], now=at(60))

    assert await store.rows(
        "SELECT path, form, seen_count, first_seen_at, last_seen_at, state FROM drift_task ORDER BY path"
    ) == [
        ("hobi", "number", 4, START, at(60), "open"),
        ("warna", "string", 1, START, START, "open"),
    ]

"""What an agency said last holds, in whatever order its words arrive: nothing older overtakes, nothing moves away."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from schema.record import BrokenRule, Record, Violation
from tests.ingest.store import Store, at, case, gone, person


def victim(status: str, time: int) -> Record:
    return person("a", victim_in="k", victim={"status": status}, time=time)


def broken(key: str | None = "a", *, time: int | None = 0) -> Violation:
    return Violation(
        agency="POLRI",
        object="korban",
        key=key,
        source_time=None if time is None else at(time),
        rules=(BrokenRule(rule="nik", path="korban.nik", problem="has not the form of a NIK"),),
        raw={"nik": "x"},
        mapping_version="1",
    )


async def alive(store: Store) -> dict[str, bool]:
    """Whether each person of the police stands, by its key."""
    names = {store.keyring.source_key("POLRI", "korban", key): key for key in "ab"}
    return {
        names[key]: not deleted for key, deleted in await store.rows("SELECT key, deleted FROM source_person")
    }


async def test_a_word_that_was_said_again_is_not_overtaken_by_one_from_before(store: Store):
    await store.write([victim("PRESUMED", 1)])
    again = await store.write([victim("PRESUMED", 5)])

    late = await store.write([victim("INDICATED", 3)])

    assert (again.unchanged_count, late.late_count) == (1, 1)
    assert await store.rows("SELECT facts #>> '{facts,Victim,status}', source_time FROM source_record") == [
        ("PRESUMED", at(1))
    ]


async def test_a_case_that_was_said_again_is_not_overtaken_either(store: Store):
    await store.write([case("k", facts={"modus": "A"}, time=1)])
    await store.write([case("k", facts={"modus": "A"}, time=5)])

    late = await store.write([case("k", facts={"modus": "B"}, time=3)])

    assert late.late_count == 1


async def test_a_word_that_is_said_again_makes_nobody_link_or_compute(store: Store):
    await store.say(victim("PRESUMED", 1), case("k", time=1))
    before = await store.view()

    await store.write([victim("PRESUMED", 5), case("k", time=5)])

    assert await store.value("SELECT count(*) FROM link_queue") == 0
    assert await store.view() == before


async def test_a_new_word_after_one_that_was_said_again_is_heard(store: Store):
    await store.write([victim("PRESUMED", 1)])
    await store.write([victim("PRESUMED", 5)])

    await store.write([victim("IDENTIFIED", 6)])
    late = await store.write([victim("INDICATED", 5)])

    assert late.late_count == 1
    assert await store.rows("SELECT version, source_time, confirmed_at FROM source_person") == [
        (2, at(6), None)
    ]


async def test_a_report_from_before_withdraws_nobody(store: Store):
    both = (("korban", "a"), ("korban", "b"))
    await store.write([case("k", parts=both, time=1), person("a", victim_in="k"), person("b", victim_in="k")])
    await store.write([case("k", parts=both, time=5)])

    await store.write([case("k", parts=both[:1], time=3)])

    assert await alive(store) == {"a": True, "b": True}


@pytest.mark.parametrize("first", ["old", "new"])
@pytest.mark.parametrize("together", [True, False])
async def test_who_moves_to_another_report_is_not_withdrawn_with_the_old_one(store: Store, first, together):
    await store.write([case("k", parts=(("korban", "a"),)), person("a", victim_in="k")])
    left = [case("k", parts=(), time=1)]
    came = [case("l", parts=(("korban", "a"),), time=1), person("a", victim_in="l", time=1)]
    words = [left, came] if first == "old" else [came, left]

    for batch in [[*words[0], *words[1]]] if together else words:
        await store.write(batch)

    assert await alive(store) == {"a": True}
    assert await store.rows("SELECT case_key FROM source_person") == [
        (store.keyring.source_key("POLRI", "kasus", "l"),)
    ]


async def test_a_person_who_comes_beside_a_report_that_leaves_her_out_is_kept(store: Store):
    """Whoever is wrong, to count somebody who is there is better than to lose her."""
    await store.write([case("k", parts=(("korban", "a"),)), person("a", victim_in="k")])

    await store.write([case("k", parts=(), time=1), person("a", victim_in="k", time=1)])

    assert await alive(store) == {"a": True}


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("newest_first", [True, False])
async def test_of_two_words_on_a_report_in_one_batch_the_newest_says_who_is_inside(
    store: Store, stored, newest_first
):
    both = (("korban", "a"), ("korban", "b"))
    before = [case("k", parts=both), person("a", victim_in="k"), person("b", victim_in="k")]
    after = [case("k", parts=both[:1], time=1), person("a", victim_in="k", time=1)]
    if stored:
        await store.write(before)

    done = await store.write([*after, *before] if newest_first else [*before, *after])

    assert await alive(store) == ({"a": True, "b": False} if stored else {"a": True})
    assert done.record_count == done.version_count + done.unchanged_count + done.late_count - stored


async def test_a_word_on_another_report_that_comes_too_late_keeps_nobody(store: Store):
    await store.write([case("k", parts=(("korban", "a"),), time=4), person("a", victim_in="k", time=4)])

    await store.write([case("k", parts=(), time=5), person("a", victim_in="l", time=3)])

    assert await alive(store) == {"a": False}


async def test_who_is_broken_in_the_newest_report_is_taken_from_an_older_one(store: Store):
    parts = (("korban", "a"),)
    await store.write([case("k", parts=parts, time=5)], violations=[broken(time=5)])

    await store.write([case("k", parts=parts, time=3), person("a", victim_in="k", time=3)])

    assert await alive(store) == {"a": True}
    assert await store.value("SELECT state FROM quarantine") == "open"


async def test_a_withdrawn_person_who_is_in_the_report_again_is_back(store: Store):
    both = (("korban", "a"), ("korban", "b"))
    people = person("a", victim_in="k"), person("b", victim_in="k")
    await store.write([case("k", parts=both), *people])
    await store.write([case("k", parts=both[:1], time=1), replace(people[0], source_time=at(1))])

    await store.write([case("k", parts=both, time=2), *(replace(one, source_time=at(2)) for one in people)])

    assert await alive(store) == {"a": True, "b": True}


async def test_a_good_word_from_before_closes_no_quarantine(store: Store):
    await store.write([victim("PRESUMED", 1)])
    await store.write(violations=[broken(time=5)])

    await store.write([victim("INDICATED", 3)])
    before = await store.value("SELECT state FROM quarantine")
    await store.write([victim("INDICATED", 6)])

    assert (before, await store.value("SELECT state FROM quarantine")) == ("open", "replayed")


@pytest.mark.parametrize(("good", "bad", "state"), [(1, 2, "open"), (2, 1, "replayed"), (1, 1, "open")])
async def test_of_a_good_and_a_broken_word_in_one_batch_the_newest_counts(store: Store, good, bad, state):
    await store.write([victim("PRESUMED", good)], violations=[broken(time=bad)])

    assert await store.value("SELECT state FROM quarantine") == state


async def test_a_broken_word_without_a_time_is_closed_by_the_next_good_one(store: Store):
    await store.write([victim("PRESUMED", 1)], violations=[broken(time=None)])
    before = await store.value("SELECT state FROM quarantine")

    await store.write([victim("INDICATED", 2)], now=at(60))

    assert (before, await store.value("SELECT state FROM quarantine")) == ("open", "replayed")


async def test_the_agencys_word_that_a_broken_record_is_gone_closes_it(store: Store):
    await store.write(violations=[broken(time=1)])

    await store.write([gone(victim("PRESUMED", 1), time=2)])

    assert await store.value("SELECT state FROM quarantine") == "replayed"


@some.composite
def reports(draw: some.DrawFn) -> list[list[Record]]:
    """Versions of one report in any order, each with the persons inside it."""
    times = draw(some.lists(some.integers(1, 9), min_size=1, max_size=4, unique=True))
    found: list[list[Record]] = []
    for time in times:
        inside = [key for key in "ab" if draw(some.booleans())]
        people = [
            person(key, victim_in="k", victim={"sector": draw(some.sampled_from("AB"))}, time=time)
            for key in inside
        ]
        found.append([case("k", parts=tuple(("korban", key) for key in inside), time=time), *people])
    return found


@given(said=reports(), together=some.lists(some.booleans(), min_size=4, max_size=4))
@settings(
    max_examples=60,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_the_newest_report_says_who_is_inside_and_what_is_said_of_them(
    store: Store, owner, said, together
):
    await owner.execute(EMPTY)
    batches: list[list[Record]] = [[]]
    for report, with_next in zip(said, together, strict=False):
        batches[-1] += report
        if not with_next:
            batches.append([])

    for batch in batches:
        await store.write(batch)

    newest = max(said, key=lambda report: report[0].source_time)
    standing = await store.rows(
        "SELECT s.key, r.facts #>> '{facts,Victim,sector}', coalesce(s.confirmed_at, s.source_time) FROM source_person s"
        " JOIN source_record r USING (record_id) WHERE NOT s.deleted"
    )
    assert sorted(standing) == sorted(
        (store.keyring.source_key("POLRI", "korban", one.key), one.facts["Victim"]["sector"], one.source_time)
        for one in newest[1:]
    )


EMPTY = b"TRUNCATE source_record, source_person, source_case, subject_key, link_queue, quarantine, checkpoint"

"""A link can be taken back: ids, links and rows are what they were, and stay so; old ids lead home by one step."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from hub.linkage.undo import unlink
from schema.errors import InputInvalid
from schema.record import Record
from tests.ingest.store import START, Store, at, case, gone, person

NIK, OTHER_NIK = "9901014107900001", "9901014107900002"
SITI = {"name": "Siti Aminah", "born": "1990-07-01"}
VICTIM = person("v", nik=NIK, victim_in="a", victim={"status": "IDENTIFIED"}, **SITI)
CLIENT = person("k", "KEMENSOS", nik=NIK, victim_in="s", person={"education": "PRIMARY"}, **SITI)
CASES = case("a"), case("s", "KEMENSOS", implied=True, reported="2025-12-01")


async def part(store: Store, one: Record, other: Record, *, hour: int = 30) -> None:
    ids = await store.source_id(one), await store.source_id(other)
    await unlink(
        store.connection, store.keyring, *ids, decided_by="petugas", now=START + timedelta(days=2, hours=hour)
    )


async def links(store: Store) -> list[tuple[UUID, UUID]]:
    return await store.rows("SELECT source_id, entity_id FROM link WHERE valid_to IS NULL ORDER BY source_id")


def without_records(view: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """The rows without the versions that they rest on and when those were written."""
    return {
        entity: [{**row, "provenance": sorted(row["provenance"])} for row in rows]
        for entity, rows in view.items()
    }


async def redirects(store: Store) -> dict[UUID, tuple[UUID, str]]:
    return {row[0]: row[1:] for row in await store.rows("SELECT old_id, new_id, kind FROM redirect")}


async def role(store: Store, record: Record) -> UUID:
    return await store.value(
        "SELECT role_id FROM source_person WHERE source_id = %s", await store.source_id(record)
    )


async def test_an_unlink_restores_ids_links_and_rows(store: Store):
    sheltered = {"nik": OTHER_NIK, "passport": "C1234567", "name": "Siti Aminah"}
    client = person("k", "KEMENSOS", victim_in="s", **sheltered)
    worker = person("w", "KEMNAKER", passport="C1234567", name="SITI AMINAH")
    await store.say(VICTIM, *CASES, client, worker)
    before = await links(store), await store.view()
    await store.say(person("k", "KEMENSOS", victim_in="s", time=1, **(sheltered | {"nik": NIK})))
    joined = await store.partition([VICTIM, client, worker])

    await part(store, client, VICTIM)
    apart = await links(store), await redirects(store)
    await store.say(replace(client, source_time=at(2)))

    assert len(joined) == 1
    assert apart == (before[0], {})
    assert await links(store) == before[0]
    assert without_records(await store.view()) == without_records(before[1])


async def test_a_merge_that_is_taken_back_leaves_every_row_as_it_was(store: Store):
    await store.say(VICTIM, *CASES)
    await store.say(person("o", "KEMNAKER", name="Muhammad Yusuf", nik="9901010903850001"))
    before = await links(store), await store.view()
    await store.say(CLIENT)
    assert len(await store.partition([VICTIM, CLIENT])) == 1

    await part(store, CLIENT, VICTIM)
    await store.say(gone(CLIENT, time=1))

    after = await links(store)
    client = await store.source_id(CLIENT)
    assert after == [*before[0], (client, client)]
    assert await store.view() == before[1]


async def test_what_somebody_parted_stays_apart_when_its_records_come_again(store: Store):
    await store.say(VICTIM, CLIENT, *CASES)
    await part(store, CLIENT, VICTIM)

    await store.say(
        person("v", nik=NIK, victim_in="a", victim={"status": "PRESUMED"}, time=1, **SITI),
        person("k", "KEMENSOS", nik=NIK, victim_in="s", time=1, person={"education": "TERTIARY"}, **SITI),
    )

    assert len(await store.partition([VICTIM, CLIENT])) == 2
    assert await store.rows("SELECT verdict, rule, decided_by FROM link_match WHERE valid_to IS NULL") == [
        ("not_same", "NOT_SAME", "petugas")
    ]
    assert await store.reviews() == []


async def test_a_new_record_that_fits_both_sides_of_a_decision_joins_neither(store: Store):
    third = person("c", "IMIGRASI", nik=NIK, **SITI)
    fourth = person("d", "KEMNAKER", nik=NIK, **SITI)
    await store.say(VICTIM, CLIENT, fourth, *CASES)
    await part(store, CLIENT, VICTIM)
    before = await store.partition([VICTIM, CLIENT, fourth])

    await store.say(third)

    assert before == {frozenset({"POLRI v", "KEMNAKER d"}), frozenset({"KEMENSOS k"})}
    assert await store.partition([VICTIM, CLIENT, fourth, third]) == {*before, frozenset({"IMIGRASI c"})}
    assert {reason for _, reason, _ in await store.reviews()} == {
        "somebody has decided that two of them are not the same"
    }


async def test_what_hangs_on_the_parted_record_alone_stays_with_it(store: Store):
    one, other = (
        person("1", nik=NIK, name="Siti Aminah"),
        person("2", "KEMENSOS", nik=NIK, passport="C1234567"),
    )
    hanging = person("3", "IMIGRASI", passport="C1234567", born="1990-07-01")
    await store.say(one, other, hanging)
    assert len(await store.partition([one, other, hanging])) == 1

    await part(store, other, one)

    assert await store.partition([one, other, hanging]) == {
        frozenset({"POLRI 1"}),
        frozenset({"KEMENSOS 2", "IMIGRASI 3"}),
    }


async def test_records_that_are_not_one_person_cannot_be_parted(store: Store):
    other = person("o", "KEMNAKER", name="Muhammad Yusuf")
    await store.say(VICTIM, other)

    for one, another in ((VICTIM, other), (VICTIM, VICTIM)):
        with pytest.raises(InputInvalid):
            await part(store, one, another)


async def merged_by_and_by(store: Store) -> tuple[list[Record], list[UUID]]:
    """Three victims in one case, alone at first; the third joins the second, and then both the first."""
    niks = [f"990101410790000{number}" for number in (1, 2, 3)]
    victims = [person(f"v{nik}", victim_in="a", nik=nik, name="Siti Aminah") for nik in niks]
    await store.say(case("a"), *victims)
    await store.say(person(victims[2].key, victim_in="a", nik=niks[1], name="Siti Aminah", time=1))
    for one in victims[1:]:
        await store.say(person(one.key, victim_in="a", nik=niks[0], name="Siti Aminah", time=2), link=None)
    await store.link()
    return victims, [await store.source_id(one) for one in victims]


async def test_a_chain_of_merges_leads_home_by_one_step(store: Store):
    victims, ids = await merged_by_and_by(store)

    roles = [await role(store, one) for one in victims]
    assert await redirects(store) == {
        ids[1]: (ids[0], "Person"),
        ids[2]: (ids[0], "Person"),
        roles[1]: (roles[0], "Victim"),
        roles[2]: (roles[0], "Victim"),
    }


async def test_ids_that_come_back_lead_nowhere_and_the_rest_follows_them(store: Store):
    victims, ids = await merged_by_and_by(store)
    roles = [await role(store, one) for one in victims]

    await part(store, victims[0], victims[1])

    assert len(await store.partition(victims)) == 2
    assert await redirects(store) == {ids[2]: (ids[1], "Person"), roles[2]: (roles[1], "Victim")}


async def test_a_merged_case_leads_to_the_older_and_so_do_its_roles(store: Store):
    report = "B/12/XI/2025/POLRES SAMBAS"
    cases = case("a", police_report=report), case("b", "KEMNAKER")
    victims = (
        person("v", victim_in="a", nik=NIK, **SITI),
        person("w", "KEMNAKER", victim_in="b", nik=NIK, **SITI),
    )
    await store.say(*cases, *victims)
    ids = [await store.source_id(one) for one in cases]
    roles = [await role(store, one) for one in victims]

    await store.say(case("b", "KEMNAKER", police_report=report, time=1))
    merged = await redirects(store)
    await store.say(case("b", "KEMNAKER", time=2))

    assert merged == {ids[1]: (ids[0], "Case"), roles[1]: (roles[0], "Victim")}
    assert await redirects(store) == {}


async def test_the_id_of_a_withdrawn_first_record_leads_to_who_is_left(store: Store):
    second = person("w", "KEMNAKER", victim_in="b", nik=NIK, **SITI)
    cases = (
        case("a", police_report="B/12/XI/2025/POLRES SAMBAS"),
        case("b", "KEMNAKER", police_report="B/12/XI/2025/POLRES SAMBAS"),
    )
    await store.say(*cases, VICTIM, second)
    old: dict[str, Any] = {
        "person": await store.value("SELECT person_id FROM golden_victim"),
        "victim": await store.value("SELECT victim_id FROM golden_victim"),
    }

    await store.say(gone(VICTIM, time=1))

    left = await store.rows("SELECT person_id, victim_id FROM golden_victim")
    assert len(left) == 1
    assert await redirects(store) == {
        old["person"]: (left[0][0], "Person"),
        old["victim"]: (left[0][1], "Victim"),
    }


async def test_a_record_that_comes_again_has_its_own_id_again(store: Store):
    await store.say(VICTIM, CLIENT, *CASES)
    before = await links(store)
    await store.say(gone(VICTIM, time=1))

    await store.say(person("v", nik=NIK, victim_in="a", victim={"status": "IDENTIFIED"}, time=2, **SITI))

    client, stay = await store.source_id(CLIENT), await store.source_id(CASES[1])
    assert await links(store) == before
    assert await redirects(store) == {
        client: (await store.source_id(VICTIM), "Person"),
        await role(store, CLIENT): (await role(store, VICTIM), "Victim"),
        stay: (await store.source_id(CASES[0]), "Case"),
    }

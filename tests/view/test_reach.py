"""To whom a row may be given: every owner with every region that ties it, and the word of its case."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from psycopg import AsyncConnection

from hub.linkage.undo import unlink
from hub.view.rebuild import rebuild
from schema.entities import entities
from schema.record import Record
from schema.tables.golden import REACHED
from tests.ingest.store import START, Store, case, person

NUMBER = "A/1/I/2025/POLRES SAMBAS"
SITI = {"nik": "9901014107900001", "name": "Siti Aminah", "born": "1990-07-01"}
YUSUF = {"nik": "9901010903850001", "name": "Muhammad Yusuf", "born": "1985-03-09", "sex": "MALE"}


def words(owners: Iterable[str], places: Iterable[str | None], case_id: UUID) -> list[str]:
    """What a row of these owners and places carries, said once more and more slowly."""
    told = sorted({place[:cut] for place in places if place for cut in (2, 5)}) or ["?"]
    return [
        *sorted({*owners, *(f"{owner}:{place}" for owner in owners for place in told)}),
        f"case:{case_id}",
    ]


def report(time: int = 0, office: str | None = None, **facts: Any) -> Record:
    """The police's case, with the region of the office that reports it."""
    mention = {"key": "polres", "name": "Polres", "region": office}
    return case("k", time=time, facts={"reporting_entity": mention, **facts}, police_report=NUMBER)


def victim(time: int = 0, home: str | None = None, **said: Any) -> Record:
    return person("v", victim_in="k", time=time, person={"residence_region": home}, **(SITI | said))


def suspect(time: int = 0, home: str | None = None) -> Record:
    return person("t", suspect_in="k", time=time, person={"residence_region": home}, **YUSUF)


async def reached(store: Store) -> dict[str, list[list[str]]]:
    """The reach of every row that has one, by entity."""
    return {entity: sorted(row["reach"] for row in await store.golden(entity)) for entity in REACHED}


async def test_a_case_is_tied_to_where_it_began_and_ended_and_to_who_reported_it(store: Store):
    await store.say(
        report(office="31.71", origin_region="61.01", destination_region="21.71"), victim(), suspect()
    )

    case_id = await store.source_id(report())
    tied = words(["POLRI"], ["61.01", "21.71", "31.71"], case_id)
    assert await reached(store) == {"Case": [tied], "Victim": [tied], "Perpetrator": [tied]}


async def test_a_victim_is_tied_to_where_she_lives_and_nobody_else_is(store: Store):
    await store.say(report(origin_region="61.01"), victim(home="35.09"), suspect(home="12.71"))

    case_id = await store.source_id(report())
    assert await reached(store) == {
        "Case": [words(["POLRI"], ["61.01"], case_id)],
        "Victim": [words(["POLRI"], ["61.01", "35.09"], case_id)],
        "Perpetrator": [words(["POLRI"], ["61.01"], case_id)],
    }


async def test_what_no_region_is_known_of_says_so(store: Store):
    await store.say(report(), victim(), suspect())

    case_id = await store.source_id(report())
    unknown = ["POLRI", "POLRI:?", f"case:{case_id}"]
    assert await reached(store) == {"Case": [unknown], "Victim": [unknown], "Perpetrator": [unknown]}


async def test_another_agency_s_word_on_where_she_lives_ties_the_victim_and_makes_it_no_owner(store: Store):
    await store.say(report(origin_region="61.01"), victim())

    await store.say(
        person("x", "IMIGRASI", person={"residence_region": "35.09"}, **SITI),
    )

    case_id = await store.source_id(report())
    assert (await reached(store))["Victim"] == [words(["POLRI"], ["61.01", "35.09"], case_id)]


async def test_who_moves_is_tied_to_the_new_place_alone(store: Store):
    await store.say(report(), victim(home="35.09"))

    await store.say(victim(time=1, home="12.71"))

    case_id = await store.source_id(report())
    assert (await reached(store))["Victim"] == [words(["POLRI"], ["12.71"], case_id)]


async def test_a_region_of_the_case_that_is_mended_ties_its_victims_and_suspects_too(store: Store):
    await store.say(report(origin_region="61.01"), victim(), suspect())

    await store.say(report(time=1, origin_region="62.01"))

    tied = words(["POLRI"], ["62.01"], await store.source_id(report()))
    assert await reached(store) == {"Case": [tied], "Victim": [tied], "Perpetrator": [tied]}


async def test_merged_cases_are_of_both_owners_and_have_the_word_of_the_one_that_stays(store: Store):
    stay = case("s", "KEMENSOS", facts={"origin_region": "62.01"}, police_report=NUMBER)
    sheltered = person("c", "KEMENSOS", victim_in="s", person={"residence_region": "35.09"}, **SITI)
    await store.say(report(destination_region="21.71"), suspect())

    await store.say(stay, sheltered)

    case_id = await store.source_id(report())
    assert await reached(store) == {
        "Case": [words(["KEMENSOS", "POLRI"], ["62.01", "21.71"], case_id)],
        "Victim": [words(["KEMENSOS"], ["62.01", "21.71", "35.09"], case_id)],
        "Perpetrator": [words(["POLRI"], ["62.01", "21.71"], case_id)],
    }


async def test_a_merge_of_persons_that_is_taken_back_takes_the_place_back(store: Store):
    other = person("x", "IMIGRASI", person={"residence_region": "35.09"}, **SITI)
    await store.say(report(), victim())
    before = await reached(store)
    await store.say(other)
    between = await reached(store)

    one, two = await store.source_id(victim()), await store.source_id(other)
    await unlink(
        store.connection, store.keyring, one, two, decided_by="petugas", now=START + timedelta(days=2)
    )

    assert between != before
    assert await reached(store) == before


PLACES = some.sampled_from(("61", "61.01", "61.71", "62.01", None))


@some.composite
def sayings(draw: some.DrawFn) -> dict[str, Any]:
    """What police, shelter and border say of one victim, one suspect and the places."""
    return {
        "same case": draw(some.booleans()),
        "police": {name: draw(PLACES) for name in ("origin", "destination", "office", "home", "told")},
        "shelter": {name: draw(PLACES) for name in ("origin", "destination", "office", "home")},
        "border": {"home": draw(PLACES)},
        "suspect lives": draw(PLACES),
    }


def facts(said: Mapping[str, str | None], key: str) -> dict[str, Any]:
    return {
        "origin_region": said["origin"],
        "destination_region": said["destination"],
        "reporting_entity": {"key": key, "name": key, "region": said["office"]},
    }


def records(said: Mapping[str, Any], time: int) -> dict[str, Record]:
    """All records; where a victim's speaks of the case too, it adds what the case's own does not say."""
    police, shelter = said["police"], said["shelter"]
    number = NUMBER if said["same case"] else "A/2/I/2020/POLRES SAMBAS"
    return {
        "k": case("k", facts=facts(police, "polres"), police_report=NUMBER, time=time),
        "s": case(
            "s",
            "KEMENSOS",
            facts=facts(shelter, "sentra"),
            police_report=number,
            reported="2020-01-05",
            time=time,
        ),
        "v": person(
            "v",
            victim_in="k",
            person={"residence_region": police["home"]},
            case_facts={"origin_region": None if police["origin"] else police["told"]},
            time=time,
            **SITI,
        ),
        "c": person(
            "c",
            "KEMENSOS",
            victim_in="s",
            person={"residence_region": shelter["home"]},
            time=time,
            **SITI,
        ),
        "x": person("x", "IMIGRASI", person={"residence_region": said["border"]["home"]}, time=time, **SITI),
        "t": person(
            "t", suspect_in="k", person={"residence_region": said["suspect lives"]}, time=time, **YUSUF
        ),
    }


def first(*said: str | None) -> str | None:
    """The strongest word that says something."""
    return next((one for one in said if one), None)


def expected(said: Mapping[str, Any], police_case: UUID, shelter_case: UUID) -> dict[str, list[list[str]]]:
    """The model: whose rows there are, and which places tie each."""
    police, shelter = said["police"], said["shelter"]
    home = first(shelter["home"], police["home"], said["border"]["home"])
    if police_case == shelter_case:
        places = [
            first(police["origin"], police["told"], shelter["origin"]),
            first(police["destination"], shelter["destination"]),
            police["office"],
            shelter["office"],
        ]
        both = ["KEMENSOS", "POLRI"]
        return {
            "Case": [words(both, places, police_case)],
            "Victim": [words(both, [*places, home], police_case)],
            "Perpetrator": [words(["POLRI"], places, police_case)],
        }
    ours = [first(police["origin"], police["told"]), police["destination"], police["office"]]
    theirs = [shelter["origin"], shelter["destination"], shelter["office"]]
    return {
        "Case": sorted([words(["POLRI"], ours, police_case), words(["KEMENSOS"], theirs, shelter_case)]),
        "Victim": sorted(
            [words(["POLRI"], [*ours, home], police_case), words(["KEMENSOS"], [*theirs, home], shelter_case)]
        ),
        "Perpetrator": [words(["POLRI"], ours, police_case)],
    }


async def empty(owner: AsyncConnection) -> None:
    golden = ", ".join(entity.table for entity in entities().values())
    await owner.execute(
        "TRUNCATE source_record, source_person, source_case, subject_key, link_queue, link, link_match, review_task,"
        f" redirect, checkpoint, pull_run, quarantine, drift_task, {golden}".encode()
    )


@given(
    before=sayings(), after=sayings(), chance=some.randoms(use_true_random=False), limit=some.integers(1, 4)
)
@settings(
    max_examples=30,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_owners_and_regions_are_those_of_the_model_whatever_was_said_before(
    store: Store, owner, before, after, chance, limit
):
    await empty(owner)
    after = {**after, "same case": before["same case"]}
    for said, time in ((before, 0), (after, 10)):
        said_now = list(records(said, time).values())
        chance.shuffle(said_now)
        for record in said_now:
            await store.say(record, link=chance.choice((None, limit)))
    await store.link(limit)

    found = await reached(store)

    police_case = await store.entity_id(records(after, 10)["k"])
    shelter_case = await store.entity_id(records(after, 10)["s"])
    assert (police_case == shelter_case) is after["same case"]
    assert found == expected(after, police_case, shelter_case)
    assert await rebuild(store.connection, store.keyring, START) == 0

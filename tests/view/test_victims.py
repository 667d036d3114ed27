"""A victim's row: one for each person in a case, with what every agency says of it and nothing that nobody says."""

from datetime import date
from typing import Any

import pytest

from schema.record import Record
from tests.ingest.store import Store, at, case, gone, person

NIK = "9901014107900001"
SITI = {"nik": NIK, "name": "Siti Aminah", "born": "1990-07-01"}
REPORT = case("k", facts={"occurred_from": "2025-09-01"})
STAY = case("s", "KEMENSOS", implied=True, reported="2025-11-10")


def victim(key: str = "v", agency: str = "POLRI", *, place: str = "k", **said: Any) -> Record:
    return person(key, agency, victim_in=place, **(SITI | said))


async def only(store: Store, entity: str = "Victim") -> dict[str, Any]:
    (row,) = await store.golden(entity)
    return row


async def status(store: Store) -> tuple[str | None, str | None]:
    row = await only(store)
    return row["status"], row["status_decided_by"]


async def test_two_agencies_words_on_one_victim_are_one_row_with_its_provenance(store: Store):
    police = victim(victim={"sector": "A", "exploitation": ["FORCED_LABOUR"], "status": "PRESUMED"}, time=5)
    shelter = victim(
        "c",
        "KEMENSOS",
        place="s",
        victim={
            "sector": "I",
            "exploitation": ["DEBT_BONDAGE"],
            "status": "IDENTIFIED",
            "stage": "REINTEGRATION",
            "stage_since": "2025-12-24",
        },
    )

    await store.say(REPORT, police, STAY, shelter)

    records = {
        row[0]: row[1]
        for row in await store.rows("SELECT agency, record_id FROM source_record WHERE kind = 'PERSON'")
    }
    assert await only(store) == {
        "victim_id": await store.value(
            "SELECT role_id FROM source_person WHERE source_id = %s", await store.source_id(police)
        ),
        "person_id": await store.source_id(police),
        "case_id": await store.source_id(REPORT),
        "status": "IDENTIFIED",
        "status_decided_by": "KEMENSOS",
        "age_at_identification": 35,
        "age_band_ctdc": "AGE_30_38",
        "age_band_national": "AGE_25_44",
        "is_child_at_exploitation": False,
        "exploitation": ["DEBT_BONDAGE", "FORCED_LABOUR"],
        "sexual_exploitation_type": None,
        "sector": "I",
        "means_of_control": None,
        "recruiter_relation": None,
        "recruitment_methods": None,
        "recruitment_platforms": None,
        "protection_level": "NORMAL",
        "stage": "REINTEGRATION",
        "stage_since": date(2025, 12, 24),
        "agencies": ["KEMENSOS", "POLRI"],
        "reach": [
            "KEMENSOS",
            "KEMENSOS:?",
            "POLRI",
            "POLRI:?",
            f"case:{await store.source_id(REPORT)}",
        ],
        "provenance": {
            "sources": [
                {
                    "agency": "POLRI",
                    "record": str(records["POLRI"]),
                    "at": at(5).isoformat(),
                    "fields": ["exploitation"],
                },
                {
                    "agency": "KEMENSOS",
                    "record": str(records["KEMENSOS"]),
                    "at": at(0).isoformat(),
                    "fields": ["exploitation", "sector"],
                },
            ],
            "conflicts": [
                {
                    "field": "sector",
                    "agency": "POLRI",
                    "record": str(records["POLRI"]),
                    "at": at(5).isoformat(),
                    "value": "A",
                }
            ],
        },
    }


async def test_a_victim_of_two_cases_is_one_person_and_two_victims(store: Store):
    await store.say(REPORT, victim(), case("k2", reported="2020-01-05"), victim("w", place="k2"))

    rows = await store.golden("Victim")
    assert len({row["person_id"] for row in rows}) == 1
    assert {row["case_id"]: row["age_at_identification"] for row in rows} == {
        await store.source_id(REPORT): 35,
        await store.source_id(case("k2")): 29,
    }


@pytest.mark.parametrize(
    "later", [{}, {"status": "UNKNOWN"}, {"status": "PRESUMED"}, {"status": "NOT_VICTIM"}]
)
async def test_a_decision_is_not_lowered_by_the_same_bodys_later_word_or_silence(store: Store, later):
    await store.say(REPORT, victim(victim={"status": "IDENTIFIED"}))

    await store.say(victim(victim=later, time=1))

    assert await status(store) == ("IDENTIFIED", "POLRI")


async def test_a_second_body_confirms_that_it_was_no_victim(store: Store):
    await store.say(REPORT, victim(victim={"status": "IDENTIFIED"}))
    await store.say(victim(victim={"status": "NOT_VICTIM"}, time=1))
    before = await status(store)

    await store.say(STAY, victim("c", "KEMENSOS", place="s", victim={"status": "NOT_VICTIM"}, time=2))

    assert before == ("IDENTIFIED", "POLRI")
    assert await status(store) == ("NOT_VICTIM", "KEMENSOS")


async def test_a_record_that_was_withdrawn_begins_again(store: Store):
    said = victim(victim={"status": "IDENTIFIED"})
    await store.say(REPORT, said)
    await store.say(gone(said, time=1))
    between = await store.golden("Victim")

    await store.say(victim(victim={"status": "PRESUMED"}, time=2))

    assert between == []
    assert await status(store) == ("PRESUMED", "POLRI")


async def test_who_is_no_longer_inside_a_report_is_no_longer_counted(store: Store):
    other = person("w", nik="9901010903850001", name="Muhammad Yusuf", victim_in="k")
    both = (("korban", "v"), ("korban", "w"))
    await store.say(case("k", parts=both), victim(), other)
    before = await store.value("SELECT count(*) FROM golden_victim")

    await store.say(case("k", parts=both[:1], time=1), victim(time=1))

    assert before == 2
    assert (await only(store))["person_id"] == await store.source_id(victim())
    assert await store.value("SELECT count(*) FROM golden_person") == 1


async def test_a_case_that_is_withdrawn_takes_its_victims_along_and_gives_them_back(store: Store):
    await store.say(REPORT, victim())
    before = await store.view()

    await store.say(gone(REPORT, time=1))
    between = {entity: len(rows) for entity, rows in (await store.view()).items() if rows}
    await store.say(case("k", facts={"occurred_from": "2025-09-01"}, time=2))

    assert between == {"Person": 1}
    after = await store.view()
    assert after["Victim"] == before["Victim"]
    assert [row["case_id"] for row in after["Case"]] == [row["case_id"] for row in before["Case"]]


async def test_a_victim_whose_case_comes_later_is_counted_then(store: Store):
    await store.say(victim())
    before = await store.golden("Victim")

    await store.say(REPORT)

    assert before == []
    assert (await only(store))["case_id"] == await store.source_id(REPORT)


@pytest.mark.parametrize(
    ("born", "precision", "said"),
    [
        ("2008-10-01", "DAY", (17, "AGE_9_17", "AGE_13_17", True, "CHILD")),
        # Eighteen by the report, a child when the event began.
        ("2007-10-01", "DAY", (18, "AGE_18_20", "AGE_18_24", True, "NORMAL")),
        ("2007-09-01", "DAY", (18, "AGE_18_20", "AGE_18_24", False, "NORMAL")),
        ("2010-07-01", "ESTIMATED", (15, "AGE_9_17", "AGE_13_17", True, "CHILD")),
        ("2026-01-01", "DAY", (None, None, None, None, "NORMAL")),
        (None, None, (None, None, None, None, "NORMAL")),
    ],
)
async def test_ages_are_those_of_the_days_of_report_and_event(store: Store, born, precision, said):
    await store.say(
        REPORT, person("v", name="Siti Aminah", born=born, precision=precision, victim_in="k", nik=NIK)
    )

    row = await only(store)
    assert (
        row["age_at_identification"],
        row["age_band_ctdc"],
        row["age_band_national"],
        row["is_child_at_exploitation"],
        row["protection_level"],
    ) == said


async def test_a_child_among_the_victims_needs_no_means(store: Store):
    await store.say(
        case("k", facts={"means": ["DECEPTION"]}),
        victim(),
        victim("w", born="2012-07-01", nik="9901014107120001"),
    )

    assert (await only(store, "Case"))["means"] == ["DECEPTION", "NOT_REQUIRED_CHILD"]


async def test_the_stage_is_the_latest_service_of_any_agency(store: Store):
    services = [
        {"key": "a", "category": "SOCIAL_REHABILITATION", "started_on": "2025-11-12"},
        {"key": "b", "category": "RETURN", "started_on": "2025-12-01"},
    ]
    await store.say(REPORT, victim())
    reported = await only(store)

    await store.say(STAY, victim("c", "KEMENSOS", place="s", events={"ServiceEvent": services}))

    after = await only(store)
    assert (reported["stage"], reported["stage_since"]) == ("REPORTED", date(2025, 11, 3))
    assert (after["stage"], after["stage_since"]) == ("RETURN", date(2025, 12, 1))
    assert (await only(store, "Case"))["case_status"] == "ACTIVE"


async def test_a_service_that_names_no_case_is_counted_once(store: Store):
    service = {"key": "a", "category": "LEGAL_AID", "started_on": "2025-11-12"}
    await store.say(REPORT, victim(), case("k2", reported="2020-01-05"), victim("w", place="k2"))

    await store.say(person("c", "KEMENSOS", events={"ServiceEvent": [service]}, **SITI))

    rows = await store.golden("ServiceEvent")
    assert len(await store.golden("Victim")) == 2
    assert [(row["category"], row["agency"]) for row in rows] == [("LEGAL_AID", "KEMENSOS")]


async def test_victim_and_suspect_of_one_name_stay_two_in_one_case(store: Store):
    await store.say(
        REPORT, victim(), person("t", suspect_in="k", suspect={"suspect_status": "SUSPECT"}, **SITI)
    )

    victims, suspects = await store.golden("Victim"), await store.golden("Perpetrator")
    assert len(victims) == len(suspects) == 1
    assert victims[0]["person_id"] != suspects[0]["person_id"]
    assert suspects[0] | {"provenance": None} == {
        "perpetrator_id": suspects[0]["perpetrator_id"],
        "person_id": suspects[0]["person_id"],
        "case_id": victims[0]["case_id"],
        "suspect_status": "SUSPECT",
        "roles": None,
        "is_corporate": False,
        "sentence_months": None,
        "fine": None,
        "agencies": ["POLRI"],
        "reach": ["POLRI", "POLRI:?", f"case:{victims[0]['case_id']}"],
        "provenance": None,
    }

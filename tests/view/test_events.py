"""What happened is a row of its own, as one agency tells it: nothing is merged, lost or told twice."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.ingest.store import Store, case, gone, person

NIK = "9901014107900001"
SITI = {"nik": NIK, "name": "Siti Aminah"}


async def told(store: Store, entity: str, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[column] for column in columns) for row in await store.golden(entity)]


async def steps(store: Store) -> tuple[str | None, str | None, set[tuple[Any, ...]]]:
    (row,) = await store.golden("Case")
    found = await told(store, "LegalEvent", "stage", "terminal", "occurred_on")
    assert len(found) == len(set(found)) or None in {day for *_, day in found}
    return row["legal_stage"], row["legal_terminal"], set(found)


def current(stage: str | None, terminal: str | None = None, day: str | None = None) -> list[dict[str, Any]]:
    """The present stage, as a feed without a history tells it."""
    said = {"key": "current", "stage": stage, "terminal": terminal, "occurred_on": day}
    return [{name: one for name, one in said.items() if one is not None}]


async def test_a_present_stage_that_changes_is_a_further_step(store: Store):
    for time, stage in enumerate(("INQUIRY", "INVESTIGATION", "INVESTIGATION", "FILE_SUBMITTED")):
        await store.say(case("k", legal=current(stage), facts={"modus": f"M{time}"}, time=time))

    assert await steps(store) == (
        "FILE_SUBMITTED",
        None,
        {("INQUIRY", None, None), ("INVESTIGATION", None, None), ("FILE_SUBMITTED", None, None)},
    )
    assert await store.value("SELECT count(*) FROM golden_legal_event") == 3


async def test_a_file_that_is_returned_and_submitted_again_is_three_steps(store: Store):
    for time, stage in enumerate(("FILE_SUBMITTED", "P19_RETURNED", "FILE_SUBMITTED")):
        await store.say(case("k", legal=current(stage), time=time))

    assert await store.rows("SELECT stage FROM golden_legal_event ORDER BY stage") == [
        ("FILE_SUBMITTED",),
        ("FILE_SUBMITTED",),
        ("P19_RETURNED",),
    ]
    assert (await steps(store))[0] == "FILE_SUBMITTED"


async def test_a_stopped_investigation_that_is_taken_up_again_is_open(store: Store):
    await store.say(case("k", legal=current("INVESTIGATION")))
    await store.say(case("k", legal=current(None, "INVESTIGATION_STOPPED"), time=1))
    stopped = await steps(store)
    (row,) = await store.golden("Case")

    await store.say(case("k", legal=current("INVESTIGATION"), time=2))

    assert stopped[:2] == ("INVESTIGATION", "INVESTIGATION_STOPPED")
    assert row["case_status"] == "CLOSED"
    assert (await steps(store))[:2] == ("INVESTIGATION", None)
    assert [found["case_status"] for found in await store.golden("Case")] == ["ACTIVE"]


async def test_dated_steps_stand_in_their_order_whenever_they_are_told(store: Store):
    late = [
        {"key": "2", "stage": "P21_COMPLETE", "occurred_on": "2026-02-01", "document_number": "B-21/2026"},
        {"key": "1", "stage": "INVESTIGATION", "occurred_on": "2025-12-01"},
    ]

    await store.say(case("k", legal=late))

    assert await steps(store) == (
        "P21_COMPLETE",
        None,
        {
            ("INVESTIGATION", None, date(2025, 12, 1)),
            ("P21_COMPLETE", None, date(2026, 2, 1)),
        },
    )


async def test_an_acquittal_is_no_end_before_it_is_final(store: Store):
    verdict = [
        {"key": "1", "stage": "FIRST_INSTANCE_VERDICT", "occurred_on": "2026-02-01"},
        {"key": "2", "terminal": "ACQUITTED", "occurred_on": "2026-02-02"},
    ]
    await store.say(case("k", legal=verdict))
    (before,) = await store.golden("Case")

    await store.say(
        case("k", legal=[*verdict, {"key": "3", "stage": "FINAL", "occurred_on": "2026-03-01"}], time=1)
    )

    (after,) = await store.golden("Case")
    assert [(row["case_status"], row["legal_stage"], row["legal_terminal"]) for row in (before, after)] == [
        ("ACTIVE", "FIRST_INSTANCE_VERDICT", "ACQUITTED"),
        ("CLOSED", "FINAL", "ACQUITTED"),
    ]


async def test_two_agencies_reports_of_one_service_stay_two_rows(store: Store):
    service = {"key": "1", "category": "RETURN", "started_on": "2025-12-01", "ended_on": "2025-12-03"}
    await store.say(
        case("k"),
        person("v", victim_in="k", events={"ServiceEvent": [service]}, **SITI),
        person("c", "KEMENSOS", events={"ServiceEvent": [service]}, **SITI),
    )

    columns = ("agency", "category", "started_on", "ended_on")
    assert sorted(await told(store, "ServiceEvent", *columns)) == [
        ("KEMENSOS", "RETURN", date(2025, 12, 1), date(2025, 12, 3)),
        ("POLRI", "RETURN", date(2025, 12, 1), date(2025, 12, 3)),
    ]


async def test_an_event_that_a_later_version_leaves_out_is_gone(store: Store):
    two = [{"key": key, "category": "RETURN", "started_on": f"2025-12-0{key}"} for key in ("1", "2")]
    await store.say(case("k"), person("v", victim_in="k", events={"ServiceEvent": two}, **SITI))
    before = await store.golden("ServiceEvent")

    await store.say(person("v", victim_in="k", events={"ServiceEvent": two[:1]}, time=1, **SITI))

    assert len(before) == 2
    left = await store.golden("ServiceEvent")
    assert [row["service_event_id"] for row in left] == [
        row["service_event_id"] for row in before if row["started_on"] == date(2025, 12, 1)
    ]


async def test_a_crossing_is_of_the_person_and_follows_her(store: Store):
    crossing = {
        "key": "1",
        "direction": "OUT",
        "border_post": "ENTIKONG",
        "at": "2025-08-01T03:15:00+00:00",
        "causes": ["OVERSTAY"],
    }
    traveller = person(
        "x", "IMIGRASI", passport="C1234567", name="SITI AMINAH", events={"Movement": [crossing]}
    )
    await store.say(traveller)
    alone = await told(store, "Movement", "person_id", "direction", "border_post", "at", "causes", "agency")

    await store.say(person("v", victim_in="k", passport="C1234567", **SITI), case("k"))

    at = datetime(2025, 8, 1, 3, 15, tzinfo=UTC)
    own = await store.source_id(traveller)
    assert alone == [(own, "OUT", "ENTIKONG", at, ["OVERSTAY"], "IMIGRASI")]
    (victim,) = await store.golden("Victim")
    assert await told(store, "Movement", "person_id") == [(victim["person_id"],)]


async def test_a_placement_names_its_organisation_and_keeps_its_amount_exact(store: Store):
    office = {"key": "pt-satu", "name": "PT Satu", "type": "PLACEMENT_AGENCY", "licence_number": "SIP-1"}
    placement = {
        "key": "1",
        "country": "MYS",
        "wage_promised": "1500.10",
        "wage_currency": "MYR",
        "contract_signed_on": "2025-06-01",
        "agency_organisation": office,
    }

    await store.say(person("w", "KEMNAKER", events={"JobPlacement": [placement]}, **SITI))

    (row,) = await store.golden("JobPlacement")
    (organisation,) = await store.golden("Organisation")
    assert (row["country"], row["wage_promised"], row["wage_currency"], row["contract_signed_on"]) == (
        "MYS",
        Decimal("1500.10"),
        "MYR",
        date(2025, 6, 1),
    )
    assert row["agency_organisation_id"] == organisation["organisation_id"]
    assert (organisation["name"], organisation["licence_number"], organisation["agencies"]) == (
        "PT Satu",
        "SIP-1",
        ["KEMNAKER"],
    )


async def test_restitution_is_the_victims_and_no_sum_of_agencies(store: Store):
    said = {
        "key": "1",
        "head": "MATERIAL",
        "awarded": "100000000.00",
        "paid": "25000000.00",
        "currency": "IDR",
    }
    await store.say(case("k"), person("v", victim_in="k", events={"Restitution": [said]}, **SITI))

    (victim,) = await store.golden("Victim")
    assert await told(store, "Restitution", "victim_id", "awarded", "paid", "claimed") == [
        (victim["victim_id"], Decimal("100000000.00"), Decimal("25000000.00"), None)
    ]


async def test_the_number_of_a_document_is_sealed_and_of_the_person(store: Store):
    paper = {
        "key": "p",
        "type": "PASSPORT_ORDINARY",
        "number": "C1234567",
        "issued_on": "2024-01-01",
        "status": "VALID",
    }
    holder = person("x", "IMIGRASI", passport="C1234567", name="SITI AMINAH", identity={"documents": [paper]})

    await store.say(holder)

    (row,) = await store.golden("Document")
    assert (row["person_id"], row["type"], row["number"], row["issued_on"], row["status"]) == (
        await store.source_id(holder),
        "PASSPORT_ORDINARY",
        "C1234567",
        date(2024, 1, 1),
        "VALID",
    )
    assert b"C1234567" not in await store.value("SELECT number FROM golden_document")


@pytest.mark.parametrize("entity", ["Movement", "JobPlacement", "Document"])
async def test_what_a_withdrawn_record_told_is_gone(store: Store, entity: str):
    rows = {"Movement": [{"key": "1", "direction": "OUT"}], "JobPlacement": [{"key": "1", "country": "MYS"}]}
    said = person(
        "x",
        "IMIGRASI",
        passport="C1234567",
        name="SITI AMINAH",
        events=rows,
        identity={"documents": [{"key": "p", "type": "PASSPORT_ORDINARY", "number": "C1234567"}]},
    )
    await store.say(said)
    before = await store.golden(entity)

    await store.say(gone(said, time=1))

    assert len(before) == 1
    assert await store.golden(entity) == []

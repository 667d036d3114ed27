"""Which cases are one case: C1 to C3, and what keeps two apart."""

import pytest

from schema.record import Record
from tests.ingest.store import Store, case, gone, person

REPORT, OTHER_REPORT = "B/12/XI/2025/POLRES SAMBAS", "B/13/XI/2025/POLRES SAMBAS"
SITI = {"nik": "9901014107900001", "name": "Siti Aminah"}
YUSUF = {"nik": "9901010903850001", "name": "Muhammad Yusuf"}


def shelter(key: str, **said) -> Record:
    """The case of a stay, which no shelter numbers."""
    return case(key, "KEMENSOS", implied=True, **said)


async def test_one_report_in_two_systems_is_one_case(store: Store):
    one, other = case("a", police_report=REPORT), case("b", "KEMNAKER", police_report=REPORT)

    await store.say(one, other)

    assert len(await store.partition([one, other])) == 1
    assert await store.rows("SELECT kind, rule, evidence FROM link_match") == [
        ("CASE", "C1", {"police_report": "equal"})
    ]


async def test_two_reports_are_two_cases_of_one_victim(store: Store):
    cases = case("a", police_report=REPORT), case("b", police_report=OTHER_REPORT)

    await store.say(*cases, person("v", victim_in="a", **SITI), person("w", victim_in="b", **SITI))

    assert len(await store.partition(cases)) == 2


@pytest.mark.parametrize(("intake", "count"), [("2026-11-04", 1), ("2024-11-02", 1), ("2026-11-05", 2)])
async def test_a_stay_belongs_to_the_one_report_of_its_victim_within_a_year(store: Store, intake, count):
    report, stay = case("a", police_report=REPORT, reported="2025-11-03"), shelter("s", reported=intake)

    await store.say(
        stay, person("k", "KEMENSOS", victim_in="s", **SITI), report, person("v", victim_in="a", **SITI)
    )

    assert len(await store.partition([report, stay])) == count


async def test_a_stay_near_two_reports_belongs_to_neither(store: Store):
    reports = case("a", police_report=REPORT), case("b", police_report=OTHER_REPORT)
    stay = shelter("s")
    persons = person("v", victim_in="a", **SITI), person("w", victim_in="b", **SITI)
    await store.say(reports[0], persons[0], stay, person("k", "KEMENSOS", victim_in="s", **SITI))
    before = await store.partition([*reports[:1], stay])

    await store.say(reports[1], persons[1])

    assert len(before) == 1
    assert len(await store.partition([*reports, stay])) == 3


async def test_two_stays_within_a_year_are_one_case_where_no_report_is_near(store: Store):
    stays = shelter("s1", reported="2025-01-10"), shelter("s2", reported="2025-06-10")
    late = shelter("s3", reported="2027-01-10")
    clients = [person(f"k{stay.key}", "KEMENSOS", victim_in=stay.key, **SITI) for stay in (*stays, late)]

    await store.say(*stays, late, *clients)

    assert await store.partition([*stays, late]) == {
        frozenset({"KEMENSOS s1", "KEMENSOS s2"}),
        frozenset({"KEMENSOS s3"}),
    }


async def test_a_stay_of_two_people_cannot_make_one_case_of_two_reports(store: Store):
    reports = case("a", police_report=REPORT), case("b", police_report=OTHER_REPORT)
    stay = shelter("s")
    victims = person("v", victim_in="a", **SITI), person("w", victim_in="b", **YUSUF)
    clients = (
        person("k1", "KEMENSOS", victim_in="s", **SITI),
        person("k2", "KEMENSOS", victim_in="s", **YUSUF),
    )

    await store.say(*reports, *victims, stay, *clients)

    assert len(await store.partition([*reports, stay])) == 3
    assert {reason for _, reason, _ in await store.reviews()} == {
        "two that are numbered apart would be one: two NIKs, or two cases that have a number"
    }


async def test_a_report_with_twenty_sheltered_victims_is_one_case(store: Store):
    report = case("a", police_report=REPORT)
    niks = [f"99010141079000{number:02}" for number in range(1, 21)]
    victims = [person(f"v{nik}", victim_in="a", nik=nik, name="Siti Aminah") for nik in niks]
    stays = [shelter(f"s{nik}") for nik in niks]
    clients = [
        person(f"k{nik}", "KEMENSOS", victim_in=f"s{nik}", nik=nik, name="Siti Aminah") for nik in niks
    ]

    await store.say(report, *victims, *stays, *clients)

    assert len(await store.partition([report, *stays])) == 1
    assert await store.value("SELECT count(*) FROM golden_case") == 1
    assert await store.value("SELECT count(*) FROM golden_victim") == 20


async def test_a_report_that_names_another_number_is_another_case(store: Store):
    one, other = case("a", police_report=REPORT), case("b", "KEMNAKER", police_report=REPORT)
    await store.say(one, other)

    await store.say(case("b", "KEMNAKER", police_report=OTHER_REPORT, time=1))

    assert len(await store.partition([one, other])) == 2


async def test_a_suspect_joins_no_cases(store: Store):
    report, stay = case("a", police_report=REPORT), shelter("s")

    await store.say(
        report, stay, person("t", suspect_in="a", **SITI), person("k", "KEMENSOS", victim_in="s", **SITI)
    )

    assert len(await store.partition([report, stay])) == 2


async def test_a_stay_leaves_the_case_with_its_victim(store: Store):
    report, stay = case("a", police_report=REPORT), shelter("s")
    victim, client = person("v", victim_in="a", **SITI), person("k", "KEMENSOS", victim_in="s", **SITI)
    await store.say(report, stay, victim, client)
    before = await store.partition([report, stay])

    await store.say(gone(victim, time=1))

    assert len(before) == 1
    assert len(await store.partition([report, stay])) == 2
    assert await store.value("SELECT count(*) FROM golden_victim") == 1

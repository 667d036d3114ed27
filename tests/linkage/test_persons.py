"""Which records are one person: each rule, what speaks against it, and what a person is asked instead."""

import pytest

from hub.linkage import candidates
from hub.linkage.clusters import LARGEST
from schema.record import Record
from tests.ingest.store import Store, case, gone, person

NIK, OTHER_NIK = "9901014107900001", "9901014107900002"
BORN = "1990-07-01"
OVERLAP = ("one would be victim and suspect (UU 21/2007 art. 18)", "link.overlap:review")


def polri(key: str = "a", **said) -> Record:
    return person(key, "POLRI", **said)


def kemensos(key: str = "b", **said) -> Record:
    return person(key, "KEMENSOS", **said)


def imigrasi(key: str = "c", **said) -> Record:
    return person(key, "IMIGRASI", **said)


async def test_the_same_nik_and_names_alike_are_one_person(store: Store):
    one, other = polri(nik=NIK, name="Siti Aminah"), kemensos(nik=NIK, name="ST. AMINAH BINTI UMAR")

    await store.say(one, other)

    assert await store.partition([one, other]) == {frozenset({"POLRI a", "KEMENSOS b"})}
    assert await store.rows("SELECT rule, verdict, evidence, decided_by FROM link_match") == [
        ("T1", "same", {"nik": "equal", "name": 1.0}, "rule")
    ]
    assert await store.reviews() == []


async def test_a_record_without_a_name_is_joined_by_its_nik(store: Store):
    one, other = polri(nik=NIK, name="Siti Aminah"), imigrasi(nik=NIK)

    await store.say(one, other)

    assert len(await store.partition([one, other])) == 1


async def test_a_borrowed_nik_is_a_question_and_no_link(store: Store):
    one, other = polri(nik=NIK, name="Siti Aminah"), kemensos(nik=NIK, name="Bambang Sutrisno")

    await store.say(one, other)

    assert len(await store.partition([one, other])) == 2
    assert await store.reviews() == [
        ("T1", "the NIK is equal and the names are not: it may be forged or borrowed", None)
    ]


async def test_a_record_without_a_name_does_not_make_one_of_two_who_share_a_nik(store: Store):
    one, other = polri(nik=NIK, name="Siti Aminah"), kemensos(nik=NIK, name="Bambang Sutrisno")
    document = imigrasi(nik=NIK)

    await store.say(one, document, other)

    assert len(await store.partition([one, other, document])) == 3
    reasons = [(rule, reason) for rule, reason, _ in await store.reviews()]
    assert reasons == [
        ("T1", "the NIK is equal and the names are not: it may be forged or borrowed"),
        ("T1", "two of its records have names that are not alike"),
        ("T1", "two of its records have names that are not alike"),
    ]


async def test_the_same_nik_with_birth_dates_more_than_a_year_apart_is_a_question(store: Store):
    one = polri(nik=NIK, name="Siti Aminah", born="1990-07-02")
    other = kemensos(nik=NIK, name="Siti Aminah", born="2008-07-02")

    await store.say(one, other)

    assert len(await store.partition([one, other])) == 2
    assert await store.reviews() == [
        ("T1", "the NIK is equal and the birth dates are more than a year apart", None)
    ]


async def test_twins_with_neighbouring_niks_stay_two(store: Store):
    one = polri(nik=NIK, name="Siti Aminah", born=BORN)
    other = kemensos(nik=OTHER_NIK, name="Siti Aminah", born=BORN)

    await store.say(one, other)

    assert len(await store.partition([one, other])) == 2
    assert await store.reviews() == [
        ("T3", "name, birth date and sex are equal and two well-formed NIKs differ", None)
    ]


async def test_a_record_that_fits_both_twins_joins_neither(store: Store):
    twins = (
        polri(nik=NIK, name="Siti Aminah", born=BORN),
        kemensos(nik=OTHER_NIK, name="Siti Aminah", born=BORN),
    )
    unnumbered = imigrasi(name="SITI AMINAH", born=BORN)

    await store.say(twins[0], unnumbered, twins[1])

    assert len(await store.partition([*twins, unnumbered])) == 3
    assert len(await store.reviews()) == 3


async def test_an_invalid_nik_joins_nothing(store: Store):
    one, other = (
        polri(nik="9901010000000000", name="Siti Aminah"),
        kemensos(nik="9901010000000000", name="Siti Aminah"),
    )

    await store.say(one, other)

    assert len(await store.partition([one, other])) == 2
    assert await store.reviews() == []


async def test_the_same_passport_in_another_spelling_is_one_person(store: Store):
    one, other = imigrasi(passport="C1234567", name="SITI AMINAH", born=BORN), polri(passport="c 123-4567")

    await store.say(one, other)

    assert len(await store.partition([one, other])) == 1
    assert await store.rows("SELECT rule, evidence FROM link_match") == [
        ("T2", {"passport": "equal", "name": None, "birth_date": "absent"})
    ]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"born": "1990-07-03"}, "the passport is equal and the birth dates are not"),
        (
            {"born": "2007-01-01", "precision": "ESTIMATED"},
            "the passport is equal and the birth dates are not",
        ),
        (
            {"name": "Bambang Sutrisno"},
            "the passport is equal and the names are not: it may be forged or borrowed",
        ),
    ],
)
async def test_a_passport_is_a_question_where_something_speaks_against_it(store: Store, said, reason):
    one = imigrasi(passport="C1234567", name="SITI AMINAH", born=BORN)
    other = polri(passport="C1234567", **({"name": "Siti Aminah"} | said))

    await store.say(one, other)

    assert len(await store.partition([one, other])) == 2
    assert await store.reviews() == [("T2", reason, None)]


async def test_an_estimated_birth_date_does_not_speak_against_a_passport(store: Store):
    one = imigrasi(passport="C1234567", name="SITI AMINAH", born="1990-07-02")
    other = polri(passport="C1234567", name="Siti Aminah", born="1990-01-01", precision="ESTIMATED")

    await store.say(one, other)

    assert len(await store.partition([one, other])) == 1


async def test_the_same_passport_and_two_niks_are_a_question(store: Store):
    one = polri(passport="C1234567", nik=NIK, name="Siti Aminah")
    other = kemensos(passport="C1234567", nik=OTHER_NIK, name="Siti Aminah")

    await store.say(one, other)

    assert len(await store.partition([one, other])) == 2
    assert await store.reviews() == [
        ("T2", "two that are numbered apart would be one: two NIKs, or two cases that have a number", None)
    ]


async def test_names_alike_the_same_birth_date_and_sex_are_one_person(store: Store):
    one, other = (
        polri(name="Moh. Yusuf", born=BORN, sex="MALE"),
        imigrasi(name="MUHAMMAD YUSUF", born=BORN, sex="MALE"),
    )

    await store.say(one, other)

    assert len(await store.partition([one, other])) == 1
    assert await store.rows("SELECT rule, evidence FROM link_match") == [
        ("T3", {"birth_date": "equal", "sex": "equal", "name": 1.0})
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {"sex": "MALE"}),
        ({}, {"sex": None}),
        ({}, {"born": "1990-07-03"}),
        ({}, {"name": "Siti Aisyah"}),
        ({"born": "1990-01-01"}, {"born": "1990-01-01"}),
        ({"precision": "ESTIMATED"}, {"precision": "ESTIMATED"}),
        ({"name": "S.A."}, {"name": "S.A."}),
        ({}, {"name": "S.A."}),
    ],
    ids=["sex", "no sex", "birth date", "name", "1 January", "estimated", "initials", "initials of a name"],
)
async def test_what_is_only_near_joins_nothing(store: Store, one, other):
    full = {"name": "Siti Aminah", "born": BORN}
    records = polri(**(full | one)), imigrasi(**(full | other))

    await store.say(*records)

    assert len(await store.partition(records)) == 2
    assert await store.reviews() == []


async def test_victim_and_suspect_never_become_one_person(store: Store):
    victim = polri("v", nik=NIK, name="Siti Aminah", born=BORN, victim_in="lp1")
    suspect = polri("s", nik=NIK, name="Siti Aminah", born=BORN, suspect_in="lp2")

    await store.say(victim, suspect, case("lp1"), case("lp2"))

    assert len(await store.partition([victim, suspect])) == 2
    assert await store.reviews() == [("T1", *OVERLAP)]


async def test_victims_stay_one_person_beside_a_suspect_of_the_same_nik(store: Store):
    """Counting the victim twice because of the suspect would be the very failure that the hub is there to end."""
    said = {"nik": NIK, "name": "Siti Aminah", "born": BORN}
    victims = polri("v", victim_in="lp1", **said), kemensos("w", victim_in="s1", **said)
    suspect, crossing = polri("s", suspect_in="lp2", **said), imigrasi("c", **said)
    cases = case("lp1"), case("lp2"), case("s1", "KEMENSOS", implied=True)

    await store.say(crossing, suspect, *victims, *cases)

    assert await store.partition([*victims, suspect, crossing]) == {
        frozenset({"POLRI v", "KEMENSOS w"}),
        frozenset({"POLRI s"}),
        frozenset({"IMIGRASI c"}),
    }
    assert {(reason, scope) for _, reason, scope in await store.reviews()} == {OVERLAP}


async def test_a_chain_cannot_join_victim_and_suspect(store: Store):
    victim = polri("v", nik=NIK, name="Siti Aminah", victim_in="lp1")
    crossing = imigrasi("c", nik=NIK, passport="C1234567", name="SITI AMINAH")
    suspect = polri("s", passport="C1234567", name="Siti Aminah", suspect_in="lp2")

    await store.say(victim, suspect, crossing)

    assert await store.entity_id(victim) != await store.entity_id(suspect)
    assert OVERLAP in {(reason, scope) for _, reason, scope in await store.reviews()}


async def test_a_person_has_at_most_so_many_descriptions(store: Store):
    plausible = [
        polri(f"p{number:02}", nik=NIK, name="Siti Aminah", born=f"1990-07-{number + 1:02}")
        for number in range(LARGEST)
    ]
    one_more = kemensos("last", nik=NIK, name="Siti Aminah")

    await store.say(*plausible)
    before = await store.partition(plausible)
    await store.say(one_more)

    assert len(before) == 1
    assert len(await store.partition([*plausible, one_more])) == LARGEST + 1
    assert {reason for _, reason, _ in await store.reviews()} == {
        "the person would have more sources than is plausible"
    }


async def test_a_hundred_crossings_of_one_passport_are_one_person(store: Store):
    crossings = [
        imigrasi(f"x{number}", passport="C1234567", name="SITI AMINAH", born=BORN) for number in range(100)
    ]
    victim = polri(nik=NIK, passport="C1234567", name="Siti Aminah", victim_in="lp1")

    await store.say(victim, *crossings)

    assert len(await store.partition([victim, *crossings])) == 1
    assert await store.reviews() == []


async def test_a_key_that_too_many_share_names_nobody(store: Store):
    few = [polri(f"p{number}", nik=NIK, name="Siti Aminah") for number in range(candidates.MOST)]
    more = [kemensos(f"q{number}", nik=NIK, name="Siti Aminah") for number in range(2)]

    await store.say(*few)
    before = await store.partition(few)
    await store.say(*more)

    assert len(before) == 1
    assert len(await store.partition([*few, *more])) == candidates.MOST + 2
    assert await store.reviews() == [
        ("T0", f"more than {candidates.MOST} records share what names one person, so it names nobody", None)
    ]


async def test_a_changed_record_has_its_rules_decided_anew(store: Store):
    one, other = polri(nik=NIK, name="Siti Aminah"), kemensos(nik=NIK, name="Siti Aminah")
    await store.say(one, other)

    await store.say(kemensos(nik=OTHER_NIK, name="Siti Aminah", time=1))

    assert len(await store.partition([one, other])) == 2
    assert await store.value("SELECT count(*) FROM link_match WHERE valid_to IS NULL") == 0


async def test_what_a_guard_held_apart_is_joined_once_the_reason_has_gone(store: Store):
    twins = (
        polri(nik=NIK, name="Siti Aminah", born=BORN),
        kemensos(nik=OTHER_NIK, name="Siti Aminah", born=BORN),
    )
    unnumbered = imigrasi(name="SITI AMINAH", born=BORN)
    await store.say(*twins, unnumbered)

    await store.say(gone(twins[1], time=1))

    assert await store.partition([*twins, unnumbered]) == {
        frozenset({"POLRI a", "IMIGRASI c"}),
        frozenset({"KEMENSOS b"}),
    }


async def test_evidence_and_reasons_hold_no_value(store: Store):
    one, other = (
        polri(nik=NIK, name="Siti Aminah", born=BORN),
        kemensos(nik=NIK, name="Rahasia Betul", born=BORN),
    )
    third = imigrasi(nik=NIK, name="SITI AMINAH", born=BORN)

    await store.say(one, other, third)

    told = await store.rows(
        "SELECT rule, evidence::text, reason FROM review_task UNION SELECT rule, evidence::text, '' FROM link_match"
    )
    text = repr(told).upper()
    assert len(told) >= 2
    assert not [word for word in (NIK, "SITI", "AMINAH", "RAHASIA", BORN) if word in text]

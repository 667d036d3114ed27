"""A counter learns whether somebody is known as a victim, to whom, and whether protection holds: nothing else."""

from datetime import date
from uuid import UUID

import pytest

from hub.linkage.person_match import PersonMatch, Question, person_match
from schema.errors import InputInvalid
from schema.record import Record
from tests.ingest.store import Store, case, gone, person

NIK, OTHER_NIK = "9901014107900001", "9901010903850001"
NAME, BORN = "Siti Aminah", date(1990, 7, 1)
SITI = {"nik": NIK, "name": NAME, "born": BORN.isoformat()}
VICTIM = person("v", victim_in="k", **SITI)
NOBODY = PersonMatch(known=False, agencies=(), protected=False)


EVERYBODY = ("IMIGRASI", "KEMENSOS", "KEMNAKER", "POLRI")


async def ask(store: Store, owners=EVERYBODY, excluded=(), **question) -> PersonMatch:
    return await person_match(
        store.connection, store.keyring, Question(**question), owners=owners, excluded=excluded
    )


async def victim_ids(store: Store, *records: Record) -> tuple[UUID, ...]:
    """Ids of the parts that these records give, sorted."""
    sources = [await store.source_id(one) for one in records]
    rows = await store.rows("SELECT role_id FROM source_person WHERE source_id = ANY(%s) ORDER BY 1", sources)
    return tuple(row[0] for row in rows)


@pytest.mark.parametrize(
    "question",
    [
        {"nik": NIK},
        {"passport": "c 1234567"},
        {"full_name": NAME, "birth_date": BORN},
        {"full_name": "ST. AMINAH BINTI AHMAD", "birth_date": BORN},
    ],
)
async def test_a_victim_is_known_by_any_identifier_in_any_spelling(store: Store, question):
    await store.say(VICTIM, person("x", "IMIGRASI", passport="C1234567", **SITI), case("k"))

    assert await ask(store, **question) == PersonMatch(
        known=True, agencies=("POLRI",), protected=False, victim_ids=await victim_ids(store, VICTIM)
    )


async def test_only_agencies_that_the_part_rests_on_are_named(store: Store):
    crossing = person("x", "IMIGRASI", **SITI)
    sheltered = person("s", "KEMENSOS", victim_in="s", victim={"status": "IDENTIFIED"}, **SITI)
    await store.say(VICTIM, crossing, sheltered, case("k"), case("s", "KEMENSOS", implied=True))

    assert await ask(store, nik=NIK) == PersonMatch(
        known=True,
        agencies=("KEMENSOS", "POLRI"),
        protected=False,
        victim_ids=await victim_ids(store, VICTIM),
    )


@pytest.mark.parametrize(
    ("owners", "agencies", "told_of"),
    [
        (("POLRI",), ("POLRI",), "police"),
        (("KEMENSOS",), ("KEMENSOS",), "shelter"),
        (("KEMENSOS", "POLRI"), ("KEMENSOS", "POLRI"), "both"),
    ],
)
async def test_only_owners_who_let_the_caller_ask_are_named(store: Store, owners, agencies, told_of):
    sheltered = person("s", "KEMENSOS", victim_in="s", victim={"status": "IDENTIFIED"}, **SITI)
    parts = {"police": [VICTIM], "shelter": [sheltered], "both": [VICTIM, sheltered]}
    await store.say(VICTIM, sheltered, case("k"), case("s", "KEMENSOS", reported="2020-01-05"))

    assert await ask(store, owners, nik=NIK) == PersonMatch(
        known=True,
        agencies=agencies,
        protected=False,
        victim_ids=await victim_ids(store, *parts[told_of]),
    )


@pytest.mark.parametrize("owners", [(), ("KEMENSOS",), ("IMIGRASI", "KEMNAKER")])
async def test_whom_only_others_know_is_nobody(store: Store, owners):
    await store.say(VICTIM, person("x", "IMIGRASI", passport="C1234567", **SITI), case("k"))

    assert await ask(store, owners, nik=NIK) == NOBODY


async def test_protection_that_only_others_know_of_is_not_told(store: Store):
    witness = person("s", "KEMENSOS", victim_in="s", victim={"protection_level": "LPSK_PROTECTED"}, **SITI)
    await store.say(VICTIM, witness, case("k"), case("s", "KEMENSOS", reported="2020-01-05"))

    assert (await ask(store, ("KEMENSOS",), nik=NIK)).protected
    assert not (await ask(store, ("POLRI",), nik=NIK)).protected


async def test_a_case_that_is_closed_to_the_caller_is_not_told_of(store: Store):
    other = person("w", victim_in="k2", **SITI)
    await store.say(VICTIM, other, case("k"), case("k2", reported="2020-01-05"))
    first, second = await store.entity_id(case("k")), await store.entity_id(case("k2"))

    assert await ask(store, excluded=[first], nik=NIK) == PersonMatch(
        known=True, agencies=("POLRI",), protected=False, victim_ids=await victim_ids(store, other)
    )
    assert await ask(store, excluded=[first, second], nik=NIK) == NOBODY


async def test_each_victim_is_told_of_once_however_many_records_fit(store: Store):
    again = person("y", "KEMNAKER", **SITI)
    await store.say(VICTIM, person("x", "IMIGRASI", **SITI), again, case("k"))

    assert (await ask(store, nik=NIK)).victim_ids == await victim_ids(store, VICTIM)


@pytest.mark.parametrize(
    ("said", "born", "protected"),
    [
        ({}, "1990-07-01", False),
        ({}, "2012-07-01", True),
        ({"protection_level": "LPSK_PROTECTED"}, "1990-07-01", True),
    ],
)
async def test_protection_is_told_and_not_of_which_kind(store: Store, said, born, protected):
    one = person("v", nik=NIK, name=NAME, born=born, victim_in="k", victim=said)
    await store.say(one, case("k"))

    assert await ask(store, nik=NIK) == PersonMatch(
        known=True, agencies=("POLRI",), protected=protected, victim_ids=await victim_ids(store, one)
    )


async def test_a_suspect_is_never_told_of(store: Store):
    await store.say(
        person("t", nik=OTHER_NIK, name="Muhammad Yusuf", born="1985-03-09", suspect_in="k"), case("k")
    )

    assert await ask(store, nik=OTHER_NIK) == NOBODY
    assert await ask(store, full_name="Muhammad Yusuf", birth_date=date(1985, 3, 9)) == NOBODY


async def test_a_traveller_without_a_part_in_a_case_is_nobody(store: Store):
    await store.say(person("x", "IMIGRASI", passport="C1234567", **SITI))

    assert await ask(store, nik=NIK) == NOBODY
    assert await ask(store, passport="C1234567") == NOBODY


async def test_who_has_been_withdrawn_is_nobody(store: Store):
    await store.say(VICTIM, case("k"))
    before = await ask(store, nik=NIK)

    await store.say(gone(VICTIM, time=1))

    assert before.known
    assert await ask(store, nik=NIK) == NOBODY


@pytest.mark.parametrize(
    "question",
    [
        {"full_name": NAME, "birth_date": date(1990, 7, 2)},
        {"full_name": "Siti Aisyah", "birth_date": BORN},
        {"full_name": "Siti Aminarti", "birth_date": BORN},
        {"nik": "9901014107900002"},
        {"passport": "C1234568"},
    ],
)
async def test_what_is_only_near_is_not_told(store: Store, question):
    await store.say(VICTIM, case("k"))

    assert await ask(store, **question) == NOBODY


async def test_a_date_that_is_estimated_or_a_clerks_first_of_january_answers_no_name(store: Store):
    await store.say(
        person("e", name=NAME, born="1990-07-01", precision="ESTIMATED", victim_in="k"),
        person("j", name=NAME, born="1991-01-01", victim_in="k"),
        case("k"),
    )

    assert await ask(store, full_name=NAME, birth_date=BORN) == NOBODY
    assert await ask(store, full_name=NAME, birth_date=date(1991, 1, 1)) == NOBODY


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ({}, "give nik, or passport, or fullName with birthDate"),
        ({"full_name": NAME}, "give nik, or passport, or fullName with birthDate"),
        ({"birth_date": BORN}, "give nik, or passport, or fullName with birthDate"),
        ({"nik": "123"}, "nik: 16 digits in the form of a NIK are needed"),
        ({"nik": "9901014107900000"}, "nik: 16 digits in the form of a NIK are needed"),
        (
            {"passport": "RAHASIA"},
            "passport: one or two letters and six or seven digits are needed",
        ),
        ({"full_name": "S.M.", "birth_date": BORN}, "fullName: initials say too little"),
    ],
)
async def test_a_question_that_names_nobody_is_refused_without_its_value(store: Store, question, sentence):
    with pytest.raises(InputInvalid) as refused:
        await ask(store, **question)

    assert str(refused.value) == sentence
    assert "RAHASIA" not in repr(refused.value)


async def test_a_question_leaves_no_trace_of_its_own_in_the_store(store: Store, owner):
    await store.say(VICTIM, case("k"))
    tables = [
        row[0] for row in await store.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    ]
    counted = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in sorted(tables))  # noqa: S608 -- names of the catalogue
    before = await (await owner.execute(counted.encode())).fetchall()

    await ask(store, nik=NIK)
    await ask(store, full_name="Orang Lain", birth_date=BORN)

    assert await (await owner.execute(counted.encode())).fetchall() == before


async def test_an_erased_subject_answers_no_name(store: Store, owner):
    await store.say(VICTIM, case("k"))

    await owner.execute("DELETE FROM subject_key")

    assert await ask(store, full_name=NAME, birth_date=BORN) == NOBODY

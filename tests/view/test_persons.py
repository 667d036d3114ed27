"""A person's row: every agency's word in its rank, identity sealed under the key of whoever's word won."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from hub.identity import envelope
from schema.errors import SealedValueBroken
from tests.ingest.store import Store, at, case, gone, person

NIK = "9901014107900001"
SEALED = ("nik", "full_name", "aliases", "birth_place", "birth_date", "address", "phone")


async def only(store: Store) -> dict[str, Any]:
    (row,) = await store.golden("Person")
    return row


async def test_identity_is_of_the_strongest_agency_and_says_which_words_lost(store: Store):
    police = person(
        "v", time=9, nik=NIK, name="Sitti Aminah", born="1990-07-01", identity={"address": "Jalan Satu"}
    )
    border = person(
        "x",
        "IMIGRASI",
        nik=NIK,
        name="SITI AMINAH",
        born="1990-07-01",
        passport="C1234567",
        identity={"birth_place": "Sambas"},
        person={"citizenships": ["IDN"]},
    )

    await store.say(police, border)

    records = dict(await store.rows("SELECT agency, record_id FROM source_record"))
    row = await only(store)
    assert {
        name: row[name] for name in (*SEALED, "citizenships", "sex", "nik_status", "birth_date_precision")
    } == {
        "nik": NIK,
        "full_name": "SITI AMINAH",
        "aliases": None,
        "birth_place": "Sambas",
        "birth_date": "1990-07-01",
        "address": "Jalan Satu",
        "phone": None,
        "citizenships": ["IDN"],
        "sex": "FEMALE",
        "nik_status": "FORMAT_VALID",
        "birth_date_precision": "DAY",
    }
    assert row["provenance"]["conflicts"] == [
        {
            "field": "full_name",
            "agency": "POLRI",
            "record": str(records["POLRI"]),
            "at": at(9).isoformat(),
            "value": None,
        }
    ]
    assert [(one["agency"], one["fields"]) for one in row["provenance"]["sources"]] == [
        ("POLRI", ["address"]),
        ("IMIGRASI", ["birth_date", "birth_place", "citizenships", "full_name", "nik", "sex"]),
    ]


async def test_an_exact_birth_date_outranks_an_estimate_whoever_says_it(store: Store):
    said = {"nik": NIK, "name": "Siti Aminah"}
    await store.say(
        person("x", "IMIGRASI", born="1991-01-01", precision="ESTIMATED", **said),
        person("v", born="1990-07-01", **said),
    )

    row = await only(store)
    assert (row["birth_date"], row["birth_date_precision"]) == ("1990-07-01", "DAY")
    assert [(one["field"], one["agency"]) for one in row["provenance"]["conflicts"]] == [
        ("birth_date", "IMIGRASI")
    ]
    fields = {one["agency"]: one["fields"] for one in row["provenance"]["sources"]}
    assert "birth_date" in fields["POLRI"]
    assert "birth_date" not in fields["IMIGRASI"]


async def test_a_nik_of_another_birth_date_is_suspect(store: Store):
    await store.say(person("v", nik=NIK, name="Siti Aminah", born="2010-07-01"))

    assert (await only(store))["nik_status"] == "SUSPECTED_FORGED"


async def sealed(store: Store, column: str) -> bytes:
    return await store.value(f"SELECT {column} FROM golden_person")  # noqa: S608 -- a literal of this file


async def test_each_value_is_sealed_under_the_key_of_the_record_whose_word_won(store: Store):
    police = person("v", nik=NIK, name="Siti Aminah", identity={"address": "Jalan Satu"})
    border = person("x", "IMIGRASI", nik=NIK, name="SITI AMINAH")
    await store.say(police, border)

    keys = {column: envelope.subject_of(await sealed(store, column)) for column in ("address", "full_name")}

    assert keys == {"address": await store.source_id(police), "full_name": await store.source_id(border)}


async def test_a_value_does_not_open_at_another_place(store: Store):
    said = person("v", nik=NIK, name="Siti Aminah")
    await store.say(said)
    source_id: UUID = await store.source_id(said)
    ((version, wrapped),) = await store.rows("SELECT kek_version, wrapped FROM subject_key")
    name = await sealed(store, "full_name")

    opened = store.keyring.open_sealed(
        name, f"golden_person.full_name:{source_id}", agency="POLRI", kek_version=version, wrapped=wrapped
    )
    with pytest.raises(SealedValueBroken):
        store.keyring.open_sealed(
            name, f"golden_person.nik:{source_id}", agency="POLRI", kek_version=version, wrapped=wrapped
        )

    assert opened == b'"Siti Aminah"'


async def test_a_person_whose_every_agency_has_withdrawn_is_gone(store: Store):
    one, other = (
        person(key, agency, nik=NIK, name="Siti Aminah")
        for key, agency in (("v", "POLRI"), ("x", "IMIGRASI"))
    )
    await store.say(one, other)

    await store.say(gone(one, time=1))
    left = await store.golden("Person")
    await store.say(gone(other, time=1))

    assert [row["agencies"] for row in left] == [["IMIGRASI"]]
    assert await store.golden("Person") == []


async def test_what_has_not_changed_is_not_written_again(store: Store):
    said = person("v", nik=NIK, name="Siti Aminah", victim_in="k")
    await store.say(said, case("k"))
    before = await store.rows("SELECT epoch, full_name FROM golden_person")

    # Another victim of the same case makes the case be computed again, and this person with it.
    await store.say(person("w", nik="9901010903850001", name="Muhammad Yusuf", victim_in="k"))

    assert await store.rows("SELECT epoch, full_name FROM golden_person ORDER BY epoch LIMIT 1") == before


async def test_a_swapped_day_and_month_is_kept_as_said(store: Store):
    await store.say(person("v", nik=NIK, name="Siti Aminah", born="1990-01-07"))

    row = await only(store)
    assert date.fromisoformat(row["birth_date"]) == date(1990, 1, 7)
    assert row["nik_status"] == "FORMAT_VALID"

"""A mapping file that does not fit is refused when it is read, in one sentence that says where."""

import pytest

from connectors.mapping import load
from connectors.mapping.file import parse
from connectors.mapping.text import words_of
from hub.sandbox.wire import AGENCIES
from schema.errors import SettingError

SOUND = """
version = "1"
agency = "POLRI"
changed_at = "diubah"

[expect]
minimum = 0
maximum = 9

[objects.surat]
kind = "CASE"
key = "nomor"

[objects.surat.fields]
tanggal = { form = "date", to = "Case.reported_on" }
modus = { form = "code", to = "Case.modus", values = "modus", unknown = "NOT_YET_CODED" }

[objects.surat.ignored]
catatan = "of no use"

[objects.orang]
kind = "PERSON"
key = "nomor"
part_of = "surat"
role = "VICTIM"

[objects.orang.fields]
nama = { form = "text", to = "Person.full_name" }

[values.modus]
SHIP_CREW = "abk"
"""
WRONG = [
    ("version", 'version = "1"', "", "[version]: is missing"),
    ("agency", '"POLRI"', '"POLISI"', "[agency]: POLISI is no code of the list agency"),
    ("no TOML", '"1"', '"1', "is no TOML"),
    ("a key nobody knows", 'changed_at = "diubah"', 'changed_at = "diubah"\nkunci = "x"', "[kunci]: is not known here"),
    ("expect", "minimum = 0", "minimum = -1", "[expect.minimum]: must be a whole number"),
    ("kind", '"CASE"', '"THING"', "[objects.surat.kind]: must be one of PERSON, CASE"),
    ("role", '"VICTIM"', '"WITNESS"', "[objects.orang.role]: must be one of VICTIM, PERPETRATOR"),
    ("form", 'form = "date"', 'form = "dates"', "[objects.surat.fields.tanggal.form]: dates is no form"),
    ("field", "Case.reported_on", "Case.reported", "[objects.surat.fields.tanggal.to]: Case has no field reported"),
    ("entity", "Case.reported_on", "Crime.reported_on", "a CASE record does not speak of Crime"),
    ("entity of the other kind", "Case.reported_on", "Person.birth_date", "a CASE record does not speak of Person"),
    ("no target", "Case.reported_on", "reported_on", "reported_on is no target"),
    ("an id", "Person.full_name", "Person.person_id", "ids are the hub's"),
    ("a form that cannot fill it", "Case.reported_on", "Case.modus_text", "the form date cannot fill Case.modus_text"),
    ("an event without a key", "Case.reported_on", "LegalEvent.occurred_on", "an event has a key in parentheses"),
    ("a fact with a key", "Case.reported_on", "Case(x).reported_on", "an event has a key in parentheses"),
    ("identity in an event", "Case.reported_on", "Document(x).number", "a CASE record does not speak of Document"),
    ("code", "SHIP_CREW", "SHIPCREW", "SHIPCREW is no code of the list modus"),
    ("code for unknown texts", "NOT_YET_CODED", "LATER", "[objects.surat.fields.modus.unknown]: LATER is no code of the list modus"),
    ("table", 'values = "modus"', 'values = "cara"', "there is no table values.cara"),
    ("a code without a table", ', values = "modus"', "", "the form code needs 1 of values"),
    ("a table nobody uses", "[values.modus]", "[values.lain]\nSHIP_CREW = 'abk'\n[values.modus]", "[values.lain]: no field"),
    ("an option nobody knows", 'form = "text"', 'form = "text", trim = true', "[objects.orang.fields.nama.trim]: is not known here"),
    ("an option of another type", 'form = "text"', 'form = "text", required = 1.5', "must be true or false"),
    ("mapped and ignored", "catatan", "modus", "[objects.surat.modus]: is mapped, ignored or never taken: one of the three"),
    ("a reason that is none", '"of no use"', '""', "[objects.surat.ignored.catatan]: must be a text"),
    ("part of nothing", 'part_of = "surat"', 'part_of = "berkas"', "[objects.orang.part_of]: there is no object berkas"),
    ("a role without a case", 'part_of = "surat"\n', "", "[objects.orang.role]: a role needs a case"),
    ("a day that is nowhere", 'to = "Case.reported_on"', 'to = "Case.reported_on", on = "hari"', "fields.tanggal.on]: no field hari is mapped"),
    ("a condition on nothing", 'key = "nomor"\npart_of', 'key = "nomor"\nwhen = { jenis = ["A"] }\npart_of', "[objects.orang.when]: no field jenis is mapped"),
    ("a part of itself", 'part_of = "surat"', 'part_of = "orang"', "orang does not stand alone"),
    ("two fields at once", 'to = "Case.reported_on"', "to = []", "[objects.surat.fields.tanggal.to]: is missing"),
    ("a range for one field", 'form = "date"', 'form = "date_range"', "has one value for each of several targets"),
]  # fmt: skip


def test_the_sound_file_is_read():
    found = parse("x.toml", SOUND)

    assert [one.name for one in found.objects] == ["surat", "orang"]


@pytest.mark.parametrize(
    ("before", "after", "problem"), [one[1:] for one in WRONG], ids=[one[0] for one in WRONG]
)
def test_a_wrong_file_is_refused_and_says_where(before: str, after: str, problem: str):
    assert SOUND.count(before) == 1 or before in {"modus", '"CASE"'}

    with pytest.raises(SettingError) as refused:
        parse("x.toml", SOUND.replace(before, after, 1))

    assert str(refused.value).startswith("x.toml")
    assert problem in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_agency_without_a_file_is_refused():
    with pytest.raises(SettingError, match=r"^dukun\.toml: there is no such file"):
        load("dukun")


@pytest.mark.parametrize("agency", AGENCIES)
def test_a_mapping_is_read_once(agency: str):
    assert load(agency) is load(agency)
    assert load(agency).version
    assert load(agency).expect.maximum > 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("PRT, ke Malaysia!", "prt ke malaysia"),
        ("penyanyi café", "penyanyi cafe"),
        ("P_TO_P", "p to p"),
        (" - ", ""),
        ("Ma\u2019ruf", "ma ruf"),
    ],
)
def test_words_are_what_is_left_without_case_accents_and_signs(text: str, words: str):
    assert words_of(text) == words

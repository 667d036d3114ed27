"""Every spelling that the sandbox's agencies use has the code that the vocabulary gives it."""

from random import Random

import pytest

from connectors.mapping import load
from hub.sandbox import places, vocabulary
from hub.sandbox.population import Population
from hub.sandbox.wire import Agency, WireRecord
from hub.sandbox.wire_polri import lp_number
from schema.record import Json, Record
from tests.connectors.mapping.wire import raw_of

POPULATION = Population(7, 40)
SERVICES = {
    "PROTECTION": "SOCIAL_REHABILITATION",
    "HEALTH": "HEALTH_REHABILITATION",
    "PSYCHOLOGICAL": "HEALTH_REHABILITATION",
    "PSYCHIATRIC": "HEALTH_REHABILITATION",
    "FAMILY_ASSESSMENT": "SOCIAL_REHABILITATION",
    "SKILLS": "SOCIAL_REHABILITATION",
    "CLOTHING": "SOCIAL_REHABILITATION",
    "RETURN": "RETURN",
    "BUSINESS_START": "SOCIAL_REINTEGRATION",
    "LEGAL_AID": "LEGAL_AID",
    "RELIGIOUS": "RELIGIOUS_ACCOMPANIMENT",
}
SECTORS = {
    "jasa": "S_OTHER_SERVICE_ACTIVITIES",
    "konstruksi": "F_CONSTRUCTION",
    "perkebunan": "A_AGRICULTURE_FORESTRY_AND_FISHING",
    "industri": "C_MANUFACTURING",
    "perkapalan": "H_TRANSPORTATION_AND_STORAGE",
    "PLRT": "T_ACTIVITIES_OF_HOUSEHOLDS_AS_EMPLOYERS",
    "ikut suami": None,
    "ikut orang tua": None,
    "": None,
}


def sound(agency: Agency, name: str) -> WireRecord:
    """A record of this object that is not broken."""
    for record in POPULATION.records(agency):
        for each in (record, *record.parts):
            if each.object == name and not each.broken and not each.withdrawn:
                return record
    raise LookupError(name)


def mapped(agency: Agency, name: str, field: str, text: str, *, made: str | None = None) -> Record:
    """The Record of this object, or the one made from it, after one of its fields was spelled this way."""
    record = sound(agency, name)
    raw = raw_of(record)
    fields = dict(raw.fields)
    if record.object == name:
        fields[field] = text
    else:
        fields[name] = [{**part, field: text} for part in fields[name]]
    changed = type(raw)(object=raw.object, fields=fields, changed_at=raw.changed_at)
    mapping = load(agency)
    assert [drift for drift in mapping.drift(changed) if drift.path == field] == []
    found = {one.object: one for one in mapping.map(changed) if isinstance(one, Record)}
    return found[made or name]


def spellings(table: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(code, text) for code, texts in table.items() for text in texts]


def event(record: Record, entity: str, field: str) -> Json:
    (found,) = record.events[entity]
    return found.get(field)


@pytest.mark.parametrize(("code", "text"), spellings(vocabulary.MODUS))
def test_a_modus_has_its_code_and_keeps_its_words(code: str, text: str):
    case = mapped("polri", "laporan_polisi", "modus", text).facts["Case"]

    assert case["modus"] == code or (code == "OTHER" and case["modus"] == "NOT_YET_CODED")
    assert case.get("modus_text", "") == text


@pytest.mark.parametrize(("code", "text"), spellings(vocabulary.PERAN))
def test_a_part_in_the_crime_has_its_code(code: str, text: str):
    assert mapped("polri", "tersangka", "peran", text).facts["Perpetrator"]["roles"] == [code]


@pytest.mark.parametrize("joined_by", vocabulary.PERAN_JOINED_BY)
def test_two_parts_in_one_cell_are_two_codes(joined_by: str):
    text = joined_by.join(["perekrut", "PENAMPUNG"])

    assert mapped("polri", "tersangka", "peran", text).facts["Perpetrator"]["roles"] == [
        "RECRUITER",
        "HARBOURER",
    ]


@pytest.mark.parametrize(("code", "text"), spellings(vocabulary.NEGARA_TUJUAN))
def test_the_country_of_a_victims_destination(code: str, text: str):
    said = mapped("polri", "korban", "negara_tujuan", text).facts.get("Case", {}).get("destination_country")

    assert said == (code if text else None)


@pytest.mark.parametrize(("code", "text"), spellings(vocabulary.KEWARGANEGARAAN))
def test_the_citizenship_of_a_suspect(code: str, text: str):
    assert mapped("polri", "tersangka", "kewarganegaraan", text).facts["Person"]["citizenships"] == [code]


@pytest.mark.parametrize("text", [*vocabulary.PASAL_OLD, *vocabulary.PASAL_CHILD, *vocabulary.PASAL_NEW])
def test_every_article_of_a_sentence_is_found(text: str):
    basis = mapped("polri", "laporan_polisi", "pasal_disangkakan", text).facts["Case"]["legal_basis"]

    assert isinstance(basis, list)
    assert len(basis) == text.count("Pasal")


@pytest.mark.parametrize(
    "unit", ["POLDA:61", "POLDA:52", "POLDA:31", "BARESKRIM", "POLRES:SAMBAS", "POLRES:PONTIANAK"]
)
def test_the_spellings_of_one_unit_are_one_organisation(unit: str):
    rng = Random(unit)  # noqa: S311 -- must be repeatable; nothing secret comes of it
    texts = {places.unit_text(rng, unit) for _ in range(60)}

    found = {
        text: mapped("polri", "laporan_polisi", "satker", text).facts["Case"]["reporting_entity"]
        for text in texts
    }

    assert len(found) > 1 or unit == "POLDA:31"
    assert len({repr(mention) for mention in found.values()}) == 1


@pytest.mark.parametrize("unit", ["POLDA:61", "POLDA:52", "BARESKRIM", "POLRES:SAMBAS", "POLRES:PONTIANAK"])
def test_the_spellings_of_one_report_number_are_one_report(unit: str):
    rng = Random(unit)  # noqa: S311 -- must be repeatable; nothing secret comes of it
    at = sound("polri", "laporan_polisi").updated_at
    texts = {lp_number(rng, "B", 7, at, unit) for _ in range(60)}

    keys = {mapped("polri", "laporan_polisi", "no_lp", text).police_report for text in texts}

    assert len(texts) > 4
    assert len(keys) == 1
    assert None not in keys


@pytest.mark.parametrize(("code", "text"), spellings(vocabulary.NEGARA_DINYATAKAN))
def test_the_country_declared_at_the_counter(code: str, text: str):
    crossing = mapped("imigrasi", "perlintasan", "negara_tujuan", text)

    assert event(crossing, "Movement", "to_country_declared") == code


@pytest.mark.parametrize(("code", "text"), spellings(vocabulary.JABATAN))
def test_the_occupation_of_a_placement(code: str, text: str):
    assert (
        event(mapped("kemnaker", "penempatan", "jabatan", text), "JobPlacement", "promised_occupation")
        == code
    )


@pytest.mark.parametrize(("code", "text"), spellings(vocabulary.NEGARA_PENEMPATAN))
@pytest.mark.parametrize(("name", "field"), [("penempatan", "negara_penempatan"), ("magang_ln", "negara")])
def test_the_country_of_a_placement(name: str, field: str, code: str, text: str):
    assert event(mapped("kemnaker", name, field, text), "JobPlacement", "country") == code


@pytest.mark.parametrize("text", vocabulary.DEBARKASI)
def test_the_post_where_deportees_arrive(text: str):
    assert event(mapped("kemnaker", "deportasi", "debarkasi", text), "Movement", "border_post") == "ETK"


@pytest.mark.parametrize("text", vocabulary.SEKTOR)
def test_the_sector_of_a_deportee_is_none_for_those_who_came_along(text: str):
    said = mapped("kemnaker", "deportasi", "sektor", text).facts.get("Victim", {})

    assert said.get("sector") == SECTORS[text]


@pytest.mark.parametrize(("code", "text"), spellings(vocabulary.PROV_ASAL))
def test_the_province_of_a_deportee(code: str, text: str):
    assert mapped("kemnaker", "deportasi", "prov_asal", text).facts["Case"]["origin_region"] == code


@pytest.mark.parametrize(("code", "text"), spellings(vocabulary.PENGADUAN_KATEGORI))
def test_the_channel_of_a_complaint(code: str, text: str):
    assert mapped("kemnaker", "pengaduan", "kategori", text).facts["Case"]["report_channel"] == code


@pytest.mark.parametrize(("code", "text"), spellings(vocabulary.PENGADUAN_STATUS))
def test_the_state_of_a_complaint(code: str, text: str):
    assert mapped("kemnaker", "pengaduan", "status", text).facts["Case"]["case_status"] == code


@pytest.mark.parametrize("text", vocabulary.MAGANG_BIDANG)
def test_the_field_of_an_internship_is_an_occupation_that_is_known(text: str):
    intern = mapped("kemnaker", "magang_ln", "bidang", text)

    assert event(intern, "JobPlacement", "promised_occupation") != "INTERN"
    assert event(intern, "JobPlacement", "procedural_status") == "INTERNSHIP"


@pytest.mark.parametrize(("code", "text"), spellings(vocabulary.NEGARA_ASAL_PEMULANGAN))
def test_the_country_that_a_client_came_back_from(code: str, text: str):
    case = mapped("kemensos", "klien_rptc", "negara_asal_pemulangan", text, made="kasus_rptc").facts["Case"]

    assert case.get("destination_country") == (code if text else None)


@pytest.mark.parametrize(("kind", "text"), spellings(vocabulary.LAYANAN))
def test_a_service_of_a_shelter_has_its_category_and_keeps_its_words(kind: str, text: str):
    stay = mapped("kemensos", "klien_rptc", "layanan", text)
    (service,) = [one for one in stay.events["ServiceEvent"] if "detail" in one]

    assert (service["category"], service["detail"]) == (SERVICES[kind], text)

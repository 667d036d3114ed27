"""Code lists: each value once, in two languages, valid from some day; every name of a country leads to one code."""

import re
from datetime import date

import pytest

from schema.codes import Code, code_list, code_lists, country_aliases

CODES = [code for codes in code_lists().values() for code in codes]
CAME_INTO_FORCE = date(2007, 4, 19)
each_list = pytest.mark.parametrize("name", code_lists())


@each_list
def test_a_code_stands_once_in_its_list(name: str):
    codes = [code.code for code in code_lists()[name]]

    assert list(code_list(name)) == codes


@each_list
def test_a_code_is_a_word_that_an_enum_can_have(name: str):
    assert [code.code for code in code_lists()[name] if not re.fullmatch(r"[A-Z][A-Z0-9_]*", code.code)] == []


@each_list
def test_a_code_has_both_labels_and_no_two_codes_share_one(name: str):
    english = [code.label_en for code in code_lists()[name]]
    indonesian = [code.label_id for code in code_lists()[name]]

    assert [label for label in english + indonesian if label.strip() != label or not label] == []
    assert (len(set(english)), len(set(indonesian))) == (len(english), len(indonesian))


@each_list
def test_a_code_s_validity_begins_before_it_ends(name: str):
    assert [
        code.code for code in code_lists()[name] if code.valid_to and code.valid_to < code.valid_from
    ] == []


def test_a_code_is_valid_from_the_law_on_unless_its_row_says_since_when():
    assert {code.valid_from for code in CODES if "since" not in code.attributes} == {CAME_INTO_FORCE}
    assert {(code.list, code.code): code.valid_from for code in CODES if "since" in code.attributes} != {}


def test_a_code_is_valid_on_its_first_and_its_last_day_and_not_beyond():
    code = Code(
        list="office",
        code="OLD",
        label_en="Old office",
        label_id="Kantor lama",
        htcds=None,
        standard=None,
        note="",
        valid_from=date(2020, 1, 1),
        valid_to=date(2024, 12, 31),
        order=None,
    )

    days = [date(2019, 12, 31), date(2020, 1, 1), date(2024, 12, 31), date(2025, 1, 1)]

    assert [code.valid_on(day) for day in days] == [False, True, True, False]


def test_a_code_without_an_end_is_valid_for_ever():
    assert code_list("act")["RECRUITMENT"].valid_on(date(9999, 12, 31))


def test_a_list_that_is_not_there_is_an_error():
    with pytest.raises(KeyError, match="religion"):
        code_list("religion")


def test_there_is_every_country_of_iso_3166_1():
    countries = code_lists()["country"]

    assert len(countries) == 249
    assert {len(code.code) for code in countries} == {3}


def test_every_name_of_a_country_leads_to_one_code():
    leads = {name: set[str]() for name in country_aliases()}
    for code in code_lists()["country"]:
        names = [code.code, code.label_en, code.label_id]
        names += re.split(r"[,;]", code.note.removeprefix("aliases: "))
        for name in (re.sub(r"->.*", "", name).strip().upper() for name in names):
            if name:
                leads[name].add(code.code)

    assert {name: codes for name, codes in leads.items() if len(codes) > 1} == {}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("IDN", "IDN"),
        ("RI", "IDN"),
        ("SARAWAK", "MYS"),
        ("SABAH", "MYS"),
        ("RRT", "CHN"),
        ("DUBAI", "ARE"),
        ("KOREA", "KOR"),
        ("KOREA UTARA", "PRK"),
        ("KORUT", "PRK"),
        ("KOREA, REPUBLIC OF", "KOR"),
        ("TURKI", "TUR"),
        ("INGGRIS", "GBR"),
        ("AMERIKA SERIKAT", "USA"),
        ("PALESTINA", "PSE"),
        ("TIMOR LESTE", "TLS"),
        ("PAPUA NUGINI", "PNG"),
        ("PRANCIS", "FRA"),
        ("PERANCIS", "FRA"),
        ("GUINEA", "GIN"),
        ("NIGER", "NER"),
        ("REPUBLIC OF", None),
        ("MY-13", None),
        ("TIMUR TENGAH", None),
    ],
)
def test_a_country_is_known_by_the_names_that_agencies_write(name: str, code: str | None):
    assert country_aliases().get(name) == code


def test_a_method_s_axes_are_attributes_of_its_code():
    offices = code_list("agency_office").values()

    assert {office.attributes["agency"] for office in offices if "agency" in office.attributes} <= set(
        code_list("agency")
    )
    assert [office.code for office in offices if "agency" not in office.attributes] == []


def test_stages_of_the_legal_process_have_their_rank():
    ranks = [code.order for code in code_lists()["legal_stage"]]

    assert None not in ranks
    assert ranks == sorted(ranks)

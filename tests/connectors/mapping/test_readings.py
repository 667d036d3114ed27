"""What agencies write in many ways has one reading: days, moments, ages, amounts, places, units, articles."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mapping import dates, law, places, police
from connectors.mapping.tables import SAYS_NOTHING, Table
from connectors.mapping.text import respeller, text_of
from schema.errors import ValueMalformed

ABBREVIATIONS = respeller({"KALBAR": "KALIMANTAN BARAT", "RES": "POLRES", "PONTIANAK KOTA": "PONTIANAK"})


@pytest.mark.parametrize(
    "text",
    ["17-07-2023", "17/07/2023", "17.7.2023", "2023-07-17", "17 Juli 2023", "17 JUL 2023", "45124", "45124.0",
     "17-07-2023 23:59", "17-07-2023 23:59:59 WIB", "2023-07-17 00:00:00"],
)  # fmt: skip
def test_a_day_is_read_in_every_spelling(text: str):
    assert dates.day_of(text) == date(2023, 7, 17)


@pytest.mark.parametrize(
    "text",
    ["", "31-02-2025", "00-00-2025", "99/99/9999", "1-1-1899", "17-07-23", "tanggal menyusul", "17 Julai", "2023",
     "17-07-2023 25:00", "07/2023", "123456", "١٧-٠٧-٢٠٢٣"],  # noqa: RUF001 -- other digits are meant
)  # fmt: skip
def test_what_is_no_day_is_none(text: str):
    assert dates.day_of(text) is None


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_every_day_is_read_back_from_every_form(day: date):
    forms = (f"{day:%d-%m-%Y}", f"{day:%d/%m/%Y}", day.isoformat())

    assert {dates.day_of(text) for text in forms} == {day}


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("14-02-2025 s/d 21-08-2025", (date(2025, 2, 14), date(2025, 8, 21))),
        ("14-02-2025 S/D 21-08-2025", (date(2025, 2, 14), date(2025, 8, 21))),
        ("14-02-2025 sampai dengan 21-08-2025", (date(2025, 2, 14), date(2025, 8, 21))),
        ("14-02-2025", (date(2025, 2, 14), None)),
        ("21-08-2025 s/d 14-02-2025", None),
        ("14-02-2025 s/d besok", None),
    ],
)
def test_a_range_has_a_first_and_a_last_day(text: str, days: tuple[date, date | None] | None):
    assert dates.days_of(text) == days


@pytest.mark.parametrize(
    "text",
    ["20251105071530", "2025-11-05T07:15:30", "2025-11-05 07:15:30", "2025-11-05T00:15:30Z", "2025-11-05T08:15:30+08:00"],
)  # fmt: skip
def test_a_moment_without_a_zone_is_wib(text: str):
    assert dates.moment_of(text) == datetime(2025, 11, 5, 0, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2025-13-40T99:00:00", "20251340990000", "2025-11-05", "0001-01-01T00:00:00", "kemarin"]
)
def test_what_is_no_moment_is_none(text: str):
    assert dates.moment_of(text) is None


def test_a_day_without_a_time_stays_the_same_day_in_utc():
    assert dates.noon_of(date(2025, 7, 17)) == datetime(2025, 7, 17, 5, tzinfo=UTC)


@given(st.integers(0, dates.OLDEST_AGE), st.dates(date(2024, 1, 1), date(2028, 12, 31)))
def test_somebody_born_at_an_age_has_that_age_on_the_day(age: int, on: date):
    born = dates.born_at_age(age, on)

    assert on.year - born.year - ((on.month, on.day) < (born.month, born.day)) == age


@pytest.mark.parametrize(
    ("text", "code"),
    [("Malaysia", "MYS"), ("SERAWAK", "MYS"), ("rrt", "CHN"), ("Korea Selatan", "KOR"), ("IDN", "IDN"), ("Turki", "TUR"), ("Atlantis", None)],
)  # fmt: skip
def test_a_country_is_known_by_code_and_by_every_alias(text: str, code: str | None):
    assert places.country(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [("61.03.21.2001", "61.03"), ("61.03", "61.03"), ("61.99", "61"), ("61", "61"), ("6103", None), ("99.01", None), ("x", None)],
)  # fmt: skip
def test_a_region_is_the_finest_that_is_known(text: str, code: str | None):
    assert places.region_by_code(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [("KALBAR", "61"), ("Prov. Kalimantan Barat", "61"), ("Kab. Sanggau", "61.03"), ("kota pontianak", "61.71"), ("Atlantis", None),
     ("Kab. Bogor", "32.01"), ("Kota Bogor", "32.71"), ("Bogor", None), ("Gorontalo", "75")],
)  # fmt: skip
def test_a_region_is_known_by_name(text: str, code: str | None):
    assert places.region_by_name(text, ABBREVIATIONS) == code


@pytest.mark.parametrize(
    ("text", "mention"),
    [
        (
            "Unit PPA Sat Reskrim Polres Sambas",
            {"key": "POLRI/POLRES SAMBAS", "name": "Polres Sambas", "type": "POLICE", "level": "REGENCY", "region": "61.01", "agency": "POLRI"},
        ),
        (
            "SUBDIT IV RENAKTA DITRESKRIMUM POLDA KALBAR",
            {"key": "POLRI/POLDA KALIMANTAN BARAT", "name": "Polda Kalimantan Barat", "type": "POLICE", "level": "PROVINCE",
             "region": "61", "agency": "POLRI"},
        ),
        ("Bareskrim Polri", {"key": "POLRI/BARESKRIM POLRI", "name": "Bareskrim Polri", "type": "POLICE", "level": "NATIONAL", "agency": "POLRI"}),
        ("Densus", {"key": "POLRI/DENSUS", "name": "Densus", "type": "POLICE", "agency": "POLRI"}),
    ],
)  # fmt: skip
def test_a_unit_is_the_finest_that_its_name_has(text: str, mention: dict[str, str]):
    assert police.unit_mention(text, ABBREVIATIONS) == mention


def test_a_number_that_is_none_of_a_report_stays_as_it_is_and_joins_nothing():
    text = "LAPORAN TANPA NOMOR"

    assert police.report_key(text, ABBREVIATIONS) == text
    assert not police.is_report_key(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Pasal 4 jo Pasal 10 UU 21/2007", (("UU 21/2007", "4"), ("UU 21/2007", "10"))),
        ("Pasal 2 ayat (1) huruf b UU No. 21 Tahun 2007", (("UU 21/2007", "2 ayat (1) huruf b"),)),
        (
            "psl 81 jo. 69 uu 18/2017; Pasal 55 KUHP",
            (("UU 18/2017", "81"), ("UU 18/2017", "69"), ("KUHP", "55")),
        ),
        ("Pasal 76i UU 35/2014", (("UU 35/2014", "76I"),)),
        ("Pasal 4", ()),
        ("tidak ada", ()),
    ],
)
def test_an_article_belongs_to_the_law_that_follows_it(text: str, found: tuple[tuple[str, str], ...]):
    assert law.articles(text) == found


def test_the_new_criminal_code_holds_from_its_first_day_and_the_old_one_until_then():
    found = [("UU 21/2007", "4"), ("UU 1/2023", "455"), ("KUHP", "55")]

    before, after = law.legal_basis(found, date(2025, 12, 28)), law.legal_basis(found, date(2026, 1, 3))

    assert before == [
        {"law": "UU 21/2007", "article": "4", "regime": "UU 1/1946", "valid_on": "2025-12-28"},
        {"law": "UU 1/2023", "article": "455", "regime": "UU 1/2023", "valid_on": "2026-01-02"},
        {"law": "KUHP", "article": "55", "regime": "UU 1/1946", "valid_on": "2025-12-28"},
    ]
    assert [one["regime"] for one in after] == ["UU 1/2023"] * 3


def test_the_longest_phrase_decides_and_two_that_disagree_decide_nothing():
    table = Table(
        {"A": ["abk"], SAYS_NOTHING: ["-", "nihil"]}, {"B": ["kapal ikan"], "C": ["kapal"], "D": ["kebun"]}
    )

    assert table.codes == {"A", "B", "C", "D"}
    assert [table.find(text) for text in ("ABK", "awak kapal ikan", "kapal!", "kapal kebun", "kapalan", "nihil", "-")] == [
        "A", "B", "C", None, None, SAYS_NOTHING, SAYS_NOTHING,
    ]  # fmt: skip


@pytest.mark.parametrize(("value", "text"), [(" x ", "x"), (7, "7"), (7.0, "7"), (7.5, "7.5"), (None, "")])
def test_a_number_is_its_digits(value: str | float | None, text: str):
    assert text_of(value, "umur") == text


@pytest.mark.parametrize("value", [True, [], {}, ["x"], "a\x00b"])
def test_what_is_no_text_is_malformed_and_not_told(value: bool | str | list[str] | dict[str, str]):
    with pytest.raises(ValueMalformed) as malformed:
        text_of(value, "umur")  # pyright: ignore[reportArgumentType] -- list is invariant

    assert malformed.value.path == "umur"
    assert repr(value) not in str(malformed.value)

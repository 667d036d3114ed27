"""Identifiers: well-formed or not, never guessed; every spelling of one number gives one key."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema import identifiers

MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
RECORD = date(2025, 3, 12)


@pytest.mark.parametrize(
    ("nik", "well_formed"),
    [
        ("6103210704020001", True),
        ("6103214704020001", True),
        ("9901010101900001", True),
        ("6103217104020001", True),
        ("6103213104020001", True),
        ("6103210004020001", False),
        ("6103213204020001", False),
        ("6103214004020001", False),
        ("6103217204020001", False),
        ("6103210700020001", False),
        ("6103210713020001", False),
        ("6103210704020000", False),
        ("610321070402001", False),
        ("61032107040200011", False),
        ("6103210704020001\n", False),
        (" 6103210704020001", False),
        ("61.03.21.070402.0001", False),
        ("610321070402000\u0661", False),
        ("", False),
    ],
)
def test_a_nik_is_16_digits_with_a_day_a_month_and_a_serial(nik: str, well_formed: bool):
    assert identifiers.is_nik(nik) is well_formed


@pytest.mark.parametrize(
    ("inside", "born"),
    [
        ("070402", date(2002, 4, 7)),
        ("470402", date(2002, 4, 7)),
        ("010102", date(2002, 1, 1)),
        ("120325", date(2025, 3, 12)),
        ("130325", date(1925, 3, 13)),
        ("010190", date(1990, 1, 1)),
        ("290200", date(2000, 2, 29)),
        ("690204", date(2004, 2, 29)),
        ("290201", None),
        ("310402", None),
    ],
)
def test_the_birth_date_in_a_nik_is_the_latest_that_the_record_allows(inside: str, born: date | None):
    assert identifiers.nik_birth_date(f"610321{inside}0001", RECORD) == born


def test_a_nik_of_a_day_that_only_an_earlier_century_had_is_read_there():
    assert identifiers.nik_birth_date("6103212902960001", RECORD) == date(1996, 2, 29)


@given(st.dates(date(1925, 3, 13), RECORD), st.booleans())
def test_a_birth_date_of_the_last_hundred_years_comes_back(born: date, woman: bool):
    day = born.day + 40 if woman else born.day
    nik = f"610321{day:02}{born.month:02}{born.year % 100:02}0001"

    assert identifiers.is_nik(nik)
    assert identifiers.nik_birth_date(nik, RECORD) == born


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("C1234567", "C1234567"),
        ("c 123 4567", "C1234567"),
        ("XE-123456", "XE123456"),
        ("x.e.1234567", "XE1234567"),
        ("1234567", None),
        ("ABC1234567", None),
        ("C12345", None),
        ("C12345678", None),
        ("C123456\u0667", None),
        ("", None),
    ],
)
def test_a_passport_number_is_one_or_two_letters_and_six_or_seven_digits(text: str, number: str | None):
    assert identifiers.passport(text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("081234567890", "+6281234567890"),
        ("0812-3456-7890", "+6281234567890"),
        ("(0561) 736.000", "+62561736000"),
        ("6281234567890", "+6281234567890"),
        ("+62 812 3456 7890", "+6281234567890"),
        ("+62 (0)812 3456 7890", "+6281234567890"),
        ("0062 812 3456 7890", "+6281234567890"),
        ("0060 12 345 6789", "+60123456789"),
        ("+60 12-345 6789", "+60123456789"),
        ("+0812345678", None),
        ("812345", None),
        ("+123456", None),
        ("+1234567890123456", None),
        ("0812 3456 789x", None),
        ("tidak ada", None),
        ("", None),
    ],
)
def test_a_telephone_number_is_e_164(text: str, number: str | None):
    assert identifiers.phone(text) == number


@given(st.from_regex(r"8[0-9]{8,10}", fullmatch=True), st.sampled_from(["0", "62", "+62", "+620", "0062"]))
def test_every_way_to_begin_an_indonesian_number_gives_one(subscriber: str, beginning: str):
    assert identifiers.phone(beginning + subscriber) == f"+62{subscriber}"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("LP/B/4459/VII/2023/SPKT POLDA METRO JAYA", "B/4459/VII/2023/POLDA METRO JAYA"),
        (
            "LP/A/7/III/2025/SPKT.SATRESKRIM/POLRES SANGGAU/POLDA KALIMANTAN BARAT",
            "A/7/III/2025/POLRES SANGGAU",
        ),
        ("LP.B-008.III.2025 SPKT POLRES SANGGAU POLDA KALBAR", "B/8/III/2025/POLRES SANGGAU"),
        ("lp b 8 iii 2025 polres sanggau", "B/8/III/2025/POLRES SANGGAU"),
        ("L.P./B/8/III/2025/Polres Sanggau/SPKT/Polda Kalimantan Barat", "B/8/III/2025/POLRES SANGGAU"),
        ("LP/B/8/III/2025/POLRES SANGGAU SAT RESKRIM", "B/8/III/2025/POLRES SANGGAU"),
        ("LP/B/8/III/2025/SPKT/POLSEK ENTIKONG/POLRES SANGGAU", "B/8/III/2025/POLSEK ENTIKONG"),
        ("LP/B/8/III/2025/SPKT/POLRESTA PONTIANAK KOTA", "B/8/III/2025/POLRESTA PONTIANAK KOTA"),
        ("LP/B/8/III/2025/SPKT/POLRESTABES SURABAYA", "B/8/III/2025/POLRESTABES SURABAYA"),
        ("LP/B/8/III/2025/SPKT.DIT TIPIDUM/BARESKRIM POLRI", "B/8/III/2025/BARESKRIM"),
        ("LP/B/8/III/2025/BARESKRIM/MABES POLRI", "B/8/III/2025/BARESKRIM"),
        ("LP/B/8/III/2025/DENSUS", "B/8/III/2025/DENSUS"),
        ("LP/B/000123/XII/2025/POLRES SAMBAS", "B/123/XII/2025/POLRES SAMBAS"),
        ("LP/D/8/III/2025/POLRES SANGGAU", None),
        ("LP/B/8/XIII/2025/POLRES SANGGAU", None),
        ("LP/B/8/3/2025/POLRES SANGGAU", None),
        ("LP/B/8/III/25/POLRES SANGGAU", None),
        ("LP/B/8/III/2025/", None),
        ("LP/B/8/III/2025", None),
        ("LP/B/1234567/III/2025/POLRES SANGGAU", None),
        ("LP/B/\u0668/III/2025/POLRES SANGGAU", None),
        ("SP.Sidik/12/III/2025", None),
        ("", None),
    ],
)
def test_a_police_report_has_one_key_and_a_text_that_is_none_has_no_key(text: str, key: str | None):
    assert identifiers.police_report(text) == key


@st.composite
def reports(draw: st.DrawFn) -> tuple[str, int, str, int, str]:
    """Model, number, month, year and unit of a report."""
    kind = draw(st.sampled_from(["POLSEK", "POLRES", "POLRESTA", "POLRESTABES", "POLDA"]))
    place = draw(st.sampled_from(["SANGGAU", "KUBU RAYA", "KAPUAS HULU", "METRO JAYA", "SAMBAS"]))
    return (
        draw(st.sampled_from("ABC")),
        draw(st.integers(1, 999_999)),
        draw(st.sampled_from(MONTHS)),
        draw(st.integers(2007, 2099)),
        f"{kind} {place}",
    )


@st.composite
def spelled(draw: st.DrawFn, report: tuple[str, int, str, int, str]) -> str:
    """One of the ways in which a clerk writes the report's number."""
    model, number, month, year, unit = report
    separator = st.from_regex(r"[ /.\-]{1,2}", fullmatch=True)
    zeros = "0" * draw(st.integers(0, 6 - len(str(number))))
    desk = draw(st.sampled_from(["", "SPKT/", "SPKT.SATRESKRIM/", "DITRESKRIMUM ", "Sat Reskrim/"]))
    behind = draw(st.sampled_from(["", "/SPKT", " Sat Reskrim", "/SATRESKRIM", " POLRI"]))
    above = draw(st.sampled_from(["", "/POLDA KALIMANTAN BARAT", " POLDA KALBAR"]))
    words = [
        draw(st.sampled_from(["LP", "L.P.", "L P", "LP."])),
        model,
        zeros + str(number),
        month,
        str(year),
    ]
    written = (
        "".join(word + draw(separator) for word in words) + desk + unit.replace(" ", "  ") + behind + above
    )
    case: Callable[[str], str] = draw(st.sampled_from([str.upper, str.lower, str.title, str]))
    return draw(st.sampled_from(["", " ", "\n"])) + case(written) + draw(st.sampled_from(["", " ", "\n"]))


@given(st.data(), reports())
def test_every_spelling_of_a_report_gives_its_key(
    data: st.DataObject, report: tuple[str, int, str, int, str]
):
    text = data.draw(spelled(report))

    assert identifiers.police_report(text) == "/".join(map(str, report))


@given(st.data(), reports(), reports())
def test_two_reports_have_two_keys(
    data: st.DataObject, one: tuple[str, int, str, int, str], other: tuple[str, int, str, int, str]
):
    keys = [identifiers.police_report(data.draw(spelled(report))) for report in (one, other)]

    assert (keys[0] == keys[1]) is (one == other)


@given(reports())
def test_a_key_has_itself_as_key(report: tuple[str, int, str, int, str]):
    key = "/".join(map(str, report))

    assert identifiers.police_report(f"LP/{key}") == key


@given(st.text())
def test_no_text_is_too_strange_to_be_judged(text: str):
    assert identifiers.is_nik(text) in {True, False}
    for judge in (identifiers.passport, identifiers.phone, identifiers.police_report):
        assert judge(text) is None or judge(text) != ""

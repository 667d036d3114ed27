"""Regions: all provinces and regencies by Kemendagri code, by name only where the name says which."""

import re

import pytest

from schema.regions import Region, regency_of, regions, regions_by_name
from tests.house import ROOT

PROVINCES = [region for region in regions().values() if region.parent is None]
REGENCIES = [region for region in regions().values() if region.parent is not None]


def test_there_are_38_provinces_and_514_regencies_and_cities():
    assert (len(PROVINCES), len(REGENCIES)) == (38, 514)


def test_a_regency_s_code_begins_with_that_of_its_province():
    assert {region.code for region in PROVINCES if not re.fullmatch(r"\d\d", region.code)} == set()
    assert {
        region.code for region in REGENCIES if not re.fullmatch(rf"{region.parent}\.\d\d", region.code)
    } == set()
    assert {region.parent for region in REGENCIES} == {region.code for region in PROVINCES}


def test_west_kalimantan_has_its_fourteen():
    found = [region for region in REGENCIES if region.parent == "61"]

    assert len(found) == 14
    assert found[2] == Region(code="61.03", name="KABUPATEN SANGGAU", parent="61")


def test_a_full_name_leads_to_its_region():
    assert [region for region in regions().values() if regions_by_name()[region.name] != region.code] == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("SANGGAU", "61.03"),
        ("KALIMANTAN BARAT", "61"),
        ("KOTA PONTIANAK", "61.71"),
        ("KABUPATEN BOGOR", "32.01"),
        ("KOTA BOGOR", "32.71"),
        ("BOGOR", None),
        ("KUPANG", None),
        ("GORONTALO", "75"),
        ("ATLANTIS", None),
    ],
)
def test_a_name_that_a_regency_shares_with_a_city_leads_nowhere(name: str, code: str | None):
    assert regions_by_name().get(name) == code


@pytest.mark.parametrize(
    ("code", "known"),
    [
        ("61", "61"),
        ("61.03", "61.03"),
        ("61.03.21", "61.03"),
        ("61.03.21.2001", "61.03"),
        (" 61.03 ", "61.03"),
        ("61.99", "61"),
        ("61.99.01", "61"),
        ("6103", None),
        ("99.01", None),
        ("", None),
    ],
)
def test_a_code_of_any_depth_lies_in_a_known_region(code: str, known: str | None):
    assert regency_of(code) == known


def test_the_data_name_their_source_and_licence():
    text = (ROOT / "schema" / "data" / "regions" / "ATTRIBUTION.md").read_text(encoding="utf-8")

    assert {"idn-area-data 3.1.2", "Open Database License"} <= set(
        re.findall(r"idn-area-data [\d.]+\d|Open Database License", text)
    )
    assert "provinces.csv" in text
    assert "regencies.csv" in text

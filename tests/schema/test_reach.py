"""A grant opens a row exactly where the owner is one of the row's agencies and the region is one of its regions."""

from collections.abc import Iterable
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from schema import reach
from schema.regions import regions

CASE, OTHER_CASE = UUID(int=1), UUID(int=2)
AGENCIES = ("POLRI", "KEMENSOS", "IMIGRASI")
PROVINCES = sorted(code for code, region in regions().items() if region.parent is None)
REGENCIES = sorted(code for code, region in regions().items() if region.parent is not None)
KNOWN = ("61", "62", "61.03", "61.71", "62.01", "61.71.01", "61.71.01.1001")
UNKNOWN = (None, "", "00", "00.01", "60.03.02.2001")
LOST = "61.99"
"""A regency that no list has any more, of a province that there is."""
NARROW = ("61", "62", "6103", "6171", "6201", "31", "3171")


def opens(words: Iterable[str], row: Iterable[str]) -> bool:
    return not set(words).isdisjoint(row)


def contains(code: str, place: str) -> bool:
    """True if a region of 2 or 4 digits has the place in it."""
    digits = place.replace(".", "")
    return digits[: len(code)] == code


def known(place: str | None) -> bool:
    return bool(place) and place not in UNKNOWN


def may_open(
    owner: str,
    jurisdictions: Iterable[str],
    *,
    is_own: bool,
    agencies: Iterable[str],
    places: Iterable[str | None],
) -> bool:
    """The rule in words: the owner's row, and all of the country, or a region of the row, or none known and one's own."""
    codes, ties = set(jurisdictions), [place for place in places if known(place)]
    ties = ["61" if place == LOST else place for place in ties]
    if owner not in agencies:
        return False
    if codes >= set(PROVINCES):
        return True
    if not ties:
        return is_own and bool(codes)
    return any(contains(code, str(place)) for code in codes for place in ties)


@given(
    owner=some.sampled_from(AGENCIES),
    jurisdictions=some.one_of(
        some.lists(some.sampled_from(NARROW), min_size=1, max_size=4),
        some.just(PROVINCES),
        some.just([*PROVINCES, "6171"]),
        some.sampled_from(PROVINCES).map(lambda left_out: [one for one in PROVINCES if one != left_out]),
    ),
    is_own=some.booleans(),
    agencies=some.lists(some.sampled_from(AGENCIES), min_size=1, unique=True),
    places=some.lists(some.sampled_from((*KNOWN, *UNKNOWN, LOST)), max_size=4),
)
def test_a_grant_opens_a_row_exactly_where_owner_and_region_say_so(
    owner, jurisdictions, is_own, agencies, places
):
    row = reach.of_row(agencies, places, CASE)

    opened = opens(reach.of_grant(owner, jurisdictions, is_own=is_own), row)

    assert opened == may_open(owner, jurisdictions, is_own=is_own, agencies=agencies, places=places)


@given(
    agencies=some.lists(some.sampled_from(AGENCIES), min_size=1, unique=True),
    places=some.lists(some.sampled_from((*KNOWN, *UNKNOWN, LOST)), max_size=4),
    chance=some.randoms(use_true_random=False),
)
def test_the_words_of_a_row_do_not_depend_on_order_or_repetition(agencies, places, chance):
    twice, again = [*agencies, *agencies], [*places, *places]
    chance.shuffle(twice)
    chance.shuffle(again)

    words = reach.of_row(agencies, places, CASE)

    assert reach.of_row(twice, again, CASE) == words
    assert words == [*sorted(set(words[:-1])), f"case:{CASE}"]


def test_a_row_carries_every_owner_with_every_region_and_its_province():
    assert reach.of_row(["POLRI", "KEMENSOS"], ["61.71.01.1001", None, "62"], CASE) == [
        "KEMENSOS",
        "KEMENSOS:61",
        "KEMENSOS:61.71",
        "KEMENSOS:62",
        "POLRI",
        "POLRI:61",
        "POLRI:61.71",
        "POLRI:62",
        "case:00000000-0000-0000-0000-000000000001",
    ]


@pytest.mark.parametrize("places", [[], [None], ["00.01"], ["", "60"]])
def test_a_row_of_which_no_region_is_known_says_so(places):
    assert reach.of_row(["POLRI"], places, CASE) == ["POLRI", "POLRI:?", f"case:{CASE}"]


def test_a_regency_that_is_no_more_ties_the_row_to_its_province():
    assert reach.of_row(["POLRI"], [LOST], CASE) == ["POLRI", "POLRI:61", f"case:{CASE}"]


def test_a_row_of_no_agency_is_opened_by_its_case_alone():
    assert reach.of_row([], ["61.71"], CASE) == [f"case:{CASE}"]


def test_the_whole_country_is_the_owner_without_a_region():
    assert reach.of_grant("POLRI", PROVINCES, is_own=False) == ["POLRI"]
    assert reach.of_grant("POLRI", [*PROVINCES, "6171"], is_own=True) == ["POLRI"]


def test_all_but_one_province_are_not_the_whole_country():
    words = reach.of_grant("POLRI", PROVINCES[1:], is_own=False)

    assert words == [f"POLRI:{code}" for code in PROVINCES[1:]]
    assert not opens(words, reach.of_row(["POLRI"], [], CASE))


def test_only_whoever_speaks_for_the_owner_sees_its_rows_without_a_region():
    row = reach.of_row(["POLRI"], [], CASE)

    assert reach.of_grant("POLRI", ["61", "6171"], is_own=False) == ["POLRI:61", "POLRI:61.71"]
    assert reach.of_grant("POLRI", ["61"], is_own=True) == ["POLRI:61", "POLRI:?"]
    assert opens(reach.of_grant("POLRI", ["61"], is_own=True), row)
    assert not opens(reach.of_grant("POLRI", ["61"], is_own=False), row)


def test_a_grant_of_no_region_opens_nothing():
    assert reach.of_grant("POLRI", [], is_own=True) == []
    assert reach.of_grant("POLRI", [], is_own=False) == []


def test_an_emergency_opens_the_rows_of_its_case_and_no_other():
    words = [reach.of_case(CASE)]

    assert opens(words, reach.of_row(["POLRI"], [], CASE))
    assert not opens(words, reach.of_row(["POLRI"], [], OTHER_CASE))


def test_jurisdictions_are_the_provinces_and_regencies_that_there_are():
    written = {code.replace(".", "") for code in (*PROVINCES, *REGENCIES)}

    assert {code for code in written if not reach.is_jurisdiction(code)} == set()
    assert {reach.dotted(code) for code in written} == {*PROVINCES, *REGENCIES}
    assert reach.provinces() == {*PROVINCES}


@pytest.mark.parametrize(
    "code",
    ["", "6", "617", "61.71", "61710", "6199", "00", "0001", "61 ", "6a", "６１", "POLRI"],  # noqa: RUF001 -- digits of another script
)
def test_anything_else_is_no_jurisdiction(code):
    assert not reach.is_jurisdiction(code)

"""What is asked, in the words of each contender: a page of 50 cases with victims and suspects, and one case by its id.

Fields are pairs of the name in the answer and the column of the golden table.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TypeAlias

Fields: TypeAlias = Sequence[tuple[str, str]]

CASE: Fields = (
    ("id", "case_id"),
    ("caseStatus", "case_status"),
    ("policeReport", "police_report"),
    ("reportedOn", "reported_on"),
    ("occurredFrom", "occurred_from"),
    ("occurredTo", "occurred_to"),
    ("reportChannel", "report_channel"),
    ("modus", "modus"),
    ("geographicScope", "geographic_scope"),
    ("originRegion", "origin_region"),
    ("destinationCountry", "destination_country"),
    ("legalStage", "legal_stage"),
)
VICTIM: Fields = (
    ("id", "victim_id"),
    ("personId", "person_id"),
    ("ageAtIdentification", "age_at_identification"),
    ("ageBandCtdc", "age_band_ctdc"),
    ("ageBandNational", "age_band_national"),
    ("isChildAtExploitation", "is_child_at_exploitation"),
    ("protectionLevel", "protection_level"),
    ("stage", "stage"),
)
PERPETRATOR: Fields = (
    ("id", "perpetrator_id"),
    ("personId", "person_id"),
    ("caseId", "case_id"),
    ("suspectStatus", "suspect_status"),
    ("roles", "roles"),
    ("isCorporate", "is_corporate"),
)
PAGE = 50

_HUB_PAGE = (
    "query {name}($region: String!, $from: Date!, $until: Date!) {{ cases(first: {page},"
    " where: {{originRegion: {{startsWith: $region}}, reportedOn: {{gte: $from, lt: $until}}}},"
    " orderBy: [{{field: REPORTED_ON, direction: DESC}}]) {{ nodes {{ {case} }} }} }}"
)
_POSTGRAPHILE_PAGE = (
    "query Page($region: String!, $from: Date!, $until: Date!) {{ cases: allGoldenCases(first: {page},"
    " filter: {{originRegion: {{startsWith: $region}},"
    " reportedOn: {{greaterThanOrEqualTo: $from, lessThan: $until}}}},"
    " orderBy: [REPORTED_ON_DESC, CASE_ID_ASC]) {{ nodes {{ {case} }} }} }}"
)


def hub_page(*, name: str = "Page", of_victims: str = "") -> str:
    """The page in the hub's words.

    Args:
        name: of the operation; another name makes another document.
        of_victims: more fields of a victim.
    """
    return _HUB_PAGE.format(name=name, page=PAGE, case=_hub_case(of_victims))


def hub_case() -> str:
    """One case in the hub's words."""
    return f"query One($id: ID!) {{ case(id: $id) {{ {_hub_case('')} }} }}"


def postgraphile_page() -> str:
    """The page in PostGraphile's words, with the same names in the answer."""
    case = _parts(_aliased(CASE), _aliased(VICTIM), _aliased(PERPETRATOR))
    return _POSTGRAPHILE_PAGE.format(page=PAGE, case=case)


def _hub_case(of_victims: str) -> str:
    names = [" ".join(name for name, _ in fields) for fields in (CASE, VICTIM, PERPETRATOR)]
    return _parts(names[0], f"{names[1]} {of_victims}".strip(), names[2])


def _parts(case: str, victim: str, perpetrator: str) -> str:
    return (
        f"{case} victims(first: {PAGE}) {{ nodes {{ {victim} }} }}"
        f" perpetrators(first: {PAGE}) {{ nodes {{ {perpetrator} }} }}"
    )


def _aliased(fields: Fields) -> str:
    return " ".join(f"{name}: {_camel(column)}" for name, column in fields)


def _camel(column: str) -> str:
    first, *rest = column.split("_")
    return first + "".join(word.capitalize() for word in rest)


def ranges(regions: Iterable[str]) -> list[Mapping[str, str]]:
    """Variables of the pages: each region in each quarter of 2025, so that no two requests in a row are equal."""
    quarters = ["2025-01-01", "2025-04-01", "2025-07-01", "2025-10-01", "2026-01-01"]
    return [
        {"region": region, "from": begins, "until": ends}
        for begins, ends in pairwise(quarters)
        for region in regions
    ]

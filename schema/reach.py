"""Reach: to whom a row may be given, as words that a row carries and words that a permit holds. Overlap opens the row.

    OWNER           the owner's rows anywhere
    OWNER:61        its rows with a tie to a province
    OWNER:61.71     its rows with a tie to a regency
    OWNER:?         its rows of which no region is known; whoever speaks for the owner itself holds it
    case:UUID       the rows of one case, for an emergency

A row carries every word of its owners and regions, so that a permit needs few and PostgreSQL compares short lists.
"""

from collections.abc import Iterable
from functools import cache
from uuid import UUID

from schema.regions import regency_of, regions

_UNKNOWN = "?"
_PROVINCE_DIGITS = 2


@cache
def provinces() -> frozenset[str]:
    """Codes of all provinces, two digits each."""
    return frozenset(code for code, region in regions().items() if region.parent is None)


def of_row(agencies: Iterable[str], places: Iterable[str | None], case_id: UUID) -> list[str]:
    """The words that a row carries, sorted.

    Args:
        agencies: whose records made the row.
        places: dotted Kemendagri codes of any depth that tie the row to a region; one that is not known any more ties it
            to the province, if that is known, else to nothing.
        case_id: the case that the row is, or belongs to.
    """
    known = {region for place in places if place and (region := regency_of(place))}
    tails = sorted(known | {region.split(".")[0] for region in known}) or [_UNKNOWN]
    words = {word for agency in agencies for word in (agency, *(f"{agency}:{tail}" for tail in tails))}
    return [*sorted(words), of_case(case_id)]


def of_case(case_id: UUID) -> str:
    """The word that opens the rows of one case and of no other."""
    return f"case:{case_id}"


def of_grant(owner: str, jurisdictions: Iterable[str], *, is_own: bool) -> list[str]:
    """The words that a grant gives, sorted.

    Args:
        owner: the agency whose rows the grant opens.
        jurisdictions: Kemendagri codes of 2 or 4 digits, without a dot; all provinces together are the whole country,
            rows without a region included.
        is_own: whoever holds it speaks for the owner, and sees those of its rows of which no region is known.
    """
    codes = set(jurisdictions)
    if codes >= provinces():
        return [owner]
    words = {f"{owner}:{dotted(code)}" for code in codes}
    return sorted(words | {f"{owner}:{_UNKNOWN}"} if is_own and words else words)


def dotted(code: str) -> str:
    """A code of 2 or 4 digits as regions are written: `6171` is `61.71`."""
    return code if len(code) == _PROVINCE_DIGITS else f"{code[:_PROVINCE_DIGITS]}.{code[_PROVINCE_DIGITS:]}"


def is_jurisdiction(code: str) -> bool:
    """True if the code names a province or a regency that exists."""
    return code.isdigit() and len(code) in {2, 4} and dotted(code) in regions()

"""The decision on one pair of source persons, and its reason; no weak merge.

A false merge shows one victim's file in another's and harms more than a false split, so whatever does not satisfy a
rule in full is a review task or nothing.

T1  the same well-formed NIK, and names alike by 0.6; less alike is a review: a NIK is borrowed or forged
T2  the same passport number, and no birth date or name that speaks against it
T3  names alike by 0.92, the same exact birth date and sex, and no NIK that speaks against it

Source: linkage tiers of the domain reference, section 7; ADR-0015.
"""

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from hub.identity import names
from hub.view.members import PersonSource
from schema import identifiers
from schema.record import Json

NAME_WITH_NIK = 0.6
NAME_WITH_BIRTH_DATE = 0.92
_YEAR = 366


@dataclass(frozen=True, slots=True)
class Same:
    """The pair is one person."""

    rule: str
    evidence: dict[str, Json]


@dataclass(frozen=True, slots=True)
class Review:
    """A person must decide; `reason` is a sentence without any value."""

    rule: str
    reason: str
    evidence: dict[str, Json]


Decision: TypeAlias = Same | Review | None


def decide(one: PersonSource, other: PersonSource) -> Decision:
    """The decision on a pair that shares a blocking key; None where nothing speaks for one person."""
    if one.deleted or other.deleted:
        return None
    alike = _alike(one, other)
    return _by_nik(one, other, alike) or _by_passport(one, other, alike) or _by_birth_date(one, other, alike)


def _text(source: PersonSource, field: str) -> str | None:
    value = source.identity.get(field)
    return value if isinstance(value, str) and value else None


def valid_nik(source: PersonSource) -> str | None:
    """The source's NIK if it is well-formed; another is never used for matching."""
    nik = _text(source, "nik")
    return nik if nik and identifiers.is_nik(nik) else None


def exact_birth_date(source: PersonSource) -> date | None:
    """The source's birth date if it is exact; 1 January is what clerks write who do not know it."""
    said = _text(source, "birth_date")
    if said is None or source.facts.get("Person", {}).get("birth_date_precision") != "DAY":
        return None
    day = date.fromisoformat(said)
    return None if (day.month, day.day) == (1, 1) else day


def _alike(one: PersonSource, other: PersonSource) -> float | None:
    left, right = _text(one, "full_name"), _text(other, "full_name")
    return None if left is None or right is None else round(names.similarity(left, right), 4)


def _passport(source: PersonSource) -> str | None:
    number = _text(source, "passport")
    return identifiers.passport(number) if number else None


def _days_apart(left: str, right: str) -> int:
    return abs((date.fromisoformat(left) - date.fromisoformat(right)).days)


def _contradicts(one: PersonSource, other: PersonSource) -> bool:
    left, right = exact_birth_date(one), exact_birth_date(other)
    return left is not None and right is not None and abs((left - right).days) > _YEAR


def contradiction(one: PersonSource, other: PersonSource) -> str | None:
    """Why the two cannot be one person, whoever else has been found to be both; None where nothing says so.

    Initials are too little to contradict anything; NIKs are compared by the guard.
    """
    if _contradicts(one, other):
        return "two of its records have birth dates more than a year apart"
    left, right = _text(one, "full_name"), _text(other, "full_name")
    if left is None or right is None or names.is_initials(left) or names.is_initials(right):
        return None
    alike = names.similarity(left, right)
    return "two of its records have names that are not alike" if alike < NAME_WITH_NIK else None


def _by_nik(one: PersonSource, other: PersonSource, alike: float | None) -> Decision:
    nik = valid_nik(one)
    if nik is None or nik != valid_nik(other):
        return None
    evidence: dict[str, Json] = {"nik": "equal", "name": alike}
    if alike is not None and alike < NAME_WITH_NIK:
        return Review("T1", "the NIK is equal and the names are not: it may be forged or borrowed", evidence)
    if _contradicts(one, other):
        return Review("T1", "the NIK is equal and the birth dates are more than a year apart", evidence)
    return Same("T1", evidence)


def _by_passport(one: PersonSource, other: PersonSource, alike: float | None) -> Decision:
    number = _passport(one)
    if number is None or number != _passport(other):
        return None
    evidence: dict[str, Json] = {"passport": "equal", "name": alike}
    left, right = _text(one, "birth_date"), _text(other, "birth_date")
    exact = exact_birth_date(one) is not None and exact_birth_date(other) is not None
    if left and right and _days_apart(left, right) > (0 if exact else _YEAR):
        return Review("T2", "the passport is equal and the birth dates are not", evidence)
    if alike is not None and alike < NAME_WITH_NIK:
        return Review(
            "T2", "the passport is equal and the names are not: it may be forged or borrowed", evidence
        )
    return Same("T2", {**evidence, "birth_date": _agreement(left, right)})


def _agreement(left: str | None, right: str | None) -> str:
    if not left or not right:
        return "absent"
    return "equal" if left == right else "near"


def _by_birth_date(one: PersonSource, other: PersonSource, alike: float | None) -> Decision:
    born = exact_birth_date(one)
    if born is None or born != exact_birth_date(other) or alike is None or alike < NAME_WITH_BIRTH_DATE:
        return None
    if names.is_initials(str(one.identity["full_name"])) or names.is_initials(
        str(other.identity["full_name"])
    ):
        return None
    sex = one.facts.get("Person", {}).get("sex")
    if sex is None or sex != other.facts.get("Person", {}).get("sex"):
        return None
    evidence: dict[str, Json] = {"birth_date": "equal", "sex": "equal", "name": alike}
    left, right = valid_nik(one), valid_nik(other)
    if left and right and left != right:
        return Review("T3", "name, birth date and sex are equal and two well-formed NIKs differ", evidence)
    return Same("T3", evidence)


def name_fits(source: PersonSource, full_name: str) -> bool:
    """True if the source's name is the given one in another spelling at most."""
    said = _text(source, "full_name")
    return said is not None and names.similarity(said, full_name) >= NAME_WITH_BIRTH_DATE

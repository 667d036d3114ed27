"""Police reports and police units: many spellings, one key.

Source: domain reference, section 5.1 (KEP/464/II/2021).
"""

import re
from collections.abc import Callable
from functools import cache
from types import MappingProxyType

from connectors.mapping.text import words_of
from schema import identifiers
from schema.codes import code_list
from schema.record import Json
from schema.regions import regions_by_name

_KEY = re.compile(r"[ABC]/[0-9]+/[IVX]+/[0-9]{4}/.")
_UNITS = ("POLSEK", "POLRESTABES", "POLRESTA", "POLRES", "POLDA", "BARESKRIM", "MABES")
"""Kinds of unit, the finest first: a desk inside a unit is that unit."""

_LEVEL = {"POLDA": "PROVINCE", "BARESKRIM": "NATIONAL", "MABES": "NATIONAL"}
_FOUND = re.compile(r"\b(" + "|".join(_UNITS) + r")\b")


def report_key(text: str, respell: Callable[[str], str]) -> str:
    """The key of a report's number; a text that is no such number comes back as it is and joins nothing.

    Args:
        text: as written.
        respell: puts abbreviations of units into full names.
    """
    return identifiers.police_report(respell(text)) or text


def is_report_key(text: str) -> bool:
    """True for what `report_key` gives of a well-formed number."""
    return _KEY.match(text) is not None


def unit_mention(text: str, respell: Callable[[str], str]) -> dict[str, Json]:
    """The organisation that a unit's name means, with one key for all its spellings.

    Args:
        text: as written, such as `Sat Reskrim Polres Sambas`.
        respell: puts abbreviations into full names.
    """
    words = words_of(respell(text)).upper()
    kind, place = _finest(words)
    name = f"{kind} {place}".strip() if kind else words
    office = _offices(respell).get(name)
    mention: dict[str, Json] = {
        "key": f"POLRI/{name}",
        "name": office[0] if office else name.title(),
        "type": "POLICE",
        "level": _LEVEL.get(kind, "REGENCY") if kind else None,
        "region": office[1] if office else _region(kind, place),
        "agency": "POLRI",
    }
    return {field: value for field, value in mention.items() if value is not None}


def _finest(words: str) -> tuple[str, str]:
    found = list(_FOUND.finditer(words))
    if not found:
        return "", ""
    ends = [*(match.start() for match in found[1:]), len(words)]
    parts = {match[1]: words[match.end() : end].strip() for match, end in zip(found, ends, strict=True)}
    kind = min(parts, key=_UNITS.index)
    return kind, parts[kind]


def _region(kind: str, place: str) -> str | None:
    names = regions_by_name()
    if kind == "POLDA":
        return names.get(place)
    # A city that has a regency of its name has a unit of its own, called POLRESTA X KOTA.
    return names.get(f"KABUPATEN {place}") or names.get(f"KOTA {place}") if kind in _UNITS[:4] else None


@cache
def _offices(respell: Callable[[str], str]) -> MappingProxyType[str, tuple[str, str | None]]:
    """Name and region of the offices in the code list, by their respelled name."""
    offices = (
        code for code in code_list("agency_office").values() if code.attributes.get("agency") == "POLRI"
    )
    return MappingProxyType(
        {
            words_of(respell(code.label_id)).upper(): (code.label_id, code.attributes.get("region"))
            for code in offices
        }
    )

"""Provinces and regencies of Indonesia by Kemendagri code (`61`, `61.03`).

Source: idn-area-data 3.1.2, ODbL 1.0; see data/regions/ATTRIBUTION.md.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True)
class Region:
    """A province (`parent` is None) or a regency or city of one."""

    code: str
    name: str
    parent: str | None


def _rows(name: str) -> list[dict[str, str]]:
    text = files("schema").joinpath(f"data/regions/{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def regions() -> MappingProxyType[str, Region]:
    """All 38 provinces and 514 regencies and cities, by code."""
    found = [Region(code=row["code"], name=row["name"], parent=None) for row in _rows("provinces")]
    found += [
        Region(code=row["code"], name=row["name"], parent=row["province_code"]) for row in _rows("regencies")
    ]
    return MappingProxyType({region.code: region for region in found})


@cache
def regions_by_name() -> MappingProxyType[str, str]:
    """Code by upper-case name; a regency's name is also known without KABUPATEN where no city or province shares it."""
    names = {region.name: region.code for region in regions().values()}
    shared = {region.name.removeprefix("KOTA ") for region in regions().values()}
    for region in regions().values():
        short = region.name.removeprefix("KABUPATEN ")
        if short not in shared:
            names[short] = region.code
    return MappingProxyType(names)


def regency_of(code: str) -> str | None:
    """The known regency, else the known province, that a code of any depth lies in; None if neither is known.

    Args:
        code: dotted Kemendagri code of a province, regency, district or village.
    """
    parts = code.strip().split(".")
    for depth in (2, 1):
        candidate = ".".join(parts[:depth])
        if candidate in regions():
            return candidate
    return None

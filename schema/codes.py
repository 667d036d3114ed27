"""Code lists: every value that a field of kind CODE may have, with labels, validity and standard names."""

import csv
import re
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType

_VALID_FROM = date(2007, 4, 19)
"""UU 21/2007 came into force: a code is valid from then unless its row says `since`."""


@dataclass(frozen=True, kw_only=True)
class Code:
    """One value of a code list.

    `attributes` are the `key=value` pairs of the lists that have them (a modus's axes, an office's agency and region);
    `order` is the rank where the list has one, equal ranks being parallel.
    """

    list: str
    code: str
    label_en: str
    label_id: str
    htcds: str | None
    standard: str | None
    note: str
    valid_from: date
    valid_to: date | None
    order: int | None
    attributes: MappingProxyType[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def valid_on(self, day: date) -> bool:
        """True if the code could be used on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def _code(row: dict[str, str]) -> Code:
    pairs = dict(part.split("=", 1) for part in row["note"].split("; ") if re.match(r"\w+=", part))
    order = re.search(r"\border (\d+)", row["note"])
    return Code(
        list=row["list"],
        code=row["code"],
        label_en=row["label_en"],
        label_id=row["label_id"],
        htcds=row["htcds"] or None,
        standard=row["ictip_or_ctdc"] or None,
        note=row["note"],
        valid_from=date.fromisoformat(pairs["since"]) if "since" in pairs else _VALID_FROM,
        valid_to=date.fromisoformat(pairs["until"]) if "until" in pairs else None,
        order=int(order[1]) if order else None,
        attributes=MappingProxyType(pairs),
    )


@cache
def code_lists() -> MappingProxyType[str, tuple[Code, ...]]:
    """All code lists by name, each in the order of the file."""
    text = files("schema").joinpath("data/codes.csv").read_text(encoding="utf-8")
    lists: dict[str, list[Code]] = {}
    for row in csv.DictReader(text.splitlines()):
        lists.setdefault(row["list"], []).append(_code(row))
    return MappingProxyType({name: tuple(codes) for name, codes in lists.items()})


@cache
def code_list(name: str) -> MappingProxyType[str, Code]:
    """One code list, code by code.

    Raises:
        KeyError: there is no list of that name.
    """
    return MappingProxyType({code.code: code for code in code_lists()[name]})


@cache
def country_aliases() -> MappingProxyType[str, str]:
    """Every name of a country on the wire, upper case, to its ISO 3166-1 alpha-3 code.

    A subdivision's name (SARAWAK) leads to its country.
    """
    aliases: dict[str, str] = {}
    for code in code_lists()["country"]:
        names = [code.code, code.label_en, code.label_id]
        for part in code.note.removeprefix("aliases: ").split(";"):
            names.extend(part.split("->")[0].split(","))
        aliases |= {name.strip().upper(): code.code for name in names if name.strip()}
    return MappingProxyType(aliases)

"""A caseload as plain Python counts it, from rows as answers have them; what a dimension is, is read from its name and the SDL."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schema.declaration import camel_case
from schema.regions import regions
from tests.graphql.sdl import Scopes, printed

SDL = printed()
SUBJECTS = {"cases": "Case", "victims": "Victim", "perpetrators": "Perpetrator"}
LINKS = {"Case": {"REPORTING_ENTITY": "reportingEntity"}, "Victim": {"CASE": "case"}}
LINKS["Perpetrator"] = LINKS["Victim"]
FORM = re.compile("^(.*?)_?(PROVINCE|REGENCY)$|^(.*)_(YEAR|QUARTER|MONTH)$")
LENGTH = {"PROVINCE": 2, "REGENCY": 5, "YEAR": 4, "MONTH": 7}

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """Where a dimension's value stands, and how it becomes a code."""

    link: str | None
    field: str
    form: str | None
    scopes: Scopes

    @property
    def selection(self) -> str:
        return self.field if self.link is None else f"{self.link} {{ {self.field} }}"

    def codes(self, row: Row) -> list[str | None]:
        """The codes at which a row is counted."""
        place = row if self.link is None else row[self.link]
        value = None if place is None else place[self.field]
        if isinstance(value, list):
            return list(dict.fromkeys(value)) or [None]
        return [None if value is None else self._code(value)]

    def _code(self, value: Any) -> str | None:
        if isinstance(value, bool):
            return str(value).lower()
        if self.form in {"PROVINCE", "REGENCY"}:
            code = value[: LENGTH[self.form]]
            return code if code in regions() and len(code) == LENGTH[self.form] else None
        if self.form == "QUARTER":
            return f"{value[:4]}-Q{(int(value[5:7]) + 2) // 3}"
        return value if self.form is None else value[: LENGTH[self.form]]


def part(entity: str, dimension: str) -> Part:
    """What a dimension of an entity is."""
    for prefix, link in {"": None, **LINKS[entity]}.items():
        target = entity if link is None else SDL.objects[entity][link].leads_to
        scopes = frozenset() if link is None else SDL.objects[entity][link].scopes
        if not dimension.startswith(prefix):
            continue
        for name in (dimension.removeprefix(f"{prefix}_") if prefix else dimension, dimension):
            found = FORM.match(name)
            base, form = (
                (name, None) if found is None else (found[1] if found[2] else found[3], found[2] or found[4])
            )
            if form in {"PROVINCE", "REGENCY"}:
                base = f"{base}_REGION".removeprefix("_")
            field = SDL.objects[target].get(camel_case(base.lower()))
            if field is not None:
                return Part(link, field.name, form, scopes | field.scopes)
    raise AssertionError((entity, dimension))


def counted(entity: str, rows: Iterable[Row], by: Sequence[str]) -> dict[str, Any]:
    """`total` and `groups`, each key as its codes."""
    unit = "id" if entity == "Case" else "personId"
    everybody: set[str] = set()
    groups: dict[tuple[str | None, ...], set[str]] = {}
    for row in rows:
        everybody.add(row[unit])
        keys: list[tuple[str | None, ...]] = [()]
        for dimension in by:
            keys = [(*key, code) for key in keys for code in part(entity, dimension).codes(row)]
        for key in keys if by else ():
            groups.setdefault(key, set()).add(row[unit])
    return {
        "total": len(everybody),
        "groups": [
            {"key": [{"code": code} for code in key], "count": len(groups[key])}
            for key in sorted(groups, key=lambda key: [(code is None, code or "") for code in key])
        ],
    }

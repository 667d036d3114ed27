"""What a caseload may be grouped by: one value of an enum for each form in which a column has few values.

Derived from the catalogue: code lists, yes and no, countries, provinces and regencies, years, quarters and months; of a
type's own columns, and of the one row that a column's row hangs on, such as a victim's case.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any, Final

import strawberry

from hub.graphql.catalogue import Column, Link, Node, Scopes, both, nodes
from hub.graphql.enums import named
from schema.codes import code_list
from schema.declaration import Kind, Place
from schema.regions import regions

_PROVINCE_LENGTH, _REGENCY_LENGTH = 2, 5
"""Characters of a dotted Kemendagri code: `61`, `61.01`."""


class Form(StrEnum):
    """How values of a column become codes to group by."""

    CODE = "code"
    CODES = "codes"
    """A row with several codes is counted at each of them."""
    FLAG = "flag"
    PROVINCE = "province"
    REGENCY = "regency"
    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"


REGIONS: Final[Mapping[Form, int]] = MappingProxyType(
    {Form.PROVINCE: _PROVINCE_LENGTH, Form.REGENCY: _REGENCY_LENGTH}
)
"""Forms of a region, each with the length of its codes."""

PERIODS: Final[Mapping[Form, str]] = MappingProxyType(
    {Form.YEAR: "YYYY", Form.QUARTER: 'YYYY-"Q"Q', Form.MONTH: "YYYY-MM"}
)
"""Forms of a day, each as PostgreSQL's to_char writes it."""

_FLAGS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {"true": ("Ya", "Yes"), "false": ("Tidak", "No")}
)
_WORDS: Final[Mapping[Form, str]] = MappingProxyType(
    {
        Form.CODES: "Who has several codes is counted at each.",
        Form.PROVINCE: "By province.",
        Form.REGENCY: "By regency or city; without a code where no more than the province is known.",
        Form.YEAR: "By year.",
        Form.QUARTER: "By quarter, 2026-Q1.",
        Form.MONTH: "By month, 2026-01.",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One way to group the rows of a type.

    Attributes:
        name: in the API.
        subject: the type whose rows are grouped.
        link: leads to the row that has the column; None where it is the row's own.
        column: whose values decide.
        form: how they become codes.
    """

    name: str
    subject: Node
    link: Link | None
    column: Column
    form: Form

    @property
    def coordinate(self) -> str:
        """Of the enum's value."""
        return f"{enum_name(self.subject)}.{self.name}"

    @property
    def requires(self) -> Scopes:
        """The scopes that open it: grouping by a value is reading it."""
        return self.column.requires if self.link is None else both(self.link.requires, self.column.requires)

    @property
    def text(self) -> str:
        """What it is, and what opens it."""
        alternatives = " or ".join(" and ".join(one) for one in self.requires)
        parts = [self.column.declaration.text, _WORDS.get(self.form, ""), f"Needs {alternatives}."]
        return " ".join(part for part in parts if part)

    def labels(self) -> Mapping[str, tuple[str, str]]:
        """Labels of its codes, Indonesian and English; none of periods, which are their own."""
        declaration = self.column.declaration
        if self.form is Form.FLAG:
            return _FLAGS
        if self.form in REGIONS:
            length = REGIONS[self.form]
            return {code: (one.name, one.name) for code, one in regions().items() if len(code) == length}
        listed = "country" if declaration.place is Place.COUNTRY else declaration.codes
        if listed is None:
            return {}
        return {code: (one.label_id, one.label_en) for code, one in code_list(listed).items()}


def _forms(column: Column) -> tuple[Form, ...]:
    declaration = column.declaration
    if declaration.sealed:
        return ()
    if declaration.place is Place.REGION:
        return tuple(REGIONS)
    of_country = {Kind.TEXT: (Form.CODE,), Kind.TEXTS: (Form.CODES,)}
    others = {
        Kind.CODE: (Form.CODE,),
        Kind.CODES: (Form.CODES,),
        Kind.BOOLEAN: (Form.FLAG,),
        Kind.DATE: tuple(PERIODS),
    }
    forms = of_country if declaration.place is Place.COUNTRY else others
    return forms.get(declaration.kind, ())


def _name(column: Column, form: Form, link: Link | None) -> str:
    """`SEX`, `ORIGIN_PROVINCE`, `REPORTED_ON_MONTH`; of a victim's case `CASE_MODUS`."""
    own = column.declaration.name.upper()
    if form in REGIONS:
        own = re.sub("REGION$", form.value.upper(), own)
    elif form in PERIODS:
        own = f"{own}_{form.value.upper()}"
    prefix = "" if link is None else f"{link.relation.name.upper()}_"
    return own if own.startswith(prefix) else prefix + own


@cache
def dimensions(node: Node) -> Mapping[str, Dimension]:
    """All dimensions of a type by their names."""
    places: list[tuple[Link | None, Node]] = [(None, node)]
    places += [
        (link, nodes()[link.relation.target]) for link in node.links.values() if not link.relation.many
    ]
    found = [
        Dimension(name=_name(column, form, link), subject=node, link=link, column=column, form=form)
        for link, place in places
        for column in place.columns.values()
        for form in _forms(column)
    ]
    return MappingProxyType({one.name: one for one in found})


def enum_name(node: Node) -> str:
    """The name of the enum of a type's dimensions."""
    return f"{node.name}Dimension"


@cache
def dimension_enum(node: Node) -> type[Enum]:
    """The dimensions of a type; a value is the dimension's name."""
    values: dict[str, Any] = {
        one.name: strawberry.enum_value(one.name, description=one.text) for one in dimensions(node).values()
    }
    return named(enum_name(node), values, f"By what a caseload of {node.name} rows may be grouped.")

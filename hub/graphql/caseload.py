"""`caseload`: how many distinct persons and cases there are, group by group, over the rows that the caller may read.

The types and what each part of them needs; hub.graphql.groups makes the statement. Exact and live, and so never to be
mixed with published statistics: a group of one is a person.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, Final, cast

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.federation.schema_directives import Cost
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from hub.graphql import weights
from hub.graphql.catalogue import ROOTS, Node, Scopes, nodes
from hub.graphql.dimensions import dimension_enum, dimensions
from hub.graphql.enums import code_enum
from hub.graphql.filters import where_input
from hub.graphql.types import scoped

MOST_DIMENSIONS: Final = 3
TYPE: Final = "Caseload"
SUBJECTS: Final[Mapping[str, Node]] = MappingProxyType(
    {root.name: nodes()[root.node] for root in ROOTS.values() if root.many}
)
"""What is counted, by field of Caseload."""

REQUIRES: Final[Mapping[str, Scopes]] = MappingProxyType(
    {
        **{f"{TYPE}.{name}": node.requires for name, node in SUBJECTS.items()},
        **{one.coordinate: one.requires for node in SUBJECTS.values() for one in dimensions(node).values()},
    }
)
"""Scopes of what is counted and of every dimension, by coordinate."""

PURPOSES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        one.coordinate: one.column.purposes
        for node in SUBJECTS.values()
        for one in dimensions(node).values()
        if one.column.purposes is not None
    }
)
"""Purposes that may group by a dimension, where not all may."""

LEFT_OUT: Final[frozenset[str]] = frozenset(REQUIRES)
"""What a lenient answer may leave out: a table that is asked for by a dimension which is refused is null as a whole."""

_AGENCY = code_enum("agency")


@strawberry.enum(description="What a caseload counts.")
class CaseloadUnit(Enum):
    """What a caseload counts."""

    CASE = strawberry.enum_value("CASE", description="Distinct cases.")
    PERSON = strawberry.enum_value("PERSON", description="Distinct persons, in however many cases.")


@strawberry.type(description="One part of a group's key.")
class CaseloadKey:
    """One part of a group's key."""

    dimension: str = strawberry.field(description="As it was asked for, such as SEX.")
    code: str | None = strawberry.field(
        description="Code, region, year, quarter or month; null for those of whom nothing is stated or open to the caller."
    )
    label_id: str | None = strawberry.field(
        description="Label in Indonesian; null where a code has none here."
    )
    label_en: str | None = strawberry.field(description="Label in English; null where a code has none here.")


@strawberry.type(description="Those who have the same codes.")
class CaseloadGroup:
    """Those who have the same codes."""

    key: list[CaseloadKey] = strawberry.field(
        description="One part for each dimension, in the order of `by`."
    )
    count: int = strawberry.field(
        description="Distinct persons or cases, exact. Who has several codes or cases is counted at each, so groups do not add up."
    )


@strawberry.type(description="Whose rows of which regions are counted: what the caller's grants open.")
class CaseloadCover:
    """Whose rows of which regions are counted: what the caller's grants open."""

    agency: _AGENCY | None = strawberry.field(  # pyright: ignore[reportInvalidTypeForm] -- made from its code list
        description="Agency whose records are counted; null for the one case of an emergency."
    )
    nationwide: bool = strawberry.field(description="True if rows of every region are, and of none.")
    regions: list[str] = strawberry.field(
        description="Kemendagri codes of provinces and regencies to which a row must have a tie."
    )


@strawberry.type(description="Distinct persons or cases, all together and in groups.")
class CaseloadTable:
    """Distinct persons or cases, all together and in groups."""

    unit: CaseloadUnit = strawberry.field(description="What is counted: cases, or persons.")
    total: int = strawberry.field(
        description="Each person or case once. The sum of the groups is larger where some are in several."
    )
    groups: list[CaseloadGroup] = strawberry.field(
        description="By their keys, those without a code last; none where `by` is empty. Groups of nobody are left out."
    )
    covers: list[CaseloadCover] = strawberry.field(
        description="What the numbers speak of; show it beside them."
    )
    children_included: bool | None = strawberry.field(
        description="Of victims: false where some or all under 18 are left out, since no grant opens them; else null."
    )


def _field(name: str, node: Node) -> StrawberryField:
    unit = "cases" if node.name == "Case" else "persons"
    field = cast(
        "StrawberryField",
        scoped(
            node.requires,
            directives=[Cost(weight=weights.CASELOAD)],
            name=name,
            description=f"Distinct {unit} of the {node.name} rows that the caller may read.",
        ),
    )
    field.arguments = [
        StrawberryArgument(
            "by",
            "by",
            StrawberryAnnotation(list[dimension_enum(node)]),  # pyright: ignore[reportInvalidTypeForm] -- made from the catalogue
            description=f"What to group by, at most {MOST_DIMENSIONS} different ones.",
            default=[],
        ),
        StrawberryArgument(
            "where",
            "where",
            StrawberryAnnotation(where_input(node) | None),
            description="Conditions that all hold.",
            default=None,
        ),
    ]
    return field


def _caseload() -> type:
    fields: dict[str, Any] = {name: _field(name, node) for name, node in SUBJECTS.items()}
    annotations = dict.fromkeys(fields, CaseloadTable | None)
    namespace = {"__annotations__": annotations, "__module__": __name__, **fields}
    return strawberry.type(
        type(TYPE, (), namespace),
        description="Exact counts over the rows that the caller may read, live; they may not be published.",
    )


Caseload: Final = _caseload()

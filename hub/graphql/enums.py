"""GraphQL enums: one for each code list that a field uses, and one of sortable fields for each type."""

from enum import Enum
from functools import cache
from typing import Any, cast

import strawberry

from hub.graphql.catalogue import Node
from schema.codes import Code, code_list


def type_name(list_name: str) -> str:
    """The name of a code list's enum: `victim_status` is VictimStatus."""
    return "".join(part.capitalize() for part in list_name.split("_"))


def _describe(code: Code) -> str:
    return f"{code.label_en} ({code.label_id})"


def named(name: str, values: dict[str, Any], description: str) -> type[Enum]:
    """An enum of the API.

    Args:
        name: its type's.
        values: by name, as strawberry.enum_value makes them.
        description: of the type.
    """
    made = cast("type[Enum]", Enum(name, values))
    return strawberry.enum(made, description=description)


@cache
def code_enum(list_name: str) -> type[Enum]:
    """The enum of a code list; a value is the code itself."""
    values: dict[str, Any] = {
        code.code: strawberry.enum_value(code.code, description=_describe(code))
        for code in code_list(list_name).values()
    }
    return named(type_name(list_name), values, f"Code list `{list_name}`; labels and validity by codeLists.")


@strawberry.enum(description="Which way a list is sorted; rows without a value come last either way.")
class Direction(Enum):
    """Which way a list is sorted."""

    ASC = "ASC"
    DESC = "DESC"


@cache
def order_enum(node: Node) -> type[Enum]:
    """The sortable fields of a type; a value is the field's name in the API."""
    values: dict[str, Any] = {}
    for column in node.sortable:
        name = column.declaration.name.upper()
        values[name] = strawberry.enum_value(column.name, description=column.declaration.text)
    return named(f"{node.name}OrderField", values, f"Fields by which {node.name} rows may be sorted.")

"""Inputs of `where` and `orderBy`, made from the catalogue: typed operators, relations, and `and`, `or`, `not`."""

import types
from collections.abc import Mapping
from functools import cache
from typing import Any, Optional

import strawberry
from strawberry import UNSET

from hub.graphql.catalogue import Column, Link, Node, nodes
from hub.graphql.enums import Direction, code_enum, order_enum, type_name
from hub.graphql.scalars import Date, DateTime
from schema.declaration import Kind, Sought

_AND = "All of these hold."
_OR = "At least one of these holds."
_NOT = "This does not hold; rows without the value are among those found."
_SOME = "At least one row that the caller may read fulfils these; with none given, there is one."
_NONE = "No row that the caller may read fulfils these; with none given, there is none."


def _optional(annotation: Any) -> Any:
    return Optional[annotation]  # noqa: UP045 -- a name that is still to be resolved cannot be joined by |


def _input(name: str, fields: Mapping[str, tuple[Any, str]], description: str) -> type:
    """An input type; a field that is left out is left out, and is not null."""
    namespace: dict[str, Any] = {"__annotations__": {}, "__module__": __name__}
    for field, (annotation, text) in fields.items():
        python_name = f"{field}_"  # `in`, `and`, `or` and `not` are words of Python
        namespace["__annotations__"][python_name] = _optional(annotation)
        namespace[python_name] = strawberry.field(name=field, default=UNSET, description=text)
    made = types.new_class(name, (), exec_body=lambda body: body.update(namespace))
    return strawberry.input(made, description=description)


_EQ, _IN, _NULL = "Equal.", "Equal to one of these, at most 100.", "True: without a value; false: with one."
_RANGE = {"gt": "After.", "gte": "After or equal.", "lt": "Before.", "lte": "Before or equal."}


def _range(name: str, scalar: Any, what: str) -> type:
    fields: dict[str, tuple[Any, str]] = {"eq": (scalar, _EQ)}
    fields |= {operator: (scalar, text) for operator, text in _RANGE.items()}
    return _input(
        name, {**fields, "isNull": (bool, _NULL)}, f"Conditions on {what}; all that are given hold."
    )


IdFilter = _input(
    "IdFilter",
    {"eq": (strawberry.ID, _EQ), "in": (list[strawberry.ID], _IN)},
    "Conditions on an id; ids that were merged away find what they were merged into only by the field for one row.",
)
TextFilter = _input(
    "TextFilter",
    {
        "eq": (str, _EQ),
        "in": (list[str], _IN),
        "startsWith": (str, "Begins with: of a Kemendagri code, lies in."),
        "isNull": (bool, _NULL),
    },
    "Conditions on a text; upper and lower case differ.",
)
BooleanFilter = _input(
    "BooleanFilter",
    {"eq": (bool, _EQ), "isNull": (bool, _NULL)},
    "Conditions on a yes or no; absent is not no.",
)
DateFilter = _range("DateFilter", Date, "a day")
DateTimeFilter = _range("DateTimeFilter", DateTime, "a moment")
IntFilter = _range("IntFilter", int, "a number")

_SOUGHT: Mapping[Sought, type] = {
    Sought.NAME: _input(
        "NameFilter",
        {
            "matches": (
                str,
                "Two words or more of the name or of an alias, in any order and usual spelling; or all of a name of one word.",
            )
        },
        "Conditions on the name of a person; names stay sealed and are found by tokens.",
    ),
    Sought.NIK: _input(
        "NikFilter", {"eq": (str, "Equal; 16 digits.")}, "Conditions on a NIK; it stays sealed."
    ),
    Sought.PAPER: _input(
        "PaperNumberFilter",
        {"eq": (str, "Equal, in capitals or not and however it is spaced.")},
        "Conditions on the number of a document; it stays sealed.",
    ),
}

_PLAIN: Mapping[Kind, type] = {
    Kind.ID: IdFilter,
    Kind.TEXT: TextFilter,
    Kind.DATE: DateFilter,
    Kind.TIMESTAMP: DateTimeFilter,
    Kind.INTEGER: IntFilter,
    Kind.BOOLEAN: BooleanFilter,
}


@cache
def _code_filter(list_name: str) -> type:
    enum = code_enum(list_name)
    fields: dict[str, tuple[Any, str]] = {
        "eq": (enum, _EQ),
        "in": (list[enum], _IN),
        "isNull": (bool, _NULL),
    }
    return _input(f"{type_name(list_name)}Filter", fields, f"Conditions on one code of `{list_name}`.")


@cache
def _codes_filter(list_name: str) -> type:
    enum = code_enum(list_name)
    fields: dict[str, tuple[Any, str]] = {
        "contains": (enum, "This code is among them."),
        "containsAny": (list[enum], "At least one of these codes is among them."),
        "isNull": (bool, _NULL),
    }
    return _input(
        f"{type_name(list_name)}ListFilter", fields, f"Conditions on a list of codes of `{list_name}`."
    )


def _operators(column: Column) -> type:
    declaration = column.declaration
    if declaration.sought is not None:
        return _SOUGHT[declaration.sought]
    if declaration.codes is not None:
        of_list = declaration.kind is Kind.CODES
        return _codes_filter(declaration.codes) if of_list else _code_filter(declaration.codes)
    return _PLAIN[declaration.kind]


def _name(node: str) -> str:
    return f"{node}Filter"


@cache
def _list_filter(target: str) -> type:
    """Conditions on the rows of a type that hang on another: only those that the caller may read count."""
    name = _name(target)
    return _input(
        f"{target}ListFilter",
        {"some": (name, _SOME), "none": (name, _NONE)},
        f"Conditions on the {target} rows that belong to a row; all that are given hold.",
    )


def _related(link: Link) -> tuple[Any, str]:
    target = link.relation.target
    if link.relation.many:
        return _list_filter(target), link.relation.text
    return _name(target), f"{link.relation.text} It is one that the caller may read, and fulfils these."


@cache
def where_input(node: Node) -> type:
    """The conditions that rows of a type may be asked for."""
    name = _name(node.name)
    fields: dict[str, tuple[Any, str]] = {
        column.name: (_operators(column), column.declaration.text) for column in node.filterable
    }
    fields |= {link.name: _related(link) for link in node.links.values()}
    fields |= {"and": (list[name], _AND), "or": (list[name], _OR), "not": (name, _NOT)}
    made = _input(name, fields, f"Conditions on {node.name} rows; all that are given hold.")
    globals()[name] = made  # where strawberry looks up the names of types that hang on each other
    return made


@cache
def order_input(node: Node) -> type | None:
    """One step of a sort order; None where no field of the type may be sorted by."""
    if not node.sortable:
        return None
    fields: dict[str, tuple[Any, str]] = {"field": (order_enum(node), "By which field.")}
    namespace: dict[str, Any] = {
        "__annotations__": {"field": order_enum(node), "direction": Direction},
        "__module__": __name__,
        "field": strawberry.field(description=fields["field"][1]),
        "direction": strawberry.field(default=Direction.ASC, description="Which way."),
    }
    made = types.new_class(f"{node.name}Order", (), exec_body=lambda body: body.update(namespace))
    return strawberry.input(made, description=f"One step of the order of {node.name} rows.")


for _node in nodes().values():
    where_input(_node)

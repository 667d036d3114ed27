"""Values as the query language writes them."""

import json
from typing import Any


class Name(str):
    """A word of the language that stands without quotes: a code, a variable, a sortable field."""

    __slots__ = ()


def literal(value: Any) -> str:
    """The value as a literal; JSON writes the same value for a variable, since a Name is a text there."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {literal(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(literal(one) for one in value) + "]"
    return str(value) if isinstance(value, Name) else json.dumps(value)

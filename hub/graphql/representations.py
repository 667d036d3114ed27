"""What a federation asks entities by: objects of a type's name and its key.

Source: Apollo Federation subgraph specification, `_entities`.
"""

from collections.abc import Iterable
from typing import Final, cast

from graphql import GraphQLSchema

MOST_ENTITIES: Final = 100


def said(representation: object, name: str) -> str | None:
    """What a representation says under a name; None where that is no text, or the representation is no object."""
    value = cast("dict[str, object]", representation).get(name) if isinstance(representation, dict) else None
    return value if isinstance(value, str) else None


def entity_names(schema: GraphQLSchema) -> frozenset[str]:
    """Types that a federation may ask for by their key."""
    union = schema.get_type("_Entity")
    return frozenset(one.name for one in getattr(union, "types", ()))


def named(schema: GraphQLSchema, representations: Iterable[object]) -> frozenset[str]:
    """The types of ours that these name."""
    return entity_names(schema).intersection(said(one, "__typename") for one in representations)

"""Errors as they may be told: with names of the schema and the document, and without any value that somebody sent.

A value may be a NIK or a name, and messages of errors end in logs on the way and at the caller.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from graphql import DocumentNode, GraphQLError, StringValueNode, Visitor, visit
from graphql.language.print_string import print_string
from graphql.pyutils import inspect

_LEFT_OUT = "..."
_OF_SYNTAX = re.compile(r"\b(String|BlockString|Int|Float) (['\"]).*\2", re.DOTALL)
_SHORTEST = 4
"""Characters of a number that could name somebody; a shorter one helps to find the mistake."""
_MOST_VALUES = 1000
"""Values that are looked for in messages; of more, only the place of the mistake is told."""


class _Texts(Visitor):
    """The texts among a document's literals."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def enter_string_value(self, node: StringValueNode, *_: object) -> None:
        """A text."""
        self.found.add(node.value)


def texts_of(document: DocumentNode) -> frozenset[str]:
    """The texts that stand in the document as literals: an id, a NIK or a name may be among them."""
    texts = _Texts()
    visit(document, texts)
    return frozenset(texts.found)


def of_syntax(error: GraphQLError) -> GraphQLError:
    """The error of a text that does not parse."""
    return _again(error, _OF_SYNTAX.sub(r"\1", error.message))


def of_document(errors: Sequence[GraphQLError], texts: Iterable[str]) -> list[GraphQLError]:
    """The errors of a document that does not fit the schema.

    Args:
        errors: n >= 1.
        texts: of the document.
    """
    return _without(errors, _shown(texts))


def of_variables(errors: Sequence[GraphQLError], given: object) -> list[GraphQLError]:
    """The errors of variables that do not fit their types.

    Args:
        errors: n >= 1.
        given: the variables, JSON.
    """
    values = list(islice(_leaves(given), _MOST_VALUES + 1))
    if len(values) > _MOST_VALUES:
        return [_again(error, error.message.partition(": ")[0]) for error in errors]
    return _without(errors, _shown(values))


def _leaves(given: object) -> Iterable[str | float]:
    waiting: list[Any] = [given]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.values())  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType] -- JSON of the caller
        elif isinstance(value, list):
            waiting.extend(value)  # pyright: ignore[reportUnknownArgumentType] -- JSON of the caller
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            yield value


def _shown(values: Iterable[str | float]) -> set[str]:
    """Every way in which a message shows one of these values, quotes included."""
    found: set[str] = set()
    for value in values:
        if isinstance(value, str):
            found |= {repr(value), inspect(value), print_string(value), f'"{value}"', f"'{value}'"}
        elif len(str(value)) >= _SHORTEST:
            found |= {repr(value), inspect(value)}
    return found


def _without(errors: Sequence[GraphQLError], shown: Iterable[str]) -> list[GraphQLError]:
    told: list[GraphQLError] = []
    longest_first = sorted(shown, key=len, reverse=True)
    for error in errors:
        message = error.message
        for text in longest_first:
            message = message.replace(text, _LEFT_OUT)
        told.append(_again(error, message))
    return told


def _again(error: GraphQLError, message: str) -> GraphQLError:
    return GraphQLError(message, error.nodes, error.source, error.positions)

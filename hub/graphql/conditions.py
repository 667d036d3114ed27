"""`where` as conditions of the statement; each operator is one expression with its value as a parameter."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    Text,
    Uuid,
    and_,
    any_,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    true,
)

from hub.graphql.catalogue import Column, Link, nodes
from hub.graphql.prepared import integer
from hub.graphql.request import Binds, Getter, Request, as_uuid, at
from hub.graphql.source import RowSource
from hub.identity.sought import wanted
from schema.declaration import Kind, Sought
from schema.errors import InputInvalid

Path = tuple[str | int, ...]
_MOST_STEPS = 50
_MOST_RELATIONS = 3
"""Relations in each other; each is a semi-join for every row of the one around it."""
_LAST = chr(sys.maxunicode)
_LONGEST = 1000
"""Characters of the last text: a noncharacter so often that no value begins like that."""


@dataclass(slots=True)
class _Count:
    """Conditions of one `where` so far, those on related rows too."""

    steps: int = 0


class Conditions:
    """Compiles the conditions of one field's `where`.

    Args:
        source: the rows.
        binds: of the statement.
        use: of the field's arguments.
        depth: relations around these conditions.
        count: of the whole `where`, where these are a part of it.
    """

    def __init__(
        self, source: RowSource, binds: Binds, use: int, *, depth: int = 0, count: _Count | None = None
    ) -> None:
        self._source = source
        self._binds = binds
        self._use = use
        self._depth = depth
        self._count = count or _Count()

    def all_of(self, value: Mapping[str, Any] | None, path: Path) -> ColumnElement[bool]:
        """All conditions of an input object hold; without any, true.

        Args:
            value: as coerced, by field name; only its shape matters.
            path: where it stands in the field's arguments.

        Raises:
            InputInvalid: an operator is null, or there are too many conditions.
        """
        found: list[ColumnElement[bool]] = []
        for name, inner in (value or {}).items():
            if inner is None:
                continue
            self._step(1)
            found.append(self._one(name, inner, (*path, name)))
        return and_(true(), *found)

    def _step(self, count: int) -> None:
        self._count.steps += count
        if self._count.steps > _MOST_STEPS:
            raise InputInvalid(f"where: at most {_MOST_STEPS} conditions, lists of them counted too")

    def _one(self, name: str, value: Any, path: Path) -> ColumnElement[bool]:
        if name == "not":
            # NOT of NULL is NULL and would lose the row: who has no value does not fulfil the condition.
            return not_(func.coalesce(self.all_of(value, path), false()))
        if name in {"and", "or"}:
            self._step(len(value))
            parts = [self.all_of(item, (*path, number)) for number, item in enumerate(value)]
            return and_(true(), *parts) if name == "and" else or_(false(), *parts)
        link = self._source.node.links.get(name)
        if link is not None:
            return self._related(link, value, path)
        column = self._source.node.columns[name]
        return and_(
            true(), *(self._operator(column, one, operand, (*path, one)) for one, operand in value.items())
        )

    def _related(self, link: Link, value: Mapping[str, Any], path: Path) -> ColumnElement[bool]:
        if not link.relation.many:
            return self._exists(link, value, path)
        found: list[ColumnElement[bool]] = []
        for name, inner in value.items():
            if inner is None:
                raise InputInvalid(f"{link.name}: {name} is null; {{}} asks for any row")
            self._step(1)
            one = self._exists(link, inner, (*path, name))
            found.append(one if name == "some" else not_(one))
        return and_(true(), *found)

    def _exists(self, link: Link, value: Mapping[str, Any], path: Path) -> ColumnElement[bool]:
        """True if one of the related rows that the permit opens fulfils the conditions; never NULL.

        It reads them as the list of the relation would: by the same rules of rows and of values, so that a condition
        finds nothing out that a selection would not show.

        Raises:
            InputInvalid: there are too many relations around it.
        """
        if self._depth == _MOST_RELATIONS:
            raise InputInvalid(f"where: at most {_MOST_RELATIONS} relations in each other")
        target = self._source.beside(nodes()[link.relation.target])
        inner = Conditions(target, self._binds, self._use, depth=self._depth + 1, count=self._count)
        conditions = [target.meets(self._source, link), *target.rules(), inner.all_of(value, path)]
        found = select(integer(1)).select_from(target.rows).where(*conditions).correlate(self._source.own)
        return exists(found)

    def _operator(self, column: Column, name: str, operand: Any, path: Path) -> ColumnElement[bool]:
        sought = column.declaration.sought
        if operand is None:
            hint = "" if sought else "; use isNull to ask for rows without a value"
            raise InputInvalid(f"{column.name}: {name} is null{hint}")
        if sought is not None:
            return self._found(column, sought, at(self._use, path))
        cell = self._source.cell(column)
        get = at(self._use, path)
        if name == "isNull":
            return cell.is_(None) == self._binds.add(get, Boolean())
        return _OPERATORS[name](self._binds, column, cell, get)

    def _found(self, column: Column, sought: Sought, get: Getter) -> ColumnElement[bool]:
        """True for the rows that the value means, where the permit opens it: by tokens, and nothing is opened."""

        def one_of(number: int) -> Getter:
            def tokens(request: Request) -> list[int]:
                found = wanted(request.keyring, sought, get(request))
                if not found:
                    raise InputInvalid(f"{column.name}: {_TOO_LITTLE[sought]}")
                return list(found[number % len(found)])

            return tokens

        kind = ARRAY(BigInteger())
        one, other = self._binds.add(one_of(0), kind), self._binds.add(one_of(1), kind)
        found = self._source.tables.found(column.entity, one, other)
        key = self._source.own.c.person_id if column.of_person else self._source.key
        return and_(self._source.opens(column), key.in_(found))


_TOO_LITTLE: Mapping[Sought, str] = {
    Sought.NAME: "two words of a name are needed, or all of a name of one word; initials say too little",
    Sought.NIK: "16 digits in the form of a NIK are needed",
    Sought.PAPER: "five letters and digits or more are needed",
}


def _item(column: Column, cell: ColumnElement[Any]) -> Any:
    return Text() if column.declaration.kind is Kind.CODES else cell.type


def _value(column: Column, get: Getter) -> Getter:
    return _id(get) if column.declaration.kind is Kind.ID else get


def _id(get: Getter) -> Getter:
    def value(request: Request) -> UUID | Sequence[UUID] | None:
        given = get(request)
        if isinstance(given, list):
            return [found for one in given if (found := as_uuid(one)) is not None]  # pyright: ignore[reportUnknownVariableType] -- texts
        return as_uuid(given)

    return value


def _compare(operator: Callable[[Any, Any], Any]) -> Callable[..., ColumnElement[bool]]:
    def compiled(binds: Binds, column: Column, cell: ColumnElement[Any], get: Getter) -> ColumnElement[bool]:
        return operator(cell, binds.add(_value(column, get), _item(column, cell)))

    return compiled


def _compare_list(operator: Callable[[Any, Any], Any]) -> Callable[..., ColumnElement[bool]]:
    def compiled(binds: Binds, column: Column, cell: ColumnElement[Any], get: Getter) -> ColumnElement[bool]:
        kind = Uuid() if column.declaration.kind is Kind.ID else _item(column, cell)
        return operator(cell, binds.add(_value(column, get), ARRAY(kind)))

    return compiled


def _starts_with(binds: Binds, column: Column, cell: ColumnElement[Any], get: Getter) -> ColumnElement[bool]:
    """What begins with a text lies between it and its successor, which an index serves with any parameter."""
    del column
    prefix, bound = binds.add(get, Text()), binds.add(lambda request: successor(get(request)), Text())
    return and_(cell >= prefix, cell < bound, func.starts_with(cell, prefix))


def successor(prefix: str) -> str:
    """The first text, by code point, behind all that begin with the prefix; no value of the hub is behind the last.

    Source: the columns' collation "C", schema.tables.golden.
    """
    kept = prefix.rstrip(_LAST)
    if not kept:
        return _LAST * _LONGEST
    following = ord(kept[-1]) + 1
    # Halves of surrogate pairs are no characters, and PostgreSQL takes none.
    return kept[:-1] + chr(0xE000 if following == 0xD800 else following)  # noqa: PLR2004 -- the first half


_OPERATORS: Mapping[str, Callable[..., ColumnElement[bool]]] = {
    "eq": _compare(lambda cell, value: cell == value),
    "gt": _compare(lambda cell, value: cell > value),
    "gte": _compare(lambda cell, value: cell >= value),
    "lt": _compare(lambda cell, value: cell < value),
    "lte": _compare(lambda cell, value: cell <= value),
    "contains": _compare(lambda cell, value: value == any_(cell)),
    "in": _compare_list(lambda cell, values: cell == any_(values)),
    "containsAny": _compare_list(lambda cell, values: cell.bool_op("&&")(values)),
    "startsWith": _starts_with,
}

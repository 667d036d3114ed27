"""The order of a list, where a row stands in it, and what follows a cursor.

A row without a value comes last whichever way the list is sorted; the key ends every order, so it is total and a page
neither repeats nor skips a row.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, and_, false, func, or_

from hub.graphql.catalogue import Column
from hub.graphql.enums import Direction
from hub.graphql.request import Binds, Getter, Request
from hub.graphql.source import RowSource
from schema.declaration import Kind
from schema.errors import InputInvalid

_MOST_STEPS = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an order."""

    column: Column
    descending: bool


def steps_of(source: RowSource, order_by: Sequence[Mapping[str, Any]] | None) -> tuple[Step, ...]:
    """The steps that a field's `orderBy` asks for.

    Raises:
        InputInvalid: more steps than make sense, or one field twice.
    """
    steps = tuple(
        Step(source.node.columns[one["field"].value], one["direction"] is Direction.DESC)
        for one in order_by or ()
    )
    if len(steps) > _MOST_STEPS or len({step.column.name for step in steps}) != len(steps):
        raise InputInvalid(f"orderBy: at most {_MOST_STEPS} different fields")
    return steps


@dataclass(frozen=True, slots=True)
class Order:
    """The order of one list."""

    source: RowSource
    steps: tuple[Step, ...]

    @property
    def label(self) -> str:
        """Names the order, so that a cursor of another is refused."""
        return ",".join(f"{step.column.name}{'-' if step.descending else '+'}" for step in self.steps)

    @property
    def _cells(self) -> list[ColumnElement[Any]]:
        return [*(self.source.cell(step.column) for step in self.steps), self.source.key]

    @property
    def columns(self) -> list[ColumnElement[Any]]:
        """What the rows are sorted by, as columns of a subquery that `clauses_of` sorts again."""
        return [cell.label(f"s{number}") for number, cell in enumerate(self._cells)]

    @property
    def clauses(self) -> list[ColumnElement[Any]]:
        """For ORDER BY."""
        return self._sorted(self._cells)

    def clauses_of(self, picked: FromClause) -> list[ColumnElement[Any]]:
        """The same order over a subquery that has `columns`."""
        return self._sorted([picked.c[f"s{number}"] for number in range(len(self.steps) + 1)])

    def _sorted(self, cells: Sequence[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
        found = [
            (cell.desc() if step.descending else cell.asc()).nulls_last()
            for step, cell in zip(self.steps, cells, strict=False)
        ]
        return [*found, cells[-1].asc()]

    def position(self) -> ColumnElement[Any]:
        """A JSON array of the values by which the row is sorted, its key last."""
        return func.json_build_array(*self._cells)

    def after(self, use: int, binds: Binds) -> ColumnElement[bool]:
        """True for rows behind the cursor.

        Args:
            use: of the list's arguments; its cursor has as many values as there are steps, and the key.
            binds: of the statement.
        """
        equal: list[ColumnElement[bool]] = []
        found: list[ColumnElement[bool]] = []
        for number, step in enumerate(self.steps):
            cell = self.source.cell(step.column)
            value = binds.add(_cursor_value(use, number, step.column.declaration.kind), cell.type)
            behind = cell < value if step.descending else cell > value
            # Behind a row without a value there are only its equals; they are told apart by the next step.
            found.append(and_(*equal, value.is_not(None), or_(behind, cell.is_(None))))
            equal.append(cell.is_not_distinct_from(value))
        key = binds.add(_cursor_value(use, len(self.steps), Kind.ID), self.source.key.type)
        return or_(false(), *found, and_(*equal, self.source.key > key))


_READERS: Mapping[Kind, Callable[[str], Any]] = {
    Kind.ID: UUID,
    Kind.DATE: date.fromisoformat,
    Kind.TIMESTAMP: datetime.fromisoformat,
}


def _cursor_value(use: int, number: int, kind: Kind) -> Getter:
    read = _READERS.get(kind)

    def get(request: Request) -> Any:
        value = request.cursors[use][number]
        return value if value is None or read is None else read(value)

    return get

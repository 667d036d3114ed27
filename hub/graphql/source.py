"""Where rows of a type come from: the golden table, and the person's where a role's field stands there."""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, FromClause, or_
from sqlalchemy.sql.selectable import NamedFromClause

from hub.graphql.catalogue import ROLE_PERSON, Column, Node
from hub.graphql.request import Binds
from schema.tables.golden import GOLDEN


class RowSource:
    """One use of a type's rows in a statement; the person is joined only where something asks for it.

    Args:
        node: the type.
    """

    def __init__(self, node: Node) -> None:
        self.node = node
        self.own: NamedFromClause[Any] = GOLDEN[node.name].alias()
        self._person: NamedFromClause[Any] | None = None

    @property
    def key(self) -> ColumnElement[Any]:
        """The rows' key."""
        return self.own.c[self.node.entity.key]

    def cell(self, column: Column) -> ColumnElement[Any]:
        """The column of the row, or of the person behind it."""
        return self._table(column).c[column.declaration.name]

    def row_id(self, column: Column) -> ColumnElement[Any]:
        """The key of the row that the column stands in."""
        return self._table(column).c.person_id if column.of_person else self.key

    def _table(self, column: Column) -> NamedFromClause[Any]:
        if not column.of_person:
            return self.own
        if self._person is None:
            self._person = GOLDEN[ROLE_PERSON].alias()
        return self._person

    @property
    def rows(self) -> FromClause:
        """The tables, joined; to be read when every cell has been asked for."""
        if self._person is None:
            return self.own
        return self.own.outerjoin(self._person, self._person.c.person_id == self.own.c.person_id)

    def rules(self, binds: Binds) -> list[ColumnElement[bool]]:
        """What the permit says of these rows; a row that does not pass is as if it were not there."""
        if self.node.name != "Victim":
            return []
        sees = binds.add(lambda request: request.sees_children, Boolean())
        return [or_(sees, self.own.c.is_child_at_exploitation.is_not(True))]

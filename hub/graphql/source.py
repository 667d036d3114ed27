"""Where rows of a type come from, and which of them and of their values a permit opens.

The golden table, and the person's where a role's field stands there. A row that no rule opens is as if it were not there;
a value that none opens is as if nobody had said it, wherever it is used: shown, filtered by, sorted by.
"""

from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    FromClause,
    Text,
    Uuid,
    and_,
    case,
    func,
    or_,
    true,
)
from sqlalchemy.sql.selectable import NamedFromClause

from hub.graphql.catalogue import ROLE_PERSON, Column, Link, Node
from hub.graphql.prepared import constant
from hub.graphql.request import Binds
from hub.graphql.rules import CHILDREN, NO_MEANS_NEEDED, PROTECTED, Uneven
from hub.graphql.tables import VIEW, Tables
from schema.declaration import CHILD_PURPOSES, WHEREABOUTS_PURPOSES
from schema.tables.golden import GOLDEN, REACHED

_OWNED = frozenset(name for name in GOLDEN if name not in {*REACHED, ROLE_PERSON, "Organisation"})
"""Rows that are one agency's word and hang on another row."""


class RowSource:
    """One use of a type's rows in a statement; the person is joined only where something asks for it.

    Args:
        node: the type.
        binds: of the statement.
        uneven: scopes that open fewer rows than the type's own, for the caller at hand.
        tables: that the rows stand in.
    """

    def __init__(self, node: Node, binds: Binds, uneven: Uneven, tables: Tables = VIEW) -> None:
        self.node = node
        self.tables = tables
        self.own: NamedFromClause[Any] = tables.of(node.name)
        self._binds = binds
        self._uneven = uneven
        self._person: NamedFromClause[Any] | None = None

    def beside(self, node: Node) -> "RowSource":
        """Rows of another type in the same statement, for the same caller and of the same moment."""
        return RowSource(node, self._binds, self._uneven, self.tables)

    def meets(self, owner: "RowSource", link: Link) -> ColumnElement[bool]:
        """True where a row belongs to one of these by that relation."""
        return self.own.c[link.relation.target_field] == owner.own.c[link.relation.owner_field]

    @property
    def key(self) -> ColumnElement[Any]:
        """The rows' key."""
        return self.own.c[self.node.entity.key]

    def cell(self, column: Column) -> ColumnElement[Any]:
        """The column of the row, or of the person behind it; NULL where a rule keeps its value back."""
        plain = self._table(column).c[column.declaration.name]
        if self.node.name == "Case" and column.declaration.name == "means":
            # Where no means are required a child is among the victims, whom not everybody may know of.
            told = func.array_remove(plain, constant(NO_MEANS_NEEDED))
            plain = case((self._opened_by(CHILDREN), plain), else_=told)
        rules = self._value_rules(column)
        return case((and_(*rules), plain)) if rules else plain

    def row_id(self, column: Column) -> ColumnElement[Any]:
        """The key of the row that the column stands in."""
        return self._table(column).c.person_id if column.of_person else self.key

    def _table(self, column: Column) -> NamedFromClause[Any]:
        if not column.of_person:
            return self.own
        if self._person is None:
            self._person = self.tables.of(ROLE_PERSON)
        return self._person

    @property
    def rows(self) -> FromClause:
        """The tables, joined; to be read when every cell has been asked for."""
        if self._person is None:
            return self.own
        return self.own.outerjoin(self._person, self._person.c.person_id == self.own.c.person_id)

    def rules(self) -> list[ColumnElement[bool]]:
        """What the permit says of these rows."""
        if self.node.name in _OWNED:
            return [self._opened_by(self.node.scope)]
        if self.node.name not in REACHED:
            return []
        excluded = self._binds.shared(
            "excluded", lambda request: list(request.permit.excluded), ARRAY(Uuid())
        )
        found = [self._opened_by(self.node.scope), self.own.c.case_id != excluded.all_()]
        if self.node.name == "Victim":
            found.append(or_(self.own.c.is_child_at_exploitation.is_not(True), self._opened_by(CHILDREN)))
        return found

    def opens(self, column: Column) -> ColumnElement[bool]:
        """True where the permit opens the column's value in a row that it opens; never NULL."""
        return and_(true(), *self._value_rules(column))

    def _value_rules(self, column: Column) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if column.scope is not None and (self.node.name, column.scope) in self._uneven:
            found.append(self._opened_by(column.scope))
        if column.declaration.sealed and self.node.name in {"Victim", "Document"}:
            found.append(or_(self._is_adult(), self._serves("child", CHILD_PURPOSES)))
        if column.declaration.whereabouts and self.node.name == "Victim":
            level = self.own.c.protection_level
            found.append(
                or_(
                    level.is_distinct_from(constant(PROTECTED)),
                    self._serves("whereabouts", WHEREABOUTS_PURPOSES),
                )
            )
        return found

    def _opened_by(self, scope: str) -> ColumnElement[bool]:
        """True where a grant of this scope opens the row."""
        if self.node.name in _OWNED:
            owners = self._binds.shared(
                f"owners {scope}", lambda request: list(request.permit.owners(scope)), ARRAY(Text())
            )
            return self.own.c.agencies.bool_op("&&")(owners)
        words = self._binds.shared(
            f"reach {scope}", lambda request: list(request.permit.reach(scope)), ARRAY(Text())
        )
        return self.own.c.reach.bool_op("&&")(words)

    def _is_adult(self) -> ColumnElement[bool]:
        if self.node.name == "Victim":
            return self.own.c.is_child_at_exploitation.is_not(True)
        return ~self.tables.child(self.own)

    def _serves(self, name: str, purposes: tuple[str, ...]) -> ColumnElement[bool]:
        return self._binds.shared(name, lambda request: request.permit.serves(purposes), Boolean())

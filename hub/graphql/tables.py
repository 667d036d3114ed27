"""The tables that a statement reads rows from: those of the view, unless rows of a moment stand in their place."""

from typing import Any, Final, Protocol

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.sql.selectable import NamedFromClause

from schema.tables.golden import GOLDEN


class Tables(Protocol):
    """Where rows of every type come from, and what is asked of them beside their columns."""

    def of(self, entity: str) -> NamedFromClause[Any]:
        """One use of the rows of an entity, with the columns of its golden table."""
        ...

    def found(self, entity: str, one: ColumnElement[Any], other: ColumnElement[Any]) -> Select[Any]:
        """Keys of the rows that have all tokens of one of two lists (hub.identity.sought); of an empty list none has all."""
        ...

    def child(self, own: NamedFromClause[Any]) -> ColumnElement[bool]:
        """True where the person of a row is a child in a victim's row that the caller may read; never NULL."""
        ...


class _View:
    """The view of now."""

    def of(self, entity: str) -> NamedFromClause[Any]:
        return GOLDEN[entity].alias()

    def found(self, entity: str, one: ColumnElement[Any], other: ColumnElement[Any]) -> Select[Any]:
        by_tokens = getattr(func, f"{entity.lower()}s_found")
        rows = by_tokens(one, other).table_valued("id", name="found").render_derived()
        return select(rows.c.id)

    def child(self, own: NamedFromClause[Any]) -> ColumnElement[bool]:
        return child_among(self.of("Victim"), own)


VIEW: Final[Tables] = _View()
"""The golden tables; row level security says once more which of their rows are read."""


def child_among(victim: NamedFromClause[Any], own: NamedFromClause[Any]) -> ColumnElement[bool]:
    """True where the person of a row is a child in one of these rows of victims.

    Args:
        victim: one use of victims' rows.
        own: the row, which has a person.
    """
    of_person = victim.c.person_id == own.c.person_id
    return exists().where(of_person, victim.c.is_child_at_exploitation.is_(True)).correlate(own)

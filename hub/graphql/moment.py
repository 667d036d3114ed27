"""Rows of a moment as tables of the statement: what `hub.graphql.past` brings in a parameter, in place of the view's tables."""

from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    CTE,
    JSON,
    ColumnElement,
    Select,
    Text,
    Uuid,
    and_,
    cast,
    column,
    func,
    or_,
    select,
)
from sqlalchemy.sql.selectable import NamedFromClause

from hub.graphql.prepared import integer
from hub.graphql.request import Binds, Request
from hub.graphql.tables import child_among
from schema.entities import entities
from schema.tables.golden import GOLDEN

MOST_MOMENTS: Final = 3
"""Fields with `asOf` in one operation: each computes a case anew."""
_NO_VALUES: Final = frozenset(["provenance", "fingerprint", "epoch"])
"""Columns that no statement of the API reads."""


class Moment:
    """Where the rows of one field with `asOf` come from: golden tables of then, as expressions of the statement.

    Args:
        binds: of the statement.
        use: number of the field's arguments.
    """

    def __init__(self, binds: Binds, use: int) -> None:
        self._binds = binds
        self._use = use
        self._tables: dict[str, CTE] = {}

    def of(self, entity: str) -> NamedFromClause[Any]:
        """One use of the rows of an entity."""
        found = self._tables.get(entity)
        if found is None:
            found = self._tables[entity] = self._table(entity)
        return found.alias()

    def found(self, entity: str, one: ColumnElement[Any], other: ColumnElement[Any]) -> Select[Any]:
        """Keys of the rows of then that have all tokens of one of two lists."""
        rows = self.of(entity)
        has_all = [
            and_(func.cardinality(tokens) > integer(0), rows.c.tokens.contains(tokens))
            for tokens in (one, other)
        ]
        return select(rows.c[entities()[entity].key]).where(or_(*has_all))

    def child(self, own: NamedFromClause[Any]) -> ColumnElement[bool]:
        """True where the person of a row is a child in a victim's row of then, or of now in any case."""
        now = self._binds.shared(
            f"children {self._use}",
            lambda request: list(request.moments[self._use].children),
            ARRAY(Uuid()),
        )
        return or_(child_among(self.of("Victim"), own), own.c.person_id == now.any_())

    def _table(self, entity: str) -> CTE:
        def document(request: Request) -> str:
            return request.moments[self._use].documents[entity]

        columns = [column(one.name, one.type) for one in GOLDEN[entity].columns if one.name not in _NO_VALUES]
        rows = (
            func.json_to_recordset(cast(self._binds.add(document, Text()), JSON))
            .table_valued(*columns, name=f"rows{self._use}_{entity.lower()}")
            .render_derived(with_types=True)
        )
        # Read once: rows below rows would have the document read again for each of them.
        return select(*rows.c).cte(f"then{self._use}_{entity.lower()}").prefix_with("MATERIALIZED")

"""Rows of a moment as tables of the statement: what `hub.graphql.past` brings in a parameter, in place of the view's tables."""

from typing import Final

from sqlalchemy import CTE, JSON, Text, cast, column, func, select

from hub.graphql.request import Binds, Request
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

    def __call__(self, entity: str) -> CTE:
        """One use of the rows of an entity."""
        found = self._tables.get(entity)
        if found is None:
            found = self._tables[entity] = self._table(entity)
        return found.alias()

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

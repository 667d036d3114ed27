"""A SQLAlchemy statement as psycopg takes it: compiled once, executed without SQLAlchemy between."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final, cast

from psycopg import AsyncConnection, AsyncRawCursor
from sqlalchemy import Boolean, ClauseElement, ColumnElement, Integer, Text, literal_column
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.sql.compiler import SQLCompiler

_DIALECT = PGDialect_psycopg()
_PARAMETER = re.compile(r"%%|%\((\w+)\)s")


TEXT: Final = Text()
INTEGER: Final = Integer()
"""One object of each: a type is worked out for the dialect once for each object of it, and a statement has hundreds."""


def constant(text: str) -> ColumnElement[str]:
    """The text as a literal of the statement, never anything of a caller."""
    quoted = text.replace("'", "''")
    return literal_column(f"'{quoted}'", TEXT)


def integer(value: int) -> ColumnElement[int]:
    """The number as a literal of the statement."""
    return literal_column(str(value), INTEGER)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement's text with parameters `$1`, `$2`, ... as PostgreSQL numbers them, each cast to its type.

    psycopg would look for named parameters in the text of each request again, and ours is long.

    Attributes:
        text: as it is sent.
        names: of the parameters, in order.
        name: under which a connection keeps it prepared; equal texts have equal names.
    """

    text: bytes
    names: tuple[str, ...]
    name: bytes = field(init=False)

    def __post_init__(self) -> None:
        """The name follows from the text."""
        object.__setattr__(self, "name", b"hub_" + sha256(self.text).hexdigest()[:32].encode())

    async def fetch(
        self, connection: AsyncConnection[Any], values: Mapping[str, Any]
    ) -> tuple[Any, ...] | None:
        """The first row; None where there is none.

        Args:
            connection: in autocommit; the server keeps the statement prepared for it.
            values: by parameter.
        """
        cursor = await self.send(connection, values)
        return await cursor.fetchone()

    async def send(self, connection: AsyncConnection[Any], values: Mapping[str, Any]) -> AsyncRawCursor[Any]:
        """The statement's cursor; inside a pipeline its result has not come yet, and an error of it comes later."""
        cursor = AsyncRawCursor(connection)
        await cursor.execute(self.text, [values[name] for name in self.names], prepare=True)
        return cursor


def prepared(statement: ClauseElement) -> Statement:
    """The statement, compiled."""
    compiled = cast(
        "SQLCompiler", statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    )
    names: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        # The dialect casts every type but this one, whose values it sends with their type.
        kind = "::BOOLEAN" if isinstance(compiled.binds[found[1]].type, Boolean) else ""
        return f"${names.setdefault(found[1], len(names) + 1)}{kind}"

    return Statement(_PARAMETER.sub(number, str(compiled)).encode(), tuple(names))

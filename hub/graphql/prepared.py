"""A SQLAlchemy statement as psycopg takes it: compiled once, executed without SQLAlchemy between."""

from sqlalchemy import ClauseElement, ColumnElement, Integer, Text, literal
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

_DIALECT = PGDialect_psycopg()


def constant(text: str) -> ColumnElement[str]:
    """The text as a literal of the statement, escaped by the dialect; never anything of a caller."""
    return literal(text, Text(), literal_execute=True)


def integer(value: int) -> ColumnElement[int]:
    """The number as a literal of the statement."""
    return literal(value, Integer(), literal_execute=True)


def prepared(statement: ClauseElement) -> str:
    """The statement's text with named parameters, `%(name)s`, each cast to its type."""
    return str(statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True}))

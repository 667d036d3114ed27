"""Runs migrations as the owner, one migrator at a time, giving up rather than blocking the service."""

from alembic import context
from sqlalchemy import create_engine, pool, text

from schema.tables import metadata

_LOCK = 7_700_021_001
"""Key of the advisory lock that keeps two migrators apart."""


_SCHEMAS = frozenset([None, "audit"])


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    """True for the schemas that hold tables of ours; another's may lie beside them in the same database."""
    return kind != "schema" or name in _SCHEMAS


def _online() -> None:
    url = context.config.attributes.get("url") or context.get_x_argument(as_dictionary=True).get("url")
    if not url:
        message = "give the owner's database: run `python -m hub migrate`, or alembic with -x url=..."
        raise SystemExit(message)
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        # First in line, then impatient: a lock_timeout would end the wait for another migrator too.
        connection.execute(text("SET statement_timeout = '10min'"))
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        connection.execute(text("SET lock_timeout = '4s'"))
        connection.execute(text("SET statement_timeout = '60s'"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=metadata,
            compare_type=True,
            include_schemas=True,
            include_name=_ours,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


def _offline() -> None:
    context.configure(dialect_name="postgresql", target_metadata=metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    _offline()
else:
    _online()

"""What a database's catalogue says of its tables."""

from contextlib import closing

import psycopg

from hub.database import conninfo

_COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
           col.collname, pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    LEFT JOIN pg_collation col ON col.oid = a.attcollation
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
"""
_CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
"""
_INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
_COMMENTS = """
    SELECT relname, obj_description(oid, 'pg_class') FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""

Structure = dict[str, list[tuple[object, ...]]]


def structure_of(url: str) -> Structure:
    """All that a database says of its tables, Alembic's own left out."""
    parts = {"columns": _COLUMNS, "constraints": _CONSTRAINTS, "indexes": _INDEXES, "comments": _COMMENTS}
    with closing(psycopg.connect(conninfo(url))) as connection:
        return {
            part: sorted(
                (row for row in connection.execute(query) if row[0] != "alembic_version"),
                key=lambda row: (row[0], str(row[1])),
            )
            for part, query in parts.items()
        }

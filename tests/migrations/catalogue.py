"""What a database's catalogue says of its tables."""

from collections.abc import Mapping
from contextlib import closing

import psycopg

from hub.database import conninfo

_COLUMNS = """
    SELECT c.oid::regclass::text, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
           col.collname, pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    LEFT JOIN pg_collation col ON col.oid = a.attcollation
    WHERE c.relkind = 'r' AND n.nspname IN ('public', 'audit')
"""
_CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(c.oid)
    FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace WHERE n.nspname IN ('public', 'audit')
"""
_INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname IN ('public', 'audit')"
_COMMENTS = """
    SELECT c.oid::regclass::text, obj_description(c.oid, 'pg_class')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname IN ('public', 'audit')
"""
_VIEWS = "SELECT viewname, definition FROM pg_views WHERE schemaname IN ('public', 'audit')"
_FUNCTIONS = """
    SELECT p.oid::regprocedure::text, p.prosrc, p.prosecdef
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname IN ('public', 'audit')
"""
_TRIGGERS = """
    SELECT tgrelid::regclass::text, tgname, tgenabled::text, pg_get_triggerdef(t.oid)
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE NOT tgisinternal AND n.nspname IN ('public', 'audit')
"""
_POLICIES = "SELECT tablename, policyname, permissive, roles::text[], cmd, qual, with_check FROM pg_policies"
_RIGHTS = """
    SELECT c.oid::regclass::text, coalesce(c.relacl::text, ''), c.relrowsecurity FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('public', 'audit')
    UNION ALL SELECT nspname, coalesce(nspacl::text, ''), false FROM pg_namespace WHERE nspname IN ('public', 'audit')
    UNION ALL SELECT attrelid::regclass::text || '.' || attname, attacl::text, false FROM pg_attribute
    WHERE attacl IS NOT NULL AND attrelid >= 16384
"""

Structure = dict[str, list[tuple[object, ...]]]


def structure_of(url: str) -> Structure:
    """All that a database says of its tables, Alembic's own left out."""
    return _read(
        url,
        {"columns": _COLUMNS, "constraints": _CONSTRAINTS, "indexes": _INDEXES, "comments": _COMMENTS},
    )


def behaviour_of(url: str) -> Structure:
    """What stands beside the tables: views, functions, triggers, policies, and who may do what."""
    return _read(
        url,
        {
            "views": _VIEWS,
            "functions": _FUNCTIONS,
            "triggers": _TRIGGERS,
            "policies": _POLICIES,
            "rights": _RIGHTS,
        },
    )


def _read(url: str, parts: Mapping[str, str]) -> Structure:
    with closing(psycopg.connect(conninfo(url))) as connection:
        return {
            part: sorted(
                (row for row in connection.execute(query.encode()) if row[0] != "alembic_version"),
                key=lambda row: (row[0], str(row[1])),
            )
            for part, query in parts.items()
        }

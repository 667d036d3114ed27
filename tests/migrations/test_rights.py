"""Who may do what: the service never owns, what an agency said stays, and statistics read nothing yet."""

import psycopg
import pytest
from sqlalchemy.engine import make_url

from hub.database import conninfo, migrate
from schema.errors import StoreError
from schema.tables import metadata

RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
EXPECTED = {
    name: ["SELECT", "INSERT", "UPDATE", "DELETE"]
    for name, table in metadata.tables.items()
    if table.schema is None  # schema audit has rights of its own, in tests/ledger/test_rights.py
} | {
    "source_record": ["SELECT", "INSERT"],
    "pull_run": ["SELECT", "INSERT"],
    "alembic_version": ["SELECT"],
}


def rights(url: str, role: str) -> dict[str, list[str]]:
    """What a role may do with each table."""
    with psycopg.connect(conninfo(url)) as connection:
        rows = connection.execute(
            """SELECT c.relname, ARRAY(
                   SELECT r FROM unnest(%(rights)s::text[]) WITH ORDINALITY AS t (r, at)
                   WHERE has_table_privilege(%(role)s, c.oid, r) ORDER BY at)
               FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace""",
            {"rights": list(RIGHTS), "role": role},
        )
        return dict(rows.fetchall())


def test_the_service_may_do_exactly_this(database):
    assert rights(database.owner_url, "hub_service") == EXPECTED


def test_the_statistics_role_may_do_nothing(database):
    assert rights(database.owner_url, "hub_statistics") == {name: [] for name in EXPECTED}


@pytest.mark.parametrize("role", ["hub_service", "hub_statistics"])
def test_a_role_that_serves_owns_nothing_and_makes_nothing(database, role):
    with psycopg.connect(conninfo(database.owner_url)) as connection:
        found = connection.execute(
            """SELECT has_schema_privilege(%(role)s, 'public', 'USAGE'),
                   has_schema_privilege(%(role)s, 'public', 'CREATE'),
                   (SELECT count(*) FROM pg_class WHERE relowner = r.oid),
                   r.rolsuper, r.rolcreatedb, r.rolcreaterole, r.rolbypassrls,
                   (SELECT count(*) FROM pg_auth_members WHERE member = r.oid)
               FROM pg_roles r WHERE rolname = %(role)s""",
            {"role": role},
        ).fetchone()

    assert found == (True, False, 0, False, False, False, False, 0)


def test_whoever_else_connects_sees_no_table(database):
    with psycopg.connect(conninfo(database.owner_url)) as connection:
        found = connection.execute(
            """SELECT c.relname FROM pg_class c, aclexplode(c.relacl) a
               WHERE c.relnamespace = 'public'::regnamespace AND a.grantee = 0
               UNION ALL
               SELECT n.nspname FROM pg_namespace n, aclexplode(n.nspacl) a
               WHERE n.nspname = 'public' AND a.grantee = 0"""
        ).fetchall()

    assert found == []


def test_what_an_agency_said_can_be_added_and_neither_changed_nor_taken_away(database):
    said = "INSERT INTO pull_run VALUES ('01900000-0000-7000-8000-000000000001', 'POLRI', '2026-01-01Z')"
    with psycopg.connect(conninfo(database.service_url), autocommit=True) as service:
        service.execute(said)
        for statement in (
            "UPDATE pull_run SET agency = 'KEMENSOS'",
            "DELETE FROM pull_run",
            "TRUNCATE pull_run",
            said + " ON CONFLICT (run_id) DO UPDATE SET agency = 'KEMENSOS'",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                service.execute(statement)
        kept = service.execute("SELECT agency FROM pull_run").fetchall()

    assert kept == [("POLRI",)]


def test_the_only_row_of_the_epoch_is_there(database):
    with psycopg.connect(conninfo(database.service_url)) as service:
        assert service.execute("SELECT singleton, epoch FROM epoch").fetchall() == [(1, 0)]


def test_only_the_owner_of_a_database_can_migrate_it(cluster, empty):
    service = cluster.url("hub_service", make_url(empty).database)

    with pytest.raises(StoreError, match="nothing was changed: permission denied for schema public"):
        migrate(service)

    with psycopg.connect(conninfo(empty)) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert tables == []


def test_who_may_not_read_the_revision_is_told_so(database):
    with pytest.raises(StoreError) as told:
        migrate(database.statistics_url)

    assert str(told.value) == (
        "the migration stopped and nothing was changed: permission denied for table alembic_version;"
        " mend that and run `python -m hub migrate` again"
    )


def test_a_revision_that_is_locked_is_not_waited_for(database):
    with psycopg.connect(conninfo(database.owner_url)) as other:
        other.execute("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")

        with pytest.raises(StoreError, match="nothing was changed: canceling statement due to lock timeout"):
            migrate(database.owner_url)

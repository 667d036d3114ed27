"""Who may do what: the service never owns, what an agency said stays, and statistics read nothing yet."""

import psycopg
import pytest
from sqlalchemy.engine import make_url

from hub.database import conninfo, migrate
from schema.errors import StoreError
from schema.tables import metadata
from schema.tables.golden import GOLDEN
from schema.tables.roles import GROUPS

RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
ALL = ["SELECT", "INSERT", "UPDATE", "DELETE"]
ADDED_TO = ["SELECT", "INSERT"]
DECIDED_ON = ["SELECT", "INSERT", "UPDATE"]
TABLES = {table.name: ALL for table in metadata.tables.values() if not table.schema}
EXPECTED = TABLES | {
    "source_record": ADDED_TO,
    "pull_run": ADDED_TO,
    "access_grant": ADDED_TO,
    "grant_decision": ADDED_TO,
    "emergency": ADDED_TO,
    "emergency_review": ADDED_TO,
    "listed_operation": ADDED_TO,
    "listing_decision": ADDED_TO,
    "listed_only": ADDED_TO,
    "account": DECIDED_ON,
    "exclusion": DECIDED_ON,
    "notice": DECIDED_ON,
    "trusted_issuer": ADDED_TO,
    "access_version": ["SELECT", "UPDATE"],
    "event": ["SELECT", "INSERT", "DELETE"],
    "outbox": ["SELECT", "UPDATE"],
    "alembic_version": ["SELECT"],
    "grant_standing": ["SELECT"],
}
READ = {
    *(table.name for table in GOLDEN.values()),
    *("redirect", "subject_key", "checkpoint"),
    *("client", "account", "access_grant", "grant_decision", "grant_standing"),
    *("emergency", "emergency_review", "exclusion", "access_version"),
    *("event", "departed", "outbox"),
}
"""What answers are made of: rows, where an id leads, wrapped keys, how fresh an agency is, what a caller holds, what has changed."""
ROLES = ["hub_service", "hub_statistics", *GROUPS]


def rights(url: str, role: str) -> dict[str, list[str]]:
    """What a role may do with each table and view, as a whole."""
    with psycopg.connect(conninfo(url)) as connection:
        rows = connection.execute(
            """SELECT c.relname, ARRAY(
                   SELECT r FROM unnest(%(rights)s::text[]) WITH ORDINALITY AS t (r, at)
                   WHERE has_table_privilege(%(role)s, c.oid, r) ORDER BY at)
               FROM pg_class c WHERE c.relkind IN ('r', 'v') AND c.relnamespace = 'public'::regnamespace""",
            {"rights": list(RIGHTS), "role": role},
        )
        return dict(rows.fetchall())


def test_the_service_may_do_exactly_this(database):
    assert rights(database.owner_url, "hub_service") == EXPECTED


def test_the_statistics_role_may_do_nothing(database):
    assert rights(database.owner_url, "hub_statistics") == {name: [] for name in EXPECTED}


def test_who_reads_rows_may_read_what_answers_are_made_of_and_change_nothing(database):
    may = {name: granted for name, granted in rights(database.owner_url, "hub_reader").items() if granted}

    assert may == {name: ["SELECT"] for name in READ}


@pytest.mark.parametrize("role", ["hub_sealer", "hub_auditor"])
def test_who_works_on_the_ledger_sees_nothing_else(database, role):
    assert rights(database.owner_url, role) == {name: [] for name in EXPECTED}


def test_parts_of_a_table_that_may_be_changed_are_what_is_decided(database):
    with psycopg.connect(conninfo(database.owner_url)) as connection:
        found = connection.execute(
            """SELECT attrelid::regclass::text, attname, attacl::text[] FROM pg_attribute a
               JOIN pg_class c ON c.oid = a.attrelid AND c.relnamespace = 'public'::regnamespace
               WHERE attacl IS NOT NULL ORDER BY 1, 2"""
        ).fetchall()

    assert found == [
        ("trusted_issuer", name, ["hub_service=w/hub_owner"])
        for name in ("approved_at", "approved_by", "withdrawn_at", "withdrawn_by")
    ]


MEMBERSHIPS = {"hub_service": [(group, False, False, True) for group in sorted(GROUPS)]}
"""(of, may give it on, has its rights at all times, may become it)"""


@pytest.mark.parametrize("role", ROLES)
def test_a_role_that_serves_owns_nothing_and_makes_nothing(database, role):
    with psycopg.connect(conninfo(database.owner_url)) as connection:
        found = connection.execute(
            """SELECT has_schema_privilege(%(role)s, 'public', 'CREATE'),
                   (SELECT count(*) FROM pg_class WHERE relowner = r.oid),
                   r.rolsuper, r.rolcreatedb, r.rolcreaterole, r.rolbypassrls
               FROM pg_roles r WHERE rolname = %(role)s""",
            {"role": role},
        ).fetchone()
        memberships = connection.execute(
            """SELECT g.rolname, m.admin_option, m.inherit_option, m.set_option FROM pg_auth_members m
               JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = %s::regrole ORDER BY 1""",
            (role,),
        ).fetchall()

    assert found == (False, 0, False, False, False, False)
    assert memberships == MEMBERSHIPS.get(role, [])


def test_who_may_look_into_the_schema(database):
    with psycopg.connect(conninfo(database.owner_url)) as connection:
        found = connection.execute(
            "SELECT rolname FROM pg_roles WHERE rolname LIKE 'hub\\_%' AND has_schema_privilege(oid, 'public', 'USAGE')"
            " ORDER BY 1"
        ).fetchall()

    assert found == [("hub_owner",), ("hub_reader",), ("hub_service",), ("hub_statistics",)]


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


def test_the_only_rows_of_epoch_access_version_and_outbox_are_there(database):
    with psycopg.connect(conninfo(database.service_url)) as service:
        assert service.execute("SELECT singleton, epoch FROM epoch").fetchall() == [(1, 0)]
        assert service.execute("SELECT singleton, version FROM access_version").fetchall() == [(1, 0)]
        assert service.execute("SELECT singleton, head, floor FROM outbox").fetchall() == [(1, 0, 0)]


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

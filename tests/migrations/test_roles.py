"""Roles that are missing: made where the migrator may, else told as statements that an administrator can run."""

import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from hub import database as hub_database
from hub import embedded
from schema.errors import StoreError
from tests.migrations.migrating import migrator

ROLES = ("hub_auditor", "hub_reader", "hub_sealer", "hub_service", "hub_statistics")
GRANTS = " ".join(
    f"GRANT {group} TO hub_service WITH INHERIT FALSE, SET TRUE;"
    for group in ("hub_auditor", "hub_reader", "hub_sealer")
)
MISSING = " ".join(f"CREATE ROLE {role};" for role in ROLES) + " " + GRANTS
TOLD = "roles are missing or not kept apart; an administrator of the server must run: "
MEMBERS = """SELECT r.rolname, m.admin_option, m.inherit_option, m.set_option
    FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
    WHERE m.member = 'hub_service'::regrole ORDER BY 1"""
KEPT_APART = [(group, False, False, True) for group in ("hub_auditor", "hub_reader", "hub_sealer")]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded.Cluster]:
    """A server of its own, since roles belong to the server and not to a database."""
    running = embedded.start(tmp_path_factory.mktemp("bare") / "pg", extra_settings={"fsync": "off"})
    yield running
    running.stop(force=True)
    shutil.rmtree(running.layout.data)


@pytest.fixture
def url(bare: embedded.Cluster) -> Iterator[str]:
    """An empty database of that server, which knows no role but the owner."""
    with psycopg.connect(bare.conninfo("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(f"DROP ROLE IF EXISTS {', '.join(ROLES)}".encode())
        connection.execute("ALTER ROLE hub_owner NOCREATEROLE")
    bare.create_database("hub")
    yield bare.url("hub_owner", "hub")
    bare.drop_database("hub")


def test_an_owner_that_may_not_make_them_is_told_the_statements(url):
    with pytest.raises(StoreError) as told:
        hub_database.migrate(url)

    assert str(told.value) == f"{TOLD}{MISSING}"


def test_after_these_statements_the_migration_runs(bare, url):
    with psycopg.connect(bare.conninfo("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(MISSING)

    assert hub_database.migrate(url) == hub_database.head_revision()


def test_an_owner_that_may_make_them_does(bare, url):
    with psycopg.connect(bare.conninfo("postgres", "postgres"), autocommit=True) as connection:
        connection.execute("ALTER ROLE hub_owner CREATEROLE")

    hub_database.migrate(url)

    with psycopg.connect(bare.conninfo("postgres", "postgres")) as connection:
        found = connection.execute(
            "SELECT rolname, rolcanlogin, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = ANY(%s) ORDER BY 1",
            ([*ROLES],),
        ).fetchall()
        members = connection.execute(MEMBERS.encode()).fetchall()
    assert found == [(role, False, False, False) for role in ROLES]
    assert members == KEPT_APART


def test_roles_that_are_there_and_members_of_nothing_are_made_members(bare, url):
    with psycopg.connect(bare.conninfo("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(" ".join(f"CREATE ROLE {role};" for role in ROLES).encode())

    with pytest.raises(StoreError) as told:
        hub_database.migrate(url)

    assert str(told.value) == f"{TOLD}{GRANTS}"


def test_a_service_that_has_a_role_s_rights_at_all_times_is_not_kept_apart(bare, url):
    mend = "GRANT hub_sealer TO hub_service WITH INHERIT FALSE, SET TRUE;"
    with psycopg.connect(bare.conninfo("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(MISSING)
        connection.execute("GRANT hub_sealer TO hub_service WITH INHERIT TRUE, SET TRUE")
        connection.execute("ALTER ROLE hub_owner CREATEROLE")
        connection.execute("GRANT hub_sealer TO hub_owner WITH ADMIN TRUE")

        with pytest.raises(StoreError) as told:
            hub_database.migrate(url)
        connection.execute("REVOKE hub_sealer FROM hub_service GRANTED BY hub_owner")
        connection.execute(mend.encode())

        assert str(told.value) == TOLD + mend
        assert hub_database.migrate(url) == hub_database.head_revision()
        assert connection.execute(MEMBERS.encode()).fetchall() == KEPT_APART


def test_migrators_that_make_the_roles_at_once_do_not_hinder_each_other(bare, url):
    with psycopg.connect(bare.conninfo("postgres", "postgres"), autocommit=True) as connection:
        connection.execute("ALTER ROLE hub_owner CREATEROLE")

        processes = [migrator(url) for _ in range(3)]
        told = [process.communicate(timeout=120) for process in processes]

        assert told == [(f"{hub_database.head_revision()}\n", "")] * 3
        assert connection.execute(MEMBERS.encode()).fetchall() == KEPT_APART


def test_a_role_that_another_migrator_makes_at_the_same_moment_is_no_problem(bare, url):
    with psycopg.connect(bare.conninfo("postgres", "postgres")) as other, ThreadPoolExecutor(1) as beside:
        other.execute("ALTER ROLE hub_owner CREATEROLE")
        other.commit()
        other.execute("CREATE ROLE hub_service")
        migration = beside.submit(hub_database.migrate, url)
        while other.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone() == (0,):
            time.sleep(0.05)
        other.commit()

        assert migration.result(timeout=60) == hub_database.head_revision()

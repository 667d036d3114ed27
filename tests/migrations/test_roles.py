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

MISSING = "CREATE ROLE hub_service; CREATE ROLE hub_statistics;"


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
        connection.execute("DROP ROLE IF EXISTS hub_service, hub_statistics")
        connection.execute("ALTER ROLE hub_owner NOCREATEROLE")
    bare.create_database("hub")
    yield bare.url("hub_owner", "hub")
    bare.drop_database("hub")


def test_an_owner_that_may_not_make_them_is_told_the_statements(url):
    with pytest.raises(StoreError) as told:
        hub_database.migrate(url)

    assert str(told.value) == f"roles are missing; an administrator of the server must run: {MISSING}"


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
            "SELECT rolname, rolcanlogin, rolsuper, rolbypassrls FROM pg_roles"
            " WHERE rolname IN ('hub_service', 'hub_statistics') ORDER BY 1"
        ).fetchall()
    assert found == [("hub_service", False, False, False), ("hub_statistics", False, False, False)]


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

"""From nothing to the code's revision: what the migrations make is what the code declares, whoever else migrates."""

import subprocess
from contextlib import closing

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from hub import database as hub_database
from hub.database import conninfo
from schema.errors import RevisionMismatch, StoreError
from schema.tables import metadata
from schema.tables.ledger import SCHEMA
from tests.house import ROOT
from tests.migrations.catalogue import structure_of
from tests.migrations.migrating import migrator


def test_alembic_finds_no_difference_to_what_the_code_declares(database):
    engine = create_engine(database.owner_url, poolclass=NullPool)

    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": True,
                "include_schemas": True,
                "include_name": lambda name, kind, _: kind != "schema" or name in {None, SCHEMA},
            },
        )
        found = compare_metadata(context, metadata)

    assert [change for change in found if change[0] != "remove_table"] == []
    assert [change[1].name for change in found] == []


def test_the_catalogue_is_the_one_that_the_declarations_make(database, empty: str):
    engine = create_engine(empty, poolclass=NullPool)
    with psycopg.connect(conninfo(empty)) as connection:
        connection.execute(f"CREATE SCHEMA {SCHEMA}".encode())

    metadata.create_all(engine)

    assert structure_of(database.owner_url) == structure_of(empty)


def test_a_second_upgrade_changes_nothing(database):
    before = structure_of(database.owner_url)

    revision = hub_database.migrate(database.owner_url)

    assert revision == hub_database.head_revision()
    assert structure_of(database.owner_url) == before


def test_migrators_that_start_at_once_do_the_work_once(database, empty: str):

    processes = [migrator(empty) for _ in range(3)]
    told = [process.communicate(timeout=120) for process in processes]

    assert told == [(f"{hub_database.head_revision()}\n", "")] * 3
    assert structure_of(empty) == structure_of(database.owner_url)
    with closing(psycopg.connect(conninfo(empty))) as connection:
        assert connection.execute("SELECT singleton, epoch FROM epoch").fetchall() == [(1, 0)]


def test_a_second_migrator_waits_as_long_as_the_first_needs(empty: str):
    with closing(psycopg.connect(conninfo(empty))) as first:
        first.execute("SELECT pg_advisory_lock(7700021001)")
        second = migrator(empty)
        with pytest.raises(subprocess.TimeoutExpired):
            second.wait(timeout=8)

        first.close()
        told = second.communicate(timeout=60)

    assert told == (f"{hub_database.head_revision()}\n", "")


def test_a_table_that_is_in_use_is_given_up_and_nothing_has_changed(empty: str):
    with closing(psycopg.connect(conninfo(empty))) as other:
        other.execute("CREATE TABLE agency_key (busy integer)")

        with pytest.raises(
            StoreError, match="nothing was changed: canceling statement due to lock timeout"
        ) as told:
            hub_database.migrate(empty)

    assert "password" not in str(told.value)
    assert structure_of(empty) == {"columns": [], "constraints": [], "indexes": [], "comments": []}


def test_a_database_of_a_newer_release_is_refused_in_words(database):
    with closing(psycopg.connect(conninfo(database.owner_url), autocommit=True)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(RevisionMismatch, match=r"revision 9999.*newer"):
        hub_database.migrate(database.owner_url)


def test_alembic_alone_says_how_to_name_the_database():
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))

    with pytest.raises(SystemExit, match="python -m hub migrate"):
        command.upgrade(config, "head")

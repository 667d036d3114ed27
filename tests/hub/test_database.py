"""The database: reachable or told why not, migrated once, readable by the roles that may."""

import asyncio

import psycopg
import pytest

from hub import database as hub_database
from hub import embedded
from schema.errors import RevisionMismatch, StoreUnreachable


async def test_a_migrated_database_has_the_revision_of_the_code(pool):
    await hub_database.require_revision(pool)


async def test_an_empty_database_is_refused_with_the_command_to_run(cluster: embedded.Cluster):
    await asyncio.to_thread(cluster.create_database, "empty")
    async with hub_database.open_pool(cluster.url("hub_owner", "empty"), size=1, name="test") as pool:
        with pytest.raises(RevisionMismatch, match="python -m hub migrate"):
            await hub_database.require_revision(pool)


def test_an_unreachable_server_is_told_without_its_password():
    with pytest.raises(StoreUnreachable) as told:
        hub_database.check("postgresql://hub_service:geheim@127.0.0.1:1/hub")

    assert "127.0.0.1:1" in str(told.value)
    assert "geheim" not in str(told.value)


def test_a_wrong_password_is_told_without_it(database, cluster):
    url = database.service_url.replace(cluster.passwords["hub_service"], "salah")
    with pytest.raises(StoreUnreachable, match="password authentication failed") as told:
        hub_database.check(url)

    assert "salah" not in str(told.value)


def test_the_service_may_neither_change_nor_delete_what_an_agency_said(database):
    with psycopg.connect(database.service_url.replace("+psycopg", "")) as connection:
        for statement in (
            "UPDATE source_record SET version = 2",
            "DELETE FROM source_record",
            "DROP TABLE link",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
            connection.rollback()


def test_the_statistics_role_reads_no_case(database):
    with psycopg.connect(database.statistics_url.replace("+psycopg", "")) as connection:
        tables = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        readable = [
            name
            for (name,) in tables.fetchall()
            if connection.execute("SELECT has_table_privilege(%s, 'SELECT')", (name,)).fetchone() == (True,)
        ]

    assert readable == []

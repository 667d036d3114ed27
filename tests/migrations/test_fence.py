"""The second fence: whoever reads rows is given none that the settings of its own transaction do not open."""

from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import psycopg
import pytest
from psycopg import AsyncConnection

from hub import database as hub_database
from hub.database import Pool, conninfo
from hub.graphql.rules import NO_CASE
from hub.identity.keyring import Keyring
from schema.tables.golden import GOLDEN
from tests.ingest.store import Store, case, gone, person
from tests.ingest.world import WORLD

TABLES = sorted(table.name for table in GOLDEN.values())
GUARDED = sorted([*TABLES, "departed", "event"])
EVERYBODY = "IMIGRASI,KEMENSOS,KEMNAKER,POLRI"
ALL_OPEN = {
    "hub.case": EVERYBODY,
    "hub.victim": EVERYBODY,
    "hub.perpetrator": EVERYBODY,
    "hub.child": EVERYBODY,
    "hub.case_owners": EVERYBODY,
    "hub.victim_owners": EVERYBODY,
    "hub.excluded": str(NO_CASE),
}
EVENTS = {
    "golden_service_event",
    "golden_restitution",
    "golden_movement",
    "golden_job_placement",
    "golden_document",
}
NEEDS = {
    "golden_case": {"hub.case", "hub.excluded"},
    "golden_victim": {"hub.victim", "hub.excluded"},
    "golden_perpetrator": {"hub.perpetrator", "hub.excluded"},
    "golden_legal_event": {"hub.case", "hub.excluded", "hub.case_owners"},
    "golden_organisation": {"hub.case"},
    **{name: {"hub.victim", "hub.excluded", "hub.victim_owners"} for name in EVENTS},
}
"""Without which settings a table has no row to give; a person is there for a victim or a perpetrator."""


@pytest.fixture
async def store(pool: Pool, keyring: Keyring) -> AsyncIterator[Store]:
    """A store in which every golden table has a row."""
    async with pool.connection() as connection:
        filled = Store(connection, keyring)
        await filled.say(*WORLD)
        yield filled


@pytest.fixture
async def reader(database) -> AsyncIterator[AsyncConnection[Any]]:
    async with (
        hub_database.open_pool(database.service_url, size=1, name="test", role="hub_reader") as readers,
        readers.connection() as connection,
    ):
        yield connection


async def seen(
    reader: AsyncConnection[Any], settings: Mapping[str, str] = {}, tables: Sequence[str] = TABLES
) -> dict[str, int]:
    """How many rows of each table a transaction with these settings is given, tables without a row left out."""
    found: dict[str, int] = {}
    async with reader.transaction():
        for name, value in settings.items():
            await reader.execute("SELECT set_config(%s, %s, true)", (name, value))
        for table in tables:
            cursor = await reader.execute(f"SELECT count(*) FROM {table}".encode())  # noqa: S608 -- a name of the schema
            found[table] = (await cursor.fetchall())[0][0]
    return {table: count for table, count in found.items() if count}


async def stored(store: Store) -> dict[str, int]:
    return {
        table: await store.value(f"SELECT count(*) FROM {table}")  # noqa: S608 -- a name of the schema
        for table in TABLES
    }


def opened(settings: Mapping[str, str]) -> set[str]:
    """The model: which tables have a row to give."""
    given = {table for table, needed in NEEDS.items() if needed <= settings.keys()}
    return given | {"golden_person"} if given & {"golden_victim", "golden_perpetrator"} else given


def test_every_golden_table_and_every_table_of_events_has_row_level_security_with_one_rule_for_whom_it_serves_and_one_for_whoever_reads(
    database,
):
    with psycopg.connect(conninfo(database.owner_url)) as connection:
        secured = connection.execute(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND relkind = 'r' ORDER BY 1"
        ).fetchall()
        policies = connection.execute(
            """SELECT tablename, policyname, permissive, roles::text[], cmd, qual = 'true', with_check
               FROM pg_policies ORDER BY 1, 2"""
        ).fetchall()

    assert secured == [(table,) for table in GUARDED]
    assert policies == [
        row
        for table in GUARDED
        for row in (
            (table, "reader", "PERMISSIVE", ["hub_reader"], "SELECT", False, None),
            (table, "service", "PERMISSIVE", ["hub_service"], "ALL", True, "true"),
        )
    ]


async def test_with_every_setting_that_opens_it_the_reader_is_given_every_row(store, reader):
    there = await stored(store)

    assert [table for table, count in there.items() if count == 0] == []
    assert await seen(reader, ALL_OPEN) == there | {
        # A traveller without a part in a case is nobody.
        "golden_person": there["golden_victim"] + there["golden_perpetrator"]
    }


@pytest.mark.usefixtures("store")
async def test_without_any_setting_the_reader_is_given_no_row_of_any_table(reader):
    assert await seen(reader) == {}


@pytest.mark.usefixtures("store")
async def test_what_one_transaction_was_given_the_next_is_not(reader):
    before = await seen(reader, ALL_OPEN)

    assert before != {}
    assert await seen(reader) == {}


@pytest.mark.parametrize("count", range(len(ALL_OPEN) + 1))
@pytest.mark.usefixtures("store")
async def test_which_settings_are_missing_decides_which_tables_have_no_row(database, count):
    for left in combinations(ALL_OPEN, count):
        settings = {name: ALL_OPEN[name] for name in left}

        # A session of its own: what has been made in one once is empty there afterwards, no longer missing.
        async with await AsyncConnection.connect(
            conninfo(database.service_url), autocommit=True, options="-c role=hub_reader"
        ) as fresh:
            assert set(await seen(fresh, settings)) == opened(settings), sorted(left)


@pytest.mark.usefixtures("store")
async def test_an_empty_list_opens_nothing(reader):
    assert await seen(reader, dict.fromkeys(ALL_OPEN, "")) == {}


@pytest.mark.usefixtures("store")
async def test_words_of_another_owner_or_region_open_nothing(reader):
    other = {**dict.fromkeys(ALL_OPEN, "KEMENSOS,POLRI:61,POLRI:61.71,case:x"), "hub.excluded": str(NO_CASE)}

    # The list of organisations is open to whoever may see cases.
    assert set(await seen(reader, other)) == {"golden_organisation"}


async def test_the_word_of_a_case_opens_its_rows_and_no_others(store, reader):
    await store.say(
        case("k2", reported="2020-01-05"), person("w", victim_in="k2", name="Dewi", nik="9901014107950001")
    )
    word = f"case:{await store.source_id(WORLD[0])}"
    emergency = {
        **dict.fromkeys(ALL_OPEN, word),
        "hub.case_owners": EVERYBODY,
        "hub.victim_owners": EVERYBODY,
    }
    emergency["hub.excluded"] = str(NO_CASE)

    found = await seen(reader, emergency)

    assert await store.value("SELECT count(*) FROM golden_case") == 2
    assert (found["golden_case"], found["golden_victim"], found["golden_person"]) == (1, 1, 2)


async def test_an_excluded_case_and_all_that_hangs_on_it_is_not_given(store, reader):
    excluded = {**ALL_OPEN, "hub.excluded": str(await store.source_id(WORLD[0]))}

    assert set(await seen(reader, excluded)) == {"golden_organisation"}


async def test_a_child_is_given_to_those_alone_whom_the_child_s_scope_opens(store, reader):
    await store.say(
        person("w", victim_in="k", name="Dewi Lestari", born="2012-07-01", nik="9901014107120001")
    )

    with_child = await seen(reader, ALL_OPEN)
    without = await seen(reader, {**ALL_OPEN, "hub.child": "KEMENSOS"})
    unset = await seen(reader, {name: value for name, value in ALL_OPEN.items() if name != "hub.child"})

    assert with_child["golden_victim"] == without["golden_victim"] + 1
    assert with_child["golden_person"] == without["golden_person"] + 1
    assert unset == without


async def test_events_are_given_to_those_alone_whom_their_rows_are_given(store, reader):
    for opened_by, entity in (
        ("hub.case", "Case"),
        ("hub.victim", "Victim"),
        ("hub.perpetrator", "Perpetrator"),
    ):
        settings = {opened_by: EVERYBODY, "hub.excluded": str(NO_CASE)}
        there = await store.value("SELECT count(*) FROM event WHERE entity = %s", entity)

        assert await seen(reader, settings, ["event"]) == {"event": there}
        assert await seen(reader, {**settings, opened_by: "IMIGRASI:61"}, ["event"]) == {}
        assert await seen(reader, {opened_by: EVERYBODY}, ["event"]) == {}
    assert await seen(reader, {}, GUARDED) == {}


async def test_the_end_of_a_row_is_given_to_those_alone_whom_the_row_was_given(store, reader):
    case_id = await store.source_id(WORLD[0])
    await store.say(*[gone(one, time=1) for one in WORLD])
    everything = {"event": await store.value("SELECT count(*) FROM event"), "departed": 3}
    guarded = ["departed", "event"]

    assert await seen(reader, ALL_OPEN, guarded) == everything
    assert await seen(reader, {**ALL_OPEN, "hub.excluded": str(case_id)}, guarded) == {}
    assert (
        await seen(reader, {**dict.fromkeys(ALL_OPEN, "KEMENSOS"), "hub.excluded": str(NO_CASE)}, guarded)
        == {}
    )
    assert await seen(reader, {**ALL_OPEN, "hub.victim": "IMIGRASI:61"}, ["departed"]) == {"departed": 2}


async def test_the_end_of_a_child_is_given_to_those_alone_whom_the_child_s_scope_opens(store, reader):
    child = person("w", victim_in="k", name="Dewi Lestari", born="2012-07-01", nik="9901014107120001")
    await store.say(child)
    with_child = await seen(reader, ALL_OPEN, ["event"])
    without = await seen(reader, {**ALL_OPEN, "hub.child": "IMIGRASI"}, ["event"])
    await store.say(gone(child, time=1))

    assert with_child["event"] == without["event"] + 1
    assert await seen(reader, ALL_OPEN, ["departed"]) == {"departed": 1}
    assert await seen(reader, {**ALL_OPEN, "hub.child": "IMIGRASI"}, ["departed"]) == {}


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO golden_case SELECT * FROM golden_case",
        "UPDATE golden_case SET reach = '{}'",
        "DELETE FROM golden_victim",
        "TRUNCATE golden_victim",
        "DELETE FROM event",
        "UPDATE outbox SET head = 0",
        "SELECT * FROM source_record",
        "SELECT * FROM link",
        "SELECT * FROM agency_key",
        "SELECT * FROM audit.record",
        "CREATE TABLE mine (x integer)",
        "ALTER TABLE golden_case DISABLE ROW LEVEL SECURITY",
        "CREATE POLICY mine ON golden_case TO hub_reader USING (true)",
    ],
)
async def test_whoever_reads_cannot_do_anything_else(reader, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await reader.execute(statement)


async def test_copy_alone_is_refused_which_is_why_rows_come_by_a_table_of_the_session(store):
    with pytest.raises(
        psycopg.errors.FeatureNotSupported, match="COPY FROM not supported with row-level security"
    ):
        async with store.connection.cursor() as cursor, cursor.copy("COPY golden_case FROM STDIN"):
            pass

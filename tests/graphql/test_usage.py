"""What of the schema each client uses, by day and without any value; and a change that breaks it names who is broken."""

import asyncio
import hashlib
import os
from datetime import date

import psycopg
import pytest
from structlog.testing import capture_logs

from hub.cli.schema import Action, schema
from hub.database import conninfo
from hub.graphql.documents import Documents
from hub.graphql.sdl import graphql_schema, printed
from hub.graphql.usage import MOST_OPERATIONS, Usage, written
from schema.errors import InputInvalid
from tests.auth.parties import Clock
from tests.graphql.hub import running
from tests.graphql.officers import enrol_officers
from tests.graphql.test_listed import listed

SCHEMA = graphql_schema()
DOCUMENTS = Documents(SCHEMA)
CASES = "query Cases($w: CaseFilter) { cases(where: $w) { nodes { policeReport } } }"
OPERATIONS = "SELECT client_id, document_hash, operation, day, count FROM operation_usage ORDER BY 1, 2, 3, 4"
COORDINATES = "SELECT coordinate, last_day FROM coordinate_usage ORDER BY 1"


def digest(text):
    return hashlib.sha256(text.encode()).digest()


def note(usage, text, client="one", argued=frozenset()):
    document = DOCUMENTS.get(text)
    usage.note(client, document, document.operation(None), argued)


async def rows(pool, statement):
    async with pool.connection() as connection:
        return await (await connection.execute(statement.encode())).fetchall()


async def test_answers_are_counted_and_refusals_are_not_and_the_end_writes_all(
    cluster, own_database, key_file
):
    async with running(cluster.url("hub_service", own_database), key_file, Clock()) as hub:
        for value in ("a", "b"):
            await hub.data(CASES, {"w": {"policeReport": {"eq": value}}}, scopes=("case:read",))
        await hub.data('query Named { case(id: "3201010101010001") { id } }', scopes=("case:read",))
        await hub.refusal(CASES, scopes=("person:match",))
        await hub.refusal("{ nothing }")
    with psycopg.connect(conninfo(cluster.url("hub_service", own_database))) as connection:
        operations = connection.execute(OPERATIONS).fetchall()
        coordinates = {row[0] for row in connection.execute(COORDINATES) if row[0].startswith("Case")}

    assert operations == [
        ("one", b"", "", date(2026, 3, 2), 1),
        ("one", digest(CASES), "Cases", date(2026, 3, 2), 2),
    ]
    assert coordinates == {
        *("Case", "Case.id", "Case.policeReport", "CaseConnection", "CaseConnection.nodes", "CaseFilter"),
        "CaseFilter.policeReport",
    }


async def test_days_add_up_over_replicas_and_the_last_one_stands(pool):
    clock = Clock()
    one, other = Usage(SCHEMA, clock), Usage(SCHEMA, clock)
    for usage in (one, other, one):
        note(usage, "query A { sources { agency } }")
    await asyncio.gather(one.write(pool), other.write(pool))
    clock.forward(days=1)
    note(other, "query A { sources { agency } }")
    await other.write(pool)
    await one.write(pool)

    first, second = clock().date().replace(day=2), clock().date()
    assert [row[3:] for row in await rows(pool, OPERATIONS)] == [(first, 3), (second, 1)]
    assert await rows(pool, COORDINATES) == [
        (name, second) for name in ("Agency", "Query", "Query.sources", "Source", "Source.agency")
    ]


async def test_what_could_not_be_written_waits_for_the_next_time(pool, database):
    usage = Usage(SCHEMA, Clock())
    note(usage, "{ __typename }")
    with psycopg.connect(conninfo(database.owner_url), autocommit=True) as owner:
        owner.execute("REVOKE INSERT ON coordinate_usage FROM hub_service")
        with capture_logs() as told:
            async with written(usage, pool, every_s=3600):
                pass
        note(usage, "{ __typename }")
        owner.execute("GRANT INSERT ON coordinate_usage TO hub_service")
    await usage.write(pool)

    assert told == [{"event": "usage.failed", "error": "InsufficientPrivilege", "log_level": "warning"}]
    assert [row[4] for row in await rows(pool, OPERATIONS)] == [2]
    assert [row[0] for row in await rows(pool, COORDINATES)] == ["Query", "Query.__typename", "String"]


async def test_it_is_written_every_few_seconds_while_the_hub_runs(pool):
    usage = Usage(SCHEMA, Clock())
    async with written(usage, pool, every_s=0.05), asyncio.timeout(30):
        note(usage, "{ __typename }")
        while not await rows(pool, OPERATIONS):  # noqa: ASYNC110 -- another task does the work
            await asyncio.sleep(0.05)


async def test_no_number_and_no_hash_of_a_text_is_kept_and_a_flood_of_documents_is_one(pool):
    usage = Usage(SCHEMA, Clock())
    note(usage, 'query Budi($n: String! = "3201010101010001") { personMatch(nik: $n) { known } }')
    note(usage, "query Of_3201010101010001 { __typename }")
    for at in range(MOST_OPERATIONS + 10):
        note(usage, f"query {'A' * (at + 1)} {{ __typename }}")
    await usage.write(pool)

    found = await rows(pool, OPERATIONS)
    kept = {name for _, _, name, _, _ in found}
    assert not any("3201" in name or "Budi" in name or len(name) > 100 for name in kept)
    assert len(found) == MOST_OPERATIONS
    assert sum(count for *_, count in found) == MOST_OPERATIONS + 12
    assert {row[0] for row in await rows(pool, COORDINATES)} >= {
        "Query.personMatch(nik:)",
        "Query.__typename",
    }


async def test_a_day_is_deleted_after_400_days(pool):
    clock = Clock()
    usage = Usage(SCHEMA, clock)
    note(usage, "{ __typename }")
    await usage.write(pool)
    clock.forward(days=401)
    note(usage, "{ sources { agency } }")
    await usage.write(pool)

    assert [row[3] for row in await rows(pool, OPERATIONS)] == [clock().date()]
    assert {row[1] for row in await rows(pool, COORDINATES)} == {clock().date()}


@pytest.fixture
def diff(cluster, own_database, tmp_path, monkeypatch, capsys):
    """`python -m hub schema diff`: what it prints, and the error that it ends with."""

    def run(old, *, database=True, **options):
        (tmp_path / "old.graphql").write_text(old)
        for name in [name for name in os.environ if name.startswith("HUB_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("HUB_VAR", str(tmp_path / "var"))
        if database:
            monkeypatch.setenv("HUB_DATABASE_URL", cluster.url("hub_service", own_database))
        told = ""
        capsys.readouterr()
        try:
            schema(Action.DIFF, tmp_path / "old.graphql", **options)
        except InputInvalid as error:
            told = str(error)
        return told, capsys.readouterr().out.splitlines()

    return run


async def test_a_change_that_breaks_names_the_clients_and_operations_that_it_breaks(
    cluster, own_database, key_file, diff, tmp_path
):
    clock = Clock()
    async with running(cluster.url("hub_service", own_database), key_file, clock) as hub:
        await enrol_officers(hub)
        await hub.data(CASES, scopes=("case:read",))
        await listed(
            hub, document="query Kiosk { cases { nodes { policeReport } } }", until="2027-02-28T00:00:00Z"
        )
    with psycopg.connect(conninfo(cluster.url("hub_service", own_database))) as connection:
        connection.execute("UPDATE coordinate_usage SET last_day = current_date")
        connection.execute("UPDATE operation_usage SET day = current_date")
        connection.commit()
        today = connection.execute("SELECT current_date").fetchone()[0]
    text = printed()
    new = tmp_path / "new.graphql"
    new.write_text(text.replace("  policeReport: String @requires", "  policeNumber: String @requires"))
    used = "Field Case.policeReport was removed."
    unused = text.replace("  modusText: String @requires", "  modusWords: String @requires")

    kiosk = digest("query Kiosk { cases { nodes { policeReport } } }").hex()[:12]
    broken = diff(text, new=new)
    alone = diff(text, new=new, database=False)
    nobody = diff(unused, usage_days=30)
    same = diff(text)

    assert broken == (
        "1 of the breaking changes break operations that clients send",
        [
            f"BREAKING FIELD_REMOVED: {used}",
            f"    one: Cases ({digest(CASES).hex()[:12]}), last used {today}, 1 times",
            f"    two: Kiosk ({kiosk}), listed until 2027-02-28",
        ],
    )
    assert alone == (
        "",
        [f"BREAKING FIELD_REMOVED: {used}", "there is no database, so nobody knows who uses what changes"],
    )
    assert nobody == ("", ["BREAKING FIELD_REMOVED: Field Case.modusWords was removed."])
    assert same == ("", ["nothing breaks, and nothing behaves differently"])

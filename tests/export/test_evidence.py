"""The ledger has an export when it is asked for, whose rows are in a part before it can be fetched, and each fetching."""

import hashlib

import psycopg
import pytest

from hub.database import conninfo
from hub.ledger.pseudonym import Pseudonyms
from schema.errors import AuditUnavailable
from tests.export.conftest import lines

QUERY = "query ($w: CaseFilter) { cases(where: $w) { nodes { id victims(first: 100) { nodes { id } } } } }"


async def test_what_was_asked_made_and_fetched_is_there_in_order(exports, records):
    path = await exports.taken(QUERY)
    await exports.compute(part_rows=25)
    parts = await exports.parts(path)

    export_id = path.rpartition("/")[2]
    bodies = records()
    name = Pseudonyms(exports.hub.keyring).of
    operation = hashlib.sha256(QUERY.encode()).hexdigest()
    assert [one["about"] for one in bodies] == [
        export_id, f"{export_id}/1", f"{export_id}/2", f"{export_id}/1", f"{export_id}/2",
    ]  # fmt: skip
    assert [one["operation"] for one in bodies] == [operation] * 3 + [None] * 2
    assert all("Victim.id" in one["coordinates"] for one in bodies[:3])
    for body, part in zip(bodies[1:3], parts, strict=True):
        rows = lines([part])
        shown = [row["id"] for row in rows] + [v["id"] for row in rows for v in row["victims"]["nodes"]]
        assert body["subjects"] == sorted({name(one) for one in shown})
        assert body["row_count"] == len(shown)
    assert {(one["client_id"], one["purpose"], one["outcome"]) for one in bodies} == {
        ("one", "protection", "answered")
    }


async def test_persons_that_a_total_counts_are_named(exports, records):
    query = "query ($w: CaseFilter) { cases(where: $w) { nodes { caseStatus victims(first: 0) { totalCount } } } }"
    await exports.whole(query)

    (_, made, _) = records()
    victims = await exports.rows("SELECT victim_id FROM golden_victim")
    name = Pseudonyms(exports.hub.keyring).of
    assert {name(one) for (one,) in victims} <= set(made["subjects"])
    assert made["counted"] == len(victims)


async def test_a_refusal_and_a_deletion_are_there(exports, records):
    refused = await exports.ask(QUERY, token=await exports.hub.token({"case:read"}))
    path = await exports.taken(QUERY)
    await exports.hub.http.delete(path, headers=await exports.headers())

    found = [(one["outcome"], one["code"], one["about"]) for one in records()]
    export_id = path.rpartition("/")[2]
    assert refused.status_code == 403
    assert found == [
        ("refused", "FORBIDDEN", None),
        ("answered", None, export_id),
        ("answered", None, export_id),
    ]


@pytest.fixture
def no_ledger(cluster, own_database):
    """Takes the right to write the ledger away, and gives it back."""
    with psycopg.connect(conninfo(cluster.url("hub_owner", own_database)), autocommit=True) as owner:

        def change(*, allowed):
            word = (
                "GRANT INSERT (era, body) ON audit.record TO"
                if allowed
                else "REVOKE ALL ON audit.record FROM"
            )
            owner.execute(f"{word} hub_service".encode())
            if not allowed:
                owner.execute("REVOKE INSERT (era, body) ON audit.record FROM hub_service")

        yield change


async def test_without_the_ledger_nothing_is_taken_on_made_or_fetched(exports, no_ledger):
    path = await exports.taken(QUERY)
    whole = await exports.taken(QUERY)
    no_ledger(allowed=False)

    asked = await exports.ask(QUERY)
    with pytest.raises(AuditUnavailable):
        await exports.compute()
    unmade = await exports.rows("SELECT part_count FROM bulk_export")
    no_ledger(allowed=True)
    await exports.rows("SELECT 1")
    async with exports.hub.pool.connection() as connection:
        await connection.execute("UPDATE bulk_export SET lease_until = NULL")
    await exports.compute()
    no_ledger(allowed=False)
    fetched = await exports.get(f"{path}/parts/1")
    no_ledger(allowed=True)

    assert asked.status_code == 500
    assert unmade == [(0,), (0,)]
    assert fetched.status_code == 500
    assert fetched.json()["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert len(await exports.parts(whole)) == 1

"""Events while rows, grants and exclusions change: what holds at the moment of the page holds for all of it."""

import asyncio
import contextlib
import json
from datetime import timedelta

import psycopg

from hub.database import conninfo
from hub.graphql.feed import SPAN
from hub.ingest.batch import Superseded
from hub.ledger.pseudonym import Pseudonyms
from schema.record import Record
from tests.graphql.following import NAMES, QUERY, ROWS, follow
from tests.graphql.hub import NATION
from tests.graphql.officers import client
from tests.graphql.records import ingest


def changed(filled, number=0, **what) -> Record:
    """A record of the filled database, said again otherwise."""
    said = [one for one in filled.population.records if one.role is not None and one.role.value == "VICTIM"][
        number
    ]
    members = {name: getattr(said, name) for name in Record.__dataclass_fields__} | what
    return Record(**(members | {"source_time": said.source_time + timedelta(days=1)}))


async def say(hub, *records):
    async with hub.pool.connection() as connection:
        await ingest(connection, hub.keyring, records, hub.clock())


async def test_what_is_withdrawn_is_told_to_those_alone_whom_it_was_given(own_hub, filled):
    _, start = await follow(own_hub)
    await client(
        own_hub,
        "elsewhere",
        {"scopes": ROWS, "owner": "KEMENSOS", "jurisdictions": NATION, "purposes": ("protection",)},
    )
    other = await own_hub.new_token(ROWS, "elsewhere")
    _, elsewhere = await follow(own_hub, token=other)
    record = changed(filled)
    gone = Record(
        agency=record.agency,
        object=record.object,
        key=record.key,
        kind=record.kind,
        source_time=record.source_time,
        mapping_version="1",
        deleted=True,
    )

    await say(own_hub, gone)
    events, _ = await follow(own_hub, after=start)
    of_others, further = await follow(own_hub, after=elsewhere, token=other)

    assert [one["type"] for one in events if one["data"]["entity"] == "Victim"] == [
        "id.go.tppo.victim.withdrawn"
    ]
    assert (of_others, len(further)) == ([], len(elsewhere))


async def test_an_exclusion_and_a_grant_that_ends_hold_at_the_next_page(own_hub):
    token = await own_hub.new_token(ROWS)
    before, _ = await follow(own_hub, token=token)
    ((case_id,),) = await own_hub.rows(
        "SELECT case_id FROM golden_victim GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    )

    await own_hub.rows(
        "INSERT INTO exclusion VALUES (gen_random_uuid(), %s, 'CLIENT', 'one', 'x', 'a', now(), 'b', now()) RETURNING 1",
        case_id,
    )
    excluded, _ = await follow(own_hub, token=token)
    hidden = {
        str(row[0])
        for row in await own_hub.rows(
            "SELECT case_id FROM golden_case WHERE case_id = %(c)s::uuid UNION SELECT victim_id FROM golden_victim WHERE case_id = %(c)s::uuid"
            " UNION SELECT perpetrator_id FROM golden_perpetrator WHERE case_id = %(c)s::uuid".replace(
                "%(c)s", "%s"
            ),
            case_id,
            case_id,
            case_id,
        )
    }
    await own_hub.rows(
        "UPDATE client SET suspended_at = %s WHERE client_id = 'one' RETURNING 1", own_hub.clock()
    )
    suspended = await own_hub.ask(QUERY, {"t": ["CASE_CREATED"]}, token=token)

    assert [one["id"] for one in excluded] == [
        one["id"] for one in before if one["data"]["row"] not in hidden
    ]
    assert len(hidden) > 2
    assert suspended.status_code in {401, 403}


async def test_a_cursor_older_than_what_is_kept_is_told_to_start_anew(own_hub):
    events, _ = await follow(own_hub)
    await own_hub.rows("UPDATE outbox SET floor = 10 RETURNING 1")
    await own_hub.rows("DELETE FROM event WHERE position <= 10 RETURNING 1")

    old = await own_hub.ask(QUERY, {"t": ["CASE_CREATED"], "a": events[4]["cursor"]})
    from_the_oldest, _ = await follow(own_hub)
    from_the_floor, _ = await follow(own_hub, after=events[9]["cursor"])

    assert old.json()["errors"][0]["extensions"] == {"code": "NOT_FRESH"}
    assert old.json()["errors"][0]["message"].startswith("Events behind this cursor are no longer kept")
    assert (
        [one["id"] for one in from_the_oldest]
        == [one["id"] for one in from_the_floor]
        == [one["id"] for one in events[10:]]
    )


async def test_a_caller_who_is_given_nothing_of_many_events_moves_on_by_pages(own_hub):
    await client(
        own_hub,
        "blind",
        {"scopes": ROWS, "owner": "KEMENSOS", "jurisdictions": ("61",), "purposes": ("protection",)},
    )
    token = await own_hub.new_token(ROWS, "blind")
    await own_hub.rows(
        "INSERT INTO event (position, entity, row_id, kind, at) SELECT head + n, 'Case', gen_random_uuid(), 'CHANGED', now()"
        " FROM outbox, generate_series(1, %s) n RETURNING 1",
        2 * SPAN,
    )
    await own_hub.rows("UPDATE outbox SET head = (SELECT max(position) FROM event) RETURNING 1")

    pages, after = 0, None
    while True:
        page = (await own_hub.data(QUERY, {"t": list(NAMES), "a": after}, token=token))["events"]
        assert page["events"] == []
        pages, after = pages + 1, page["endCursor"]
        if not page["hasNextPage"]:
            break
    assert pages == 3


async def test_whose_events_were_given_stands_in_the_ledger(own_hub, cluster, own_database):
    page = (await own_hub.data(QUERY, {"t": ["VICTIM_CREATED"], "n": 3}))["events"]
    name = Pseudonyms(own_hub.keyring).of
    with psycopg.connect(conninfo(cluster.url("hub_owner", own_database))) as connection:
        (body,) = connection.execute("SELECT body FROM audit.record ORDER BY id DESC LIMIT 1").fetchone()
    said = json.loads(bytes(body))

    assert said["subjects"] == sorted(name(one["data"]["row"]) for one in page["events"])
    assert {"EventType.VICTIM_CREATED", "Query.events"} <= {*said["coordinates"]}


async def test_readers_during_commits_miss_nothing_and_see_one_order(own_hub, filled):
    """Three writers and a reader at once: whatever the reader had when, it ends with all, in the order of positions."""
    _, after = await follow(own_hub)
    start = after
    done = asyncio.Event()
    seen = []

    async def read():
        nonlocal after
        while True:
            last = done.is_set()
            page = (await own_hub.data(QUERY, {"t": list(NAMES), "a": after, "n": 5}))["events"]
            seen.extend(page["events"])
            after = page["endCursor"]
            if last and not page["hasNextPage"]:
                return

    async def write(number):
        for turn in range(4):
            record = changed(
                filled,
                number,
                facts={
                    "Victim": {"status": "IDENTIFIED"},
                    "Person": {"education": ("PRIMARY", "HIGHER")[turn % 2]},
                },
            )
            await say_version(own_hub, record, turn)

    reading = asyncio.create_task(read())
    await asyncio.gather(*(write(number) for number in range(3)))
    done.set()
    await reading
    whole, _ = await follow(own_hub, after=start)

    assert [one["id"] for one in seen] == [one["id"] for one in whole]
    assert len(seen) >= 3


async def say_version(hub, record, turn):
    members = {name: getattr(record, name) for name in Record.__dataclass_fields__}
    again = Record(**(members | {"source_time": record.source_time + timedelta(hours=turn)}))
    while True:
        with contextlib.suppress(Superseded):  # another writer moved the checkpoint first: say it again
            await say(hub, again)
            return

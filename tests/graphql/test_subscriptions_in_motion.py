"""Subscriptions while rows, grants, tokens and exclusions change: what holds at the moment of a page holds for all of it."""

import asyncio
import base64
import json

import psycopg
import pytest
import websockets

from auth import grants, revocations
from auth.grants import Decision
from hub.database import conninfo
from hub.ledger.pseudonym import Pseudonyms
from hub.limits import Limits
from tests.auth.parties import APPROVER, Clock
from tests.graphql.following import NAMES, QUERY, ROWS, follow, touch
from tests.graphql.hub import EVERY, NATION, running
from tests.graphql.officers import client
from tests.graphql.subscribers import connected, listening
from tests.graphql.test_events_in_motion import changed, say, say_version


@pytest.fixture
async def url(own_hub):
    async with listening(own_hub.service) as found:
        yield found


async def test_what_the_pull_gives_comes_in_the_same_order_and_then_what_happens(own_hub, filled, url):
    before, after = await follow(own_hub)
    async with connected(url, token=await own_hub.token()) as one:
        await one.subscribe(n=7)
        first = await one.catch_up()
        await say(own_hub, changed(filled, facts={"Victim": {"status": "IDENTIFIED"}}))
        page = await one.page()
    further, _ = await follow(own_hub, after=after)

    assert [event["id"] for event in first] == [event["id"] for event in before]
    assert {len(one["events"]) for one in one.pages[:-2]} == {7}
    assert [event["id"] for event in page["events"]] == [event["id"] for event in further]
    assert len(further) > 0


async def test_the_first_page_comes_at_once_also_where_it_is_empty(own_hub, url):
    _, after = await follow(own_hub)
    async with connected(url, token=await own_hub.token()) as one:
        await one.subscribe(after=after)
        page = await one.page()
    further, _ = await follow(own_hub, after=page["endCursor"])

    assert (page["events"], page["hasNextPage"], further) == ([], False, [])


async def test_readers_during_commits_miss_nothing_and_see_one_order(own_hub, filled, url):
    _, after = await follow(own_hub)
    token, start, seen = await own_hub.token(), after, []
    done = asyncio.Event()

    async def read():
        nonlocal after
        while True:
            last = done.is_set()
            async with connected(url, token=token) as one:
                await one.subscribe(after=after, n=3)
                for _ in range(2):
                    page = await one.page()
                    seen.extend(page["events"])
                    after = page["endCursor"]
                    if not page["hasNextPage"]:
                        break
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

    assert [event["id"] for event in seen] == [event["id"] for event in whole]
    assert len(seen) >= 3


@pytest.mark.parametrize("owner", ["POLRI", "KEMENSOS"])
async def test_events_are_those_of_the_rows_that_the_grants_open(own_hub, url, owner):
    await client(
        own_hub,
        "some",
        {"scopes": ROWS, "owner": owner, "jurisdictions": ("61",), "purposes": ("protection",)},
    )
    token = await own_hub.new_token(ROWS, "some")
    pulled, _ = await follow(own_hub, token=token)
    async with connected(url, token=token) as one:
        await one.subscribe()
        told = await one.catch_up()

    assert [event["id"] for event in told] == [event["id"] for event in pulled]


async def test_an_exclusion_holds_at_the_next_page(own_hub, filled, url):
    _, after = await follow(own_hub)
    record = changed(filled, facts={"Victim": {"status": "IDENTIFIED"}})
    source = own_hub.keyring.source_key(record.agency, record.object, record.key)
    ((case_id,),) = await own_hub.rows(
        "SELECT v.case_id FROM golden_victim v JOIN link l ON l.entity_id = v.person_id AND l.valid_to IS NULL"
        " JOIN source_person s USING (source_id) WHERE s.key = %s",
        source,
    )
    async with connected(url, token=await own_hub.token()) as one:
        await one.subscribe(after=after)
        await one.page()
        await own_hub.rows(
            "INSERT INTO exclusion VALUES (gen_random_uuid(), %s, 'CLIENT', 'one', 'x', 'a', now(), 'b', now()) RETURNING 1",
            case_id,
        )
        await say(own_hub, record)
        with pytest.raises(TimeoutError):
            await one.message(2)
    others, _ = await follow(own_hub, client="two")

    assert len(others) > len((await follow(own_hub))[0])


async def test_the_connection_ends_with_the_grant_of_what_it_tells(own_hub, url):
    await client(
        own_hub,
        "some",
        {"scopes": ROWS, "owner": "POLRI", "jurisdictions": NATION, "purposes": ("protection",)},
    )
    token = await own_hub.new_token(ROWS, "some")
    async with connected(url, token=token) as one:
        await one.subscribe()
        await one.catch_up()
        ((grant_id,),) = await own_hub.rows(
            "SELECT DISTINCT grant_id FROM access_grant WHERE grantee = 'some'"
        )
        async with own_hub.engine.begin() as connection:
            await connection.run_sync(
                grants.decide, APPROVER, grant_id, 1, Decision.REVOKED, "of a test", own_hub.clock()
            )
        closed = await one.closed()

    assert closed == (4403, "A grant has ended; connect anew and subscribe to what is open")


async def test_the_connection_ends_with_its_token_also_where_nothing_happens(own_hub, url):
    token = await own_hub.new_token(EVERY)
    async with connected(url, token=token) as one:
        assert one.acknowledged == {"expiresAt": "2026-03-02T08:05:00Z"}
        own_hub.clock.forward(seconds=311)
        closed = await one.closed()

    assert closed == (4403, "The access token is refused: it has expired.")


async def test_the_connection_ends_when_its_token_is_withdrawn_or_its_client_suspended(own_hub, url):
    codes = []
    for how in ("withdrawn", "suspended"):
        token = await own_hub.new_token(EVERY)
        async with connected(url, token=token) as one:
            await one.subscribe()
            await one.catch_up()
            if how == "withdrawn":
                jti = json.loads(_claims(token))["jti"]
                async with own_hub.engine.begin() as connection:
                    await connection.run_sync(
                        lambda bound, jti=jti: revocations.revoke(
                            bound, jti=jti, client_id="one", expires_at=own_hub.clock(), now=own_hub.clock()
                        )
                    )
            else:
                await own_hub.rows(
                    "UPDATE client SET suspended_at = %s WHERE client_id = 'one' RETURNING 1", own_hub.clock()
                )
            own_hub.clock.forward(seconds=2)  # what a replica knows of withdrawals is a second old at most
            codes.append(await one.closed())

    assert codes == [(4403, "The access token was withdrawn; ask /oauth/token for a new one.")] * 2


def _claims(token):
    body = token.split(".")[1]
    return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))


async def test_what_was_told_stands_in_the_ledger(own_hub, url, cluster, own_database):
    async with connected(url, token=await own_hub.token()) as one:
        await one.subscribe(("VICTIM_CREATED",), n=3)
        page = await one.page()
    name = Pseudonyms(own_hub.keyring).of
    with psycopg.connect(conninfo(cluster.url("hub_owner", own_database))) as connection:
        bodies = [
            json.loads(bytes(body))
            for (body,) in connection.execute("SELECT body FROM audit.record ORDER BY id")
        ]
    said = next(one for one in bodies if one["kind"] == "delivery")

    assert said["subjects"] == sorted(name(event["data"]["row"]) for event in page["events"])
    assert said["coordinates"] == ["EventType.VICTIM_CREATED"]
    assert (said["client_id"], said["purpose"], said["row_count"]) == ("one", "protection", 3)


async def test_without_the_ledger_nothing_is_told(own_hub, url, cluster, own_database):
    with psycopg.connect(conninfo(cluster.url("hub_owner", own_database)), autocommit=True) as owner:
        owner.execute("REVOKE INSERT (era, body) ON audit.record FROM hub_service")
    async with connected(url, token=await own_hub.token()) as one:
        await one.subscribe()
        with pytest.raises(websockets.ConnectionClosed):
            await one.message()
        closed = await one.closed()

    assert closed == (1013, "The hub cannot read now; connect again and go on from your cursor")


async def test_a_cursor_older_than_what_is_kept_is_refused(own_hub, url):
    events, _ = await follow(own_hub)
    await own_hub.rows("UPDATE outbox SET floor = 10 RETURNING 1")
    async with connected(url, token=await own_hub.token()) as one:
        await one.subscribe(after=events[4]["cursor"])
        refused = await one.refusal()

    assert refused == ["NOT_FRESH"]


async def test_a_spent_budget_delays_a_page_and_loses_none(cluster, own_database, key_file):
    """A subscription costs 6,000, and as much again each page that has events: the third waits for the next minute."""
    clock = Clock()
    limits = Limits(budget=15_000)
    async with (
        running(cluster.url("hub_service", own_database), key_file, clock, limits=limits) as hub,
        listening(hub.service) as url,
        connected(url, token=await hub.token()) as one,
    ):
        await one.subscribe(n=1)
        seen = [(await one.page())["events"][0]["id"] for _ in range(2)]
        with pytest.raises(TimeoutError):
            await one.message(2.5)
        clock.forward(minutes=1)
        seen.append((await one.page())["events"][0]["id"])
        whole = await hub.data(QUERY, {"t": list(NAMES), "n": 3}, client="two")

    assert seen == [event["id"] for event in whole["events"]["events"]]


async def test_for_a_reader_that_takes_nothing_nothing_is_read(own_hub, url, cluster, own_database):
    count, (_, after) = 20_000, await follow(own_hub)
    await touch(own_hub, count)
    deliveries = (
        "SELECT count(*) FROM audit.record WHERE convert_from(body, 'UTF8')::json ->> 'kind' = 'delivery'"
    )
    with psycopg.connect(conninfo(cluster.url("hub_owner", own_database)), autocommit=True) as owner:

        def told():
            return owner.execute(deliveries).fetchone()[0]

        async with connected(url, token=await own_hub.token(), max_queue=1) as one:
            await one.subscribe(after=after)
            last = -1
            while (now := told()) != last or not now:
                last = now
                await asyncio.sleep(0.7)
            while_it_slept = told()
            seen = await one.catch_up()

    assert while_it_slept < count / 100 * 0.9
    assert len({event["id"] for event in seen}) == len(seen) == count

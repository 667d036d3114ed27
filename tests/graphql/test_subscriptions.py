"""Subscriptions tell what the pull tells to whoever may have it, over one protocol, whose rules are kept."""

import json

import pytest
import pytest_asyncio
import websockets
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.graphql import sockets
from tests.graphql.following import NAMES, ROWS, follow
from tests.graphql.hub import ISSUER
from tests.graphql.subscribers import DOCUMENT, connected, listening

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def url(hub):
    async with listening(hub.service) as found:
        yield found


async def test_an_event_is_the_one_that_the_pull_gives(hub, url):
    ((pulled, *_), _) = await follow(hub, first=1, names=("CASE_CREATED",))
    async with connected(url, token=await hub.token()) as one:
        await one.subscribe(("CASE_CREATED",), n=1)
        (told,) = (await one.page())["events"]

    assert told | {"cursor": ""} == pulled | {"cursor": ""}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(1, 4), min_size=1, max_size=6), first=st.integers(1, 9))
async def test_whoever_connects_anew_with_the_cursor_has_all_once_and_in_order(hub, url, cuts, first):
    whole, _ = await follow(hub)
    token, after, seen = await hub.token(), None, []
    for cut in [*cuts, 10_000]:
        async with connected(url, token=token) as one:
            await one.subscribe(after=after, n=first)
            for _ in range(cut):
                page = await one.page()
                seen += page["events"]
                after = page["endCursor"]
                if not page["hasNextPage"]:
                    break

    assert [event["id"] for event in seen] == [event["id"] for event in whole]


@pytest.mark.parametrize("name", NAMES)
async def test_a_type_is_refused_without_the_scope_of_its_rows(hub, url, name):
    scope = f"{name.partition('_')[0].lower()}:read"
    literal = {"query": f"subscription {{ events(types: [{name}]) {{ endCursor }} }}"}
    variable = {"query": DOCUMENT, "variables": {"t": [name]}}
    async with connected(url, token=await hub.new_token(ROWS - {scope}, "one")) as one:
        for key, payload in enumerate((literal, variable)):
            await one.send(id=str(key), type="subscribe", payload=payload)
            message = await one.message()
            assert message["type"] == "error"
            assert [
                (
                    error["extensions"]["code"],
                    error["extensions"]["coordinate"],
                    error["extensions"]["requiresScopes"],
                )
                for error in message["payload"]
            ] == [("FORBIDDEN", f"EventType.{name}", [[scope]])]
    async with connected(url, token=await hub.new_token({scope}, "one")) as one:
        await one.subscribe((name,))
        assert "events" in await one.page()


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"query": "{ me { clientId } }"}, "BAD_USER_INPUT"),
        ({"query": 'mutation { approveOperation(id: "x") { id } }'}, "BAD_USER_INPUT"),
        ({"query": "subscription { __typename }"}, "BAD_USER_INPUT"),
        ({"query": "subscription { events(types: []) { endCursor } }"}, "BAD_USER_INPUT"),
        ({"query": "subscription { events(types: [CASE_CREATED], first: 101) { endCursor } }"}, "BAD_USER_INPUT"),
        ({"query": 'subscription { events(types: [CASE_CREATED], after: "x") { endCursor } }'}, "BAD_USER_INPUT"),
        ({"query": "subscription { events(types: [CASE_CREATED]) @skip(if: true) { endCursor } }"}, "BAD_USER_INPUT"),
        ({"query": "subscription { " + "events(types: [CASE_CREATED]) { events { data { row } } } " * 2 + "a: events(types: [CASE_CREATED]) { endCursor } }"}, "BAD_USER_INPUT"),
        ({"query": "subscription ("}, "BAD_USER_INPUT"),
        ({"query": 7}, "BAD_USER_INPUT"),
        ({}, "BAD_USER_INPUT"),
        ({"query": "subscription { events(types: [CASE_CREATED]) { " + "endCursor " * 600 + "} }"}, "QUERY_TOO_COSTLY"),
    ],
)  # fmt: skip
async def test_what_is_no_subscription_within_its_limits_is_refused_and_the_connection_stays(
    hub, url, payload, code
):
    async with connected(url, token=await hub.token()) as one:
        await one.send(id="1", type="subscribe", payload=payload)
        refused = await one.refusal()
        await one.send(type="ping")
        pong = await one.message()

    assert ({*refused}, pong) == ({code}, {"type": "pong"})


async def test_a_subscription_is_not_answered_by_post(hub):
    status, codes = await hub.refusal("subscription { events(types: [CASE_CREATED]) { endCursor } }")

    assert (status, codes) == (400, ["BAD_USER_INPUT"])


async def test_a_connection_has_so_many_subscriptions_and_one_that_is_ended_leaves_its_place(hub, url):
    async with connected(url, token=await hub.token()) as one:
        for key in range(10):
            await one.subscribe(("CASE_WITHDRAWN",), key=str(key))
            await one.page()
        await one.subscribe(("CASE_WITHDRAWN",), key="over")
        refused = await one.refusal()
        await one.send(id="3", type="complete")
        await one.subscribe(("CASE_WITHDRAWN",), key="over")
        await one.page()

    assert refused == ["QUERY_TOO_COSTLY"]


async def test_a_caller_has_so_many_connections_at_a_process(hub, url, monkeypatch):
    monkeypatch.setattr(sockets, "MOST_OF_CALLER", 2)
    token, another = await hub.token(), await hub.token(client="two")
    async with connected(url, token=token), connected(url, token=token):
        async with connected(url, token=token) as third:
            closed = await third.closed()
        async with connected(url, token=another) as of_another:
            await of_another.subscribe()
            await of_another.page()
    async with connected(url, token=token) as after:
        await after.subscribe()
        await after.page()

    assert closed == (1013, "You have 2 connections here, as many as you may")


@pytest.mark.parametrize("offered", [["graphql-ws"], ["graphql-transport-ws-2"], []])
async def test_another_protocol_is_not_spoken(url, offered):
    async with connected(url, subprotocols=offered) as one:
        closed = await one.closed()

    assert closed == (4406, "Subprotocol not acceptable")


@pytest.mark.parametrize(
    ("origin", "is_open"),
    [(None, True), (ISSUER, True), ("https://evil.example", False), ("null", False), (f"{ISSUER}.evil.example", False), ("http://hub.example", False)],
)  # fmt: skip
async def test_a_page_of_another_origin_is_refused(hub, url, origin, is_open):
    token = await hub.token()
    if is_open:
        async with connected(url, token=token, origin=origin) as one:
            assert one.acknowledged
    else:
        with pytest.raises(websockets.InvalidStatus) as told:
            async with connected(url, origin=origin):
                pass
        assert told.value.response.status_code == 403


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        (["not json"], 4400),
        (["[]"], 4400),
        (['{"type": 1}'], 4400),
        ([b"\x00\x01"], 4400),
        (['{"type": "nothing"}'], 4400),
        (['{"type": "connection_init", "payload": []}'], 4400),
        (['{"type": "subscribe", "id": "1", "payload": {}}'], 4401),
        (['{"type": "connection_init"}'], 4403),
        (['{"type": "connection_init", "payload": {"Authorization": 7}}'], 4403),
        (['{"type": "connection_init", "payload": {"Authorization": "Bearer x.y.z"}}'], 4403),
        (["INIT", "INIT"], 4429),
        (["INIT", '{"type": "subscribe", "payload": {}}'], 4400),
        (["INIT", '{"type": "subscribe", "id": "", "payload": {}}'], 4400),
        (["INIT", '{"type": "subscribe", "id": "1", "payload": []}'], 4400),
        (["INIT", "SUBSCRIBE", "SUBSCRIBE"], 4409),
        (["INIT", '{"type": "nothing"}'], 4400),
    ],
)
async def test_who_does_not_keep_the_protocol_is_told_how_by_its_codes(hub, url, messages, code):
    token = await hub.token()
    named = {
        "INIT": json.dumps({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}}),
        "SUBSCRIBE": json.dumps(
            {"type": "subscribe", "id": "1", "payload": {"query": DOCUMENT, "variables": {"t": NAMES}}}
        ),
    }
    async with connected(url) as one:
        for message in messages:
            await one.connection.send(named.get(message, message) if isinstance(message, str) else message)
        closed, reason = await one.closed()

    assert closed == code
    assert token not in reason


async def test_who_does_not_say_who_they_are_in_time_is_left(url, monkeypatch):
    monkeypatch.setattr(sockets, "INITIALISED_WITHIN_S", 0.2)
    async with connected(url) as one:
        await one.send(type="ping")
        closed = await one.closed()

    assert closed == (4408, "Connection initialisation timeout")


async def test_a_message_larger_than_a_request_may_be_ends_the_connection(hub, url):
    async with connected(url, token=await hub.token()) as one:
        await one.send(id="1", type="subscribe", payload={"query": "#" * 300_000})
        closed, _ = await one.closed()

    assert closed == 1009

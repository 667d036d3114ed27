"""How often OAuth2 may be asked: at the limit, one above it, and by whom it is not counted."""

import base64
import json
from datetime import timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request

from auth.routes import routes
from auth.throttle import Rate, Throttle, address_of, claimed, throttled
from tests.auth.parties import ISSUER, PRIVATE, Clock
from tests.auth.people import CLIENT, Browser, pushed, settle

ONE, OTHER = "10.0.0.1", "10.0.0.2"
FORM = {"error": "temporarily_unavailable"}


def asks(rate, key="one"):
    """Whether the key might ask; counted if so."""
    if rate.wait_s(key):
        return False
    rate.take(key)
    return True


@given(st.integers(1, 700))
def test_a_minute_s_worth_may_come_at_once_and_one_more_a_part_of_a_minute_later(per_minute):
    clock = Clock()
    rate = Rate(per_minute, clock)

    at_once = sum(asks(rate) for _ in range(per_minute + 5))
    wait_s = rate.wait_s("one")
    clock.forward(seconds=60 / per_minute)

    assert (at_once, wait_s) == (per_minute, -(-60 // per_minute))
    assert (asks(rate), asks(rate)) == (True, False)


@given(
    st.integers(1, 20), st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10)), min_size=1, max_size=20)
)
def test_whoever_waits_as_told_may_ask_and_nobody_asks_more_than_the_rate_and_a_minute_s_worth(
    per_minute, steps
):
    clock = Clock()
    rate, began, accepted = Rate(per_minute, clock), clock(), 0
    for seconds, times in steps:
        clock.forward(seconds=seconds)
        accepted += sum(asks(rate) for _ in range(times))
        assert accepted <= per_minute + (clock() - began).total_seconds() * per_minute / 60 + 1e-6

    clock.forward(seconds=rate.wait_s("one"))

    assert asks(rate)


def test_a_key_takes_nothing_from_another_and_the_one_that_is_quiet_longest_is_forgotten():
    rate = Rate(1, Clock(), most_keys=2)
    for key in ("one", "two"):
        rate.take(key)
    before = [rate.wait_s(key) for key in ("one", "two", "three")]
    rate.take("three")

    assert before == [60, 60, 0]
    assert [rate.wait_s(key) for key in ("one", "two", "three")] == [0, 60, 60]


def test_a_clock_that_is_set_back_locks_nobody_out():
    clock = Clock()
    rate = Rate(2, clock)
    for _ in range(2):
        rate.take("one")

    clock.forward(seconds=-timedelta(hours=1).total_seconds())

    assert rate.wait_s("one") == 0


def test_without_a_limit_nobody_waits():
    rate = Rate(0, Clock())
    for _ in range(1000):
        rate.take("one")

    assert rate.wait_s("one") == 0


def _jwt(claims):
    parts = (json.dumps(one).encode() for one in ({"alg": "Ed25519"}, claims))
    return ".".join(base64.urlsafe_b64encode(one).rstrip(b"=").decode() for one in (*parts, b"x" * 64))


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"client_assertion": _jwt({"sub": "one"}), "client_id": "two"}, "one"),
        ({"client_assertion": _jwt({"sub": 7}), "client_id": "two"}, "two"),
        ({"client_assertion": "garbage"}, None),
        ({"client_id": "two"}, "two"),
        ({}, None),
    ],
)
def test_a_form_claims_a_client_by_its_assertion_or_by_name(form, expected):
    assert claimed(form) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("unix", "unix"),
        (None, ""),
    ],
)
def test_an_address_is_one_caller_s(host, expected):
    client = None if host is None else (host, 1)

    assert address_of(Request({"type": "http", "client": client, "headers": []})) == expected


@pytest.fixture
async def ways(hub):
    """The hub's server under a throttle of the test's own, as clients at addresses reach it."""
    opened = []

    async def way(address=ONE, **changes):
        full = {"per_client": 0, "failures": 0, "clock": hub.clock} | changes
        if changes:
            hub.server.throttle = Throttle(**full)
            hub.app = Starlette(routes=throttled(routes(hub.server), hub.server.throttle))
        transport = httpx.ASGITransport(hub.app, client=(address, 1))
        opened.append(httpx.AsyncClient(transport=transport, base_url=ISSUER))
        return opened[-1]

    await hub.register()
    await hub.register(client_id="another")
    yield way
    for one in opened:
        await one.aclose()


async def _ids(hub):
    async with hub.engine.begin() as connection:
        return (await connection.exec_driver_sql("SELECT count(*) FROM one_time_id")).scalar_one()


async def test_a_client_asks_as_often_as_its_rate_and_once_more_is_429_before_anything_is_written(hub, ways):
    http = await ways(per_client=3)
    for _ in range(3):
        assert (await http.post("/oauth/token", data=hub.form())).status_code == 200
    written = await _ids(hub)

    refused = await http.post("/oauth/token", data=hub.form())

    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "20"
    assert refused.headers["Cache-Control"] == "no-store"
    assert refused.json() == FORM | {
        "error_description": "Too many requests; wait as Retry-After says, and use a token for as long as it lives."
    }
    assert await _ids(hub) == written
    assert (await http.post("/oauth/token", data=hub.form(client_id="another"))).status_code == 200
    introspected = await http.post("/oauth/introspect", data=hub.form(token="x"))  # noqa: S106 -- no token at all
    assert introspected.status_code != 429
    hub.clock.forward(seconds=20)
    assert (await http.post("/oauth/token", data=hub.form())).status_code == 200


async def test_what_is_refused_to_a_client_that_has_authenticated_counts_for_the_client(hub, ways):
    http = await ways(per_client=2, failures=1)

    outcomes = [(await http.post("/oauth/token", data=hub.form(scope="nope"))).status_code for _ in range(3)]

    assert outcomes == [400, 400, 429]
    assert (await http.post("/oauth/token", data=hub.form(client_id="another"))).status_code == 200


async def test_whoever_claims_to_be_a_client_takes_nothing_from_it(hub, ways):
    attacker = await ways(ONE, per_client=2, failures=100)
    client = await ways(OTHER)
    good, hub.private = hub.private, PRIVATE["stranger"]
    claims = [(await attacker.post("/oauth/token", data=hub.form())).status_code for _ in range(20)]
    named = [
        (await attacker.post(path, data={"client_id": "polri-lapor", "request_uri": "x"})).status_code
        for path in ("/oauth/token", "/oauth/par", "/oauth/authorize", "/oauth/revoke")
        for _ in range(5)
    ]
    hub.private = good

    outcomes = [(await client.post("/oauth/token", data=hub.form())).status_code for _ in range(3)]

    assert set(claims) == {401}
    assert set(named) <= {400, 401}
    assert outcomes == [200, 200, 429]


async def test_an_address_fails_as_often_as_its_limit_and_then_is_refused_unread(hub, ways):
    http = await ways(failures=3)
    failed = [(await http.post("/oauth/token", data={"a": "b"})).status_code for _ in range(3)]

    async def never():
        raise AssertionError("the body was asked for")
        yield b""

    refused = await http.post("/oauth/token", content=never())
    elsewhere = await http.post("/oauth/revoke", data=hub.form(token="x"))  # noqa: S106 -- no token at all

    assert 429 not in failed
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "20")
    assert refused.json().items() >= FORM.items()
    assert elsewhere.status_code == 429
    assert (await (await ways(OTHER)).post("/oauth/token", data=hub.form())).status_code == 200
    hub.clock.forward(seconds=20)
    assert (await http.post("/oauth/token", data=hub.form())).status_code == 200


async def test_what_succeeds_never_counts_for_an_address(hub, ways):
    http = await ways(failures=1)

    assert {(await http.post("/oauth/token", data=hub.form())).status_code for _ in range(5)} == {200}


async def test_where_addresses_are_not_known_they_are_not_counted(ways):
    http = await ways(failures=1, is_address_known=False)

    outcomes = {(await http.post("/oauth/token", data={"a": "b"})).status_code for _ in range(5)}

    assert 429 not in outcomes


async def test_people_are_told_on_a_page_in_their_language(ways):
    http = await ways(failures=1)
    await http.post("/oauth/authorize", data={"a": "b"})

    page = await http.post("/oauth/authorize", data={"a": "b"}, headers={"Accept-Language": "en"})

    assert (page.status_code, page.headers["Retry-After"]) == (429, "60")
    assert "Too many requests came from your network." in page.text


async def test_a_person_s_decisions_count_for_the_client_that_asked(hub, ways):
    await ways(per_client=2, failures=100)
    await settle(hub)
    browser = Browser(hub)
    await browser.log_in()
    pages = [await browser.open(await pushed(hub)) for _ in range(2)]
    statuses = [(await browser.decide(page)).status_code for page in (*pages, pages[1])]
    await browser.http.aclose()

    assert statuses == [303, 303, 429]
    assert hub.server.throttle.client_wait_s("/oauth/authorize", CLIENT) == 30

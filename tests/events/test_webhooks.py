"""Endpoints are told what their client may read at that moment: at least once, in the order of each row, and signed."""

import base64
import hashlib
import json
import re
from collections import defaultdict
from datetime import timedelta

import psycopg
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.database import conninfo
from hub.events import hooks, schedule, signing
from hub.events.hooks import HookRefused
from hub.ledger.pseudonym import Pseudonyms
from tests.events.hub_of_hooks import SCOPES, register
from tests.house import ROOT
from tests.ingest.store import case, gone, person
from tests.ingest.world import WORLD

NIK = "9901014107900001"


def victim(number, **changes):
    return person(
        f"v{number}", victim_in="k", nik=f"99010141079000{number:02}", name=f"Siti {number}", **changes
    )


async def test_what_is_committed_arrives_as_cloudevents(hub, receiver):
    await hub.add(receiver.url)
    await hub.store.say(*WORLD)

    await hub.send()

    events = await hub.store.rows("SELECT entity, row_id, kind, event_id FROM event")
    assert sorted((one["data"]["entity"], one["data"]["row"], one["id"]) for one in receiver.taken) == sorted(
        (entity, str(row_id), str(event_id)) for entity, row_id, _, event_id in events
    )
    assert {headers["content-type"] for headers, *_ in receiver.requests} == {"application/cloudevents+json"}
    assert await hub.waiting() == []
    assert not [
        word
        for word in ("Siti", "Aminah", NIK)
        if any(word.encode() in body for _, body, _ in receiver.requests)
    ]


async def test_a_receiver_knows_the_hub_by_its_public_key_and_a_changed_byte_is_found(hub, receiver):
    """As Standard Webhooks says, by hand: v1a is Ed25519 over `id.timestamp.body`."""
    await hub.add(receiver.url)
    await hub.store.say(*WORLD)
    await hub.send()
    headers, body, _ = receiver.requests[0]
    public = bytes(await hub.store.value("SELECT public_key FROM webhook_key"))
    scheme, _, signature = headers["webhook-signature"].partition(",")
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = Ed25519PublicKey.from_public_bytes(public)

    key.verify(base64.b64decode(signature), signed)
    with pytest.raises(InvalidSignature):
        key.verify(base64.b64decode(signature), signed.replace(b"1.0", b"1.1"))
    assert scheme == "v1a"
    assert headers["webhook-id"] == json.loads(body)["id"]
    assert headers["webhook-timestamp"] == str(int(hub.clock().timestamp()))


async def test_the_guide_s_own_check_knows_what_the_hub_sent_and_nothing_else(hub, receiver):
    await hub.add(receiver.url)
    await hub.store.say(*WORLD)
    await hub.send()
    guide = (ROOT / "docs" / "integrator.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"^```python\n(.*?def is_from_the_hub.*?)^```", guide, re.MULTILINE | re.DOTALL)
    names: dict = {}
    exec(program[program.rindex("import base64") :], names)  # noqa: S102 -- the guide's own words
    public = base64.b64encode(bytes(await hub.store.value("SELECT public_key FROM webhook_key"))).decode()
    another = base64.b64encode(bytes(32)).decode()
    headers, body, _ = receiver.requests[0]

    def known(headers=headers, body=body, keys=(f"whpk_{another}", f"whpk_{public}"), late=0):
        moment = hub.clock().timestamp() + late
        return names["is_from_the_hub"](headers, body, keys, now=lambda: moment)

    assert known()
    assert known(headers | {"webhook-signature": f"v1,AAAA {headers['webhook-signature']}"})
    assert not known(body=body.replace(b"1.0", b"1.1"))
    assert not known(headers | {"webhook-id": "another"})
    assert not known(keys=(f"whpk_{another}",))
    assert not known(late=301)


async def test_a_key_is_followed_in_time_and_both_sign_meanwhile(hub, pool):
    async with pool.connection() as connection:
        keyring, now = hub.store.keyring, hub.clock()
        first = [one.kid for one in await signing.keys(connection, keyring, now)]
        same = [one.kid for one in await signing.keys(connection, keyring, now + timedelta(days=200))]
        both = await signing.keys(connection, keyring, now + signing.SIGNS_FOR - signing.OVERLAP)
        later = [one.kid for one in await signing.keys(connection, keyring, now + signing.SIGNS_FOR)]

    assert first == same == [both[0].kid]
    assert later == [both[1].kid]
    assert signing.headers(both, "m", now, b"{}")["webhook-signature"].count("v1a,") == 2


async def test_one_row_s_events_wait_for_the_one_before_and_those_of_others_do_not(hub, receiver):
    await hub.add(receiver.url, types=("Victim.CREATED", "Victim.CHANGED"))
    await hub.store.say(case("k"), victim(1), victim(2))
    await hub.store.say(victim(1, time=1, victim={"status": "IDENTIFIED"}))
    (stubborn,) = [
        one
        async for one in _one(hub, "SELECT row_id FROM event WHERE kind = 'CHANGED' AND entity = 'Victim'")
    ]
    refuses = True
    receiver.answer = lambda event: 422 if refuses and event["data"]["row"] == str(stubborn) else 204

    await hub.send()
    first = [(one["type"], one["data"]["row"]) for one in receiver.taken]
    refuses = False
    hub.clock.advance(minutes=1)
    await hub.send()
    whole = [(one["type"], one["data"]["row"]) for one in receiver.taken]

    assert str(stubborn) not in {row for _, row in first}
    assert len(first) == 1
    assert [kind for kind, row in whole if row == str(stubborn)] == [
        "id.go.tppo.victim.created",
        "id.go.tppo.victim.changed",
    ]


async def _one(hub, statement):
    for row in await hub.store.rows(statement):
        yield row[0]


async def test_an_endpoint_that_does_not_answer_is_left_alone_and_loses_nothing(hub, receiver):
    await hub.add(receiver.url)
    await hub.store.say(*WORLD)
    receiver.answer = lambda _: 503

    await hub.send()
    during = len(receiver.requests)
    for _ in range(12):
        hub.clock.advance(minutes=6)
        await hub.send()
    receiver.answer = lambda _: 204
    hub.clock.advance(minutes=6)
    await hub.send()

    assert during <= 8
    assert len({one["id"] for one in receiver.taken}) == len(receiver.taken) == 3
    assert await hub.waiting() == []


async def test_what_is_refused_for_three_days_is_given_up_and_told_again_when_asked(hub, receiver):
    webhook_id = await hub.add(receiver.url, types=("Victim.CREATED",))
    await hub.store.say(*WORLD)
    receiver.answer = lambda _: 400
    end = hub.clock() + schedule.GIVEN_UP_AFTER + timedelta(hours=5)
    while hub.clock() < end:
        await hub.send()
        hub.clock.advance(hours=1)
    given_up = await hub.run(hooks.dead, webhook_id)
    position = await hub.store.value("SELECT position FROM event WHERE entity = 'Victim'")
    receiver.answer = lambda _: 204
    await hub.send()
    before = len(receiver.taken)

    count = await hub.run(
        hooks.redeliver, webhook_id, first=position, last=position, since=None, until=None, now=hub.clock()
    )
    await hub.send()

    assert [(one["position"], one["status"]) for one in given_up] == [(position, 400)]
    assert len(receiver.requests) > 10
    assert (before, count, len(receiver.taken)) == (0, 1, 1)
    assert await hub.waiting("DEAD") == []


async def test_a_range_by_time_is_sent_anew_with_the_same_ids(hub, receiver):
    webhook_id = await hub.add(receiver.url)
    await hub.store.say(*WORLD)
    at = await hub.store.value("SELECT max(at) FROM event")
    await hub.send()
    first = [one["id"] for one in receiver.taken]

    count = await hub.run(
        hooks.redeliver, webhook_id, first=None, last=None, since=at, until=at, now=hub.clock()
    )
    none = await hub.run(
        hooks.redeliver,
        webhook_id,
        first=None,
        last=None,
        since=at + timedelta(days=1),
        until=None,
        now=hub.clock(),
    )
    await hub.send()

    assert (count, none) == (3, 0)
    assert sorted(one["id"] for one in receiver.taken) == sorted(first * 2)


async def test_410_disables_and_enabling_tells_what_came_meanwhile(hub, receiver):
    webhook_id = await hub.add(receiver.url)
    await hub.store.say(*WORLD)
    receiver.answer = lambda _: 410
    await hub.send()
    asked = len(receiver.requests)
    await hub.store.say(gone(WORLD[2], time=1))
    await hub.send()
    told = await hub.store.rows("SELECT reason FROM webhook")

    receiver.answer = lambda _: 204
    await hub.run(hooks.set_enabled, webhook_id, enabled=True, now=hub.clock())
    hub.clock.advance(minutes=5)
    await hub.send()

    assert (len(receiver.requests) > asked, told) == (True, [("GONE",)])
    assert len({one["id"] for one in receiver.taken}) == await hub.store.value("SELECT count(*) FROM event")


async def test_what_the_client_may_no_longer_read_is_not_sent_though_it_was_taken_up(hub, receiver):
    await hub.add(receiver.url)
    await hub.store.say(*WORLD)
    receiver.answer = lambda _: 503
    await hub.send()
    case_id = await hub.store.value("SELECT case_id FROM golden_case")
    await hub.store.rows(
        "INSERT INTO exclusion VALUES (gen_random_uuid(), %s, 'CLIENT', 'system', 'x', 'a', now(), 'b', now()) RETURNING 1",
        case_id,
    )
    receiver.answer = lambda _: 204
    hub.clock.advance(minutes=10)

    await hub.send()

    assert receiver.taken == []
    assert await hub.waiting() == []


async def test_a_client_of_another_owner_or_one_that_is_suspended_is_told_nothing(hub, receiver):
    await hub.run(register, hub.clock, "elsewhere", owner="KEMENSOS")
    await hub.add(receiver.url, "elsewhere")
    await hub.add(receiver.url, "system")
    await hub.store.rows(
        "UPDATE client SET suspended_at = %s WHERE client_id = 'system' RETURNING 1", hub.clock()
    )
    await hub.store.say(*WORLD)

    await hub.send()

    assert receiver.requests == []
    assert await hub.store.rows("SELECT DISTINCT position FROM webhook") == await hub.store.rows(
        "SELECT head FROM outbox"
    )


async def test_each_attempt_stands_in_the_ledger_before_it_is_sent(hub, receiver, database):
    webhook_id = await hub.add(receiver.url, types=("Victim.CREATED",))
    await hub.store.say(*WORLD)
    await hub.send()
    row = await hub.store.value("SELECT row_id FROM event WHERE entity = 'Victim'")
    with psycopg.connect(conninfo(database.owner_url)) as owner:
        bodies = [
            json.loads(bytes(one)) for (one,) in owner.execute("SELECT body FROM audit.record ORDER BY id")
        ]
    said = [one for one in bodies if one["about"] == str(webhook_id)]

    assert [one["kind"] for one in said] == ["decision", "delivery"]
    assert said[1]["subjects"] == [Pseudonyms(hub.store.keyring).of(row)]
    assert (said[1]["client_id"], said[1]["purpose"], said[1]["coordinates"]) == (
        "system",
        "protection",
        ["EventType.VICTIM_CREATED"],
    )


async def test_without_the_ledger_nothing_is_sent(hub, receiver, owner):
    await hub.add(receiver.url)
    await hub.store.say(*WORLD)
    await owner.execute("REVOKE INSERT (era, body) ON audit.record FROM hub_service")
    try:
        with pytest.raises(Exception, match="ledger"):
            await hub.send()
    finally:
        await owner.execute("GRANT INSERT (era, body) ON audit.record TO hub_service")

    assert receiver.requests == []


async def test_a_redirect_is_not_followed(hub, receiver):
    await hub.add(receiver.url, types=("Victim.CREATED",))
    await hub.store.say(*WORLD)
    receiver.answer = lambda _: 302

    await hub.send()

    assert len(receiver.requests) == 1
    assert len(await hub.waiting()) == 1


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"url": "http://hooks.example/x"}, "https"),
        ({"url": "https://user:secret@hooks.example/x"}, "https"),
        ({"client_id": "nobody"}, "client"),
        ({"purpose": "investigation"}, "scopes, purpose"),
        ({"scopes": SCOPES | {"victim.identity:read"}}, "scopes, purpose"),
        ({"scopes": frozenset({"case:read"})}, "need a scope"),
        ({"types": ()}, "types"),
        ({"types": ("Case.CREATED", "Person.CREATED")}, "types"),
    ],
)
async def test_an_endpoint_opens_nothing_that_its_client_does_not_hold(hub, changes, why):
    with pytest.raises(HookRefused, match=why) as told:
        await hub.add(**({"url": "https://hooks.example/x"} | changes))

    assert "secret" not in str(told.value)


async def test_an_inner_address_is_never_sent_to(hub):
    """The name is looked up at the time of sending, and every address that is not public is refused there."""
    await hub.add("https://169.254.169.254/latest/meta-data/", types=("Victim.CREATED",))
    await hub.store.say(*WORLD)

    await hub.send()

    assert await hub.store.rows("SELECT attempts, status FROM webhook_delivery") == [(1, None)]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    turns=st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=4), min_size=1, max_size=5),
    answers=st.lists(st.sampled_from([204, 204, 204, 400, 422, 429, 500, 503]), min_size=1, max_size=12),
)
async def test_whatever_an_endpoint_answers_it_takes_all_and_each_row_in_its_order(
    hub, receiver, turns, answers
):
    left = list(answers)
    receiver.requests.clear()
    receiver.answer = lambda _: left.pop() if left else 204
    webhook_id = await hub.add(receiver.url)
    start = await hub.store.value("SELECT head FROM outbox")
    base = hashlib.sha256(repr((turns, answers, start)).encode()).hexdigest()[:6]
    for number, turn in enumerate(turns):
        records = [
            person(f"{base}-{who}", victim_in=f"{base}-k", time=number, victim={"sector": f"{number}"})
            for who in {*turn}
        ]
        await hub.store.say(case(f"{base}-k"), *records)
        await hub.send()
        hub.clock.advance(seconds=20)
    for _ in range(16):
        hub.clock.advance(hours=4)
        await hub.send()
    wanted = defaultdict(list)
    for event_id, row_id in await hub.store.rows(
        "SELECT event_id, row_id FROM event WHERE position > %s ORDER BY position", start
    ):
        wanted[str(row_id)].append(str(event_id))
    got = defaultdict(list)
    for one in receiver.taken:
        got[one["data"]["row"]].append(one["id"])
    await hub.run(hooks.set_enabled, webhook_id, enabled=False, now=hub.clock())
    await hub.store.rows("DELETE FROM webhook_delivery RETURNING 1")
    await hub.store.rows("UPDATE webhook SET client_id = 'past' RETURNING 1")

    assert got == wanted

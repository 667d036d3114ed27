"""`python -m hub webhook` as operators use it: endpoints from their first event to their dead letters."""

import asyncio
import json
import os
import sys
from datetime import timedelta

import psycopg
import pytest

from hub.clock import now
from hub.database import conninfo
from hub.events import schedule
from tests.events.hub_of_hooks import register
from tests.house import ROOT
from tests.ingest.store import gone
from tests.ingest.world import WORLD

GIVEN = {
    "client": "verb",
    "purpose": "protection",
    "scope": "case:read victim:read",
    "types": "CASE_CREATED VICTIM_CREATED VICTIM_WITHDRAWN",
}


@pytest.fixture
async def verb(hub, database, key_file, tmp_path):
    """The command, against a hub whose clock is the real one; gives its exit code, output and errors."""
    hub.clock.moment = now()
    await hub.run(register, hub.clock, "verb")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    environment = kept | {
        "HUB_DATABASE_URL": database.service_url,
        "HUB_KEY_FILE": str(key_file),
        "HUB_VAR": str(tmp_path / "var"),
        "COLUMNS": "200",
    }

    async def run(*words):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "hub", "webhook", *map(str, words),
            cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, errors = await process.communicate()
        return process.returncode, out.decode().strip(), errors.decode().strip()

    return run


def add(url, **changes):
    return ["add", url, *(word for name, value in (GIVEN | changes).items() for word in (f"--{name}", value))]


async def done(verb, *words):
    code, out, errors = await verb(*words)
    assert code == 0, errors
    return out


async def test_an_endpoint_is_added_and_listed_with_what_waits_for_it(hub, receiver, verb):
    hook = await done(verb, *add(receiver.url))
    await hub.store.say(*WORLD)
    receiver.answer = lambda _: 422
    await hub.send()
    (listed,) = [json.loads(line) for line in (await done(verb, "list")).splitlines()]

    assert (listed["webhook_id"], listed["client_id"], listed["url"]) == (hook, "verb", receiver.url)
    assert listed["types"] == ["Case.CREATED", "Victim.CREATED", "Victim.WITHDRAWN"]
    assert (listed["waiting"], listed["dead"], listed["disabled_at"]) == (2, 0, None)


async def test_what_was_given_up_is_shown_and_sent_anew_by_its_place(hub, receiver, verb):
    hook = await done(verb, *add(receiver.url, types="VICTIM_CREATED"))
    await hub.store.say(*WORLD)
    receiver.answer = lambda _: 400
    end = hub.clock() + schedule.GIVEN_UP_AFTER + timedelta(hours=5)
    while hub.clock() < end:
        await hub.send()
        hub.clock.advance(hours=4)
    (letter,) = [json.loads(line) for line in (await done(verb, "dead", hook)).splitlines()]
    place = str(letter["position"])
    receiver.answer = lambda _: 204

    told = await done(verb, "redeliver", hook, "--from", place, "--to", place)
    await hub.send()

    assert (letter["status"], told) == (400, "1 events wait to be sent")
    assert [one["type"] for one in receiver.taken] == ["id.go.tppo.victim.created"]
    assert await done(verb, "dead", hook) == ""


async def test_a_range_by_time_is_sent_anew(hub, receiver, verb):
    hook = await done(verb, *add(receiver.url))
    await hub.store.say(*WORLD)
    await hub.send()
    at = await hub.store.value("SELECT max(at) FROM event")
    first = [one["id"] for one in receiver.taken]

    told = await done(verb, "redeliver", hook, "--since", at.strftime("%Y-%m-%dT%H:%M:%S"))
    none = await done(verb, "redeliver", hook, "--until", "2020-01-01")
    hub.clock.advance(minutes=5)
    await hub.send()

    assert (told, none) == ("2 events wait to be sent", "0 events wait to be sent")
    assert sorted(one["id"] for one in receiver.taken) == sorted(first * 2)


async def test_a_disabled_endpoint_is_told_nothing_and_an_enabled_one_what_came_meanwhile(
    hub, receiver, verb, database
):
    hook = await done(verb, *add(receiver.url))
    await done(verb, "disable", hook)
    await hub.store.say(*WORLD)
    await hub.send()
    while_disabled = len(receiver.requests)
    (listed,) = [json.loads(line) for line in (await done(verb, "list")).splitlines()]

    await done(verb, "enable", hook)
    await hub.store.say(gone(WORLD[1], time=1))
    hub.clock.advance(minutes=5)
    await hub.send()

    assert (while_disabled, listed["reason"]) == (0, "OPERATOR")
    assert [one["type"] for one in receiver.taken if "victim" in one["type"]] == [
        "id.go.tppo.victim.created",
        "id.go.tppo.victim.withdrawn",
    ]
    with psycopg.connect(conninfo(database.owner_url)) as owner:
        bodies = [
            json.loads(bytes(one)) for (one,) in owner.execute("SELECT body FROM audit.record ORDER BY id")
        ]
    assert [one["kind"] for one in bodies if one["about"] == hook and one["kind"] == "decision"] == [
        "decision"
    ] * 3


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (["add", "http://127.0.0.1:1/hook"], 2, "add needs --client, --purpose, --scope and --types"),
        (["add"], 2, "add needs a URL"),
        (["dead"], 2, "dead needs the id of an endpoint"),
        (["enable", "x"], 2, "not the id of an endpoint"),
        (["disable", "01900000-0000-7000-8000-000000000000"], 1, "there is no endpoint of this id"),
        (["redeliver", "01900000-0000-7000-8000-000000000000"], 1, "there is no endpoint of this id"),
        (add("http://hooks.example/x"), 1, "write https://HOST/PATH"),
        (add("https://hooks.example/x", types="CASE_EATEN"), 1, "name some of CASE_CREATED"),
        (add("https://hooks.example/x", scope="victim.identity:read"), 1, "scopes, purpose"),
        (add("https://hooks.example/x", client="nobody"), 1, "client: there is none of this id"),
    ],
    ids=str,
)  # fmt: skip
async def test_what_cannot_be_done_is_told_in_one_line(verb, words, code, why):
    found, out, errors = await verb(*words)

    assert (found, out, len(errors.splitlines())) == (code, "", 1)
    assert why in errors

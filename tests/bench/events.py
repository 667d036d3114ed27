"""Events: how long after its commit a subscriber has one; and whether all arrive, in order, while everything is killed at random."""

import asyncio
import contextlib
import json
import random
import statistics
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any

from psycopg import AsyncConnection
from rich.console import Console
from sqlalchemy import create_engine, select

from auth.scopes import PURPOSES
from hub.clock import now
from hub.database import conninfo
from hub.events import hooks
from hub.events.hooks import Hook
from schema.tables.webhooks import webhook
from tests.bench import contenders, ingestion, machine, programs
from tests.bench.changing import Changing
from tests.bench.contenders import SCOPES, Contender
from tests.bench.figures import Line, Outcome, below
from tests.bench.ground import Ground, Store, ground
from tests.events.killing import Followers, Programs, out_of_order
from tests.events.receiver import Receiver, receiving

COUNT = 1_000_000
_SMALL_COUNT = 3_000
_CASES, _SMALL_CASES = 2_000, 300
_SUBSCRIBERS, _SMALL_SUBSCRIBERS = 20, 4
_COMMITS_PER_S = 10
_SECONDS, _SMALL_SECONDS = 60.0, 5.0
_TARGET_MS = 250
_HOOK_TYPES = ("Perpetrator.CHANGED",)
_HOOKED = 60_000
"""The endpoint is registered so many events before the end: each that it is sent is a request and an entry of the ledger."""
_PAUSE_S = (1.0, 6.0)
_LEASE_S = 65.0
"""A sender that is killed holds its endpoints for a minute; it is killed no more often."""
_STUCK_S = 180.0
"""Where nothing has come for so long, what has not come is lost."""
_CLIENT = "bench-killed"
_CHANCE = random.Random()  # noqa: S311 -- nothing secret depends on it


@dataclass(frozen=True)
class Latency:
    """Milliseconds from before a commit to a subscriber, of every event at every subscriber."""

    count: int
    p50: float
    p95: float
    most: float


def run(console: Console, *, small: bool, count: int = COUNT) -> Outcome:
    """The figures of one server: first at a steady rate, then under kills.

    Args:
        console: told how far it is.
        small: tiny sizes.
        count: events under kills.
    """
    count = min(count, _SMALL_COUNT) if small else count
    with ground() as here, here.store("events") as store:
        with here.police(_SMALL_CASES if small else _CASES) as (source, connection):
            ingestion.pull(console, here, store, connection, source, ("pull", "link"))
        here.settle(store.name)
        watch = machine.Watch(here.postmaster)
        subscribers = _SMALL_SUBSCRIBERS if small else _SUBSCRIBERS
        with contenders.hub(here, store) as hub:
            latency = _latency(console, here, store, hub, subscribers, _SMALL_SECONDS if small else _SECONDS)
        strangers = watch.strangers_cores()
        killed = asyncio.run(_killed(console, here, store, count))
        return _outcome(latency, subscribers, killed, here.settings(), strangers)


def _latency(
    console: Console, here: Ground, store: Store, hub: Contender, subscribers: int, seconds: float
) -> Latency:
    assert hub.token is not None
    hub.renew()
    out, log = here.folder / "subscribers.txt", here.folder / "subscribers.log"
    url = f"{hub.root.replace('http', 'ws')}/graphql"
    command = [sys.executable, "-m", "tests.bench.subscribing", url, str(hub.token), str(subscribers)]
    with programs.running(command, log=out, given={}) as program:
        programs.until(lambda: "ready" in out.read_text(), program, out, 120)
        console.print(f"events: {subscribers} subscribers, {_COMMITS_PER_S} commits/s for {seconds:.0f} s")
        committed = asyncio.run(_steady(store.service_url, seconds))
        wanted = len(committed) * subscribers
        with contextlib.suppress(RuntimeError):
            programs.until(lambda: len(out.read_text().splitlines()) > wanted, program, log, 20)
    lines = [line.split() for line in out.read_text().splitlines()]
    found = sorted((float(line[1]) - committed[line[0]]) * 1000 for line in lines if line[0] in committed)
    if len(found) != wanted:
        raise RuntimeError(
            f"{wanted} events were wanted at all subscribers together, {len(found)} came: {out.read_text()[-2000:]}"
        )
    cuts = statistics.quantiles(found, n=100)
    return Latency(len(found), cuts[49], cuts[94], found[-1])


async def _steady(url: str, seconds: float) -> dict[str, float]:
    """The moment before the commit of each event."""
    committed: dict[str, float] = {}
    async with await AsyncConnection.connect(conninfo(url), autocommit=True) as connection:
        changing = await Changing.read(connection)
        began = time.monotonic()
        for number in range(int(seconds * _COMMITS_PER_S)):
            await asyncio.sleep(max(0.0, began + number / _COMMITS_PER_S - time.monotonic()))
            count = _CHANCE.randint(1, 3)
            async with connection.transaction():
                await changing.change(connection, count)
                found = await connection.execute(
                    "SELECT event_id FROM event ORDER BY position DESC LIMIT %s", (count,)
                )
                ids = [str(event_id) for (event_id,) in await found.fetchall()]
                committed |= dict.fromkeys(ids, time.monotonic())
    return committed


@dataclass(frozen=True)
class Killed:
    """What became of the events.

    Attributes:
        count: that were committed.
        lost: that did not come, by way.
        out_of_order: that came behind a later one of their row, by way.
        repeated: that came more than once, by way.
        seconds: from the first start until all had come, by way.
        kills: by program.
        hooked: events that the webhook was to be sent.
    """

    count: int
    lost: dict[str, int]
    out_of_order: dict[str, int]
    repeated: dict[str, int]
    seconds: dict[str, float]
    kills: dict[str, int]
    hooked: int


async def _killed(console: Console, here: Ground, store: Store, count: int) -> Killed:
    port = programs.free_port()
    url = f"http://127.0.0.1:{port}"
    python = [sys.executable, "-m"]
    given = {
        **store.environment,
        "HUB_PORT": str(port),
        "HUB_DEMO_BEARER": "true",
        "HUB_QUERY_BUDGET": "0",
        "HUB_PULL_INTERVAL_S": "86400",
    }
    running = Programs(
        {
            "writer": [*python, "tests.bench.changing", store.service_url, str(count)],
            "server": [*python, "hub", "serve"],
            "sender": [*python, "hub", "worker"],
        },
        programs.environment(given),
        here.folder / "killed.log",
    )
    (client,) = json.loads(contenders.register(here, store, _CLIENT).read_text())
    followers = Followers(url, _CLIENT, client["private_jwk"], SCOPES, PURPOSES[0].word)
    async with (
        receiving() as receiver,
        await AsyncConnection.connect(conninfo(store.service_url), autocommit=True) as connection,
    ):
        trial = _Trial(console, running, followers, receiver, connection, store.service_url, count)
        following = [asyncio.create_task(followers.pull()), asyncio.create_task(followers.subscribe())]
        try:
            await trial.register()
            for name in running.commands:
                await running.start(name)
            return await trial.run()
        finally:
            for task in following:
                task.cancel()
            await asyncio.gather(*following, return_exceptions=True)
            for name, process in list(running.running.items()):
                if process.returncode is None:
                    await running.kill(name)


@dataclass
class _Trial:
    """Kills until all has been told."""

    console: Console
    running: Programs
    followers: Followers
    receiver: Receiver
    connection: AsyncConnection[Any]
    database_url: str
    count: int
    hooked_from: int | None = None
    sender_killed: float = 0.0
    served: int = 0

    async def run(self) -> Killed:
        began = time.monotonic()
        seconds: dict[str, float] = {}
        wanted: dict[str, set[str]] = {}
        places: dict[str, int] = {}
        self.sender_killed = progressed = began
        before: tuple[int, ...] = ()
        while True:
            await asyncio.sleep(_CHANCE.uniform(*_PAUSE_S))
            if not wanted and await self._is_written():
                places, wanted = await self._wanted()
                self.console.print(
                    f"events: {len(places):,} are written after {time.monotonic() - began:.0f} s"
                )
            told = self._told()
            for way in wanted.keys() - seconds.keys():
                if len(told[way]) >= len(wanted[way]) and wanted[way] <= {event for event, _ in told[way]}:
                    seconds[way] = time.monotonic() - began
            so_far = tuple(len(one) for one in told.values())
            if so_far != before:
                before, progressed = so_far, time.monotonic()
            is_stuck = time.monotonic() - progressed > _STUCK_S
            if wanted and (len(seconds) == len(wanted) or is_stuck):
                return Killed(
                    count=len(places),
                    hooked=len(wanted["webhook"]),
                    lost={way: len(wanted[way] - {event for event, _ in told[way]}) for way in told},
                    out_of_order={way: out_of_order(told[way], places) for way in told},
                    repeated={way: len(told[way]) - len({event for event, _ in told[way]}) for way in told},
                    seconds=seconds,
                    kills=dict(self.running.kills),
                )
            await self._disturb(sum(so_far[:2]))

    async def _disturb(self, served: int) -> None:
        """Kills one and starts it again: the sender not before its lease has ended, the server not before it has answered.

        Args:
            served: events that clients have from the server.
        """
        name, now_s = _CHANCE.choice(list(self.running.running)), time.monotonic()
        if name == "sender" and now_s - self.sender_killed < _LEASE_S:
            return
        if name == "server" and served == self.served:
            return
        if name == "sender":
            self.sender_killed = now_s
        if name == "server":
            self.served = served
        await self.running.kill(name)
        await self.running.start(name)

    async def register(self) -> None:
        """The endpoint, once no more events are to come than it is sent."""
        ((head,),) = await (await self.connection.execute("SELECT head FROM outbox")).fetchall()
        if self.hooked_from is None and head >= self.count - _HOOKED:
            hook = Hook(
                client_id=_CLIENT,
                url=self.receiver.url,
                purpose=PURPOSES[0].word,
                scopes=frozenset(SCOPES),
                types=_HOOK_TYPES,
            )
            self.hooked_from = await asyncio.to_thread(_add, self.database_url, hook)

    async def _is_written(self) -> bool:
        """True once the writer has ended by itself."""
        await self.register()
        writer = self.running.running["writer"]
        if writer.returncode is None:
            return False
        if writer.returncode != 0:
            raise RuntimeError(f"the writer has ended: {self.running.log.read_text()[-2000:]}")
        del self.running.running["writer"]
        return True

    async def _wanted(self) -> tuple[dict[str, int], dict[str, set[str]]]:
        """The places of all events, and which are to be told by each way."""
        found = await self.connection.execute(
            "SELECT event_id::text, position, entity || '.' || kind FROM event"
        )
        rows = await found.fetchall()
        places = {event_id: position for event_id, position, _ in rows}
        hooked = {
            event_id
            for event_id, position, word in rows
            if word in _HOOK_TYPES and position > (self.hooked_from or 0)
        }
        return places, {"pull": {*places}, "subscription": {*places}, "webhook": hooked}

    def _told(self) -> dict[str, list[tuple[str, str]]]:
        taken = [(one["id"], one["data"]["row"]) for one in self.receiver.taken]
        return {
            "pull": self.followers.seen["pull"],
            "subscription": self.followers.seen["subscription"],
            "webhook": taken,
        }


def _add(url: str, hook: Hook) -> int:
    """The position behind which the endpoint is told."""
    engine = create_engine(url)
    with engine.begin() as connection:
        webhook_id = hooks.add(connection, hook, loopback=True, now=now())
        behind = connection.execute(
            select(webhook.c.position).where(webhook.c.webhook_id == webhook_id)
        ).scalar_one()
    engine.dispose()
    return behind


def _outcome(
    latency: Latency, subscribers: int, killed: Killed, settings: dict[str, str], strangers: float
) -> Outcome:
    what = f"commit to subscriber, {subscribers} of them, {_COMMITS_PER_S} commits/s"
    ways = ", ".join(f"{way} {count}" for way, count in killed.kills.items())
    lines = [
        below(f"{what}: p95", latency.p95, _TARGET_MS, "ms"),
        Line(f"{what}: p50, most", f"{latency.p50:.1f}, {latency.most:.0f} ms"),
    ]
    for way in killed.lost:
        told = killed.hooked if way == "webhook" else killed.count
        faults = killed.lost[way] + killed.out_of_order[way]
        lines += [
            Line(
                f"{way}, {told:,} events under kills: lost, out of order",
                f"{killed.lost[way]}, {killed.out_of_order[way]}",
                "0",
                faults == 0,
            ),
            Line(
                f"{way}: until all had come; repeated",
                f"{killed.seconds.get(way, float('nan')):.0f} s; {killed.repeated[way]}",
            ),
        ]
    lines.append(Line("killed", ways))
    measured = {"latency_ms": asdict(latency), "killed": asdict(killed), "server": settings}
    return Outcome("events", lines, measured, machine.contention(strangers))

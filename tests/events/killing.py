"""Programs that are killed and started again, and clients that follow events over whatever happens to the server."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import websockets

from auth.assertion import CLIENT_ASSERTION_TYPE, client_assertion
from hub.clock import now
from tests.graphql.following import NAMES, QUERY
from tests.graphql.subscribers import connected
from tests.house import ROOT


@dataclass
class Programs:
    """Processes by name, each killed and started again."""

    commands: Mapping[str, Sequence[str]]
    environment: Mapping[str, str]
    log: Path
    running: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)
    kills: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    async def start(self, name: str) -> None:
        with self.log.open("ab") as output:
            self.running[name] = await asyncio.create_subprocess_exec(
                *self.commands[name], cwd=ROOT, env=self.environment, stdout=output, stderr=output
            )

    async def kill(self, name: str) -> None:
        process = self.running.pop(name)
        assert process.returncode is None, self.log.read_text()[-3000:]
        process.kill()
        await process.wait()
        self.kills[name] += 1


@dataclass
class Followers:
    """A client that pulls and one that subscribes; each keeps its cursor and goes on from it, whatever happens.

    Attributes:
        url: of the hub.
        client_id: whose they are.
        private_jwk: its key.
        scopes: that they ask for.
        purpose: likewise.
        types: of events.
        first: events of one page of the subscription.
        seen: event and row of all that came, by way.
        cursors: behind the last of them.
    """

    url: str
    client_id: str
    private_jwk: Mapping[str, Any]
    scopes: Sequence[str]
    purpose: str
    types: Sequence[str] = NAMES
    first: int = 100
    seen: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    cursors: dict[str, str | None] = field(default_factory=lambda: defaultdict(lambda: None))

    async def token(self, http: httpx.AsyncClient) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": CLIENT_ASSERTION_TYPE,
            "client_assertion": client_assertion(self.private_jwk, self.client_id, self.url, now()),
            "scope": " ".join(sorted(self.scopes)),
            "purpose": self.purpose,
        }
        response = await http.post(f"{self.url}/oauth/token", data=form)
        return response.raise_for_status().json()["access_token"]

    def take(self, way: str, page: dict[str, Any]) -> None:
        self.seen[way] += [(one["id"], one["data"]["row"]) for one in page["events"]]
        self.cursors[way] = page["endCursor"]

    async def pull(self) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
            token = None
            while True:
                try:
                    token = token or await self.token(http)
                    answer = await http.post(
                        f"{self.url}/graphql",
                        json={
                            "query": QUERY,
                            "variables": {"t": list(self.types), "a": self.cursors["pull"]},
                        },
                        headers={"Authorization": f"Bearer {token}"},
                    )
                    page = answer.raise_for_status().json()["data"]["events"]
                except httpx.HTTPError:
                    token = None
                    await asyncio.sleep(0.1)
                    continue
                self.take("pull", page)
                if not page["hasNextPage"]:
                    await asyncio.sleep(0.05)

    async def subscribe(self) -> None:
        while True:
            try:
                async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
                    token = await self.token(http)
                async with connected(f"{self.url.replace('http', 'ws')}/graphql", token=token) as one:
                    await one.subscribe(self.types, self.cursors["subscription"], n=self.first)
                    while True:
                        message = await one.message(60)
                        assert message["type"] == "next", message
                        self.take("subscription", message["payload"]["data"]["events"])
            except (httpx.HTTPError, OSError, websockets.WebSocketException, TimeoutError):
                await asyncio.sleep(0.1)


def out_of_order(events: Sequence[tuple[str, str]], places: Mapping[str, int]) -> int:
    """How many events came behind a later one of their row; the same event may come again before the next one does.

    Args:
        events: event and row, as they came.
        places: of all events.
    """
    last: dict[str, int] = defaultdict(int)
    faults = 0
    for event, row in events:
        faults += places[event] < last[row]
        last[row] = places[event]
    return faults

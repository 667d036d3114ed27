"""Clients that subscribe over a real socket, by the `websockets` library; the hub answers there as `serve` has it answer."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection

from hub.cli import serve
from hub.graphql.sockets import PROTOCOL
from hub.limits import Limits
from tests.graphql.following import NAMES

DOCUMENT = """subscription ($t: [EventType!]!, $a: String, $n: Int! = 100) {
    events(types: $t, after: $a, first: $n) {
        events { specversion id source type subject time datacontenttype data { entity row newId oldIds } cursor }
        endCursor hasNextPage
    } }"""


@contextlib.asynccontextmanager
async def listening(service: Any, limits: Limits | None = None) -> AsyncIterator[str]:
    """The address of that application's endpoint, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = serve.server(service, limits or Limits())
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110 - uvicorn tells by this flag only
            await asyncio.sleep(0.01)
        try:
            yield f"ws://127.0.0.1:{listener.getsockname()[1]}/graphql"
        finally:
            server.should_exit = True
            await task


@dataclass
class Subscriber:
    """One connection.

    Attributes:
        connection: open.
        acknowledged: payload of `connection_ack`.
        pages: that came, of whichever subscription.
    """

    connection: ClientConnection
    acknowledged: dict[str, Any] = field(default_factory=dict)
    pages: list[dict[str, Any]] = field(default_factory=list)

    async def send(self, **message: Any) -> None:
        await self.connection.send(json.dumps(message))

    async def message(self, timeout_s: float = 20) -> dict[str, Any]:
        async with asyncio.timeout(timeout_s):
            return json.loads(await self.connection.recv())

    async def subscribe(
        self, types: Sequence[str] = NAMES, after: str | None = None, *, key: str = "1", **more: Any
    ) -> None:
        variables = {"t": list(types), "a": after, **more}
        await self.send(id=key, type="subscribe", payload={"query": DOCUMENT, "variables": variables})

    async def page(self) -> dict[str, Any]:
        """The next page."""
        message = await self.message()
        assert message["type"] == "next", message
        self.pages.append(message["payload"]["data"]["events"])
        return self.pages[-1]

    async def catch_up(self) -> list[dict[str, Any]]:
        """All events up to a page that has no further one behind it."""
        found = []
        while True:
            page = await self.page()
            found += page["events"]
            if not page["hasNextPage"]:
                return found

    async def refusal(self) -> list[str]:
        """The codes of the next message, which is an error."""
        message = await self.message()
        assert message["type"] == "error", message
        return [error["extensions"]["code"] for error in message["payload"]]

    async def closed(self, timeout_s: float = 20) -> tuple[int, str]:
        """Code and reason of the hub's close; what comes before it is left out."""
        async with asyncio.timeout(timeout_s):
            with contextlib.suppress(websockets.ConnectionClosed):
                while True:
                    await self.connection.recv()
        code = self.connection.close_code
        assert code is not None
        return code, self.connection.close_reason or ""


@contextlib.asynccontextmanager
async def connected(
    url: str,
    payload: Mapping[str, Any] | None = None,
    *,
    token: str | None = None,
    subprotocols: Sequence[str] = (PROTOCOL,),
    **how: Any,
) -> AsyncIterator[Subscriber]:
    """A connection.

    Args:
        url: of the endpoint.
        payload: of `connection_init`, whose answer is not waited for; None where nothing is sent.
        token: sent as a bearer's, and its acknowledgement waited for.
        subprotocols: that are offered.
        how: for the library.
    """
    async with websockets.connect(
        url, subprotocols=list(subprotocols) or None, proxy=None, **how
    ) as connection:
        subscriber = Subscriber(connection)
        if token is not None:
            payload = {"Authorization": f"Bearer {token}"}
        if payload is not None:
            await subscriber.send(type="connection_init", payload=payload)
        if token is not None:
            message = await subscriber.message()
            assert message["type"] == "connection_ack", message
            subscriber.acknowledged = message["payload"]
        yield subscriber

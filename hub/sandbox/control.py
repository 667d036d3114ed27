"""The control door of an agency: tests and demonstrations make trouble and changes through it. Loopback only."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any, Protocol

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.sandbox.stories import stories
from hub.sandbox.wire import Agency

RUBBISH = b'\x00<html>{"data": [ \xff\xfe rubbish'


class UnknownRecord(Exception):
    """No record of this agency has that key or field."""


class Trouble:
    """What will go wrong with the next requests."""

    def __init__(self) -> None:
        self.fail_count, self.fail_status = 0, 500
        self.stall_count, self.stall_s = 0, 0.0
        self.rubbish_count = 0
        self.request_count = 0

    def take_failure(self) -> int | None:
        """The status to fail the present request with, or None."""
        if self.fail_count <= 0:
            return None
        self.fail_count -= 1
        return self.fail_status

    def take_rubbish(self) -> bool:
        """Whether the present answer must be malformed."""
        if self.rubbish_count <= 0:
            return False
        self.rubbish_count -= 1
        return True

    async def stall(self) -> None:
        """Wait, when the present request must be slow."""
        if self.stall_count > 0:
            self.stall_count -= 1
            await asyncio.sleep(self.stall_s)


class Agent(Protocol):
    """What the control door can do to an agency."""

    agency: Agency
    trouble: Trouble

    async def fail(self, count: int, status: int) -> None:
        """Make the next requests fail."""
        ...

    async def rubbish(self, count: int) -> None:
        """Make the next answers, or some records, malformed."""
        ...

    async def change(self, key: str, field: str, value: str | int) -> None:
        """Change a record, as the agency's own clerks would."""
        ...

    async def delete(self, key: str) -> None:
        """Withdraw a record, as the agency's own clerks would."""
        ...

    def state(self) -> dict[str, object]:
        """Counts, for tests."""
        ...


class TroubledApp:
    """An ASGI application whose next requests fail, stall or answer rubbish, as the door has ordered.

    Args:
        app: the agency's own application.
        trouble: the orders.
        spared: paths that trouble does not touch, so that a count means requests for data.
    """

    def __init__(self, app: ASGIApp, trouble: Trouble, *, spared: Collection[str]) -> None:
        self._app, self._trouble, self._spared = app, trouble, frozenset(spared)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Meet one request."""
        wsdl = scope.get("method") == "GET" and scope.get("query_string") == b"wsdl"
        if scope["type"] != "http" or wsdl or scope["path"] in self._spared:
            await self._app(scope, receive, send)
            return
        self._trouble.request_count += 1
        await self._trouble.stall()
        status = self._trouble.take_failure()
        if status is not None:
            await Response(b"the agency is out of order", status)(scope, receive, send)
        elif self._trouble.take_rubbish():
            await Response(RUBBISH, media_type="application/json")(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class Door:
    """The door's endpoints.

    Args:
        agent: the agency behind it.
        known: what `/state` says beside the agency's own counts.
    """

    def __init__(self, agent: Agent, known: Mapping[str, object]) -> None:
        self._agent, self._known = agent, dict(known)

    async def fail(self, request: Request) -> Response:
        """`POST /fail {count, status}`."""
        orders = await _orders(request)
        await self._agent.fail(int(orders.get("count", 1)), int(orders.get("status", 500)))
        return self._done()

    async def stall(self, request: Request) -> Response:
        """`POST /stall {seconds, count}`."""
        orders = await _orders(request)
        self._agent.trouble.stall_s = float(orders.get("seconds", 1))
        self._agent.trouble.stall_count = int(orders.get("count", 1))
        return self._done()

    async def rubbish(self, request: Request) -> Response:
        """`POST /rubbish {count}`."""
        await self._agent.rubbish(int((await _orders(request)).get("count", 1)))
        return self._done()

    async def change(self, request: Request) -> Response:
        """`POST /change {key, field, value}`."""
        orders = await _orders(request)
        try:
            await self._agent.change(str(orders["key"]), str(orders["field"]), orders["value"])
        except (KeyError, UnknownRecord):
            return _unknown()
        return self._done()

    async def delete(self, request: Request) -> Response:
        """`POST /delete {key}`."""
        try:
            await self._agent.delete(str((await _orders(request))["key"]))
        except (KeyError, UnknownRecord):
            return _unknown()
        return self._done()

    async def later(self, _: Request) -> Response:
        """`POST /later`: the second acts of the stories."""
        acts = [act for story in stories() for act in story.later if act.agency == self._agent.agency]
        for act in acts:
            await self._agent.change(act.key, act.field, act.value)
        return self._done()

    async def state(self, _: Request) -> Response:
        """`GET /state`."""
        return JSONResponse({**self._known, **self._trouble(), **self._agent.state()})

    def app(self) -> Starlette:
        """The door as an application."""
        posts = {
            "/fail": self.fail, "/stall": self.stall, "/rubbish": self.rubbish, "/change": self.change,
            "/delete": self.delete, "/later": self.later,
        }  # fmt: skip
        return Starlette(
            routes=[
                *(Route(path, endpoint, methods=["POST"]) for path, endpoint in posts.items()),
                Route("/state", self.state, methods=["GET"]),
            ]
        )

    def _trouble(self) -> dict[str, object]:
        trouble = self._agent.trouble
        return {
            "requests": trouble.request_count,
            "fail_left": trouble.fail_count,
            "stall_left": trouble.stall_count,
            "rubbish_left": trouble.rubbish_count,
        }

    def _done(self) -> Response:
        return JSONResponse({"done": True, **self._trouble()})


async def _orders(request: Request) -> dict[str, Any]:
    body = await request.body()
    return orjson.loads(body) if body else {}


def _unknown() -> Response:
    return JSONResponse({"error": "no record has that key, or the orders lack a key; see GET /state"}, 404)

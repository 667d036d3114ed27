"""An endpoint on a real socket that answers as a test tells it, and keeps what it has taken."""

import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from tests.auth.issuers.foreign import listen, serving


@dataclass
class Receiver:
    """What came, in its order.

    Attributes:
        answer: the status for an event.
        requests: every attempt: headers, body, status.
    """

    url: str = ""
    answer: Callable[[dict[str, Any]], int] = lambda _: 204
    requests: list[tuple[dict[str, str], bytes, int]] = field(default_factory=list)

    @property
    def taken(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body, status in self.requests if status < 300]

    async def handle(self, request: Request) -> Response:
        try:
            body = await request.body()
        except ClientDisconnect:  # the sender was killed
            return Response(status_code=400)
        status = self.answer(json.loads(body))
        self.requests.append((dict(request.headers), body, status))
        return Response(
            status_code=status, headers={"Location": "http://127.0.0.1:1/"} if status == 302 else None
        )


@contextlib.asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    with listen() as listener:
        receiver.url = f"http://127.0.0.1:{listener.getsockname()[1]}/hook"
        async with serving(Starlette(routes=[Route("/hook", receiver.handle, methods=["POST"])]), listener):
            yield receiver

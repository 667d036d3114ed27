"""A real HTTP server that answers exactly the bytes a test has given it, and keeps what it was asked."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Writing = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Question:
    """What the server was asked."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    """A server on this machine; `answers` by path without its query, each the next in turn, the last for ever."""

    url: str = ""
    answers: dict[str, list[bytes | Writing]] = field(default_factory=dict)
    asked: list[Question] = field(default_factory=list)

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the questions of one connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                question = await _question(head.decode(), reader)
                self.asked.append(question)
                waiting = self.answers[question.path.partition("?")[0]]
                answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
                if isinstance(answer, bytes):
                    writer.write(answer)
                    await writer.drain()
                else:
                    await answer(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has gone, as it should
        finally:
            writer.close()


async def _question(head: str, reader: asyncio.StreamReader) -> Question:
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    method, path, _ = first.split(" ")
    return Question(method, path, headers, await reader.readexactly(int(headers.get("content-length", 0))))


def http(body: bytes | str, status: str = "200 OK", **headers: str) -> bytes:
    """A whole answer."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + content


@asynccontextmanager
async def serving(context: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """The server runs while the block does."""
    server = Server()
    listening = await asyncio.start_server(server.meet, "127.0.0.1", 0, ssl=context)
    scheme = "https" if context else "http"
    server.url = f"{scheme}://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()

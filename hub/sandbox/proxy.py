"""A door before manpower's PostgreSQL, so that connections can be refused, slowed and cut by count."""

import asyncio
import contextlib
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from socket import socket

from hub.sandbox.control import Trouble

_SSL_REQUEST, _GSS_REQUEST = 80877103, 80877104
_CHUNK_BYTES = 65_536
REFUSALS = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Backend:
    """Where the real server listens."""

    host: str
    port: int


class Proxy:
    """Passes bytes on, unless the control door has ordered otherwise.

    Args:
        backend: the real server.
        trouble: the orders.
    """

    def __init__(self, backend: Backend, trouble: Trouble) -> None:
        self._backend, self._trouble = backend, trouble
        self._open: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """End every connection, as an administrator terminates the reader's sessions."""
        for writer in tuple(self._open):
            writer.close()

    @asynccontextmanager
    async def serving(self, listening: socket) -> AsyncGenerator[None]:
        """Connections are accepted while the block runs."""
        server = await asyncio.start_server(self._meet, sock=listening)
        try:
            yield
        finally:
            server.close()
            self.cut()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._trouble.request_count += 1
        self._open.add(writer)
        try:
            await self._trouble.stall()
            status = self._trouble.take_failure()
            if status is not None:
                await _refuse(reader, writer, status)
            else:
                await self._pass_on(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client or the server went away: nothing is left to pass on
        finally:
            self._open.discard(writer)
            writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection(self._backend.host, self._backend.port)
        there = asyncio.create_task(_pump(reader, server_writer))
        back = asyncio.create_task(_pump(server_reader, writer))
        try:
            await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (there, back):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, OSError):
                    await task
            server_writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(_CHUNK_BYTES):
        writer.write(chunk)
        await writer.drain()


async def _refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, status: int) -> None:
    """Answer the start-up message with the error PostgreSQL itself would send."""
    length, code = struct.unpack("!ii", await reader.readexactly(8))
    while code in {_SSL_REQUEST, _GSS_REQUEST}:
        writer.write(b"N")
        await writer.drain()
        length, code = struct.unpack("!ii", await reader.readexactly(8))
    await reader.readexactly(length - 8)
    if status in REFUSALS:
        writer.write(_error(b"28000", b'role "hub_reader" is not permitted to log in'))
    else:
        writer.write(_error(b"57P03", b"the database system is starting up"))
    await writer.drain()


def _error(sqlstate: bytes, message: bytes) -> bytes:
    fields = b"SFATAL\0VFATAL\0C" + sqlstate + b"\0M" + message + b"\0\0"
    return b"E" + struct.pack("!i", len(fields) + 4) + fields

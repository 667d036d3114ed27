"""Sockets that are served on send an answer at once, and do not wait until its head has been acknowledged."""

import asyncio
from collections.abc import Callable
from socket import IPPROTO_TCP, TCP_NODELAY, socket

import pytest

from hub.cli import serve
from hub.sandbox import process
from hub.settings import Settings
from tests.bench.programs import free_port


def of_the_hub() -> socket:
    return serve.listening(Settings(port=free_port()))


@pytest.mark.parametrize("listen", [of_the_hub, process.listen], ids=["hub", "sandbox"])
async def test_an_answer_does_not_wait_for_the_acknowledgement_of_its_head(listen: Callable[[], socket]):
    without_delay: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def accepted(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        without_delay.set_result(writer.get_extra_info("socket").getsockopt(IPPROTO_TCP, TCP_NODELAY))
        writer.close()

    async with await asyncio.start_server(accepted, sock=listen()) as server:
        host, port = server.sockets[0].getsockname()
        _, writer = await asyncio.open_connection(host, port)
        found = await asyncio.wait_for(without_delay, 5)
        writer.close()
        await writer.wait_closed()

    assert found == 1

"""`serve`: answer queries over HTTP."""

from contextlib import AsyncExitStack
from socket import AF_INET, AF_INET6, IPPROTO_TCP, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET
from socket import socket as Socket  # noqa: N812 -- a type, named as one

import uvicorn

from hub import app, database
from hub.cli import context
from hub.cli.context import Databases
from hub.ledger.writer import Ledger
from hub.settings import Settings
from schema.errors import SettingError

_GRACE_S = 50
_STATEMENT_S = 30
"""A question that takes longer is too costly, and is told so; nobody waits for its answer any more."""


def serve() -> None:
    """Answer queries on HUB_HOST:HUB_PORT until SIGTERM; requests under way are answered first."""
    settings = context.read_settings()
    urls = context.databases(settings)
    with listening(settings) as bound:
        context.run(serving(settings, urls, bound))


def listening(settings: Settings) -> Socket:
    """The socket to serve on, bound before anything else is done.

    Raises:
        SettingError: the address is not ours, or the port is taken.
    """
    # The protocol is named, since asyncio turns Nagle's delay off only for sockets that say TCP: without it the body of
    # an answer waits up to 40 ms for the client to acknowledge its head.
    bound = Socket(AF_INET6 if ":" in settings.host else AF_INET, SOCK_STREAM, IPPROTO_TCP)
    bound.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    try:
        bound.bind((settings.host, settings.port))
        bound.listen(1024)
    except OSError as error:
        bound.close()
        where = f"{settings.host}:{settings.port}"
        raise SettingError(
            "HUB_PORT",
            f"{where} cannot be listened on ({error.strerror}); end what has it, or choose another",
        ) from None
    return bound


async def serving(settings: Settings, urls: Databases, bound: Socket) -> None:
    """Serves until the process is told to end.

    Args:
        settings: of the process.
        urls: of the database.
        bound: the socket.

    Raises:
        RevisionMismatch: the schema is not this code's.
        SettingError: there is no root key.
    """
    async with AsyncExitStack() as stack:
        work = await stack.enter_async_context(
            context.working(settings, urls, name="serve", statement_timeout_s=_STATEMENT_S)
        )
        engine = database.open_engine(urls.service_url, size=settings.database_pool_size, name="serve-oauth")
        readers = await stack.enter_async_context(
            database.open_pool(
                urls.service_url,
                size=settings.database_pool_size,
                name="serve-readers",
                statement_timeout_s=_STATEMENT_S,
                role="hub_reader",
            )
        )
        recording = await stack.enter_async_context(
            database.open_pool(urls.service_url, size=1, name="serve-ledger")
        )
        ledger = await stack.enter_async_context(Ledger(recording))
        service = await stack.enter_async_context(
            app.open_app(
                pool=work.pool,
                readers=readers,
                ledger=ledger,
                engine=engine,
                keyring=work.keyring,
                clock=work.clock,
                issuer=settings.public_issuer,
            )
        )
        config = uvicorn.Config(
            service,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=_GRACE_S,
        )
        await uvicorn.Server(config).serve(sockets=[bound])

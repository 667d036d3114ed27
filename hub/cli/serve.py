"""`serve`: answer queries over HTTP."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from ipaddress import ip_network
from socket import AF_INET, AF_INET6, IPPROTO_TCP, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET
from socket import socket as Socket  # noqa: N812 -- a type, named as one
from urllib.parse import urlsplit

import uvicorn
from starlette.types import ASGIApp

from auth.client_certificate import ClientCertificates
from auth.gateway import Gateway
from hub import app, database
from hub.cli import context
from hub.cli.context import Databases
from hub.graphql.budgets import Budgets
from hub.graphql.waking import Waking
from hub.ledger.writer import Ledger
from hub.limits import Limits
from hub.notices.post import Post, address_of, addresses_of, mail_server, posting
from hub.settings import Settings
from hub.upkeep import exchanging, upkeep
from schema.errors import SettingError

_GRACE_S = 50
_PING_S = 20
"""Below what proxies take for silence, which is a minute as a rule."""


def serve() -> None:
    """Answer queries on HUB_HOST:HUB_PORT until SIGTERM; requests under way are answered first."""
    settings = context.read_settings()
    refuse_bearer_outside_the_demo(settings)
    refuse_budget_below_one_query(settings)
    certificates(settings)
    gateway(settings)
    proxies(settings)
    post(settings)
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


def certificates(settings: Settings) -> ClientCertificates | None:
    """How the proxy hands over clients' certificates; None where no token is bound to one.

    Raises:
        SettingError: one of the two settings is missing, or the secret is short.
    """
    if settings.mtls_proxy_secret is None and settings.mtls_url is None:
        return None
    if settings.mtls_proxy_secret is None or settings.mtls_url is None:
        raise SettingError(
            "HUB_MTLS_URL", "HUB_MTLS_URL and HUB_MTLS_PROXY_SECRET are set together or not at all"
        )
    return ClientCertificates(
        secret=settings.mtls_proxy_secret.get_secret_value(), host=settings.mtls_url.rstrip("/")
    )


def gateway(settings: Settings) -> Gateway | None:
    """The gateway that asks for callers; None where there is none.

    Raises:
        SettingError: what is needed to know it is missing or wrong.
    """
    if settings.gateway_url is None and settings.gateway_certificates is None:
        return None
    if settings.gateway_url is None or settings.gateway_certificates is None or settings.mtls_url is None:
        raise SettingError(
            "HUB_GATEWAY_URL",
            "HUB_GATEWAY_URL, HUB_GATEWAY_CERTIFICATES and HUB_MTLS_URL are set together; the gateway is known by its"
            " certificate alone",
        )
    thumbprints = [one.strip() for one in settings.gateway_certificates.split(",")]
    return Gateway(url=settings.gateway_url, certificates=thumbprints)


def proxies(settings: Settings) -> list[str]:
    """Addresses and networks of the proxies that are believed; none where there is none.

    Raises:
        SettingError: one of them is neither.
    """
    found = [one.strip() for one in (settings.forwarded_by or "").split(",") if one.strip()]
    for one in found:
        try:
            ip_network(one)
        except ValueError:
            raise SettingError(
                "HUB_FORWARDED_BY", "must be IP addresses or networks such as 10.0.0.0/8, with commas between"
            ) from None
    return found


def post(settings: Settings) -> Post | None:
    """How notices reach officers by mail; None where they are told by their lists alone.

    Raises:
        SettingError: one of the three settings is missing or wrong.
    """
    if settings.mail_url is None and settings.mail_from is None and settings.notice_addresses is None:
        return None
    if settings.mail_url is None or settings.mail_from is None or settings.notice_addresses is None:
        raise SettingError(
            "HUB_MAIL_URL",
            "HUB_MAIL_URL, HUB_MAIL_FROM and HUB_NOTICE_ADDRESSES are set together or not at all",
        )
    return Post(
        server=mail_server(settings.mail_url.get_secret_value()),
        sender=address_of(settings.mail_from),
        addresses=addresses_of(settings.notice_addresses),
        issuer=settings.public_issuer,
    )


def refuse_bearer_outside_the_demo(settings: Settings) -> None:
    """Returns if tokens that are bound to nothing are off, or nobody but this machine can use them.

    Raises:
        SettingError: HUB_DEMO_BEARER is set and clients know the hub by an address that others reach.
    """
    if settings.demo_bearer and urlsplit(settings.public_issuer).hostname not in {
        "127.0.0.1",
        "::1",
        "localhost",
    }:
        raise SettingError(
            "HUB_DEMO_BEARER",
            "only for a hub on a loopback address; elsewhere tokens are bound to their client",
        )


def refuse_budget_below_one_query(settings: Settings) -> None:
    """Returns if the budget of a minute is enough for every query that is within its limit.

    Raises:
        SettingError: some query could never be asked, however long its caller waited.
    """
    if 0 < settings.query_budget < settings.query_cost_limit:
        raise SettingError(
            "HUB_QUERY_BUDGET",
            f"write at least HUB_QUERY_COST_LIMIT ({settings.query_cost_limit}), or 0 for no budget",
        )


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
            context.working(settings, urls, name="serve", statement_timeout_s=settings.query_timeout_s)
        )
        engine = database.open_engine(
            urls.service_url,
            size=settings.database_pool_size,
            name="serve-oauth",
            statement_timeout_s=settings.query_timeout_s,
        )
        readers = await stack.enter_async_context(
            database.open_pool(
                urls.service_url,
                size=settings.database_pool_size,
                name="serve-readers",
                statement_timeout_s=settings.query_timeout_s,
                role="hub_reader",
            )
        )
        recording = await stack.enter_async_context(
            database.open_pool(urls.service_url, size=1, name="serve-ledger")
        )
        ledger = await stack.enter_async_context(Ledger(recording))
        waking = await stack.enter_async_context(Waking(urls.service_url))
        kept = timedelta(days=settings.event_retention_days)
        await stack.enter_async_context(
            upkeep(urls.service_url, engine, work.keyring, work.clock, events_kept=kept)
        )
        by_mail = post(settings)
        if by_mail is not None:
            # Of its own: a mail server may take its time, and nobody who answers waits for it.
            letters = await stack.enter_async_context(
                database.open_pool(urls.service_url, size=1, name="serve-notices")
            )
            await stack.enter_async_context(posting(by_mail, letters, work.clock))
        budgets = Budgets(settings.limits, work.clock)
        await stack.enter_async_context(exchanging(budgets, work.pool))
        service = await stack.enter_async_context(
            app.open_app(
                pool=work.pool,
                readers=readers,
                ledger=ledger,
                waking=waking,
                engine=engine,
                keyring=work.keyring,
                clock=work.clock,
                issuer=settings.public_issuer,
                budgets=budgets,
                certificates=certificates(settings),
                bearer_demo=settings.demo_bearer,
                export_hours=settings.export_hours,
                gateway=gateway(settings),
                is_address_known=settings.is_address_known,
            )
        )
        await server(service, settings.limits, proxies(settings)).serve(sockets=[bound])


def server(service: ASGIApp, limits: Limits, believed: Sequence[str] = ()) -> uvicorn.Server:
    """What answers on a socket: requests, and WebSockets in no larger messages than requests may be.

    A peer that answers no ping is gone. Nothing is compressed: an answer holds what must not be guessed from its length,
    and a compressor holds memory for each connection.

    Args:
        service: the application.
        limits: of a question.
        believed: addresses and networks of the proxies that are believed.
    """
    config = uvicorn.Config(
        service,
        proxy_headers=bool(believed),
        forwarded_allow_ips=list(believed),
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=limits.body_bytes,
        ws_ping_interval=_PING_S,
        ws_ping_timeout=_PING_S,
        ws_per_message_deflate=False,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
    )
    return uvicorn.Server(config)

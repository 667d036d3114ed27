"""The HTTP service put together: OAuth2, GraphQL, the SDL, the console, and whether it lives and is ready."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog
from fastapi import FastAPI
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from auth import clients
from auth.client_certificate import ClientCertificates
from auth.gateway import Gateway
from auth.keys import Keys, ensure
from auth.login_routes import login_routes
from auth.logins import Logins
from auth.relying_party import RelyingParty
from auth.revocations import Revocations
from auth.routes import routes as oauth_routes
from auth.server import Server
from auth.session_routes import session_routes
from auth.throttle import Throttle, throttled
from auth.tokens import Verifier
from hub import database
from hub.clock import Clock
from hub.console.door import Parts
from hub.console.routes import console_routes
from hub.database import Pool
from hub.events.signing import key_routes
from hub.export.routes import export_routes
from hub.graphql.answering import Answering
from hub.graphql.budgets import Budgets
from hub.graphql.endpoint import Endpoint
from hub.graphql.explorer import explorer_routes, is_page_wanted, page
from hub.graphql.sdl import graphql_schema
from hub.graphql.services import Services
from hub.graphql.sockets import Sockets
from hub.graphql.subscribing import Subscribing
from hub.graphql.usage import Usage, written
from hub.graphql.waking import Waking
from hub.identity.keyring import Keyring
from hub.ledger.routes import seal_routes
from hub.ledger.writer import Ledger
from hub.limits import Limits
from schema.errors import RevisionMismatch

GRAPHQL = "/graphql"
SDL = "/schema.graphql"
_OTHER_METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE"]
_log = structlog.get_logger()
Handler = Callable[[Request], Awaitable[Response]]


@asynccontextmanager
async def open_app(
    *,
    pool: Pool,
    readers: Pool,
    ledger: Ledger,
    waking: Waking,
    engine: AsyncEngine,
    keyring: Keyring,
    clock: Clock,
    issuer: str,
    budgets: Budgets | None = None,
    certificates: ClientCertificates | None = None,
    bearer_demo: bool = False,
    export_hours: float = 24,
    gateway: Gateway | None = None,
    is_address_known: bool = True,
) -> AsyncGenerator[FastAPI]:
    """The application, ready to serve while the block runs.

    Args:
        pool: to the hub's database as the service's role, open.
        readers: to the same as the role that reads rows, open.
        ledger: open.
        waking: open; tells subscriptions of commits.
        engine: to the same, for what is written in SQLAlchemy; disposed of at the end.
        keyring: seals, opens, signs.
        clock: gives the present.
        issuer: URL under which clients know the hub, without a slash at its end.
        budgets: of all callers, with the limits of a question; those of the settings' defaults where there are none.
        certificates: how a proxy hands over clients' certificates; None where no token is bound to one.
        bearer_demo: True only in the demo: clients marked so may use tokens that are bound to nothing.
        export_hours: after which a bulk export is deleted.
        gateway: that asks for callers, and is known by its certificate; None where there is none.
        is_address_known: False behind a proxy that does not tell whom it asks for.

    Raises:
        RevisionMismatch: the database has another schema revision.
        SettingError: the issuer is neither https nor a loopback address.
    """
    await database.require_revision(pool)
    async with engine.begin() as connection:
        await connection.run_sync(ensure, keyring, clock())
        await connection.run_sync(clients.ensure_own, clock())
    keys, revocations = Keys(engine, keyring, clock), Revocations(engine, clock)
    audience = issuer + GRAPHQL
    budgets = budgets or Budgets(Limits(), clock)
    throttle = Throttle(
        per_client=budgets.limits.oauth_rate,
        failures=budgets.limits.oauth_failures,
        clock=clock,
        is_address_known=is_address_known,
    )
    source = Logins(engine=engine, issuer=issuer, clock=clock)
    party = RelyingParty(engine=engine, issuer=issuer, keys=keys, sealer=keyring, clock=clock)
    server = Server(
        engine=engine,
        issuer=issuer,
        audience=audience,
        keys=keys,
        revocations=revocations,
        clock=clock,
        certificates=certificates,
        bearer_demo=bearer_demo,
        logins=source,
        throttle=throttle,
    )
    verifier = Verifier(
        issuer=issuer,
        audience=audience,
        keys=keys,
        revocations=revocations,
        clock=clock,
        certificates=certificates,
        bearer_demo=bearer_demo,
        known_gateway=gateway,
    )
    usage = Usage(graphql_schema(), clock)
    services = Services(
        readers=readers,
        pool=pool,
        engine=engine,
        keyring=keyring,
        ledger=ledger,
        clock=clock,
        usage=usage,
        issuer=issuer,
        budgets=budgets,
    )
    answering = Answering(services)
    endpoint = Endpoint(verifier=verifier, services=services, answering=answering)
    subscribing = Subscribing(services, answering, waking)
    sockets = Sockets(verifier=verifier, services=services, endpoint=endpoint, subscribing=subscribing)
    app = _Service(endpoint)
    app.router.routes.extend(
        [
            *throttled(
                [*oauth_routes(server), *login_routes(party, source), *session_routes(server, source)],
                throttle,
            ),
            *console_routes(
                Parts(engine=engine, logins=source, keys=keys, keyring=keyring, ledger=ledger, clock=clock)
            ),
            *seal_routes(pool),
            *key_routes(pool),
            WebSocketRoute(GRAPHQL, sockets.answer),
            Route(GRAPHQL, _only_by_post, methods=_OTHER_METHODS),
            *explorer_routes(),
            *export_routes(endpoint, verifier, services, export_hours),
            Route(SDL, endpoint.sdl, methods=["GET"]),
            Route("/livez", _livez, methods=["GET"]),
            Route("/readyz", _readyz(pool), methods=["GET"]),
        ]
    )
    try:
        async with written(usage, pool):
            yield app
    finally:
        await engine.dispose()


class _Service(FastAPI):
    """All routes, and POST to GRAPHQL before them: a question does not go past all others and through what they need.

    The endpoint forms every error itself and limits what it reads, so nothing is left out.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(title="TPPO hub", docs_url=None, redoc_url=None, openapi_url=None)
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http" and scope["path"] == GRAPHQL and scope["method"] == "POST":
            response = await self._endpoint.answer(Request(scope, receive))
            await response(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


async def _only_by_post(request: Request) -> Response:
    """A browser gets the explorer; a query in an address would end in every log on the way, so it never runs."""
    if request.method == "GET" and is_page_wanted(request):
        return page()
    told = {"message": "send queries by POST", "extensions": {"code": "BAD_USER_INPUT"}}
    return JSONResponse({"errors": [told]}, 405, {"Allow": "POST"})


async def _livez(_: Request) -> Response:
    """The process answers; it says nothing of the database, whose absence a restart would not mend."""
    return PlainTextResponse("alive\n")


def _readyz(pool: Pool) -> Handler:
    """Ready while the database answers and has this code's schema."""

    async def handle(_: Request) -> Response:
        try:
            await database.require_revision(pool)
        except RevisionMismatch as error:
            return PlainTextResponse(f"{error}\n", 503)
        except (PoolTimeout, OperationalError):
            return PlainTextResponse("the database does not answer\n", 503)
        return PlainTextResponse("ready\n")

    return handle

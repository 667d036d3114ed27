"""The government's login by other hands, over real sockets: the whole way of a browser."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from auth.keys import Keys
from auth.login_routes import login_routes
from auth.logins import LOGOUT, Logins
from auth.relying_party import RelyingParty
from auth.revocations import Revocations
from auth.routes import routes
from auth.server import Server
from tests.auth.issuers.foreign import listen, serving, trust
from tests.auth.issuers.provider import need_provider, new_keys, running
from tests.auth.logins.people_issuer import PEOPLE
from tests.auth.parties import PlaceSealer, enrol

pytestmark = pytest.mark.peer


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def at(engine):
    """Where a hub listens that people log in to."""
    await need_provider()
    with listen() as listener:
        issuer = f"http://127.0.0.1:{listener.getsockname()[1]}"
        keys = Keys(engine, PlaceSealer(), now)
        server = Server(
            engine=engine,
            issuer=issuer,
            audience=f"{issuer}/graphql",
            keys=keys,
            revocations=Revocations(engine, now),
            clock=now,
        )
        source = Logins(engine=engine, issuer=issuer, clock=now)
        party = RelyingParty(engine=engine, issuer=issuer, keys=keys, sealer=PlaceSealer(), clock=now)

        async def me(http: Request) -> Response:
            found = await source.current(http)
            if found is None:
                return JSONResponse(None)
            is_recent = timedelta(0) <= now() - found.authenticated_at < timedelta(seconds=30)
            return JSONResponse([found.account_id, found.agency, found.acr, is_recent])

        app = Starlette(routes=[*routes(server), *login_routes(party, source), Route("/me", me)])
        async with serving(app, listener):
            yield issuer


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
async def test_a_person_logs_in_at_oidc_provider_and_out_again(engine, at, algorithm):
    async with running(keys=new_keys("a"), algorithm=algorithm, hub=at) as provider:
        async with engine.begin() as connection:
            row = PEOPLE | {"algorithms": (algorithm,)}
            await connection.run_sync(trust, now(), provider.issuer, **row)
            await connection.run_sync(enrol, now(), f"{provider.issuer}#petugas-1", "POLRI")
        async with httpx.AsyncClient(base_url=at, follow_redirects=True) as browser:
            before = await browser.get("/me")
            arrived = await browser.get("/oauth/login", params={"return_to": "/me?a=b", "max_age": "300"})
            out = await browser.post(LOGOUT)
            after = await browser.get("/me")

    assert arrived.status_code == 200, arrived.text
    assert str(arrived.url) == f"{at}/me?a=b"
    assert (before.json(), out.status_code, after.json()) == (None, 200, None)
    assert arrived.json() == [f"{provider.issuer}#petugas-1", "POLRI", None, True]


async def test_somebody_whom_the_provider_knows_and_the_hub_does_not_is_told_whom_to_ask(engine, at):
    async with running(keys=new_keys("a"), hub=at) as provider:
        async with engine.begin() as connection:
            await connection.run_sync(trust, now(), provider.issuer, **PEOPLE)
        async with httpx.AsyncClient(base_url=at, follow_redirects=True) as browser:
            told = await browser.get("/oauth/login", params={"return_to": "/me"})
            after = await browser.get("/me")

    assert (told.status_code, after.json()) == (403, None)
    assert "PPDP" in told.text


async def test_a_row_that_does_not_name_the_provider_s_algorithm_lets_nobody_in(engine, at):
    async with running(keys=new_keys("a"), algorithm="RS256", hub=at) as provider:
        async with engine.begin() as connection:
            await connection.run_sync(trust, now(), provider.issuer, **PEOPLE)
            await connection.run_sync(enrol, now(), f"{provider.issuer}#petugas-1", "POLRI")
        async with httpx.AsyncClient(base_url=at, follow_redirects=True) as browser:
            told = await browser.get("/oauth/login", params={"return_to": "/me"})
            after = await browser.get("/me")

    assert (told.status_code, after.json()) == (400, None)

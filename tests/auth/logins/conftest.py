"""A hub where people log in, a browser, and a person with an account."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from auth.login_routes import login_routes
from auth.logins import Logins
from auth.relying_party import RelyingParty
from tests.auth.issuers.foreign import listen, serving, trust
from tests.auth.logins.people_issuer import PEOPLE, PeopleIssuer
from tests.auth.parties import ISSUER, PlaceSealer, enrol


@pytest.fixture
async def sso(clock):
    with listen() as listener:
        issuer = PeopleIssuer(f"http://127.0.0.1:{listener.getsockname()[1]}", clock=clock)
        async with serving(issuer.app(), listener):
            yield issuer


@pytest.fixture
async def trusted(hub, sso):
    return await hub.run(trust, hub.clock(), sso.url, **PEOPLE)


@pytest.fixture
async def person(hub, sso, trusted):
    assert trusted.is_standing
    return await hub.run(enrol, hub.clock(), f"{sso.url}#petugas-1", "POLRI")


@pytest.fixture
def source(hub):
    return Logins(engine=hub.engine, issuer=ISSUER, clock=hub.clock)


@pytest.fixture
def app(hub, source):
    party = RelyingParty(
        engine=hub.engine, issuer=ISSUER, keys=hub.keys, sealer=PlaceSealer(), clock=hub.clock
    )

    async def me(http: Request) -> Response:
        found = await source.current(http)
        return JSONResponse(None if found is None else [found.account_id, found.agency, found.acr])

    return Starlette(routes=[*login_routes(party, source), Route("/me", me)])


@pytest.fixture
def new_browser(app):
    """Makes browsers, each with its own cookies."""

    def make(**headers) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app)
        return httpx.AsyncClient(transport=transport, base_url=ISSUER, headers=headers)

    return make


@pytest.fixture
async def browser(new_browser):
    async with new_browser() as opened:
        yield opened

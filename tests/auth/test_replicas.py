"""Two hubs over one database: what one does, the other knows in time; what is over is swept."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import create_async_engine
from starlette.applications import Starlette

from auth import jws
from auth.keys import Keys
from auth.logins import Logins
from auth.revocations import Revocations
from auth.routes import routes
from auth.server import Server
from auth.sweep import sweep
from auth.tokens import Verifier
from schema.errors import NotAuthenticated
from schema.tables import access, oauth, people
from tests.auth.parties import AUDIENCE, ISSUER, Hub, PlaceSealer, error
from tests.auth.people import Browser, back, pushed, redeem, settle
from tests.auth.proofs import proof


@pytest.fixture
async def other(hub, service_url):
    """Another process, as far as anything that is shared goes: an engine, keys and memory of its own."""
    engine = create_async_engine(service_url)
    keys, revocations = Keys(engine, PlaceSealer(), hub.clock), Revocations(engine, hub.clock)
    parts = {
        "issuer": ISSUER,
        "audience": AUDIENCE,
        "keys": keys,
        "revocations": revocations,
        "clock": hub.clock,
        "bearer_demo": True,
    }
    server = Server(engine=engine, logins=Logins(engine=engine, issuer=ISSUER, clock=hub.clock), **parts)
    app = Starlette(routes=routes(server))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://internal") as http:
        yield Hub(engine, hub.clock, server, Verifier(**parts), keys, revocations, http, app)
    await engine.dispose()


async def test_a_token_that_is_withdrawn_at_one_is_refused_at_the_other_within_five_seconds(hub, other):
    await hub.register()
    header = f"Bearer {await hub.token()}"
    await other.verifier.verify(header)
    form = hub.form(grant_type=None, scope=None, purpose=None, token=header.split()[1])

    await hub.http.post("/oauth/revoke", data=form)
    hub.clock.forward(seconds=1)

    for one in (hub, other):
        with pytest.raises(NotAuthenticated, match="withdrawn"):
            await one.verifier.verify(header)


async def test_what_is_good_once_is_good_once_at_both_together(hub, other):
    await hub.register(bearer_allowed=False)
    await hub.keys.fresh()
    form = hub.form()
    sent = proof(hub.clock(), hub.server.nonces.current())
    other_proof = proof(hub.clock(), hub.server.nonces.current())

    first = await hub.http.post("/oauth/token", data=form, headers={"dpop": sent})
    same_assertion = await other.http.post("/oauth/token", data=form, headers={"dpop": other_proof})
    same_proof = await other.http.post("/oauth/token", data=hub.form(), headers={"dpop": sent})

    assert first.status_code == 200
    assert error(same_assertion) == (401, "invalid_client")
    assert error(same_proof) == (400, "invalid_dpop_proof")


async def test_a_person_s_way_may_lead_through_both(hub, other):
    await settle(hub)
    browser = Browser(other)
    await browser.log_in()
    request_uri = await pushed(hub)

    page = await browser.open(request_uri)
    browser.http = httpx.AsyncClient(
        transport=httpx.ASGITransport(hub.app), base_url=ISSUER, cookies=browser.http.cookies
    )
    code = back(await browser.decide(page))["code"]
    answers = await asyncio.gather(redeem(hub, code), redeem(other, code))

    assert sorted(answer.status_code for answer in answers) == [200, 400]


async def test_keys_change_at_both_without_a_token_refused(hub, other):
    await hub.keys.fresh()
    first = hub.keys.signing()
    hub.clock.moment = first.retire_at - timedelta(days=1)
    await hub.register()
    await hub.keys.fresh()
    at_other = (await other.http.get("/oauth/jwks")).json()["keys"]

    hub.clock.moment = first.retire_at - timedelta(seconds=30)
    old = await hub.token()
    hub.clock.forward(seconds=60)
    new = await other.token()

    kids = [jws.extract(token).header["kid"] for token in (old, new)]
    assert [key["kid"] for key in at_other] == kids
    assert kids[0] == first.kid
    for one in (hub, other):
        for token in (old, new):
            await one.verifier.verify(f"Bearer {token}")
    hub.clock.forward(seconds=300)
    with pytest.raises(NotAuthenticated, match="expired"):
        await other.verifier.verify(f"Bearer {old}")


async def test_what_is_over_is_swept_and_what_is_not_stays(hub):
    await settle(hub)
    browser = Browser(hub)
    await browser.log_in()
    code = await browser.allow(await pushed(hub))
    token = (await redeem(hub, code)).json()["access_token"]
    await redeem(hub, code)
    await pushed(hub)
    tables = (
        access.one_time_id,
        oauth.pushed_request,
        oauth.authorization_code,
        access.revoked_token,
        people.login,
    )

    async def counts():
        async with hub.engine.connect() as connection:
            return [
                (await connection.execute(select(func.count()).select_from(table))).scalar_one()
                for table in tables
            ]

    before = await counts()
    early = await hub.run(sweep, hub.clock())
    after_early = await counts()
    hub.clock.forward(days=1)
    swept = await hub.run(sweep, hub.clock())

    assert token
    assert early == 0
    assert after_early == before
    assert all(count > 0 for count in before)
    assert swept == sum(before)
    assert await counts() == [0] * len(tables)


async def test_a_code_is_remembered_for_as_long_as_its_token_could_live(hub):
    await settle(hub)
    browser = Browser(hub)
    await browser.log_in()
    code = await browser.allow(await pushed(hub))
    await redeem(hub, code)

    hub.clock.forward(minutes=16)
    await hub.run(sweep, hub.clock())
    await redeem(hub, code)

    async with hub.engine.connect() as connection:
        withdrawn = (await connection.execute(text("SELECT count(*) FROM revoked_token"))).scalar_one()
    assert withdrawn == 1

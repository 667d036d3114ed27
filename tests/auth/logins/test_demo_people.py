"""The demo's officers: registered as any other person, and logged in at the sandbox's login over real sockets."""

import asyncio
import json
from datetime import UTC, datetime

import httpx
import pytest
from starlette.applications import Starlette

from auth import first_officers, grant, issuers
from auth.issuers import Use
from auth.keys import Keys
from auth.login_routes import login_routes
from auth.logins import Logins
from auth.relying_party import RelyingParty
from auth.revocations import Revocations
from auth.routes import routes
from auth.server import Server
from auth.tokens import Verifier
from hub.demo import desk, people
from hub.demo.clients import DEMO_CLIENTS, OWNERS
from hub.sandbox import run, sso
from schema.errors import SettingError
from tests.auth.issuers.foreign import listen, serving
from tests.auth.parties import PROPOSER, PlaceSealer

GRANTS = 6 + 3 * len(OWNERS) + 1
"""Of officers one each, of the others one of each owner, and for the shelter's one more, of the agency behind a gateway."""


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    directory = tmp_path_factory.mktemp("sandbox")
    yield run.start_sso(directory)
    run.stop(directory)


@pytest.fixture
async def door(engine):
    """A hub on a real socket; and what verifies its tokens."""
    with listen() as listener:
        issuer = f"http://127.0.0.1:{listener.getsockname()[1]}"
        keys, revocations = Keys(engine, PlaceSealer(), now), Revocations(engine, now)
        parts = {
            "issuer": issuer,
            "audience": f"{issuer}/graphql",
            "keys": keys,
            "revocations": revocations,
            "clock": now,
            "bearer_demo": True,
        }
        source = Logins(engine=engine, issuer=issuer, clock=now)
        party = RelyingParty(engine=engine, issuer=issuer, keys=keys, sealer=PlaceSealer(), clock=now)
        server = Server(engine=engine, logins=source, **parts)
        app = Starlette(routes=[*routes(server), *login_routes(party, source)])
        async with serving(app, listener):
            yield issuer, Verifier(**parts)


async def test_each_of_the_demo_s_officers_gets_a_token_by_login_and_consent(engine, sandbox, door, tmp_path):
    issuer, verifier = door
    path = tmp_path / "people.json"
    await people.register(engine, path, now, sandbox)
    callers = []
    for office in sso.OFFICES[:6]:
        token = await asyncio.to_thread(desk.fetch, path, office.subject, issuer, scope=None, purpose=None)
        callers.append(await verifier.verify(f"Bearer {token}"))

    assert [(one.account_id, one.agency, one.client_id, one.purpose, one.scopes) for one in callers] == [
        (f"{sandbox}#{one.subject}", one.agency, people.DESK, "subject-request", first_officers.SCOPES)
        for one in sso.OFFICES[:6]
    ]


async def test_who_works_on_cases_holds_what_a_client_of_the_agency_holds(engine, sandbox, door, tmp_path):
    issuer, verifier = door
    path = tmp_path / "people.json"
    await people.register(engine, path, now, sandbox)
    by_id = {one.client_id: one for one in DEMO_CLIENTS}
    pairs = [("penyidik", "polda-kalbar"), ("pendamping", "shelter-kemensos"), ("analis", "dashboard-satgas")]
    callers = []
    for subject, client_id in pairs:
        purpose = by_id[client_id].purposes[-1]
        token = await asyncio.to_thread(desk.fetch, path, subject, issuer, scope=None, purpose=purpose)
        callers.append(await verifier.verify(f"Bearer {token}"))

    assert [(one.agency, one.purpose, one.scopes, one.jurisdiction) for one in callers] == [
        (client.agency, client.purposes[-1], set(client.scopes), tuple(sorted(client.jurisdiction)))
        for client in (by_id[client_id] for _, client_id in pairs)
    ]
    assert {one["name"]: one["purposes"] for one in json.loads(path.read_text())["people"][6:]} == {
        subject: list(by_id[client_id].purposes) for subject, client_id in pairs
    }


async def test_an_officer_asks_for_less_and_never_for_more(engine, sandbox, door, tmp_path):
    issuer, verifier = door
    path = tmp_path / "people.json"
    await people.register(engine, path, now, sandbox)
    account = f"{sandbox}#polri"

    token = await asyncio.to_thread(
        desk.fetch, path, account, issuer, scope="audit:read", purpose="subject-request"
    )
    with pytest.raises(SettingError, match="invalid_scope"):
        await asyncio.to_thread(desk.fetch, path, account, issuer, scope="victim:read", purpose=None)

    assert (await verifier.verify(f"Bearer {token}")).scopes == {"audit:read"}


async def test_a_second_start_changes_nothing_and_one_at_another_port_withdraws_the_first_login(
    engine, tmp_path
):
    path = tmp_path / "people.json"
    await people.register(engine, path, now, "http://127.0.0.1:9001")
    before = path.read_text()
    await people.register(engine, path, now, "http://127.0.0.1:9001")
    async with engine.connect() as connection:
        same = (
            await connection.run_sync(issuers.listed),
            await connection.run_sync(grant.listed, PROPOSER, now()),
        )
    after = path.read_text()
    await people.register(engine, path, now, "http://127.0.0.1:9002")
    async with engine.connect() as connection:
        standing = await connection.run_sync(issuers.standing, Use.PEOPLE)
        held = await connection.run_sync(grant.listed, PROPOSER, now())

    assert after == before
    assert [len(one) for one in same] == [1, GRANTS]
    assert [one.proposal.issuer for one in standing] == ["http://127.0.0.1:9002"]
    assert len(held) == 2 * GRANTS
    assert path.stat().st_mode & 0o777 == 0o600
    assert desk.names(path) == [one.subject for one in sso.OFFICES]


async def test_whoever_is_not_there_is_told_who_is(tmp_path):
    path = tmp_path / "people.json"
    path.write_text(json.dumps({"people": [{"account_id": "https://a#b", "name": "polri"}]}))

    with pytest.raises(SettingError, match="presiden is none of polri"):
        desk.fetch(path, "presiden", "http://127.0.0.1:1", scope=None, purpose=None)

    assert not desk.knows(tmp_path / "nothing.json", "polri")


async def test_a_browser_sees_the_offices_and_comes_back(engine, sandbox, door, tmp_path):
    issuer, _ = door
    await people.register(engine, tmp_path / "people.json", now, sandbox)
    async with httpx.AsyncClient(follow_redirects=True) as browser:
        page = await browser.get(f"{issuer}/oauth/login", params={"return_to": "/oauth/jwks"})

    assert page.status_code == 200
    assert str(page.url).startswith(f"{sandbox}/authorize?")
    assert sso.OFFICES[0].title in page.text

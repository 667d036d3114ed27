"""A foreign issuer by other hands, over a real socket: its tokens become ours, and no more than they may."""

from datetime import UTC, datetime

import httpx
import pytest
from starlette.applications import Starlette

from auth import jws
from auth.assertion import client_assertion
from auth.jwt_bearer import GRANT_TYPE
from auth.keys import Keys
from auth.revocations import Revocations
from auth.routes import routes
from auth.server import Server
from auth.tokens import Verifier
from tests.auth.issuers.foreign import listen, proposal, serving, trust
from tests.auth.issuers.provider import need_provider, new_keys, running
from tests.auth.parties import Hub, PlaceSealer, error

pytestmark = pytest.mark.peer
GRANTED = {"scopes": ("case:read", "victim:read", "document:read"), "purposes": ("investigation",)}


class Present:
    """The real time, which the provider has too, and what a test adds to it."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(datetime.now(UTC).timestamp() + self.ahead_s, UTC)


@pytest.fixture
async def served(engine):
    """A hub on a real socket, in real time."""
    await need_provider()
    clock = Present()
    with listen() as listener:
        issuer = f"http://127.0.0.1:{listener.getsockname()[1]}"
        keys, revocations = Keys(engine, PlaceSealer(), clock), Revocations(engine, clock)
        parts = {
            "issuer": issuer,
            "audience": f"{issuer}/graphql",
            "keys": keys,
            "revocations": revocations,
            "clock": clock,
            "bearer_demo": True,
        }
        server, verifier = Server(engine=engine, **parts), Verifier(**parts)
        app = Starlette(routes=routes(server))
        async with (
            serving(app, listener),
            httpx.AsyncClient(base_url=issuer) as http,
        ):
            yield Served(engine, clock, server, verifier, keys, revocations, http, app)


class Served(Hub):
    """The hub, addressed by where it listens."""

    def assertion(self, client_id: str = "polri-lapor") -> str:
        return client_assertion(self.private, client_id, self.server.issuer, self.clock())

    async def exchange(self, presented: str, **changes) -> httpx.Response:
        return await self.ask(**({"grant_type": GRANT_TYPE, "assertion": presented} | changes))


async def test_its_tokens_become_ours_and_no_more_than_they_may(served):
    await served.register(holds=GRANTED)
    async with running(keys=new_keys("a")) as provider:
        await served.run(trust, served.clock(), provider.issuer, audience="https://hub.example")
        token = await provider.access_token(scope="perkara.baca korban.baca berkas.baca")
        mapped = await served.exchange(token, scope="case:read victim:read")
        again = await served.exchange(token)
        beyond = await served.exchange(
            await provider.access_token(scope="perkara.baca berkas.baca"), scope="document:read"
        )
        narrow = await served.exchange(await provider.access_token(), scope="victim:read")
        elsewhere = await served.exchange(await provider.access_token(resource="https://elsewhere.example"))
        caller = await served.verifier.verify(f"Bearer {mapped.json()['access_token']}")

    assert (mapped.status_code, mapped.json()["scope"]) == (200, "case:read victim:read")
    assert (caller.client_id, caller.agency, caller.account_id) == ("polri-lapor", "POLRI", None)
    assert [error(one) for one in (again, beyond, narrow, elsewhere)] == [
        (400, "invalid_grant"),
        (400, "invalid_scope"),
        (400, "invalid_scope"),
        (400, "invalid_grant"),
    ]
    assert jws.extract(token).header["typ"] == "at+jwt"


async def test_a_token_of_another_issuer_and_one_that_has_expired_are_refused(served):
    await served.register(holds=GRANTED)
    keys = new_keys("a")
    async with running(keys=keys) as other, running(keys=keys, life_s=1) as provider:
        await served.run(trust, served.clock(), provider.issuer)
        of_another = await served.exchange(await other.access_token())
        short = await provider.access_token()
        served.clock.ahead_s = 12
        expired = await served.exchange(short)

    assert error(of_another) == (400, "invalid_grant")
    assert error(expired) == (400, "invalid_grant")
    assert "expired" in expired.json()["error_description"]


async def test_a_key_that_it_has_just_begun_to_use_is_fetched(served):
    await served.register(holds=GRANTED)
    async with running(keys=new_keys("old")) as provider:
        await served.run(trust, served.clock(), provider.issuer)
        before = await served.exchange(await provider.access_token())
        late = await provider.access_token()
    port = int(provider.issuer.rpartition(":")[2])
    async with running(keys=new_keys("new"), port=port) as provider:
        served.clock.ahead_s = 31
        after = await served.exchange(await provider.access_token())
        old = await served.exchange(late)

    assert (before.status_code, after.status_code) == (200, 200), after.text
    assert error(old) == (400, "invalid_grant")


async def test_rs256_is_refused_unless_the_row_names_it(served):
    await served.register(holds=GRANTED)
    async with running(keys=new_keys("a"), algorithm="RS256") as provider:
        await served.run(trust, served.clock(), provider.issuer)
        refused = await served.exchange(await provider.access_token())
        await served.run(trust, served.clock(), provider.issuer, algorithms=("RS256",))
        accepted = await served.exchange(await provider.access_token())

    assert error(refused) == (400, "invalid_grant")
    assert accepted.status_code == 200, accepted.text


async def test_an_issuer_that_nobody_approved_is_refused(served):
    await served.register(holds=GRANTED)
    async with running(keys=new_keys("a")) as provider:
        response = await served.exchange(await provider.access_token())

    assert error(response) == (400, "invalid_grant")
    assert proposal(provider.issuer).issuer == provider.issuer

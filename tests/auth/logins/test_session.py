"""A page of the hub's own and a login: one good way to a token, and copies of it with one fault each."""

import secrets
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import create_async_engine
from starlette.applications import Starlette

from auth import accounts, clients, grants, issuers, jws, logins
from auth.clients import EXPLORER, ClientRefused
from auth.grants import Decision
from auth.id_token import Authenticated
from auth.keys import Keys
from auth.login_routes import login_routes
from auth.logins import LOGOUT
from auth.places import SESSION, SESSION_TOKEN
from auth.relying_party import RelyingParty
from auth.revocations import Revocations
from auth.routes import routes
from auth.session_routes import session_routes
from auth.tokens import Verifier
from schema.errors import NotAuthenticated
from schema.tables import grants as grant_tables
from schema.tables import people
from tests.auth.issuers.foreign import FIRST
from tests.auth.parties import (
    APPROVER,
    AUDIENCE,
    ISSUER,
    PRIVATE,
    PlaceSealer,
    enrol,
    error,
    make_client,
)
from tests.auth.people import PERSON, SSO, log_in
from tests.auth.proofs import proof, thumbprint_of

TOKEN_URL = f"{ISSUER}{SESSION_TOKEN}"
OWN = {"sec-fetch-site": "same-origin"}
HELD = {
    "scopes": ["case:read", "victim:read", "victim.identity:read"],
    "purposes": ["investigation", "protection"],
}


class Page:
    """A page of the hub's own in one browser: its cookies, and the key that it has made."""

    def __init__(self, hub, app, key: str = "es256") -> None:
        self.hub = hub
        self.key = key
        self.account_id = PERSON
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ISSUER)

    async def log_in(self, account_id: str = PERSON) -> None:
        self.account_id = account_id
        value = await self.hub.run(log_in, self.hub.clock(), account_id)
        self.http.cookies.set("__Host-hub", value, domain="hub.example")

    async def session(self, **headers: str) -> httpx.Response:
        return await self.http.get(SESSION, headers=OWN | headers)

    def proof(self, **changes) -> str:
        full = {"nonce": self.hub.server.nonces.current(), "htu": TOKEN_URL, "key": self.key}
        return proof(self.hub.clock(), **(full | changes))

    async def ask(self, *, headers=OWN, proofs=None, **form) -> httpx.Response:
        shown = [self.proof()] if proofs is None else proofs
        sent = [*headers.items(), *(("dpop", one) for one in shown)]
        full = {"account_id": self.account_id, "purpose": "investigation"} | form
        return await self.http.post(
            SESSION_TOKEN, data={k: v for k, v in full.items() if v is not None}, headers=sent
        )

    async def token(self, **form) -> str:
        response = await self.ask(**form)
        assert response.status_code == 200, response.text
        return response.json()["access_token"]

    async def use(self, token: str, *, verifier=None, scheme="DPoP", **changes):
        """The caller whom a resource sees."""
        full = {"htu": AUDIENCE, "token": token} | changes
        proofs = full.pop("proofs", None)
        shown = [self.proof(**full)] if proofs is None else proofs
        return await (verifier or self.hub.verifier).verify(f"{scheme} {token}", proofs=shown)


@pytest.fixture
async def app(hub):
    source = hub.server.logins
    party = RelyingParty(
        engine=hub.engine, issuer=ISSUER, keys=hub.keys, sealer=PlaceSealer(), clock=hub.clock
    )
    await hub.run(clients.ensure_own, hub.clock())
    await hub.keys.fresh()
    return Starlette(
        routes=[*routes(hub.server), *login_routes(party, source), *session_routes(hub.server, source)]
    )


@pytest.fixture
def new_page(hub, app):
    def make(**how) -> Page:
        return Page(hub, app, **how)

    return make


@pytest.fixture
async def page(hub, new_page):
    await hub.run(enrol, hub.clock(), PERSON, "POLRI", **HELD)
    made = new_page()
    await made.log_in()
    yield made
    await made.http.aclose()


async def test_the_page_learns_who_has_logged_in_and_for_what_they_may_ask(hub, page):
    response = await page.session()

    assert response.json() == {
        "login_uri": f"{ISSUER}/oauth/login",
        "token_endpoint": TOKEN_URL,
        "resource": AUDIENCE,
        "person": {
            "account_id": PERSON,
            "title": "Officer of a test",
            "agency": "POLRI",
            "agency_name": {"id": "Kepolisian Negara RI", "en": "Indonesian National Police"},
            "authenticated_at": hub.clock().isoformat(),
            "expires_at": (hub.clock() + timedelta(hours=8)).isoformat(),
            "purposes": [
                {
                    "word": "investigation",
                    "name": {"id": "Penyelidikan dan penyidikan", "en": "Investigation"},
                    "scopes": ["case:read", "victim.identity:read", "victim:read"],
                },
                {
                    "word": "protection",
                    "name": {"id": "Pelindungan saksi dan korban", "en": "Protection"},
                    "scopes": ["case:read", "victim.identity:read", "victim:read"],
                },
            ],
        },
    }
    names = ("Cache-Control", "Cross-Origin-Resource-Policy", "Vary", "X-Content-Type-Options")
    assert [response.headers[name] for name in names] == [
        "no-store",
        "same-origin",
        "Cookie, Sec-Fetch-Site",
        "nosniff",
    ]
    assert response.headers["dpop-nonce"] == hub.server.nonces.current()
    assert "access-control-allow-origin" not in response.headers


async def test_a_page_where_nobody_has_logged_in_learns_where_to(new_page):
    response = await new_page().session()

    assert (response.status_code, response.json()["person"]) == (200, None)


async def test_a_token_is_the_person_s_for_one_purpose_bound_to_the_page_s_key_and_to_the_login(hub, page):
    response = await page.ask()

    told = response.json()
    claims = jws.extract(told.pop("access_token")).claims
    async with hub.engine.connect() as connection:
        login_id = (await connection.execute(select(people.login.c.login_id))).scalar_one()
    assert told == {
        "token_type": "DPoP",
        "expires_in": 300,
        "scope": "case:read victim.identity:read victim:read",
    }
    now = int(hub.clock().timestamp())
    assert {name: value for name, value in claims.items() if name not in {"jti", "gsid"}} == {
        "iss": ISSUER,
        "sub": PERSON,
        "aud": AUDIENCE,
        "client_id": EXPLORER,
        "iat": now,
        "exp": now + 300,
        "scope": told["scope"],
        "purpose": "investigation",
        "jur": ["61", "6171"],
        "agency": "POLRI",
        "cnf": {"jkt": thumbprint_of(PRIVATE["es256"])},
        "acr": "substantial",
        "auth_time": now,
        "sid": str(login_id),
    }


async def test_a_resource_sees_the_person(page):
    caller = await page.use(await page.token(purpose="protection", scope="case:read"))

    assert (caller.client_id, caller.account_id, caller.agency, caller.purpose, caller.scopes) == (
        EXPLORER,
        PERSON,
        "POLRI",
        "protection",
        {"case:read"},
    )


async def test_a_proof_without_a_nonce_is_asked_for_again_with_one(page):
    first = await page.ask(proofs=[page.proof(nonce=None)])
    second = await page.ask(proofs=[page.proof(nonce=first.headers["dpop-nonce"])])

    assert error(first) == (400, "use_dpop_nonce")
    assert second.status_code == 200


FAULTS = {
    "another site sends it": (
        lambda page: page.ask(headers={"sec-fetch-site": "cross-site"}),
        403,
        "invalid_request",
    ),
    "a neighbour sends it": (
        lambda page: page.ask(headers={"sec-fetch-site": "same-site"}),
        403,
        "invalid_request",
    ),
    "a person opens it": (lambda page: page.ask(headers={"sec-fetch-site": "none"}), 403, "invalid_request"),
    "no browser sends it": (lambda page: page.ask(headers={}), 403, "invalid_request"),
    "it says so twice": (
        lambda page: page.ask(headers=httpx.Headers([("sec-fetch-site", "same-origin, cross-site")])),
        403,
        "invalid_request",
    ),
    "no proof": (lambda page: page.ask(proofs=[]), 400, "invalid_dpop_proof"),
    "two proofs": (lambda page: page.ask(proofs=[page.proof(), page.proof()]), 400, "invalid_dpop_proof"),
    "proof for another place": (
        lambda page: page.ask(proofs=[page.proof(htu=f"{ISSUER}/oauth/token")]),
        400,
        "invalid_dpop_proof",
    ),
    "proof for another method": (
        lambda page: page.ask(proofs=[page.proof(htm="GET")]),
        400,
        "invalid_dpop_proof",
    ),
    "proof of yesterday": (lambda page: page.ask(proofs=[page.proof(iat=1)]), 400, "invalid_dpop_proof"),
    "proof with its private key": (
        lambda page: page.ask(proofs=[page.proof(header={"jwk": PRIVATE["es256"]})]),
        400,
        "invalid_dpop_proof",
    ),
    "proof signed by another key": (
        lambda page: page.ask(proofs=[page.proof(header={"jwk": PRIVATE["stranger"], "alg": "ES256"})]),
        400,
        "invalid_dpop_proof",
    ),
    "no purpose": (lambda page: page.ask(purpose=None), 400, "invalid_request"),
    "a purpose of words": (lambda page: page.ask(purpose="curiosity"), 400, "invalid_request"),
    "a purpose that is not held": (lambda page: page.ask(purpose="prosecution"), 400, "invalid_scope"),
    "a scope that is not held": (lambda page: page.ask(scope="perpetrator:read"), 400, "invalid_scope"),
    "a parameter of another grant": (
        lambda page: page.ask(grant_type="client_credentials"),
        400,
        "invalid_request",
    ),
    "another person": (lambda page: page.ask(account_id=f"{SSO}#sari"), 403, "login_required"),
    "no person": (lambda page: page.ask(account_id=None), 403, "login_required"),
    "another client's name": (lambda page: page.ask(client_id="polri-lapor"), 400, "invalid_request"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_request_with_one_fault_gets_no_token_and_spoils_nothing(page, fault):
    make, status, word = FAULTS[fault]

    response = await make(page)

    assert error(response) == (status, word)
    assert set(response.json()) == {"error", "error_description"}
    assert response.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in response.headers
    assert (await page.ask()).status_code == 200


async def test_json_gets_no_token(page):
    headers = OWN | {"dpop": page.proof(), "content-type": "application/json"}

    response = await page.http.post(SESSION_TOKEN, content=b'{"purpose": "investigation"}', headers=headers)

    assert error(response) == (400, "invalid_request")


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", ""])
async def test_no_other_page_learns_who_has_logged_in(page, site):
    response = await page.session(**{"sec-fetch-site": site})

    assert error(response) == (403, "invalid_request")
    assert "sso.example" not in response.text


async def test_a_preflight_of_another_site_is_given_no_permission(page):
    headers = {"origin": "https://elsewhere.example", "access-control-request-method": "POST"}

    response = await page.http.options(SESSION_TOKEN, headers=headers)

    assert response.status_code == 405
    assert not [name for name in response.headers if name.startswith("access-control")]


async def test_a_proof_is_good_once(page):
    sent = page.proof()

    answers = [await page.ask(proofs=[sent]) for _ in range(2)]

    assert answers[0].status_code == 200
    assert error(answers[1]) == (400, "invalid_dpop_proof")


async def test_nobody_gets_a_token_without_a_login(new_page):
    response = await new_page().ask()

    assert error(response) == (403, "login_required")


async def test_another_login_s_cookie_gives_another_person_s_token(hub, page, new_page):
    other = f"{SSO}#sari"
    await hub.run(enrol, hub.clock(), other, "KEMENSOS", scopes=["case:read"], purposes=["protection"])
    stranger = new_page(key="ed25519")
    await stranger.log_in(other)

    refused = await stranger.ask(purpose="investigation")
    caller = await stranger.use(await stranger.token(purpose="protection"))

    assert error(refused) == (400, "invalid_scope")
    assert (caller.account_id, caller.agency) == (other, "KEMENSOS")
    with pytest.raises(NotAuthenticated, match="another key"):
        await stranger.use(await page.token())


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"proofs": []}, "exactly one DPoP header"),
        ({"scheme": "Bearer", "proofs": []}, "bound to a key"),
        ({"key": "ed25519"}, "another key"),
        ({"htu": TOKEN_URL}, "htu"),
        ({"token": "another token"}, "ath"),
    ],
)
async def test_the_token_alone_opens_nothing(page, how, told):
    token = await page.token()
    shown = (
        {"proofs": how["proofs"]}
        if "proofs" in how
        else {"proofs": [page.proof(**({"htu": AUDIENCE, "token": token} | how))]}
    )

    with pytest.raises(NotAuthenticated, match=told):
        await page.use(token, scheme=how.get("scheme", "DPoP"), **shown)


async def at_another_replica(hub, service_url):
    """What another process would say, which has memory of its own."""
    engine = create_async_engine(service_url)
    verifier = Verifier(
        issuer=ISSUER,
        audience=AUDIENCE,
        keys=Keys(engine, PlaceSealer(), hub.clock),
        revocations=Revocations(engine, hub.clock),
        clock=hub.clock,
    )
    return engine, verifier


async def logged_out(hub, page):
    response = await page.http.post(LOGOUT, headers=OWN)
    assert (response.status_code, hub.clock) == (200, page.hub.clock)


async def logged_in_anew(hub, page):
    before = page.http.cookies["__Host-hub"]

    def replaced(connection):
        found = accounts.load(connection, PERSON)
        issuer = issuers.standing(connection, issuers.Use.PEOPLE, SSO)[0]
        person = Authenticated(account_id=PERSON, acr=None, authenticated_at=hub.clock())
        return logins.open_login(
            connection, found, issuer.trust_id, person, replacing=before, now=hub.clock()
        )

    await hub.run(replaced)


async def issuer_withdrawn(hub, page):
    def withdraw(connection):
        issuer = issuers.standing(connection, issuers.Use.PEOPLE, SSO)[0]
        issuers.withdraw(connection, FIRST, issuer.trust_id, hub.clock())

    assert page
    await hub.run(withdraw)


async def person_suspended(hub, page):
    assert page
    await hub.run(accounts.suspend, PERSON, hub.clock())


async def explorer_suspended(hub, page):
    assert page
    await hub.run(clients.suspend, EXPLORER, hub.clock())


@pytest.mark.parametrize(
    ("end", "word"),
    [
        (logged_out, "login_required"),
        (logged_in_anew, "login_required"),
        (issuer_withdrawn, "login_required"),
        (person_suspended, "login_required"),
        (explorer_suspended, "access_denied"),
    ],
)
async def test_a_token_ends_with_its_login_at_every_replica(hub, page, service_url, end, word):
    token = await page.token()
    cookie = page.http.cookies["__Host-hub"]
    engine, other = await at_another_replica(hub, service_url)
    await page.use(token, verifier=other)
    await page.use(token)

    await end(hub, page)
    hub.clock.forward(seconds=2)

    for verifier in (hub.verifier, other):
        with pytest.raises(NotAuthenticated, match="withdrawn"):
            await page.use(token, verifier=verifier)
    await engine.dispose()
    page.http.cookies.set("__Host-hub", cookie, domain="hub.example")
    assert error(await page.ask()) == (403, word)
    assert (await page.session()).json()["person"] is None or word == "access_denied"


async def test_the_end_of_one_login_ends_no_token_of_another(hub, page, new_page):
    second = new_page(key="ed25519")
    await second.log_in()
    token = await second.token()

    await logged_out(hub, page)
    hub.clock.forward(seconds=2)

    assert (await second.use(token)).account_id == PERSON


async def test_introspection_knows_no_token_whose_login_has_ended(hub, page):
    await hub.register(client_id="gateway", holds={"scopes": ["token:introspect"]})
    token = await page.token()

    async def introspected():
        form = hub.form(client_id="gateway", grant_type=None, scope=None, purpose=None, token=token)
        return (await hub.http.post("/oauth/introspect", data=form)).json()

    before = await introspected()
    await logged_out(hub, page)

    assert (before["active"], before["client_id"], before["sub"]) == (True, EXPLORER, PERSON)
    assert await introspected() == {"active": False}


async def test_a_token_does_not_outlive_the_login_s_eight_hours(hub, page):
    for _ in range(8 * 5 - 1):
        hub.clock.forward(minutes=12)
        await page.token()
    hub.clock.forward(minutes=10)

    response = await page.ask()
    hub.clock.forward(minutes=2)

    assert response.json()["expires_in"] == 120
    assert error(await page.ask()) == (403, "login_required")


async def test_a_login_that_nobody_uses_gives_no_token_any_more(hub, page):
    await page.token()
    hub.clock.forward(minutes=15)

    assert error(await page.ask()) == (403, "login_required")


async def test_a_grant_that_ends_ends_what_it_gives_at_the_next_token(hub, page):
    def revoke(connection):
        grant_id = connection.execute(select(grant_tables.access_grant.c.grant_id)).scalar_one()
        grants.decide(connection, APPROVER, grant_id, 1, Decision.REVOKED, "of a test", hub.clock())

    await hub.run(revoke)

    assert error(await page.ask()) == (400, "invalid_scope")
    assert (await page.session()).json()["person"]["purposes"] == []


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/par", "/oauth/introspect", "/oauth/revoke"])
@pytest.mark.parametrize("key", ["ed25519", "es256", "ps256"])
async def test_the_page_s_client_authenticates_nowhere(hub, app, path, key):
    hub.private = PRIVATE[key]
    form = hub.form(client_id=EXPLORER, token="any")  # noqa: S106 - of no token

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ISSUER) as http:
        response = await http.post(path, data=form)

    assert error(response) == (401, "invalid_client")


async def test_nobody_registers_the_page_s_client_nor_gives_it_a_key(hub, app):
    assert app
    with pytest.raises(ClientRefused, match="the hub's own"):
        await hub.run(clients.register, make_client(hub.clock, client_id=EXPLORER))
    with pytest.raises(ClientRefused, match="the hub's own"):
        await hub.run(clients.replace_keys, EXPLORER, make_client(hub.clock).public_jwks)


@pytest.mark.parametrize(
    "change",
    [
        """public_jwks = '{"keys": [{}]}'""",
        "redirect_uris = '{https://elsewhere.example}'",
        "bearer_allowed = true",
        "agency = 'POLRI'",
        "unit = 'any'",
    ],
)
async def test_the_database_keeps_the_page_s_client_without_a_key(app, cluster, change):
    assert app
    with (
        psycopg.connect(cluster.conninfo("hub_owner", "auth")) as owner,
        pytest.raises(psycopg.errors.CheckViolation, match="own_page"),
    ):
        owner.execute(f"UPDATE client SET {change} WHERE client_id = 'hub-explorer'".encode())  # noqa: S608 - of the above


async def test_the_page_s_client_is_registered_once_and_stays_closed_where_somebody_closed_it(hub, app):
    assert app
    await hub.run(clients.suspend, EXPLORER, hub.clock())
    before = await hub.run(clients.load, EXPLORER)
    hub.clock.forward(days=1)

    await hub.run(clients.ensure_own, hub.clock())

    assert await hub.run(clients.load, EXPLORER) == before
    assert before is not None
    assert before.suspended_at is not None


async def test_what_is_told_of_a_fault_repeats_nothing(page):
    canary = secrets.token_hex(8)

    answers = [
        await page.ask(purpose=canary),
        await page.ask(scope=canary),
        await page.ask(**{canary: canary}),
        await page.ask(proofs=[canary]),
        await page.ask(headers={"sec-fetch-site": canary}),
    ]

    assert [canary in answer.text for answer in answers] == [False] * 5
    assert urlsplit(TOKEN_URL).path == SESSION_TOKEN

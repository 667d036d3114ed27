"""A person with a browser, and a client that people use."""

import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import httpx
from sqlalchemy import Connection

from auth import accounts, issuers, logins
from auth.id_token import Authenticated
from auth.issuers import Use
from tests.auth.issuers.foreign import trust
from tests.auth.parties import ISSUER, Hub, enrol
from tests.auth.proofs import proof

SSO = "https://sso.example"
PERSON = f"{SSO}#budi"
CLIENT = "polri-desk"
REDIRECT = "https://desk.polri.example/back"
VERIFIER = "v" * 43
CHALLENGE = "7w_YNF9DSfIdPf_pRjSq646_kPr-2-o9NAl16JGghdM"
PAR_URL = f"{ISSUER}/oauth/par"


def log_in(connection: Connection, now, account_id: str = PERSON, acr: str | None = "substantial") -> str:
    """The value of the cookie of a person who has just logged in."""
    standing = issuers.standing(connection, Use.PEOPLE, SSO)
    changes = {"use": Use.PEOPLE, "ceiling": frozenset(), "scope_map": {}}
    issuer = standing[0] if standing else trust(connection, now, SSO, **changes)
    account = accounts.load(connection, account_id)
    person = Authenticated(account_id=account_id, acr=acr, authenticated_at=now)
    return logins.open_login(connection, account, issuer.trust_id, person, replacing=None, now=now)


async def settle(hub: Hub, *, agency: str = "POLRI", **holds) -> None:
    """A client that people use, and a person who holds something."""
    await hub.register(client_id=CLIENT, bearer_allowed=False, redirect_uris=(REDIRECT,), holds={})
    what = {"scopes": ["case:read", "victim:read", "victim.identity:read"], "purposes": ["investigation"]}
    await hub.run(enrol, hub.clock(), PERSON, agency, **(what | holds))
    await hub.keys.fresh()


async def push(hub: Hub, *, key: str | None = "es256", client_id: str = CLIENT, **changes) -> httpx.Response:
    """A pushed request; good unless changed, `None` leaves a parameter out."""
    full = {
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "scope": "case:read victim:read",
        "purpose": "investigation",
        "state": "state-of-the-client",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    form = hub.form(client_id=client_id, grant_type=None, **(full | changes))
    nonce = hub.server.nonces.current()
    headers = {} if key is None else {"dpop": proof(hub.clock(), nonce, key=key, htu=PAR_URL)}
    return await hub.http.post("/oauth/par", data=form, headers=headers)


async def pushed(hub: Hub, **changes) -> str:
    response = await push(hub, **changes)
    assert response.status_code == 201, response.text
    return response.json()["request_uri"]


async def redeem(hub: Hub, code: str, *, key: str | None = "es256", **changes) -> httpx.Response:
    """The token request for a code."""
    full = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
        "client_id": CLIENT,
        "scope": None,
        "purpose": None,
    }
    nonce = hub.server.nonces.current()
    headers = {} if key is None else {"dpop": proof(hub.clock(), nonce, key=key)}
    return await hub.http.post("/oauth/token", data=hub.form(**(full | changes)), headers=headers)


class Browser:
    """Cookies, pages, and no script."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(hub.app), base_url=ISSUER)

    async def log_in(self, **changes) -> None:
        value = await self.hub.run(log_in, self.hub.clock(), **changes)
        self.http.cookies.set(self.hub.server.logins.cookies.login, value, domain="hub.example")

    async def open(self, request_uri: str, client_id: str = CLIENT, **headers) -> httpx.Response:
        query = {"client_id": client_id, "request_uri": request_uri}
        return await self.http.get("/oauth/authorize", params=query, headers=headers)

    async def decide(
        self, page: httpx.Response, decision: str = "allow", *, headers=None, **changes
    ) -> httpx.Response:
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))
        form = {name: unescape(value) for name, value in hidden.items()} | {"decision": decision} | changes
        kept = {name: value for name, value in form.items() if value is not None}
        return await self.http.post("/oauth/authorize", data=kept, headers=headers)

    async def allow(self, request_uri: str) -> str:
        """The code that the client gets."""
        response = await self.decide(await self.open(request_uri))
        assert response.status_code == 303, response.text
        return back(response)["code"]


def back(response: httpx.Response) -> dict[str, str]:
    """What the browser brings back to the client."""
    assert response.status_code == 303, response.text
    url = urlsplit(response.headers["location"])
    assert f"{url.scheme}://{url.netloc}{url.path}" == REDIRECT
    return dict(parse_qsl(url.query, strict_parsing=True))

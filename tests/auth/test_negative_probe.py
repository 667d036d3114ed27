"""One good way from PAR to the resource, and copies of it with one fault each: refused as the RFCs say, and nothing told.

Every fault has the same canary in it wherever text can stand; no answer repeats it, none is a 500, and afterwards the
good thing is still good where one fault of another's must not spoil it.
"""

import logging
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.requests import Request

from auth import jws
from schema.errors import NotAuthenticated
from tests.auth.parties import AUDIENCE, PRIVATE, Hub, error
from tests.auth.people import CLIENT, Browser, push, pushed, redeem, settle
from tests.auth.proofs import proof
from tests.auth.test_verifier import own, resign

CANARY = "kenari7391"


@dataclass
class Way:
    """The good way, and what it has made so far."""

    hub: Hub
    browser: Browser
    request_uri: str = ""
    code: str = ""
    token: str = ""
    sent: list[Any] = field(default_factory=list)

    async def walk(self) -> None:
        self.request_uri = await pushed(self.hub)
        self.code = await self.browser.allow(self.request_uri)
        self.token = (await redeem(self.hub, self.code)).json()["access_token"]

    def at_resource(self, token: str | None = None, **changes) -> str:
        full = {"nonce": self.hub.server.nonces.current(), "htu": AUDIENCE, "token": token or self.token}
        return proof(self.hub.clock(), **(full | changes))

    async def use(
        self, token: str | None = None, *, scheme: str = "DPoP", proofs=None, query: str = ""
    ) -> int:
        """The status that a resource gives."""
        text = self.token if token is None else token
        shown = [self.at_resource(text)] if proofs is None else proofs
        headers = [(b"authorization", f"{scheme} {text}".encode("latin-1"))] if scheme else []
        headers += [(b"dpop", one.encode()) for one in shown]
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/graphql",
            "query_string": query.encode(),
            "headers": headers,
        }
        try:
            await self.hub.verifier.verify_request(Request(scope | {"server": ("x", 80), "scheme": "http"}))
        except NotAuthenticated as refused:
            self.sent.append(str(refused) + str(self.hub.verifier.headers(refused)))
            return 401
        return 200


@pytest.fixture
async def way(hub):
    await settle(hub)
    browser = Browser(hub)
    await browser.log_in()
    made = Way(hub, browser)
    await made.walk()
    yield made
    await browser.http.aclose()


def changed(**claims):
    return lambda way: resign(way.token, own(way.hub), **claims)


TOKENS = {
    "none at all": lambda way: way.use(scheme=""),
    "in the query": lambda way: way.use(scheme="", query=f"access_token={way.token}"),
    "as bearer": lambda way: way.use(scheme="Bearer"),
    "as bearer without a proof": lambda way: way.use(scheme="Bearer", proofs=[]),
    "as basic": lambda way: way.use(scheme="Basic"),
    "without a proof": lambda way: way.use(proofs=[]),
    "with two proofs": lambda way: way.use(proofs=[way.at_resource(), way.at_resource()]),
    "with another key": lambda way: way.use(proofs=[way.at_resource(key="ed25519")]),
    "with a proof for another token": lambda way: way.use(proofs=[way.at_resource(token=CANARY)]),
    "with a proof for another place": lambda way: way.use(proofs=[way.at_resource(htu=f"https://{CANARY}/")]),
    "with a proof for another method": lambda way: way.use(proofs=[way.at_resource(htm=CANARY)]),
    "with a proof from yesterday": lambda way: way.use(proofs=[way.at_resource(iat=1)]),
    "with a proof without a nonce": lambda way: way.use(proofs=[way.at_resource(nonce=CANARY)]),
    "with its private key in the proof": lambda way: way.use(
        proofs=[way.at_resource(header={"jwk": PRIVATE["es256"]})]
    ),
    "without its binding": lambda way: way.use(changed(drop=("cnf",))(way)),
    "of another issuer": lambda way: way.use(changed(iss=CANARY)(way)),
    "for another audience": lambda way: way.use(changed(aud=CANARY)(way)),
    "with a binding that nobody knows": lambda way: way.use(changed(cnf={"kid": CANARY})(way)),
    "with two bindings": lambda way: way.use(changed(cnf={"jkt": "x" * 43, "x5t#S256": "x" * 43})(way)),
    "with a broken emergency": lambda way: way.use(changed(bg=CANARY)(way)),
    "with a login in words": lambda way: way.use(changed(auth_time=CANARY)(way)),
    "of another type": lambda way: way.use(resign(way.token, own(way.hub), header={"typ": "JWT"})),
    "cut": lambda way: way.use(way.token[:-5]),
    "garbage": lambda way: way.use(CANARY),
}


@pytest.mark.parametrize("fault", TOKENS)
async def test_a_token_with_one_fault_opens_nothing(way, fault):
    status = await TOKENS[fault](way)

    assert status == 401
    assert CANARY not in "".join(way.sent)
    assert "eyJ" not in "".join(way.sent)
    assert await way.use() == 200


REQUESTS = {
    "assertion is garbage": (lambda way: push(way.hub, client_assertion=CANARY), 401, "invalid_client"),
    "assertion of an access token": (
        lambda way: push(way.hub, client_assertion=way.token),
        401,
        "invalid_client",
    ),
    "assertion of another client": (
        lambda way: push(way.hub, client_assertion=way.hub.assertion(CANARY)),
        401,
        "invalid_client",
    ),
    "grant of words": (lambda way: redeem(way.hub, CANARY, grant_type=CANARY), 400, "unsupported_grant_type"),
    "response of words": (lambda way: push(way.hub, response_type=CANARY), 400, "unsupported_response_type"),
    "scope of words": (lambda way: push(way.hub, scope=CANARY), 400, "invalid_scope"),
    "purpose of words": (lambda way: push(way.hub, purpose=CANARY), 400, "invalid_request"),
    "redirect elsewhere": (
        lambda way: push(way.hub, redirect_uri=f"https://{CANARY}/"),
        400,
        "invalid_request",
    ),
    "challenge of words": (lambda way: push(way.hub, code_challenge=CANARY), 400, "invalid_request"),
    "method of words": (lambda way: push(way.hub, code_challenge_method=CANARY), 400, "invalid_request"),
    "resource elsewhere": (lambda way: push(way.hub, resource=f"https://{CANARY}/"), 400, "invalid_target"),
    "code of words": (lambda way: redeem(way.hub, CANARY), 400, "invalid_grant"),
    "code with NUL": (lambda way: redeem(way.hub, f"\0{CANARY}"), 400, "invalid_grant"),
    "code with another verifier": (
        lambda way: redeem(way.hub, way.code + CANARY, code_verifier=CANARY * 5),
        400,
        "invalid_grant",
    ),
    "the request's name as code": (lambda way: redeem(way.hub, way.request_uri), 400, "invalid_grant"),
}


@pytest.mark.parametrize("fault", REQUESTS)
async def test_a_request_with_one_fault_is_refused_in_the_form_of_its_rfc(way, fault):
    make, status, word = REQUESTS[fault]

    response = await make(way)

    assert error(response) == (status, word)
    assert set(response.json()) <= {"error", "error_description"}
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["dpop-nonce"]
    assert CANARY not in response.text
    assert (await push(way.hub)).status_code == 201
    assert await way.use() == 200


PAGES = {
    "spent": lambda way: way.browser.open(way.request_uri),
    "of words": lambda way: way.browser.open(CANARY),
    "with NUL": lambda way: way.browser.open(f"\0{CANARY}"),
    "of another client": lambda way: way.browser.open(way.request_uri, CANARY),
    "with markup": lambda way: way.browser.open(f"<script>{CANARY}</script>"),
    "posted from elsewhere": lambda way: way.browser.http.post(
        "/oauth/authorize", data={"client_id": CLIENT, "request_uri": CANARY, "decision": "allow"}
    ),
    "huge": lambda way: way.browser.http.post("/oauth/authorize", data={"client_id": CANARY * 9_000}),
}


@pytest.mark.parametrize("fault", PAGES)
async def test_a_browser_with_one_fault_sees_a_page_and_is_sent_nowhere(way, fault):
    response = await PAGES[fault](way)

    assert response.status_code in {400, 413}
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "location" not in response.headers
    assert CANARY not in response.text
    assert await way.use() == 200


async def test_nothing_that_opens_anything_is_ever_logged(way, caplog, capfd):
    """Whatever writes to a logger or to the terminal, at any level, in the whole way and in refusals of it."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, logger="httpx")  # the client's own log of its URLs is not ours

    await way.walk()
    await way.use()
    await way.use(scheme="Bearer")
    await redeem(way.hub, way.code)
    await redeem(way.hub, way.token)
    await push(way.hub, client_assertion=way.token)
    out, errors = capfd.readouterr()

    written = caplog.text + out + errors
    names = ["eyJ", way.code, way.request_uri.rpartition(":")[2], jws.extract(way.token).claims["jti"]]
    assert [name for name in names if name in written] == []
    assert "sso.example#" not in written

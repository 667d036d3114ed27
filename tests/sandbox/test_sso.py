"""The sandbox's login: a process like the agencies', and an OpenID provider that knows offices only."""

import base64
import hashlib
import socket
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from hub.sandbox import run, sso
from hub.sandbox.sso import Sso

ISSUER = "http://127.0.0.1:9"
VERIFIER = "v" * 43
BACK = "http://127.0.0.1:8000/oauth/login/callback"


def asked(**changes) -> dict[str, str]:
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    full = {
        "response_type": "code",
        "client_id": "tppo-hub",
        "redirect_uri": BACK,
        "scope": "openid",
        "state": "s",
        "nonce": "n",
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    return full | changes


@pytest.fixture
async def http():
    transport = httpx.ASGITransport(Sso(ISSUER).app())
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as client:
        yield client


async def code(http, **changes) -> str:
    response = await http.post("/authorize", data=asked(**changes) | {"sub": "polri"})
    assert response.status_code == 303, response.text
    url = urlsplit(response.headers["location"])
    assert url._replace(query="").geturl() == changes.get("redirect_uri", BACK)
    answer = dict(parse_qsl(url.query))
    assert {name: answer[name] for name in ("state", "iss")} == {"state": "s", "iss": ISSUER}
    return answer["code"]


def redemption(given: str, **changes) -> dict[str, str]:
    full = {
        "grant_type": "authorization_code",
        "code": given,
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
    }
    return full | changes


async def test_whoever_chooses_an_office_is_that_officer(http):
    page = await http.get("/authorize", params=asked())
    answer = await http.post("/token", data=redemption(await code(http)))

    keys = KeySet.import_key_set((await http.get("/jwks")).json())
    claims = jwt.decode(answer.json()["id_token"], keys, algorithms=["ES256"]).claims
    assert [one.title in page.text for one in sso.OFFICES] == [True] * 9
    assert {name: claims[name] for name in ("iss", "sub", "aud", "nonce", "acr")} == {
        "iss": ISSUER,
        "sub": "polri",
        "aud": "tppo-hub",
        "nonce": "n",
        "acr": "sandbox",
    }


async def test_a_code_is_good_once_for_its_verifier_and_its_place(http):
    good = await code(http)
    other = await code(http)
    third = await code(http)

    answers = [
        await http.post("/token", data=form)
        for form in (
            redemption(good),
            redemption(good),
            redemption(other, code_verifier="w" * 43),
            redemption(third, redirect_uri="http://127.0.0.1:8000/elsewhere"),
            redemption("nobody's"),
        )
    ]

    assert [one.status_code for one in answers] == [200, 400, 400, 400, 400]


@pytest.mark.parametrize(
    "fault",
    [
        {"redirect_uri": "https://hub.example/oauth/login/callback"},
        {"redirect_uri": "http://10.0.0.1/oauth/login/callback"},
        {"redirect_uri": "http://127.0.0.1:8000/elsewhere"},
        {"client_id": "another"},
        {"response_type": "token"},
        {"scope": "profile"},
        {"nonce": ""},
        {"state": ""},
        {"code_challenge_method": "plain"},
        {"code_challenge": ""},
    ],
    ids=str,
)
async def test_a_request_with_one_fault_is_refused_and_led_nowhere(http, fault):
    shown = await http.get("/authorize", params=asked(**fault))
    sent = await http.post("/authorize", data=asked(**fault) | {"sub": "polri"})

    assert (shown.status_code, sent.status_code) == (400, 400)
    assert "location" not in sent.headers


async def test_nobody_is_an_officer_of_no_office(http):
    assert (await http.post("/authorize", data=asked() | {"sub": "presiden"})).status_code == 400


def test_it_is_a_process_with_the_same_issuer_at_every_start(tmp_path):
    try:
        first = run.start_sso(tmp_path)
        attached = run.start_sso(tmp_path)
        told = httpx.get(f"{first}/.well-known/openid-configuration", trust_env=False).json()
        ended = run.stop(tmp_path)
        second = run.start_sso(tmp_path)
    finally:
        run.stop(tmp_path)

    assert (attached, told["issuer"], second, ended) == (first, first, first, ["sso"])
    assert run.stop(tmp_path) == []


def test_where_another_program_has_its_port_it_takes_another(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        try:
            issuer = run.start_sso(tmp_path, port=taken)
        finally:
            run.stop(tmp_path)

    assert issuer != f"http://127.0.0.1:{taken}"

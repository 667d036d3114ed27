"""The government's login as a sandbox has it: an OpenID provider that asks for no password and knows offices, not persons.

For a loopback address alone. Who opens its page chooses an office and is that officer; so it proves that the hub's side of
a login is right, and nothing else. Codes are good once and for a minute, PKCE is S256, tokens are ES256.
"""

import base64
import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from html import escape
from pathlib import Path
from socket import socket
from typing import Final
from urllib.parse import urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from hub.sandbox.population import Population
from hub.sandbox.process import listen, port_of, serving, settings_file, until_told, url_of
from hub.sandbox.run import SSO_PORT

CLIENT_ID: Final = "tppo-hub"
ACR: Final = "sandbox"
"""Level of authentication: none that anybody should trust."""
CODE_LIFE_S: Final = 60
ID_TOKEN_LIFE_S: Final = 300
_ALGORITHM: Final = "ES256"
_CALLBACK: Final = "/oauth/login/callback"
_HOSTS: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_ASKED: Final = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
)
_STYLE: Final = (
    "body{font:1.125rem/1.5 system-ui,sans-serif;max-width:38rem;margin:0 auto;padding:2rem 1rem}"
    "button{font:inherit;display:block;width:100%;text-align:left;margin:.5rem 0;padding:.75rem 1rem}"
)
_POLICY: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Somebody whom the login can be.

    Attributes:
        subject: `sub` of the id_token.
        agency: code of the list `agency`.
        title: the office, in Indonesian.
    """

    subject: str
    agency: str
    title: str


OFFICES: Final = (
    Office(subject="satgas-1", agency="SATGAS_TPPO", title="Sekretariat Satgas TPPO, PPDP pertama"),
    Office(subject="satgas-2", agency="SATGAS_TPPO", title="Sekretariat Satgas TPPO, PPDP kedua"),
    Office(subject="polri", agency="POLRI", title="PPDP Polri"),
    Office(subject="imigrasi", agency="IMIGRASI", title="PPDP Direktorat Jenderal Imigrasi"),
    Office(subject="kemnaker", agency="KEMNAKER", title="PPDP Kementerian Ketenagakerjaan"),
    Office(subject="kemensos", agency="KEMENSOS", title="PPDP Kementerian Sosial"),
    Office(subject="penyidik", agency="POLRI", title="Penyidik Polda Kalimantan Barat"),
    Office(subject="pendamping", agency="KEMENSOS", title="Pendamping korban di rumah perlindungan"),
    Office(subject="analis", agency="SATGAS_TPPO", title="Analis data Sekretariat Satgas TPPO"),
)
"""Officers, the first two of the secretariat; then people who work on cases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Code:
    asked: Mapping[str, str]
    subject: str
    issued_at: int


class Sso:
    """The login with its key and the codes that it gave.

    Args:
        issuer: its own URL.
    """

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self._key = ECKey.generate_key("P-256", auto_kid=True)
        self._codes: dict[str, _Code] = {}

    def app(self) -> Starlette:
        """The provider's endpoints."""
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.metadata, methods=["GET"]),
                Route("/jwks", self.jwks, methods=["GET"]),
                Route("/authorize", self.choose, methods=["GET"]),
                Route("/authorize", self.chosen, methods=["POST"]),
                Route("/token", self.token, methods=["POST"]),
                Route("/state", self.state, methods=["GET"]),
            ]
        )

    async def metadata(self, _: Request) -> Response:
        """OpenID Connect Discovery 1.0."""
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": [_ALGORITHM],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
                "authorization_response_iss_parameter_supported": True,
            }
        )

    async def jwks(self, _: Request) -> Response:
        """The public key."""
        return JSONResponse({"keys": [self._key.as_dict(private=False, use="sig", alg=_ALGORITHM)]})

    async def state(self, _: Request) -> Response:
        """Who this process is, for whoever starts and stops it."""
        return JSONResponse({"agency": "sso", "pid": os.getpid()})

    async def choose(self, request: Request) -> Response:
        """`GET /authorize`: the offices to choose from."""
        asked = {name: request.query_params.get(name, "") for name in _ASKED}
        problem = _problem(asked)
        if problem:
            return Response(problem, 400, _POLICY, "text/plain")
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in asked.items()
        )
        buttons = "".join(
            f'<button name="sub" value="{escape(one.subject)}">{escape(one.title)}</button>'
            for one in OFFICES
        )
        return HTMLResponse(
            '<!doctype html><html lang="id"><head><meta charset="utf-8"><title>SSO simulasi</title>'
            f"<style>{_STYLE}</style></head><body><main><h1>SSO simulasi</h1><p>Bukan layanan sungguhan. Pilih jabatan;"
            f' tidak ada kata sandi.</p><form method="post" action="/authorize">{hidden}{buttons}</form>'
            "</main></body></html>",
            headers=_POLICY,
        )

    async def chosen(self, request: Request) -> Response:
        """`POST /authorize`: the browser goes back with a code."""
        form = await request.form()
        asked = {name: str(form.get(name, "")) for name in _ASKED}
        subject = str(form.get("sub", ""))
        problem = _problem(asked) or ("" if subject in {one.subject for one in OFFICES} else "no such office")
        if problem:
            return Response(problem, 400, _POLICY, "text/plain")
        code = secrets.token_urlsafe(32)
        self._codes[code] = _Code(asked=asked, subject=subject, issued_at=int(time.time()))
        answer = {"code": code, "state": asked["state"], "iss": self.issuer}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(answer)}", 303, _POLICY)

    async def token(self, request: Request) -> Response:
        """`POST /token`: an id_token for a code and its verifier. The client's assertion is not looked at here."""
        form = await request.form()
        given = self._codes.pop(str(form.get("code", "")), None)
        if given is None or not _redeems(given, {name: str(value) for name, value in form.items()}):
            return JSONResponse({"error": "invalid_grant"}, 400, {"Cache-Control": "no-store"})
        claims = {
            "iss": self.issuer,
            "sub": given.subject,
            "aud": CLIENT_ID,
            "iat": int(time.time()),
            "exp": int(time.time()) + ID_TOKEN_LIFE_S,
            "auth_time": given.issued_at,
            "nonce": given.asked["nonce"],
            "acr": ACR,
        }
        header = {"alg": _ALGORITHM, "typ": "JWT", "kid": self._key.kid}
        answer = {
            "access_token": secrets.token_urlsafe(32),
            "token_type": "Bearer",
            "expires_in": ID_TOKEN_LIFE_S,
            "id_token": jwt.encode(header, claims, self._key, algorithms=[_ALGORITHM]),
        }
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})


def _problem(asked: Mapping[str, str]) -> str:
    """Why it is not a request of the hub for a code; empty where it is."""
    if (asked["response_type"], asked["client_id"]) != ("code", CLIENT_ID):
        return "not a request of the hub for a code"
    if "openid" not in asked["scope"].split() or not asked["state"] or not asked["nonce"]:
        return "scope openid, state and nonce are needed"
    if asked["code_challenge_method"] != "S256" or not asked["code_challenge"]:
        return "PKCE by S256 is needed"
    back = urlsplit(asked["redirect_uri"])
    is_ours = back.hostname in _HOSTS and back.path == _CALLBACK and not back.query and not back.fragment
    return "" if back.scheme == "http" and is_ours else "redirect_uri is not the hub's on this machine"


def _redeems(given: _Code, form: Mapping[str, str]) -> bool:
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return (
        form.get("grant_type") == "authorization_code"
        and form.get("redirect_uri") == given.asked["redirect_uri"]
        and hmac.compare_digest(challenge, given.asked["code_challenge"])
        and time.time() < given.issued_at + CODE_LIFE_S
    )


def _listen(kept: Path) -> socket:
    """On the port of the start before, since the issuer's URL is part of who people are; on another where that is taken."""
    port = int(kept.read_text()) if kept.exists() else 0
    try:
        listening = listen(port)
    except (OSError, OverflowError):
        listening = listen()
    kept.write_text(str(port_of(listening)))
    return listening


async def run(directory: Path, population: Population, *, parent: int | None) -> None:
    """Be the login until told to end."""
    del population
    listening = _listen(directory / SSO_PORT)
    issuer = url_of(listening)
    content: dict[str, object] = {
        "agency": "sso", "settings": {"url": issuer, "client_id": CLIENT_ID}, "control": issuer, "pid": os.getpid(),
    }  # fmt: skip
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(serving(Sso(issuer).app(), listening))
        await stack.enter_async_context(settings_file(directory / "sso.json", content))
        await until_told(parent)

"""A people's issuer on a real socket: it gives codes for whatever a browser was sent with, and errs on demand."""

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from auth.issuers import Use
from tests.auth.issuers.foreign import ForeignIssuer, sign

CLIENT_ID = "tppo-hub"
PEOPLE = {
    "name": "SSO Pemerintah",
    "agency": "SATGAS_TPPO",
    "use": Use.PEOPLE,
    "audience": CLIENT_ID,
    "ceiling": frozenset(),
    "scope_map": {},
}


def parameters(url: str) -> dict[str, str]:
    """Of an address's query, each once."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


@dataclass
class PeopleIssuer(ForeignIssuer):
    """Codes, each good once for whoever has the verifier."""

    clock: Any = None
    subject: str = "petugas-1"
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    key: str = "ES256"
    forms: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    token_answer: Response | None = None
    """Instead of the id_token."""

    def __post_init__(self) -> None:
        self.said = {
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
        } | self.said

    def app(self) -> Starlette:
        app = super().app()
        app.routes.append(Route("/token", self._token, methods=["POST"]))
        return app

    def code_for(self, url: str) -> str:
        """What a person who has logged in comes back with, having been sent to that address."""
        code = f"code-{len(self.codes)}"
        self.codes[code] = parameters(url)
        return code

    async def _token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(), strict_parsing=True))
        self.forms.append(form)
        asked = self.codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            asked is None
            or challenge != asked["code_challenge"]
            or form["redirect_uri"] != asked["redirect_uri"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        return self.token_answer or JSONResponse(
            {
                "access_token": "not-looked-at",
                "token_type": "Bearer",
                "id_token": self.id_token(asked["nonce"]),
            }
        )

    def id_token(self, nonce: str) -> str:
        now = int(self.clock().timestamp())
        full = {
            "iss": self.url,
            "sub": self.subject,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "nonce": nonce,
            "acr": "urn:sso:2fa",
        }
        claims = {name: value for name, value in (full | self.claims).items() if value is not None}
        header = {"typ": "JWT", "alg": "ES256", "kid": "ec"} | self.header
        return sign({name: value for name, value in header.items() if value is not None}, claims, self.key)

"""A demo officer's desk: log in at the sandbox's login, consent, and get a token, as a browser and a client would.

Source: RFC 9126 (PAR), RFC 7636 (PKCE), OpenID Connect Core 1.0.
"""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx

from auth import places
from auth.assertion import CLIENT_ASSERTION_TYPE, client_assertion
from hub import clock
from schema.errors import SettingError, SourceUnavailable

_MOST_STEPS: Final = 12
_OK: Final = 200
_HIDDEN: Final = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
_NOTHING: Final[Mapping[str, Any]] = {"people": []}


def knows(people: Path, who: str) -> bool:
    """True if the file names that person, by account or by name."""
    return _named(_read(people), who) is not None


def names(people: Path) -> list[str]:
    """Names of the demo's people."""
    return [one["name"] for one in _read(people)["people"]]


def _read(people: Path) -> Mapping[str, Any]:
    return json.loads(people.read_text()) if people.exists() else _NOTHING


def _named(known: Mapping[str, Any], who: str) -> Mapping[str, Any] | None:
    return next((one for one in known["people"] if who in {one["account_id"], one["name"]}), None)


def fetch(people: Path, who: str, issuer: str, *, scope: str | None, purpose: str | None) -> str:
    """An access token of a demo person from a running hub.

    Args:
        people: file with the demo's people and their client.
        who: account or name of one of them.
        issuer: of the running hub.
        scope: joined by spaces, or None for all.
        purpose: one word, or None where the person has one only.

    Raises:
        SettingError: there is no such person, or the hub refuses.
        SourceUnavailable: the hub or the login does not answer.
    """
    known = _read(people)
    person = _named(known, who)
    if person is None:
        raise SettingError("ACCOUNT", f"{who} is none of {', '.join(names(people))}")
    with httpx.Client(timeout=10, trust_env=False) as http:
        try:
            return _Desk(http, issuer, known["client"]).token(str(person["name"]), scope, purpose)
        except httpx.HTTPError:
            raise SourceUnavailable(
                "hub", f"{issuer} or its login does not answer; is `make demo` running?"
            ) from None


class _Desk:
    def __init__(self, http: httpx.Client, issuer: str, client: Mapping[str, Any]) -> None:
        self._http = http
        self._issuer = issuer
        self._client = client

    def token(self, name: str, scope: str | None, purpose: str | None) -> str:
        verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(32)
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "redirect_uri": self._client["redirect_uri"],
            "state": state,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        asked |= {"scope": scope} if scope else {}
        asked |= {"purpose": purpose} if purpose else {}
        pushed = self._post(places.PAR, asked)
        came_back = self._browse(str(pushed["request_uri"]), name)
        if "error" in came_back:
            raise SettingError("ACCOUNT", f"{came_back['error']}: {came_back.get('error_description', '')}")
        if came_back.get("state") != state or came_back.get("iss") != self._issuer:
            raise SettingError("ACCOUNT", "the hub's answer is to another request")
        redeemed = {
            "grant_type": "authorization_code",
            "code": came_back["code"],
            "redirect_uri": self._client["redirect_uri"],
            "code_verifier": verifier,
        }
        return str(self._post(places.TOKEN, redeemed)["access_token"])

    def _post(self, path: str, form: Mapping[str, str]) -> Mapping[str, Any]:
        """The hub's answer to the client.

        Raises:
            SettingError: it refuses.
        """
        client_id = self._client["client_id"]
        proof = {
            "client_id": client_id,
            "client_assertion_type": CLIENT_ASSERTION_TYPE,
            "client_assertion": client_assertion(
                self._client["private_jwk"], client_id, self._issuer, clock.now()
            ),
        }
        answer = self._http.post(places.url(self._issuer, path), data={**form, **proof})
        told: Mapping[str, Any] = answer.json()
        if not answer.is_success:
            raise SettingError("ACCOUNT", f"{told.get('error')}: {told.get('error_description', '')}")
        return told

    def _browse(self, request_uri: str, name: str) -> dict[str, str]:
        """What the browser comes back to the client with, after the login and the consent.

        Raises:
            SettingError: a page that is neither, or too many of them.
        """
        query = {"client_id": self._client["client_id"], "request_uri": request_uri}
        answer = self._http.get(places.url(self._issuer, places.AUTHORIZE), params=query)
        for _ in range(_MOST_STEPS):
            if answer.is_redirect:
                url = urljoin(str(answer.url), answer.headers["location"])
                if url.startswith(f"{self._client['redirect_uri']}?"):
                    return dict(parse_qsl(urlsplit(url).query))
                answer = self._http.get(url)
            elif answer.status_code == _OK:
                answer = self._filled_in(answer, name)
            else:
                break
        raise SettingError("ACCOUNT", "the login did not come to its end; open the explorer and log in there")

    def _filled_in(self, page: httpx.Response, name: str) -> httpx.Response:
        """The page's form, sent: on the login's page the office is chosen, on the hub's the answer is yes."""
        form = {field: unescape(value) for field, value in _HIDDEN.findall(page.text)}
        is_ours = str(page.url).startswith(self._issuer)
        form |= {"decision": "allow"} if is_ours else {"sub": name}
        url = str(page.url.copy_with(query=None))
        return self._http.post(url, data=form)

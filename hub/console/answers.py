"""The console's answers over HTTP: a page in the officer's language or a redirect, always under one policy.

Source: security.md section 8; RFC 6265bis section 4.1.3.2 (`__Host-`).
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from auth import consent, csrf, logins
from auth.keys import Keys
from auth.login import Login
from auth.logins import Logins
from hub.console.form import Form
from hub.console.showing import LANGUAGES, Frame, rendered
from hub.console.visit import Shown, Visit
from hub.ledger.entry import Kind

HOME: Final = "/console"
POLICY: Final = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
"""The Content-Security-Policy of every page: no script at all, and no form that leads elsewhere."""
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Language, Cookie, Sec-Fetch-Site",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_LABEL: Final = "console"
_LANGUAGE_S: Final = 365 * 24 * 3600
_LONGEST_PATH: Final = 2048


@dataclass(slots=True, kw_only=True)
class Asked:
    """A request, and what was found out about it so far."""

    http: Request
    request_id: str
    lang: str
    coordinates: tuple[str, ...]
    kind: Kind
    form: Form
    visit: Visit | None = None
    login: Login | None = None

    @property
    def here(self) -> str:
        """The address that was asked for, as a path of ours."""
        url = self.http.url
        path = f"{url.path}?{url.query}" if url.query else url.path
        return path if self.http.method in {"GET", "HEAD"} and len(path) < _LONGEST_PATH else HOME


class Answers:
    """Makes answers. One for each process.

    Args:
        source: knows where the login is.
        keys: sign forms; fresh when an answer is made.
    """

    def __init__(self, source: Logins, keys: Keys) -> None:
        self._logins = source
        self._keys = keys
        self._language = "__Host-hub-language" if source.cookies.is_secure else "hub-language"

    def asked(self, http: Request, coordinates: Iterable[str], kind: Kind) -> Asked:
        """The request, of which nothing is known yet but its language."""
        kept = http.cookies.get(self._language, "")
        return Asked(
            http=http,
            request_id=secrets.token_hex(8),
            lang=kept if kept in LANGUAGES else consent.language(http.headers.get("accept-language")),
            coordinates=tuple(coordinates),
            kind=kind,
            form=Form(),
        )

    def is_own(self, asked: Asked) -> bool:
        """True if the form was made for the login that sends it."""
        if asked.login is None:
            return False
        bound = (str(asked.login.login_id),)
        return csrf.holds(self._keys.known.values(), _LABEL, bound, asked.form.text("csrf"))

    def page(self, asked: Asked, shown: Shown, status: int | None = None) -> Response:
        """The page, with the status that it has or is given."""
        login, token = asked.login, ""
        if login is not None:
            token = csrf.token(self._keys.signing(), _LABEL, (str(login.login_id),))
        frame = Frame(
            lang=asked.lang,
            visit=asked.visit,
            csrf=token,
            here=asked.http.url.path,
            switch=urlencode({"return_to": asked.here}) if asked.http.method == "GET" else None,
        )
        headers = {**HEADERS, "Content-Language": asked.lang}
        return HTMLResponse(rendered(frame, shown), status or shown.status, headers)

    def problem(self, asked: Asked, word: str, status: int) -> Response:
        """The page of what stopped the request.

        Args:
            asked: the request.
            word: of the catalogue, with a heading and a text.
            status: of the answer.
        """
        values = {
            "word": word,
            "request_id": asked.request_id,
            "login_url": self._logins.login_url(asked.here) if word == "ended" else None,
        }
        return self.page(asked, Shown(template="problem", values=values), status)

    def to_login(self, asked: Asked) -> Response:
        """The way to the login and back to the page."""
        return to(self._logins.login_url(asked.here))

    def in_language(self, http: Request) -> Response:
        """Back to the page, which is in that language from now on."""
        lang, back = http.path_params["lang"], http.query_params.get("return_to", HOME)
        is_ours = logins.is_own_path(back) and (back == HOME or back.startswith((f"{HOME}/", f"{HOME}?")))
        response = to(back if is_ours else HOME)
        if lang in LANGUAGES:
            response.set_cookie(
                self._language,
                lang,
                max_age=_LANGUAGE_S,
                secure=self._logins.cookies.is_secure,
                httponly=True,
                samesite="lax",
            )
        return response


def to(url: str) -> Response:
    """The browser goes on there."""
    return RedirectResponse(url, 303, HEADERS)

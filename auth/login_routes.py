"""The login over HTTP; `hub.app` mounts it."""

import re
from collections import Counter
from datetime import timedelta
from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from auth import logins
from auth.issuers import TrustedIssuer
from auth.login_pages import HEADERS, page
from auth.logins import Logins
from auth.relying_party import LoginRefused, NotRegistered, RelyingParty, Returned

_MOST_PARAMETERS: Final = 20
_SECONDS: Final = re.compile(r"\d{1,9}", re.ASCII)
_OWN_SITES: Final = frozenset({"same-origin", "none"})
_log = structlog.get_logger()


def login_routes(party: RelyingParty, source: Logins) -> list[BaseRoute]:
    """The login, its callback, where it ends in a tab of its own, and the end of it.

    Args:
        party: begins logins and ends them.
        source: knows where the login is, and its cookies.
    """
    pages = _Pages(party, source)
    return [
        Route(logins.LOGIN, pages.login, methods=["GET"]),
        Route(logins.CALLBACK, pages.callback, methods=["GET"]),
        Route(logins.DONE, pages.done, methods=["GET"]),
        Route(logins.LOGOUT, pages.logout, methods=["POST"]),
    ]


class _Pages:
    def __init__(self, party: RelyingParty, source: Logins) -> None:
        self._party = party
        self._logins = source
        self._cookies = source.cookies

    async def login(self, http: Request) -> Response:
        """The issuers to choose from; where there is one only, the way to it."""
        asked = _once(http)
        return_to = asked.get("return_to", "/")
        try:
            max_age = _max_age(asked.get("max_age"))
        except ValueError:
            return _page(http, "malformed", status=400)
        if not logins.is_own_path(return_to):
            return _page(http, "malformed", status=400)
        found = await self._party.issuers()
        if not found:
            return _page(http, "nobody", status=503)
        chosen = [one for one in found if str(one.trust_id) == asked.get("issuer")]
        if len(found) > 1 and not chosen:
            here = self._logins.login_url(
                return_to, max_age=None if max_age is None else int(max_age.total_seconds())
            )
            choices = [(one.proposal.name, f"{here}&issuer={one.trust_id}") for one in found]
            return _page(http, "choose", choices=choices)
        return await self._begin(http, (chosen or found)[0], return_to, max_age)

    async def _begin(
        self, http: Request, issuer: TrustedIssuer, return_to: str, max_age: timedelta | None
    ) -> Response:
        browser = self._cookies.read(http, self._cookies.browser)
        try:
            begun = await self._party.begin(issuer, return_to=return_to, max_age=max_age, browser=browser)
        except LoginRefused as refused:
            return self._refused(http, refused)
        response = _redirect(begun.url)
        self._set(response, self._cookies.browser, begun.browser, max_age=logins.ATTEMPT)
        return response

    async def callback(self, http: Request) -> Response:
        """The person comes back, and is logged in with a new value of the cookie; every try spends the attempt."""
        returned = Returned(
            parameters=_once(http),
            browser=self._cookies.read(http, self._cookies.browser),
            login=self._cookies.read(http, self._cookies.login),
        )
        try:
            done = await self._party.finish(returned)
        except LoginRefused as refused:
            return self._refused(http, refused)
        response = _redirect(done.return_to)
        self._set(response, self._cookies.login, done.login)
        return response

    async def done(self, http: Request) -> Response:
        """To be closed: the person has logged in for a page that waits in another tab."""
        if await self._logins.current(http) is None:
            return _page(http, "again", status=400, link=self._logins.login_url(logins.DONE))
        return _page(http, "in")

    async def logout(self, http: Request) -> Response:
        """The login has ended; a request that another site sent ends nothing."""
        if http.headers.get("sec-fetch-site", "none") not in _OWN_SITES:
            return _page(http, "malformed", status=403)
        value = self._cookies.read(http, self._cookies.login)
        if value is not None:
            await self._party.close(value)
        response = _page(http, "out")
        for name in (self._cookies.login, self._cookies.browser):
            response.delete_cookie(name, secure=self._cookies.is_secure, httponly=True, samesite="lax")
        return response

    def _set(self, response: Response, name: str, value: str, *, max_age: timedelta | None = None) -> None:
        response.set_cookie(
            name,
            value,
            max_age=None if max_age is None else int(max_age.total_seconds()),
            path="/",
            secure=self._cookies.is_secure,
            httponly=True,
            samesite="lax",
        )

    def _refused(self, http: Request, refused: LoginRefused) -> Response:
        _log.info("login.refused", code=refused.code)
        if isinstance(refused, NotRegistered):
            return _page(http, "unregistered", status=403)
        again = self._logins.login_url(refused.return_to or "/")
        if refused.code == "unavailable":
            return _page(http, "unavailable", status=503, link=again)
        return _page(http, "again", status=400, link=again)


def _once(http: Request) -> dict[str, str]:
    """The query's parameters; one that stands twice is none."""
    pairs = http.query_params.multi_items()[:_MOST_PARAMETERS]
    times = Counter(name for name, _ in pairs)
    return {name: value for name, value in pairs if times[name] == 1}


def _max_age(text: str | None) -> timedelta | None:
    """As asked.

    Raises:
        ValueError: it is no number of seconds.
    """
    if text is None:
        return None
    if not _SECONDS.fullmatch(text):
        raise ValueError(text)
    return timedelta(seconds=int(text))


def _page(
    http: Request,
    name: str,
    *,
    status: int = 200,
    link: str = "",
    choices: list[tuple[str, str]] | None = None,
) -> Response:
    accepted = http.headers.get("accept-language", "")
    return page(name, accepted, status=status, link=link, choices=choices or ())


def _redirect(url: str) -> Response:
    return RedirectResponse(url, 303, HEADERS)

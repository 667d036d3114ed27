"""The authorization endpoint: a browser comes with a pushed request, a person logs in and decides, the browser goes back.

It takes `client_id` and `request_uri` and nothing else (FAPI 2.0); until the request is known there is no place to send
an error to, so that is a page. All redirects are 303, and all carry `iss` (RFC 9207).
"""

# pyright: reportUnknownMemberType=false
# Authlib has no types of its own, and those that the checker brings for it are partial.

from collections import Counter
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AccessDeniedError
from starlette.requests import Request
from starlette.responses import Response

from auth import accounts, authorization_code, consent, csrf, holdings, oauth_request, places, pushed
from auth.access_token import LEEWAY
from auth.accounts import Account
from auth.clients import Client
from auth.granted import Granted, granted
from auth.login import Login, LoginSource
from auth.pushed import Opened, Pushed
from auth.server import Server
from auth.throttle import too_many

_ALLOW: Final = "allow"
_PARAMETERS: Final = {"client_id", "request_uri"}
_LABEL: Final = "consent"


class UnmetLoginError(OAuth2Error):
    """The person has logged in, and not as strongly as the client needs (RFC 9470 section 5)."""

    error = "unmet_authentication_requirements"


class Authorization:
    """Serves one endpoint. One for each process.

    Args:
        server: that issues.
        logins: where logins stand.
    """

    def __init__(self, server: Server, logins: LoginSource) -> None:
        self._server = server
        self._logins = logins
        is_secure = urlsplit(server.issuer).scheme == "https"
        self._is_secure = is_secure
        self._cookie = "__Host-hub-authorize" if is_secure else "hub-authorize"

    async def show(self, http: Request) -> Response:
        """The answer to a browser that a client has sent: the login, the question, or back with an error."""
        lang = consent.language(http.headers.get("accept-language"))
        query = _query(http) if http.method == "GET" else {}  # nothing is opened by a look at the headers
        if query.keys() != _PARAMETERS:
            return consent.stopped("form", lang)
        return await self._attended(http, query, lang, None)

    async def decide(self, http: Request) -> Response:
        """The answer to the person's decision: back with a code, or with `access_denied`."""
        lang = consent.language(http.headers.get("accept-language"))
        if http.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return consent.stopped("forged", lang, 403)
        try:
            form = (await oauth_request.read(http, places.url(self._server.issuer, places.AUTHORIZE))).form
        except OAuth2Error as error:
            return consent.stopped("form", lang, 413 if error.status_code == 413 else 400)  # noqa: PLR2004 - HTTP's
        if not form.keys() >= _PARAMETERS:
            return consent.stopped("form", lang)
        wait_s = self._server.throttle.client_wait_s(places.AUTHORIZE, form["client_id"])
        if wait_s:
            return too_many(http, places.AUTHORIZE, wait_s)
        response = await self._attended(http, form, lang, form)
        if response.status_code == 303:  # noqa: PLR2004 - HTTP's
            http.state.proven = form["client_id"]
        return response

    async def _attended(
        self, http: Request, named: dict[str, str], lang: str, decision: dict[str, str] | None
    ) -> Response:
        await self._server.keys.fresh()
        login = await self._logins.current(http)
        browser = http.cookies.get(self._cookie)

        def body() -> Response:
            return self._answer(named, browser, login, lang, decision)

        return await self._server.run(body)

    def _answer(
        self,
        named: dict[str, str],
        browser: str | None,
        login: Login | None,
        lang: str,
        decision: dict[str, str] | None,
    ) -> Response:
        server = self._server
        client = server.query_client(named["client_id"])
        opened = client and pushed.opened(
            server.connection(), named["request_uri"], client.client_id, browser, server.clock()
        )
        if client is None or opened is None:
            return consent.stopped("over", lang)
        if login is not None and _is_fresh(login, opened):
            response = self._asked(client.registered, opened, login, lang, decision)
        elif decision is None:
            response = self._to_login(opened)
        else:
            # Not to the login: it may lead on to the issuer's page, and a form of ours may not (form-action).
            response = consent.stopped("over", lang)
        self._set_cookie(response, opened)
        return response

    def _asked(
        self, client: Client, opened: Opened, login: Login, lang: str, decision: dict[str, str] | None
    ) -> Response:
        server = self._server
        try:
            account = self._person(client, login)
            if opened.pushed.acr_values and login.acr not in opened.pushed.acr_values:
                raise UnmetLoginError("The login is not of a level that was asked for.")
            allowed = self._allowed(client, opened.pushed, account)
        except OAuth2Error as error:
            return self._back_with(error, opened)
        if decision is None:
            asked = consent.Asked(
                client=client,
                agency=account.agency,
                allowed=allowed,
                redirect_uri=opened.pushed.redirect_uri,
                request_uri=opened.request_uri,
                csrf=csrf.token(server.keys.signing(), _LABEL, _bound(opened, login)),
            )
            return consent.page(asked, lang)
        if not self._is_own(decision.get("csrf", ""), opened, login):
            return consent.stopped("forged", lang, 403)
        if decision.get("decision") != _ALLOW:
            return self._back_with(AccessDeniedError("The person has refused."), opened)
        code = authorization_code.issue(server.connection(), opened.pushed, login, allowed, server.clock())
        return self._back(opened, [("code", code)])

    def _person(self, client: Client, login: Login) -> Account:
        """The account of the login.

        Raises:
            AccessDeniedError: it is gone, suspended, or of another agency than the client.
        """
        account = accounts.load(self._server.connection(), login.account_id)
        if account is None or account.suspended_at is not None:
            raise AccessDeniedError("This person has no account that may act here.")
        if client.agency is not None and client.agency != account.agency:
            raise AccessDeniedError("This client is of another agency than the person.")
        return account

    def _allowed(self, client: Client, asked: Pushed, account: Account) -> Granted:
        """What of the request is within the person's grants now.

        Raises:
            AccessDeniedError: an emergency of the person was not reviewed in time.
            InvalidRequestError: the purpose is needed.
            InvalidScopeError: a scope or the purpose exceeds what the person holds.
        """
        server = self._server
        found = holdings.standing(server.connection(), client.client_id, account.account_id, server.clock())
        if found.is_suspended:
            raise AccessDeniedError("An emergency of this person was not reviewed in time.")
        return granted(found, asked.scope, asked.purpose, is_person=True)

    def _is_own(self, sent: str, opened: Opened, login: Login) -> bool:
        return csrf.holds(self._server.keys.known.values(), _LABEL, _bound(opened, login), sent)

    def _to_login(self, opened: Opened) -> Response:
        query = urlencode({"client_id": opened.pushed.client_id, "request_uri": opened.request_uri})
        max_age = opened.pushed.max_age
        if opened.pushed.acr_values:
            max_age = 0
        return _see_other(self._logins.login_url(f"{places.AUTHORIZE}?{query}", max_age=max_age))

    def _back_with(self, error: OAuth2Error, opened: Opened) -> Response:
        told = [("error", str(error.error)), ("error_description", str(error.description))]
        return self._back(opened, told)

    def _back(self, opened: Opened, parameters: list[tuple[str, str]]) -> Response:
        """The browser goes back to the client, and the request is over."""
        pushed.close(self._server.connection(), opened)
        if opened.pushed.state is not None:
            parameters = [*parameters, ("state", opened.pushed.state)]
        parameters = [*parameters, ("iss", self._server.issuer)]
        return _see_other(str(add_params_to_uri(opened.pushed.redirect_uri, parameters)))

    def _set_cookie(self, response: Response, opened: Opened) -> None:
        # Lax, since the browser comes from the client's pages and back from the login's.
        response.set_cookie(
            self._cookie,
            opened.browser,
            max_age=int(pushed.LOGIN_WITHIN.total_seconds()),
            path="/",
            secure=self._is_secure,
            httponly=True,
            samesite="lax",
        )


def _query(http: Request) -> dict[str, str]:
    """The parameters of the URL; nothing where one stands twice or is malformed."""
    try:
        pairs = parse_qsl(
            http.scope["query_string"].decode("latin-1"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=len(_PARAMETERS),
        )
    except ValueError:
        return {}
    return {} if any(count > 1 for count in Counter(name for name, _ in pairs).values()) else dict(pairs)


def _is_fresh(login: Login, opened: Opened) -> bool:
    """True if the login is as young as the client needs, counted to the moment when the browser came.

    So one that was made since then always is, and nobody logs in for ever. A login that is not of a level that was asked
    for is not fresh unless it was made for this request; then the client is told.
    """
    asked = opened.pushed
    is_new = login.authenticated_at >= opened.opened_at - LEEWAY
    is_strong = not asked.acr_values or login.acr in asked.acr_values
    is_young = (
        asked.max_age is None or login.authenticated_at + timedelta(seconds=asked.max_age) >= opened.opened_at
    )
    return is_new or (is_strong and is_young)


def _bound(opened: Opened, login: Login) -> list[str]:
    """What the form is bound to: the browser, the request and the login."""
    return [opened.browser, opened.request_uri, login.account_id, login.authenticated_at.isoformat()]


def _see_other(url: str) -> Response:
    headers = {"Location": url, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return Response(status_code=303, headers=headers)

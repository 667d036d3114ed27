"""What a page of the hub's own has of a login: who it is, and tokens for it, each bound to a key of the page.

The login's cookie opens no data. It gives a token for the client `hub-explorer` and one purpose, bound to a key that the
page has made and that cannot leave the browser; the token is short, ends with the login, and is then used as any other.

Source: OAuth 2.0 for Browser-Based Applications (token-mediating backend), RFC 9449, Fetch Metadata; ADR-0036.
"""

# pyright: reportUnknownMemberType=false
# Authlib has no types of its own, and those that the checker brings for it are partial.

from collections.abc import Sequence
from typing import Any, Final

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AccessDeniedError, InvalidRequestError, InvalidScopeError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from auth import accounts, clients, holdings, issuing, logins, oauth_request, places, scopes
from auth.adapter import FormRequest
from auth.clients import Client
from auth.confirmation import Confirmation
from auth.granted import granted
from auth.holdings import Standing
from auth.issuing import InvalidProofError
from auth.login import Login
from auth.logins import Logins
from auth.server import Server
from auth.throttle import too_many
from schema.codes import code_list

_PARAMETERS: Final = frozenset({"account_id", "purpose", "scope"})
_SAME_ORIGIN: Final = "same-origin"


class LoginRequiredError(OAuth2Error):
    """Nobody has logged in, or the login has ended (OpenID Connect Core 1.0 section 3.1.2.6)."""

    error = "login_required"
    status_code = 403
    """Not 401: that asks for credentials in a header, and a cookie is none."""


def session_routes(server: Server, source: Logins) -> list[BaseRoute]:
    """Who has logged in, and tokens for them; for pages of the issuer's own origin.

    Args:
        server: that issues.
        source: knows the login's cookie.
    """
    session = _Session(server, source)
    return [
        Route(places.SESSION, session.show, methods=["GET"]),
        Route(places.SESSION_TOKEN, session.issue, methods=["POST"]),
    ]


class _Session:
    def __init__(self, server: Server, source: Logins) -> None:
        self._server = server
        self._cookies = source.cookies

    async def show(self, http: Request) -> Response:
        """Who has logged in, for what they may ask, and where; `person` is null where nobody has."""
        server = self._server
        await server.keys.fresh()
        if not _is_own_page(http):
            return self._refused(
                None, InvalidRequestError("Only a page of this host may ask.", status_code=403)
            )
        cookie = self._cookies.read(http, self._cookies.login)
        return await server.run(lambda: self._shown(cookie))

    async def issue(self, http: Request) -> Response:
        """A token for the person and one purpose, bound to the key of the proof; or the error of its RFC."""
        server = self._server
        await server.keys.fresh()
        if not _is_own_page(http):
            return self._refused(
                None, InvalidRequestError("Only a page of this host may ask.", status_code=403)
            )
        try:
            request = await oauth_request.read(http, places.url(server.issuer, places.SESSION_TOKEN))
        except OAuth2Error as error:
            return self._refused(None, error)
        person = request.form.get("account_id")
        wait_s = server.throttle.client_wait_s(places.SESSION_TOKEN, person)
        if wait_s:
            return _own(too_many(http, places.SESSION_TOKEN, wait_s))
        asking = server.read_proof(request)
        if asking is not None:
            return _own(asking)
        cookie = self._cookies.read(http, self._cookies.login)

        def answer() -> Response:
            try:
                told = self._issued(request, self._login(cookie))
            except OAuth2Error as error:
                return self._refused(request, error)
            return _own(server.handle_response(200, told, []))

        response = await server.run(answer)
        if response.status_code == 200:  # noqa: PLR2004 - HTTP's
            http.state.proven = person
        return response

    def _login(self, cookie: str | None) -> Login:
        """The login of that cookie.

        Raises:
            LoginRequiredError: there is none.
        """
        server = self._server
        found = None if cookie is None else logins.current(server.connection(), cookie, server.clock())
        if found is None:
            raise LoginRequiredError("Log in, or log in again.")
        return found

    def _issued(self, request: FormRequest, login: Login) -> dict[str, Any]:
        """The answer with a token, as at the token endpoint.

        The page says for whom it asks, so that no question of one person is asked by whoever has logged in since.

        Raises:
            AccessDeniedError: the client is suspended, or an emergency of the person was not reviewed in time.
            InvalidProofError: there is no proof, or it is not one for this request, or was used before.
            InvalidRequestError: a parameter is unknown, or the purpose is missing or not of the list.
            InvalidScopeError: a scope or the purpose exceeds what the person holds.
            LoginRequiredError: another person has logged in than the one for whom the page asks.
        """
        server = self._server
        jkt = issuing.proven_key(request, server)
        if jkt is None:
            raise InvalidProofError("Send a DPoP proof: the token is bound to its key.")
        if not request.form.keys() <= _PARAMETERS:
            raise InvalidRequestError("Send account_id, purpose, and scope where less than all is wanted.")
        if request.form.get("account_id") != login.account_id:
            raise LoginRequiredError("The person for whom the page asks is not the one who has logged in.")
        found = self._standing(login)
        if found.is_suspended:
            raise AccessDeniedError(
                "An emergency of this person was not reviewed in time, or the explorer is closed.",
                status_code=403,
            )
        return issuing.answer(
            server,
            self._client(),
            login.account_id,
            login.agency,
            granted(found, request.form.get("scope"), request.form.get("purpose"), is_person=True),
            bound=Confirmation(jkt=jkt),
            login=login,
        )

    def _client(self) -> Client:
        """The client of the page.

        Raises:
            LookupError: it was not registered when the process started.
        """
        found = clients.load(self._server.connection(), clients.EXPLORER)
        if found is None:
            raise LookupError(clients.EXPLORER)
        return found

    def _standing(self, login: Login) -> Standing:
        server = self._server
        return holdings.standing(server.connection(), clients.EXPLORER, login.account_id, server.clock())

    def _shown(self, cookie: str | None) -> Response:
        server = self._server
        try:
            person = self._person(self._login(cookie))
        except LoginRequiredError:
            person = None
        told = {
            "login_uri": places.url(server.issuer, logins.LOGIN),
            "token_endpoint": places.url(server.issuer, places.SESSION_TOKEN),
            "resource": server.audience,
            "person": person,
        }
        return _own(server.handle_response(200, told, []))

    def _person(self, login: Login) -> dict[str, Any]:
        account = accounts.load(self._server.connection(), login.account_id)
        agency = code_list("agency").get(login.agency)
        return {
            "account_id": login.account_id,
            "title": "" if account is None else account.title,
            "agency": login.agency,
            "agency_name": {
                "id": login.agency if agency is None else agency.label_id,
                "en": login.agency if agency is None else agency.label_en,
            },
            "authenticated_at": login.authenticated_at.isoformat(),
            "expires_at": login.expires_at.isoformat(),
            "purposes": _purposes(self._standing(login)),
        }

    def _refused(self, request: FormRequest | None, error: OAuth2Error) -> Response:
        return _own(self._server.handle_error_response(request, error))


def _is_own_page(http: Request) -> bool:
    """True for a request that a page of this very origin sent, as the browser itself says.

    A browser that does not say it is too old to be trusted with a login; no other site's page and no address that a person
    opens gets in.
    """
    sent: Sequence[str] = http.headers.getlist("sec-fetch-site")
    return sent == [_SAME_ORIGIN]


def _purposes(standing: Standing) -> list[dict[str, Any]]:
    """Those that a token can be had for now, in the order of their declaration, with what each opens."""
    if standing.is_suspended:
        return []
    found: list[dict[str, Any]] = []
    for word, purpose in scopes.purposes().items():
        try:
            opened = granted(standing, None, word, is_person=True).scopes
        except InvalidScopeError:
            continue
        found.append(
            {"word": word, "name": {"id": purpose.name_id, "en": purpose.name_en}, "scopes": sorted(opened)}
        )
    return found


def _own(response: Response) -> Response:
    """The answer, of which no page of another site can load anything."""
    response.headers["Cross-Origin-Resource-Policy"] = _SAME_ORIGIN
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Vary"] = "Cookie, Sec-Fetch-Site"
    return response

"""The endpoints over HTTP; `hub.app` mounts them."""

from collections.abc import Awaitable, Callable

from authlib.oauth2 import OAuth2Error
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from auth import oauth_request, places
from auth.adapter import FormRequest, OAuthClient
from auth.authorization import Authorization
from auth.login import LoginSource
from auth.server import Server
from auth.throttle import claimed, too_many

_PUBLIC = {"Cache-Control": "public, max-age=300"}
_PROVEN = {places.TOKEN, places.PAR}
"""Where a proof of the client's key binds what is issued."""

Handler = Callable[[Request], Awaitable[Response]]


def routes(server: Server) -> list[BaseRoute]:
    """The endpoints of the server, at the paths of the metadata."""
    return [*_of_systems(server), *(() if server.logins is None else _of_people(server, server.logins))]


def _of_people(server: Server, logins: LoginSource) -> list[BaseRoute]:
    authorization = Authorization(server, logins)
    return [
        Route(places.PAR, _form(server, places.PAR, server.pushed_response), methods=["POST"]),
        Route(places.AUTHORIZE, authorization.show, methods=["GET"]),
        Route(places.AUTHORIZE, authorization.decide, methods=["POST"]),
    ]


def _of_systems(server: Server) -> list[BaseRoute]:
    return [
        Route(places.TOKEN, _form(server, places.TOKEN, server.token_response), methods=["POST"]),
        Route(
            places.INTROSPECT,
            _form(server, places.INTROSPECT, server.introspection_response),
            methods=["POST"],
        ),
        Route(places.REVOKE, _form(server, places.REVOKE, server.revocation_response), methods=["POST"]),
        Route(places.JWKS, _jwks(server), methods=["GET"]),
        Route(places.well_known_path(server.issuer), _metadata(server), methods=["GET"]),
    ]


def _form(server: Server, path: str, endpoint: Callable[[FormRequest], Response]) -> Handler:
    async def handle(http: Request) -> Response:
        await server.keys.fresh()
        try:
            request = await oauth_request.read(http, places.url(server.issuer, path), server.certificates)
        except OAuth2Error as error:
            return server.handle_error_response(None, error)
        wait_s = server.throttle.client_wait_s(path, claimed(request.form))
        if wait_s:
            return too_many(http, path, wait_s)
        if path in _PROVEN and (asking := server.read_proof(request)) is not None:
            return asking
        response = await server.in_transaction(endpoint, request)
        if isinstance(request.client, OAuthClient):
            http.state.proven = request.client.client_id
        return response

    return handle


def _jwks(server: Server) -> Handler:
    async def handle(_: Request) -> Response:
        await server.keys.fresh()
        return JSONResponse(server.keys.document(), headers=_PUBLIC)

    return handle


def _metadata(server: Server) -> Handler:
    async def handle(_: Request) -> Response:
        return JSONResponse(server.metadata, headers=_PUBLIC)

    return handle

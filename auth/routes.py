"""The endpoints over HTTP; `hub.app` mounts them."""

from collections.abc import Awaitable, Callable

from authlib.oauth2 import OAuth2Error
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from auth import metadata, oauth_request
from auth.adapter import FormRequest
from auth.server import Server

_PUBLIC = {"Cache-Control": "public, max-age=300"}

Handler = Callable[[Request], Awaitable[Response]]


def routes(server: Server) -> list[BaseRoute]:
    """The endpoints of the server, at the paths of the metadata."""
    return [
        Route(metadata.TOKEN, _form(server, metadata.TOKEN, server.token_response), methods=["POST"]),
        Route(
            metadata.INTROSPECT,
            _form(server, metadata.INTROSPECT, server.introspection_response),
            methods=["POST"],
        ),
        Route(metadata.REVOKE, _form(server, metadata.REVOKE, server.revocation_response), methods=["POST"]),
        Route(metadata.JWKS, _jwks(server), methods=["GET"]),
        Route(metadata.well_known_path(server.issuer), _metadata(server), methods=["GET"]),
    ]


def _form(server: Server, path: str, endpoint: Callable[[FormRequest], Response]) -> Handler:
    uri = metadata.url(server.issuer, path)

    async def handle(http: Request) -> Response:
        try:
            request = await oauth_request.read(http, uri)
        except OAuth2Error as error:
            return server.handle_error_response(None, error)
        response = await server.in_transaction(endpoint, request)
        if path == metadata.REVOKE:
            server.revocations.expire()
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

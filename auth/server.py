"""The OAuth2 server: Authlib's synchronous grants on our asynchronous engine.

All that is awaited is read first; then the whole grant runs inside SQLAlchemy's bridge: no threads, one transaction for
each request. A refusal is an ordinary answer, so its transaction commits and a used assertion stays used.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportIncompatibleMethodOverride=false
# Authlib has no types of its own, and those that the checker brings for it are partial.

import logging
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Final, cast

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidClientError
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import JSONResponse, Response

from auth import clients, dpop, dpop_nonce, issuing, jwt_bearer, metadata, pushed
from auth.adapter import FormRequest, OAuthClient
from auth.authorization_code import AuthorizationCode, S256Only
from auth.client_authentication import METHOD, PrivateKeyJwt
from auth.client_certificate import ClientCertificates
from auth.client_credentials import ClientCredentials
from auth.dpop_nonce import Nonces
from auth.keys import Keys
from auth.login import LoginSource
from auth.revocations import Revocations
from auth.throttle import Throttle
from auth.token_endpoints import Introspection, Revocation

_OF_ITS_OWN: Final = {
    "unsupported_grant_type": "grant_type is not one that the metadata name.",
    "unsupported_response_type": "response_type must be code.",
}
"""In place of Authlib's sentences, which repeat what was sent."""
_current: ContextVar[Connection] = ContextVar("current")


class Server(AuthorizationServer):
    """One for each process; `auth.routes` serves it. A further grant or endpoint is registered, nothing replaced."""

    def __init__(
        self,
        *,
        engine: AsyncEngine,
        issuer: str,
        audience: str,
        keys: Keys,
        revocations: Revocations,
        clock: Callable[[], datetime],
        certificates: ClientCertificates | None = None,
        bearer_demo: bool = False,
        logins: LoginSource | None = None,
        throttle: Throttle | None = None,
    ) -> None:
        """The parts that it is made of.

        Args:
            engine: of the service's role.
            issuer: URL without query.
            audience: `aud` of the tokens.
            keys: that sign.
            revocations: of this process.
            clock: aware UTC.
            certificates: how a proxy hands over clients' certificates; None where tokens are bound to none.
            bearer_demo: True only in the demo: clients marked so get tokens that are bound to nothing.
            logins: where people's logins stand; None where only systems get tokens.
            throttle: how often clients may ask; None for as often as they like.
        """
        super().__init__()
        # Authlib writes whole tokens at DEBUG, whatever the root logger's level is.
        logging.getLogger("authlib").setLevel(logging.INFO)  # noqa: TID251 - a library's logger, not ours
        self.engine = engine
        self.issuer = issuer
        self.audience = audience
        self.keys = keys
        self.revocations = revocations
        self.clock = clock
        self.certificates = certificates
        self.bearer_demo = bearer_demo
        self.logins = logins
        self.throttle = throttle or Throttle(per_client=0, failures=0, clock=clock)
        self.nonces = Nonces(keys, clock)
        self.metadata = metadata.document(
            issuer, people=logins is not None, mtls_host=certificates and certificates.host
        )
        authentication = PrivateKeyJwt(issuer=issuer, clock=clock, connection=self.connection)
        self.register_client_auth_method(METHOD, authentication)
        self.register_grant(ClientCredentials)
        if logins is not None:
            self.register_grant(AuthorizationCode, [S256Only()])
        self.foreign = jwt_bearer.register(self)
        self.register_endpoint(Introspection)
        self.register_endpoint(Revocation)

    async def in_transaction(
        self, endpoint: Callable[[FormRequest], Response], request: FormRequest
    ) -> Response:
        """The endpoint's answer; what it wrote is committed before the answer is returned."""
        await self.keys.fresh()
        await self.foreign.fetch(request)
        response = await self.run(lambda: endpoint(request))
        if request.has_withdrawn:
            self.revocations.expire()
        return response

    async def run(self, answer: Callable[[], Response]) -> Response:
        """What it answers; inside it `connection` is that of one transaction, which is committed before this returns."""

        def body(connection: Connection) -> Response:
            reset = _current.set(connection)
            try:
                return answer()
            finally:
                _current.reset(reset)

        async with self.engine.begin() as connection:
            return await connection.run_sync(body)

    def read_proof(self, request: FormRequest) -> Response | None:
        """The answer to a request whose proof lacks only the nonce; None where it goes on, its proof looked at.

        The nonce is asked for before anything is spent, so that the client may repeat its request as it was but for the
        proof. Every other fault is told only to a client that has authenticated. Await `keys.fresh` first.
        """
        if not request.proofs:
            return None
        try:
            request.proof = dpop.check(
                request.proofs,
                method=request.method,
                uri=request.place,
                now=self.clock(),
                is_our_nonce=self.nonces.accepts,
            )
        except dpop.NonceNeeded as refused:
            return self.handle_error_response(request, issuing.UseNonceError(str(refused)))
        except dpop.ProofRefused as refused:
            request.proof_fault = issuing.InvalidProofError(str(refused))
        return None

    def connection(self) -> Connection:
        """The connection of the request's transaction; only inside `in_transaction`."""
        return _current.get()

    def query_client(self, client_id: str) -> OAuthClient | None:
        """The client, or None where it is unknown or suspended."""
        client = clients.load(self.connection(), client_id)
        if client is None or (client.suspended_at is not None and client.suspended_at <= self.clock()):
            return None
        return OAuthClient(client)

    def token_response(self, request: FormRequest) -> Response:
        """The token endpoint's answer (RFC 6749 section 5)."""
        return cast("Response", self.create_token_response(request))

    def introspection_response(self, request: FormRequest) -> Response:
        """The introspection endpoint's answer (RFC 7662)."""
        return cast("Response", self.create_endpoint_response("introspection", request))

    def revocation_response(self, request: FormRequest) -> Response:
        """The revocation endpoint's answer (RFC 7009)."""
        return cast("Response", self.create_endpoint_response("revocation", request))

    def pushed_response(self, request: FormRequest) -> Response:
        """The answer of the endpoint for pushed authorization requests (RFC 9126 section 2.2)."""
        try:
            request.client = self.authenticate_client(request, [METHOD])
            proven = issuing.proven_key(request, self)
            asked = pushed.checked(request.form, request.registered, self.audience, proven)
        except OAuth2Error as error:
            return self.handle_error_response(request, error)
        request_uri = pushed.keep(self.connection(), asked, self.clock())
        expires_in = int(pushed.LIFE.total_seconds())
        return self.handle_response(201, {"request_uri": request_uri, "expires_in": expires_in}, [])

    def save_token(self, token: Mapping[str, Any], request: FormRequest) -> None:
        """Keeps nothing: a token is its own proof, and only a withdrawn one is written down."""

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: FormRequest) -> FormRequest:
        """The request itself, which was read before the bridge."""
        return request

    def handle_response(
        self, status: int, body: Mapping[str, Any], headers: Sequence[tuple[str, str]]
    ) -> Response:
        """The answer, never to be stored; a redirect is 303, so that no browser repeats a POST (FAPI 2.0)."""
        redirect = 303
        response = JSONResponse(dict(body), redirect if status in {302, 307} else status)
        for name, value in headers:
            response.headers[name] = value
        response.headers["Cache-Control"] = "no-store"
        response.headers[dpop_nonce.HEADER] = self.nonces.current()
        return response

    def handle_error_response(self, request: FormRequest | None, error: OAuth2Error) -> Response:
        """The error of RFC 6749 section 5.2: 401 where the client is not authenticated, else what Authlib says.

        Only a client that tried the Authorization header is sent a challenge there.
        """
        status, body, headers = error()
        if error.error in _OF_ITS_OWN:
            body = body | {"error_description": _OF_ITS_OWN[error.error]}
        if isinstance(error, InvalidClientError):
            status = 401
            if request is not None and request.authorization_scheme:
                scheme = "Basic" if request.authorization_scheme.lower() == "basic" else "Bearer"
                headers = [*headers, ("WWW-Authenticate", f'{scheme} realm="hub"')]
        return self.handle_response(status, body, headers)

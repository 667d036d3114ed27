"""Our request, client and server as Authlib's grants and endpoints see them."""

# pyright: reportUnknownMemberType=false, reportIncompatibleMethodOverride=false
# Authlib has no types of its own, and those that the checker brings for it are partial.

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import ClientMixin, OAuth2Request
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from sqlalchemy import Connection

from auth.clients import Client
from auth.dpop import Proof
from auth.granted import NOTHING
from auth.keys import Keys


class OAuthClient(ClientMixin):
    """A registered client as Authlib asks about it."""

    def __init__(self, client: Client) -> None:
        self.registered = client
        self.client_id = client.client_id

    def get_client_id(self) -> str:
        """The client's id."""
        return self.client_id

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """True for the methods that FAPI 2.0 allows, at every endpoint."""
        del endpoint
        return method == "private_key_jwt"

    def check_grant_type(self, grant_type: str) -> bool:
        """True for the grants of a system, and for a person's where the client has a place to send people back to."""
        is_for_people = grant_type == "authorization_code" and bool(self.registered.redirect_uris)
        return grant_type == "client_credentials" or is_for_people


class FormRequest(OAuth2Request):
    """A POST of a form. Its URI is the configured one: forwarded headers are never believed."""

    def __init__(
        self,
        uri: str,
        form: Mapping[str, str],
        headers: Mapping[str, str],
        *,
        proofs: Sequence[str] = (),
        certificate: str | None = None,
    ) -> None:
        """The request as it was read.

        Args:
            uri: of the endpoint, from the configured issuer.
            form: its parameters.
            headers: of HTTP.
            proofs: each value of the header `DPoP`.
            certificate: thumbprint of the connection's certificate, where a trusted proxy handed one over.
        """
        super().__init__("POST", uri, headers=headers)
        self._form = dict(form)
        self.authorization_scheme = headers.get("authorization", "").partition(" ")[0]
        """What a client tried there; no way of authentication that we have uses that header."""
        self.payload = BasicOAuth2Payload(self._form)
        self.granted = NOTHING
        """What the grant has found to be within what the client or the person holds."""
        self.place = uri
        self.proofs = proofs
        self.proof: Proof | None = None
        """The proof of the client's key, verified and not yet spent."""
        self.proof_fault: OAuth2Error | None = None
        """Why the proof is none; said once the client is authenticated."""
        self.certificate = certificate
        self.has_withdrawn = False
        """Whether a token was withdrawn by it, so that this process must forget what it knew."""

    @property
    def args(self) -> dict[str, str | None]:
        """Nothing: a query string is never read."""
        return {}

    @property
    def form(self) -> dict[str, str]:
        """Each parameter once; one without a value counts as left out (RFC 6749 section 3.2)."""
        return self._form

    @property
    def registered(self) -> Client:
        """The client, once it is authenticated.

        Raises:
            LookupError: it is not yet.
        """
        if not isinstance(self.client, OAuthClient):
            raise LookupError("authenticate the client first")  # noqa: TRY004 - the moment is wrong, not a type
        return self.client.registered


class Issuing(Protocol):
    """What grants and endpoints need of the server."""

    issuer: str
    audience: str
    keys: Keys
    bearer_demo: bool
    clock: Callable[[], datetime]

    def connection(self) -> Connection:
        """The connection of the request's transaction."""
        ...

    def query_client(self, client_id: str) -> Any:
        """An OAuthClient, or None where it is unknown or suspended."""
        ...

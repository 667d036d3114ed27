"""The client-credentials grant: scopes and one purpose, within what the client holds; never a silent shrink."""

# pyright: reportUnknownMemberType=false, reportIncompatibleMethodOverride=false
# Authlib has no types of its own, and those that the checker brings for it are partial.

from typing import Any, Final, cast

from authlib.oauth2.rfc6749 import ClientCredentialsGrant, InvalidRequestError, OAuth2Error

from auth import holdings, issuing
from auth.adapter import FormRequest, Issuing
from auth.client_authentication import METHOD
from auth.granted import granted


class InvalidTargetError(OAuth2Error):
    """The resource is not one that this server issues tokens for (RFC 8707)."""

    error = "invalid_target"


_UNBOUND: Final = (
    "This client needs a sender-constrained token (DPoP or mTLS), which is not offered yet; "
    "only a client marked so in the demo may have a bearer token."
)


class ClientCredentials(ClientCredentialsGrant):
    """Tokens for a client on its own behalf."""

    TOKEN_ENDPOINT_AUTH_METHODS = [METHOD]  # noqa: RUF012 - Authlib's way to configure a grant

    def validate_requested_scope(self) -> None:
        """Leaves scopes and purpose on the request, all of them within what the client holds.

        Raises:
            InvalidTargetError: another resource is asked for.
            InvalidRequestError: no bearer token for this client, or the purpose is missing or unknown.
            InvalidScopeError: a scope or the purpose exceeds what the client holds.
        """
        request, server = self._parts()
        if request.form.get("resource", server.audience) != server.audience:
            raise InvalidTargetError("The resource is not one that this server issues tokens for.")
        if not request.registered.bearer_allowed:
            raise InvalidRequestError(_UNBOUND)
        found = holdings.standing(server.connection(), request.registered.client_id, None, server.clock())
        request.granted = granted(
            found, request.form.get("scope"), request.form.get("purpose"), is_person=False
        )

    def generate_token(self, *_: object, **__: object) -> dict[str, Any]:
        """The answer with an access token, and never a refresh token."""
        request, server = self._parts()
        client = request.registered
        return issuing.answer(server, client, client.client_id, client.agency, request.granted)

    def _parts(self) -> tuple[FormRequest, Issuing]:
        return cast("FormRequest", self.request), cast("Issuing", self.server)

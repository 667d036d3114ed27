"""The client-credentials grant: scopes and one purpose, within what the client holds; never a silent shrink."""

# pyright: reportUnknownMemberType=false, reportIncompatibleMethodOverride=false
# Authlib has no types of its own, and those that the checker brings for it are partial.

from typing import Any, cast

from authlib.oauth2.rfc6749 import ClientCredentialsGrant, OAuth2Error, UnauthorizedClientError

from auth import holdings, issuing
from auth.adapter import FormRequest, Issuing
from auth.client_authentication import METHOD
from auth.granted import granted


class InvalidTargetError(OAuth2Error):
    """The resource is not one that this server issues tokens for (RFC 8707)."""

    error = "invalid_target"


class ClientCredentials(ClientCredentialsGrant):
    """Tokens for a client on its own behalf."""

    TOKEN_ENDPOINT_AUTH_METHODS = [METHOD]  # noqa: RUF012 - Authlib's way to configure a grant

    def validate_requested_scope(self) -> None:
        """Leaves scopes and purpose on the request, all of them within what the client holds.

        Raises:
            InvalidTargetError: another resource is asked for.
            InvalidProofError: the proof of the client's key is none, or was used before.
            InvalidRequestError: nothing to bind the token to, or the purpose is missing or unknown.
            UnauthorizedClientError: the client is suspended until an emergency of its is reviewed.
            InvalidScopeError: a scope or the purpose exceeds what the client holds.
        """
        request, server = self._parts()
        if request.form.get("resource", server.audience) != server.audience:
            raise InvalidTargetError("The resource is not one that this server issues tokens for.")
        self._bound = issuing.bound_to(request, server)
        found = holdings.standing(server.connection(), request.registered.client_id, None, server.clock())
        if found.is_suspended:
            raise UnauthorizedClientError("An emergency of this client was not reviewed in time.")
        request.granted = granted(
            found, request.form.get("scope"), request.form.get("purpose"), is_person=False
        )

    def generate_token(self, *_: object, **__: object) -> dict[str, Any]:
        """The answer with an access token, and never a refresh token."""
        request, server = self._parts()
        client = request.registered
        return issuing.answer(
            server, client, client.client_id, client.agency, request.granted, bound=self._bound
        )

    def _parts(self) -> tuple[FormRequest, Issuing]:
        return cast("FormRequest", self.request), cast("Issuing", self.server)

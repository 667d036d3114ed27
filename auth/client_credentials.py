"""The client-credentials grant: scopes and one purpose, within what the client holds; never a silent shrink."""

# pyright: reportUnknownMemberType=false, reportIncompatibleMethodOverride=false
# Authlib has no types of its own, and those that the checker brings for it are partial.

from typing import Any, Final, cast

from authlib.oauth2.rfc6749 import ClientCredentialsGrant, InvalidRequestError, InvalidScopeError, OAuth2Error

from auth import access_token, scopes
from auth.adapter import FormRequest, Issuing
from auth.client_authentication import METHOD
from auth.clients import Client


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
        request.granted_purpose = _purpose(request.registered, request.form.get("purpose"))
        request.granted_scopes = _scopes(request.registered, request.form.get("scope"))

    def generate_token(self, *_: object, **__: object) -> dict[str, Any]:
        """The answer with an access token, and never a refresh token."""
        request, server = self._parts()
        client, now = request.registered, server.clock()
        token = access_token.AccessToken(
            token_id=access_token.new_id(),
            client_id=client.client_id,
            subject=client.client_id,
            audience=server.audience,
            scopes=request.granted_scopes,
            purpose=request.granted_purpose,
            agency=client.agency,
            jurisdiction=client.jurisdiction,
            issued_at=now,
            expires_at=now + access_token.LIFE,
        )
        return {
            "access_token": access_token.sign(token, server.issuer, server.keys.signing()),
            "token_type": "Bearer",
            "expires_in": int(access_token.LIFE.total_seconds()),
            "scope": " ".join(sorted(token.scopes)),
        }

    def _parts(self) -> tuple[FormRequest, Issuing]:
        return cast("FormRequest", self.request), cast("Issuing", self.server)


def _scopes(client: Client, asked: str | None) -> frozenset[str]:
    words = scopes.scopes()
    held = frozenset(word for word in client.scopes if word in words and not words[word].humans_only)
    if asked is None:
        return held
    wanted = frozenset(asked.split())
    if not wanted or not wanted <= held:
        raise InvalidScopeError(
            "A scope is unknown, was not granted to this client, or is for humans only; ask the data protection officer."
        )
    return wanted


def _purpose(client: Client, asked: str | None) -> str:
    if asked is None:
        if len(client.purposes) != 1:
            raise InvalidRequestError("purpose is needed: one of those granted to this client.")
        return client.purposes[0]
    if asked not in scopes.purposes():
        raise InvalidRequestError("purpose is not one of the closed list.")
    if asked not in client.purposes:
        raise InvalidScopeError(
            "The purpose was not granted to this client; ask the data protection officer."
        )
    return asked

"""Introspection (RFC 7662) and revocation (RFC 7009) of access tokens."""

# pyright: reportUnknownMemberType=false, reportIncompatibleMethodOverride=false
# Authlib has no types of its own, and those that the checker brings for it are partial.

from typing import Any, Final, cast

from authlib.oauth2.rfc6749 import InvalidRequestError, UnauthorizedClientError
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from auth import access_token, confirmation, holdings, jws, revocations
from auth.adapter import FormRequest, Issuing, OAuthClient
from auth.client_authentication import METHOD

INTROSPECT: Final = "token:introspect"


class KnownToken:
    """An access token of ours that is alive, as Authlib asks about it."""

    def __init__(self, token: access_token.AccessToken, *, revoked: bool) -> None:
        self.token = token
        self._revoked = revoked

    def check_client(self, client: OAuthClient) -> bool:
        """True if the token was issued to this client."""
        return self.token.client_id == client.client_id

    def is_expired(self) -> bool:
        """False: an expired token is not known at all."""
        return False

    def is_revoked(self) -> bool:
        """True if it was withdrawn, its client or its person is suspended, or its login has ended."""
        return self._revoked


def _find(server: Issuing, text: str) -> KnownToken | None:
    try:
        token = access_token.read(
            text, issuer=server.issuer, audience=server.audience, keys=server.keys, now=server.clock()
        )
    except jws.Refused:
        return None
    connection = server.connection()
    account_id = None if token.subject == token.client_id else token.subject
    found = holdings.standing(connection, token.client_id, account_id, server.clock())
    is_over = token.login_id is not None and revocations.is_login_over(connection, token.login_id)
    is_withdrawn = is_over or revocations.is_revoked(connection, token.token_id)
    return KnownToken(token, revoked=found.is_suspended or is_withdrawn)


def _require_token(request: FormRequest) -> None:
    if "token" not in request.form:
        raise InvalidRequestError("token is needed.")


class Introspection(IntrospectionEndpoint):
    """For resource servers: clients that hold `token:introspect`."""

    CLIENT_AUTH_METHODS = [METHOD]  # noqa: RUF012 - Authlib's way to configure an endpoint

    def check_params(self, request: FormRequest, client: OAuthClient) -> None:
        """Returns if the client may ask and says which token; a hint is ignored.

        Raises:
            UnauthorizedClientError: it does not hold the scope.
        """
        server = cast("Issuing", self.server)
        found = holdings.standing(server.connection(), client.client_id, None, server.clock())
        if not any(INTROSPECT in one.scopes for one in found.holdings):
            raise UnauthorizedClientError(f"This client does not hold {INTROSPECT}.", status_code=403)
        _require_token(request)

    def query_token(self, token_string: str, token_type_hint: str | None) -> KnownToken | None:
        """The token, or None where it is not one of ours or has ended."""
        del token_type_hint
        return _find(cast("Issuing", self.server), token_string)

    def check_permission(self, token: KnownToken, client: OAuthClient, request: FormRequest) -> bool:
        """True: who may introspect may introspect every token of this audience."""
        del token, client, request
        return True

    def introspect_token(self, token: KnownToken) -> dict[str, Any]:
        """What RFC 7662 section 2.2 says of the token, and our own claims."""
        found = token.token
        answer: dict[str, Any] = {
            "active": True,
            "token_type": confirmation.token_type(found.confirmation),
            "iss": cast("Issuing", self.server).issuer,
            "sub": found.subject,
            "aud": found.audience,
            "client_id": found.client_id,
            "scope": " ".join(sorted(found.scopes)),
            "iat": int(found.issued_at.timestamp()),
            "exp": int(found.expires_at.timestamp()),
            "jti": found.token_id,
            "purpose": found.purpose,
            "jur": list(found.jurisdiction),
        }
        return answer | access_token.optional_claims(found)


class Revocation(RevocationEndpoint):
    """For clients: each withdraws its own tokens. A token that is not alive needs no withdrawing: 200."""

    CLIENT_AUTH_METHODS = [METHOD]  # noqa: RUF012 - Authlib's way to configure an endpoint

    def check_params(self, request: FormRequest, client: OAuthClient) -> None:
        """Returns if the request says which token; a hint is ignored (RFC 7009 section 2.2.1)."""
        del client
        _require_token(request)

    def query_token(self, token_string: str, token_type_hint: str | None) -> KnownToken | None:
        """The token, or None where it is not one of ours or has ended."""
        del token_type_hint
        return _find(cast("Issuing", self.server), token_string)

    def revoke_token(self, token: KnownToken, request: FormRequest) -> None:
        """The token is refused from now on."""
        request.has_withdrawn = True
        server = cast("Issuing", self.server)
        revocations.revoke(
            server.connection(),
            jti=token.token.token_id,
            client_id=token.token.client_id,
            expires_at=token.token.expires_at,
            now=server.clock(),
        )

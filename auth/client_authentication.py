"""How clients prove who they are at every endpoint: `private_key_jwt` (RFC 7523), as FAPI 2.0 narrows it.

Authlib's own check accepts RS256 and HS256, lists as audience and assertions of any age, and its clock is the system's;
this is the method that Authlib calls in its place.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError
from sqlalchemy import Connection

from auth import jwks, jws, one_time
from auth.access_token import LEEWAY
from auth.adapter import FormRequest, OAuthClient
from auth.assertion import CLIENT_ASSERTION_TYPE

METHOD: Final = "private_key_jwt"
LIFE: Final = timedelta(seconds=300)
"""How far ahead the end of an assertion may lie, leeway apart."""

_REGISTRY: Final = jws.PinnedRegistry(*jws.CLIENT_ALGORITHMS)
_TYPES: Final = frozenset({"jwt", "client-authentication+jwt"})
_JTI_LENGTH: Final = range(1, 257)
_STRANGER: Final = "The client is unknown or suspended, or the assertion is not signed by one of its keys."


class PrivateKeyJwt:
    """Checks an assertion: own keys, pinned algorithms, our issuer alone as audience, soon over, used once."""

    def __init__(
        self, *, issuer: str, clock: Callable[[], datetime], connection: Callable[[], Connection]
    ) -> None:
        """Args: connection: gives the one of the request's transaction."""
        self._issuer = issuer
        self._clock = clock
        self._connection = connection

    def __call__(
        self, query_client: Callable[[str], OAuthClient | None], request: FormRequest
    ) -> OAuthClient | None:
        """The client, its assertion verified and spent; None where the request has no assertion.

        Raises:
            InvalidRequestError: two ways of authentication at once.
            InvalidClientError: the assertion does not prove who the client is.
        """
        form = request.form
        if form.get("client_assertion_type") != CLIENT_ASSERTION_TYPE or "client_assertion" not in form:
            return None
        if "client_secret" in form or request.authorization_scheme:
            raise InvalidRequestError("Use one way of client authentication, private_key_jwt, and no other.")
        unverified = _extract(form["client_assertion"])
        subject = unverified.claims.get("sub")
        client = query_client(subject) if isinstance(subject, str) else None
        if client is None or form.get("client_id", client.client_id) != client.client_id:
            raise InvalidClientError(_STRANGER)
        _check_signature(unverified, client)
        self._check_claims(unverified.claims, client.client_id)
        self._spend(unverified.claims, client.client_id)
        return client

    def _check_claims(self, claims: dict[str, Any], client_id: str) -> None:
        if claims.get("iss") != client_id:
            raise InvalidClientError("iss and sub of the assertion must both be the client_id.")
        if claims.get("aud") != self._issuer:
            raise InvalidClientError(
                "aud of the assertion must be the issuer of the metadata, one string; not a list, not an endpoint."
            )
        now = self._clock().timestamp()
        leeway = LEEWAY.total_seconds()
        expires: Any = claims.get("exp")
        if not jws.is_moment(expires):
            raise InvalidClientError("The assertion needs exp, a number of seconds.")
        if expires + leeway <= now:
            raise InvalidClientError("The assertion has expired.")
        if expires > now + LIFE.total_seconds() + leeway:
            raise InvalidClientError("exp of the assertion must be at most 300 s ahead.")
        for name in ("iat", "nbf"):
            moment: Any = claims.get(name, now)
            if not jws.is_moment(moment) or moment > now + leeway:
                raise InvalidClientError(f"{name} of the assertion lies in the future; check the clock.")

    def _spend(self, claims: dict[str, Any], client_id: str) -> None:
        jti = claims.get("jti")
        if not isinstance(jti, str) or len(jti) not in _JTI_LENGTH:
            raise InvalidClientError("The assertion needs jti, a text of 1 to 256 characters.")
        fresh = one_time.spend(
            self._connection(),
            kind="assertion",
            client_id=client_id,
            value=jti,
            expires_at=datetime.fromtimestamp(claims["exp"], UTC) + 2 * LEEWAY,
        )
        if not fresh:
            raise InvalidClientError("The assertion was used before; sign a new one for each request.")


def _extract(assertion: str) -> jws.Unverified:
    try:
        return jws.extract(assertion)
    except jws.Refused:
        raise InvalidClientError("The client_assertion is not a JWT.") from None


def _check_signature(unverified: jws.Unverified, client: OAuthClient) -> None:
    try:
        keys = jwks.fitting(client.registered.public_jwks, unverified.header)
        jws.verify(unverified, keys, _REGISTRY)
    except jws.Refused:
        raise InvalidClientError(_STRANGER) from None
    if str(unverified.header.get("typ", "JWT")).lower() not in _TYPES:
        raise InvalidClientError("typ of the assertion must be JWT or client-authentication+jwt.")

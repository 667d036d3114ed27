"""A client's side of DPoP: the signed statement that it holds the key which a token is bound to (RFC 9449 section 4.2)."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from joserfc import jwt
from joserfc.jwk import import_key

from auth import dpop
from schema.errors import DecisionError

_ALGORITHM: Final = {"RSA": "PS256", "EC": "ES256", "OKP": "Ed25519"}
_PUBLIC: Final = {"RSA": ("kty", "n", "e"), "EC": ("kty", "crv", "x", "y"), "OKP": ("kty", "crv", "x")}


def dpop_proof(
    private_jwk: Mapping[str, Any],
    *,
    method: str,
    uri: str,
    now: datetime,
    token: str | None = None,
    nonce: str | None = None,
) -> str:
    """A proof for one request.

    Args:
        private_jwk: RSA, EC P-256 or OKP Ed25519, with its private part.
        method: of the request.
        uri: of the request, without query.
        now: aware UTC.
        token: that is shown with it; None at the authorization server.
        nonce: that the server gave.

    Raises:
        DecisionError: the key has no private part, or is of another type.
    """
    kty = str(private_jwk.get("kty"))
    if kty not in _ALGORITHM or "d" not in private_jwk:
        raise DecisionError("a proof is signed with a private RSA, EC P-256 or OKP Ed25519 key")
    public = {name: private_jwk[name] for name in _PUBLIC[kty]}
    claims: dict[str, Any] = {
        "jti": secrets.token_urlsafe(24),
        "htm": method,
        "htu": uri,
        "iat": int(now.timestamp()),
    }
    if token is not None:
        claims["ath"] = dpop.digest(token)
    if nonce is not None:
        claims["nonce"] = nonce
    header = {"typ": "dpop+jwt", "alg": _ALGORITHM[kty], "jwk": public}
    return jwt.encode(header, claims, import_key(dict(private_jwk)), registry=dpop.REGISTRY)

"""A client's side: the signed statement with which it authenticates (RFC 7523, `private_key_jwt`)."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from joserfc import jwt
from joserfc.jwk import import_key

from schema.errors import DecisionError

CLIENT_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFE_S: Final = 60
_ALGORITHM: Final = {"RSA": "PS256", "EC": "ES256", "OKP": "Ed25519"}


def client_assertion(private_jwk: Mapping[str, Any], client_id: str, issuer: str, now: datetime) -> str:
    """An assertion for one request, valid 60 s.

    Args:
        private_jwk: RSA, EC P-256 or OKP Ed25519, with its private part.
        client_id: who signs.
        issuer: the authorization server's issuer, exactly as its metadata says.
        now: aware UTC.

    Raises:
        DecisionError: the key has no private part, or is of another type.
    """
    algorithm = _ALGORITHM.get(str(private_jwk.get("kty")))
    if algorithm is None or "d" not in private_jwk:
        raise DecisionError("an assertion is signed with a private RSA, EC P-256 or OKP Ed25519 key")
    header = {"alg": algorithm, "typ": "JWT"}
    if "kid" in private_jwk:
        header["kid"] = private_jwk["kid"]
    issued = int(now.timestamp())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": issuer,
        "iat": issued,
        "exp": issued + LIFE_S,
        "jti": secrets.token_urlsafe(24),
    }
    return jwt.encode(header, claims, import_key(dict(private_jwk)), algorithms=[algorithm])

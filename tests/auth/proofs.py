"""A client's side of DPoP (RFC 9449), and of a TLS connection that a proxy has ended (RFC 9440)."""

import base64
import hashlib
import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc import jws as joserfc_jws
from joserfc.jwk import import_key, thumbprint
from starlette.requests import Request

from tests.auth.parties import ISSUER, PRIVATE, PROXY_SECRET, public

ALGORITHM = {"RSA": "PS256", "EC": "ES256", "OKP": "Ed25519"}
TOKEN_URL = f"{ISSUER}/oauth/token"


def unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def without_kid(private_jwk: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in public(private_jwk).items() if name != "kid"}


def thumbprint_of(private_jwk: dict[str, Any]) -> str:
    return thumbprint(without_kid(private_jwk))


def signed(header, claims, key) -> str:
    """A JWS of anything by anything."""
    registry = joserfc_jws.JWSRegistry(
        algorithms=list(joserfc_jws.JWSRegistry.algorithms), strict_check_header=False
    )
    return joserfc_jws.serialize_compact(
        header, json.dumps(claims).replace("Infinity", "1e400"), key, registry=registry
    )


def proof(
    now, nonce=None, *, key="es256", htm="POST", htu=TOKEN_URL, token=None, header=None, drop=(), **claims
):
    """A proof; good unless changed. `header` and claims replace what they name, `drop` leaves claims out."""
    private = PRIVATE[key] if isinstance(key, str) else key
    full_header = {"typ": "dpop+jwt", "alg": ALGORITHM[private["kty"]], "jwk": without_kid(private)} | (
        header or {}
    )
    full = {
        "htm": htm,
        "htu": htu,
        "iat": int(now.timestamp()),
        "jti": secrets.token_urlsafe(12),
        "nonce": nonce,
    }
    if token is not None:
        full["ath"] = unpadded(hashlib.sha256(token.encode()).digest())
    full |= claims
    kept = {name: value for name, value in full.items() if value is not None and name not in drop}
    return signed(
        {name: value for name, value in full_header.items() if value is not None}, kept, import_key(private)
    )


def showing(*proofs: str, path: str = "/graphql", **headers: str) -> Request:
    """A request for that path with these proofs and headers, as the hub receives it."""
    raw = [(b"dpop", one.encode()) for one in proofs]
    raw += [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": raw}
    return Request(scope | {"server": ("internal", 80), "scheme": "http"})


def certificate(name="polri-lapor") -> bytes:
    """A certificate in DER."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(Encoding.DER)


def connection(der: bytes, secret: str = PROXY_SECRET) -> dict[str, str]:
    """The headers that the proxy adds to a request."""
    return {"client-cert": f":{base64.b64encode(der).decode()}:", "hub-proxy-secret": secret}

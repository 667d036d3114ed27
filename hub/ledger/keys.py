"""Keys that sign seals and manifests of exports and nothing else: each sealed to its place, endorsed by the one before, published for ever.

The first key signs itself and is what everybody must be told by another way, or have kept: by it follow all the others.
Source: RFC 7515 (JWS), RFC 8037 and RFC 9864 (Ed25519), RFC 7638 (a key's id is its thumbprint).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import AsyncConnection

from hub.identity.keyring import Keyring
from hub.ledger.entry import canonical
from hub.ledger.evidence import base64url, moment
from hub.ledger.verify import ENDORSEMENT

SIGNS_FOR: Final = timedelta(days=365)
PUBLISHED_BEFORE: Final = timedelta(days=30)
"""A key is endorsed and published this long before it signs, so that whoever keeps seals has seen it by then."""

_STORED = """SELECT kid, not_before, retire_at, sealed_private FROM audit.seal_key ORDER BY not_before, kid"""
_INSERT = """
INSERT INTO audit.seal_key (kid, public_jwk, sealed_private, not_before, retire_at, endorsement)
VALUES (%s, %s, %s, %s, %s, %s)
"""


@dataclass(frozen=True, slots=True)
class Signer:
    """A key, opened; its repr shows nothing of it."""

    kid: str
    private: Ed25519PrivateKey
    not_before: datetime
    retire_at: datetime

    def __repr__(self) -> str:
        return f"Signer(kid={self.kid!r})"

    def signs_at(self, now: datetime) -> bool:
        """True while seals are signed with it."""
        return self.not_before <= now < self.retire_at

    def is_followed_at(self, now: datetime) -> bool:
        """True once there must be the key that comes after."""
        return now >= self.retire_at - PUBLISHED_BEFORE

    def sign(self, kind: str, payload: dict[str, Any]) -> str:
        """A compact JWS over the canonical payload."""
        header = canonical({"alg": "Ed25519", "kid": self.kid, "typ": kind})
        signed = f"{base64url(header)}.{base64url(canonical(payload))}"
        return f"{signed}.{base64url(self.private.sign(signed.encode()))}"


def public_jwk(private: Ed25519PrivateKey) -> dict[str, str]:
    """The public part of a key, with its thumbprint as its id."""
    jwk = {"crv": "Ed25519", "kty": "OKP", "x": base64url(private.public_key().public_bytes_raw())}
    return {**jwk, "kid": base64url(sha256(canonical(jwk)).digest())}


async def signer_at(connection: AsyncConnection[Any], keyring: Keyring, now: datetime) -> Signer:
    """The key that signs now; it is made where there is none, and so is the next one in good time.

    Args:
        connection: as hub_sealer, in a transaction that holds the sealer's lock.
        keyring: seals private parts, and opens them.
        now: aware UTC.

    Raises:
        SealedValueBroken: the private part was sealed under another root key.
    """
    found = await (await connection.execute(_STORED)).fetchall()
    known = [
        Signer(kid, Ed25519PrivateKey.from_private_bytes(keyring.open(sealed, _place(kid))), start, end)
        for kid, start, end, sealed in found
    ]
    alive = [one for one in known if one.signs_at(now)]
    if not alive:
        alive = [await _make(connection, keyring, known, now)]
        known += alive
    if known[-1].is_followed_at(now):
        await _make(connection, keyring, known, known[-1].retire_at)
    return alive[-1]


async def _make(
    connection: AsyncConnection[Any], keyring: Keyring, known: Sequence[Signer], not_before: datetime
) -> Signer:
    private = Ed25519PrivateKey.generate()
    jwk = public_jwk(private)
    made = Signer(jwk["kid"], private, not_before, not_before + SIGNS_FOR)
    said = {"jwk": jwk, "not_before": moment(made.not_before), "retire_at": moment(made.retire_at)}
    endorsement = (known[-1] if known else made).sign(ENDORSEMENT, said)
    sealed = keyring.seal(private.private_bytes_raw(), _place(made.kid))
    values = (made.kid, json.dumps(jwk), sealed, made.not_before, made.retire_at, endorsement)
    await connection.execute(_INSERT, values)
    return made


def _place(kid: str) -> str:
    return f"audit.seal_key.sealed_private:{kid}"

"""Signs what is sent to endpoints, so that whoever receives it knows the hub by its public key and shares no secret with it.

Source: Standard Webhooks 1.0.0, "Signature scheme" (`v1a`, Ed25519 over `id.timestamp.body`).
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from psycopg import AsyncConnection, OperationalError
from psycopg_pool import PoolTimeout
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.database import Pool
from hub.identity.keyring import Keyring

PATH: Final = "/webhooks/keys"
SIGNS_FOR: Final = timedelta(days=365)
OVERLAP: Final = timedelta(days=60)
"""For so long a key and the one after it sign both, so that a receiver may learn the new one at leisure."""
_LOCK: Final = 7_700_022_009
"""Key of the advisory lock that keeps two workers from each making the next key."""
_STORED = "SELECT kid, sealed_private, not_before, retire_at FROM webhook_key WHERE retire_at > %s ORDER BY not_before"
_PUBLISHED = "SELECT kid, public_key, not_before, retire_at FROM webhook_key ORDER BY not_before"


@dataclass(frozen=True, slots=True)
class Key:
    """A key, opened; its repr shows nothing of it."""

    kid: str
    private: Ed25519PrivateKey
    not_before: datetime
    retire_at: datetime

    def __repr__(self) -> str:
        return f"Key(kid={self.kid!r})"


async def keys(connection: AsyncConnection[Any], keyring: Keyring, now: datetime) -> list[Key]:
    """Every key that signs now; the first, or the one after the last, is made where it is time.

    Args:
        connection: of the service's role, outside any transaction.
        keyring: opens and seals.
        now: aware UTC.
    """
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        stored = await (await connection.execute(_STORED, (now,))).fetchall()
        if not stored or max(row[3] for row in stored) <= now + OVERLAP:
            await _make(connection, keyring, now)
            stored = await (await connection.execute(_STORED, (now,))).fetchall()
    return [
        Key(
            kid,
            Ed25519PrivateKey.from_private_bytes(keyring.open(sealed, _place(kid))),
            not_before,
            retire_at,
        )
        for kid, sealed, not_before, retire_at in stored
        if not_before <= now
    ]


async def _make(connection: AsyncConnection[Any], keyring: Keyring, now: datetime) -> None:
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    kid = sha256(public).hexdigest()[:16]
    await connection.execute(
        "INSERT INTO webhook_key (kid, public_key, sealed_private, not_before, retire_at) VALUES (%s, %s, %s, %s, %s)",
        (kid, public, keyring.seal(private.private_bytes_raw(), _place(kid)), now, now + SIGNS_FOR),
    )


def _place(kid: str) -> str:
    return f"webhook_key.sealed_private:{kid}"


def headers(signing: Sequence[Key], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers by which a receiver knows the message, one signature for each key.

    Args:
        signing: keys, n >= 1.
        message_id: the same at every attempt.
        at: of this attempt.
        body: as it is sent.
    """
    timestamp = str(int(at.timestamp()))
    signed = f"{message_id}.{timestamp}.".encode() + body
    signatures = [f"v1a,{b64encode(key.private.sign(signed)).decode()}" for key in signing]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
    }


def key_routes(pool: Pool) -> list[Route]:
    """`GET /webhooks/keys`: the public keys, for everybody.

    Args:
        pool: as the service's role.
    """

    async def published(_: Request) -> Response:
        try:
            async with pool.connection() as connection:
                rows = await (await connection.execute(_PUBLISHED)).fetchall()
        except (PoolTimeout, OperationalError):
            return Response(b"", 503, {"Retry-After": "1", "Cache-Control": "no-store"})
        found = [
            {
                "kid": kid,
                "key": f"whpk_{b64encode(public).decode()}",
                "notBefore": not_before.isoformat(),
                "retireAt": retire_at.isoformat(),
            }
            for kid, public, not_before, retire_at in rows
        ]
        caching = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}
        return Response(orjson.dumps({"keys": found}), headers=caching, media_type="application/json")

    return [Route(PATH, published, methods=["GET"])]

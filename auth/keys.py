"""Keys that sign access tokens: sealed at rest, followed by the next one in good time, published as a JWK set.

A key's life: published from the day before `not_before`, signs until `retire_at`, verifies until `drop_at`, when the
last token that it signed is dead.
"""

import hmac
import json
from asyncio import Lock
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, Protocol

from joserfc.jwk import OKPKey
from sqlalchemy import Connection, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from auth import jws
from schema.tables import access

SIGNS_FOR: Final = timedelta(days=90)
PUBLISHED_BEFORE: Final = timedelta(days=1)
VERIFIES_AFTER: Final = timedelta(hours=1)
"""Longer than any token lives (break-glass: 15 minutes), leeway included."""
FRESH_FOR: Final = timedelta(seconds=60)
"""Keys are read anew after this; the next one is known a day ahead, so no replica misses it."""

_LOCK: Final = 7_700_022_001
"""Key of the advisory lock that keeps two replicas from each making the next key."""


class Sealer(Protocol):
    """Seals bytes to the place where they are kept; hub hands it in."""

    def seal(self, plain: bytes, place: str) -> bytes:
        """The bytes as they may be stored at that place."""
        ...

    def open(self, sealed: bytes, place: str) -> bytes:
        """The bytes that were sealed for that place."""
        ...


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """One key, opened."""

    kid: str
    key: OKPKey
    not_before: datetime
    retire_at: datetime
    drop_at: datetime

    def signs_at(self, now: datetime) -> bool:
        """True while new tokens are signed with it."""
        return self.not_before <= now < self.retire_at

    def derived(self, label: str) -> bytes:
        """A secret for something else that every replica must know, such as nonces; it tells nothing of the key.

        Args:
            label: what it is for; each use has its own.
        """
        seed = str(self.key.as_dict(private=True)["d"])
        return hmac.digest(seed.encode(), f"hub: {label}".encode(), "sha256")

    def __repr__(self) -> str:
        return f"SigningKey(kid={self.kid!r})"


def ensure(connection: Connection, sealer: Sealer, now: datetime) -> None:
    """There is a key that signs now and, in the last day of its life, the one that follows; dead keys are gone.

    Safe to call at any replica at any time. A crash before COMMIT leaves the keys as they were.
    """
    connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    connection.execute(delete(access.signing_key).where(access.signing_key.c.drop_at <= now))
    last = connection.execute(select(func.max(access.signing_key.c.retire_at))).scalar_one()
    if last is None or last <= now:
        generate(connection, sealer, not_before=now)
    elif last <= now + PUBLISHED_BEFORE:
        generate(connection, sealer, not_before=last)


def generate(connection: Connection, sealer: Sealer, *, not_before: datetime) -> str:
    """The kid of a new Ed25519 key that signs from `not_before`."""
    key = OKPKey.generate_key("Ed25519", auto_kid=True)
    kid = str(key.kid)
    public = key.as_dict(private=False, kid=kid, use="sig", alg=jws.SIGNING_ALGORITHM)
    row = {
        "kid": kid,
        "alg": jws.SIGNING_ALGORITHM,
        "public_jwk": public,
        "sealed_private": sealer.seal(json.dumps(key.as_dict(private=True)).encode(), _place(kid)),
        "not_before": not_before,
        "retire_at": not_before + SIGNS_FOR,
        "drop_at": not_before + SIGNS_FOR + VERIFIES_AFTER,
    }
    connection.execute(insert(access.signing_key).values(row))
    return kid


def _place(kid: str) -> str:
    return f"signing_key.sealed_private:{kid}"


def load(connection: Connection, sealer: Sealer, now: datetime) -> list[SigningKey]:
    """Every key that still signs or verifies, the next one included, the oldest first."""
    table = access.signing_key
    rows = connection.execute(
        select(table).where(table.c.drop_at > now).order_by(table.c.not_before)
    ).mappings()
    return [
        SigningKey(
            kid=row["kid"],
            key=OKPKey.import_key(json.loads(sealer.open(row["sealed_private"], _place(row["kid"])))),
            not_before=row["not_before"],
            retire_at=row["retire_at"],
            drop_at=row["drop_at"],
        )
        for row in rows
    ]


class Keys:
    """The signing keys as this process knows them, at most a minute old."""

    def __init__(self, engine: AsyncEngine, sealer: Sealer, clock: Callable[[], datetime]) -> None:
        """Args: engine: of the service's role. sealer: opens the private parts. clock: aware UTC."""
        self.engine = engine
        self._sealer = sealer
        self._clock = clock
        self._lock = Lock()
        self._read_at: datetime | None = None
        self._fresh_until = datetime.min.replace(tzinfo=UTC)
        self._keys: Mapping[str, SigningKey] = MappingProxyType({})

    async def fresh(self) -> None:
        """The keys are at most a minute old when this returns; usually a comparison of two times."""
        if self.is_fresh(self._clock()):
            return
        async with self._lock:
            if not self.is_fresh(self._clock()):
                await self._read()

    def is_fresh(self, now: datetime) -> bool:
        """True if `fresh` has nothing to do; also false for a clock that was set back."""
        return self._read_at is not None and self._read_at <= now < self._fresh_until

    async def _read(self) -> None:
        now = self._clock()
        async with self.engine.begin() as connection:
            await connection.run_sync(ensure, self._sealer, now)
            keys = await connection.run_sync(load, self._sealer, now)
        if [key.kid for key in keys] != list(self._keys):
            self._keys = MappingProxyType({key.kid: key for key in keys})
        self._read_at, self._fresh_until = now, now + FRESH_FOR

    @property
    def known(self) -> Mapping[str, SigningKey]:
        """Every key by kid; the same object for as long as the keys are the same."""
        return self._keys

    def signing(self) -> SigningKey:
        """The key that signs now.

        Raises:
            LookupError: none does; await `fresh` first.
        """
        now = self._clock()
        for key in reversed(list(self._keys.values())):
            if key.signs_at(now):
                return key
        raise LookupError("no signing key; await Keys.fresh() first")

    def verifying(self, kid: object) -> Sequence[OKPKey]:
        """The key of that kid if a token of it may still be alive, alone in a list; else nothing."""
        key = self._keys.get(kid) if isinstance(kid, str) else None
        return [key.key] if key is not None and self._clock() < key.drop_at else []

    def document(self) -> dict[str, list[dict[str, Any]]]:
        """The JWK set as it is published: public parts only."""
        return {
            "keys": [
                key.key.as_dict(private=False, kid=key.kid, use="sig", alg=jws.SIGNING_ALGORITHM)
                for key in self._keys.values()
            ]
        }

"""Keys at hand: of agencies and subjects, for blind indexes, content hashes and signatures.

    KMS root -> key per agency (versioned) -> data key per subject -> value

Key-encryption keys are unwrapped once and live in memory only. The hub's own keys (blind index, hash, signature,
sealing of the token server's private keys) are rows of the same table under names that are no agency's.
"""

import hashlib
import hmac
import os
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from psycopg import AsyncConnection

from hub.identity import envelope
from hub.identity.kms import Kms

_TOKEN, _HASH, _SIGN, _VAULT = "hub:token", "hub:hash", "hub:sign", "hub:vault"
_OWN = (_TOKEN, _HASH, _SIGN, _VAULT)
TOKEN_VERSION = b"2"
"""Version of the normalisers below the tokens; another one is a backfill by replay."""


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """A subject's data key, open and as it is stored; the open part is never shown."""

    cipher: envelope.Cipher = field(compare=False)
    kek_version: int
    wrapped: bytes

    def __repr__(self) -> str:
        return "SubjectKey(sealed)"


class Keyring:
    """Seals, opens, hashes and signs; its repr shows nothing."""

    def __init__(self, keys: dict[str, dict[int, bytes]]) -> None:
        """Args: keys: name -> version -> key, every name of `_OWN` among them."""
        self._keks = {
            name: {version: envelope.cipher(key) for version, key in versions.items()}
            for name, versions in keys.items()
            if name not in _OWN
        }
        self._token = keys[_TOKEN][1]
        self._sought = hmac.digest(self._token, b"sought", "sha256")
        self._hash = keys[_HASH][1]
        self._sign = keys[_SIGN][1]
        self._vault = envelope.cipher(keys[_VAULT][1])

    def __repr__(self) -> str:
        return "Keyring(sealed)"

    @classmethod
    async def load(
        cls, connection: AsyncConnection, kms: Kms, agencies: tuple[str, ...], now: datetime
    ) -> "Keyring":
        """The keyring of this database; keys that are not there yet are made.

        Two starting at once make one set: the loser of an insert reads the winner's row. Nothing is made before the
        root key has opened all that is there, and nothing stays if it does not open what the winner made: a key under
        a wrong root would stand in the way of the right one for ever.

        Args:
            connection: to the hub's database.
            kms: holds the root key.
            agencies: codes of the agencies that may supply records.
            now: aware UTC.

        Raises:
            SealedValueBroken: the root key is not the one that these keys were wrapped with.
        """
        async with connection.transaction():
            keys = await _stored(connection, kms)
            # In one order, so that two starters wait for each other in a line and not in a ring.
            missing = sorted({*_OWN, *agencies} - keys.keys())
            for name in missing:
                wrapped = await kms.wrap(f"{name}:1", os.urandom(envelope.KEY_BYTES))
                await connection.execute(
                    "INSERT INTO agency_key (agency, version, wrapped, created_at) VALUES (%s, 1, %s, %s)"
                    " ON CONFLICT DO NOTHING",
                    (name, wrapped, now),
                )
            return cls(await _stored(connection, kms) if missing else keys)

    def new_subject(self, agency: str, subject_id: UUID) -> SubjectKey:
        """A new data key for a subject as that agency knows it."""
        versions = self._keks[agency]
        version = max(versions)
        key = os.urandom(envelope.KEY_BYTES)
        wrapped = envelope.wrap(versions[version], key, f"{agency}:{subject_id.hex}")
        return SubjectKey(envelope.cipher(key), version, wrapped)

    def subject(self, agency: str, subject_id: UUID, kek_version: int, wrapped: bytes) -> SubjectKey:
        """The data key that is stored.

        Raises:
            SealedValueBroken: it was wrapped for another agency or subject.
        """
        kek = self._keks[agency][kek_version]
        key = envelope.unwrap(kek, wrapped, f"{agency}:{subject_id.hex}")
        return SubjectKey(envelope.cipher(key), kek_version, wrapped)

    def open_sealed(
        self, sealed: bytes, place: str, *, agency: str, kek_version: int, wrapped: bytes
    ) -> bytes:
        """The value inside, given the stored key of the subject that the value names.

        Raises:
            SealedValueBroken: another key, another place or changed bytes.
        """
        subject = self.subject(agency, envelope.subject_of(sealed), kek_version, wrapped)
        return envelope.open_sealed(subject.cipher, place, sealed)

    def token(self, block: str, value: str) -> bytes:
        """Blind index of a normalised value: equal values have equal tokens, and nothing else is told.

        Source: HMAC-SHA-256 over block, normaliser version and value.
        """
        message = block.encode() + b"\x00" + TOKEN_VERSION + b"\x00" + value.encode()
        return hmac.digest(self._token, message, "sha256")

    def short_token(self, block: str, value: str) -> int:
        """A blind index of 64 bits, for lists of many; it says nothing of `token`'s of the same value.

        Source: BLAKE2b with a key (RFC 7693), over block, normaliser version and value.
        """
        message = block.encode() + b"\x00" + TOKEN_VERSION + b"\x00" + value.encode()
        return int.from_bytes(hashlib.blake2b(message, key=self._sought, digest_size=8).digest(), signed=True)

    def source_key(self, agency: str, kind: str, key: str) -> bytes:
        """What the hub keeps instead of a source's key, which may be a passport number.

        It does not follow the version of the normalisers: under another key the same record would enter again.

        Args:
            agency: code of the agency.
            kind: the agency's word for the thing.
            key: as the source has it.
        """
        message = f"key\x00{agency}\x00{kind}\x00{key}".encode()
        return hmac.digest(self._token, message, "sha256")[:16]

    def digest(self, content: bytes) -> bytes:
        """Keyed hash of a record's content; a plain hash of a short record could be guessed from a list."""
        return hmac.digest(self._hash, content, "sha256")[:16]

    def sign(self, label: str, message: bytes) -> bytes:
        """Signature over a message, valid under that label only."""
        return hmac.digest(self._sign, label.encode() + b"\x00" + message, "sha256")

    def seal(self, plain: bytes, place: str) -> bytes:
        """A secret of the hub itself as it may be stored at that place."""
        return envelope.wrap(self._vault, plain, place)

    def open(self, sealed: bytes, place: str) -> bytes:
        """The secret of the hub that was sealed for that place.

        Raises:
            SealedValueBroken: another place or changed bytes.
        """
        return envelope.unwrap(self._vault, sealed, place)


async def _stored(connection: AsyncConnection, kms: Kms) -> dict[str, dict[int, bytes]]:
    keys: dict[str, dict[int, bytes]] = {}
    cursor = await connection.execute("SELECT agency, version, wrapped FROM agency_key")
    for name, version, wrapped in await cursor.fetchall():
        keys.setdefault(name, {})[version] = await kms.unwrap(f"{name}:{version}", wrapped)
    return keys


def fingerprint(content: bytes) -> bytes:
    """Short hash for comparing what a row holds with what it would hold; no secret is needed for that."""
    return hashlib.blake2b(content, digest_size=16).digest()

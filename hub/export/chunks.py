"""Bytes of parts, sealed chunk by chunk under a key of the export's own; without the key they are nothing."""

import os
from typing import Final
from uuid import UUID

from hub.identity import envelope
from hub.identity.keyring import Keyring

SIZE: Final = 1 << 20
"""Bytes of a chunk before it is sealed; the last of a part is shorter."""


class Vault:
    """Seals and opens the chunks of one export; its repr shows nothing.

    Args:
        export_id: of the export.
        key: 32 bytes.
    """

    def __init__(self, export_id: UUID, key: bytes) -> None:
        self._export_id = export_id
        self._cipher = envelope.cipher(key)

    def __repr__(self) -> str:
        return "Vault(sealed)"

    @classmethod
    def of(cls, keyring: Keyring, export_id: UUID, sealed_key: bytes) -> "Vault":
        """The vault of a stored key.

        Raises:
            SealedValueBroken: the key is of another export, or sealed under another one.
        """
        return cls(export_id, keyring.open(sealed_key, _place(export_id)))

    def seal(self, part: int, n: int, plain: bytes) -> bytes:
        """A chunk as it may be stored at its place and no other."""
        return envelope.wrap(self._cipher, plain, self._at(part, n))

    def open(self, part: int, n: int, sealed: bytes) -> bytes:
        """The chunk.

        Raises:
            SealedValueBroken: it was sealed for another place, or changed.
        """
        return envelope.unwrap(self._cipher, sealed, self._at(part, n))

    def _at(self, part: int, n: int) -> str:
        return f"bulk_export_chunk.sealed:{self._export_id}:{part}:{n}"


def new_key(keyring: Keyring, export_id: UUID) -> bytes:
    """A new key of an export as it is stored; once that is deleted, nobody opens a part of it again."""
    return keyring.seal(os.urandom(envelope.KEY_BYTES), _place(export_id))


def _place(export_id: UUID) -> str:
    return f"bulk_export.sealed_key:{export_id}"

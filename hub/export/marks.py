"""What each row carries, so that a leaked one names its export: the export's number and the end of the row's id.

Both are one block of AES under a key of the hub's own: nobody else can read a mark, make one, or tell that two rows are of
the same export. Source: NIST SP 800-38A section 6.1; ECB over single blocks that never repeat within an export.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from hub.identity.keyring import Keyring

_BLOCK: Final = 16
_HALF: Final = 8
FORM: Final = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{21}[AQgw](?![A-Za-z0-9_-])")
"""A mark in any text; most of what looks like one is none, and does not lead to an export."""


class Marks:
    """Makes marks and reads them.

    Args:
        keyring: its signing key is what the key of marks is made from.
    """

    def __init__(self, keyring: Keyring) -> None:
        self._cipher = Cipher(AES(keyring.sign("export:mark", b"")), ECB())  # noqa: S305 -- single blocks, see above

    def of(self, number: int, keys: Sequence[UUID]) -> list[str]:
        """The marks of rows, 22 characters each.

        Args:
            number: of the export.
            keys: of the rows.
        """
        head = number.to_bytes(_HALF)
        encryptor = self._cipher.encryptor()
        sealed = encryptor.update(b"".join(head + key.bytes[_HALF:] for key in keys)) + encryptor.finalize()
        return [
            urlsafe_b64encode(sealed[at : at + _BLOCK]).rstrip(b"=").decode()
            for at in range(0, len(sealed), _BLOCK)
        ]

    def read(self, mark: str) -> tuple[int, str]:
        """The number that a mark names, and the last 16 hex digits of the row's id; any mark gives some.

        Args:
            mark: of the form `FORM`.
        """
        decryptor = self._cipher.decryptor()
        block = decryptor.update(urlsafe_b64decode(mark + "==")) + decryptor.finalize()
        return int.from_bytes(block[:_HALF]), block[_HALF:].hex()

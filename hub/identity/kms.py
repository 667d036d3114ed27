"""Where the root key is: two methods, so that a key service can take the key file's place."""

import base64
import os
from pathlib import Path
from typing import Protocol

from hub.identity import envelope
from schema.errors import SettingError


class Kms(Protocol):
    """Wraps and unwraps keys under a root key that never leaves it."""

    async def wrap(self, key_id: str, plain: bytes) -> bytes:
        """The key as it may be stored."""
        ...

    async def unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        """The key again."""
        ...


class KeyFile:
    """A root key in a file of its owner alone: for one machine; a key service is for the rest."""

    def __init__(self, root: bytes) -> None:
        """Args: root: 32 bytes."""
        self._root = envelope.cipher(root)

    @classmethod
    def read(cls, path: Path) -> "KeyFile":
        """The key file at that path.

        Raises:
            SettingError: the file is missing, unreadable, open to others, or not 32 bytes in base64.
        """
        try:
            mode = path.stat().st_mode
            root = base64.b64decode(path.read_text().strip(), validate=True)
        except FileNotFoundError:
            raise SettingError(
                "HUB_KEY_FILE", f"{path} is not there; `python -m hub key` makes one"
            ) from None
        except OSError as error:
            raise SettingError("HUB_KEY_FILE", f"{path} cannot be read: {error.strerror}") from None
        except ValueError:
            raise SettingError("HUB_KEY_FILE", f"{path} is not base64") from None
        if mode & 0o077:
            raise SettingError("HUB_KEY_FILE", f"{path} is open to others; run chmod 600 {path}")
        if len(root) != envelope.KEY_BYTES:
            raise SettingError("HUB_KEY_FILE", f"{path} does not hold 32 bytes")
        return cls(root)

    @classmethod
    def make(cls, path: Path) -> None:
        """Writes a new root key, mode 0600.

        Raises:
            SettingError: a file is there already; a key that is written over closes all that it sealed.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            raise SettingError("HUB_KEY_FILE", f"{path} is there already; it is not written over") from None
        with os.fdopen(descriptor, "w") as file:
            file.write(base64.b64encode(os.urandom(envelope.KEY_BYTES)).decode() + "\n")
            file.flush()
            # Whatever is sealed under a key that a power cut took is lost: the key is on the disk first.
            os.fsync(file.fileno())

    async def wrap(self, key_id: str, plain: bytes) -> bytes:
        """The key as it may be stored."""
        return envelope.wrap(self._root, plain, key_id)

    async def unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        """The key again."""
        return envelope.unwrap(self._root, wrapped, key_id)

"""`key`: make the root key."""

from hub.cli import context
from hub.identity.kms import KeyFile


def key() -> None:
    """Make the root key that seals every identity. Keep a copy where the database's backups are not."""
    path = context.read_settings().root_key_file
    KeyFile.make(path)
    print(f"root key in {path}")

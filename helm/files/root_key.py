"""Copies the root key from a mounted secret into a file that its owner alone can read: `root_key.py SECRET KEY_FILE`."""
# ruff: noqa: INP001 -- no module: an init container runs it

import os
import sys
from pathlib import Path

secret, key_file = map(Path, sys.argv[1:])
root_key = secret.read_bytes()
# The kubelet may run an init container again in the same pod, where the copy is already.
key_file.unlink(missing_ok=True)
descriptor = os.open(key_file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o400)
with os.fdopen(descriptor, "wb") as file:
    file.write(root_key)

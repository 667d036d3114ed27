"""Environments of their own for tools whose packages cannot stand beside the hub's: what a lock names, and nothing else."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import ROOT


def environment(name: str, lock: Path, what: str) -> Path:
    """The interpreter of an environment with what the lock names; made once for each text of it.

    Where it cannot be made the test is skipped with its reason, and in CI it fails.

    Args:
        name: of its folder.
        lock: with hashes.
        what: cannot be installed, for the reason.
    """
    folder = ROOT / ".cache" / name / hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    python = folder / "bin" / "python"
    if not (folder / "whole").exists():
        uv = ROOT / ".boot" / "bin" / "uv"
        steps = [
            [uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder],
            [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", python, lock],
        ]
        for step in steps:
            try:
                done = subprocess.run(step, capture_output=True, text=True, check=False, timeout=250)
                problem = done.stderr.strip()[-300:] if done.returncode else ""
            except OSError as error:
                problem = f"{uv}: {error.strerror}; `make test` installs it"
            if problem:
                missing = f"{what} cannot be installed: give it a network once ({problem})"
                pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
        (folder / "whole").touch()
    return python

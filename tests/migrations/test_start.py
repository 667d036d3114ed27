"""Alembic is for those who migrate: nobody else waits for it."""

import subprocess
import sys

from tests.house import ROOT


def test_no_command_that_does_not_migrate_waits_for_alembic():
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, hub.cli.context; print('alembic' in sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert loaded.stdout == "False\n"

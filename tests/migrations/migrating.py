"""A migrator as a process of its own, since Alembic knows one migration a process; and one that stops on its way."""

import subprocess
import sys

from alembic import command
from alembic.config import Config

from tests.house import ROOT

_MIGRATE = "import sys; from hub import database; print(database.migrate(sys.argv[1]))"


def migrator(url: str) -> subprocess.Popen[str]:
    """A process that brings the database to the code's revision, and prints it."""
    return subprocess.Popen(
        [sys.executable, "-c", _MIGRATE, url],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def upgrade(url: str, revision: str) -> None:
    """Brings the database to a revision, however old."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["url"] = url
    command.upgrade(config, revision)

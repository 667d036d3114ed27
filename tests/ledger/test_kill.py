"""A process that is killed in the middle has acknowledged nothing that is not in the ledger."""

import subprocess
import sys

import pytest

from tests.house import ROOT
from tests.ledger import appender
from tests.ledger.conftest import until


def start(url: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.ledger.appender", url]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)


@pytest.mark.parametrize("lines", [1, 50, 333])
async def test_every_acknowledged_entry_is_there_after_a_kill(
    database, owner, bodies, sealer, verified, lines
):
    with start(database.service_url) as running:
        told = [running.stdout.readline() for _ in range(lines)]
        running.kill()
        told += running.stdout.readlines()
    alive = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s"
    await until(lambda: owner.execute(alive, (appender.NAME,)).fetchone() == (0,))
    await sealer.seal_all()

    acknowledged = [line.strip() for line in told if line.endswith(b"\n")]
    found = bodies()
    assert running.returncode == -9
    assert len(acknowledged) >= lines
    assert set(acknowledged) <= set(found)
    assert len(found) == len(set(found))
    # No more than what each caller was waiting for had got through without being acknowledged.
    assert len(found) - len(acknowledged) <= appender.CALLERS
    assert verified().record_count == len(found)

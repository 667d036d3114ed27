"""What the integrators' page says, pasted: an export from its request to a verified manifest, by curl and Python alone."""

import asyncio
import os
import re
import shutil
import subprocess
import sys

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from hub.clock import now
from tests.graphql.hub import entitle
from tests.graphql.serving import serve
from tests.house import ROOT

PAGE = (ROOT / "docs" / "integrator.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("### 5. Bulk export")[2].partition("\n## ")[0]


def block(language):
    (found,) = re.findall(rf"```{language}\n(.*?)```", SECTION, re.DOTALL)
    return found


@pytest.fixture
def working(cluster, own_database, key_file, tmp_path):
    """A hub and a worker, each a process of its own."""
    url = cluster.url("hub_service", own_database)

    async def entitled():
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.run_sync(entitle, now(), "one")
        await engine.dispose()

    asyncio.run(entitled())
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("HUB_")},
        "HUB_DATABASE_URL": url,
        "HUB_KEY_FILE": str(key_file),
        "HUB_VAR": str(tmp_path / "var"),
    }
    with serve(url, key_file, tmp_path) as served, (tmp_path / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "hub", "worker"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
        yield served
        worker.terminate()
        assert worker.wait(timeout=60) == 0, (tmp_path / "worker.log").read_text()


@pytest.mark.peer
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is missing; install it")
def test_the_page_s_commands_lead_to_a_verified_manifest(working, tmp_path):
    token = working.token("case:read", "victim:read")
    commands = re.sub(r"(?m)^HUB=.*$", f"HUB={working.url}", block("sh"))
    commands = re.sub(r"(?m)^TOKEN=.*$", f"TOKEN={token}", commands)
    environment = {**os.environ, "no_proxy": "127.0.0.1"}

    asked = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    whole = (tmp_path / "1.ndjson").read_bytes()
    (tmp_path / "1.ndjson").write_bytes(whole[:1000])
    # The last command again: the rest is fetched, and nothing of what is there.
    resumed = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", _again(commands)],
        cwd=tmp_path,
        env={**environment, "WHERE": _where(tmp_path)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    verified = subprocess.run(
        [sys.executable, "-c", block("python")], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    (tmp_path / "1.ndjson").write_bytes(whole.replace(b"1", b"2", 1))
    changed = subprocess.run(
        [sys.executable, "-c", block("python")], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (asked.returncode, asked.stderr) == (0, "")
    assert (resumed.returncode, resumed.stderr) == (0, "")
    assert whole.count(b"\n") > 50
    assert verified.stderr == ""
    assert (
        verified.stdout == f"{whole.count(b'}' + chr(10).encode())} rows for one, investigation: verified\n"
    )
    assert (changed.returncode, "AssertionError" in changed.stderr) == (1, True)


def _again(commands):
    lines = commands.strip().splitlines()
    head = [line for line in lines if line.startswith(("HUB=", "TOKEN="))]
    return "\n".join([*head, lines[-1].replace("-sf", "-sfS")])


def _where(folder):
    text = (folder / "manifest.json").read_text(encoding="utf-8")
    (export_id,) = re.findall(r'"export":"([0-9a-f-]{36})"', text)
    return f"/export/{export_id}"

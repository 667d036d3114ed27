"""Subscribers by other hands: the graphql-ws client under node, in the program that the documentation shows, and its Python twin."""

import asyncio
import contextlib
import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.graphql.following import follow, touch
from tests.graphql.subscribers import listening
from tests.house import ROOT

FOLDER = ROOT / "tests" / "peers" / "graphql-ws"
CASES = tuple(f"CASE_{kind}" for kind in ("CREATED", "CHANGED", "CORRECTED", "WITHDRAWN"))
pytestmark = pytest.mark.peer


def shown(name: str) -> str:
    """The program of that name in the integrators' guide."""
    text = (ROOT / "docs" / "integrator.md").read_text(encoding="utf-8")
    (found,) = re.findall(rf"^```\w+\n((?://|#) {re.escape(name)}\n.*?)^```", text, re.MULTILINE | re.DOTALL)
    return found


def require_node() -> None:
    """The client is installed as locked; skips where that cannot be."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are needed for the client of GraphQL over WebSockets")
    if not (FOLDER / "node_modules" / "graphql-ws").is_dir():
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        installed = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
        if installed.returncode:
            pytest.skip(f"npm ci in {FOLDER} failed: {installed.stderr[-300:]}")


@contextlib.asynccontextmanager
async def running(program, folder, url):
    """The program as the guide says to run it, in an empty folder with a token in a file; gives a reader of its lines."""
    (folder / program).write_text(shown(program))
    if program.endswith(".mjs"):
        (folder / "node_modules").symlink_to(FOLDER / "node_modules")
    environment = {**os.environ, "HUB_URL": url, "NEW_TOKEN": "cat token"}
    process = await asyncio.create_subprocess_exec(
        "node" if program.endswith(".mjs") else sys.executable,
        program,
        cwd=folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def told(lines, known, count):
    """Returns once so many events are known; what the program prints again is known already."""
    async with asyncio.timeout(60):
        while len(known) < count:
            line = (await lines.readline()).decode().strip()
            assert line, "the program has ended"
            if " id.go.tppo." in line and line not in known:
                known[line] = None


@pytest.mark.parametrize("program", ["follow.mjs", "follow.py"])
async def test_the_guide_s_program_follows_over_the_end_of_its_token_and_its_own(own_hub, tmp_path, program):
    if program.endswith(".mjs"):
        require_node()
    token = tmp_path / "token"
    token.write_text(await own_hub.new_token({"case:read"}))
    async with listening(own_hub.service) as url:
        before, _ = await follow(own_hub, CASES)
        known, count = {}, len(before)
        async with running(program, tmp_path, url) as lines:
            await told(lines, known, count)
            await touch(own_hub, 3)
            await told(lines, known, count + 3)
            own_hub.clock.forward(seconds=311)
            token.write_text(await own_hub.new_token({"case:read"}))
            await touch(own_hub, 2)
            await told(lines, known, count + 5)
        await touch(own_hub, 2)
        (tmp_path / "node_modules").unlink(missing_ok=True)
        async with running(program, tmp_path, url) as lines:
            await told(lines, known, count + 7)
    whole, _ = await follow(own_hub, CASES, token=token.read_text())

    assert list(known) == [f"{event['id']} {event['type']} {event['subject']}" for event in whole]

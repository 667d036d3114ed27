"""The audit of the GraphQL over HTTP working group, by its own hands, over a real socket."""

import json
import shutil
import subprocess

import pytest

from tests.house import ROOT

FOLDER = ROOT / "tests" / "peers" / "graphql-http"
REFUSES_GET = {"5A70", "D6D5", "6A70"}
"""MAY audits that ask by GET: a query in an address would end in every log on the way."""
pytestmark = pytest.mark.peer


def _audit():
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are needed for the audit of GraphQL over HTTP")
    if not (FOLDER / "node_modules" / "graphql-http").is_dir():
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        installed = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
        if installed.returncode:
            pytest.skip(f"npm ci in {FOLDER} failed: {installed.stderr[-300:]}")
    return ["node", "audit.mjs"]


def test_every_must_and_should_passes_and_only_get_is_refused(served):
    command = _audit()
    asked = json.dumps({"url": f"{served.url}/graphql", "token": served.token("case:read")})

    done = subprocess.run(command, cwd=FOLDER, input=asked, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {(one["id"], one["status"]) for one in found["others"]} == {
        (one, "notice") for one in REFUSES_GET
    }, found
    assert all(one["name"].startswith("MAY") for one in found["others"])
    assert found["count"] == 61

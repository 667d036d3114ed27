"""A typed client for Python, generated from the SDL in an environment of its own, type-checked, and run against the hub."""

import json
import shutil
import subprocess
from pathlib import Path
from uuid import UUID

import pytest

from tests.environments import environment
from tests.house import ROOT

FOLDER = ROOT / "tests" / "peers" / "python-client"
LOCK = FOLDER / "requirements.lock"
pytestmark = pytest.mark.peer


@pytest.fixture(scope="module")
def python() -> Path:
    """The interpreter of an environment with what the lock names and nothing of the hub's: the two need different graphql-core."""
    return environment("python-client", LOCK, "the generator of clients")


@pytest.fixture(scope="module")
def generated(python, tmp_path_factory) -> Path:
    """A folder as an agency would have it, with the client in it."""
    folder = tmp_path_factory.mktemp("agency") / "client"
    shutil.copytree(FOLDER, folder)
    shutil.copy(ROOT / "schema" / "hub.graphql", folder)
    subprocess.run(
        [python.with_name("ariadne-codegen"), "--config", "codegen.toml", "client"],
        cwd=folder,
        capture_output=True,
        check=True,
        timeout=250,
    )
    return folder


def test_the_client_and_a_program_that_uses_it_are_of_the_types_that_the_schema_says(generated, python):
    settings = {
        "include": ["ask.py", "tppo_client"],
        # It is copied from the generator, not made of the SDL, and is written for an optional library that is not here.
        "ignore": ["tppo_client/async_base_client.py"],
        "typeCheckingMode": "standard",
        "pythonVersion": "3.11",
    }
    (generated / "pyrightconfig.json").write_text(json.dumps(settings))

    checked = subprocess.run(
        [ROOT / ".venv" / "bin" / "pyright", "--pythonpath", python, "--project", generated],
        cwd=generated,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )

    assert checked.returncode == 0, checked.stdout
    client = (generated / "tppo_client" / "client.py").read_text()
    assert "id: UUID" in client
    assert "reported_on: Optional[date]" in (generated / "tppo_client" / "cases.py").read_text()
    assert "at: Optional[datetime]" in (generated / "tppo_client" / "crossings.py").read_text()


def test_a_program_with_a_value_of_another_type_is_found_by_the_checker(generated, python):
    wrong = (
        "import asyncio\nfrom tppo_client import TppoClient\nasyncio.run(TppoClient('x').crossings(id=1))\n"
    )
    (generated / "wrong.py").write_text(wrong)

    checked = subprocess.run(
        [ROOT / ".venv" / "bin" / "pyright", "--pythonpath", python, "wrong.py"],
        cwd=generated,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    (generated / "wrong.py").unlink()

    assert checked.returncode == 1
    assert 'cannot be assigned to parameter "id" of type "UUID"' in checked.stdout


def test_it_asks_the_hub_and_gets_dates_times_and_pages(generated, python, served):
    token = served.token("case:read", "victim:read", "victim.child:read")
    given = json.dumps({"url": f"{served.url}/graphql", "token": token})

    asked = subprocess.run(
        [python, "ask.py"],
        cwd=generated,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )

    assert asked.returncode == 0, asked.stderr
    found = json.loads(asked.stdout)
    ids = [UUID(one) for one in (*found["ids"], *found["next"])]
    assert len(set(ids)) == 4
    assert found["totalCount"] > 2
    assert (found["reported"], set(found["stages"])) == (["date"] * 2, {"LegalStage"})
    assert found["crossed"] == ["datetime 0:00:00"]
    assert found["refused"] == "GraphQLClientGraphQLMultiError"

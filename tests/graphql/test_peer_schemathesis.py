"""schemathesis asks what the schema allows, with all rights and with none: no 5xx, and no identity where none is opened."""

import asyncio
import json
import os
import subprocess
from pathlib import Path

import pytest

from auth.scopes import SCOPES
from tests.environments import environment
from tests.graphql.conftest import _entitle
from tests.graphql.hub import EVERY
from tests.graphql.officer_tokens import tokens_of_officers
from tests.graphql.records import NAMES
from tests.graphql.serving import serve
from tests.house import ROOT

FOLDER = ROOT / "tests" / "peers" / "schemathesis"
LOCK = FOLDER / "requirements.lock"
IDENTITY = frozenset(scope.word for scope in SCOPES if ".identity:" in scope.word)
EXAMPLES = 5
"""Questions of each field of the root."""
pytestmark = pytest.mark.peer


@pytest.fixture(scope="module")
def program() -> Path:
    """schemathesis, in an environment with what its lock names: beside the hub's own packages another version would be chosen."""
    python = environment("schemathesis", LOCK, "schemathesis")
    return python.with_name("schemathesis")


@pytest.fixture(scope="module")
def asked(cluster, filled, key_file, tmp_path_factory):
    """A process without a budget, on a copy that it may change, and a token for each way to ask."""
    cluster.create_database("graphql_schemathesis", template=filled.name)
    url = cluster.url("hub_service", "graphql_schemathesis")
    asyncio.run(_entitle(url))
    settings = {"HUB_QUERY_BUDGET": "0", "HUB_PERSON_MATCH_RATE": "0", "HUB_LOG_LEVEL": "info"}
    with serve(url, key_file, tmp_path_factory.mktemp("asked"), **settings) as found:
        officers = asyncio.run(tokens_of_officers(url, key_file, found.url))
        tokens = {
            "all rights": found.token(*EVERY),
            "all but identity": found.token(*EVERY - IDENTITY),
            "an officer": officers["proposes"],
            "none": found.token("statistics:read"),
        }
        yield found, tokens


@pytest.fixture
def run(program, asked, tmp_path):
    def run(who, canaries, *words):
        served, tokens = asked
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        environment |= {
            "CANARIES": "\n".join(canaries),
            "PYTHONPATH": str(FOLDER),
            "SCHEMATHESIS_HOOKS": "hooks",
        }
        command = [program, "--no-color", "run", f"{served.url}/graphql", *words]
        command += ["--header", f"Authorization: Bearer {tokens[who]}"]
        command += ["--checks=no_breakage,no_identity", "--phases=fuzzing", "--seed=7391"]
        command += ["--generation-database=none", "--no-shrink"]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=85
        )

    return run


@pytest.mark.timeout(90)
@pytest.mark.parametrize(
    ("who", "canaries"),
    [("all rights", []), ("all but identity", NAMES), ("an officer", NAMES), ("none", NAMES)],
)
def test_no_question_breaks_the_hub_and_none_is_told_whom_it_may_not_know(run, asked, who, canaries):
    served, _ = asked
    offset = len(served.log)

    done = run(who, canaries, f"--max-examples={EXAMPLES}")

    answered = [json.loads(line) for line in served.log[offset:].splitlines() if line.startswith("{")]
    events = [one["event"] for one in answered]
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert events.count("query.failed") == 0
    assert events.count("query.answered") + events.count("query.refused") > 20 * EXAMPLES
    assert not any(name in served.log for name in NAMES)


def test_what_must_not_be_told_is_found_where_it_is_told(run):
    done = run("none", ["lastCompleteAt"], "--max-examples=1", "--include-name=Query.me")

    assert done.returncode == 1
    assert "an answer names a person" in done.stdout

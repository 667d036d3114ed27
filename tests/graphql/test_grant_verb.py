"""`python -m hub grant` as officers use it: against a hub that serves, with a token of their own."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from hub.clock import now
from tests.graphql.officer_tokens import KEY, tokens_of_officers
from tests.house import ROOT


@pytest.fixture(scope="module")
def tokens(served, cluster, key_file, tmp_path_factory) -> dict[str, Path]:
    """Files with a token of each officer; one is bound to a key."""
    folder = tmp_path_factory.mktemp("tokens")
    made = asyncio.run(tokens_of_officers(cluster.url("hub_service", "graphql_served"), key_file, served.url))
    for name, token in made.items():
        (folder / name).write_text(token)
    (folder / "key.json").write_text(json.dumps(KEY))
    return {name: folder / name for name in (*made, "key.json")}


@pytest.fixture
def verb(served, tmp_path):
    def run(*words):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        environment |= {"HUB_ISSUER": served.url, "HUB_VAR": str(tmp_path / "var")}
        return subprocess.run(
            [sys.executable, "-m", "hub", "grant", *map(str, words)],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def proposal(tmp_path, verb, **changes):
    filled = json.loads(verb("template").stdout) | {
        "grantee": "two",
        "agreement": "PKS/3/2026",
        "validFrom": now().isoformat(),
        "validTo": (now() + timedelta(days=20)).isoformat(),
    }
    path = tmp_path / "proposal.json"
    path.write_text(json.dumps(filled | changes))
    return path


def test_a_grant_goes_from_a_template_to_active_and_revoked(verb, tokens, tmp_path):
    file = proposal(tmp_path, verb)
    made = json.loads(verb("propose", file, "--token-file", tokens["proposes"]).stdout)
    mine = verb("approve", made["id"], "--version", 1, "--reason", "seen", "--token-file", tokens["proposes"])
    approved = verb(
        "approve", made["id"], "--version", 1, "--reason", "seen", "--token-file", tokens["approves"]
    )
    listed = verb("list", "--token-file", tokens["proposes"])
    renewed = verb("renew", made["id"], "--file", file, "--token-file", tokens["proposes"])
    revoked = verb(
        "revoke", made["id"], "--version", 2, "--reason", "over", "--token-file", tokens["approves"]
    )
    shown = json.loads(verb("show", made["id"], "--token-file", tokens["approves"]).stdout)

    assert made["state"] == "PROPOSED"
    assert (mine.returncode, mine.stderr) == (
        1,
        "hub: whoever proposed or approved it already cannot approve it\n",
    )
    assert json.loads(approved.stdout)["state"] == "ACTIVE"
    assert "ACTIVE" in listed.stdout
    assert json.loads(renewed.stdout)["version"] == 2
    assert json.loads(revoked.stdout)["state"] == "REVOKED"
    assert [one["state"] for one in shown] == ["REVOKED", "REVOKED"]


def test_a_token_that_is_bound_to_a_key_is_shown_with_its_proof(verb, tokens):
    without = verb("list", "--token-file", tokens["bound"])
    with_it = verb("list", "--token-file", tokens["bound"], "--proof-key", tokens["key.json"])

    assert without.returncode == 1
    assert "bound to a key" in without.stderr
    assert (with_it.returncode, with_it.stderr) == (0, "")


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (("list",), 2, "hub: --as: say who you are: --as in the demo, --token-file elsewhere\n"),
        (("list", "--as", "nobody"), 2, "hub: --as: nobody is none of the demo\n"),
        (("list", "--token-file", "/nowhere"), 2, "hub: --token-file: /nowhere cannot be read\n"),
    ],
)
def test_what_is_not_given_is_told_in_one_line(verb, words, code, line):
    found = verb(*words)

    assert (found.returncode, found.stderr, found.stdout) == (code, line, "")


def test_a_decision_without_its_version_or_grant_is_told_in_one_line(verb, tokens):
    token = ("--token-file", tokens["proposes"])

    assert (
        verb("approve", "x", *token).stderr
        == "hub: --version: `grant approve` needs the version that you have seen\n"
    )
    assert verb("show", *token).stderr == "hub: TARGET: `grant show` needs one; see --help\n"
    assert verb("propose", "/nowhere", *token).stderr == (
        "hub: FILE: /nowhere is not there, or no JSON; `grant template` prints one\n"
    )

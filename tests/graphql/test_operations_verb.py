"""`python -m hub operations` as officers use it: against a hub that serves, with a token of their own."""

import asyncio
import hashlib
import json
import os
import subprocess
import sys
import time

import httpx
import pytest

from tests.graphql.officer_tokens import tokens_of_officers
from tests.house import ROOT

CASES = "query Cases { cases(first: 1) { totalCount } }\n"
SOURCES = "query Sources { sources { agency } }\n"


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def tokens(served, cluster, key_file, tmp_path_factory):
    """Files with a token of each officer, each good for five minutes."""
    folder = tmp_path_factory.mktemp("tokens")
    made = asyncio.run(tokens_of_officers(cluster.url("hub_service", "graphql_served"), key_file, served.url))
    for name, token in made.items():
        (folder / name).write_text(token)
    return {name: folder / name for name in made}


@pytest.fixture
def verb(served, tokens, tmp_path):
    def run(*words, officer="proposes"):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        environment |= {"HUB_ISSUER": served.url, "HUB_VAR": str(tmp_path / "var"), "COLUMNS": "200"}
        return subprocess.run(
            [sys.executable, "-m", "hub", "operations", *map(str, words), "--token-file", tokens[officer]],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def send(served, text, **body):
    """Status and message, or data, of a request by hash, or by what stands in the body."""
    named = {"persistedQuery": {"version": 1, "sha256Hash": digest(text)}}
    answer = httpx.post(
        f"{served.url}/graphql",
        json={"extensions": named} | body,
        headers={"Authorization": f"Bearer {served.token('case:read')}"},
        trust_env=False,
    ).json()
    return answer["errors"][0]["message"] if "errors" in answer else answer["data"]


def test_a_folder_of_operations_is_proposed_and_approved_by_another_officer(verb, tmp_path):
    folder = tmp_path / "operations"
    folder.mkdir()
    (folder / "Cases.graphql").write_text(CASES)
    (folder / f"{digest(SOURCES)}.graphql").write_text(SOURCES)
    (folder / "manifest.json").write_text(
        json.dumps({"Cases.graphql": {"purpose": "investigation", "days": 9}})
    )

    added = verb("add", "two", folder)
    again = verb("add", "two", folder)
    lines = [line.split() for line in added.stdout.splitlines()]
    own = verb("approve", *(line[1] for line in lines))
    approved = verb("approve", *(line[1] for line in lines), officer="approves")
    shown = verb("show", lines[0][1])

    assert {(line[0], line[2], line[3]) for line in lines} == {
        ("proposed", digest(CASES), str(folder / "Cases.graphql")),
        ("proposed", digest(SOURCES), str(folder / f"{digest(SOURCES)}.graphql")),
    }
    assert again.stdout == added.stdout
    assert (own.returncode, own.stderr) == (1, "hub: Whoever proposed may not approve.\n")
    assert sorted(approved.stdout.splitlines()) == sorted(
        f"listed two {digest(text)} {name}" for text, name in ((CASES, "Cases"), (SOURCES, "Sources"))
    )
    assert shown.stdout.endswith(f"\n{CASES if lines[0][2] == digest(CASES) else SOURCES}\n")


def test_a_client_is_narrowed_by_one_officer_and_widened_by_another(verb):
    narrowed = verb("narrow", "two", "--reason", "a dashboard")
    listed = verb("list", "two")
    widened = verb("widen", "two", "--reason", "it is over", officer="approves")

    assert (narrowed.stdout, widened.stdout) == (
        "two may send listed operations alone\n",
        "two may send any\n",
    )
    assert "listed only" in listed.stdout


def test_a_hash_is_answered_within_five_seconds_of_its_approval(verb, served, tmp_path):
    (tmp_path / "Cases.graphql").write_text(CASES)
    before = send(served, CASES)
    (line,) = verb("add", "one", tmp_path / "Cases.graphql").stdout.splitlines()
    verb("approve", line.split()[1], officer="approves")
    approved_at = time.monotonic()
    while (found := send(served, CASES)) == "PersistedQueryNotFound":
        assert time.monotonic() - approved_at < 5
    removed = verb("remove", line.split()[1])

    assert before == "PersistedQueryNotFound"
    assert found["cases"]["totalCount"] > 0
    assert removed.stdout == f"removed one {digest(CASES)} Cases\n"


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("x.graphql", "{ nothing }", "hub: {}: Cannot query field 'nothing' on type 'Query'.\n"),
        ("x.graphql", '{{ case(id: "a") {{ id }} }}', None),
        (f"{'0' * 64}.graphql", CASES, "hub: FILE: {} is named by a hash that is not its own\n"),
        ("x.graphql", None, "hub: FILE: {} cannot be read as text in UTF-8\n"),
    ],
)
def test_a_file_that_cannot_be_listed_is_told_in_one_line(verb, tmp_path, name, text, line):
    path = tmp_path / name
    if text is not None:
        path.write_text(text)

    found = verb("add", "one", path)

    assert found.returncode in {1, 2}
    assert found.stderr.startswith("hub: ")
    assert line is None or found.stderr == line.format(path)


def test_a_manifest_that_names_what_is_not_there_or_says_more_is_refused(verb, tmp_path):
    (tmp_path / "Cases.graphql").write_text(CASES)
    (tmp_path / "manifest.json").write_text('{"Other.graphql": {}}')
    other = verb("add", "one", tmp_path)
    (tmp_path / "manifest.json").write_text('{"Cases.graphql": {"hours": 1}}')
    more = verb("add", "one", tmp_path)

    assert other.stderr == (
        f"hub: FILE: {tmp_path} has no *.graphql, or not all that its manifest.json names\n"
    )
    assert more.stderr == (
        f"hub: FILE: {tmp_path / 'manifest.json'} is not"
        ' {"NAME.graphql": {"purpose": ..., "days": ...}}\n'
    )

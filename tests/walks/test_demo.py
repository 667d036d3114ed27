"""`make demo` from nothing to the first query, as a new user meets it; what it prints can be pasted."""

import base64
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from hub.sandbox import run
from tests.walks.conftest import ROOT, Station, free_port


@dataclass
class Demo:
    station: Station
    printed: str
    port: int


def read_until_ready(running: subprocess.Popen[str]) -> str:
    assert running.stdout is not None
    lines: list[str] = []
    for line in running.stdout:
        lines.append(line)
        if line.startswith("Ctrl-C ends"):
            return "".join(lines)
    raise AssertionError("".join(lines))


@pytest.fixture(scope="module")
def demo(make_station) -> Iterator[Demo]:
    station, port = make_station(), free_port()
    station.environment["HUB_PORT"] = str(port)
    with station.start("demo", "--seed", "3", "--size", "25") as running:
        yield Demo(station, read_until_ready(running), port)
        running.send_signal(signal.SIGINT)
        running.wait(60)
    assert run.running(station.var / "sandbox") == []


def pasted(demo: Demo, command: str) -> str:
    """What the command gives in a shell, where the checkout's interpreter is the one that runs these tests."""
    command = command.replace(".venv/bin/python", sys.executable).replace("python3 ", f"{sys.executable} ")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=ROOT,
        env=demo.station.settings(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def commands(text: str) -> list[str]:
    """The blocks that begin with TOKEN= and end with the formatted answer."""
    return re.findall(r"(TOKEN=.*?json\.tool)$", text, re.MULTILINE | re.DOTALL)


def test_the_view_is_right_against_the_kept_truth(demo):
    assert "the view is right" in demo.printed
    assert "missing 0" in demo.printed


def test_progress_is_told_for_each_step(demo):
    steps = {json.loads(line)["step"] for line in demo.printed.splitlines() if line.startswith('{"step"')}

    assert steps == {
        "database", "agencies", "pull polri", "pull kemnaker", "pull kemensos", "pull imigrasi", "link", "comparison",
    }  # fmt: skip


def test_what_it_prints_for_each_kind_of_user_can_be_pasted(demo):
    integrator, dashboard, officer = (json.loads(pasted(demo, one)) for one in commands(demo.printed))

    assert "errors" not in integrator | dashboard | officer
    cases = integrator["data"]["cases"]
    assert cases["totalCount"] >= len(cases["nodes"]) > 0
    assert any(victim["fullName"] for case in cases["nodes"] for victim in case["victims"]["nodes"])
    assert dashboard["data"]["cases"]["totalCount"] > 0
    for table in dashboard["data"]["caseload"].values():
        assert 0 < table["total"] <= sum(group["count"] for group in table["groups"])
    assert officer["data"]["me"]["clientId"] == "officer-pdp"
    assert {source["agency"] for source in officer["data"]["sources"]} == {
        "POLRI",
        "IMIGRASI",
        "KEMNAKER",
        "KEMENSOS",
    }
    for answer in (integrator, dashboard, officer):
        freshness = answer["extensions"]["freshness"]
        assert [one["agency"] for one in freshness] == ["IMIGRASI", "KEMENSOS", "KEMNAKER", "POLRI"]
        assert all(one["lastCompleteAt"] for one in freshness)


def test_an_officer_s_token_is_had_by_login_and_consent(demo):
    (command,) = re.findall(r"by login and consent: (.*)$", demo.printed, re.MULTILINE)

    payload = pasted(demo, command).split(".")[1]

    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    issuer, _, subject = claims["sub"].partition("#")
    assert (subject, claims["agency"], claims["client_id"]) == ("polri", "POLRI", "officer-desk")
    assert issuer == f"http://127.0.0.1:{demo.port + 10}"


def test_the_first_query_of_the_readme_can_be_pasted(demo):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```\n(TOKEN=[^`]*?curl.*?)```", readme, re.DOTALL)

    answer = json.loads(pasted(demo, block.replace("127.0.0.1:8000", f"127.0.0.1:{demo.port}")))

    assert answer["data"]["cases"]["totalCount"] > 0
    assert len(answer["data"]["cases"]["nodes"]) == 2


def test_the_second_start_goes_on_from_the_first(make_station):
    station = make_station()
    station.environment["HUB_PORT"] = str(free_port())
    first = station.hub("demo", "--seed", "3", "--size", "5", "--once")
    versions = station.rows("SELECT count(*) FROM source_record")

    second = station.hub("demo", "--seed", "3", "--size", "5", "--once")

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "the view is right" in second.stdout
    assert station.rows("SELECT count(*) FROM source_record") == versions
    assert run.running(station.var / "sandbox") == []

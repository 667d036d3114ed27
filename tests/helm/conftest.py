"""The chart, rendered by a real helm."""

import os
from pathlib import Path

import pytest

from tests.helm import cluster_tools
from tests.helm.chart import EXAMPLES, Chart
from tests.helm.cluster_tools import Programs, ToolsMissing


@pytest.fixture(scope="session")
def programs() -> Programs:
    try:
        return cluster_tools.programs()
    except ToolsMissing as missing:
        if os.environ.get("CI"):
            pytest.fail(f"in CI the chart must be tested: {missing}")
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def chart(programs: Programs) -> Chart:
    return Chart(programs.helm)


@pytest.fixture(params=EXAMPLES, ids=lambda path: path.stem)
def example(request: pytest.FixtureRequest) -> Path:
    return request.param

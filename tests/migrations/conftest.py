"""A database that nothing has been done to yet."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from hub import embedded


@pytest.fixture
def empty(cluster: embedded.Cluster) -> Iterator[str]:
    """URL of a database without a table, as its owner."""
    name = f"empty_{uuid4().hex}"
    cluster.create_database(name)
    yield cluster.url("hub_owner", name)
    cluster.drop_database(name)

"""A store of its own for each test, and the role that owns it."""

from tests.ingest.fixtures import database, owner, reused, store

__all__ = ["database", "owner", "reused", "store"]

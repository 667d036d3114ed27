"""SQLAlchemy Core tables of the hub's database.

Map:
    metadata  the one MetaData
    source    what agencies said: versions, persons and cases as each agency knows them
    pull      checkpoints, runs, quarantine, drift
    linkage   decisions on what belongs together
    golden    the one view, derived from the entities
    keys      wrapped keys of agencies and subjects
    access    clients, signing keys, one-time ids
"""

from schema.tables import access, golden, keys, linkage, pull, source
from schema.tables.metadata import metadata

__all__ = ["access", "golden", "keys", "linkage", "metadata", "pull", "source"]

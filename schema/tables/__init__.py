"""SQLAlchemy Core tables of the hub's database.

Map:
    metadata  the one MetaData
    source    what agencies said: versions, persons and cases as each agency knows them
    pull      checkpoints, runs, quarantine, drift
    linkage   decisions on what belongs together
    golden    the one view, derived from the entities
    events    what has changed in the view, for those who wait for it
    keys      wrapped keys of agencies and subjects
    access    clients, signing keys, one-time ids
    oauth     flows that are under way
    people    accounts, trusted issuers, logins
    grants    who may see what, why and until when
    operations  which operations a client may send
    usage     which operations clients send, and what of the schema those use
    ledger    who saw what, and the seals over it
    spending  what callers ask in a minute
    export    bulk exports and their sealed parts
    roles     who may connect, and as what
"""

from schema.tables import (
    access,
    events,
    export,
    golden,
    grants,
    keys,
    ledger,
    linkage,
    oauth,
    operations,
    people,
    pull,
    source,
    spending,
    usage,
)
from schema.tables.metadata import metadata

__all__ = [
    "access",
    "events",
    "export",
    "golden",
    "grants",
    "keys",
    "ledger",
    "linkage",
    "metadata",
    "oauth",
    "operations",
    "people",
    "pull",
    "source",
    "spending",
    "usage",
]

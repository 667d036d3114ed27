"""PostgreSQL without an administrator: one server per data folder, attached to if it runs, started if it does not.

Map:
    binaries  which PostgreSQL, and whether it fits the data
    account   root may not run PostgreSQL: who does
    layout    what lies where beside the data
    cluster   a running server: how to connect, databases and roles
    start     the duties, in order

Source: ADR-0011. Production uses any PostgreSQL >= 16 by HUB_DATABASE_URL and none of this.
"""

from hub.embedded.cluster import Cluster
from hub.embedded.start import start

__all__ = ["Cluster", "start"]

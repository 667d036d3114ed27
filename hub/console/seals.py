"""Whether the ledger is being sealed, as far as the service itself can see; the proof is `python -m hub audit verify`."""

from datetime import timedelta
from typing import Final

from sqlalchemy import text

from hub.console.visit import Shown, Visit

LATE: Final = timedelta(minutes=15)
"""Operators are alarmed by then: with each look at the console there is something to seal."""
_NEWEST: Final = text("SELECT n, at, kid, count FROM audit.seal ORDER BY n DESC LIMIT 10")


def show(visit: Visit) -> Shown:
    """The newest seals, and whether the last one is late."""
    found = visit.connection.execute(_NEWEST).mappings().all()
    is_late = not found or visit.now - found[0]["at"] > LATE
    return Shown(template="seals", values={"seals": found, "is_late": is_late})

"""Trusted issuers: whose word the hub takes, for people and for systems, and how far."""

from auth import accounts, issuers
from hub.console.visit import Shown, Visit


def listed(visit: Visit) -> Shown:
    """Every row there ever was, the newest first."""
    found = issuers.listed(visit.connection)
    names = {
        name
        for one in found
        for name in (one.proposed_by, one.approved_by, one.withdrawn_by)
        if name is not None
    }
    return Shown(
        template="issuers", values={"issuers": found, "people": accounts.named(visit.connection, names)}
    )

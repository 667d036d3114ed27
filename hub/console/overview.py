"""The first page: what waits for this officer, and what will soon be over."""

from datetime import timedelta
from typing import Any, Final

from auth import accounts, emergencies, exclusions, grant, grants
from auth.grant import Grant, State
from auth.grants import APPROVALS
from hub.console.visit import Shown, Visit

SOON: Final = timedelta(days=30)


def show(visit: Visit) -> Shown:
    """Grants that wait for the officer's approval or end in 30 days; emergencies and exclusions that wait."""
    values: dict[str, Any] = {"awaiting": None, "expiring": None, "emergencies": None, "exclusions": None}
    more = ["Console.overview"]
    if visit.may("Query.grants"):
        more.append("Query.grants")
        found = grant.listed(visit.connection, visit.officer, visit.now)
        values["expiring"] = sorted(
            (one for one in found if one.state is State.ACTIVE and one.proposal.valid_to <= visit.now + SOON),
            key=lambda one: one.proposal.valid_to,
        )
        values["awaiting"] = [one for one in found if _awaits(visit, one)]
    if visit.may("Query.emergencies"):
        more.append("Query.emergencies")
        values["emergencies"] = [
            one
            for one in emergencies.listed(visit.connection, visit.officer, visit.keyring)
            if one.verdict is None
        ]
    if visit.may("Query.exclusions"):
        more.append("Query.exclusions")
        values["exclusions"] = [
            one
            for one in exclusions.listed(visit.connection, visit.officer, visit.keyring)
            if one.approved_at is None and one.lifted_at is None
        ]
    shown = [*(values["awaiting"] or ()), *(values["expiring"] or ())]
    values["people"] = accounts.named(visit.connection, {one.proposal.grantee for one in shown})
    return Shown(template="overview", values=values, more=tuple(more))


def _awaits(visit: Visit, one: Grant) -> bool:
    """True if the officer could approve it, and it is the latest version."""
    if one.state is not State.PROPOSED or not visit.may("Mutation.decideGrant"):
        return False
    is_latest = grant.latest(visit.connection, one.grant_id, visit.now).version == one.version
    return is_latest and not APPROVALS.isdisjoint(grants.due(visit.connection, visit.officer, one))

"""The read ledger at the console: who asked what and why, of an officer's own agency and of what its grants opened."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from auth import accounts, clients, grant
from hub.clock import WIB
from hub.console.form import day_of
from hub.console.visit import Shown, Visit
from hub.ledger.search import EVERYBODY, Found, Whose, search

COORDINATE: Final = "Console.ledger"


def show(visit: Visit) -> Shown:
    """The records of one day, of one client where it is named."""
    day = _day(visit)
    begins = datetime.combine(day, time(), WIB)
    known = [one.client_id for one in clients.listed(visit.connection, visit.officer)]
    client = visit.query.get("client", "")
    found = read(visit, begins, begins + timedelta(days=1), [("client_id", client)] if client else [])
    values = {
        "day": day.isoformat(),
        "client": client,
        "clients": sorted({*known, *clients.OWN}),
        "found": found,
        "people": people(visit, found),
    }
    return Shown(template="ledger", values=values)


def _day(visit: Visit) -> date:
    """The day that was asked for; today where none was."""
    return day_of(visit.query.get("day", "")) or visit.now.astimezone(WIB).date()


def read(
    visit: Visit, after: datetime, before: datetime, wanted: Iterable[tuple[str, str | list[str]]]
) -> Found:
    """What the officer may see of a stretch of time."""
    officer = visit.officer
    if officer.is_central:
        whose = EVERYBODY
    else:
        owned = tuple(
            f"{one.grant_id}/{one.version}"
            for one in grant.listed(visit.connection, officer, visit.now)
            if one.proposal.owner == officer.agency
        )
        whose = Whose(agency=officer.agency, grants=owned)
    return search(visit.connection, after=after, before=before, whose=whose, wanted=wanted)


def people(visit: Visit, found: Found) -> dict[str, Any]:
    """The persons who asked, by account."""
    names = {one["account_id"] for one in found.records if one["account_id"]}
    return accounts.named(visit.connection, names)

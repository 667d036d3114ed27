"""Emergencies: who opened which case and why, and the verdict of an officer who did not."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from auth import accounts, emergencies
from auth.emergencies import Emergency, Verdict
from hub.console import ledger, problem
from hub.console.visit import Done, NoSuchPage, Shown, Visit
from hub.ledger.search import Found
from schema.errors import HubError, InputInvalid

_AFTER: Final = timedelta(minutes=5)
"""Longer than any answer takes that began in time."""


def listed(visit: Visit) -> Shown:
    """Every emergency that the officer's agency was told of, the newest first."""
    found = emergencies.listed(visit.connection, visit.officer, visit.keyring)
    return Shown(template="emergencies", values={"emergencies": found, "people": _people(visit, *found)})


def _people(visit: Visit, *found: Emergency) -> dict[str, Any]:
    return accounts.named(visit.connection, {one.account_id for one in found if one.account_id})


def one(visit: Visit) -> Shown:
    """One emergency; with the form of its verdict, where it has none and the officer may give it."""
    return _shown(visit, "", "")


def _found(visit: Visit) -> Emergency:
    every = emergencies.listed(visit.connection, visit.officer, visit.keyring)
    wanted: UUID = visit.id
    for one in every:
        if one.emergency_id == wanted:
            return one
    raise NoSuchPage


def _shown(visit: Visit, verdict: str, words: str, **more: Any) -> Shown:
    emergency = _found(visit)
    may_review = (
        visit.may("Mutation.reviewEmergency")
        and emergency.verdict is None
        and emergency.account_id != visit.account.account_id
    )
    found = _read(visit, emergency)
    read_by = {} if found is None else ledger.people(visit, found)
    values = {
        "emergency": emergency,
        "read": found,
        "people": _people(visit, emergency) | read_by,
        "may_review": may_review,
        "verdict": verdict,
        "words": words,
        "done": visit.query.get("done") == "1",
        **more,
    }
    seen = () if found is None else (ledger.COORDINATE,)
    return Shown(template="emergency", values=values, more=seen)


def _read(visit: Visit, emergency: Emergency) -> Found | None:
    """What was read under the emergency; None for an officer who may not read the ledger."""
    if not visit.may(ledger.COORDINATE):
        return None
    # Who has two emergencies at once reads under both: a record is about one of them, and names both.
    wanted: list[tuple[str, str | list[str]]] = [
        ("kind", "emergency"),
        ("grants", [f"{emergency.emergency_id}/1"]),
    ]
    return ledger.read(visit, emergency.declared_at, emergency.expires_at + _AFTER, wanted)


def review(visit: Visit) -> Done:
    """The verdict stands; an unjustified one suspends the client at once.

    Raises:
        InputInvalid: no verdict was chosen.
    """
    word = visit.form.text("verdict")
    if word not in {one.value for one in Verdict}:
        raise InputInvalid("verdict: choose one")
    _found(visit)
    emergencies.review(
        visit.connection, visit.officer, visit.id, Verdict(word), visit.form.text("words"), visit.now
    )
    return Done(to=f"/console/emergencies/{visit.id}?done=1", about=visit.id)


def refused(visit: Visit, error: HubError) -> Shown:
    """The emergency once more, with what was written."""
    form = visit.form
    return _shown(visit, form.text("verdict"), form.text("words"), problems=(problem.of_error(error),))

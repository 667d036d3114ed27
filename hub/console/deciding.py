"""A decision on a grant: what it would open, the reason, and a fresh login for what opens."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from auth import accounts, grants, step_up
from auth.challenge import LoginTooOld
from auth.grant import Grant
from auth.grants import OPENING, Decision
from hub.console import problem
from hub.console.grants import compared, due, found
from hub.console.visit import Done, NoSuchPage, Shown, Visit
from schema.errors import AlreadyDecided, HubError, InputInvalid

WRITING: Final = timedelta(minutes=3)
"""What is left of the fresh login at least when the form is shown, so that a reason can be written."""


def asked(visit: Visit) -> Shown:
    """The form of one decision on the latest version; or the way to a fresh login, where it needs one.

    Raises:
        AlreadyDecided: the officer cannot take this decision on the grant as it stands.
    """
    versions = found(visit)
    latest = versions[0]
    decision = _decision(visit.query.get("decision", ""))
    if decision not in due(visit, latest):
        raise AlreadyDecided("this decision cannot be taken on the grant as it stands; look at it again")
    if decision in OPENING and not _is_fresh(visit):
        return _log_in(visit, latest, decision, "")
    return _form(visit, versions, decision, "")


def _decision(word: str) -> Decision:
    if word not in {one.value for one in Decision}:
        raise NoSuchPage
    return Decision(word)


def _is_fresh(visit: Visit) -> bool:
    try:
        step_up.require(visit.permit.caller, visit.now, max_age=step_up.FRESH - WRITING)
    except LoginTooOld:
        return False
    return True


def decide(visit: Visit) -> Done:
    """The decision is taken.

    Raises:
        InputInvalid: the form is not whole.
        LoginTooOld: it opens, and the login is older than five minutes.
    """
    decision, version = _decision(visit.form.text("decision")), visit.form.number("version")
    if version is None:
        raise InputInvalid("version: the version of the grant that you have seen")
    if decision in OPENING:
        visit.require_fresh_login()
    grants.decide(
        visit.connection, visit.officer, visit.id, version, decision, visit.form.text("reason"), visit.now
    )
    return Done(to=f"/console/grants/{visit.id}?{urlencode({'done': decision.value})}", about=visit.id)


def refused(visit: Visit, error: HubError) -> Shown:
    """The form once more with the reason that was written; without a button where the decision cannot be taken."""
    versions = found(visit)
    decision = _decision(visit.form.text("decision"))
    reason = visit.form.text("reason")
    if isinstance(error, LoginTooOld):
        return _log_in(visit, versions[0], decision, reason)
    return _form(visit, versions, decision, reason, problems=(problem.of_error(error),))


def _form(visit: Visit, versions: Sequence[Grant], decision: Decision, reason: str, **more: Any) -> Shown:
    latest = versions[0]
    names = {latest.proposal.grantee, latest.proposed_by}
    values = {
        "grant": latest,
        "decision": decision.value,
        "opens": decision in OPENING,
        "reason": reason,
        "is_due": decision in due(visit, latest),
        "people": accounts.named(visit.connection, names),
        **compared(versions),
        **more,
    }
    return Shown(template="decide", values=values)


def _log_in(visit: Visit, latest: Grant, decision: Decision, reason: str) -> Shown:
    query = urlencode({"decision": decision.value})
    back = f"/console/grants/{latest.grant_id}/decide?{query}"
    seconds = int((step_up.FRESH - WRITING).total_seconds())
    values = {"grant": latest, "reason": reason, "login_url": visit.login_url(back, max_age=seconds)}
    return Shown(template="step_up", values=values)

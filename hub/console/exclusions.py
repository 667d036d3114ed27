"""Conflicts of interest: a case closed to somebody, proposed by one officer and approved by another."""

from typing import Any
from uuid import UUID

from auth import accounts, exclusions
from auth.exclusions import Exclusion, Kind
from hub.console import problem
from hub.console.visit import Done, NoSuchPage, Shown, Visit
from schema.codes import code_list
from schema.errors import HubError, InputInvalid


def listed(visit: Visit) -> Shown:
    """Every exclusion but those that keep the officer's own agency out, the newest first."""
    found = exclusions.listed(visit.connection, visit.officer, visit.keyring)
    return Shown(template="exclusions", values={"exclusions": found, "people": _people(visit, *found)})


def _people(visit: Visit, *found: Exclusion) -> dict[str, Any]:
    names = {one.proposed_by for one in found} | {
        one.excluded for one in found if one.kind == Kind.ACCOUNT.value
    }
    return accounts.named(visit.connection, names)


def begun(visit: Visit) -> Shown:
    """The form of a new exclusion."""
    return _form(visit)


def _form(visit: Visit, **more: Any) -> Shown:
    names = ("case_id", "kind", "excluded", "reason")
    values = {
        "written": {name: visit.form.text(name) for name in names},
        "kinds": [one.value for one in Kind],
        "agencies": list(code_list("agency")),
        **more,
    }
    return Shown(template="exclude", values=values)


def propose(visit: Visit) -> Done:
    """The exclusion is proposed; it holds once another officer has approved it.

    Raises:
        InputInvalid: the case's id or the kind is none.
    """
    form = visit.form
    kind = form.text("kind")
    try:
        case_id = UUID(form.text("case_id"))
    except ValueError:
        raise InputInvalid("caseId: not an id of the hub") from None
    if kind not in {one.value for one in Kind}:
        raise InputInvalid("kind: choose one")
    made = exclusions.propose(
        visit.connection,
        visit.officer,
        case_id,
        Kind(kind),
        form.text("excluded"),
        form.text("reason"),
        sealer=visit.keyring,
        now=visit.now,
    )
    to = f"/console/exclusions/{made.exclusion_id}" if visit.may("Query.exclusions") else "/console"
    return Done(to=to, about=made.exclusion_id)


def refused(visit: Visit, error: HubError) -> Shown:
    """The form once more, with what was written."""
    return _form(visit, problems=(problem.of_error(error),))


def one(visit: Visit) -> Shown:
    """One exclusion, and what the officer can do about it."""
    return _one(visit)


def _one(visit: Visit, **more: Any) -> Shown:
    every = exclusions.listed(visit.connection, visit.officer, visit.keyring)
    found = next((one for one in every if one.exclusion_id == visit.id), None)
    if found is None:
        raise NoSuchPage
    is_other = found.proposed_by != visit.account.account_id
    is_open = found.lifted_at is None
    values = {
        "exclusion": found,
        "people": _people(visit, found),
        "may_approve": is_open
        and is_other
        and found.approved_at is None
        and visit.may("Mutation.approveExclusion"),
        "may_lift": is_open and is_other and visit.may("Mutation.liftExclusion"),
        "is_own": not is_other,
        **more,
    }
    return Shown(template="exclusion", values=values)


def approve(visit: Visit) -> Done:
    """The exclusion holds from now on."""
    exclusions.approve(visit.connection, visit.officer, visit.id, sealer=visit.keyring, now=visit.now)
    return Done(to=f"/console/exclusions/{visit.id}", about=visit.id)


def lift(visit: Visit) -> Done:
    """The exclusion holds no longer."""
    exclusions.lift(visit.connection, visit.officer, visit.id, sealer=visit.keyring, now=visit.now)
    return Done(to=f"/console/exclusions/{visit.id}", about=visit.id)


def refused_one(visit: Visit, error: HubError) -> Shown:
    """The exclusion once more, and why it was not decided."""
    return _one(visit, problems=(problem.of_error(error),))

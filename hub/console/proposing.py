"""A grant is proposed, or renewed: one thing asked at a time, all of it shown before it is sent."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from auth import accounts, clients, grants
from auth.grant import State
from auth.scopes import ScopeClass, purposes, scopes
from hub.clock import WIB
from hub.console import problem
from hub.console.draft import STEPS, Draft
from hub.console.grants import found
from hub.console.problem import Problem
from hub.console.visit import Done, NoSuchPage, Shown, Visit
from schema import reach
from schema.codes import code_list
from schema.errors import HubError, InputInvalid
from schema.regions import regions

_CHECK: Final = "check"


def begun(visit: Visit) -> Shown:
    """The first step of a new proposal."""
    return _shown(visit, "who", Draft())


def renewing(visit: Visit) -> Shown:
    """The next version of a grant, to be checked; it begins as the one before.

    Raises:
        NoSuchPage: the grant was revoked, or does not concern the officer's agency.
    """
    latest = found(visit)[0]
    if latest.state is State.REVOKED:
        raise NoSuchPage
    return _shown(visit, _CHECK, Draft.of_grant(latest, visit.now))


def step(visit: Visit) -> Shown:
    """The step that the form leads to; or the same one, where it is not filled in as it must be.

    Raises:
        NoSuchPage: the form names a step that is none.
    """
    draft, at, to = _draft(visit), visit.form.text("step"), visit.form.text("to")
    if at not in STEPS or to not in STEPS:
        raise NoSuchPage
    order = list(STEPS)
    for one in order[: order.index(to)] if order.index(to) > order.index(at) else []:
        wrong = _wrong(visit, one, draft)
        if wrong:
            return _shown(visit, one, draft, problem.of_fields(wrong), status=400)
    return _shown(visit, to, _prefilled(visit, to, draft))


def confirm(visit: Visit) -> Done:
    """The grant is proposed; it opens nothing until others have approved it."""
    proposal = _whole(visit).proposal(visit.now)
    made = grants.propose(visit.connection, visit.officer, proposal, visit.now)
    return Done(to=f"/console/grants/{made.grant_id}?done=PROPOSED", about=made.grant_id)


def confirm_renewal(visit: Visit) -> Done:
    """The next version is proposed; the one before stays alive until this one is approved and begins."""
    proposal = _whole(visit).proposal(visit.now)
    made = grants.renew(visit.connection, visit.officer, visit.id, proposal, visit.now)
    return Done(to=f"/console/grants/{made.grant_id}?done=RENEWED", about=made.grant_id)


def _whole(visit: Visit) -> Draft:
    """The draft, filled in.

    Raises:
        InputInvalid: a step is not.
    """
    draft = _draft(visit)
    for one in STEPS:
        wrong = _wrong(visit, one, draft)
        if wrong:
            raise InputInvalid(f"{wrong[0]}: fill it in")
    return draft


def refused(visit: Visit, error: HubError) -> Shown:
    """All that was written, to be changed where the rule that was broken says so."""
    return _shown(visit, _CHECK, _draft(visit), (problem.of_error(error),))


def _draft(visit: Visit) -> Draft:
    """What the form brings; a renewal keeps grantee and owner."""
    draft = Draft.of_form(visit.form)
    if "id" not in visit.path:
        return draft
    before = found(visit)[0].proposal
    return replace(draft, grantee=before.grantee, owner=before.owner)


def _wrong(visit: Visit, step: str, draft: Draft) -> list[str]:
    """The fields of a step that are not filled in as they must be."""
    return [name for name in STEPS[step] if not _RIGHT.get(name, _is_text(name))(visit, draft)]


def _is_text(name: str) -> Callable[[Visit, Draft], bool]:
    def is_long_enough(_: Visit, draft: Draft) -> bool:
        return len(getattr(draft, name)) >= grants.SHORTEST_TEXT

    return is_long_enough


def _are_offered(visit: Visit, draft: Draft) -> bool:
    return bool(draft.scopes) and set(draft.scopes) <= {one.word for one in _offered(visit, draft)}


def _is_somewhere(_: Visit, draft: Draft) -> bool:
    return draft.where in {"nation", "none"} or (draft.where == "some" and bool(draft.jurisdictions))


_RIGHT: Final[Mapping[str, Callable[[Visit, Draft], bool]]] = {
    "grantee": lambda visit, draft: _kind(visit, draft.grantee) is not None,
    "owner": lambda _, draft: draft.owner in code_list("agency"),
    "scopes": _are_offered,
    "purposes": lambda _, draft: bool(draft.purposes) and set(draft.purposes) <= set(_purposes()),
    "where": _is_somewhere,
    "provinces": lambda _, draft: draft.where != "some" or set(draft.provinces) <= reach.provinces(),
    "regencies": lambda _, draft: (
        draft.where != "some" or all(reach.is_jurisdiction(code) for code in draft.jurisdictions)
    ),
    "valid_from": lambda visit, _: visit.form.day("valid_from") is not None,
    "valid_to": lambda visit, draft: (
        visit.form.day("valid_to") is not None and draft.valid_to >= draft.valid_from
    ),
}
"""What each field must be; a text of the rest must be long enough to say something."""


def _kind(visit: Visit, grantee: str) -> str | None:
    """Whether it is a client or a person; None where it is neither."""
    if clients.load(visit.connection, grantee) is not None:
        return "client"
    return "person" if accounts.load(visit.connection, grantee) is not None else None


def _offered(visit: Visit, draft: Draft) -> list[Any]:
    """The scopes that such a grantee can have."""
    is_person = _kind(visit, draft.grantee) == "person"
    return [
        one
        for one in scopes().values()
        if (one.scope_class is not ScopeClass.SYSTEM if is_person else not one.humans_only)
    ]


def _purposes() -> list[str]:
    """An emergency is declared, never granted."""
    return [word for word in purposes() if word != "emergency"]


def _prefilled(visit: Visit, step: str, draft: Draft) -> Draft:
    """What is likely, where nothing was written yet."""
    if step == "basis" and not draft.legal_basis:
        return replace(draft, legal_basis=purposes()[draft.purposes[0]].legal_basis)
    if step == "until" and not draft.valid_from:
        today = visit.now.astimezone(WIB).date()
        last = today + _longest(draft) - timedelta(days=1)
        return replace(draft, valid_from=today.isoformat(), valid_to=last.isoformat())
    return draft


def _longest(draft: Draft) -> timedelta:
    is_restricted = any(scopes()[word].scope_class is ScopeClass.RESTRICTED for word in draft.scopes)
    return grants.LONGEST_RESTRICTED if is_restricted else grants.LONGEST


def _shown(
    visit: Visit, step: str, draft: Draft, problems: tuple[Problem, ...] = (), status: int = 200
) -> Shown:
    order = list(STEPS)
    number = order.index(step)
    is_renewal = "id" in visit.path
    first = 1 if is_renewal else 0
    values = {
        "step": step,
        "number": number + 1 - first,
        "count": len(order) - first,
        "before": order[number - 1] if number > first else None,
        "after": order[number + 1] if step != _CHECK else None,
        "steps": order[first:-1],
        "draft": draft,
        "to": f"/console/grants/{visit.path['id']}/renew" if is_renewal else "/console/propose",
        "is_renewal": is_renewal,
        "problems": problems,
        "people": accounts.named(visit.connection, {draft.grantee}),
        "clients": [one.client_id for one in clients.listed(visit.connection, visit.officer)],
        "owners": list(code_list("agency")),
        "offered": _offered(visit, draft) if step == "scopes" else (),
        "purposes": [purposes()[word] for word in _purposes()],
        "provinces": sorted(
            (one for one in regions().values() if one.parent is None), key=lambda one: one.name
        ),
        "longest": _longest(draft).days if step == "until" else 0,
    }
    return Shown(template=f"propose_{step}", values=values, status=status)

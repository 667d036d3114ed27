"""Grants: the list with its filter, and one with all its versions and decisions, in words."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final

from auth import accounts, grant, grants
from auth.grant import Grant, State
from auth.grants import Decision
from hub.console.visit import NoSuchPage, Shown, Visit
from schema.codes import code_list

PAGE: Final = 50
PEOPLE: Final = "people"
"""In the filter, all grantees who are persons: their ids stand in no address."""

_FACTS: Final = {"jurisdictions": "where", "valid_from": "period", "valid_to": "period"}
"""Facts of a proposal by the words that the page has for them; the rest are called as they are."""


def listed(visit: Visit) -> Shown:
    """The grants that concern the officer's agency, all of them for the secretariat; filtered, the newest first."""
    every = grant.listed(visit.connection, visit.officer, visit.now)
    owner, client, state = (visit.query.get(name, "") for name in ("owner", "client", "state"))
    found = [
        one
        for one in every
        if (not owner or one.proposal.owner == owner)
        and (not state or one.state.value == state)
        and (not client or client == (PEOPLE if _is_person(one) else one.proposal.grantee))
    ]
    number = _page_number(visit.query.get("page", ""), len(found))
    part = found[(number - 1) * PAGE : number * PAGE]
    values = {
        "grants": part,
        "total": len(found),
        "number": number,
        "pages": max(1, -(-len(found) // PAGE)),
        "people": accounts.named(visit.connection, {one.proposal.grantee for one in part}),
        "chosen": {"owner": owner, "client": client, "state": state},
        "owners": [code for code in code_list("agency") if any(one.proposal.owner == code for one in every)],
        "clients": sorted({one.proposal.grantee for one in every if not _is_person(one)}),
        "states": [one.value for one in State],
        "has_people": any(_is_person(one) for one in every),
    }
    return Shown(template="grants", values=values)


def _is_person(one: Grant) -> bool:
    return "#" in one.proposal.grantee


def _page_number(text: str, count: int) -> int:
    """The page that was asked for, or the last one there is."""
    last = max(1, -(-count // PAGE))
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(last))
    return min(max(int(text), 1), last) if is_number else 1 if not text else last


def one(visit: Visit) -> Shown:
    """One grant with all its versions, the newest first, the decisions on each, and what the officer can do now."""
    versions = found(visit)
    latest = versions[0]
    decisions = grant.history(visit.connection, latest.grant_id)
    names = {latest.proposal.grantee, *(one.proposed_by for one in versions)}
    done = visit.query.get("done", "")
    values = {
        "grant": latest,
        "versions": versions,
        "decisions": decisions,
        "people": accounts.named(visit.connection, names | {one["decided_by"] for one in decisions}),
        "due": due(visit, latest),
        **compared(versions),
        "may_renew": visit.may("Mutation.renewGrant") and latest.state is not State.REVOKED,
        "done": done if done in {"PROPOSED", "RENEWED", *(one.value for one in Decision)} else "",
    }
    return Shown(template="grant", values=values)


def found(visit: Visit) -> list[Grant]:
    """Every version of the grant in the address, the newest first.

    Raises:
        NoSuchPage: it is not there, or does not concern the officer's agency.
    """
    versions = grant.versions(visit.connection, visit.officer, visit.id, visit.now)
    if not versions:
        raise NoSuchPage
    return versions


def compared(versions: Sequence[Grant]) -> dict[str, Any]:
    """What the latest version changes: the version before that is in force, or the last one before, and what differs.

    Args:
        versions: the newest first, n >= 1.
    """
    latest, *others = versions
    if not others:
        return {"before": None, "changed": frozenset[str]()}
    before = next((one for one in others if one.state is State.ACTIVE), others[0])
    differ = {
        one.name
        for one in fields(latest.proposal)
        if getattr(latest.proposal, one.name) != getattr(before.proposal, one.name)
    }
    return {"before": before, "changed": frozenset(_FACTS.get(name, name) for name in differ)}


def due(visit: Visit, latest: Grant) -> Sequence[Decision]:
    """The decisions that the officer can take on it now."""
    if not visit.may("Mutation.decideGrant"):
        return ()
    return grants.due(visit.connection, visit.officer, latest)

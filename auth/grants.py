"""Grants: proposed, approved by others, ended by a date; every version stays as it was written.

    proposed -> approved -> active -> expired
             -> refused            -> suspended -> resumed
                                   -> revoked

Opening takes several persons, closing takes one. The functions take a synchronous connection; elsewhere
`await connection.run_sync(grants.propose, ...)`.

Source: UU PDP art. 20, 46; design.md section 4; ADR-0028.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from auth import scopes
from auth.grant import Grant, GrantRefused, NotYours, Officer, Proposal, State, history, latest
from auth.scopes import ScopeClass
from schema import reach
from schema.codes import code_list
from schema.errors import AlreadyDecided, DecisionError, SelfApproval
from schema.tables import access, grants, people

LONGEST: Final = timedelta(days=365)
LONGEST_RESTRICTED: Final = timedelta(days=90)
_NEEDS_OWNER: Final = frozenset([ScopeClass.SENSITIVE, ScopeClass.RESTRICTED])
_NEVER_STATISTICS: Final = ("identity", "health")
SHORTEST_TEXT: Final = 3
_TEXT: Final = range(SHORTEST_TEXT, 2001)
"""Characters of a justification, a reason, an agreement's number."""


class Decision(StrEnum):
    """What can be decided on a grant."""

    APPROVED = "APPROVED"
    OWNER_APPROVED = "OWNER_APPROVED"
    REFUSED = "REFUSED"
    SUSPENDED = "SUSPENDED"
    RESUMED = "RESUMED"
    REVOKED = "REVOKED"


APPROVALS: Final = frozenset([Decision.APPROVED, Decision.OWNER_APPROVED])
"""Of a proposal; each is given once, by another person."""
OPENING: Final = frozenset([Decision.APPROVED, Decision.OWNER_APPROVED, Decision.RESUMED])
"""Decisions after which something may be open that was closed."""


def propose(connection: Connection, officer: Officer, proposal: Proposal, now: datetime) -> Grant:
    """The first version of a new grant, which opens nothing until others have approved it.

    Raises:
        GrantRefused: the proposal breaks a rule; says which.
        NotYours: the officer is neither of the grantee's agency nor of the owner nor central.
    """
    return _write(connection, officer, uuid4(), 1, proposal, now)


def renew(
    connection: Connection, officer: Officer, grant_id: UUID, proposal: Proposal, now: datetime
) -> Grant:
    """The next version of a grant; the one before stays alive until this one is approved and begins.

    Raises:
        GrantRefused: the proposal breaks a rule, or is for another grantee or owner.
        AlreadyDecided: the grant was revoked.
        NotYours: as for a new one.
    """
    before = latest(connection, grant_id, now)
    if before.state is State.REVOKED:
        raise AlreadyDecided("the grant was revoked; propose a new one")
    if (before.proposal.grantee, before.proposal.owner) != (proposal.grantee, proposal.owner):
        raise GrantRefused("a renewal keeps grantee and owner; propose a new grant for others")
    return _write(connection, officer, grant_id, before.version + 1, proposal, now)


def _write(
    connection: Connection, officer: Officer, grant_id: UUID, version: int, proposal: Proposal, now: datetime
) -> Grant:
    agency = _agency_of(connection, proposal.grantee)
    if not officer.is_central and officer.agency not in {agency, proposal.owner}:
        raise NotYours(
            "an officer of the grantee's agency, of the owner, or of the secretariat proposes a grant"
        )
    _check(connection, proposal, now)
    row = {
        "grant_id": grant_id,
        "version": version,
        "grantee": proposal.grantee,
        "owner": proposal.owner,
        "scopes": sorted(proposal.scopes),
        "purposes": list(proposal.purposes),
        "legal_basis": proposal.legal_basis,
        "agreement": proposal.agreement,
        "justification": proposal.justification,
        "jurisdictions": sorted(proposal.jurisdictions),
        "valid_from": proposal.valid_from,
        "valid_to": proposal.valid_to,
        "needs_owner": any(_class(word) in _NEEDS_OWNER for word in proposal.scopes),
        "proposed_by": officer.account_id,
        "proposed_at": now,
    }
    connection.execute(insert(grants.access_grant).values(row))
    return latest(connection, grant_id, now)


def _class(word: str) -> ScopeClass:
    return scopes.scopes()[word].scope_class


def _agency_of(connection: Connection, grantee: str) -> str | None:
    """The agency of a client or a person.

    Raises:
        GrantRefused: there is neither of that id.
    """
    client, account = access.client, people.account
    for column, key in ((client.c.agency, client.c.client_id), (account.c.agency, account.c.account_id)):
        row = connection.execute(select(column).where(key == grantee)).one_or_none()
        if row is not None:
            return None if row[0] is None else str(row[0])
    raise GrantRefused("grantee: there is no client and no account of this id")


def _check(connection: Connection, proposal: Proposal, now: datetime) -> None:
    words = scopes.scopes()
    _refuse_unless(bool(proposal.scopes), "scopes: name at least one")
    _refuse_unless(proposal.scopes <= words.keys(), "scopes: one is not of the closed list")
    _refuse_unless(bool(proposal.purposes), "purposes: name at least one")
    _refuse_unless(
        set(proposal.purposes) <= scopes.purposes().keys(), "purposes: one is not of the closed list"
    )
    _refuse_unless("emergency" not in proposal.purposes, "purposes: emergency is declared, never granted")
    _refuse_unless(proposal.owner in code_list("agency"), "owner: not a code of the list `agency`")
    _refuse_unless(
        all(reach.is_jurisdiction(code) for code in proposal.jurisdictions),
        "jurisdictions: Kemendagri codes of 2 or 4 digits that exist",
    )
    for name, given in (
        ("legalBasis", proposal.legal_basis),
        ("agreement", proposal.agreement),
        ("justification", proposal.justification),
    ):
        _refuse_unless(len(given.strip()) in _TEXT, f"{name}: {_TEXT.start} to {_TEXT.stop - 1} characters")
    if "statistics" in proposal.purposes:
        opens = any(part in word for word in proposal.scopes for part in _NEVER_STATISTICS)
        _refuse_unless(not opens, "purposes: statistics never opens identity or health")
    is_restricted = any(_class(word) is ScopeClass.RESTRICTED for word in proposal.scopes)
    longest = LONGEST_RESTRICTED if is_restricted else LONGEST
    _refuse_unless(
        now < proposal.valid_to and timedelta(0) < proposal.valid_to - proposal.valid_from <= longest,
        f"validTo: after validFrom and the present, and at most {longest.days} days later",
    )
    _check_kind(connection, proposal)


def _check_kind(connection: Connection, proposal: Proposal) -> None:
    account = select(people.account.c.account_id).where(people.account.c.account_id == proposal.grantee)
    is_person = connection.execute(account).one_or_none() is not None
    for word in sorted(proposal.scopes):
        if scopes.scopes()[word].humans_only and not is_person:
            raise GrantRefused(f"scopes: {word} is for persons only")
        if _class(word) is ScopeClass.SYSTEM and is_person:
            raise GrantRefused(f"scopes: {word} is for systems only")


def _refuse_unless(holds: bool, problem: str) -> None:
    if not holds:
        raise GrantRefused(problem)


def decide(
    connection: Connection,
    officer: Officer,
    grant_id: UUID,
    version: int,
    decision: Decision,
    reason: str,
    now: datetime,
) -> Grant:
    """The version after the decision.

    Args:
        connection: inside the transaction of the request.
        officer: who decides.
        grant_id: of the grant.
        version: that the officer has seen; only the latest can be approved or refused.
        decision: what.
        reason: in words, for the record.
        now: aware UTC.

    Raises:
        GrantRefused: there is no such grant or version, or the reason is missing.
        SelfApproval: the officer proposed it, approved it before, is the one it is for, or lifts their own suspension.
        NotYours: an officer of another agency must decide that.
        AlreadyDecided: it has been decided, or the version is not the latest.
    """
    # Two decisions at one moment wait for each other, so that each sees what the other has decided.
    connection.execute(select(func.pg_advisory_xact_lock(grant_id.int >> 65)))
    grant = latest(connection, grant_id, now)
    if grant.version != version:
        raise AlreadyDecided("there is a newer version of this grant; look at that one")
    if len(reason.strip()) not in _TEXT:
        raise GrantRefused(f"reason: {_TEXT.start} to {_TEXT.stop - 1} characters")
    _may(connection, officer, grant, decision)
    _is_due(grant, decision)
    row = {
        "grant_id": grant_id,
        "version": version,
        "proposed_by": grant.proposed_by,
        "kind": decision.value,
        "decided_by": officer.account_id,
        "decided_at": now,
        "reason": reason,
    }
    try:
        with connection.begin_nested():
            connection.execute(insert(grants.grant_decision).values(row))
    except IntegrityError as broken:
        if "four_eyes" in str(broken.orig) or "approver" in str(broken.orig):
            raise SelfApproval("whoever proposed or approved it already cannot approve it") from None
        raise AlreadyDecided from None
    return latest(connection, grant_id, now)


def due(connection: Connection, officer: Officer, grant: Grant) -> tuple[Decision, ...]:
    """The decisions that the officer can take on the grant as it stands, for a page to offer; `decide` judges again.

    Args:
        connection: inside a transaction.
        officer: who would decide.
        grant: its latest version.
    """
    taken = {
        (Decision(one["kind"]), one["decided_by"])
        for one in history(connection, grant.grant_id)
        if one["version"] == grant.version
    }
    approvers = {by for kind, by in taken if kind in APPROVALS} | {grant.proposed_by}
    kinds = {kind for kind, _ in taken}
    found: list[Decision] = []
    for decision in Decision:
        if decision in APPROVALS and (decision in kinds or officer.account_id in approvers):
            continue
        if decision is Decision.OWNER_APPROVED and not grant.needs_owner:
            continue
        try:
            _may(connection, officer, grant, decision)
            _is_due(grant, decision)
        except DecisionError:
            continue
        found.append(decision)
    return tuple(found)


def _may(connection: Connection, officer: Officer, grant: Grant, decision: Decision) -> None:
    owner, agency = grant.proposal.owner, _agency_of(connection, grant.proposal.grantee)
    if decision in OPENING and officer.account_id == grant.proposal.grantee:
        raise SelfApproval("nobody approves a grant to themselves")
    if decision is Decision.OWNER_APPROVED and officer.agency != owner:
        raise NotYours("an officer of the owner approves for the owner")
    if decision is Decision.APPROVED and not officer.is_central and officer.agency != owner:
        raise NotYours("an officer of the owner or of the secretariat approves a grant")
    if not officer.is_central and officer.agency not in {owner, agency}:
        raise NotYours("an officer of the owner, of the grantee's agency or of the secretariat decides")
    if decision is Decision.RESUMED and officer.account_id == _suspended_by(connection, grant.grant_id):
        raise SelfApproval("whoever suspended it cannot resume it; another officer must look")


def _is_due(grant: Grant, decision: Decision) -> None:
    due = {
        Decision.APPROVED: {State.PROPOSED},
        Decision.OWNER_APPROVED: {State.PROPOSED},
        Decision.REFUSED: {State.PROPOSED},
        Decision.SUSPENDED: {State.PROPOSED, State.WAITING, State.ACTIVE, State.REPLACED},
        Decision.RESUMED: {State.SUSPENDED},
        Decision.REVOKED: set(State) - {State.REVOKED, State.REFUSED},
    }
    if grant.state not in due[decision]:
        raise AlreadyDecided(f"the grant is {grant.state}, and cannot be {decision} now")


def _suspended_by(connection: Connection, grant_id: UUID) -> str | None:
    decision = grants.grant_decision
    statement = (
        select(decision.c.decided_by)
        .where(decision.c.grant_id == grant_id, decision.c.kind == Decision.SUSPENDED.value)
        .order_by(decision.c.decision_id.desc())
        .limit(1)
    )
    return connection.execute(statement).scalar()

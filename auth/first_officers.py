"""The first two officers: the one way to a right that no officer has approved, open once and to two persons together.

Whoever approves must hold a grant, and a grant needs two who approve; so a hub begins with two officers of the secretariat,
each proposed by the other. Each of them accepts what the other proposed: here alone does a grantee decide on their own
grant. From then on there are officers, and this is closed for good.

Source: ADR-0030.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, insert, select

from auth import accounts, grants, scopes
from auth.accounts import Account
from auth.grant import CENTRAL, Officer, Proposal
from auth.grants import LONGEST, Decision
from auth.scopes import ScopeClass
from schema.errors import AlreadyDecided, DecisionError, SelfApproval
from schema.tables import grants as tables

SCOPES: Final = frozenset({"scope:manage", "scope:approve", "audit:read"})
"""What an officer needs to begin: to propose, to approve, and to see who saw what."""
PURPOSE: Final = "subject-request"
_LOCK: Final = 7_700_030_002
"""Key of the advisory lock that lets one pair in."""


class NotAPair(DecisionError):
    """The first officers are two persons of the secretariat who may act."""


def is_open(connection: Connection) -> bool:
    """True until there is any grant to an officer, whatever has become of it since."""
    officer = [word for word, scope in scopes.scopes().items() if scope.scope_class is ScopeClass.OFFICER]
    found = select(tables.access_grant.c.grant_id).where(tables.access_grant.c.scopes.overlap(officer))
    return connection.execute(found.limit(1)).first() is None


def bootstrap(connection: Connection, first: Account, second: Account, now: datetime) -> None:
    """There are two officers of the secretariat, each with a grant that the other proposed; it ends within a year.

    Args:
        connection: inside a transaction.
        first: one of them, registered by this where they are not yet.
        second: the other one.
        now: aware UTC.

    Raises:
        AlreadyDecided: there are officers, or were; they approve the next ones.
        SelfApproval: the two are one person.
        NotAPair: one of them is not of the secretariat, or suspended.
        AccountRefused: an account cannot be registered so.
    """
    connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    if not is_open(connection):
        raise AlreadyDecided("there are officers already; they propose and approve the next ones")
    if first.account_id == second.account_id:
        raise SelfApproval("the first officers are two persons")
    pair = [_enrolled(connection, account) for account in (first, second)]
    for account, other in (pair, pair[::-1]):
        _entitle(connection, account, other, now)


def _enrolled(connection: Connection, account: Account) -> Account:
    found = accounts.load(connection, account.account_id) or accounts.register(connection, account)
    if found.agency != CENTRAL or found.suspended_at is not None:
        raise NotAPair
    return found


def _entitle(connection: Connection, account: Account, other: Account, now: datetime) -> None:
    proposal = Proposal(
        grantee=account.account_id,
        owner=CENTRAL,
        scopes=SCOPES,
        purposes=(PURPOSE,),
        legal_basis=scopes.purposes()[PURPOSE].legal_basis,
        agreement="ADR-0030",
        justification="The first two officers of the secretariat, each proposed by the other",
        jurisdictions=(),
        valid_from=now,
        valid_to=now + LONGEST,
    )
    proposer = Officer(account_id=other.account_id, agency=other.agency)
    made = grants.propose(connection, proposer, proposal, now)
    decision = {
        "grant_id": made.grant_id,
        "version": made.version,
        "proposed_by": other.account_id,
        "kind": Decision.APPROVED.value,
        "decided_by": account.account_id,
        "decided_at": now,
        "reason": "Accepted by the first officer whom it is for",
    }
    connection.execute(insert(tables.grant_decision).values(decision))

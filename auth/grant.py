"""A grant as it stands: what was proposed, by whom, and what the decisions on it say together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, RowMapping, TextClause, select, text

from schema.errors import DecisionError
from schema.tables import grants

CENTRAL: Final = "SATGAS_TPPO"
"""The task force secretariat: its officers may endorse every grant, and grant nothing that another agency owns."""


class GrantRefused(DecisionError):
    """The grant cannot be proposed so."""


class NotYours(DecisionError):
    """An officer of another agency must do this."""


class State(StrEnum):
    """Where a version of a grant stands."""

    PROPOSED = "PROPOSED"
    REFUSED = "REFUSED"
    WAITING = "WAITING"
    """Approved, and its period has not begun."""
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    REPLACED = "REPLACED"
    """A newer version is active."""
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """Who decides: a person, acting for one agency."""

    account_id: str
    agency: str

    @property
    def is_central(self) -> bool:
        """True for officers of the task force secretariat."""
        return self.agency == CENTRAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What somebody asks for.

    Attributes:
        grantee: a client_id, or an account_id.
        owner: agency whose data it opens.
        scopes: words of auth.scopes, n >= 1.
        purposes: words of auth.scopes, n >= 1.
        legal_basis: row of the register of legal bases, such as `UU PDP art. 20(2)(e)`.
        agreement: number of the agreement between the agencies.
        justification: why it is needed.
        jurisdictions: Kemendagri codes of 2 or 4 digits.
        valid_from: aware UTC.
        valid_to: aware UTC; at most 365 days later, 90 where a scope is restricted.
    """

    grantee: str
    owner: str
    scopes: frozenset[str]
    purposes: tuple[str, ...]
    legal_basis: str
    agreement: str
    justification: str
    jurisdictions: tuple[str, ...]
    valid_from: datetime
    valid_to: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One version of a grant, and where it stands."""

    grant_id: UUID
    version: int
    proposal: Proposal
    needs_owner: bool
    proposed_by: str
    proposed_at: datetime
    state: State


_LISTED: Final = """
    SELECT g.*, EXISTS (SELECT FROM grant_standing n WHERE n.grant_id = g.grant_id AND n.version > g.version
                          AND n.is_approved AND n.valid_from <= :now) AS is_replaced
    FROM grant_standing g
"""
_CONCERNING: Final = f"""
    {_LISTED}
    LEFT JOIN client c ON c.client_id = g.grantee LEFT JOIN account a ON a.account_id = g.grantee
    WHERE (:is_central OR :agency IN (g.owner, c.agency, a.agency))
"""
"""Whose: of the owner, of the grantee's agency, or of the secretariat."""


def latest(connection: Connection, grant_id: UUID, now: datetime) -> Grant:
    """The newest version of a grant.

    Raises:
        GrantRefused: there is no such grant.
    """
    statement = text(f"{_LISTED} WHERE g.grant_id = :grant_id ORDER BY g.version DESC LIMIT 1")
    row = connection.execute(statement, {"grant_id": grant_id, "now": now}).mappings().one_or_none()
    if row is None:
        raise GrantRefused("there is no grant of this id")
    return _grant(row, now)


def listed(connection: Connection, officer: Officer, now: datetime) -> list[Grant]:
    """Every version of every grant that concerns the officer's agency, all of them for the secretariat; newest first."""
    statement = text(f"{_CONCERNING} ORDER BY g.proposed_at DESC, g.grant_id, g.version DESC")
    return _found(connection, statement, officer, now)


def versions(connection: Connection, officer: Officer, grant_id: UUID, now: datetime) -> list[Grant]:
    """Every version of one grant, the newest first; none where it does not concern the officer's agency or is not there."""
    statement = text(f"{_CONCERNING} AND g.grant_id = :grant_id ORDER BY g.version DESC")
    return _found(connection, statement, officer, now, grant_id=grant_id)


def _found(
    connection: Connection, statement: TextClause, officer: Officer, now: datetime, **values: Any
) -> list[Grant]:
    values |= {"now": now, "is_central": officer.is_central, "agency": officer.agency}
    return [_grant(row, now) for row in connection.execute(statement, values).mappings()]


def history(connection: Connection, grant_id: UUID) -> Sequence[Mapping[str, Any]]:
    """The decisions on a grant, the first one first: version, kind, decided_by, decided_at, reason."""
    decision = grants.grant_decision
    statement = (
        select(
            decision.c.version,
            decision.c.kind,
            decision.c.decided_by,
            decision.c.decided_at,
            decision.c.reason,
        )
        .where(decision.c.grant_id == grant_id)
        .order_by(decision.c.decision_id)
    )
    return [dict(row) for row in connection.execute(statement).mappings()]


def _grant(row: RowMapping, now: datetime) -> Grant:
    proposal = Proposal(
        grantee=row["grantee"],
        owner=row["owner"],
        scopes=frozenset(row["scopes"]),
        purposes=tuple(row["purposes"]),
        legal_basis=row["legal_basis"],
        agreement=row["agreement"],
        justification=row["justification"],
        jurisdictions=tuple(row["jurisdictions"]),
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
    )
    return Grant(
        grant_id=row["grant_id"],
        version=row["version"],
        proposal=proposal,
        needs_owner=row["needs_owner"],
        proposed_by=row["proposed_by"],
        proposed_at=row["proposed_at"],
        state=_state(row, now),
    )


def _state(row: RowMapping, now: datetime) -> State:
    found = {
        State.REVOKED: row["is_revoked"],
        State.REFUSED: row["is_refused"],
        State.EXPIRED: row["valid_to"] <= now,
        State.SUSPENDED: row["is_suspended"],
        State.PROPOSED: not row["is_approved"],
        State.WAITING: row["valid_from"] > now,
        State.REPLACED: row["is_replaced"],
    }
    return next((state for state, holds in found.items() if holds), State.ACTIVE)

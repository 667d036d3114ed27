"""Conflicts of interest: a case closed to an agency, a unit, a client or a person, whatever they hold.

Set by two officers, neither of the excluded agency, and lifted by two. Whoever is excluded sees no difference to a hub
without the case.

Source: design.md section 4; threat I11.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import Connection, RowMapping, insert, select, text

from auth.grant import NotYours, Officer
from auth.keys import Sealer
from schema.codes import code_list
from schema.errors import AlreadyDecided, DecisionError, SelfApproval
from schema.tables import access, grants, people

_WORDS: Final = range(3, 2001)


class ExclusionRefused(DecisionError):
    """The exclusion cannot be set so."""


class Kind(StrEnum):
    """Whom an exclusion keeps out."""

    AGENCY = "AGENCY"
    UNIT = "UNIT"
    CLIENT = "CLIENT"
    ACCOUNT = "ACCOUNT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """One exclusion and where it stands; it holds from its approval until it is lifted."""

    exclusion_id: UUID
    case_id: UUID
    kind: str
    excluded: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    approved_at: datetime | None
    lifted_at: datetime | None

    def __repr__(self) -> str:
        return f"Exclusion({self.exclusion_id})"


def propose(
    connection: Connection,
    officer: Officer,
    case_id: UUID,
    kind: Kind,
    excluded: str,
    reason: str,
    *,
    sealer: Sealer,
    now: datetime,
) -> Exclusion:
    """The exclusion, which holds once another officer has approved it.

    Args:
        connection: inside the transaction of the request.
        officer: who proposes it.
        case_id: of the case.
        kind: whom it keeps out.
        excluded: the agency's code, the unit, the client_id or the account_id.
        reason: sealed.
        sealer: seals the reason.
        now: aware UTC.

    Raises:
        ExclusionRefused: the reason is missing, or nobody is known by that name.
        NotYours: the officer is of the excluded agency.
    """
    if len(reason.strip()) not in _WORDS or not excluded.strip():
        raise ExclusionRefused(
            f"name whom it keeps out, and a reason of {_WORDS.start} to {_WORDS.stop - 1} characters"
        )
    if not _is_known(connection, kind, excluded):
        raise ExclusionRefused("excluded: there is no such agency, unit, client or account")
    _refuse_own(connection, officer, kind, excluded)
    exclusion_id = uuid4()
    row = {
        "exclusion_id": exclusion_id,
        "case_id": case_id,
        "kind": kind.value,
        "excluded": excluded,
        "sealed_reason": sealer.seal(reason.encode(), _place(exclusion_id)),
        "proposed_by": officer.account_id,
        "proposed_at": now,
    }
    connection.execute(insert(grants.exclusion).values(row))
    return _loaded(connection, exclusion_id, sealer)


def approve(
    connection: Connection, officer: Officer, exclusion_id: UUID, *, sealer: Sealer, now: datetime
) -> Exclusion:
    """The exclusion, which holds from now on.

    Raises:
        ExclusionRefused: there is none of this id.
        SelfApproval: the officer proposed it.
        NotYours: the officer is of the excluded agency.
        AlreadyDecided: it was approved or lifted.
    """
    found = _loaded(connection, exclusion_id, sealer)
    _refuse_own(connection, officer, Kind(found.kind), found.excluded)
    if found.proposed_by == officer.account_id:
        raise SelfApproval
    statement = text(
        "UPDATE exclusion SET approved_by = :by, approved_at = :now"
        " WHERE exclusion_id = :id AND approved_at IS NULL AND lifted_at IS NULL"
    )
    values = {"by": officer.account_id, "now": now, "id": exclusion_id}
    if connection.execute(statement, values).rowcount != 1:
        raise AlreadyDecided
    return _loaded(connection, exclusion_id, sealer)


def lift(
    connection: Connection, officer: Officer, exclusion_id: UUID, *, sealer: Sealer, now: datetime
) -> Exclusion:
    """The exclusion, which holds no longer.

    Raises:
        ExclusionRefused: there is none of this id.
        SelfApproval: the officer proposed it: another one must see that its reason is gone.
        NotYours: the officer is of the excluded agency.
        AlreadyDecided: it was lifted.
    """
    found = _loaded(connection, exclusion_id, sealer)
    _refuse_own(connection, officer, Kind(found.kind), found.excluded)
    if found.proposed_by == officer.account_id:
        raise SelfApproval
    statement = text(
        "UPDATE exclusion SET lifted_by = :by, lifted_at = :now WHERE exclusion_id = :id AND lifted_at IS NULL"
    )
    values = {"by": officer.account_id, "now": now, "id": exclusion_id}
    if connection.execute(statement, values).rowcount != 1:
        raise AlreadyDecided
    return _loaded(connection, exclusion_id, sealer)


def listed(connection: Connection, officer: Officer, sealer: Sealer) -> list[Exclusion]:
    """Every exclusion that does not keep the officer's own agency out, the newest first."""
    rows = connection.execute(text(f"{_ALL} ORDER BY x.proposed_at DESC, x.exclusion_id")).mappings()
    return [_exclusion(row, sealer) for row in rows if row["kept_out"] != officer.agency]


_AGENCY: Final = """
    CASE {kind} WHEN 'AGENCY' THEN {excluded}
      WHEN 'UNIT' THEN (SELECT min(c.agency) FROM client c WHERE c.unit = {excluded})
      WHEN 'CLIENT' THEN (SELECT c.agency FROM client c WHERE c.client_id = {excluded})
      ELSE (SELECT a.agency FROM account a WHERE a.account_id = {excluded}) END
"""
"""The agency that an exclusion keeps out, as a whole or in a part of it."""
_KEPT_OUT: Final = _AGENCY.format(kind="x.kind", excluded="x.excluded")
_ALL: Final = f"SELECT x.*, {_KEPT_OUT} AS kept_out FROM exclusion x"  # noqa: S608 -- words of ours alone


def _loaded(connection: Connection, exclusion_id: UUID, sealer: Sealer) -> Exclusion:
    statement = text(f"{_ALL} WHERE x.exclusion_id = :id")
    row = connection.execute(statement, {"id": exclusion_id}).mappings().one_or_none()
    if row is None:
        raise ExclusionRefused("there is no exclusion of this id")
    return _exclusion(row, sealer)


def _exclusion(row: RowMapping, sealer: Sealer) -> Exclusion:
    return Exclusion(
        exclusion_id=row["exclusion_id"],
        case_id=row["case_id"],
        kind=row["kind"],
        excluded=row["excluded"],
        reason=sealer.open(row["sealed_reason"], _place(row["exclusion_id"])).decode(),
        proposed_by=row["proposed_by"],
        proposed_at=row["proposed_at"],
        approved_at=row["approved_at"],
        lifted_at=row["lifted_at"],
    )


def _place(exclusion_id: UUID) -> str:
    return f"exclusion.sealed_reason:{exclusion_id}"


def _is_known(connection: Connection, kind: Kind, excluded: str) -> bool:
    if kind is Kind.AGENCY:
        return excluded in code_list("agency")
    columns = {
        Kind.UNIT: access.client.c.unit,
        Kind.CLIENT: access.client.c.client_id,
        Kind.ACCOUNT: people.account.c.account_id,
    }
    found = select(columns[kind]).where(columns[kind] == excluded).limit(1)
    return connection.execute(found).first() is not None


def _refuse_own(connection: Connection, officer: Officer, kind: Kind, excluded: str) -> None:
    statement = text(f"SELECT {_AGENCY.format(kind=':kind', excluded=':excluded')}")
    if connection.execute(statement, {"kind": kind.value, "excluded": excluded}).scalar() == officer.agency:
        raise NotYours("officers of the excluded agency have no part in an exclusion")

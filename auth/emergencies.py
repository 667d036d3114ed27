"""Emergencies: one case, open for 15 minutes to who declares one, told to the officers at once, and reviewed by them.

An emergency that nobody has reviewed within 72 hours suspends its client (auth.holdings): no job has to run for that.

Source: UU PDP art. 20(2)(d), 46; design.md section 4.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import Connection, insert, text
from sqlalchemy.exc import IntegrityError

from auth.grant import CENTRAL, NotYours, Officer
from auth.holdings import REVIEW_WITHIN
from auth.keys import Sealer
from auth.tokens import Caller
from schema.errors import AlreadyDecided, DecisionError, SelfApproval
from schema.tables import grants

LASTS: Final = timedelta(minutes=15)
_WORDS: Final = range(10, 2001)


class EmergencyRefused(DecisionError):
    """The emergency cannot be declared or reviewed so."""


class Reason(StrEnum):
    """Why somebody may look at a case at once."""

    LIFE_IN_DANGER = "LIFE_IN_DANGER"
    CHILD_AT_RISK = "CHILD_AT_RISK"
    EXPLOITATION_ONGOING = "EXPLOITATION_ONGOING"
    VICTIM_MISSING = "VICTIM_MISSING"


class Verdict(StrEnum):
    """What the officers found."""

    JUSTIFIED = "JUSTIFIED"
    UNJUSTIFIED = "UNJUSTIFIED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """One emergency, and what was found of it."""

    emergency_id: UUID
    client_id: str
    account_id: str | None
    agency: str
    case_id: UUID
    reason: str
    words: str
    declared_at: datetime
    expires_at: datetime
    verdict: str | None

    @property
    def due_at(self) -> datetime:
        """Until when it must be reviewed."""
        return self.declared_at + REVIEW_WITHIN

    def __repr__(self) -> str:
        return f"Emergency({self.emergency_id})"


def declare(
    connection: Connection,
    caller: Caller,
    case_id: UUID,
    reason: Reason,
    words: str,
    *,
    owners: Iterable[str],
    sealer: Sealer,
    now: datetime,
) -> Emergency:
    """The emergency, open at once for tokens with the purpose `emergency`, and told to the officers.

    Whether there is such a case is told by nothing here.

    Args:
        connection: inside the transaction of the request.
        caller: who declares it.
        case_id: of the one case.
        reason: of the list.
        words: the reason in words, sealed.
        owners: agencies whose records the case rests on.
        sealer: seals the words.
        now: aware UTC.

    Raises:
        EmergencyRefused: the caller acts for no agency, or the words say too little.
    """
    if caller.agency is None:
        raise EmergencyRefused("who acts for no agency declares no emergency")
    if len(words.strip()) not in _WORDS:
        raise EmergencyRefused(f"words: {_WORDS.start} to {_WORDS.stop - 1} characters")
    emergency_id = uuid4()
    row = {
        "emergency_id": emergency_id,
        "client_id": caller.client_id,
        "account_id": caller.account_id,
        "agency": caller.agency,
        "case_id": case_id,
        "reason": reason.value,
        "sealed_words": sealer.seal(words.encode(), _place(emergency_id)),
        "declared_at": now,
        "expires_at": now + LASTS,
    }
    connection.execute(insert(grants.emergency).values(row))
    for agency in sorted({caller.agency, CENTRAL, *owners}):
        notice = {
            "notice_id": uuid4(),
            "agency": agency,
            "kind": "EMERGENCY",
            "about": emergency_id,
            "due_at": now + REVIEW_WITHIN,
            "created_at": now,
        }
        connection.execute(insert(grants.notice).values(notice))
    return Emergency(
        emergency_id=emergency_id,
        client_id=caller.client_id,
        account_id=caller.account_id,
        agency=caller.agency,
        case_id=case_id,
        reason=reason.value,
        words=words,
        declared_at=now,
        expires_at=now + LASTS,
        verdict=None,
    )


def _place(emergency_id: UUID) -> str:
    return f"emergency.sealed_words:{emergency_id}"


def review(
    connection: Connection, officer: Officer, emergency_id: UUID, verdict: Verdict, words: str, now: datetime
) -> None:
    """The verdict stands; an unjustified one suspends the client at once.

    Raises:
        EmergencyRefused: there is no such emergency, or the words say too little.
        SelfApproval: the officer declared it.
        NotYours: it was told to officers of other agencies.
        AlreadyDecided: it was reviewed.
    """
    statement = text("""
        SELECT e.client_id, e.account_id,
               EXISTS (SELECT FROM notice n WHERE n.about = e.emergency_id AND n.agency = :agency)
        FROM emergency e WHERE e.emergency_id = :emergency_id
    """)
    values = {"emergency_id": emergency_id, "agency": officer.agency}
    found = connection.execute(statement, values).one_or_none()
    if found is None:
        raise EmergencyRefused("there is no emergency of this id")
    client_id, account_id, was_told = found
    if not was_told:
        raise NotYours("an officer of an agency that was told of it reviews an emergency")
    if account_id == officer.account_id:
        raise SelfApproval("whoever declared it cannot review it")
    if len(words.strip()) not in _WORDS:
        raise EmergencyRefused(f"words: {_WORDS.start} to {_WORDS.stop - 1} characters")
    row = {
        "emergency_id": emergency_id,
        "verdict": verdict.value,
        "reviewed_by": officer.account_id,
        "reviewed_at": now,
        "words": words,
    }
    try:
        with connection.begin_nested():
            connection.execute(insert(grants.emergency_review).values(row))
    except IntegrityError:
        raise AlreadyDecided("the emergency was reviewed already") from None
    if verdict is Verdict.UNJUSTIFIED:
        connection.execute(
            text(
                "UPDATE client SET suspended_at = coalesce(suspended_at, :now) WHERE client_id = :client_id"
            ),
            {"now": now, "client_id": client_id},
        )


def listed(connection: Connection, officer: Officer, sealer: Sealer) -> list[Emergency]:
    """Every emergency that the officer's agency was told of, the newest first."""
    statement = text("""
        SELECT e.*, r.verdict FROM emergency e
        LEFT JOIN emergency_review r ON r.emergency_id = e.emergency_id
        WHERE EXISTS (SELECT FROM notice n WHERE n.about = e.emergency_id AND n.agency = :agency)
        ORDER BY e.declared_at DESC, e.emergency_id
    """)
    found: list[Emergency] = []
    for row in connection.execute(statement, {"agency": officer.agency}).mappings():
        kept = {name: value for name, value in row.items() if name != "sealed_words"}
        words = sealer.open(row["sealed_words"], _place(row["emergency_id"])).decode()
        found.append(Emergency(**kept, words=words))
    return found

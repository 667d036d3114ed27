"""Operations that a client may send by their hash, and clients that may send no other.

    proposed -> listed -> expired
             -> removed <-

A list opens nothing: what an operation reads is decided by the client's grants as ever. It narrows, for a client that may
send listed operations alone. So what widens takes two persons, and what narrows takes one.

Source: query reference, section 8.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import Connection, DateTime, RowMapping, Text, bindparam, func, insert, select, text
from sqlalchemy.exc import IntegrityError

from auth import clients
from auth.clients import Client
from auth.grant import NotYours, Officer
from auth.scopes import purposes
from schema.errors import AlreadyDecided, DecisionError, SelfApproval
from schema.tables import operations

LONGEST: Final = timedelta(days=365)
_REASON: Final = range(3, 2001)
"""Characters of a reason."""


class ListingRefused(DecisionError):
    """The operation cannot be listed so."""


class ListingState(StrEnum):
    """Where a listed operation stands."""

    PROPOSED = "PROPOSED"
    LISTED = "LISTED"
    EXPIRED = "EXPIRED"
    REMOVED = "REMOVED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A document that may be listed: valid, and without texts among its literals.

    Attributes:
        text: of the document; its SHA-256 is how clients name it.
        names: of its operations.
    """

    text: str
    names: tuple[str, ...]

    @property
    def digest(self) -> bytes:
        """SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedOperation:
    """One operation of a client's list, with the decisions on it."""

    listing_id: UUID
    client_id: str
    digest: bytes
    document: str
    names: tuple[str, ...]
    purpose: str | None
    expires_at: datetime
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    removed_by: str | None
    removed_at: datetime | None

    def state(self, now: datetime) -> ListingState:
        """Where it stands.

        Args:
            now: aware UTC.
        """
        if self.removed_at is not None:
            return ListingState.REMOVED
        if now >= self.expires_at:
            return ListingState.EXPIRED
        return ListingState.PROPOSED if self.approved_at is None else ListingState.LISTED


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationList:
    """What a client may send.

    Attributes:
        client_id: of the client.
        is_listed_only: it may send operations of this list alone.
        operations: the newest first.
    """

    client_id: str
    is_listed_only: bool
    operations: tuple[ListedOperation, ...]


def propose(
    connection: Connection,
    officer: Officer,
    client_id: str,
    checked: Checked,
    *,
    purpose: str | None,
    expires_at: datetime,
    now: datetime,
) -> ListedOperation:
    """The operation, which is listed once another officer has approved it.

    Args:
        connection: inside the transaction of the request.
        officer: who proposes it.
        client_id: for whom.
        checked: the document.
        purpose: the only one for which it may be sent; None for all.
        expires_at: until when.
        now: aware UTC.

    Raises:
        ListingRefused: there is no such client or purpose, or the period is none of at most 365 days.
        NotYours: the officer is neither of the client's agency nor of the secretariat.
    """
    _concerning(connection, officer, client_id)
    if purpose is not None and purpose not in purposes():
        raise ListingRefused("purpose: not of the closed list")
    if not timedelta(0) < expires_at - now <= LONGEST:
        raise ListingRefused(f"expiresAt: after the present, and at most {LONGEST.days} days later")
    listing_id = uuid4()
    row = {
        "listing_id": listing_id,
        "client_id": client_id,
        "document_hash": checked.digest,
        "document": checked.text,
        "names": list(checked.names),
        "purpose": purpose,
        "expires_at": expires_at,
        "proposed_by": officer.account_id,
        "proposed_at": now,
    }
    connection.execute(insert(operations.listed_operation).values(row))
    return _loaded(connection, listing_id)


def approve(connection: Connection, officer: Officer, listing_id: UUID, now: datetime) -> ListedOperation:
    """The operation, which its client may send from now on.

    Raises:
        ListingRefused: there is none of this id.
        NotYours: the officer is neither of the client's agency nor of the secretariat.
        SelfApproval: the officer proposed it.
        AlreadyDecided: it was approved or removed, or is over.
    """
    found = _loaded(connection, listing_id)
    _concerning(connection, officer, found.client_id)
    if found.proposed_by == officer.account_id:
        raise SelfApproval
    if found.state(now) is not ListingState.PROPOSED:
        raise AlreadyDecided
    return _decide(connection, officer, found, "APPROVED", now)


def remove(connection: Connection, officer: Officer, listing_id: UUID, now: datetime) -> ListedOperation:
    """The operation, which is on its client's list no longer; one officer is enough.

    Raises:
        ListingRefused: there is none of this id.
        NotYours: the officer is neither of the client's agency nor of the secretariat.
        AlreadyDecided: it was removed before.
    """
    found = _loaded(connection, listing_id)
    _concerning(connection, officer, found.client_id)
    return _decide(connection, officer, found, "REMOVED", now)


def _decide(
    connection: Connection, officer: Officer, found: ListedOperation, kind: str, now: datetime
) -> ListedOperation:
    row = {
        "listing_id": found.listing_id,
        "proposed_by": found.proposed_by,
        "kind": kind,
        "decided_by": officer.account_id,
        "decided_at": now,
    }
    try:
        with connection.begin_nested():
            connection.execute(insert(operations.listing_decision).values(row))
    except IntegrityError:
        raise AlreadyDecided from None
    return _loaded(connection, found.listing_id)


def narrow(
    connection: Connection,
    officer: Officer,
    client_id: str,
    *,
    is_listed_only: bool,
    reason: str,
    now: datetime,
) -> OperationList:
    """The client's list after the decision whether it may send listed operations alone.

    Args:
        connection: inside the transaction of the request.
        officer: who decides.
        client_id: about whom.
        is_listed_only: True narrows and takes one officer; False widens and takes another one than who narrowed.
        reason: in words, for the record.
        now: aware UTC.

    Raises:
        ListingRefused: there is no such client, or the reason is missing.
        NotYours: the officer is neither of the client's agency nor of the secretariat.
        SelfApproval: the officer narrowed it: another one must see that the reason is gone.
        AlreadyDecided: it is so already, or somebody else has just decided.
    """
    _concerning(connection, officer, client_id)
    if len(reason.strip()) not in _REASON or "\0" in reason:
        raise ListingRefused(f"reason: {_REASON.start} to {_REASON.stop - 1} characters")
    table = operations.listed_only
    statement = select(table).where(table.c.client_id == client_id).order_by(table.c.version.desc()).limit(1)
    before = connection.execute(statement).mappings().one_or_none()
    if is_listed_only is (before is not None and before["is_listed_only"]):
        raise AlreadyDecided("the client is so already")
    row = {
        "client_id": client_id,
        "version": 1 if before is None else before["version"] + 1,
        "is_listed_only": is_listed_only,
        "narrowed_by": None if is_listed_only or before is None else before["decided_by"],
        "decided_by": officer.account_id,
        "decided_at": now,
        "reason": reason,
    }
    if row["narrowed_by"] == officer.account_id:
        raise SelfApproval("whoever narrowed it cannot widen it; another officer must look")
    try:
        with connection.begin_nested():
            connection.execute(insert(table).values(row))
    except IntegrityError:
        raise AlreadyDecided from None
    (found,) = _lists(connection, [client_id])
    return found


def listed(connection: Connection, officer: Officer) -> list[OperationList]:
    """The lists of all clients that concern the officer and have one, by client."""
    narrowed = select(operations.listed_only.c.client_id)
    known = select(operations.listed_operation.c.client_id).union(narrowed)
    found = sorted(connection.execute(known).scalars())
    return _lists(connection, [one for one in found if _concerns(officer, clients.load(connection, one))])


def _lists(connection: Connection, client_ids: Sequence[str]) -> list[OperationList]:
    latest = text(
        "SELECT DISTINCT ON (client_id) client_id, is_listed_only FROM listed_only ORDER BY client_id, version DESC"
    )
    narrowed = {row.client_id: bool(row.is_listed_only) for row in connection.execute(latest)}
    statement = text(
        f"{_ALL} WHERE o.client_id = ANY(:clients) ORDER BY o.client_id, o.proposed_at DESC, o.listing_id"
    )
    rows = connection.execute(statement, {"clients": list(client_ids)}).mappings()
    by_client: dict[str, list[ListedOperation]] = {one: [] for one in client_ids}
    for row in rows:
        by_client[row["client_id"]].append(_operation(row))
    return [
        OperationList(
            client_id=one, is_listed_only=narrowed.get(one, False), operations=tuple(by_client[one])
        )
        for one in client_ids
    ]


def _concerning(connection: Connection, officer: Officer, client_id: str) -> None:
    client = clients.load(connection, client_id)
    if client is None:
        raise ListingRefused("clientId: there is no client of this id")
    if not _concerns(officer, client):
        raise NotYours("an officer of the client's agency or of the secretariat decides what it may send")


def _concerns(officer: Officer, client: Client | None) -> bool:
    return officer.is_central or (client is not None and client.agency == officer.agency)


_ALL: Final = """
    SELECT o.*, a.decided_by AS approved_by, a.decided_at AS approved_at,
           r.decided_by AS removed_by, r.decided_at AS removed_at
    FROM listed_operation o
    LEFT JOIN listing_decision a ON a.listing_id = o.listing_id AND a.kind = 'APPROVED'
    LEFT JOIN listing_decision r ON r.listing_id = o.listing_id AND r.kind = 'REMOVED'
"""


def _loaded(connection: Connection, listing_id: UUID) -> ListedOperation:
    statement = text(f"{_ALL} WHERE o.listing_id = :id")
    row = connection.execute(statement, {"id": listing_id}).mappings().one_or_none()
    if row is None:
        raise ListingRefused("there is no listed operation of this id")
    return _operation(row)


def _operation(row: RowMapping) -> ListedOperation:
    return ListedOperation(
        listing_id=row["listing_id"],
        client_id=row["client_id"],
        digest=bytes(row["document_hash"]),
        document=row["document"],
        names=tuple(row["names"]),
        purpose=row["purpose"],
        expires_at=row["expires_at"],
        proposed_by=row["proposed_by"],
        proposed_at=row["proposed_at"],
        approved_by=row["approved_by"],
        approved_at=row["approved_at"],
        removed_by=row["removed_by"],
        removed_at=row["removed_at"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Under which an operation is listed: the only purpose, None for all, and until when."""

    purpose: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sendable:
    """What a client may send at one moment.

    Attributes:
        is_listed_only: nothing but listed operations.
        terms: of each listed operation, by its digest; of several, each allows what it allows.
    """

    is_listed_only: bool
    terms: dict[bytes, tuple[Terms, ...]]


SENDABLE: Final = text("""
    SELECT coalesce((SELECT n.is_listed_only FROM listed_only n WHERE n.client_id = p.client_id
                     ORDER BY n.version DESC LIMIT 1), false),
           CAST((SELECT jsonb_agg(jsonb_build_array(encode(o.document_hash, 'hex'), o.purpose, o.expires_at))
                 FROM listed_operation o
                 JOIN listing_decision a ON a.listing_id = o.listing_id AND a.kind = 'APPROVED'
                 WHERE o.client_id = p.client_id AND o.expires_at > p.now
                   AND NOT EXISTS (SELECT FROM listing_decision r
                                   WHERE r.listing_id = o.listing_id AND r.kind = 'REMOVED')) AS text)
    FROM (SELECT CAST(:client_id AS text) AS client_id, CAST(:now AS timestamptz) AS now) p
""").bindparams(
    bindparam("client_id", type_=Text(), required=False),
    bindparam("now", type_=DateTime(timezone=True), required=False),
)
"""One row of a client: whether it may send listed operations alone, and those as JSON text or NULL."""


def sendable_of(row: Sequence[Any]) -> Sendable:
    """What `SENDABLE` found."""
    is_listed_only, found = row
    terms: dict[bytes, tuple[Terms, ...]] = {}
    for digest, purpose, expires_at in json.loads(found or "[]"):
        one = Terms(purpose=purpose, expires_at=datetime.fromisoformat(expires_at))
        key = bytes.fromhex(digest)
        terms[key] = (*terms.get(key, ()), one)
    return Sendable(is_listed_only=bool(is_listed_only), terms=terms)


DOCUMENT: Final = select(func.min(operations.listed_operation.c.document)).where(
    operations.listed_operation.c.document_hash == bindparam("digest", required=False)
)
"""The text of a digest; all rows of one digest have the same."""

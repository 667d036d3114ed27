"""What an operation leaves in the read ledger: who asked why, under which grants, which coordinates, and whose rows.

Nothing of an operation's values is in it, and no identity: subjects are pseudonyms, the document is a hash.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from auth.permit import Permit
from auth.tokens import Caller
from hub.ledger.entry import Entry, Kind
from hub.ledger.pseudonym import Pseudonyms
from schema.errors import HubError


def answered(
    request_id: str,
    permit: Permit,
    at: datetime,
    pseudonyms: Pseudonyms,
    *,
    operation: bytes,
    coordinates: Iterable[str],
    shown: Collection[str | UUID],
    counted: Collection[str | UUID],
    crowds: Iterable[str] = (),
    as_of: Collection[datetime] = (),
) -> Entry:
    """The entry of an operation that is about to be answered.

    Args:
        request_id: of the request.
        permit: under which it was read.
        at: aware UTC.
        pseudonyms: names subjects.
        operation: digest of the document.
        coordinates: all that it uses.
        shown: keys of the rows in the answer, as often as they stand there.
        counted: keys of rows that a total or a group counts which is so small that it tells of each.
        crowds: numbers of rows that other totals count.
        as_of: moments of the past that it asks for.
    """
    listed = {*shown, *counted}
    number = len(counted) + sum(int(one) for one in crowds)
    emergency = permit.emergency
    return Entry(
        request_id=request_id,
        at=at,
        kind="query" if emergency is None else "emergency",
        client_id=permit.caller.client_id,
        account_id=permit.caller.account_id,
        agency=permit.caller.agency,
        purpose=permit.caller.purpose,
        grants=tuple(one.name for one in permit.holdings),
        outcome="answered",
        operation=operation.hex(),
        coordinates=tuple(sorted(coordinates)),
        subjects=pseudonyms.of_all(listed),
        row_count=len(shown),
        counted=number or None,
        as_of=tuple(sorted(set(as_of))),
        about=None if emergency is None else str(emergency.grant_id),
    )


def delivered(
    request_id: str,
    permit: Permit,
    at: datetime,
    pseudonyms: Pseudonyms,
    *,
    types: Iterable[str],
    shown: Collection[UUID],
    about: UUID | None = None,
) -> Entry:
    """The entry of events that are about to be sent to whoever follows them.

    Args:
        request_id: of the subscription's connection, or of the attempt.
        permit: under which they were read.
        at: aware UTC.
        pseudonyms: names subjects.
        types: of the events, as `Entity.KIND`.
        shown: rows that they name.
        about: the endpoint, where they are sent to one; else the emergency, where there is one.
    """
    emergency = permit.emergency
    if emergency is not None:
        about = about or emergency.grant_id
    return Entry(
        request_id=request_id,
        at=at,
        kind="delivery" if emergency is None else "emergency",
        client_id=permit.caller.client_id,
        account_id=permit.caller.account_id,
        agency=permit.caller.agency,
        purpose=permit.caller.purpose,
        grants=tuple(one.name for one in permit.holdings),
        outcome="answered",
        coordinates=tuple(sorted({f"EventType.{one.upper().replace('.', '_')}" for one in types})),
        subjects=pseudonyms.of_all(shown),
        row_count=len(shown),
        about=None if about is None else str(about),
    )


def decided(
    request_id: str,
    permit: Permit,
    at: datetime,
    operation: bytes,
    coordinates: Iterable[str],
    about: UUID | str | None,
) -> Entry:
    """The entry of decisions that are about to be committed.

    Args:
        request_id: of the request.
        permit: of the officer.
        at: aware UTC.
        operation: digest of the document.
        coordinates: all that it uses.
        about: the grant, emergency, exclusion, listed operation or client that the last of them is about.
    """
    return Entry(
        request_id=request_id,
        at=at,
        kind="decision",
        client_id=permit.caller.client_id,
        account_id=permit.caller.account_id,
        agency=permit.caller.agency,
        purpose=permit.caller.purpose,
        grants=tuple(one.name for one in permit.holdings),
        outcome="answered",
        operation=operation.hex(),
        coordinates=tuple(sorted(coordinates)),
        about=None if about is None else str(about),
    )


def refused(
    request_id: str,
    caller: Caller,
    at: datetime,
    code: str,
    coordinates: Iterable[str] = (),
    kind: Kind = "query",
) -> Entry:
    """The entry of an operation that was refused, or that failed; nothing of it was shown or decided.

    Args:
        request_id: of the request.
        caller: who asked.
        at: aware UTC.
        code: of the error.
        coordinates: that were not covered, or that it would have used.
        kind: of the operation.
    """
    return Entry(
        request_id=request_id,
        at=at,
        kind=kind,
        client_id=caller.client_id,
        account_id=caller.account_id,
        agency=caller.agency,
        purpose=caller.purpose,
        outcome="failed" if code == HubError.code else "refused",
        code=code,
        coordinates=tuple(sorted(set(coordinates))),
    )

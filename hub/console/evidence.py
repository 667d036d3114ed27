"""What the console leaves in the read ledger: each look, each decision and each refusal, as the API does."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from auth.permit import Permit
from hub.ledger.entry import Entry, Kind, Outcome


def entry(
    request_id: str,
    permit: Permit,
    at: datetime,
    coordinates: Iterable[str],
    *,
    kind: Kind = "query",
    outcome: Outcome = "answered",
    code: str | None = None,
    about: UUID | str | None = None,
) -> Entry:
    """The entry of one request.

    Args:
        request_id: of the request.
        permit: of the officer.
        at: aware UTC.
        coordinates: what was shown or done, or would have been.
        kind: `query` for a look, `decision` for what changes something.
        outcome: whether it was answered.
        code: of the error, where it was not.
        about: what a decision is about.
    """
    caller = permit.caller
    return Entry(
        request_id=request_id,
        at=at,
        kind=kind,
        client_id=caller.client_id,
        account_id=caller.account_id,
        agency=caller.agency,
        purpose=caller.purpose,
        grants=tuple(one.name for one in permit.holdings),
        outcome=outcome,
        code=code,
        coordinates=tuple(sorted(set(coordinates))),
        about=None if about is None else str(about),
    )

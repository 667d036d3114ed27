"""What an export leaves in the read ledger: that it was asked for, each part before anybody can fetch it, each fetching.

`about` leads from all of them to the export: its id, and behind a slash the part. The entry of a part that was made has the
document, the coordinates and the subjects; the entry of a part that was fetched has none of these.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from auth.permit import Permit
from hub.export.order import Order
from hub.ledger.entry import Entry
from hub.ledger.pseudonym import Pseudonyms


def _entry(permit: Permit, request_id: str, at: datetime, about: str, **more: object) -> Entry:
    members = {
        "request_id": request_id,
        "at": at,
        "kind": "export",
        "client_id": permit.caller.client_id,
        "account_id": permit.caller.account_id,
        "agency": permit.caller.agency,
        "purpose": permit.caller.purpose,
        "grants": tuple(one.name for one in permit.holdings),
        "outcome": "answered",
        "about": about,
    }
    return Entry(**{**members, **more})  # pyright: ignore[reportArgumentType] -- members of one entry, by name


def asked(order: Order, request_id: str) -> Entry:
    """The entry of an export that is about to be taken on."""
    return _entry(
        order.permit,
        request_id,
        order.asked_at,
        str(order.export_id),
        operation=order.operation.hex(),
        coordinates=order.coordinates,
    )


def made(
    order: Order,
    part: int,
    at: datetime,
    pseudonyms: Pseudonyms,
    *,
    subjects: Collection[str],
    row_count: int,
    counted: int,
) -> Entry:
    """The entry of a part that is about to be there for its caller.

    Args:
        order: the export.
        part: from 1.
        at: aware UTC.
        pseudonyms: names subjects.
        subjects: keys of all rows in it, rows inside rows too, and of those that its totals count where they are few.
        row_count: its rows, with those inside.
        counted: rows that its totals count.
    """
    return _entry(
        order.permit,
        order.export_id.hex[-16:],
        at,
        f"{order.export_id}/{part}",
        operation=order.operation.hex(),
        coordinates=order.coordinates,
        subjects=tuple(sorted({pseudonyms.of(one) for one in subjects})),
        row_count=row_count,
        counted=counted or None,
    )


def fetched(permit: Permit, order: Order, part: int, request_id: str, at: datetime) -> Entry:
    """The entry of a part that is about to be sent.

    Args:
        permit: of the request.
        order: the export.
        part: from 1.
        request_id: of the request.
        at: aware UTC.
    """
    return _entry(permit, request_id, at, f"{order.export_id}/{part}")


def deleted(permit: Permit, export_id: UUID, request_id: str, at: datetime) -> Entry:
    """The entry of an export that its caller has deleted."""
    return _entry(permit, request_id, at, str(export_id))

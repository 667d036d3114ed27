"""Endpoints of clients: registered, listed, disabled, and told again what they missed.

An endpoint is told what its client might read by a token of the same scopes and purpose at that moment, and nothing
else: registering one opens nothing.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from authlib.oauth2 import OAuth2Error
from sqlalchemy import Connection, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from auth import clients
from auth.egress import is_secure_url
from auth.granted import granted
from auth.holdings import standing
from hub.graphql.catalogue import nodes
from hub.graphql.told import TYPES
from hub.ledger import writer
from hub.ledger.entry import Entry
from schema.errors import DecisionError
from schema.tables.events import event, outbox
from schema.tables.webhooks import webhook, webhook_delivery

MOST: Final = 10
"""Endpoints of one client."""


class HookRefused(DecisionError):
    """The endpoint cannot be registered so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """An endpoint, as it is asked for."""

    client_id: str
    url: str
    purpose: str
    scopes: frozenset[str]
    types: tuple[str, ...]


def add(connection: Connection, hook: Hook, *, loopback: bool, now: datetime) -> UUID:
    """The id of the endpoint, which is told what is committed from now on.

    Args:
        connection: inside a transaction of the service's role; the decision's entry in the ledger is part of it.
        hook: what is asked for.
        loopback: whether a loopback address by plain http may be named: demos and tests.
        now: aware UTC.

    Raises:
        HookRefused: the address is not https, the client is unknown or has too many, a type or a scope is not open to it.
    """
    if not is_secure_url(hook.url, loopback=loopback):
        raise HookRefused("url: write https://HOST/PATH, without user, password and fragment")
    unknown = {*hook.types} - {*TYPES}
    if not hook.types or unknown:
        raise HookRefused(f"types: name some of {', '.join(TYPES)}")
    client = clients.load(connection, hook.client_id)
    if client is None:
        raise HookRefused("client: there is none of this id")
    held = standing(connection, hook.client_id, None, now)
    try:
        granted(held, " ".join(sorted(hook.scopes)), hook.purpose, is_person=False)
    except OAuth2Error as error:
        raise HookRefused(f"scopes, purpose: {error.description}") from None
    closed = [one for one in hook.types if nodes()[one.partition(".")[0]].scope not in hook.scopes]
    if closed:
        raise HookRefused(f"types: {', '.join(closed)} need a scope that is not among the endpoint's")
    counted = connection.execute(
        select(webhook.c.webhook_id).where(webhook.c.client_id == hook.client_id)
    ).all()
    if len(counted) >= MOST:
        raise HookRefused(f"the client has {MOST} endpoints already")
    webhook_id = uuid4()
    head = connection.execute(select(outbox.c.head)).scalar_one()
    row = {
        "webhook_id": webhook_id,
        "client_id": hook.client_id,
        "url": hook.url,
        "purpose": hook.purpose,
        "scopes": sorted(hook.scopes),
        "types": sorted({*hook.types}),
        "position": head,
        "created_at": now,
    }
    connection.execute(insert(webhook).values(row))
    _record(connection, webhook_id, hook.client_id, client.agency, hook.purpose, now)
    return webhook_id


def set_enabled(connection: Connection, webhook_id: UUID, *, enabled: bool, now: datetime) -> None:
    """The endpoint is told no more, or again: also what was committed meanwhile, as far as it is kept.

    Raises:
        HookRefused: there is none of this id.
    """
    row = _row(connection, webhook_id)
    values = (
        {
            "disabled_at": None,
            "reason": None,
            "failures": 0,
            "resume_at": None,
            "position": func.greatest(webhook.c.position, select(outbox.c.floor).scalar_subquery()),
        }
        if enabled
        else {"disabled_at": now, "reason": "OPERATOR"}
    )
    connection.execute(update(webhook).where(webhook.c.webhook_id == webhook_id).values(values))
    _record(connection, webhook_id, row["client_id"], None, row["purpose"], now)


def listed(connection: Connection) -> Sequence[dict[str, Any]]:
    """Every endpoint, with what waits for it and what was given up."""
    counts = text(
        "SELECT w.webhook_id, w.client_id, w.url, w.purpose, w.scopes, w.types, w.position, w.disabled_at, w.reason,"
        " w.resume_at, count(d.*) FILTER (WHERE d.state = 'WAITING') AS waiting,"
        " count(d.*) FILTER (WHERE d.state = 'DEAD') AS dead, min(d.since) FILTER (WHERE d.state = 'WAITING') AS since"
        " FROM webhook w LEFT JOIN webhook_delivery d USING (webhook_id) GROUP BY w.webhook_id ORDER BY w.created_at"
    )
    return [dict(row) for row in connection.execute(counts).mappings()]


def dead(connection: Connection, webhook_id: UUID) -> Sequence[dict[str, Any]]:
    """What was given up for an endpoint, the oldest first."""
    letters = webhook_delivery.c
    found = select(letters.position, letters.attempts, letters.since, letters.status).where(
        letters.webhook_id == webhook_id, letters.state == "DEAD"
    )
    return [dict(row) for row in connection.execute(found.order_by(letters.position)).mappings()]


def redeliver(
    connection: Connection,
    webhook_id: UUID,
    *,
    first: int | None,
    last: int | None,
    since: datetime | None,
    until: datetime | None,
    now: datetime,
) -> int:
    """How many events of a range wait to be sent anew, those that were given up and those that were taken before.

    Args:
        connection: inside a transaction of the service's role.
        webhook_id: of the endpoint.
        first: position from which; None for the oldest that is kept.
        last: position up to which; None for all that the endpoint was told already.
        since: moment of the change from which.
        until: moment up to which.
        now: aware UTC.

    Raises:
        HookRefused: there is no endpoint of this id.
    """
    row = _row(connection, webhook_id)
    wanted = select(event.c.position, event.c.row_id).where(
        event.c.position <= row["position"], (event.c.entity + "." + event.c.kind).in_(row["types"])
    )
    if first is not None:
        wanted = wanted.where(event.c.position >= first)
    if last is not None:
        wanted = wanted.where(event.c.position <= last)
    if since is not None:
        wanted = wanted.where(event.c.at >= since)
    if until is not None:
        wanted = wanted.where(event.c.at <= until)
    found = connection.execute(wanted).all()
    fresh = {"state": "WAITING", "attempts": 0, "since": now, "next_at": now, "status": None}
    if found:
        statement = upsert(webhook_delivery).on_conflict_do_update(
            index_elements=["webhook_id", "position"], set_=fresh
        )
        connection.execute(
            statement,
            [
                {"webhook_id": webhook_id, "position": position, "row_id": row_id, **fresh}
                for position, row_id in found
            ],
        )
    _record(connection, webhook_id, row["client_id"], None, row["purpose"], now)
    return len(found)


def _row(connection: Connection, webhook_id: UUID) -> dict[str, Any]:
    found = (
        connection.execute(select(webhook).where(webhook.c.webhook_id == webhook_id)).mappings().one_or_none()
    )
    if found is None:
        raise HookRefused("there is no endpoint of this id; `list` shows them")
    return dict(found)


def _record(
    connection: Connection, webhook_id: UUID, client_id: str, agency: str | None, purpose: str, now: datetime
) -> None:
    writer.insert(
        connection,
        Entry(
            request_id=uuid4().hex[:16],
            at=now,
            kind="decision",
            client_id=client_id,
            agency=agency,
            purpose=purpose,
            outcome="answered",
            coordinates=("Webhook",),
            about=str(webhook_id),
        ),
    )


def words(names: Collection[str]) -> tuple[str, ...]:
    """Types as the API spells them (`CASE_CHANGED`), as `Entity.KIND`.

    Raises:
        HookRefused: one is none.
    """
    known = {word.upper().replace(".", "_"): word for word in TYPES}
    if not known.keys() >= {*names}:
        raise HookRefused(f"types: name some of {', '.join(known)}")
    return tuple(known[name] for name in names)

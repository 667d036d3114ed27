"""Sends events to endpoints: at least once, those of one row in their order, under the grants of that moment.

One process at a time sends to an endpoint, by a lease that ends by itself. What is taken up is written before anything is
sent and deleted after it was received: a process that is killed sends again, with the same id, and loses nothing.

Source: Standard Webhooks 1.0.0.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import orjson
import structlog

from auth.egress import Egress, EgressRefused, Message
from auth.tokens import Caller
from hub.clock import Clock
from hub.database import Pool
from hub.events import schedule, signing
from hub.events.signing import Key
from hub.graphql import evidence
from hub.graphql.events import cloud_event
from hub.graphql.feed import Feed
from hub.graphql.told import EventsExpired, Told
from hub.identity.keyring import Keyring
from hub.ledger.pseudonym import Pseudonyms
from hub.ledger.writer import Ledger

CONTENT_TYPE: Final = "application/cloudevents+json"
TIMEOUT_S: Final = 15.0
LEASE: Final = timedelta(seconds=60)
AT_ONCE: Final = 8
"""Attempts under way at one endpoint, each for another row."""
TAKEN_UP: Final = 1_000
"""Events that wait for one endpoint before no more are taken up; the rest waits in the outbox."""
_PAGE: Final = 100
_GONE: Final = 410
_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500
_log = structlog.get_logger()

_LEASE = """
    UPDATE webhook SET lease = %(lease)s, leased_until = %(until)s WHERE webhook_id = (
        SELECT w.webhook_id FROM webhook w
        WHERE w.disabled_at IS NULL AND (w.leased_until IS NULL OR w.leased_until <= %(now)s)
          AND (w.resume_at IS NULL OR w.resume_at <= %(now)s)
          AND (w.position < (SELECT head FROM outbox) OR EXISTS (
              SELECT FROM webhook_delivery d
              WHERE d.webhook_id = w.webhook_id AND d.state = 'WAITING' AND d.next_at <= %(now)s
                AND NOT EXISTS (
                    SELECT FROM webhook_delivery f WHERE f.webhook_id = d.webhook_id AND f.row_id = d.row_id
                      AND f.position < d.position AND f.state = 'WAITING')))
        ORDER BY w.leased_until NULLS FIRST LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING webhook_id, client_id, (SELECT c.agency FROM client c WHERE c.client_id = webhook.client_id),
              url, purpose, scopes, types, position, failures
"""
_HOLD = "UPDATE webhook SET leased_until = %s WHERE webhook_id = %s AND lease = %s"
_RELEASE = (
    "UPDATE webhook SET lease = NULL, leased_until = NULL, failures = %s, resume_at = %s"
    " WHERE webhook_id = %s AND lease = %s"
)
_DISABLE = "UPDATE webhook SET disabled_at = %s, reason = %s WHERE webhook_id = %s AND lease = %s"
_TAKE_UP = """
    INSERT INTO webhook_delivery (webhook_id, position, row_id, state, attempts, since, next_at)
    SELECT %s, e.position, e.row_id, 'WAITING', 0, %s, %s
    FROM unnest(%s::bigint[], %s::uuid[]) AS e (position, row_id) ON CONFLICT DO NOTHING
"""
_DUE = """
    SELECT d.position, d.attempts, d.since FROM webhook_delivery d
    WHERE d.webhook_id = %(hook)s AND d.state = 'WAITING' AND d.next_at <= %(now)s AND NOT EXISTS (
        SELECT FROM webhook_delivery f WHERE f.webhook_id = d.webhook_id AND f.row_id = d.row_id
          AND f.position < d.position AND f.state = 'WAITING')
    ORDER BY d.position LIMIT %(most)s
"""
_FAILED = (
    "UPDATE webhook_delivery SET state = %s, attempts = %s, next_at = %s, status = %s"
    " WHERE webhook_id = %s AND position = %s"
)


class _LeaseLost(Exception):
    """Another process sends to the endpoint now, or nobody does any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hook:
    """An endpoint under lease."""

    webhook_id: UUID
    lease: UUID
    url: str
    types: tuple[str, ...]
    caller: Caller


@dataclass(frozen=True, slots=True)
class _Due:
    position: int
    attempts: int
    since: Any


class Sender:
    """Sends to all endpoints. Any number of processes may have one.

    Args:
        pool: to the hub's database as the service's role.
        feed: reads events for clients.
        ledger: has each delivery before it is sent.
        keyring: opens the keys that sign.
        clock: gives the present.
        source: URL by which clients know the hub.
        loopback: whether endpoints on this machine are sent to, by plain http: demos and tests.
        egress: the way out.
    """

    def __init__(
        self,
        *,
        pool: Pool,
        feed: Feed,
        ledger: Ledger,
        keyring: Keyring,
        clock: Clock,
        source: str,
        loopback: bool,
        egress: Egress | None = None,
    ) -> None:
        self._pool = pool
        self._feed = feed
        self._ledger = ledger
        self._keyring = keyring
        self._pseudonyms = Pseudonyms(keyring)
        self._clock = clock
        self._source = source
        self._loopback = loopback
        self._egress = egress or Egress(timeout_s=TIMEOUT_S)

    async def step(self) -> bool:
        """Sends what is due to one endpoint; false where no endpoint has anything that is."""
        now, lease = self._clock(), uuid4()
        async with self._pool.connection() as connection:
            found = await connection.execute(_LEASE, {"lease": lease, "until": now + LEASE, "now": now})
            row = await found.fetchone()
        if row is None:
            return False
        webhook_id, client_id, agency, url, purpose, scopes, types, position, failures = row
        caller = Caller(
            client_id=client_id,
            agency=agency,
            scopes=frozenset(scopes),
            purpose=purpose,
            jurisdiction=(),
            token_id=f"webhook:{webhook_id}",
            expires_at=now + timedelta(days=1),
        )
        hook = _Hook(webhook_id=webhook_id, lease=lease, url=url, types=tuple(types), caller=caller)
        try:
            failures = await self._serve(hook, position, failures)
        except _LeaseLost:
            return True
        resume_at = self._clock() + schedule.pause(failures) if failures else None
        await self._execute(_RELEASE, failures, resume_at, webhook_id, lease)
        return True

    async def _serve(self, hook: _Hook, position: int, failures: int) -> int:
        """Sends until nothing is due or the endpoint does not answer; gives its failures in a row.

        Raises:
            _LeaseLost: the endpoint was disabled, or another process has it.
        """
        async with self._pool.connection() as connection:
            keys = await signing.keys(connection, self._keyring, self._clock())
        while True:
            position = await self._take_up(hook, position)
            due = await self._due(hook)
            if not due:
                return failures
            await self._hold(hook)
            statuses = await asyncio.gather(*(self._attempt(hook, keys, one) for one in due))
            is_ill = all(_is_ill(status) for status in statuses)
            for one, status in zip(due, statuses, strict=True):
                if not _is_success(status):
                    await self._refused(hook, one, status, is_ill=is_ill)
            if _GONE in statuses:
                await self._disable(hook, "GONE")
            if is_ill:
                _log.warning("webhook.paused", client_id=hook.caller.client_id, record_count=failures + 1)
                return failures + 1
            failures = 0

    async def _take_up(self, hook: _Hook, position: int) -> int:
        """Writes down what waits for the endpoint; gives the position up to which.

        Raises:
            _LeaseLost: the endpoint was disabled, or another process has it.
        """
        while True:
            async with self._pool.connection() as connection:
                count = "SELECT count(*) FROM webhook_delivery WHERE webhook_id = %s AND state = 'WAITING'"
                (waiting,) = (await (await connection.execute(count, (hook.webhook_id,))).fetchall())[0]
            if waiting >= TAKEN_UP:
                return position
            try:
                page = await self._feed.page(hook.caller, hook.types, after=position, first=_PAGE)
            except EventsExpired:
                await self._disable(hook, "EXPIRED")
                raise _LeaseLost from None
            if page.end == position:
                return position
            now = self._clock()
            places = [one.position for one in page.events]
            rows = [one.row_id for one in page.events]
            async with self._pool.connection() as connection, connection.transaction():
                moved = await connection.execute(
                    "UPDATE webhook SET position = %s WHERE webhook_id = %s AND lease = %s AND disabled_at IS NULL",
                    (page.end, hook.webhook_id, hook.lease),
                )
                if moved.rowcount == 0:
                    raise _LeaseLost
                await connection.execute(_TAKE_UP, (hook.webhook_id, now, now, places, rows))
            position = page.end
            if not page.has_more:
                return position

    async def _due(self, hook: _Hook) -> Sequence[_Due]:
        values = {"hook": hook.webhook_id, "now": self._clock(), "most": AT_ONCE}
        async with self._pool.connection() as connection:
            return [_Due(*row) for row in await (await connection.execute(_DUE, values)).fetchall()]

    async def _hold(self, hook: _Hook) -> None:
        """The lease lasts longer than any attempt that begins now.

        Raises:
            _LeaseLost: it is another's.
        """
        if await self._execute(_HOLD, self._clock() + LEASE, hook.webhook_id, hook.lease) == 0:
            raise _LeaseLost

    async def _attempt(self, hook: _Hook, keys: Sequence[Key], due: _Due) -> int | None:
        """Sends one event, if its client is still given it; gives the status, None where there was no answer."""
        place = due.position
        try:
            page = await self._feed.page(hook.caller, hook.types, after=place - 1, first=1, until=place)
        except EventsExpired:
            await self._received(hook, due)
            return 200
        if not page.events:
            # The client may not read the row any more, so it is told nothing of it, not even this.
            await self._received(hook, due)
            return 200
        told = page.events[0]
        now = self._clock()
        entry = evidence.delivered(
            uuid4().hex[:16],
            page.permit,
            now,
            self._pseudonyms,
            types=[told.word],
            shown=told.ids,
            about=hook.webhook_id,
        )
        await self._ledger.record(entry)
        status = await self._send(hook, keys, told)
        if _is_success(status):
            await self._received(hook, due)
        return status

    async def _send(self, hook: _Hook, keys: Sequence[Key], told: Told) -> int | None:
        body = orjson.dumps(cloud_event(told, self._source))
        headers = signing.headers(keys, str(told.event_id), self._clock(), body)
        message = Message(body, {**headers, "Content-Type": CONTENT_TYPE, "User-Agent": "tppo-hub"})
        try:
            return await self._egress.tell(hook.url, message, loopback=self._loopback)
        except EgressRefused:
            return None

    async def _received(self, hook: _Hook, due: _Due) -> None:
        await self._execute(
            "DELETE FROM webhook_delivery WHERE webhook_id = %s AND position = %s",
            hook.webhook_id,
            due.position,
        )

    async def _refused(self, hook: _Hook, due: _Due, status: int | None, *, is_ill: bool) -> None:
        """Waits for its next attempt, or is given up; an endpoint that is ill is left alone as a whole."""
        now, attempts = self._clock(), due.attempts + 1
        is_dead = now - due.since >= schedule.GIVEN_UP_AFTER
        if is_dead:
            _log.error("delivery.abandoned", client_id=hook.caller.client_id, code=str(status))
        again = now if is_ill else now + schedule.delay(attempts)
        state = "DEAD" if is_dead else "WAITING"
        await self._execute(_FAILED, state, attempts, again, status, hook.webhook_id, due.position)

    async def _disable(self, hook: _Hook, reason: str) -> None:
        await self._execute(_DISABLE, self._clock(), reason, hook.webhook_id, hook.lease)
        _log.warning("webhook.disabled", client_id=hook.caller.client_id, code=reason)
        raise _LeaseLost

    async def _execute(self, statement: str, *values: Any) -> int:
        async with self._pool.connection() as connection:
            return (await connection.execute(statement.encode(), values)).rowcount


def _is_success(status: int | None) -> bool:
    return status is not None and 200 <= status < 300  # noqa: PLR2004 -- RFC 9110: received


def _is_ill(status: int | None) -> bool:
    """True where the endpoint did not get at the event at all, and the next one would fare no better."""
    return status is None or status == _TOO_MANY or status >= _SERVER_ERROR

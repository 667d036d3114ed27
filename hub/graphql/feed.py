"""Events as one caller is given them: in order, under the permit that holds at this moment, without a gap that tells.

An event is given to whoever is given its row as it stands now, or, where that is gone, was given it last. Whoever reads
on from a position has missed nothing below it: positions are taken in the order of commits (schema.tables.events).
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

import orjson
from psycopg import AsyncConnection
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Integer,
    Text,
    Uuid,
    bindparam,
    case,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from auth.tokens import Caller
from hub.database import Pool
from hub.graphql.catalogue import nodes
from hub.graphql.permits import Known, Permits
from hub.graphql.prepared import Statement, constant, integer, prepared
from hub.graphql.reading import Busy, reading
from hub.graphql.request import Binds, Request
from hub.graphql.round_trip import RoundTrips
from hub.graphql.rules import CHILDREN, FENCE
from hub.graphql.source import RowSource
from hub.graphql.told import EventsExpired, Page, Told
from hub.identity.keyring import Keyring
from schema.tables.events import departed, event, outbox
from schema.tables.golden import REACHED

SPAN: Final = 10_000
"""Positions that one page looks at: a caller who is given few of many events gets pages that are not full."""
_MOST_TRIES: Final = 3


def _compiled() -> tuple[Statement, Binds]:
    binds = Binds()

    def standing(name: str, row_id: ColumnElement[Any]) -> ColumnElement[Any]:
        source = RowSource(nodes()[name], binds, frozenset())
        # Not EXISTS: for that the planner may read a whole table to look up a page of events.
        return (
            select(true())
            .select_from(source.own)
            .where(source.key == row_id, *source.rules())
            .scalar_subquery()
        )

    def words(scope: str) -> ColumnElement[Any]:
        return binds.shared(
            f"reach {scope}", lambda request: list(request.permit.reach(scope)), ARRAY(Text())
        )

    def opened(row_id: ColumnElement[Any]) -> ColumnElement[bool]:
        last, excluded = (
            departed.alias(),
            binds.shared("excluded", lambda request: list(request.permit.excluded), ARRAY(Uuid())),
        )
        by_entity: dict[str, ColumnElement[bool]] = {
            name: last.c.reach.bool_op("&&")(words(nodes()[name].scope)) for name in REACHED
        }
        by_entity["Victim"] &= or_(~last.c.is_child, last.c.reach.bool_op("&&")(words(CHILDREN)))
        gone = (
            select(true())
            .select_from(last)
            .where(last.c.row_id == row_id, last.c.case_id != excluded.all_(), _by(last.c.entity, by_entity))
            .scalar_subquery()
        )
        return or_(gone, _by(event.c.entity, {name: standing(name, row_id) for name in REACHED}))

    after, first = (
        bindparam("after", type_=BigInteger(), required=False),
        bindparam("first", type_=Integer(), required=False),
    )
    types = bindparam("types", type_=ARRAY(Text()), required=False)
    last = bindparam("until", type_=BigInteger(), required=False)
    until = func.least(after + integer(SPAN), outbox.c.head, last)
    found = (
        select(
            event.c.position,
            event.c.event_id,
            event.c.entity,
            event.c.row_id,
            event.c.kind,
            event.c.old_ids,
            # Where an id leads is told to those alone who are given what stands there.
            case((opened(event.c.new_id), event.c.new_id)).label("new_id"),
            event.c.at,
        )
        .where(
            event.c.position > after,
            event.c.position <= until,
            (event.c.entity + constant(".") + event.c.kind) == types.any_(),
            opened(event.c.row_id),
        )
        .order_by(event.c.position)
        .limit(first)
        .correlate(outbox)
        .lateral()
    )
    one = aggregate_order_by(func.json_build_array(*found.c), found.c.position)
    whole = (
        select(outbox.c.head, outbox.c.floor, func.json_agg(one).filter(found.c.position.is_not(None)))
        .select_from(outbox.outerjoin(found, true()))
        .group_by(outbox.c.head, outbox.c.floor)
    )
    return prepared(whole), binds


def _by(entity: ColumnElement[Any], conditions: dict[str, Any]) -> ColumnElement[Any]:
    return case(*((entity == constant(name), condition) for name, condition in conditions.items()))


@cache
def _statement() -> tuple[Statement, Binds]:
    return _compiled()


class _Outdated(Exception):
    """The permit is not what holds now."""


class Feed:
    """Reads events for callers. One for each process.

    Args:
        readers: connections that may read rows, and do nothing else.
        permits: that are known.
        keyring: of the process.
        round_trips: of those connections; None where nobody else sends statements on them.
    """

    def __init__(
        self, readers: Pool, permits: Permits, keyring: Keyring, round_trips: RoundTrips | None = None
    ) -> None:
        self._readers = readers
        self._permits = permits
        self._keyring = keyring
        self._round_trips = round_trips or RoundTrips()

    async def page(
        self,
        caller: Caller,
        types: Collection[str],
        *,
        after: int | None,
        first: int,
        until: int | None = None,
    ) -> Page:
        """The events behind a position that the caller is given at this moment.

        Args:
            caller: of a token.
            types: those of `TYPES` that are wanted.
            after: the position; None for the first event that is kept.
            first: events at most, n >= 1.
            until: the last position that is looked at; None for all that there are.

        Raises:
            EventsExpired: some behind the position are no longer kept.
            Busy: grants change faster than they can be read, or no connection is free in time.
            StoreUnreachable: the database does not answer.
        """
        position = after or 0
        wanted = {"types": list(types), "first": first, "until": until}
        async with reading(self._readers) as connection:
            known = self._permits.recent(caller)
            for _ in range(_MOST_TRIES):
                if known is None:
                    known = await self._permits.read(connection, caller)
                try:
                    head, floor, events = await self._read(connection, known, {**wanted, "after": position})
                    if position < floor:
                        if after is not None:
                            raise EventsExpired
                        position = floor
                        head, _, events = await self._read(connection, known, {**wanted, "after": position})
                except _Outdated:
                    known = None
                else:
                    break
            else:
                raise Busy("grants change faster than they can be read; try again")
        found = tuple(_told(events))
        looked_at = min(position + SPAN, head, head if until is None else until)
        end = found[-1].position if len(found) == first else max(looked_at, position)
        return Page(events=found, end=end, head=head, permit=known.permit)

    async def _read(
        self, connection: AsyncConnection[Any], known: Known, wanted: dict[str, Any]
    ) -> tuple[int, int, str]:
        """Head and floor of the outbox, and the events as JSON.

        Raises:
            _Outdated: the permit is not what holds now; nothing of it may be told.
        """
        statement, binds = _statement()
        request = Request(arguments=(), cursors={}, permit=known.permit, nonce="", keyring=self._keyring)
        values = {**binds.values(request), **wanted}
        held, row = await self._round_trips.fetch(connection, (FENCE, known.fence), (statement, values))
        assert row is not None and held is not None  # noqa: S101, PT018 -- each gives one row
        if held[0] != known.version:
            raise _Outdated
        head, floor, events = row
        return int(head or 0), int(floor or 0), events or "[]"


def _told(events: str) -> Iterator[Told]:
    for position, event_id, entity, row_id, kind, old_ids, new_id, at in orjson.loads(events):
        yield Told(
            position=position,
            event_id=UUID(event_id),
            entity=entity,
            row_id=UUID(row_id),
            kind=kind,
            old_ids=old_ids and [UUID(one) for one in old_ids],
            new_id=new_id and UUID(new_id),
            at=datetime.fromisoformat(at),
        )

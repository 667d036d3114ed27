"""Events as one caller is given them: in order, under the permit that holds at this moment, without a gap that tells.

An event is given to whoever is given its row as it stands now, or, where that is gone, was given it last. Whoever reads
on from a position has missed nothing below it: positions are taken in the order of commits (schema.tables.events).
"""

from collections.abc import Collection, Iterator, Sequence
from functools import cache
from typing import Any, Final

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

from auth.tokens import Caller
from hub.graphql.catalogue import nodes
from hub.graphql.permits import Known, Permits
from hub.graphql.prepared import Statement, constant, integer, prepared
from hub.graphql.request import Binds, Request
from hub.graphql.rules import CHILDREN, FENCE
from hub.graphql.services import Services
from hub.graphql.source import RowSource
from hub.graphql.told import EventsExpired, Page, Told
from hub.identity.keyring import Keyring
from schema.errors import StoreUnreachable
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
    until = func.least(after + integer(SPAN), outbox.c.head)
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
    whole = (
        select(outbox.c.head, outbox.c.floor, *found.c)
        .select_from(outbox.outerjoin(found, true()))
        .order_by(found.c.position)
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
        services: of the process.
        permits: that are known.
    """

    def __init__(self, services: Services, permits: Permits) -> None:
        self._services = services
        self._permits = permits

    async def head(self) -> int:
        """Position of the newest event; 0 before the first."""
        async with self._services.readers.connection() as connection:
            cursor = await connection.execute("SELECT head FROM outbox")
            return (await cursor.fetchall())[0][0]

    async def page(self, caller: Caller, types: Collection[str], *, after: int | None, first: int) -> Page:
        """The events behind a position that the caller is given at this moment.

        Args:
            caller: of a token.
            types: those of `TYPES` that are wanted.
            after: the position; None for the first event that is kept.
            first: events at most, n >= 1.

        Raises:
            EventsExpired: some behind the position are no longer kept.
            StoreUnreachable: grants change faster than they can be read.
        """
        async with self._services.readers.connection() as connection:
            known = self._permits.recent(caller)
            for _ in range(_MOST_TRIES):
                if known is None:
                    known = await self._permits.read(connection, caller)
                try:
                    return await _page(connection, self._services.keyring, known, types, after, first)
                except _Outdated:
                    known = None
        raise StoreUnreachable("grants change faster than they can be read; try again")


async def _page(
    connection: Any,
    keyring: Keyring,
    known: Known,
    types: Collection[str],
    after: int | None,
    first: int,
) -> Page:
    statement, binds = _statement()
    request = Request(arguments=(), cursors={}, permit=known.permit, nonce="", keyring=keyring)
    position = 0 if after is None else after
    while True:
        values = {**binds.values(request), "after": position, "types": list(types), "first": first}
        async with connection.pipeline():
            fenced = await FENCE.send(connection, known.fence)
            cursor = await statement.send(connection, values)
            rows, held = await cursor.fetchall(), await fenced.fetchone()
        if held is None or held[0] != known.version:
            raise _Outdated
        head, floor = rows[0][:2]
        if position >= floor:
            break
        if after is not None:
            raise EventsExpired
        position = floor
    found = tuple(_told(rows))
    looked_at = min(position + SPAN, head)
    end = found[-1].position if len(found) == first else max(looked_at, position)
    return Page(events=found, end=end, head=head, permit=known.permit)


def _told(rows: Sequence[tuple[Any, ...]]) -> Iterator[Told]:
    return (Told(*row[2:]) for row in rows if row[2] is not None)

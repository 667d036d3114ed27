"""Events in the API: what has changed, as CloudEvents 1.0, and the page by which a client follows them.

Source: CloudEvents 1.0.2, section 3 (attributes).
"""

# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false
# The enum of types is made from the kinds, so no checker knows it as a type.

import base64
import binascii
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from enum import Enum
from types import MappingProxyType
from typing import Any, Final, cast

import strawberry
from strawberry.federation.schema_directives import Cost
from strawberry.types import Info

from auth.tokens import Caller
from hub.graphql import weights
from hub.graphql.catalogue import Scopes, nodes
from hub.graphql.context import Context, Live
from hub.graphql.scalars import DateTime
from hub.graphql.told import TYPES, Page, Told, type_name
from hub.identity.keyring import Keyring
from hub.limits import DEFAULT_ROWS
from schema.errors import CursorInvalid, InputInvalid, SealedValueBroken
from schema.tables.events import KINDS
from schema.tables.golden import REACHED

SPECIFICATION: Final = "1.0"
CONTENT_TYPE: Final = "application/json"
_WHAT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "CREATED": "a row stands that did not stand before",
        "CHANGED": "something of a row is another than before",
        "CORRECTED": "an id was merged into another, took one over, or stands by itself again",
        "WITHDRAWN": "a row is no more",
    }
)
_POSITION_BYTES: Final = 8


def _name(word: str) -> str:
    return word.upper().replace(".", "_")


def _event_type() -> type[Enum]:
    values: dict[str, Any] = {
        _name(f"{entity}.{kind}"): strawberry.enum_value(
            f"{entity}.{kind}", description=f"{type_name(entity, kind)}: {_WHAT[kind]}."
        )
        for entity in REACHED
        for kind in KINDS
    }
    made = cast("type[Enum]", Enum("EventType", values))
    return strawberry.enum(
        made, description="What may happen; each needs the scope that opens the rows of its kind."
    )


EventType = _event_type()
REQUIRES: Final[Mapping[str, Scopes]] = MappingProxyType(
    {f"EventType.{_name(word)}": nodes()[word.partition(".")[0]].requires for word in TYPES}
)
"""Scopes of what may be listened for, by coordinate."""


@strawberry.type(description="What an event is about; ids only, since what a row holds is asked for.")
class EventData:
    """What an event is about; ids only, since what a row holds is asked for."""

    entity: str = strawberry.field(description="Type of the row: Case, Victim or Perpetrator.")
    row: strawberry.ID = strawberry.field(description="Its id.")
    new_id: strawberry.ID | None = strawberry.field(
        description="Of CORRECTED: the row to which this id leads from now on."
    )
    old_ids: list[strawberry.ID] = strawberry.field(
        description="Of CORRECTED: ids that lead to this row from now on."
    )


@strawberry.type(description="Something that has happened to a row; a CloudEvent.")
class Event:
    """Something that has happened to a row; a CloudEvent."""

    specversion: str = strawberry.field(description="Of CloudEvents.")
    id: strawberry.ID = strawberry.field(
        description="Of the event: the same however often and whichever way it comes."
    )
    source: str = strawberry.field(description="The hub that tells it.")
    type: str = strawberry.field(description="Such as id.go.tppo.case.changed.")
    subject: str = strawberry.field(
        description="The row, as `case/ID`; events of one subject come in their order."
    )
    time: DateTime = strawberry.field(description="When it was committed.")
    datacontenttype: str = strawberry.field(description="Of data.")
    data: EventData = strawberry.field(description="What it is about.")
    cursor: str = strawberry.field(description="Where it stands, for `after`; not part of CloudEvents.")


@strawberry.type(description="Events in their order, and where to go on.")
class EventPage:
    """Events in their order, and where to go on."""

    events: list[Event] = strawberry.field(
        description="At most `first`; fewer, or none, is no sign of the end."
    )
    end_cursor: str = strawberry.field(
        description="`after` of the next page; keep it, also of an empty page."
    )
    has_next_page: bool = strawberry.field(description="True if there is more to look at now.")


def cloud_event(told: Told, source: str) -> dict[str, Any]:
    """The event as CloudEvents has it in JSON.

    Args:
        told: as a caller is given it.
        source: URL of the hub.
    """
    data: dict[str, Any] = {"entity": told.entity, "row": str(told.row_id)}
    if told.new_id is not None:
        data["newId"] = str(told.new_id)
    if told.old_ids:
        data["oldIds"] = [str(one) for one in told.old_ids]
    return {
        "specversion": SPECIFICATION,
        "id": str(told.event_id),
        "source": source,
        "type": told.type,
        "subject": subject(told),
        "time": told.at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "datacontenttype": CONTENT_TYPE,
        "data": data,
    }


def subject(told: Told) -> str:
    """The row, as CloudEvents names it."""
    return f"{told.entity.lower()}/{told.row_id}"


def in_api(told: Told, source: str, keyring: Keyring, caller: Caller) -> Event:
    """The event as the API gives it to a caller; `cloud_event` says the rest."""
    return Event(
        specversion=SPECIFICATION,
        id=strawberry.ID(str(told.event_id)),
        source=source,
        type=told.type,
        subject=subject(told),
        time=DateTime(told.at),
        datacontenttype=CONTENT_TYPE,
        data=EventData(
            entity=told.entity,
            row=strawberry.ID(str(told.row_id)),
            new_id=None if told.new_id is None else strawberry.ID(str(told.new_id)),
            old_ids=[strawberry.ID(str(one)) for one in told.old_ids or ()],
        ),
        cursor=cursor_of(told.position, keyring, caller),
    )


def _place(caller: Caller) -> str:
    return f"cursor:events:{caller.client_id}:{caller.account_id}"


def cursor_of(position: int, keyring: Keyring, caller: Caller) -> str:
    """The position as this caller alone may use it: sealed, since the difference of two would count what lies between."""
    sealed = keyring.seal(position.to_bytes(_POSITION_BYTES), _place(caller))
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def position_of(cursor: str, keyring: Keyring, caller: Caller) -> int:
    """The position that a cursor names.

    Raises:
        CursorInvalid: it is none of ours, or another caller's.
    """
    try:
        sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return int.from_bytes(keyring.open(sealed, _place(caller)))
    except (binascii.Error, ValueError, SealedValueBroken):
        raise CursorInvalid from None


def wanted(types: Sequence[Enum]) -> list[str]:
    """The types that are asked for, as `Entity.KIND`.

    Raises:
        InputInvalid: there is none.
    """
    if not types:
        raise InputInvalid("events(types:): name at least one type")
    return sorted({str(one.value) for one in types})


def _require_within(first: int, most: int) -> None:
    """Returns if a page may have so many events.

    Raises:
        InputInvalid: it may not.
    """
    if not 1 <= first <= most:
        raise InputInvalid(f"events(first:) must be 1 to {most}; use `after` for what follows")


def _in_api(page: Page, source: str, keyring: Keyring) -> EventPage:
    caller = page.permit.caller
    return EventPage(
        events=[in_api(told, source, keyring, caller) for told in page.events],
        end_cursor=cursor_of(page.end, keyring, caller),
        has_next_page=page.has_more,
    )


async def _events(
    info: Info[Context, None],
    types: list[EventType],  # pyright: ignore[reportInvalidTypeForm] -- made from the kinds
    first: int = DEFAULT_ROWS,
    after: str | None = None,
) -> EventPage:
    context, caller = info.context, info.context.permit.caller
    _require_within(first, context.most_rows)
    position = None if after is None else position_of(after, context.keyring, caller)
    page = await context.feed.page(caller, wanted(types), after=position, first=first)
    context.touched += [one for told in page.events for one in told.ids]
    return _in_api(page, context.source, context.keyring)


async def _live(
    info: Info[Live, None],
    types: list[EventType],  # pyright: ignore[reportInvalidTypeForm] -- made from the kinds
    first: int = DEFAULT_ROWS,
    after: str | None = None,
) -> AsyncGenerator[EventPage]:
    live = info.context
    _require_within(first, live.most_rows)
    position = None if after is None else position_of(after, live.keyring, live.caller)
    async with aclosing(live.pages(wanted(types), position, first)) as pages:
        async for page in pages:
            yield _in_api(page, live.source, live.keyring)


@strawberry.type
class Events:
    """The field of Query by which events are followed."""

    events: EventPage = strawberry.field(
        resolver=_events,
        description="What has changed of the rows that the caller may read, in order; without `after` from the oldest kept.",
        directives=[Cost(weight=weights.ANSWER)],
    )


@strawberry.type(description="What is told as it happens, over a WebSocket (graphql-transport-ws).")
class Subscription:
    """What is told as it happens, over a WebSocket (graphql-transport-ws)."""

    events = strawberry.subscription(
        resolver=_live,
        description="The pages of `Query.events`, one after the other, and further ones as soon as something has changed."
        " Without `after` from the oldest kept. The first page comes at once, also where it is empty.",
        directives=[Cost(weight=weights.ANSWER)],
    )

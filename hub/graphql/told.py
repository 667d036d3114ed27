"""Events as callers are told them, whichever way they come."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple, Protocol
from uuid import UUID

from auth.permit import Permit
from auth.tokens import Caller
from schema.errors import InputInvalid
from schema.tables.events import KINDS
from schema.tables.golden import REACHED

TYPES: Final = tuple(f"{entity}.{kind}" for entity in REACHED for kind in KINDS)
"""Every type of event, as `Entity.KIND`."""


class EventsExpired(InputInvalid):
    """Events behind this cursor are no longer kept: read all rows anew, then go on without `after`."""

    code = "NOT_FRESH"


class Told(NamedTuple):
    """One event as a caller is given it."""

    position: int
    event_id: UUID
    entity: str
    row_id: UUID
    kind: str
    old_ids: Sequence[UUID] | None
    new_id: UUID | None
    at: datetime

    @property
    def type(self) -> str:
        """Its type as CloudEvents has it, such as `id.go.tppo.case.changed`."""
        return type_name(self.entity, self.kind)

    @property
    def ids(self) -> list[UUID]:
        """Every row that it names."""
        return [self.row_id, *(self.old_ids or ()), *(() if self.new_id is None else (self.new_id,))]


def type_name(entity: str, kind: str) -> str:
    """The type as CloudEvents has it."""
    return f"id.go.tppo.{entity.lower()}.{kind.lower()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Events in their order, and how far they were looked for.

    Attributes:
        events: that the caller is given.
        end: position up to which all were looked at.
        head: position of the newest event that anybody may be given.
        permit: under which they were read.
    """

    events: tuple[Told, ...]
    end: int
    head: int
    permit: Permit

    @property
    def has_more(self) -> bool:
        """True if there are positions that were not looked at."""
        return self.end < self.head


class Following(Protocol):
    """Reads events for callers (hub.graphql.feed)."""

    async def page(self, caller: Caller, types: Collection[str], *, after: int | None, first: int) -> Page:
        """The events behind a position that the caller is given at this moment."""
        ...

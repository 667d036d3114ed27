"""Permits that were read, kept for as long as nothing has changed that decides about them.

Every statement that brings rows brings the version of all grants, exclusions and suspensions with it, in the same
transaction. Where that is not the version that the permit was read at, the rows are thrown away and the permit is read
anew: a change takes effect at the next request, and the next request does not pay for asking.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg import AsyncConnection

from auth.access_token import LEEWAY
from auth.holdings import STANDING, asked, standing_of
from auth.permit import Permit, permit_of
from auth.tokens import Caller
from hub.clock import Clock
from hub.graphql import guard
from hub.graphql.guard import Uses
from hub.graphql.prepared import prepared
from hub.graphql.rules import Uneven, fence, uneven

_STANDING: Final = prepared(STANDING)
_KEPT: Final = timedelta(seconds=1)
"""A grant that begins, or an emergency that was not reviewed in time, changes no row: that is seen after this."""
_MOST: Final = 10_000
_MOST_PASSED: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A permit, and what follows from it for every statement.

    Attributes:
        permit: as it was read.
        version: of what decides about it, when it was read.
        read_at: aware UTC.
        ends_at: when the first thing that it rests on ends.
        fence: values of `FENCE`.
        uneven: scopes that open fewer rows than their type's own.
    """

    permit: Permit
    version: str
    read_at: datetime
    ends_at: datetime
    fence: dict[str, str]
    uneven: Uneven
    _passed: set[frozenset[str]] = field(default_factory=set[frozenset[str]], repr=False, compare=False)

    def check(self, uses: Uses) -> None:
        """Returns if the permit covers every use; what has passed once passes again, for as long as this is known.

        Raises:
            UseRefused: names every coordinate that it does not cover.
        """
        if uses.all not in self._passed:
            guard.check(self.permit, uses.all)
            if len(self._passed) < _MOST_PASSED:
                self._passed.add(uses.all)


class Permits:
    """Permits by token; the oldest goes first. One for each process.

    Args:
        clock: gives the present.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: OrderedDict[str, Known] = OrderedDict()

    def recent(self, caller: Caller) -> Known | None:
        """What was read of the caller within a second and has not ended; the version must still be compared."""
        known = self._known.get(caller.token_id)
        if known is None:
            return None
        now = self._clock()
        return known if now - _KEPT < known.read_at <= now < known.ends_at else None

    async def read(self, connection: AsyncConnection[Any], caller: Caller) -> Known:
        """What the caller may do at this moment.

        Args:
            connection: outside any pipeline.
            caller: of the token.
        """
        now = self._clock()
        row: Any = await _STANDING.fetch(connection, asked(caller.client_id, caller.account_id, now))
        standing = standing_of(row)
        permit = permit_of(caller, standing, now)
        known = Known(
            permit=permit,
            version=str(standing.version),
            read_at=now,
            ends_at=min([caller.expires_at + LEEWAY, *(one.valid_to for one in permit.holdings)]),
            fence=fence(permit),
            uneven=uneven(permit),
        )
        self._known[caller.token_id] = known
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        return known

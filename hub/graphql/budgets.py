"""What each caller may spend in a minute, counted without asking the database: replicas tell each other once a second.

A budget belongs to a person where one asks, and otherwise to the client. A replica refuses by what it has spent itself
and what the others have told; what is promised of the sum stands in ADR-0038.

Source: draft-ietf-httpapi-ratelimit-headers (RateLimit, RateLimit-Policy); RFC 6585 section 4 (429).
"""

import math
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from auth.tokens import Caller
from hub.clock import Clock, uuid7
from hub.database import Pool
from hub.graphql.cost import MATCH, Cost
from hub.graphql.presence import Abandoned
from hub.limits import Limits
from schema.errors import HubError, QueryTooCostly

MINUTE: Final = timedelta(minutes=1)
_KEPT: Final = timedelta(minutes=2)
_TOLD = """
    WITH own AS (
        INSERT INTO query_spending AS s (minute, process_id, payer, cost)
        SELECT %(minute)s, %(process)s, payer, cost FROM unnest(%(payers)s::text[], %(costs)s::bigint[]) t (payer, cost)
        ON CONFLICT (minute, process_id, payer) DO UPDATE SET cost = excluded.cost
    )
    SELECT payer, sum(cost)::bigint FROM query_spending WHERE minute = %(minute)s AND process_id <> %(process)s
    GROUP BY payer
"""
_OVER = """
    DELETE FROM query_spending WHERE (minute, process_id, payer) IN (
        SELECT minute, process_id, payer FROM query_spending WHERE minute < %s FOR UPDATE SKIP LOCKED
    )
"""


class OverLimit(QueryTooCostly):
    """The operation costs more than one may."""

    def __init__(self, message: str, facts: Mapping[str, Any]) -> None:
        """Args: message: what to lower. facts: for `extensions`."""
        super().__init__(message)
        self.facts = facts


class TooOften(OverLimit):
    """The caller asks more at once, or more often, than one may."""

    def __init__(self, message: str, facts: Mapping[str, Any], retry_after_s: int) -> None:
        """Args: message: what to do. facts: for `extensions`. retry_after_s: until it may be asked again."""
        super().__init__(message, facts)
        self.retry_after_s = retry_after_s


class BudgetSpent(TooOften):
    """The caller has asked as much as a minute allows."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A caller's budget at a moment."""

    remaining: int
    resets_at: datetime


class Budgets:
    """Budgets of all callers. One for each process.

    Args:
        limits: of an operation and of a minute.
        clock: gives the present; replicas whose clocks differ count other minutes.
    """

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self.limits = limits
        self._clock = clock
        self._process: UUID = uuid7()
        self._minute = _minute_of(clock())
        self._own: dict[str, int] = {}
        self._others: dict[str, int] = {}
        self._untold: set[str] = set()
        self._under_way: dict[str, int] = {}

    @contextmanager
    def place(self, caller: Caller) -> Generator[None]:
        """A place for one question of the caller's while the block runs, if anything is left of the budget.

        Args:
            caller: who asks.

        Raises:
            BudgetSpent: nothing is left.
            TooOften: every place that a caller has in this process is taken.
        """
        self._require_some(caller)
        payer, most = _payer(caller), self.limits.concurrency
        taken = self._under_way.get(payer, 0)
        if 0 < most <= taken:
            raise TooOften(
                f"{most} of your questions are under way; wait for one of them",
                {"concurrency": {"limit": most}},
                retry_after_s=1,
            )
        self._under_way[payer] = taken + 1
        try:
            yield
        finally:
            left = self._under_way[payer] - 1
            if left:
                self._under_way[payer] = left
            else:
                del self._under_way[payer]

    def _require_some(self, caller: Caller) -> None:
        if self.limits.budget and self.standing(caller).remaining <= 0:
            raise self._spent(
                caller, "the budget of this minute is spent; wait until it is whole again", None
            )

    @contextmanager
    def charged(self, caller: Caller, cost: Cost) -> Generator[None]:
        """The operation may run; it is paid for unless it is refused or cannot be answered.

        One that the database had to end was worked on for as long as any may be, and one whose client has gone was worked on
        until then, so both are paid for.

        Args:
            caller: who pays.
            cost: of the operation.

        Raises:
            OverLimit: no operation may cost so much.
            BudgetSpent: more than what is left of this minute.
            TooOften: it asks more often whether persons are known than the caller may in a minute.
            QueryTooCostly: raised inside the block.
            Abandoned: raised inside the block.
            HubError: raised inside the block; nothing is paid then.
        """
        if cost.requested > self.limits.cost:
            facts = {"cost": {"requested": cost.requested, "limit": self.limits.cost}, **_dearest(cost)}
            raise OverLimit(
                f"the operation costs {cost.requested:,} and one may cost {self.limits.cost:,}; {_advice(cost)}",
                facts,
            )
        if self.limits.budget and cost.requested > self.standing(caller).remaining:
            raise self._spent(
                caller,
                f"the operation costs {cost.requested:,} and {self.standing(caller).remaining:,} are left of this"
                f" minute; wait, or {_advice(cost)}",
                cost,
            )
        if cost.matches:
            self._match(caller, cost.matches)
        self.spend(caller, cost.requested)
        try:
            yield
        except (QueryTooCostly, Abandoned):
            raise
        except HubError:
            self.spend(caller, -cost.requested)
            raise

    def spend(self, caller: Caller, cost: int) -> None:
        """Counts what the caller has asked.

        Args:
            caller: who pays.
            cost: microseconds of CPU; less than nothing where it is given back.
        """
        self._count(_payer(caller), cost)

    def _count(self, payer: str, cost: int) -> None:
        self._turn()
        self._own[payer] = max(0, self._own.get(payer, 0) + cost)
        self._untold.add(payer)

    def _match(self, caller: Caller, matches: int) -> None:
        """Counts questions whether a person is known, as replicas count costs; they are given back to nobody.

        Raises:
            TooOften: they are more than what is left of this minute.
        """
        most = self.limits.person_matches
        if not most:
            return
        self._turn()
        payer = f"{_payer(caller)} {MATCH}"
        left = max(0, most - self._own.get(payer, 0) - self._others.get(payer, 0))
        if matches > left:
            resets_at = self._minute + MINUTE
            raise TooOften(
                f"{MATCH} can be asked {most} times in a minute, and {left} of them are left; wait",
                {MATCH: {"limit": most, "remaining": left, "resetsAt": f"{resets_at:%Y-%m-%dT%H:%M:%SZ}"}},
                self._wait_s(Standing(left, resets_at)),
            )
        self._count(payer, matches)

    def standing(self, caller: Caller) -> Standing:
        """What is left of the caller's budget, as far as this process knows."""
        self._turn()
        payer = _payer(caller)
        spent = self._own.get(payer, 0) + self._others.get(payer, 0)
        return Standing(max(0, self.limits.budget - spent), self._minute + MINUTE)

    def told(self, caller: Caller, cost: Cost) -> dict[str, Any]:
        """The `cost` of an answer's extensions; without a budget, what it is and may be."""
        found: dict[str, Any] = {"requested": cost.requested, "limit": self.limits.cost}
        if self.limits.budget:
            found |= self._left(caller)
        return found

    def headers(self, caller: Caller) -> dict[str, str]:
        """`RateLimit` and `RateLimit-Policy`; none without a budget."""
        if not self.limits.budget:
            return {}
        left = self.standing(caller)
        return {
            "RateLimit-Policy": f'"cost";q={self.limits.budget};w={int(MINUTE.total_seconds())}',
            "RateLimit": f'"cost";r={left.remaining};t={self._wait_s(left)}',
        }

    async def exchange(self, pool: Pool) -> None:
        """Tells the other replicas what was spent here since the last time, and learns what they have.

        Args:
            pool: of the service's role.

        Raises:
            OperationalError: the database does not answer; what is untold is told the next time.
            PoolTimeout: likewise.
        """
        is_new = self._turn()
        minute = self._minute
        told = {payer: self._own.get(payer, 0) for payer in self._untold}
        values = {
            "minute": minute,
            "process": self._process,
            "payers": list(told),
            "costs": list(told.values()),
        }
        async with pool.connection() as connection:
            if is_new:
                await connection.execute(_OVER, (minute - _KEPT,))
            cursor = await connection.execute(_TOLD, values)
            others: dict[str, int] = dict(await cursor.fetchall())
        if minute == self._minute:
            self._others = others
            self._untold -= {payer for payer, cost in told.items() if self._own.get(payer, 0) == cost}

    def _turn(self) -> bool:
        """True if a new minute has begun, in which nobody has spent anything yet."""
        minute = _minute_of(self._clock())
        if minute == self._minute:
            return False
        self._minute = minute
        self._own, self._others, self._untold = {}, {}, set()
        return True

    def _left(self, caller: Caller) -> dict[str, Any]:
        left = self.standing(caller)
        return {
            "budget": self.limits.budget,
            "remaining": left.remaining,
            "resetsAt": f"{left.resets_at:%Y-%m-%dT%H:%M:%SZ}",
        }

    def _wait_s(self, left: Standing) -> int:
        return max(1, math.ceil((left.resets_at - self._clock()).total_seconds()))

    def _spent(self, caller: Caller, message: str, cost: Cost | None) -> BudgetSpent:
        asked = {} if cost is None else {"requested": cost.requested, "limit": self.limits.cost}
        facts = {"cost": {**asked, **self._left(caller)}, **({} if cost is None else _dearest(cost))}
        return BudgetSpent(message, facts, self._wait_s(self.standing(caller)))


def _payer(caller: Caller) -> str:
    return f"client {caller.client_id}" if caller.account_id is None else f"account {caller.account_id}"


def _minute_of(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _dearest(cost: Cost) -> dict[str, Any]:
    if cost.dearest is None:
        return {}
    return {"dearest": {"coordinate": cost.dearest, "first": cost.first, "rows": cost.rows}}


def _advice(cost: Cost) -> str:
    if cost.dearest is None:
        return "ask for less at once"
    return (
        f"most of it are the rows of {cost.dearest}, up to {cost.rows:,} of them: ask for fewer with `first`"
        f" there (it is {cost.first}) or in the lists around it, and for the rest with `after`"
    )

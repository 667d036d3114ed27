"""Subscriptions: from a question to pages of events, for as long as the caller's token and grants hold.

A page is read when the one before it has left, from where that one ended: a slow reader costs a position and no memory. Each
is judged anew, by the token, the permit and the guard of that moment, and the ledger has it before anybody else (ADR-0042).
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

from graphql import ExecutionResult, OperationType
from graphql import subscribe as follow  # pyright: ignore[reportUnknownVariableType] -- its middleware

from auth.tokens import Caller
from hub.graphql import errors, evidence, guard
from hub.graphql.answering import Answering
from hub.graphql.asked import Understood
from hub.graphql.context import Live
from hub.graphql.cost import Cost
from hub.graphql.documents import DocumentInvalid
from hub.graphql.feed import SPAN
from hub.graphql.media import Question
from hub.graphql.reading import reading
from hub.graphql.sdl import graphql_schema
from hub.graphql.services import Services
from hub.graphql.told import Page
from hub.graphql.waking import Waking
from hub.ledger.pseudonym import Pseudonyms
from hub.unforeseen import note_unforeseen
from schema.errors import InputInvalid

LOOKS_EVERY_S: Final = 5.0
"""A subscription looks so often at least, also where no commit is heard of: a grant that ends is seen then."""
_WAITS_S: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subscribed:
    """A subscription that runs.

    Attributes:
        still: gives the caller, for as long as the token holds.
        asking: the question.
        uses: coordinates that it uses.
        cost: of each page.
    """

    still: Callable[[], Awaitable[Caller]]
    asking: Understood
    uses: frozenset[str]
    cost: Cost


class Subscribing:
    """Answers subscriptions. One for each process.

    Args:
        services: of the process.
        answering: of the process.
        waking: tells of commits.
    """

    def __init__(self, services: Services, answering: Answering, waking: Waking) -> None:
        self._services = services
        self._answering = answering
        self._waking = waking
        self._schema = graphql_schema()
        self._pseudonyms = Pseudonyms(services.keyring)

    async def results(
        self, still: Callable[[], Awaitable[Caller]], question: Question, request_id: str
    ) -> AsyncGenerator[dict[str, Any]]:
        """One result after the other, each when the ledger has it; without an end of its own.

        Args:
            still: gives the caller, or raises NotAuthenticated once the token does not hold any more.
            question: as received.
            request_id: of the subscription.

        Raises:
            DocumentInvalid: an argument does not fit its type.
            HubError: it is refused, or cannot go on: the token or a grant has ended, or the hub cannot read now.
        """
        subscribed = await self._subscribed(still, question, request_id)
        caller = await still()
        asking = subscribed.asking
        live = Live(
            caller=caller,
            keyring=self._services.keyring,
            source=self._services.issuer,
            most_rows=self._services.budgets.limits.page,
            pages=lambda types, after, first: self._pages(subscribed, types, after, first),
        )
        running = follow(
            self._schema,
            asking.document.node,
            context_value=live,
            variable_values=dict(asking.question.variables),
            operation_name=asking.question.operation_name,
            hide_suggestions=True,
        )
        stream = await running if isinstance(running, Awaitable) else running
        if isinstance(stream, ExecutionResult):
            raise DocumentInvalid(stream.errors or ())
        async with aclosing(stream):  # pyright: ignore[reportArgumentType] -- a generator, as graphql-core makes it
            async for result in stream:
                yield self._told(result, request_id)

    async def _subscribed(
        self, still: Callable[[], Awaitable[Caller]], question: Question, request_id: str
    ) -> _Subscribed:
        caller = await still()
        budgets = self._services.budgets
        with budgets.place(caller):
            understanding = self._answering.understanding
            asking = await understanding.understood(caller, question, request_id)
            if asking.operation.operation is not OperationType.SUBSCRIPTION:
                raise InputInvalid("a WebSocket is for subscriptions; send queries and mutations by POST")
            cost, uses = understanding.cost(asking), understanding.uses(asking)
            with budgets.charged(caller, cost):
                async with reading(self._services.readers) as connection:
                    known = await self._answering.permits.read(connection, caller)
                known.check(uses)
        self._services.usage.note(caller.client_id, asking.document, asking.operation, uses.argued)
        return _Subscribed(still=still, asking=asking, uses=uses.all, cost=cost)

    async def _pages(
        self, subscribed: _Subscribed, types: Sequence[str], after: int | None, first: int
    ) -> AsyncGenerator[Page]:
        position, told = after, None
        while True:
            # Before the look, so that no commit falls between it and the waiting.
            heard = self._waking.next()
            page = await self._page(subscribed, types, position, first)
            position = page.end
            # Who is given few of many events must not stay at a cursor that grows too old to go on from.
            if page.events or told is None or position - told >= SPAN:
                told = position
                yield page
            if not page.has_more:
                await self._waking.wait(heard, LOOKS_EVERY_S)

    async def _page(
        self, subscribed: _Subscribed, types: Sequence[str], after: int | None, first: int
    ) -> Page:
        """The next page, when the ledger has it.

        Raises:
            HubError: the token, a grant, the ledger or the database does not hold any more.
        """
        caller = await self._within_budget(subscribed)
        page = await self._answering.feed.page(caller, types, after=after, first=first)
        guard.check(page.permit, subscribed.uses)
        if page.events:
            self._services.budgets.spend(caller, subscribed.cost.requested)
            entry = evidence.delivered(
                subscribed.asking.request_id,
                page.permit,
                self._services.clock(),
                self._pseudonyms,
                types={told.word for told in page.events},
                shown=[one for told in page.events for one in told.ids],
            )
            await self._services.ledger.record(entry)
        return page

    async def _within_budget(self, subscribed: _Subscribed) -> Caller:
        """The caller, once something of a minute's budget is left: what has happened waits, and is not lost."""
        budgets = self._services.budgets
        while True:
            caller = await subscribed.still()
            if not budgets.limits.budget or budgets.standing(caller).remaining > 0:
                return caller
            await asyncio.sleep(_WAITS_S)

    def _told(self, result: ExecutionResult, request_id: str) -> dict[str, Any]:
        if not result.errors:
            return {"data": result.data}
        told, unforeseen = errors.of_fields(result.errors, request_id)
        for error in unforeseen:
            note_unforeseen(error, request_id)
        return {"errors": told, "data": result.data}

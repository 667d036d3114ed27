"""From a question to the text of its answer: cost, permit, guard, plan, one statement, the ledger; in this order.

No row is read before the guard has passed, and nothing is answered before the ledger has it.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
import structlog
from graphql import DocumentNode, ExecutionResult, OperationType
from graphql import execute as run  # pyright: ignore[reportUnknownVariableType] -- its middleware
from psycopg import AsyncConnection, OperationalError
from psycopg_pool import PoolTimeout
from sqlalchemy import exc as sql_errors
from sqlalchemy.ext.asyncio import AsyncConnection as SqlConnection

from auth.permit import Permit
from auth.tokens import Caller
from hub.graphql import errors, evidence, guard, past
from hub.graphql.answer import Answer
from hub.graphql.asked import NOTHING_BESIDE, Asked, Beside, Brought, Understood
from hub.graphql.context import Context
from hub.graphql.feed import Feed
from hub.graphql.marks import fresh_nonce
from hub.graphql.media import Question
from hub.graphql.permits import Known, Permits
from hub.graphql.plan import Plan, Plans
from hub.graphql.reading import Busy, fail, reading
from hub.graphql.representations import named
from hub.graphql.request import Request
from hub.graphql.reveal import Revealer
from hub.graphql.round_trip import RoundTrips
from hub.graphql.rows import Pruned
from hub.graphql.rules import FENCE
from hub.graphql.sdl import graphql_schema
from hub.graphql.services import Services
from hub.graphql.understanding import Understanding
from hub.ledger import writer
from hub.ledger.entry import Entry
from hub.ledger.pseudonym import Pseudonyms
from hub.unforeseen import note_unforeseen
from schema.errors import AccessError, HubError, InputInvalid, NotAuthenticated, StoreUnreachable

_MOST_TRIES = 3
_log = structlog.get_logger()


class _Outdated(Exception):
    """The permit is not what holds now."""


class _NothingDecided(Exception):
    """A part of the operation has failed, so none of it stands."""


def _refuse_parts(data: object, told: Sequence[object]) -> None:
    if told or data is None:
        raise _NothingDecided


class Answering:
    """Answers questions of callers who are known. One for each process."""

    def __init__(self, services: Services) -> None:
        """Args: services: of the process."""
        self._services = services
        self._schema = graphql_schema()
        self._plans = Plans(self._schema)
        self._pseudonyms = Pseudonyms(services.keyring)
        self._round_trips = RoundTrips()
        self.understanding = Understanding(services)
        self.permits = Permits(services.clock)
        self.feed = Feed(services.readers, self.permits, services.keyring, self._round_trips)

    async def answer(
        self,
        caller: Caller,
        question: Question,
        request_id: str,
        *,
        lenient: bool,
        awaited: AbstractAsyncContextManager[object],
        before_a_decision: Callable[[], Awaitable[None]],
    ) -> Answer:
        """The answer, when the ledger has it.

        Args:
            caller: of the token.
            question: as received.
            request_id: of the request.
            lenient: fields that the permit does not cover are null, and do not refuse the operation.
            awaited: ends what is read in it where nobody waits any more; what is decided is decided all the same.
            before_a_decision: awaited before anything is changed.

        Raises:
            InputInvalid: it is a subscription.
            HubError: the operation is refused, or cannot be answered now.
            Busy: grants change faster than they can be read.
        """
        asking = await self.understanding.understood(caller, question, request_id, lenient=lenient)
        if asking.operation.operation is OperationType.SUBSCRIPTION:
            raise InputInvalid("send a subscription over a WebSocket, by graphql-transport-ws")
        cost = self.understanding.cost(asking)
        with self._services.budgets.charged(caller, cost):
            if asking.operation.operation is OperationType.MUTATION:
                answer = await self._mutated(caller, asking, before_a_decision)
            else:
                async with awaited:
                    # The connection is free again before the ledger is waited for.
                    async with reading(self._services.readers) as connection:
                        brought = await self._brought(connection, caller, asking)
                    beside = await self._beside(brought)
                answer = await self._told(brought, beside)
        told = self._services.budgets.told(caller, cost)
        return replace(answer, extensions={**answer.extensions, "cost": orjson.dumps(told).decode()})

    async def _brought(
        self,
        connection: AsyncConnection[Any],
        caller: Caller,
        asking: Understood,
    ) -> Brought:
        """What the statement brings under a permit that holds now.

        Raises:
            Busy: grants change faster than they can be read.
        """
        known = self.permits.recent(caller)
        if known is not None:
            try:
                return await self._brought_by(connection, known, asking)
            except (_Outdated, AccessError):
                # What opens or closes the operation may have changed since: it is judged by what holds now.
                known = None
        for _ in range(_MOST_TRIES):
            known = await self.permits.read(connection, caller)
            try:
                return await self._brought_by(connection, known, asking)
            except _Outdated:
                continue
        raise Busy("grants change faster than they can be read; try again")

    async def _brought_by(
        self,
        connection: AsyncConnection[Any],
        known: Known,
        asking: Understood,
    ) -> Brought:
        """What the statement brings under a permit.

        Raises:
            _Outdated: the permit is not what holds now; nothing of it may be told.
        """
        asked = self._asked(known.permit, asking)
        refused = guard.refused(asked.permit, asked.uses) if asking.lenient else frozenset[str]()
        if not asking.lenient:
            known.check(asked.uses)
        plan = self._plans.get(asked.document, asked.operation, asked.variables, known.uneven, refused)
        return await self._read(connection, plan, asked, known)

    def _asked(self, permit: Permit, asking: Understood) -> Asked:
        return Asked(
            permit=permit,
            question=asking.question,
            request_id=asking.request_id,
            document=asking.document,
            operation=asking.operation,
            variables=asking.variables,
            uses=self.understanding.uses(asking),
        )

    async def _read(
        self, connection: AsyncConnection[Any], plan: Plan, asked: Asked, known: Known
    ) -> Brought:
        arguments = plan.arguments(asked.variables)
        for use in plan.compiler.representations:
            # A representation is a question like any other: naming a type uses it, whatever is selected.
            guard.check(asked.permit, named(self._schema, arguments[use]["representations"]))
        permit, keyring = asked.permit, self._services.keyring
        moments = await past.bring(self._services, permit, plan.moments, arguments) if plan.moments else {}
        nonce = fresh_nonce()
        revealer = Revealer(keyring, permit, plan.lists, nonce)
        cursors = {use: revealer.position(use, arguments[use]["after"]) for use in plan.compiler.reads_after}
        request = Request(
            arguments=arguments,
            cursors=cursors,
            permit=permit,
            nonce=nonce,
            keyring=keyring,
            most_rows=self._services.budgets.limits.page,
            moments=moments,
        )
        # One transaction: the settings are in force for the statement and for nothing that comes after it.
        held, row = await self._round_trips.fetch(
            connection, (FENCE, known.fence), (plan.statement, plan.parameters(request))
        )
        assert row is not None and held is not None  # noqa: S101, PT018 -- both are of scalars and give one row
        if held[0] != known.version:
            raise _Outdated
        as_of = [one.at for one in moments.values()]
        return Brought(asked=asked, plan=plan, row=row, revealer=revealer, as_of=as_of)

    async def _beside(self, brought: Brought) -> Beside:
        fields = brought.plan.answers
        if fields is None:
            return NOTHING_BESIDE
        touched: list[UUID] = []
        data, failed = await self._others(fields, brought.asked, touched)
        return Beside(data=data, errors=failed, touched=touched)

    async def _told(self, brought: Brought, beside: Beside) -> Answer:
        asked, plan, row, revealer = brought.asked, brought.plan, brought.row, brought.revealer
        texts = [revealer.whole(text, has_values=plan.compiler.reveals) for text in row[:-1]]
        told = [*(self._pruned(asked.permit, one) for one in plan.compiler.pruned), *beside.errors]
        others = beside.data
        await self._services.ledger.record(
            evidence.answered(
                asked.request_id,
                asked.permit,
                self._services.clock(),
                self._pseudonyms,
                operation=asked.document.digest,
                coordinates=asked.uses.all,
                shown=[*revealer.shown, *beside.touched],
                counted=revealer.counted,
                crowds=revealer.crowds,
                as_of=brought.as_of,
            )
        )
        self._used(asked)
        data = "null"
        # A field that cannot be null may have failed; by the specification there is no data at all then.
        if others is not None:
            left = iter(texts)
            members = [
                f'"{name}":{next(left) if of_rows else orjson.dumps(others[name]).decode()}'
                for name, of_rows in plan.names
            ]
            data = "{" + ",".join(members) + "}"
        extensions = {"freshness": row[-1]}
        emergency = asked.permit.emergency
        if emergency is not None:
            said_of = {"review": str(emergency.grant_id), "due": emergency.due_at}
            extensions["breakGlass"] = orjson.dumps(said_of).decode()
        plan_word = "compiled" if plan.answers is None else "mixed"
        return Answer(data=data, extensions=extensions, errors=told, plan=plan_word)

    def _pruned(self, permit: Permit, one: Pruned) -> dict[str, Any]:
        use = guard.missing(permit, frozenset([one.coordinate]))[0]
        described = errors.refused_use(use, self._services.request_at)
        described["extensions"]["selection"] = ".".join(one.names)
        return described

    async def _others(
        self, fields: DocumentNode, asked: Asked, touched: list[UUID]
    ) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
        """Fields that are not rows, by strawberry; None where one that cannot be null has failed.

        Raises:
            HubError: the database does not answer, or not in time.
        """
        try:
            async with self._services.engine.connect() as connection:
                return await self._executed(fields, asked, self._context(asked, connection, touched))
        except (sql_errors.OperationalError, sql_errors.InterfaceError, sql_errors.TimeoutError) as error:
            fail(error)

    async def _mutated(
        self,
        caller: Caller,
        asking: Understood,
        before_a_decision: Callable[[], Awaitable[None]],
    ) -> Answer:
        """Every decision of the operation and its entry in the ledger, or none of them.

        A crash before the commit leaves nothing; after it, the ledger says what was decided.

        Raises:
            HubError: the database does not answer, or not in time; nothing was decided.
        """
        async with reading(self._services.readers) as readers:
            known = await self.permits.read(readers, caller)
        asked = self._asked(known.permit, asking)
        guard.check(asked.permit, asked.uses.all)
        await before_a_decision()
        data: dict[str, Any] | None = None
        told: list[dict[str, Any]] = []
        try:
            async with self._services.engine.begin() as connection:
                context = self._context(asked, connection, [])
                data, told = await self._executed(asked.document.node, asked, context)
                _refuse_parts(data, told)
                await connection.run_sync(writer.insert, self._decided(asked, context))
            self._used(asked)
            if context.is_emergency:
                _log.warning(
                    "emergency.declared",
                    request_id=asking.request_id,
                    client_id=caller.client_id,
                    agency=caller.agency,
                )
        except _NothingDecided:
            data = None
        except (sql_errors.OperationalError, sql_errors.InterfaceError, sql_errors.TimeoutError) as error:
            fail(error)
        if data is None:
            code = str(told[0]["extensions"]["code"]) if told else HubError.code
            await self._services.ledger.record(self._undecided(asked, code))
        return Answer(data=orjson.dumps(data).decode(), extensions={}, errors=told, plan="mutation")

    def _used(self, asked: Asked) -> None:
        self._services.usage.note(
            asked.permit.caller.client_id, asked.document, asked.operation, asked.uses.argued
        )

    def _context(self, asked: Asked, connection: SqlConnection, touched: list[UUID]) -> Context:
        return Context(
            permit=asked.permit,
            pool=self._services.pool,
            connection=connection,
            keyring=self._services.keyring,
            clock=self._services.clock,
            listable=self.understanding.listable,
            feed=self.feed,
            source=self._services.issuer,
            touched=touched,
            most_rows=self._services.budgets.limits.page,
        )

    async def _executed(
        self, fields: DocumentNode, asked: Asked, context: Context
    ) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
        """Data and errors of what strawberry answers.

        Raises:
            HubError: one of the fields did not get at the database, or not in time.
            NotAuthenticated: one of them needs a login that is newer or stronger.
        """
        running = run(
            self._schema,
            fields,
            context_value=context,
            variable_values=dict(asked.question.variables),
            operation_name=asked.question.operation_name,
            hide_suggestions=True,
        )
        result = running if isinstance(running, ExecutionResult) else await running
        for error in result.errors or ():
            if isinstance(error.original_error, NotAuthenticated):
                raise error.original_error  # the token, and not the field, is what must be another
        told, unforeseen = errors.of_fields(result.errors or (), asked.request_id)
        for error in unforeseen:
            if isinstance(error, StoreUnreachable):
                raise error
            if isinstance(error, PoolTimeout | OperationalError | sql_errors.OperationalError):
                fail(error)
            note_unforeseen(error, asked.request_id)
        return result.data, told

    def _decided(self, asked: Asked, context: Context) -> Entry:
        return evidence.decided(
            asked.request_id,
            asked.permit,
            self._services.clock(),
            asked.document.digest,
            asked.uses.all,
            context.about,
        )

    def _undecided(self, asked: Asked, code: str) -> Entry:
        return evidence.refused(
            asked.request_id, asked.permit.caller, self._services.clock(), code, asked.uses.all
        )

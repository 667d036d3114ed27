"""`POST /graphql`: token, permit, plan, guard, one statement, bytes; in this order and in no other.

Nothing is parsed before the token is known, and no row is read before the guard has passed.
"""

import secrets
import time
import traceback
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import orjson
import structlog
from graphql import DocumentNode, ExecutionResult
from graphql import execute as run  # pyright: ignore[reportUnknownVariableType] -- its middleware
from graphql.execution.values import VariableValues
from psycopg import AsyncConnection, OperationalError
from psycopg.errors import QueryCanceled
from psycopg_pool import PoolTimeout
from sqlalchemy import exc as sql_errors
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from auth.permit import LIVE, Permit, permit_of
from auth.tokens import Caller, Verifier
from hub.clock import Clock
from hub.database import Pool
from hub.graphql import errors, guard, media
from hub.graphql.answers import Context
from hub.graphql.documents import Documents
from hub.graphql.plan import Plan, Plans, variables_of
from hub.graphql.prepared import prepared
from hub.graphql.request import Request
from hub.graphql.reveal import Revealer
from hub.graphql.rows import entity_names, said
from hub.graphql.sdl import graphql_schema, printed
from hub.identity.keyring import Keyring
from schema.errors import HubError, QueryError, QueryTooCostly, StoreUnreachable

_CHILDREN = "victim.child:read"
_LIVE = prepared(LIVE)
_log = structlog.get_logger()


class Busy(StoreUnreachable):
    """Every connection to the database is in use; try again."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer before it is bytes of a response: JSON text of data and freshness, and errors of single fields."""

    data: str
    freshness: str
    errors: list[dict[str, Any]]
    plan: Literal["compiled", "mixed"]


class Endpoint:
    """Answers GraphQL requests. One for each process.

    Args:
        verifier: from a header to a caller.
        pool: to the hub's database, as the service's role.
        keyring: opens identity, signs cursors.
        clock: gives the present.
        request_at: where callers ask for scopes.
    """

    def __init__(
        self, *, verifier: Verifier, pool: Pool, keyring: Keyring, clock: Clock, request_at: str
    ) -> None:
        self._verifier = verifier
        self._pool = pool
        self._keyring = keyring
        self._clock = clock
        self._request_at = request_at
        self._schema = graphql_schema()
        self._documents = Documents(self._schema)
        self._plans = Plans(self._schema)

    async def answer(self, http: HttpRequest) -> Response:
        """The response to one request."""
        kind = media.answer_type(http.headers.get("accept"))

        async def answered(caller: Caller, request_id: str) -> Response:
            if kind is None:
                raise media.NotAcceptable
            started = time.perf_counter()
            answer = await self._answer(caller, await media.read(http), request_id)
            _log.info(
                "query.answered",
                request_id=request_id,
                client_id=caller.client_id,
                purpose=caller.purpose,
                plan=answer.plan,
                duration_ms=_ms_since(started),
            )
            return _response(200, kind, _body(answer))

        return await self._attended(http, kind or media.JSON, answered)

    async def sdl(self, http: HttpRequest) -> Response:
        """The SDL, for whoever has a token."""

        async def answered(_: Caller, __: str) -> Response:
            return _response(200, "application/graphql", printed().encode())

        return await self._attended(http, media.JSON, answered)

    async def _attended(
        self, http: HttpRequest, kind: str, answered: Callable[[Caller, str], Awaitable[Response]]
    ) -> Response:
        """What is answered to a caller who is known; or the one error that stopped it, in its one form."""
        started = time.perf_counter()
        request_id = secrets.token_hex(8)
        header = http.headers.get("authorization")
        caller: Caller | None = None
        try:
            caller = await self._caller(header)
            return await answered(caller, request_id)
        except HubError as error:
            self._note(error, caller, request_id, started)
            return self._refusal(error, kind, request_id, token_sent=header is not None)
        except Exception as error:  # noqa: BLE001 -- the door: whatever it was, the caller learns its id and no more
            _note_unforeseen(error, request_id)
            return _response(500, kind, _body_of([errors.masked(request_id)]))

    async def _caller(self, header: str | None) -> Caller:
        try:
            return await self._verifier.verify(header)
        except (sql_errors.OperationalError, sql_errors.InterfaceError, sql_errors.TimeoutError):
            raise StoreUnreachable from None

    async def permit(self, connection: AsyncConnection[Any], caller: Caller) -> Permit:
        """What the caller may do at this moment."""
        row = await _LIVE.fetch(connection, {"client_id": caller.client_id})
        return permit_of(caller, cast("Any", row), self._clock())

    async def _answer(self, caller: Caller, question: media.Question, request_id: str) -> _Answer:
        async with self._connection() as connection:
            permit = await self.permit(connection, caller)
            document = self._documents.get(question.query)
            operation = document.operation(question.operation_name)
            variables = variables_of(self._schema, operation, question.variables)
            # Variables may name fields that the document does not, so they are looked at with every request.
            in_variables = guard.uses_of_variables(self._schema, operation, question.variables)
            guard.check(permit, document.uses | in_variables)
            plan = self._plans.get(document, operation, variables)
            request, revealer = self._request(plan, permit, variables)
            row = await plan.statement.fetch(connection, plan.parameters(request))
        assert row is not None  # noqa: S101 -- a statement of scalar subqueries gives one row
        texts = iter([revealer.whole(text) for text in row[:-1]] if plan.compiler.reveals else row[:-1])
        if plan.answers is None:
            members = [f'"{name}":{next(texts)}' for name, _ in plan.names]
            return _Answer("{" + ",".join(members) + "}", row[-1], [], "compiled")
        others, told = await self._others(plan.answers, permit, question, request_id)
        if others is None:
            # A field that cannot be null has failed, so by the specification there is no data at all.
            return _Answer("null", row[-1], told, "mixed")
        members = [
            f'"{name}":{next(texts) if of_rows else orjson.dumps(others[name]).decode()}'
            for name, of_rows in plan.names
        ]
        return _Answer("{" + ",".join(members) + "}", row[-1], told, "mixed")

    def _request(self, plan: Plan, permit: Permit, variables: VariableValues) -> tuple[Request, Revealer]:
        arguments = plan.arguments(variables)
        for use in plan.compiler.representations:
            # A representation is a question like any other: naming a type uses it, whatever is selected.
            kinds = {said(one, "__typename") for one in arguments[use]["representations"]}
            guard.check(permit, entity_names(self._schema).intersection(kinds))
        nonce = secrets.token_hex(16)
        revealer = Revealer(self._keyring, permit.caller.client_id, plan.lists, nonce)
        cursors = {use: revealer.position(use, arguments[use]["after"]) for use in plan.compiler.reads_after}
        sees_children = _CHILDREN in permit.scopes
        return Request(
            arguments=arguments, cursors=cursors, sees_children=sees_children, nonce=nonce
        ), revealer

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[AsyncConnection[Any]]:
        """A connection for both statements of a request; what the driver raises becomes an error of ours.

        Raises:
            Busy: none is free in time.
            QueryTooCostly: the server has ended a statement that took too long.
            StoreUnreachable: the server does not answer.
        """
        try:
            async with self._pool.connection() as connection:
                yield connection
        except PoolTimeout:
            raise Busy from None
        except QueryCanceled:
            raise QueryTooCostly("the database was not done in time; ask for less at once") from None
        except OperationalError:
            raise StoreUnreachable from None

    async def _others(
        self, fields: DocumentNode, permit: Permit, question: media.Question, request_id: str
    ) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
        """Fields that are not rows, by strawberry; None where one that cannot be null has failed.

        Raises:
            StoreUnreachable: one of them did not get at the database.
        """
        context = Context(permit=permit, pool=self._pool, keyring=self._keyring, clock=self._clock)
        running = run(
            self._schema,
            fields,
            context_value=context,
            variable_values=dict(question.variables),
            hide_suggestions=True,
        )
        result = running if isinstance(running, ExecutionResult) else await running
        told, unforeseen = errors.of_fields(result.errors or (), request_id)
        for error in unforeseen:
            if isinstance(error, PoolTimeout | OperationalError):
                raise StoreUnreachable from None
            _note_unforeseen(error, request_id)
        return result.data, told

    def _note(self, error: HubError, caller: Caller | None, request_id: str, started: float) -> None:
        refused = errors.status_of(error) < 500  # noqa: PLR2004 -- 5xx is ours
        event = _log.info if refused else _log.error
        event(
            "query.refused" if refused else "query.failed",
            request_id=request_id,
            client_id=caller.client_id if caller else None,
            code=error.code,
            error=type(error).__name__,
            duration_ms=_ms_since(started),
        )

    def _refusal(self, error: HubError, kind: str, request_id: str, *, token_sent: bool) -> Response:
        if isinstance(error, media.RequestMalformed):
            status = error.status
        elif isinstance(error, QueryError) and kind == media.JSON:
            status = 200  # a well-formed request, whatever its document is worth: the older media type says so in the body
        else:
            status = errors.status_of(error)
        response = _response(status, kind, _body_of(errors.described(error, request_id, self._request_at)))
        challenge = errors.challenge(error, token_sent=token_sent)
        if challenge is not None:
            response.headers["WWW-Authenticate"] = challenge
        if isinstance(error, StoreUnreachable):
            response.headers["Retry-After"] = "1"
        return response


def _ms_since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)


def _note_unforeseen(error: BaseException, request_id: str) -> None:
    """What nobody foresaw, by its type and the line that raised it; its message may hold a value."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else None
    _log.error("query.failed", request_id=request_id, error=type(error).__name__, where=where)


def _body(answer: _Answer) -> bytes:
    told = f'"errors":{orjson.dumps(answer.errors).decode()},' if answer.errors else ""
    extensions = f'"extensions":{{"freshness":{answer.freshness},"plan":"{answer.plan}"}}'
    return f'{{{told}"data":{answer.data},{extensions}}}'.encode()


def _body_of(told: list[dict[str, Any]]) -> bytes:
    return orjson.dumps({"errors": told})


def _response(status: int, kind: str, body: bytes) -> Response:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(body, status, headers, media_type=f"{kind}; charset=utf-8")

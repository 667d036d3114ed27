"""`POST /graphql` over HTTP: a token before anything is parsed, one form for every error, and no answer without evidence."""

import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import structlog
from sqlalchemy import exc as sql_errors
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from auth.tokens import Caller, Verifier
from hub.graphql import errors, evidence, media, weights
from hub.graphql.answer import Answer
from hub.graphql.answering import Answering
from hub.graphql.budgets import TooOften
from hub.graphql.presence import Awaited
from hub.graphql.sdl import printed
from hub.graphql.services import Services
from hub.ledger.entry import Kind
from hub.unforeseen import note_unforeseen
from schema.errors import (
    AuditUnavailable,
    HubError,
    NotAuthenticated,
    QueryError,
    StoreUnreachable,
    UseRefused,
)

_log = structlog.get_logger()


class Endpoint:
    """Answers GraphQL requests. One for each process.

    Args:
        verifier: from a request to a caller.
        services: of the process.
        answering: of the process.
    """

    def __init__(self, *, verifier: Verifier, services: Services, answering: Answering) -> None:
        self._verifier = verifier
        self._services = services
        self._answering = answering

    async def answer(self, http: HttpRequest) -> Response:
        """The response to one request."""
        kind = media.answer_type(http.headers.get("accept"))

        async def answered(caller: Caller, request_id: str) -> Response:
            if kind is None:
                raise media.NotAcceptable
            started = time.perf_counter()
            lenient = media.is_lenient(http.headers.getlist("prefer"))
            with self._services.budgets.place(caller):
                question = await media.read(http, self._services.budgets.limits.body_bytes)
                answer = await self._answering.answer(
                    caller,
                    question,
                    request_id,
                    lenient=lenient,
                    awaited=Awaited(http),
                    before_a_decision=lambda: self._verifier.spend(http),
                )
            _log.info(
                "query.answered",
                request_id=request_id,
                client_id=caller.client_id,
                purpose=caller.purpose,
                plan=answer.plan,
                duration_ms=_ms_since(started),
            )
            response = _response(200, kind, _body(answer))
            if lenient:
                response.headers["Preference-Applied"] = media.LENIENT
            return response

        return await self.attended(http, kind or media.JSON, answered)

    async def sdl(self, http: HttpRequest) -> Response:
        """The SDL, for whoever has a token."""

        async def answered(_: Caller, __: str) -> Response:
            return _response(200, "application/graphql", printed().encode())

        return await self.attended(http, media.JSON, answered)

    async def attended(
        self,
        http: HttpRequest,
        kind: str,
        answered: Callable[[Caller, str], Awaitable[Response]],
        entry: Kind = "query",
    ) -> Response:
        """What is answered to a caller who is known; or the one error that stopped it, in its one form.

        Args:
            http: the request.
            kind: media type of an error.
            answered: gives the answer, to the caller and the request's id.
            entry: kind of the ledger's entry of a refusal.
        """
        started = time.perf_counter()
        request_id = secrets.token_hex(8)
        header = http.headers.get("authorization")
        caller: Caller | None = None
        try:
            caller = await self._caller(http)
            response = await answered(caller, request_id)
            response.headers.update(self._services.budgets.headers(caller))
        except HubError as error:
            refusal = await self.recorded(error, caller, request_id, entry)
            self.note(refusal, caller, request_id, started)
            response = self._refusal(refusal, kind, request_id, token_sent=header is not None)
            if caller is not None:
                # What is refused has been read and judged, and stands in the ledger: it is not free.
                self._services.budgets.spend(caller, weights.OPERATION)
                response.headers.update(self._services.budgets.headers(caller))
        except Exception as error:  # noqa: BLE001 -- the door: whatever it was, the caller learns its id and no more
            note_unforeseen(error, request_id)
            response = _response(500, kind, _body_of([errors.masked(request_id)]))
        response.headers.update(self._verifier.nonce_header())
        return response

    async def recorded(self, error: HubError, caller: Caller | None, request_id: str, kind: Kind) -> HubError:
        """The error, when the ledger has it; what is told instead where the ledger cannot be written.

        Args:
            error: that stopped an operation.
            caller: who asked; None where that is not known.
            request_id: of the request.
            kind: of the operation.
        """
        if caller is None or isinstance(error, AuditUnavailable | StoreUnreachable):
            return error
        coordinates = [use.coordinate for use in error.missing] if isinstance(error, UseRefused) else ()
        now = self._services.clock()
        entry = evidence.refused(request_id, caller, now, error.code, coordinates, kind)
        try:
            await self._services.ledger.record(entry)
        except AuditUnavailable as unavailable:
            return unavailable
        return error

    async def _caller(self, http: HttpRequest) -> Caller:
        try:
            return await self._verifier.verify_request(http)
        except (sql_errors.OperationalError, sql_errors.InterfaceError, sql_errors.TimeoutError):
            raise StoreUnreachable from None

    @staticmethod
    def note(error: HubError, caller: Caller | None, request_id: str, started: float) -> None:
        """Tells operators of an operation that was refused or failed.

        Args:
            error: that stopped it.
            caller: who asked; None where that is not known.
            request_id: of the request.
            started: when it came, by `time.perf_counter`.
        """
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
        elif isinstance(error, QueryError) and kind == media.JSON and not isinstance(error, TooOften):
            status = 200  # a well-formed request, whatever its document is worth: the older media type says so in the body
        else:
            status = errors.status_of(error)
        response = _response(
            status, kind, _body_of(errors.described(error, request_id, self._services.request_at))
        )
        missing = errors.missing_scopes(error)
        if isinstance(error, NotAuthenticated):
            response.headers.update(self._verifier.headers(error, token_sent=token_sent))
        elif missing:
            response.headers.update(self._verifier.headers(scopes=missing))
        if isinstance(error, StoreUnreachable):
            response.headers["Retry-After"] = "1"
        elif isinstance(error, TooOften):
            response.headers["Retry-After"] = str(error.retry_after_s)
        return response


def _ms_since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)


def _body(answer: Answer) -> bytes:
    told = f'"errors":{orjson.dumps(answer.errors).decode()},' if answer.errors else ""
    said = "".join(f'"{name}":{text},' for name, text in answer.extensions.items())
    extensions = f'"extensions":{{{said}"plan":"{answer.plan}"}}'
    return f'{{{told}"data":{answer.data},{extensions}}}'.encode()


def _body_of(told: list[dict[str, Any]]) -> bytes:
    return orjson.dumps({"errors": told})


def _response(status: int, kind: str, body: bytes) -> Response:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(body, status, headers, media_type=f"{kind}; charset=utf-8")

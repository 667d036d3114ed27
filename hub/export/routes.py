"""`/export` over HTTP: asked for with a GraphQL request, then its state, its manifest and its parts.

Every request passes the door of `/graphql`: a token, one form for errors, an entry in the ledger. Whoever is not the client
(and person, and purpose) that asked for an export finds none.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

import orjson
import structlog
from psycopg import AsyncConnection, OperationalError
from psycopg_pool import PoolTimeout
from sqlalchemy import Connection
from sqlalchemy import exc as sql_errors
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from auth.tokens import Caller, Verifier
from hub.clock import uuid7
from hub.export import evidence, store
from hub.export.chunks import SIZE, Vault, new_key
from hub.export.order import Format, Order, sealed_question
from hub.export.question import Questions
from hub.export.ranges import Extent, extent
from hub.export.store import Part
from hub.export.writers import MEDIA
from hub.graphql import guard, media, weights
from hub.graphql.endpoint import Endpoint
from hub.graphql.listed import Listed
from hub.graphql.media import RequestMalformed
from hub.graphql.permits import Known, Permits
from hub.graphql.services import Services
from hub.ledger.evidence import moment
from schema.errors import AccessError, DecisionError, QueryTooCostly, StoreUnreachable

PATH: Final = "/export"
MOST_WAITING: Final = 3
"""Exports of one client that may wait or be computed at the same time."""
_FORMATS: Final[dict[str, Format]] = {one: one for one in MEDIA}
_log = structlog.get_logger()


class NoSuchExport(RequestMalformed):
    """You have no such export, or it has no such part."""

    status: ClassVar[int] = 404


class ExportClosed(RequestMalformed):
    """The export was withdrawn, deleted, or is over; ask for a new one."""

    status: ClassVar[int] = 410


class NotWhole(DecisionError):
    """The export is not whole yet; ask again in some seconds."""


class NotExported(AccessError):
    """An emergency opens one case for fifteen minutes; nothing is exported under one."""


class PartCut(Exception):
    """The export was closed while a part of it was sent."""


@dataclass(frozen=True, slots=True)
class _Found:
    """An export of the caller, and what they hold now."""

    order: Order
    known: Known


def export_routes(endpoint: Endpoint, verifier: Verifier, services: Services, hours: float) -> list[Route]:
    """The routes of exports.

    Args:
        endpoint: the door.
        verifier: from a request to a caller.
        services: of the process.
        hours: after which an export is deleted.
    """
    exports = _Exports(endpoint, verifier, services, timedelta(hours=hours))
    one = PATH + "/{export_id:uuid}"
    return [
        Route(PATH, exports.ask, methods=["POST"]),
        Route(one, exports.show, methods=["GET"]),
        Route(one, exports.delete, methods=["DELETE"]),
        Route(one + "/manifest.json", exports.manifest, methods=["GET"]),
        Route(one + "/parts/{part:int}", exports.part, methods=["GET"]),
    ]


class _Exports:
    def __init__(
        self, endpoint: Endpoint, verifier: Verifier, services: Services, lifetime: timedelta
    ) -> None:
        self._endpoint = endpoint
        self._verifier = verifier
        self._services = services
        self._lifetime = lifetime
        self._questions = Questions(services.keyring, services.budgets.limits)
        self._permits = Permits(services.clock)
        self._listed = Listed(services.pool, services.clock)

    async def ask(self, http: Request) -> Response:
        """Takes an export on: 202 and where it will be."""

        async def answered(caller: Caller, request_id: str) -> Response:
            form = _FORMATS.get(http.query_params.get("format", "ndjson"))
            if form is None:
                raise RequestMalformed("format is ndjson or parquet")
            question = await self._listed.told(
                caller, await media.read(http, self._services.budgets.limits.body_bytes)
            )
            async with self._connection() as connection:
                known = await self._permits.read(connection, caller)
            if known.permit.emergency is not None:
                raise NotExported
            wanted = self._questions.wanted(question, known.permit)
            # Every argument is looked at now, and not when nobody is there any more to mend it.
            wanted.parameters(known.permit, "")
            await self._verifier.spend(http)
            services, now = self._services, self._services.clock()
            export_id = uuid7()
            order = Order(
                export_id=export_id,
                number=0,
                permit=known.permit,
                operation=wanted.document.digest,
                coordinates=tuple(sorted(wanted.coordinates)),
                format=form,
                state="OPEN",
                code=None,
                row_count=0,
                total=None,
                part_count=0,
                last_key=None,
                asked_at=now,
                ended_at=None,
                expires_at=now + self._lifetime,
            )

            def taken_on(connection: Connection) -> None:
                if store.waiting(connection, caller.client_id) >= MOST_WAITING:
                    raise QueryTooCostly(
                        f"{MOST_WAITING} exports of yours are not whole yet; wait for one, or delete it"
                    )
                store.take_on(
                    connection,
                    order,
                    sealed_question=sealed_question(services.keyring, export_id, question),
                    sealed_key=new_key(services.keyring, export_id),
                    entry=evidence.asked(order, request_id),
                )

            try:
                with services.budgets.charged(caller, self._questions.cost(wanted)):
                    async with services.engine.begin() as connection:
                        await connection.run_sync(taken_on)
            except (sql_errors.OperationalError, sql_errors.InterfaceError, sql_errors.TimeoutError):
                raise StoreUnreachable from None
            services.usage.note(caller.client_id, wanted.document, wanted.operation, wanted.argued)
            _log.info(
                "export.asked", request_id=request_id, client_id=caller.client_id, purpose=caller.purpose
            )
            headers = {"Location": f"{PATH}/{export_id}", "Retry-After": "1"}
            return _json(202, _described(order, ()), headers)

        async def charged(caller: Caller, request_id: str) -> Response:
            with self._services.budgets.place(caller):
                return await answered(caller, request_id)

        return await self._endpoint.attended(http, media.GRAPHQL, charged, "export")

    async def show(self, http: Request) -> Response:
        """How far an export is, and its parts so far."""

        async def answered(caller: Caller, request_id: str) -> Response:
            del request_id
            found = await self._found(http, caller)
            if found.order.is_alive:
                await self._require_alive(found)
            async with self._connection() as connection:
                order = await store.find(connection, found.order.export_id) or found.order
                parts = await store.parts(connection, order.export_id)
            return _json(200, _described(order, parts), {"Retry-After": "1"} if order.state == "OPEN" else {})

        return await self._attended(http, answered)

    async def manifest(self, http: Request) -> Response:
        """The manifest and its signature, once the export is whole."""

        async def answered(caller: Caller, request_id: str) -> Response:
            del request_id
            found = await self._found(http, caller)
            await self._require_alive(found)
            async with self._connection() as connection:
                _, text, jws = await store.secrets_of(connection, found.order.export_id)
            if text is None:
                raise NotWhole
            return _response(200, f'{{"manifest":{text},"jws":"{jws}"}}'.encode(), media.JSON, {})

        return await self._attended(http, answered)

    async def part(self, http: Request) -> Response:
        """A part or a range of it, when the ledger has that it is sent."""

        async def answered(caller: Caller, request_id: str) -> Response:
            found = await self._found(http, caller)
            await self._require_alive(found)
            order, number = found.order, int(http.path_params["part"])
            async with self._connection() as connection:
                parts = await store.parts(connection, order.export_id)
                sealed_key, _, _ = await store.secrets_of(connection, order.export_id)
            if sealed_key is None:
                raise ExportClosed
            if not 1 <= number <= len(parts):
                raise NotWhole if order.state == "OPEN" else NoSuchExport
            part = parts[number - 1]
            etag = f'"{part.sha256.hex()}"'
            wanted = extent(http.headers, part.byte_count, etag)
            headers = {
                "ETag": etag,
                "Accept-Ranges": "bytes",
                "Content-Disposition": f'attachment; filename="{order.export_id}-{number}.{order.format}"',
            }
            if wanted is None:
                headers["Content-Range"] = f"bytes */{part.byte_count}"
                return _response(416, b"", MEDIA[order.format], headers)
            headers["Content-Length"] = str(wanted.end - wanted.start)
            if not wanted.is_whole:
                headers["Content-Range"] = wanted.content_range
            status = 200 if wanted.is_whole else 206
            if http.method == "HEAD":
                return _response(status, b"", MEDIA[order.format], headers)
            await self._services.ledger.record(
                evidence.fetched(found.known.permit, order, number, request_id, self._services.clock())
            )
            vault = Vault.of(self._services.keyring, order.export_id, sealed_key)
            _log.info(
                "export.fetched", request_id=request_id, client_id=caller.client_id, purpose=caller.purpose
            )
            return StreamingResponse(
                self._bytes(order.export_id, number, vault, wanted),
                status,
                {**_SAFE, **headers},
                media_type=MEDIA[order.format],
            )

        return await self._attended(http, answered)

    async def delete(self, http: Request) -> Response:
        """Closes an export of the caller's, whatever they hold by now."""

        async def answered(caller: Caller, request_id: str) -> Response:
            found = await self._found(http, caller)
            await self._verifier.spend(http)
            now = self._services.clock()
            await self._services.ledger.record(
                evidence.deleted(found.known.permit, found.order.export_id, request_id, now)
            )
            async with self._connection() as connection:
                await store.close(connection, found.order.export_id, "DELETED", now)
            _log.info(
                "export.deleted", request_id=request_id, client_id=caller.client_id, purpose=caller.purpose
            )
            return Response(status_code=204, headers=_SAFE)

        return await self._attended(http, answered)

    async def _attended(
        self, http: Request, answered: Callable[[Caller, str], Awaitable[Response]]
    ) -> Response:
        """As `Endpoint.attended`; what is answered costs what any question costs."""

        async def charged(caller: Caller, request_id: str) -> Response:
            with self._services.budgets.place(caller):
                response = await answered(caller, request_id)
            self._services.budgets.spend(caller, weights.OPERATION)
            return response

        return await self._endpoint.attended(http, media.GRAPHQL, charged, "export")

    async def _found(self, http: Request, caller: Caller) -> _Found:
        """The caller's export.

        Raises:
            NoSuchExport: there is none, or it is another's, or of another purpose.
        """
        export_id: UUID = http.path_params["export_id"]
        async with self._connection() as connection:
            order = await store.find(connection, export_id)
            known = await self._permits.read(connection, caller)
        mine = (caller.client_id, caller.account_id, caller.purpose)
        if order is None or mine != (order.caller.client_id, order.caller.account_id, order.caller.purpose):
            raise NoSuchExport
        return _Found(order, known)

    async def _require_alive(self, found: _Found) -> None:
        """The export can be fetched by this token, now.

        Raises:
            ExportClosed: it is over, or what it stands on was withdrawn; it is closed then.
            UseRefused: the token does not cover what is in it.
        """
        order, now = found.order, self._services.clock()
        if not order.is_alive or order.expires_at <= now:
            raise ExportClosed
        guard.check(found.known.permit, frozenset(order.coordinates))
        async with self._connection() as connection:
            standing = await self._permits.read(connection, order.caller)
            if standing.permit.covers(order.permit):
                return
            await store.close(connection, order.export_id, "WITHDRAWN", now, code=AccessError.code)
        _log.warning("export.withdrawn", client_id=order.caller.client_id, purpose=order.caller.purpose)
        raise ExportClosed

    async def _bytes(self, export_id: UUID, part: int, vault: Vault, wanted: Extent) -> AsyncGenerator[bytes]:
        """The bytes of a range, chunk by chunk.

        Raises:
            PartCut: the export was closed meanwhile; the connection breaks off, so that nobody takes it for the whole.
        """
        for n in range(wanted.start // SIZE, (wanted.end - 1) // SIZE + 1):
            async with self._services.pool.connection() as connection:
                sealed = await store.chunk(connection, export_id, part, n)
            if sealed is None:
                raise PartCut
            plain = vault.open(part, n, sealed)
            yield plain[max(wanted.start - n * SIZE, 0) : wanted.end - n * SIZE]

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[AsyncConnection[Any]]:
        try:
            async with self._services.pool.connection() as connection:
                yield connection
        except (PoolTimeout, OperationalError):
            raise StoreUnreachable from None


_SAFE: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def _described(order: Order, parts: Sequence[Part]) -> dict[str, Any]:
    here = f"{PATH}/{order.export_id}"
    percent = None
    if order.state == "DONE":
        percent = 100
    elif order.total is not None:
        percent = min(99, order.row_count * 100 // max(order.total, 1))
    return {
        "id": str(order.export_id),
        "state": order.state,
        "code": order.code,
        "format": order.format,
        "rowCount": order.row_count,
        "percent": percent,
        "parts": [
            {
                "part": one.n,
                "rowCount": one.row_count,
                "byteCount": one.byte_count,
                "sha256": one.sha256.hex(),
                "href": f"{here}/parts/{one.n}",
            }
            for one in parts
        ]
        if order.is_alive
        else [],
        "manifest": f"{here}/manifest.json" if order.state == "DONE" else None,
        "askedAt": moment(order.asked_at),
        "endedAt": None if order.ended_at is None else moment(order.ended_at),
        "expiresAt": moment(order.expires_at),
    }


def _json(status: int, content: Any, headers: dict[str, str]) -> Response:
    return _response(status, orjson.dumps(content), media.JSON, headers)


def _response(status: int, body: bytes, kind: str, headers: dict[str, str]) -> Response:
    return Response(body, status, {**_SAFE, **headers}, media_type=kind)

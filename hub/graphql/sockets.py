"""`/graphql` over WebSockets, for subscriptions: graphql-transport-ws and no other protocol.

A connection lasts as long as its token at most. The client connects anew with the next one and goes on from its cursor, so a
connection that ends loses nothing.

Source: the GraphQL over WebSocket protocol (graphql-transport-ws); RFC 6455 sections 7.4 and 10.2.
"""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import aclosing, contextmanager, suppress
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
import structlog
from sqlalchemy import exc as sql_errors
from starlette.websockets import WebSocket, WebSocketDisconnect

from auth.challenge import NonceWanted
from auth.dpop_nonce import HEADER as NONCE
from auth.tokens import PROOF, Caller, Verifier
from hub.graphql import errors, media, weights
from hub.graphql.endpoint import Endpoint
from hub.graphql.services import Services
from hub.graphql.subscribing import Subscribing
from hub.unforeseen import note_unforeseen
from schema.errors import (
    AuditUnavailable,
    HubError,
    NotAuthenticated,
    QueryTooCostly,
    StoreUnreachable,
    UseRefused,
)

PROTOCOL: Final = "graphql-transport-ws"
MOST_OF_CALLER: Final = 50
"""Connections of one system or person at one process."""
INITIALISED_WITHIN_S: Final = 10.0
TAKEN_WITHIN_S: Final = 30.0
"""A reader that takes nothing for so long is gone."""
_LOOKS_EVERY_S: Final = 1.0
_LONGEST_ID: Final = 256
_LONGEST_REASON: Final = 120
"""Bytes of a close frame's reason; RFC 6455 leaves room for 123."""
_BAD_REQUEST, _UNAUTHORIZED, _FORBIDDEN, _NOT_ACCEPTABLE = 4400, 4401, 4403, 4406
_TIMEOUT, _EXISTS, _TOO_MANY, _TRY_AGAIN = 4408, 4409, 4429, 1013
_UNAVAILABLE: Final = "The hub cannot read now; connect again and go on from your cursor"
_log = structlog.get_logger()


class _Closing(Exception):
    """The connection is closed by the hub."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode()[:_LONGEST_REASON].decode(errors="ignore")


class Sockets:
    """Answers WebSocket connections. One for each process.

    Args:
        verifier: from a connection to a caller.
        services: of the process.
        endpoint: tells what is refused, as it does for requests.
        subscribing: answers subscriptions.
    """

    def __init__(
        self, *, verifier: Verifier, services: Services, endpoint: Endpoint, subscribing: Subscribing
    ) -> None:
        self.verifier = verifier
        self.services = services
        self.endpoint = endpoint
        self.subscribing = subscribing
        issuer = urlsplit(services.issuer)
        self._origin = f"{issuer.scheme}://{issuer.netloc}"
        self._open: Counter[tuple[str, str | None]] = Counter()

    async def answer(self, websocket: WebSocket) -> None:
        """One connection, until it ends."""
        origins = websocket.headers.getlist("origin")
        if origins and origins != [self._origin]:
            await websocket.close()  # before it was accepted: 403
            return
        if PROTOCOL not in websocket.scope["subprotocols"]:
            await websocket.accept()
            await websocket.close(_NOT_ACCEPTABLE, "Subprotocol not acceptable")
            return
        nonce = [(name.encode(), value.encode()) for name, value in self.verifier.nonce_header().items()]
        await websocket.accept(PROTOCOL, nonce)
        await _Connection(self, websocket).run()

    @contextmanager
    def counted(self, caller: Caller) -> Generator[None]:
        """The caller has one connection more while the block runs.

        Raises:
            _Closing: it has as many as it may.
        """
        key = (caller.client_id, caller.account_id)
        if self._open[key] >= MOST_OF_CALLER:
            raise _Closing(_TRY_AGAIN, f"You have {MOST_OF_CALLER} connections here, as many as you may")
        self._open[key] += 1
        try:
            yield
        finally:
            self._open[key] -= 1
            if not self._open[key]:
                del self._open[key]


class _Connection:
    """One connection that was accepted.

    Args:
        sockets: of the process.
        websocket: accepted.
    """

    def __init__(self, sockets: Sockets, websocket: WebSocket) -> None:
        self._sockets = sockets
        self._websocket = websocket
        self._request_id = secrets.token_hex(8)
        self._started = time.perf_counter()
        self._authorization = ""
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._pages = 0

    async def run(self) -> None:
        caller: Caller | None = None
        code = 1000
        try:
            caller = await self._initialised()
            with self._sockets.counted(caller):
                _log.info(
                    "socket.opened",
                    request_id=self._request_id,
                    client_id=caller.client_id,
                    purpose=caller.purpose,
                )
                await self._serve(caller)
        except _Closing as closing:
            code = closing.code
            with suppress(WebSocketDisconnect, RuntimeError, TimeoutError):  # who has left needs no farewell
                async with asyncio.timeout(TAKEN_WITHIN_S):
                    await self._websocket.close(closing.code, closing.reason)
        except WebSocketDisconnect as gone:
            code = gone.code
        except Exception as error:  # noqa: BLE001 -- the door: its message may hold a value, and nobody above hides it
            note_unforeseen(error, self._request_id)
            code = 1011
        if caller is not None:
            _log.info(
                "socket.closed",
                request_id=self._request_id,
                client_id=caller.client_id,
                code=str(code),
                record_count=self._pages,
                duration_ms=round((time.perf_counter() - self._started) * 1000, 2),
            )

    async def _initialised(self) -> Caller:
        """The caller, who has been told so.

        Raises:
            _Closing: nobody has shown in time who they are.
        """
        try:
            async with asyncio.timeout(INITIALISED_WITHIN_S):
                while (message := await self._next())["type"] != "connection_init":
                    if message["type"] == "subscribe":
                        raise _Closing(_UNAUTHORIZED, "Unauthorized")
                    await self._attend(message)
        except TimeoutError:
            raise _Closing(_TIMEOUT, "Connection initialisation timeout") from None
        payload = message.get("payload")
        caller = await self._verified({} if payload is None else _object(payload))
        ends = f"{caller.expires_at:%Y-%m-%dT%H:%M:%SZ}"
        await self._send({"type": "connection_ack", "payload": {"expiresAt": ends}})
        return caller

    async def _verified(self, payload: Mapping[str, Any]) -> Caller:
        shown = {name.lower(): value for name, value in payload.items() if isinstance(value, str)}
        self._authorization, proof = shown.get("authorization", ""), shown.get(PROOF)
        verifier = self._sockets.verifier
        try:
            return await verifier.verify_connection(
                self._websocket, self._authorization or None, [] if proof is None else [proof]
            )
        except NotAuthenticated as error:
            self._sockets.endpoint.note(error, None, self._request_id, self._started)
            said = (
                f"use_dpop_nonce {verifier.nonce_header()[NONCE]}"
                if isinstance(error, NonceWanted)
                else str(error)
            )
            raise _Closing(_FORBIDDEN, said) from None
        except (sql_errors.OperationalError, sql_errors.InterfaceError, sql_errors.TimeoutError):
            raise _Closing(_TRY_AGAIN, _UNAVAILABLE) from None

    async def _still(self) -> Caller:
        """The caller, for as long as the token holds.

        Raises:
            StoreUnreachable: whether it holds is not known.
        """
        try:
            return await self._sockets.verifier.still(self._authorization)
        except (sql_errors.OperationalError, sql_errors.InterfaceError, sql_errors.TimeoutError):
            raise StoreUnreachable from None

    async def _serve(self, caller: Caller) -> None:
        """Answers messages until the connection ends, which one of its tasks raises.

        Raises:
            _Closing: the hub ends it.
            WebSocketDisconnect: the client has.
        """
        ended: BaseException = WebSocketDisconnect(1006)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._watch())
                await self._read(tasks, caller)
        except* (_Closing, WebSocketDisconnect) as found:
            ended = found.exceptions[0]
        raise ended

    async def _read(self, tasks: asyncio.TaskGroup, caller: Caller) -> None:
        """Attends to one message after the other.

        Raises:
            _Closing: a message breaks the protocol.
            WebSocketDisconnect: the client has left.
        """
        while True:
            message = await self._next()
            if message["type"] == "subscribe":
                await self._subscribe(tasks, caller, message)
            elif message["type"] == "connection_init":
                raise _Closing(_TOO_MANY, "Too many initialisation requests")
            else:
                await self._attend(message)

    async def _watch(self) -> None:
        """Looks at the token, also where nothing happens.

        Raises:
            _Closing: it does not hold any more, or whether it does is not known.
        """
        while True:
            await asyncio.sleep(_LOOKS_EVERY_S)
            try:
                await self._still()
            except NotAuthenticated as error:
                raise _Closing(_FORBIDDEN, str(error)) from None
            except StoreUnreachable:
                raise _Closing(_TRY_AGAIN, _UNAVAILABLE) from None

    async def _attend(self, message: Mapping[str, Any]) -> None:
        """Answers what needs no caller.

        Raises:
            _Closing: there is no such message.
        """
        match message["type"]:
            case "ping":
                await self._send({"type": "pong"})
            case "pong":
                pass
            case "complete":
                task = self._operations.pop(_id(message), None)
                if task is not None:
                    task.cancel()
            case _:
                raise _Closing(_BAD_REQUEST, "there is no message of this type")

    async def _subscribe(self, tasks: asyncio.TaskGroup, caller: Caller, message: Mapping[str, Any]) -> None:
        key, payload = _id(message), _object(message.get("payload"))
        if key in self._operations:
            raise _Closing(_EXISTS, "Subscriber already exists")
        most = self._sockets.services.budgets.limits.subscriptions
        if len(self._operations) >= most:
            error = QueryTooCostly(f"a connection has {most} subscriptions at most; end one, or open another")
            await self._refuse(key, caller, error, secrets.token_hex(8))
            return
        self._operations[key] = tasks.create_task(self._operate(key, caller, payload))

    async def _operate(self, key: str, caller: Caller, payload: Mapping[str, Any]) -> None:
        request_id, is_begun = secrets.token_hex(8), False
        try:
            question = media.question_of(payload)
            async with aclosing(
                self._sockets.subscribing.results(self._still, question, request_id)
            ) as results:
                async for result in results:
                    is_begun = True
                    await self._send({"id": key, "type": "next", "payload": result})
                    self._pages += 1
        except NotAuthenticated as error:
            raise _Closing(_FORBIDDEN, str(error)) from None
        except (StoreUnreachable, AuditUnavailable) as error:
            self._sockets.endpoint.note(error, caller, request_id, self._started)
            raise _Closing(_TRY_AGAIN, _UNAVAILABLE) from None
        except HubError as error:
            if is_begun and isinstance(error, UseRefused):
                raise _Closing(
                    _FORBIDDEN, "A grant has ended; connect anew and subscribe to what is open"
                ) from None
            self._operations.pop(key, None)
            await self._refuse(key, caller, error, request_id)
        except (_Closing, WebSocketDisconnect):
            raise
        except Exception as error:  # noqa: BLE001 -- the door: whatever it was, the caller learns its id and no more
            note_unforeseen(error, request_id)
            self._operations.pop(key, None)
            await self._send({"id": key, "type": "error", "payload": [errors.masked(request_id)]})

    async def _refuse(self, key: str, caller: Caller, error: HubError, request_id: str) -> None:
        endpoint = self._sockets.endpoint
        refusal = await endpoint.recorded(error, caller, request_id, "query")
        self._sockets.services.budgets.spend(caller, weights.OPERATION)
        endpoint.note(refusal, caller, request_id, self._started)
        told = errors.described(refusal, request_id, self._sockets.services.request_at)
        await self._send({"id": key, "type": "error", "payload": told})

    async def _next(self) -> dict[str, Any]:
        """The client's next message.

        Raises:
            _Closing: it is no message of the protocol.
            WebSocketDisconnect: there is none any more.
        """
        received = await self._websocket.receive()
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code") or 1005)
        try:
            message = _object(orjson.loads(received.get("text") or b""))
        except orjson.JSONDecodeError:
            raise _Closing(_BAD_REQUEST, "a message is not JSON") from None
        if not isinstance(message.get("type"), str):
            raise _Closing(_BAD_REQUEST, "a message has no type")
        return message

    async def _send(self, message: Mapping[str, Any]) -> None:
        try:
            async with asyncio.timeout(TAKEN_WITHIN_S):
                await self._websocket.send_text(orjson.dumps(message).decode())
        except TimeoutError:
            raise WebSocketDisconnect(1006) from None


def _object(found: Any) -> dict[str, Any]:
    """A JSON object of the client.

    Raises:
        _Closing: it is something else.
    """
    if not isinstance(found, dict):
        raise _Closing(_BAD_REQUEST, "a message or its payload is not an object")
    return found  # pyright: ignore[reportUnknownVariableType] -- JSON of the client


def _id(message: Mapping[str, Any]) -> str:
    """The id of an operation.

    Raises:
        _Closing: there is none in due form.
    """
    found = message.get("id")
    if not isinstance(found, str) or not 0 < len(found) <= _LONGEST_ID:
        raise _Closing(_BAD_REQUEST, f"id is not a text of 1 to {_LONGEST_ID} characters")
    return found

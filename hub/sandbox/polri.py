"""The police: REST and JSON behind OAuth2 client credentials, as a gateway publishes it."""

import base64
import binascii
import hmac
import secrets
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hub.clock import WIB
from hub.sandbox.control import Agent, Trouble, TroubledApp, UnknownRecord
from hub.sandbox.population import Population
from hub.sandbox.process import listen, live, serving, url_of
from hub.sandbox.store import CursorUnknown, Store, decode_cursor
from hub.sandbox.truth import made_by
from hub.sandbox.wire import Agency, WireRecord, stamp

TOKEN_PATH = "/oauth2/token"  # noqa: S105 -- a path
REPORTS_PATH = "/emp/v1/laporan_polisi"
TOKEN_LIFE_S = 3600
DEFAULT_LIMIT, HIGHEST_LIMIT = 200, 1000
CLIENT_ID = "tppo-hub"


def body_of(record: WireRecord) -> bytes:
    """A report as it travels; a deleted one is only its id and the time."""
    envelope: dict[str, object] = {
        "id": record.key, "diperbarui_pada": stamp(record.updated_at), "dihapus": record.withdrawn,
    }  # fmt: skip
    if record.withdrawn:
        return orjson.dumps(envelope)
    parts = {
        kind: [dict(part.fields) for part in record.parts if part.object == kind]
        for kind in ("korban", "tersangka")
    }
    return orjson.dumps({**envelope, **record.fields, **parts})


def store_of(records: Iterable[WireRecord]) -> Store:
    """The reports in order of change."""
    return Store((record.key, stamp(record.updated_at), body_of(record)) for record in records)


class Polri(Agent):
    """The police's system with its secret, its tokens and its reports.

    Args:
        store: the reports.
    """

    agency: Agency = "polri"

    def __init__(self, store: Store) -> None:
        self.store = store
        self.trouble = Trouble()
        self.client_secret = secrets.token_urlsafe(24)
        self._tokens: set[str] = set()

    async def fail(self, count: int, status: int) -> None:
        """The next requests for reports fail with a status."""
        self.trouble.fail_count, self.trouble.fail_status = count, status

    async def rubbish(self, count: int) -> None:
        """The next answers are no JSON."""
        self.trouble.rubbish_count = count

    async def change(self, key: str, field: str, value: str | int) -> None:
        """Change a field of a report, or of `<id>/korban/<no_urut>`, `<id>/tersangka/<no_urut>`.

        Raises:
            UnknownRecord: no such report or part.
        """
        report = self._report(key)
        _part(report, key)[field] = value
        self._put(report)

    async def delete(self, key: str) -> None:
        """Delete a report, of which a tombstone stays, or take a part out of it.

        Raises:
            UnknownRecord: no such report or part.
        """
        report = self._report(key)
        part = _part(report, key)
        if part is report:
            report = {"id": report["id"], "dihapus": True}
        else:
            report[key.split("/")[1]].remove(part)
        self._put(report)

    def state(self) -> dict[str, object]:
        """The number of reports, deleted ones too."""
        return {"reports": len(self.store), "tokens": len(self._tokens)}

    def _report(self, key: str) -> dict[str, Any]:
        try:
            return orjson.loads(self.store.get(key.split("/", maxsplit=1)[0]))
        except KeyError as error:
            raise UnknownRecord from error

    def _put(self, report: dict[str, Any]) -> None:
        report["diperbarui_pada"] = self.store.next_stamp()
        self.store.put(report["id"], report["diperbarui_pada"], orjson.dumps(report))

    async def token(self, request: Request) -> Response:
        """`POST /oauth2/token`."""
        form = await request.form()
        if not self._client_is_known(request.headers.get("authorization", "")):
            return JSONResponse({"error": "invalid_client"}, 401, {"WWW-Authenticate": 'Basic realm="splp"'})
        if form.get("grant_type") != "client_credentials":
            return JSONResponse({"error": "unsupported_grant_type"}, 400)
        token = secrets.token_urlsafe(32)
        self._tokens.add(token)
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_LIFE_S}
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})

    async def reports(self, request: Request) -> Response:
        """`GET /emp/v1/laporan_polisi`."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or token not in self._tokens:
            return JSONResponse({"error": "invalid_token"}, 401, {"WWW-Authenticate": "Bearer"})
        try:
            limit = int(request.query_params.get("batas", DEFAULT_LIMIT))
            since = request.query_params.get("sejak")
            after = request.query_params.get("setelah")
            page = self.store.page(
                since=_since(since) if since else None,
                until=None,
                after=decode_cursor(after) if after else None,
                limit=limit,
            )
        except (ValueError, CursorUnknown):
            return JSONResponse({"error": "sejak, setelah or batas is malformed"}, 400)
        if not 1 <= limit <= HIGHEST_LIMIT:
            return JSONResponse({"error": f"batas is 1 to {HIGHEST_LIMIT}"}, 400)
        following = orjson.dumps(page.next_cursor)
        body = b'{"data":[' + b",".join(page.bodies) + b'],"berikutnya":' + following + b"}"
        return Response(body, media_type="application/json")

    def app(self) -> TroubledApp:
        """The published interface."""
        routes = [
            Route(TOKEN_PATH, self.token, methods=["POST"]),
            Route(REPORTS_PATH, self.reports, methods=["GET"]),
        ]
        return TroubledApp(Starlette(routes=routes), self.trouble, spared=[TOKEN_PATH])

    def _client_is_known(self, authorization: str) -> bool:
        scheme, _, encoded = authorization.partition(" ")
        try:
            given = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            return False
        return scheme.lower() == "basic" and hmac.compare_digest(
            given, f"{CLIENT_ID}:{self.client_secret}".encode()
        )


def _since(text: str) -> str:
    moment = datetime.fromisoformat(text)
    return stamp(moment if moment.tzinfo else replace_zone(moment))


def replace_zone(moment: datetime) -> datetime:
    """A time without a zone is WIB."""
    return moment.replace(tzinfo=WIB)


def _part(report: dict[str, Any], key: str) -> dict[str, Any]:
    _, _, rest = key.partition("/")
    if not rest:
        return report
    kind, _, number = rest.partition("/")
    for part in report.get(kind, []):
        if str(part["no_urut"]) == number:
            return part
    raise UnknownRecord


async def run(directory: Path, population: Population, *, parent: int | None) -> None:
    """Be the police until told to end."""
    polri = Polri(store_of(population.records("polri")))
    listening = listen()
    servers: list[AbstractAsyncContextManager[None]] = [serving(polri.app(), listening)]
    settings: dict[str, object] = {
        "url": url_of(listening), "client_id": CLIENT_ID, "client_secret": polri.client_secret,
    }  # fmt: skip
    await live(
        polri, directory, settings=settings, servers=servers, seed=population.seed, size=population.size, made_by=made_by(),
        parent=parent,
    )  # fmt: skip

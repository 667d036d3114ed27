"""`GET /audit/seals`: every seal, for everybody: who keeps them sees when one is missing or another one later."""

from typing import Any

import orjson
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.database import Pool
from hub.ledger.evidence import key_object
from hub.ledger.stored import KEYS, key_of

PATH = "/audit/seals"
PAGE = 1000
_SEALS = "SELECT n, jws FROM audit.seal WHERE n > %s ORDER BY n LIMIT %s"
_LAST = 2**63 - 1


def seal_routes(pool: Pool) -> list[Route]:
    """The routes of the seals.

    Args:
        pool: as the service's role.
    """

    async def seals(request: Request) -> Response:
        after = request.query_params.get("after", "0")
        if not (after.isascii() and after.isdigit() and int(after[:20]) < _LAST):
            return _answer({"error": "after is the number of a seal"}, 400, "no-store")
        try:
            async with pool.connection() as connection:
                keys = await (await connection.execute(KEYS)).fetchall()
                found = await (await connection.execute(_SEALS, (int(after), PAGE))).fetchall()
        except (PoolTimeout, OperationalError):
            return _answer({"error": "the database does not answer"}, 503, "no-store", {"Retry-After": "1"})
        is_full = len(found) == PAGE
        page = {
            "keys": [key_object(key_of(row)) for row in keys],
            "seals": [{"n": n, "jws": jws} for n, jws in found],
            "next": f"{PATH}?after={found[-1][0]}" if is_full else None,
        }
        # A full page stays as it is but for new keys, which are published a month before they sign.
        return _answer(page, 200, "public, max-age=86400" if is_full else "public, max-age=1")

    return [Route(PATH, seals, methods=["GET"])]


def _answer(content: Any, status: int, caching: str, more: dict[str, str] | None = None) -> Response:
    headers = {"Cache-Control": caching, "X-Content-Type-Options": "nosniff", **(more or {})}
    return Response(orjson.dumps(content), status, headers, media_type="application/json")

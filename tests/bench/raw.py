"""A bare ASGI application that runs one statement written by hand: no token, no permit, no GraphQL, the same JSON text.

It is what Python, uvicorn, psycopg and PostgreSQL can do at most. Environment: DATABASE_URL, PORT, POOL_SIZE.
"""

import asyncio
import os
from datetime import date
from typing import Any
from uuid import UUID

import orjson
import uvicorn
import uvloop
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from starlette.types import Receive, Scope, Send

_CASE = """
    SELECT '{"id":"' || c.case_id
        || '","caseStatus":' || coalesce('"' || c.case_status || '"', 'null')
        || ',"policeReport":' || coalesce(to_json(c.police_report)::text, 'null')
        || ',"reportedOn":' || coalesce('"' || to_char(c.reported_on, 'YYYY-MM-DD') || '"', 'null')
        || ',"occurredFrom":' || coalesce('"' || to_char(c.occurred_from, 'YYYY-MM-DD') || '"', 'null')
        || ',"occurredTo":' || coalesce('"' || to_char(c.occurred_to, 'YYYY-MM-DD') || '"', 'null')
        || ',"reportChannel":' || coalesce('"' || c.report_channel || '"', 'null')
        || ',"modus":' || coalesce('"' || c.modus || '"', 'null')
        || ',"geographicScope":' || coalesce('"' || c.geographic_scope || '"', 'null')
        || ',"originRegion":' || coalesce(to_json(c.origin_region)::text, 'null')
        || ',"destinationCountry":' || coalesce(to_json(c.destination_country)::text, 'null')
        || ',"legalStage":' || coalesce('"' || c.legal_stage || '"', 'null')
        || ',"victims":{"nodes":[' || coalesce((
            SELECT string_agg('{"id":"' || v.victim_id
                || '","personId":"' || v.person_id
                || '","ageAtIdentification":' || coalesce(v.age_at_identification::text, 'null')
                || ',"ageBandCtdc":' || coalesce('"' || v.age_band_ctdc || '"', 'null')
                || ',"ageBandNational":' || coalesce('"' || v.age_band_national || '"', 'null')
                || ',"isChildAtExploitation":' || coalesce(v.is_child_at_exploitation::text, 'null')
                || ',"protectionLevel":' || coalesce('"' || v.protection_level || '"', 'null')
                || ',"stage":' || coalesce('"' || v.stage || '"', 'null') || '}', ',' ORDER BY v.victim_id)
            FROM (SELECT * FROM golden_victim WHERE case_id = c.case_id ORDER BY victim_id LIMIT 50) v), '')
        || ']},"perpetrators":{"nodes":[' || coalesce((
            SELECT string_agg('{"id":"' || p.perpetrator_id
                || '","personId":"' || p.person_id
                || '","caseId":"' || p.case_id
                || '","suspectStatus":' || coalesce('"' || p.suspect_status || '"', 'null')
                || ',"roles":' || coalesce(to_json(p.roles)::text, 'null')
                || ',"isCorporate":' || coalesce(p.is_corporate::text, 'null') || '}', ','
                ORDER BY p.perpetrator_id)
            FROM (SELECT * FROM golden_perpetrator WHERE case_id = c.case_id
                  ORDER BY perpetrator_id LIMIT 50) p), '')
        || ']}}'
"""
ONE = f"{_CASE} FROM golden_case c WHERE c.case_id = %(id)s"
PAGE = f"""
    SELECT '{{"nodes":[' || coalesce(string_agg(row.text, ',' ORDER BY row.reported_on DESC NULLS LAST, row.case_id), '') || ']}}'
    FROM ({_CASE} AS text, c.reported_on, c.case_id FROM golden_case c
          WHERE c.origin_region LIKE %(region)s AND c.reported_on >= %(from)s AND c.reported_on < %(until)s
          ORDER BY c.reported_on DESC NULLS LAST, c.case_id LIMIT 50) AS row
"""  # noqa: S608 -- put together from constants
_HEADERS = [
    (b"content-type", b"application/graphql-response+json; charset=utf-8"),
    (b"cache-control", b"no-store"),
]
_Pool = AsyncConnectionPool[AsyncConnection[Any]]


def _page_values(variables: dict[str, str]) -> dict[str, Any]:
    return {
        "region": variables["region"] + "%",
        "from": date.fromisoformat(variables["from"]),
        "until": date.fromisoformat(variables["until"]),
    }


async def _application(pool: _Pool, scope: Scope, receive: Receive, send: Send) -> None:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    variables = orjson.loads(body)["variables"] if body else {}
    if scope["path"] == "/page":
        name, statement, values = "cases", PAGE, _page_values(variables)
    else:
        name, statement, values = "case", ONE, {"id": UUID(variables["id"])}
    async with pool.connection() as connection:
        cursor = await connection.execute(statement.encode(), values, prepare=True)
        row = await cursor.fetchone()
    text = row[0] if row else "null"
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": f'{{"data":{{"{name}":{text}}}}}'.encode()})


async def main() -> None:
    """Serves until told to end, on loopback, set up as the hub is."""
    size = int(os.environ["POOL_SIZE"])
    options = {"autocommit": True, "options": "-c timezone=UTC"}
    pool: _Pool = AsyncConnectionPool(
        os.environ["DATABASE_URL"], min_size=2, max_size=size, open=False, kwargs=options
    )
    async with pool:

        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            await _application(pool, scope, receive, send)

        config = uvicorn.Config(
            application,
            port=int(os.environ["PORT"]),
            http="httptools",
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
        )
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())

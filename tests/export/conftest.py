"""A hub on a filled database of its own, and the workshop that computes its exports."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Any

import httpx
import orjson
import psycopg
import pytest

from hub.database import conninfo
from hub.export import keeping
from hub.export.compute import Computing, Workshop
from tests.graphql.conftest import filled, own_database, own_hub  # noqa: F401 -- fixtures
from tests.graphql.hub import Hub

VICTIMS = """query ($w: VictimFilter) { victims(where: $w) { nodes {
    id status sex ageAtIdentification isChildAtExploitation stageSince exploitation fullName nik birthDate
    person: __typename
    case { id policeReport reportedOn legalBasis { law article validOn } }
    serviceEvents(first: 3) { totalCount pageInfo { hasNextPage endCursor } nodes { agency category startedOn } }
    movements { edges { node { at direction } } }
    restitutions { nodes { claimed } }
} } }"""


@dataclass
class Exports:
    """A hub, what computes its exports, and a client of both."""

    hub: Hub
    workshop: Workshop
    url: str

    async def headers(self, token: str | None = None, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token or await self.hub.token()}", **more}

    async def ask(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        form: str = "ndjson",
        token: str | None = None,
    ) -> httpx.Response:
        body = orjson.dumps({"query": query, "variables": variables or {}})
        headers = await self.headers(token, **{"Content-Type": "application/json"})
        return await self.hub.http.post("/export", params={"format": form}, content=body, headers=headers)

    async def get(self, path: str, *, token: str | None = None, **headers: str) -> httpx.Response:
        return await self.hub.http.get(path, headers=await self.headers(token, **headers))

    async def compute(self, **changes: Any) -> None:
        """All that waits is computed."""
        computing = Computing(replace(self.workshop, **changes))
        while await computing.compute_next():
            pass

    async def taken(self, query: str, variables: dict[str, Any] | None = None, **how: Any) -> str:
        """The path of an export that was taken on."""
        response = await self.ask(query, variables, **how)
        assert response.status_code == 202, response.text
        return response.headers["Location"]

    async def whole(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        token: str | None = None,
        form: str = "ndjson",
        **changes: Any,
    ) -> list[bytes]:
        """The parts of an export that was computed."""
        path = await self.taken(query, variables, token=token, form=form)
        await self.compute(**changes)
        return await self.parts(path, token)

    async def parts(self, path: str, token: str | None = None) -> list[bytes]:
        state = (await self.get(path, token=token)).json()
        assert state["state"] == "DONE", state
        found = []
        for part in state["parts"]:
            response = await self.get(part["href"], token=token)
            assert response.status_code == 200, response.text
            found.append(response.content)
        return found

    async def pages(
        self, query: str, variables: dict[str, Any] | None = None, *, token: str | None = None
    ) -> list[dict[str, Any]]:
        """The same rows as an export's, by GraphQL page by page in the order of their ids."""
        head, _, rest = query.partition("(where: $w) {")
        paged = f"{head}(where: $w, first: 20, after: $a) {{ pageInfo {{ hasNextPage endCursor }} {rest}"
        paged = paged.replace("query (", "query ($a: String, ", 1)
        rows, after = [], None
        while True:
            response = await self.hub.ask(
                paged, {**(variables or {}), "a": after}, token=token or await self.hub.token()
            )
            (page,) = response.json()["data"].values()
            rows += page["nodes"]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                return rows

    async def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return await self.hub.rows(statement, *values)


def lines(parts: list[bytes]) -> list[dict[str, Any]]:
    """The rows of NDJSON, marks left out."""
    found = [json.loads(line) for part in parts for line in part.splitlines()]
    for one in found:
        assert len(one.pop("exportMark")) == 22
    return found


@pytest.fixture
async def exports(cluster, own_hub, own_database) -> AsyncIterator[Exports]:  # noqa: F811 -- fixtures
    url = cluster.url("hub_service", own_database)
    async with keeping.opened(url, own_hub.pool, own_hub.keyring, own_hub.clock) as workshop:
        yield Exports(own_hub, workshop, url)


@pytest.fixture
def records(cluster, own_database) -> Callable[[], list[dict[str, Any]]]:  # noqa: F811 -- fixtures
    """Bodies of the ledger about exports, the oldest first."""

    def read() -> list[dict[str, Any]]:
        with psycopg.connect(conninfo(cluster.url("hub_owner", own_database))) as connection:
            rows = connection.execute("SELECT body FROM audit.record ORDER BY id").fetchall()
        bodies = [json.loads(bytes(body)) for (body,) in rows]
        return [one for one in bodies if one["kind"] == "export"]

    return read

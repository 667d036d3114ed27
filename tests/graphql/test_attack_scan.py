"""The checks that scanners of GraphQL make, each with what the hub answers: what they call a weakness is not there.

The list is that of graphql-cop 1.14; what one of them needs more than a request for is tested in depth elsewhere.
"""

import httpx
import pytest

from tests.graphql.hub import GRAPHQL

QUERY = "{ __typename }"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def _asked(text, **members):
    return {"json": {"query": text, **members}}


CHECKS = {
    "alias overloading": (_asked("{ " + " ".join(f"a{n}: __typename" for n in range(101)) + " }"), 400),
    "array-based query batching": ({"json": [{"query": QUERY}] * 10}, 400),
    "directive overloading": (_asked("{ __typename " + "@aa" * 50 + " }"), 400),
    "repeated directives that there are": (_asked("{ __typename " + "@skip(if: false) " * 11 + " }"), 400),
    "circular introspection": (
        _asked("{ __schema { types { " + "fields { type { " * 20 + "name" + " } }" * 20 + " } } }"),
        400,
    ),
    "field duplication": (_asked("{ " + "__typename " * 500 + " }"), 400),
    "field suggestions": (_asked("{ case { idd } }"), 400),
    "tracing": (_asked(QUERY, extensions={"tracing": True}), 200),
    "unhandled errors": (_asked("queryy { __typename }"), 400),
    "mutation as a form": (
        {"content": b"query=mutation+%7B__typename%7D", "headers": {"content-type": FORM}},
        415,
    ),
    "query as a form": ({"content": b"query=%7B__typename%7D", "headers": {"content-type": FORM}}, 415),
}
"""By name: what is sent, and the status."""


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("check", CHECKS)
async def test_what_scanners_look_for_is_refused_and_tells_nothing(hub, check):
    sent, status = CHECKS[check]
    headers = {"accept": GRAPHQL, "authorization": f"Bearer {await hub.token()}", **sent.get("headers", {})}

    response = await hub.http.post("/graphql", **(sent | {"headers": headers}))

    assert response.status_code == status
    for told in ("did you mean", "traceback", "stack", "tracing", 'file "'):
        assert told not in response.text.lower()
    assert len(response.json().get("errors", [])) <= 11


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("query", [QUERY, "mutation { __typename }"])
async def test_nothing_is_asked_or_changed_by_an_address(hub, query):
    headers = {"authorization": f"Bearer {await hub.token()}"}

    response = await hub.http.get("/graphql", params={"query": query}, headers=headers)

    assert response.status_code == 405


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize(
    "path", ["/graphiql", "/playground", "/altair", "/console/graphql", "/graphql/console", "/api/graphql"]
)
async def test_there_is_no_other_door(hub, path):
    answers = [await hub.http.get(path), await hub.http.post(path, json={"query": QUERY})]

    assert {one.status_code for one in answers} <= {404, 405}


@pytest.mark.asyncio(loop_scope="session")
async def test_a_page_of_another_site_is_told_nothing(hub):
    """A browser asks first whether it may; nothing says that it may, so it does not send, and would not show."""
    origin = {"origin": "https://evil.example"}
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}

    before = await hub.http.options("/graphql", headers=origin | asked)
    after = await hub.http.post(
        "/graphql", json={"query": QUERY}, headers=origin | {"authorization": f"Bearer {await hub.token()}"}
    )

    for response in (before, after):
        assert [name for name in response.headers if name.startswith("access-control-")] == []


@pytest.mark.asyncio(loop_scope="session")
async def test_no_header_names_what_the_hub_is_made_of(served):
    async with httpx.AsyncClient(trust_env=False) as http:
        response = await http.post(f"{served.url}/graphql", json={"query": QUERY})

    assert response.status_code == 401
    assert {"server", "x-powered-by", "via"}.isdisjoint(name.lower() for name in response.headers)

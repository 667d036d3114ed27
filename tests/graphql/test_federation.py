"""The SDL, its versions, and the hub as a subgraph: entities by their keys, in the order in which they were asked for."""

import re
from importlib.metadata import version

import pytest

from hub.graphql import sdl
from hub.sandbox.subgraph import SCHEMA
from tests.graphql.gateways import composed
from tests.graphql.sdl import KEPT, printed
from tests.house import ROOT

HUB = KEPT.read_text(encoding="utf-8")
ROOTS = {"Query", "Mutation", "Subscription"}
LPSK = SCHEMA.as_str()
shared = pytest.mark.asyncio(loop_scope="session")
QUERY = """query ($r: [_Any!]!) { _entities(representations: $r) { __typename
    ... on Case { id caseStatus victims(first: 100) { totalCount } } ... on Victim { id sex case { id } } ... on Perpetrator { id } } }"""


def test_the_sdl_that_is_kept_is_what_the_code_prints():
    assert KEPT.read_text(encoding="utf-8") == sdl.printed()


@shared
async def test_the_sdl_that_is_served_is_what_is_kept(hub):
    headers = {"Authorization": f"Bearer {await hub.token(())}"}

    response = await hub.http.get("/schema.graphql", headers=headers)
    service = (await hub.data("{ _service { sdl } }", scopes=()))["_service"]["sdl"]

    assert response.text == KEPT.read_text(encoding="utf-8")
    assert set(
        re.findall(
            r"^type (\w+) implements Node @cost\(weight: \d+\) @key\(fields: \"id\"\)", service, re.MULTILINE
        )
    ) == {
        "Case",
        "Perpetrator",
        "Victim",
    }


def test_strawberry_and_graphql_core_are_the_pinned_ones():
    lock = (ROOT / "requirements.lock").read_text()
    pinned = dict(re.findall(r"^(strawberry-graphql|graphql-core)==(\S+)", lock, re.MULTILINE))

    assert pinned == {name: version(name) for name in ("strawberry-graphql", "graphql-core")}
    assert f'"strawberry-graphql=={version("strawberry-graphql")}"' in (ROOT / "pyproject.toml").read_text()


def test_the_entities_are_what_can_be_asked_for_by_its_id():
    by_id = {one.leads_to for one in printed().objects["Query"].values() if "id" in one.arguments}

    assert set(printed().unions["_Entity"]) == by_id - {"Node"} == {"Case", "Victim", "Perpetrator"}


@shared
async def test_entities_come_in_the_order_of_their_representations(hub, model):
    cases, victims = model.rows("Case"), model.rows("Victim")
    perpetrators = model.rows("Perpetrator")
    case_of = {
        str(row["id"]): {
            "__typename": "Case",
            "id": str(row["id"]),
            "caseStatus": row["caseStatus"],
            "victims": {"totalCount": sum(one["caseId"] == row["id"] for one in victims)},
        }
        for row in cases
    }
    expected = [
        case_of[str(cases[3]["id"])],
        {
            "__typename": "Victim",
            "id": str(victims[5]["id"]),
            "sex": victims[5]["sex"],
            "case": {"id": str(victims[5]["caseId"])},
        },
        case_of[str(cases[1]["id"])],
        {"__typename": "Perpetrator", "id": str(perpetrators[2]["id"])},
        case_of[str(cases[3]["id"])],
    ]
    asked = [{"__typename": one["__typename"], "id": one["id"], "more": {"x": [1]}} for one in expected]

    data = await hub.data(QUERY, {"r": asked})

    assert data == {"_entities": expected}


@shared
async def test_what_is_no_entity_is_null_in_its_place(hub, model):
    case = str(model.rows("Case")[0]["id"])
    victim = str(model.rows("Victim")[0]["id"])
    asked = [
        {"__typename": "Case", "id": victim},
        {"__typename": "Case", "id": "x"},
        {"__typename": "Case", "id": 7},
        {"__typename": "Case", "id": None},
        {"__typename": "Case"},
        {"__typename": "Case", "id": [case]},
        {"__typename": "Document", "id": case},
        {"__typename": "Nothing\x00", "id": f"{case}\x00"},
        {"__typename": ["Case"], "id": case},
        {"id": case},
        {},
        [],
        "Case",
        7,
        True,
        {"__typename": "Case", "id": case},
    ]

    data = await hub.data(QUERY, {"r": asked})

    assert data["_entities"][:-1] == [None] * (len(asked) - 1)
    assert data["_entities"][-1]["id"] == case


@shared
@pytest.mark.parametrize(("count", "status"), [(0, 200), (100, 200), (101, 400)])
async def test_at_most_a_hundred_entities_at_once(hub, count, status):
    response = await hub.ask(QUERY, {"r": [{"__typename": "Case", "id": "x"}] * count})

    assert response.status_code == status
    if status == 200:
        assert response.json()["data"] == {"_entities": [None] * count}
    else:
        assert response.json()["errors"][0]["extensions"] == {"code": "QUERY_TOO_COSTLY"}


@shared
async def test_entities_may_be_asked_for_twice_and_in_the_text(hub, model):
    case = str(model.rows("Case")[0]["id"])
    query = f"""{{ a: _entities(representations: [{{__typename: "Case", id: "{case}"}}]) {{ ... on Case {{ id }} }}
        b: _entities(representations: {{__typename: "Case", id: "x"}}) {{ ...F }} }} fragment F on Case {{ id }}"""

    assert await hub.data(query) == {"a": [{"id": case}], "b": [None]}


@pytest.mark.peer
def test_the_sdl_composes_with_an_agency_s_subgraph():
    made = composed(
        [("hub", "http://hub.example/graphql", HUB), ("lpsk", "http://lpsk.example/graphql", LPSK)]
    )

    for one in made.values():
        assert one["errors"] == []
        assert '@requiresScopes(scopes: [["victim.identity:read"]])' in one["supergraph"]
        opened = r"^  protectionRequests\([^)]*\): \[ProtectionRequest!\].*@requiresScopes\(scopes: \[\[\"protection:read\"\]\]\)"
        assert re.search(opened, one["supergraph"], re.MULTILINE)


@pytest.mark.peer
def test_two_whole_hubs_do_not_compose_since_either_would_answer_for_both():
    made = composed([(name, f"http://{name}.example/graphql", HUB) for name in ("kalbar", "ntt")])

    shared = "is resolved from multiple subgraphs"
    for one in made.values():
        assert one["supergraph"] == ""
        refused = {error.split('"')[1] for error in one["errors"] if shared in error}
        assert {"Query.cases", "Query.victims", "Case.caseStatus", "Victim.fullName"} <= refused


@pytest.mark.peer
def test_two_hubs_compose_under_names_of_their_own():
    made = composed(
        [(name, f"http://{name}.example/graphql", HUB, f"{name.capitalize()}_") for name in ("kalbar", "ntt")]
    )

    for one in made.values():
        assert one["errors"] == []
        (query,) = re.findall(r"^type Query\b.*?^}", one["supergraph"], re.MULTILINE | re.DOTALL)
        names = set(re.findall(r"^  (\w+)[(:]", query, re.MULTILINE))
        types = set(re.findall(r"^type (\w+)", one["supergraph"], re.MULTILINE))
        assert {"Kalbar_cases", "Ntt_cases"} <= names
        assert {"Kalbar_Case", "Ntt_Case"} <= types
        assert all(name.startswith(("Kalbar_", "Ntt_")) for name in names | types - ROOTS)

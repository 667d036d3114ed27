"""Victims under 18 are absent, not refused, wherever rows can be seen; and nothing else of an answer changes."""

import pytest

from tests.graphql.hub import CHILDREN, EVERY
from tests.graphql.model import is_child

pytestmark = pytest.mark.asyncio(loop_scope="session")

ADULTS = EVERY - {CHILDREN}


def _ids(rows):
    return [str(row["id"]) for row in rows]


async def test_the_list_and_its_total_are_without_them(hub, model):
    query = "{ victims(first: 100) { totalCount nodes { id } edges { node { id } } } }"

    seen, unseen = await hub.data(query), await hub.data(query, scopes=ADULTS)

    everybody, adults = _ids(model.rows("Victim")), _ids(model.rows("Victim", children=False))
    for data, expected in ((seen, everybody), (unseen, adults)):
        nodes = [{"id": one} for one in expected]
        assert data["victims"] == {
            "totalCount": len(expected),
            "nodes": nodes,
            "edges": [{"node": node} for node in nodes],
        }
    assert len(everybody) - len(adults) > 5


async def test_whose_age_is_unknown_is_shown(hub, model):
    unknown = [row for row in model.rows("Victim") if row["isChildAtExploitation"] is None]

    data = await hub.data(
        "{ victims(first: 100, where: {isChildAtExploitation: {isNull: true}}) { nodes { id } } }",
        scopes=ADULTS,
    )

    assert [node["id"] for node in data["victims"]["nodes"]] == _ids(unknown)
    assert unknown


async def test_the_victims_of_a_case_are_without_them(hub, model):
    query = """{ cases(first: 100) { nodes { id victims(first: 100) { totalCount nodes { id }
        pageInfo { hasNextPage endCursor } } } } }"""

    nodes = (await hub.data(query, scopes=ADULTS))["cases"]["nodes"]

    adults = model.rows("Victim", children=False)
    assert {node["id"]: [one["id"] for one in node["victims"]["nodes"]] for node in nodes} == {
        str(case["id"]): _ids(one for one in adults if one["caseId"] == case["id"])
        for case in model.rows("Case")
    }
    for node in nodes:
        victims = node["victims"]
        assert victims["totalCount"] == len(victims["nodes"])
        assert victims["pageInfo"]["hasNextPage"] is False
        assert (victims["pageInfo"]["endCursor"] is None) is (victims["nodes"] == [])


async def test_they_are_not_found_by_way_of_a_perpetrator_or_another_victim(hub, model):
    query = (
        "{ %s(first: 100) { nodes { case { victims(first: 100) { nodes { id isChildAtExploitation } } } } } }"
    )

    answers = [(await hub.data(query % root, scopes=ADULTS))[root] for root in ("perpetrators", "victims")]

    found = [
        one for answer in answers for node in answer["nodes"] for one in node["case"]["victims"]["nodes"]
    ]
    children = set(_ids(row for row in model.rows("Victim") if is_child(row)))
    assert not children.intersection(one["id"] for one in found)
    assert not any(one["isChildAtExploitation"] for one in found)
    assert found


@pytest.mark.parametrize(
    "where",
    [
        "{isChildAtExploitation: {eq: true}}",
        "{ageBandNational: {in: [AGE_0_5, AGE_6_12, AGE_13_17]}, isChildAtExploitation: {isNull: false}}",
        "{protectionLevel: {eq: CHILD}}",
        "{not: {or: [{isChildAtExploitation: {eq: false}}, {isChildAtExploitation: {isNull: true}}]}}",
    ],
)
async def test_no_filter_finds_them(hub, where):
    query = f"{{ victims(first: 100, where: {where}) {{ totalCount nodes {{ id }} pageInfo {{ hasNextPage }} }} }}"

    seen, unseen = await hub.data(query), await hub.data(query, scopes=ADULTS)

    assert seen["victims"]["totalCount"] > 5
    assert unseen == {"victims": {"totalCount": 0, "nodes": [], "pageInfo": {"hasNextPage": False}}}


async def test_neither_an_id_nor_an_entity_finds_them(hub, model):
    child = str(next(row for row in model.rows("Victim") if is_child(row))["id"])
    adult = str(model.rows("Victim", children=False)[0]["id"])
    query = """query ($c: ID!, $a: ID!, $r: [_Any!]!) { child: victim(id: $c) { id } adult: victim(id: $a) { id }
        listed: victims(where: {id: {in: [$c, $a]}}) { nodes { id } } _entities(representations: $r) { ... on Victim { id } } }"""
    asked = [{"__typename": "Victim", "id": one} for one in (child, adult)]
    variables = {"c": child, "a": adult, "r": asked}

    seen, unseen = await hub.data(query, variables), await hub.data(query, variables, scopes=ADULTS)

    assert seen["child"] == {"id": child}
    assert seen["_entities"] == [{"id": child}, {"id": adult}]
    assert unseen == {
        "child": None,
        "adult": {"id": adult},
        "listed": {"nodes": [{"id": adult}]},
        "_entities": [None, {"id": adult}],
    }


async def test_a_page_without_them_is_as_full_as_any_other(hub, model):
    adults = _ids(model.rows("Victim", children=False))

    data = await hub.data("{ victims(first: 10) { nodes { id } pageInfo { hasNextPage } } }", scopes=ADULTS)

    assert [node["id"] for node in data["victims"]["nodes"]] == adults[:10]


async def test_cases_and_perpetrators_are_the_same_with_and_without_the_scope(hub):
    query = (
        "{ cases(first: 100) { nodes { id caseStatus } } perpetrators(first: 100) { nodes { id roles } } }"
    )

    assert await hub.data(query) == await hub.data(query, scopes=ADULTS)

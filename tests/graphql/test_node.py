"""`node`: a row of whatever type by its id alone, by the rules of its type."""

import pytest

from tests.graphql.hub import CHILDREN, EVERY, forbidden
from tests.graphql.model import is_child

pytestmark = pytest.mark.asyncio(loop_scope="session")

IDENTIFIED = {"Case": "case:read", "Victim": "victim:read", "Perpetrator": "perpetrator:read"}
BARE = "query ($id: ID!) { node(id: $id) { __typename id } }"
FULL = """query ($id: ID!) { node(id: $id) { kind: __typename ...Named
    ... on Case { policeReport victims(first: 2) { totalCount } } ... on Victim { sex case { id } } ... on Perpetrator { sex } } }
    fragment Named on Node { id ... on Victim { stage } }"""


def _first(model, entity):
    return next(row for row in model.rows(entity) if not is_child(row))


@pytest.mark.parametrize("entity", IDENTIFIED)
async def test_it_answers_as_the_root_of_the_type_does(hub, model, entity):
    one = str(_first(model, entity)["id"])
    root = entity.lower()
    selected = {
        "Case": "id policeReport victims(first: 2) { totalCount }",
        "Victim": "id stage sex case { id }",
        "Perpetrator": "id sex",
    }[entity]

    by_root = await hub.data(f"query ($id: ID!) {{ {root}(id: $id) {{ {selected} }} }}", {"id": one})
    by_id = await hub.data(FULL, {"id": one})

    assert by_id["node"] == {"kind": entity, **by_root[root]}
    assert [*by_id["node"]][:2] == ["kind", "id"]


@pytest.mark.parametrize("entity", IDENTIFIED)
async def test_a_type_that_is_not_named_is_absent_without_its_scope(hub, model, entity):
    one = str(_first(model, entity)["id"])

    seen = await hub.data(BARE, {"id": one}, scopes={IDENTIFIED[entity]})
    unseen = await hub.data(BARE, {"id": one}, scopes=set(IDENTIFIED.values()) - {IDENTIFIED[entity]})

    assert (seen, unseen) == ({"node": {"__typename": entity, "id": one}}, {"node": None})


@pytest.mark.parametrize("entity", IDENTIFIED)
async def test_a_type_that_is_named_needs_its_scope_whatever_the_id_is(hub, entity):
    query = f'{{ node(id: "x") {{ id ... on {entity} {{ id }} }} }}'

    refused = forbidden(await hub.ask(query, scopes=set(IDENTIFIED.values()) - {IDENTIFIED[entity]}))

    assert refused == {entity: [[IDENTIFIED[entity]]]}


async def test_a_field_of_a_type_needs_its_own_scope(hub, model):
    query = "query ($id: ID!) { node(id: $id) { ... on Victim { fullName } } }"
    one = {"id": str(_first(model, "Victim")["id"])}

    refused = forbidden(await hub.ask(query, one, scopes={"victim:read"}))
    answered = await hub.data(query, one, scopes={"victim:read", "victim.identity:read"})

    assert refused == {"Victim.fullName": [["victim.identity:read"]]}
    assert answered["node"].keys() == {"fullName"}


async def test_a_child_is_absent_without_its_scope(hub, model):
    child = str(next(row for row in model.rows("Victim") if is_child(row))["id"])

    seen = await hub.data(BARE, {"id": child})
    unseen = await hub.data(BARE, {"id": child}, scopes=EVERY - {CHILDREN})

    assert (seen["node"]["id"], unseen) == (child, {"node": None})


@pytest.mark.parametrize("wanted", ["", "x", "00000000-0000-7000-8000-000000000000", "case"])
async def test_an_id_of_nothing_is_null(hub, wanted):
    assert await hub.data(BARE, {"id": wanted}) == {"node": None}


async def test_a_row_of_another_type_than_those_named_is_an_empty_object(hub, model):
    query = "query ($id: ID!) { node(id: $id) { ... on Victim { id } } }"

    data = await hub.data(query, {"id": str(model.rows("Case")[0]["id"])})

    assert data == {"node": {}}


async def test_a_lenient_answer_leaves_a_type_out_and_says_so(hub, model):
    victim = str(_first(model, "Victim")["id"])
    query = "query ($id: ID!) { node(id: $id) { id ... on Victim { sex } } }"

    response = await hub.ask(query, {"id": victim}, scopes={"case:read"}, prefer="handling=lenient")

    answer = response.json()
    assert answer["data"] == {"node": None}
    assert [
        (one["extensions"]["coordinate"], one["extensions"]["selection"]) for one in answer["errors"]
    ] == [("Victim", "node")]


async def test_fragments_of_an_interface_and_of_a_union_are_of_each_type_in_them(hub, model):
    case = str(model.rows("Case")[0]["id"])
    query = """query ($r: [_Any!]!) { _entities(representations: $r) { ... on _Entity { ... on Node { id } ... on Case { agencies } } }
        cases(first: 1) { nodes { ... on Node { __typename id } } } }"""

    data = await hub.data(query, {"r": [{"__typename": "Case", "id": case}]})

    assert data == {
        "_entities": [{"id": case, "agencies": ["POLRI"]}],
        "cases": {"nodes": [{"__typename": "Case", "id": case}]},
    }


@pytest.mark.asyncio(loop_scope="function")
async def test_an_id_that_was_merged_away_leads_to_what_it_became_and_no_further_than_its_rules(own_hub):
    old = "00000000-0000-7000-8000-00000000abcd"
    ((child,),) = await own_hub.rows(
        "SELECT victim_id FROM golden_victim WHERE is_child_at_exploitation LIMIT 1"
    )
    await own_hub.rows(
        "INSERT INTO redirect (old_id, new_id, kind, since) VALUES (%s, %s, 'Victim', now()) RETURNING old_id",
        old,
        child,
    )

    seen = await own_hub.data(BARE, {"id": old})
    unseen = await own_hub.data(BARE, {"id": old}, scopes=EVERY - {CHILDREN})

    assert (seen, unseen) == ({"node": {"__typename": "Victim", "id": str(child)}}, {"node": None})


async def test_no_id_is_of_two_types(hub):
    """What `node` rests on."""
    rows = await hub.rows(
        "SELECT id FROM (SELECT case_id AS id FROM golden_case UNION ALL SELECT victim_id FROM golden_victim"
        " UNION ALL SELECT perpetrator_id FROM golden_perpetrator) a GROUP BY id HAVING count(*) > 1"
    )

    assert rows == []

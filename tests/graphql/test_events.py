"""Events are given to whoever is given their rows at that moment, in order, once, and nothing tells of the others."""

import pytest

from tests.graphql.following import NAMES, QUERY, ROWS, follow
from tests.graphql.hub import ISSUER, NATION, forbidden
from tests.graphql.officers import client, ids

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCOPE = {"CASE": "case:read", "VICTIM": "victim:read", "PERPETRATOR": "perpetrator:read"}
LISTS = {"case:read": "cases", "victim:read": "victims", "perpetrator:read": "perpetrators"}


async def test_each_row_that_stands_was_told_of_once(hub):
    events, _ = await follow(hub)
    rows = set()
    for scope, field in LISTS.items():
        rows |= await ids(hub, "one", field, {scope, "victim.child:read"})

    assert {one["data"]["row"] for one in events} == rows
    assert {one["type"].rpartition(".")[2] for one in events} <= {"created", "changed"}
    assert len({one["id"] for one in events}) == len(events)


async def test_an_event_is_a_cloudevent(hub):
    events, _ = await follow(hub, first=7)
    one = events[0]
    entity = one["data"]["entity"].lower()

    assert one == {
        "specversion": "1.0",
        "id": one["id"],
        "source": ISSUER,
        "type": f"id.go.tppo.{entity}.created",
        "subject": f"{entity}/{one['data']['row']}",
        "time": hub.clock().strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "datacontenttype": "application/json",
        "data": {"entity": entity.capitalize(), "row": one["data"]["row"], "newId": None, "oldIds": []},
        "cursor": one["cursor"],
    }


async def refused(hub, variables, **how):
    """The codes of an operation of which a field has failed."""
    answer = (await hub.ask(QUERY, variables, **how)).json()
    assert answer["data"] is None
    return [error["extensions"]["code"] for error in answer["errors"]]


@pytest.mark.parametrize("first", [1, 7, 100])
async def test_pages_of_any_size_give_the_same_events_in_the_same_order(hub, first):
    whole, _ = await follow(hub)
    names = [name for name in NAMES if first > 1 or name.startswith("CASE")]
    some = [one for one in whole if first > 1 or one["data"]["entity"] == "Case"]

    events, _ = await follow(hub, names, first=first)

    assert [one["id"] for one in events] == [one["id"] for one in some]


async def test_the_cursor_of_an_event_leads_behind_it(hub):
    whole, _ = await follow(hub)

    rest, _ = await follow(hub, after=whole[4]["cursor"])

    assert [one["id"] for one in rest] == [one["id"] for one in whole[5:]]


@pytest.mark.parametrize("name", NAMES)
async def test_a_type_is_refused_without_the_scope_of_its_rows(hub, name):
    scope = SCOPE[name.partition("_")[0]]
    literal = f"{{ events(types: [{name}]) {{ endCursor }} }}"
    variable = "query ($t: [EventType!]!) { events(types: $t) { endCursor } }"

    for query, variables in ((literal, None), (variable, {"t": [name]}), (variable, {"t": name})):
        response = await hub.ask(query, variables, scopes=ROWS - {scope})
        assert forbidden(response) == {f"EventType.{name}": [[scope]]}
        assert (await hub.ask(query, variables, scopes={scope})).status_code == 200


@pytest.mark.parametrize(
    "scopes", [{"case:read"}, {"victim:read"}, {"victim:read", "victim.child:read"}, ROWS]
)
async def test_events_are_those_of_the_rows_that_the_scopes_open(hub, scopes):
    names = [name for name in NAMES if SCOPE[name.partition("_")[0]] in scopes]
    rows = set()
    for scope in scopes & LISTS.keys():
        rows |= await ids(hub, "one", LISTS[scope], scopes)

    events, _ = await follow(hub, names, scopes=scopes)

    assert {one["data"]["row"] for one in events} == rows


@pytest.mark.parametrize("owner", ["POLRI", "KEMENSOS", "IMIGRASI"])
@pytest.mark.parametrize("where", [("61",), ("64", "6171"), NATION])
async def test_events_are_those_of_the_rows_that_the_grants_open(rows_hub, owner, where):
    name = f"follows-{owner}-{len(where)}"
    await client(
        rows_hub, name, {"scopes": ROWS, "owner": owner, "jurisdictions": where, "purposes": ("protection",)}
    )
    token = await rows_hub.new_token(ROWS, name)
    rows = set()
    for scope, field in LISTS.items():
        rows |= await ids(rows_hub, name, field, {scope, "victim.child:read"})

    events, _ = await follow(rows_hub, token=token)

    assert {one["data"]["row"] for one in events} == rows
    assert len(rows) < len((await follow(rows_hub))[0])  # somebody else sees more


@pytest.mark.parametrize("cursor", ["", "x", "=", "\u00e9", "\x00", "A" * 48, "A" * 5000, "W10", "a b\nc"])
async def test_a_text_that_is_no_cursor_is_refused(hub, cursor):
    assert await refused(hub, {"t": ["CASE_CREATED"], "a": cursor}) == ["BAD_USER_INPUT"]


async def test_a_cursor_of_another_client_is_refused(hub):
    _, cursor = await follow(hub)

    assert await refused(hub, {"t": ["CASE_CREATED"], "a": cursor}, client="two") == ["BAD_USER_INPUT"]


async def test_cursors_do_not_tell_how_much_lies_between_them(hub):
    """Neither their text nor their length, and the same place has another text each time."""
    events, _ = await follow(hub)
    again, _ = await follow(hub)
    cursors = [one["cursor"] for one in events]

    assert len({len(one) for one in cursors}) == 1
    assert not {*cursors} & {one["cursor"] for one in again}


@pytest.mark.parametrize(("first", "types"), [(0, ["CASE_CREATED"]), (101, ["CASE_CREATED"]), (10, [])])
async def test_a_page_has_some_types_and_1_to_100_events(hub, first, types):
    assert await refused(hub, {"t": types, "n": first}) == ["BAD_USER_INPUT"]

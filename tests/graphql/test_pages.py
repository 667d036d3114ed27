"""Pages walked to their end beside the whole list sorted by plain Python: no row twice, none left out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.graphql.language import Name, literal
from tests.graphql.model import Step, camel_case, ordered
from tests.graphql.records import STRANGE_REGION
from tests.graphql.sdl import printed

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROOTS = {"cases": "Case", "victims": "Victim", "perpetrators": "Perpetrator"}
PAGE = (
    "totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id } }"
)


def _values(entity):
    return list(printed().enums.get(f"{entity}OrderField", ()))


def _steps(entity):
    step = st.tuples(st.sampled_from(_values(entity)), st.booleans())
    return st.lists(step, max_size=3, unique_by=lambda one: one[0])


def _order(steps):
    return [{"field": Name(name), "direction": Name("DESC" if desc else "ASC")} for name, desc in steps]


def _as_model(steps):
    return [Step(camel_case(name.lower()), descending) for name, descending in steps]


async def _walk(hub, query, page_of, **variables):
    """Every page of a list."""
    pages = []
    after = None
    while True:
        data = await hub.data(query, {**variables, "after": after})
        pages.append(page_of(data))
        if not pages[-1]["pageInfo"]["hasNextPage"]:
            return pages
        after = pages[-1]["pageInfo"]["endCursor"]
        assert len(pages) < 200


def _check(pages, expected, size):
    edges = [edge for page in pages for edge in page["edges"]]
    assert [edge["node"]["id"] for edge in edges] == [str(row["id"]) for row in expected]
    assert len({edge["cursor"] for edge in edges}) == len(edges)
    assert [len(page["edges"]) for page in pages[:-1]] == [size] * (len(pages) - 1)
    for number, page in enumerate(pages):
        cursors = [edge["cursor"] for edge in page["edges"]] or [None]
        assert page["totalCount"] == len(expected)
        assert page["pageInfo"] == {
            "hasNextPage": number < len(pages) - 1,
            "hasPreviousPage": number > 0,
            "startCursor": cursors[0],
            "endCursor": cursors[-1],
        }


@pytest.mark.parametrize("descending", [False, True], ids=["up", "down"])
@pytest.mark.parametrize(
    ("root", "value"), [(root, value) for root, entity in ROOTS.items() for value in [None, *_values(entity)]]
)
async def test_a_walk_gives_each_row_once_for_every_sortable_field(hub, model, root, value, descending):
    entity = ROOTS[root]
    steps = [(value, descending)] if value else []
    order = f", orderBy: {literal(_order(steps))}" if steps else ""
    query = f"query ($after: String) {{ {root}(first: 7, after: $after{order}) {{ {PAGE} }} }}"

    pages = await _walk(hub, query, lambda data: data[root])

    _check(pages, ordered(model.rows(entity), _as_model(steps)), 7)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
async def test_a_walk_in_any_order_with_any_page_gives_each_row_once(hub, model, data):
    root = data.draw(st.sampled_from([root for root in ROOTS if _values(ROOTS[root])]))
    entity = ROOTS[root]
    steps = data.draw(_steps(entity))
    size = data.draw(st.integers(5, 40))
    name = {"Case": "means", "Victim": "sex"}[entity]
    where = data.draw(st.sampled_from([{}, {name: {"isNull": True}}, {name: {"isNull": False}}, {"or": []}]))
    query = f"""query ($after: String, $first: Int!, $o: [{entity}Order!], $w: {entity}Filter) {{
        {root}(first: $first, after: $after, orderBy: $o, where: $w) {{ {PAGE} }} }}"""

    pages = await _walk(hub, query, lambda found: found[root], first=size, o=_order(steps), w=where)

    rows = [row for row in model.rows(entity) if model.fulfils(entity, row, where)]
    _check(pages, ordered(rows, _as_model(steps)), size)


@pytest.mark.parametrize("descending", [False, True], ids=["up", "down"])
@pytest.mark.parametrize(
    "relation", ["legal_events", "movements", "job_placements", "restitutions", "service_events"]
)
async def test_a_list_below_a_row_is_walked_like_any_other(hub, model, relation, descending):
    (found,) = (one for ones in model.relations.values() for one in ones if one.name == relation)
    owner = max(model.rows(found.owner), key=lambda row: len(model.related(found, row)))
    steps = [(value, descending) for value in _values(found.target)[:1]]
    root, name = found.owner.lower(), camel_case(relation)
    query = f"""query ($after: String, $id: ID!) {{ {root}(id: $id) {{
        {name}(first: 1, after: $after, orderBy: {literal(_order(steps))}) {{ {PAGE} }} }} }}"""

    pages = await _walk(hub, query, lambda data: data[root][name], id=str(owner["id"]))

    _check(pages, ordered(model.related(found, owner), _as_model(steps)), 1)
    assert len(pages) > 1


async def test_every_sortable_field_of_the_sdl_is_walked_above():
    below = ("LegalEvent", "Movement", "JobPlacement", "Restitution", "ServiceEvent")
    sortable = {kind for kind in printed().rows if _values(kind)}

    assert sortable <= {*ROOTS.values(), *below}
    assert {kind for kind in below if len(_values(kind)) > 1} == set()


async def test_a_cursor_of_any_edge_goes_on_behind_it(hub, model):
    rows = ordered(model.rows("Case"), [Step("reportedOn", descending=True)])
    order = "orderBy: {field: REPORTED_ON, direction: DESC}"
    edges = (await hub.data(f"{{ cases(first: 45, {order}) {{ edges {{ cursor }} }} }}"))["cases"]["edges"]
    query = f"query ($a: String) {{ cases(first: 2, after: $a, {order}) {{ nodes {{ id }} }} }}"

    for number, edge in enumerate(edges):
        data = await hub.data(query, {"a": edge["cursor"]})

        assert data["cases"]["nodes"] == [{"id": str(row["id"])} for row in rows[number + 1 : number + 3]]


async def test_a_cursor_holds_any_character_of_the_text_that_is_sorted_by(hub, model):
    steps = [("ORIGIN_REGION", False), ("DESTINATION_COUNTRY", True)]
    query = f"""query ($after: String) {{
        cases(first: 1, after: $after, orderBy: {literal(_order(steps))}) {{ {PAGE} }} }}"""

    pages = await _walk(hub, query, lambda data: data["cases"])

    _check(pages, ordered(model.rows("Case"), _as_model(steps)), 1)
    assert STRANGE_REGION in {row["originRegion"] for row in model.rows("Case")}


@pytest.mark.parametrize("first", [0, 1, 44, 45, 46, 100])
async def test_a_page_ends_exactly_where_the_list_does(hub, model, first):
    data = await hub.data(f"{{ cases(first: {first}) {{ nodes {{ id }} pageInfo {{ hasNextPage }} }} }}")

    rows = model.rows("Case")
    assert data["cases"] == {
        "nodes": [{"id": str(row["id"])} for row in rows[:first]],
        "pageInfo": {"hasNextPage": first < len(rows)},
    }


async def test_a_page_has_fifty_rows_where_nothing_is_said(hub, model):
    data = await hub.data("{ victims { nodes { id } } }")

    assert [node["id"] for node in data["victims"]["nodes"]] == [
        str(row["id"]) for row in model.rows("Victim")[:50]
    ]
    assert len(model.rows("Victim")) > 50

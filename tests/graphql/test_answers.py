"""Whole answers beside what plain Python makes of the golden rows."""

import pytest

from hub.graphql import weights
from hub.limits import Limits
from schema.declaration import Kind, camel_case
from schema.entities import RELATIONS
from tests.graphql.hub import CHILDREN, EVERY
from tests.graphql.model import Step, fields, form, is_child, ordered
from tests.graphql.sdl import ways

pytestmark = pytest.mark.asyncio(loop_scope="session")
ROOT_TYPES = ("Case", "Victim", "Perpetrator")


def _all_plain(entity):
    """A selection of all that is not sealed and leads nowhere."""
    objects = {"legalBasis": " { law article regime validOn }"}
    names = [name for name, one in fields(entity).items() if not one.sealed]
    return " ".join(name + objects.get(name, "") for name in [*names, "agencies"])


def _with_relations(model, entity):
    parts = [_all_plain(entity)]
    for relation in model.relations[entity]:
        name = camel_case(relation.name)
        inner = _all_plain(relation.target)
        parts.append(
            f"{name}(first: 100) {{ totalCount nodes {{ {inner} }} }}"
            if relation.many
            else f"{name} {{ {inner} }}"
        )
    return " ".join(parts)


def _expected(model, entity, row):
    found = model.answer(entity, row)
    for relation in model.relations[entity]:
        related = [model.answer(relation.target, one) for one in model.related(relation, row)]
        many = {"totalCount": len(related), "nodes": related}
        found[camel_case(relation.name)] = many if relation.many else next(iter(related), None)
    return found


@pytest.mark.parametrize(
    ("root", "entity"), [("cases", "Case"), ("victims", "Victim"), ("perpetrators", "Perpetrator")]
)
async def test_every_field_and_relation_of_every_row_is_what_the_golden_row_says(hub, model, root, entity):
    query = f"{{ {root}(first: 100) {{ totalCount nodes {{ {_with_relations(model, entity)} }} }} }}"

    data = await hub.data(query)

    rows = model.rows(entity)
    assert data[root] == {"totalCount": len(rows), "nodes": [_expected(model, entity, row) for row in rows]}
    assert len(rows) > 30


@pytest.mark.parametrize(
    "relation",
    [one for one in RELATIONS if one.owner not in ROOT_TYPES],
    ids=lambda one: f"{one.owner}.{one.name}",
)
async def test_what_a_row_below_a_row_leads_to_is_what_the_golden_row_says(hub, model, relation):
    name = camel_case(relation.name)
    selection = f"id {name} {{ {_all_plain(relation.target)} }}"

    data = await hub.data(_every(relation.owner, selection))

    (above,) = (one for one in RELATIONS if one.target == relation.owner)
    expected = {
        str(row["id"]): _expected(model, relation.owner, row)[name]
        for owner in model.rows(above.owner)
        for row in model.related(above, owner)
    }
    assert {node["id"]: node[name] for node in _objects_with(data, name)} == expected
    assert any(expected.values())


def _every(entity, selection):
    """A query of every row of a type that is reached by lists."""
    query = ways()[entity].query(selection, "first: 100")
    first = ways()[entity].fields[0]
    return query.replace(f"{{ {first} {{", f"{{ {first}(first: 100) {{")


def _objects_with(value, name):
    """Every object of an answer that has a member of that name."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    own = [value] if isinstance(value, dict) and name in value else []
    return own + [found for one in inner for found in _objects_with(one, name)]


async def test_the_filled_database_has_every_form_of_value(model):
    """Otherwise the tests above would compare nothing with nothing."""
    bare = {
        (entity, name)
        for entity in model.tables
        for name, one in fields(entity).items()
        if not any(row[name] for row in model.rows(entity)) and one.kind is not Kind.BOOLEAN
    }
    without_null = {
        (entity, name)
        for entity in model.tables
        for name, one in fields(entity).items()
        if one.sortable and all(row[name] is not None for row in model.rows(entity))
    }

    assert bare == set()
    assert without_null <= {("Organisation", "name"), ("Victim", "stage"), ("Victim", "stageSince")}


async def test_scalars_have_the_forms_of_the_design(hub):
    query = """{ victims(first: 100) { nodes {
        movements { nodes { at causes } } restitutions { nodes { awarded awardedOn } }
        case { reportedOn legalBasis { validOn } acts modus } isChildAtExploitation ageAtIdentification } } }"""

    nodes = (await hub.data(query))["victims"]["nodes"]

    moments = {one["at"] for node in nodes for one in node["movements"]["nodes"]}
    amounts = {one["awarded"] for node in nodes for one in node["restitutions"]["nodes"]}
    assert moments == {None, *(f"2024-05-01T23:30:00.00000{digit}Z" for digit in range(4))}
    assert amounts == {None, "0.00", "1500000.00", "250000000.50", "9999999999999999.99"}
    assert {node["isChildAtExploitation"] for node in nodes} == {None, True, False}
    assert {type(node["ageAtIdentification"]) for node in nodes} == {int, type(None)}
    causes = [one["causes"] for node in nodes for one in node["movements"]["nodes"]]
    assert [] in causes
    assert None in causes


async def test_aliases_merged_fields_and_fragments_answer_in_the_order_of_the_selection(hub, model):
    query = """query Q($yes: Boolean!, $no: Boolean!) {
      last: cases(first: 1, orderBy: {field: REPORTED_ON, direction: DESC}) { nodes { id } }
      cases(first: 2) { nodes { zebra: id ...F } }
      ... on Query { cases(first: 2) { nodes { reportedOn modus @skip(if: $yes) } totalCount @include(if: $no) } }
      ...Root
    }
    fragment F on Case { __typename ... @include(if: $yes) { acts } ... on Case @skip(if: $yes) { means } }
    fragment Root on Query { cases(first: 2) { again: totalCount nodes { caseStatus @include(if: $yes) @skip(if: $no) } } }"""

    response = await hub.ask(query, {"yes": True, "no": False})

    data = response.json()["data"]
    rows = model.rows("Case")
    newest = ordered(rows, [Step("reportedOn", descending=True)])[0]
    assert data == {
        "last": {"nodes": [{"id": str(newest["id"])}]},
        "cases": {
            "nodes": [
                {
                    "zebra": str(row["id"]),
                    "__typename": "Case",
                    "acts": row["acts"],
                    "reportedOn": form(fields("Case")["reportedOn"], row["reportedOn"]),
                    "caseStatus": row["caseStatus"],
                }
                for row in rows[:2]
            ],
            "again": len(rows),
        },
    }
    assert list(data) == ["last", "cases"]
    assert list(data["cases"]) == ["nodes", "again"]
    assert list(data["cases"]["nodes"][0]) == ["zebra", "__typename", "acts", "reportedOn", "caseStatus"]


async def test_one_field_twice_with_other_arguments_under_other_names(hub, model):
    query = """{ victims(first: 100) { nodes { id
        two: movements(first: 2, orderBy: {field: AT}) { nodes { at } }
        none: movements(first: 0) { totalCount nodes { at } pageInfo { hasNextPage startCursor endCursor } }
        out: movements(first: 100, where: {direction: {eq: OUT}}) { totalCount nodes { direction } } } } }"""

    nodes = (await hub.data(query))["victims"]["nodes"]

    (relation,) = (one for one in model.relations["Victim"] if one.name == "movements")
    form_of = fields("Movement")["at"]
    for node, row in zip(nodes, model.rows("Victim"), strict=True):
        all_of = model.related(relation, row)
        first = ordered(all_of, [Step("at", descending=False)])[:2]
        out = [one for one in all_of if one["direction"] == "OUT"]
        assert node == {
            "id": str(row["id"]),
            "two": {"nodes": [{"at": form(form_of, one["at"])} for one in first]},
            "none": {
                "totalCount": len(all_of),
                "nodes": [],
                "pageInfo": {"hasNextPage": bool(all_of), "startCursor": None, "endCursor": None},
            },
            "out": {"totalCount": len(out), "nodes": [{"direction": "OUT"}] * len(out)},
        }


async def test_every_typename_is_the_name_of_its_type(hub):
    query = """{ __typename cases(first: 1) { __typename pageInfo { __typename } edges { __typename node { __typename
        victims { __typename edges { __typename } } legalBasis { __typename } } } } me { __typename } }"""

    data = await hub.data(query)

    edge = data["cases"]["edges"][0]
    assert data["__typename"] == "Query"
    assert data["me"] == {"__typename": "Me"}
    assert data["cases"]["__typename"] == "CaseConnection"
    assert data["cases"]["pageInfo"] == {"__typename": "PageInfo"}
    assert edge["__typename"] == "CaseEdge"
    assert edge["node"]["victims"]["__typename"] == "VictimConnection"
    assert all(one == {"__typename": "LegalBasis"} for one in edge["node"]["legalBasis"] or [])


async def test_a_victim_leads_to_its_case_and_back(hub, model):
    query = "{ victims(first: 3) { nodes { id case { victims(first: 100) { nodes { id case { id } } } } } } }"

    nodes = (await hub.data(query))["victims"]["nodes"]

    for node, row in zip(nodes, model.rows("Victim"), strict=False):
        beside = [one for one in model.rows("Victim") if one["caseId"] == row["caseId"]]
        assert node["case"]["victims"]["nodes"] == [
            {"id": str(one["id"]), "case": {"id": str(row["caseId"])}} for one in beside
        ]


@pytest.mark.parametrize(
    ("root", "entity"), [("case", "Case"), ("victim", "Victim"), ("perpetrator", "Perpetrator")]
)
async def test_one_row_is_found_by_its_id(hub, model, root, entity):
    row = model.rows(entity)[7]

    data = await hub.data(
        f"query ($id: ID!) {{ {root}(id: $id) {{ {_with_relations(model, entity)} }} }}",
        {"id": str(row["id"])},
    )

    assert data == {root: _expected(model, entity, row)}


@pytest.mark.parametrize("root", ["case", "victim", "perpetrator"])
async def test_an_unknown_a_malformed_and_a_forbidden_id_give_the_same_bytes(hub, model, root):
    child = next(row for row in model.rows("Victim") if is_child(row))
    case = model.rows("Case")[0]
    other = str(case["id"]) if root == "victim" else str(child["id"])
    query = f"query ($id: ID!) {{ {root}(id: $id) {{ id }} }}"
    ids = [
        "00000000-0000-7000-8000-000000000000",
        "x",
        "",
        "\U0001f642",
        "a'--",
        7,
        "'" * 300,
        other,
        str(child["id"]),
    ]

    bodies = {(await hub.ask(query, {"id": one}, scopes=EVERY - {CHILDREN})).content for one in ids}

    (body,) = bodies
    assert body.startswith(b'{"data":{"%s":null},' % root.encode())


async def test_an_answer_says_how_fresh_each_agency_is_and_that_it_may_not_be_stored(hub):
    response = await hub.ask("{ cases { totalCount } }")

    assert response.json()["extensions"] == {
        "freshness": [{"agency": "POLRI", "lastCompleteAt": "2026-03-02T08:00:00.000000Z"}],
        "plan": "compiled",
        "cost": {
            "requested": weights.OPERATION + weights.LIST + weights.TOTAL_OF_ALL,
            "limit": Limits().cost,
        },
    }
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"

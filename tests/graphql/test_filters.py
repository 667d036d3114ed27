"""Every operator of every filterable field, relations, and any tree of them, beside plain Python over the same rows."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.codes import code_list
from schema.declaration import Kind
from tests.graphql.language import Name, literal
from tests.graphql.model import fields, sealed
from tests.graphql.sdl import printed, ways

pytestmark = pytest.mark.asyncio(loop_scope="session")

SDL = printed()
ROOTS = {"Case": "cases", "Victim": "victims", "Perpetrator": "perpetrators"}
OPERATORS = {
    Kind.ID: {"eq", "in"},
    Kind.TEXT: {"eq", "in", "startsWith", "isNull"},
    Kind.CODE: {"eq", "in", "isNull"},
    Kind.CODES: {"contains", "containsAny", "isNull"},
    Kind.BOOLEAN: {"eq", "isNull"},
    Kind.DATE: {"eq", "gt", "gte", "lt", "lte", "isNull"},
    Kind.TIMESTAMP: {"eq", "gt", "gte", "lt", "lte", "isNull"},
    Kind.INTEGER: {"eq", "gt", "gte", "lt", "lte", "isNull"},
}
STRANGE = {
    Kind.ID: "00000000-0000-7000-8000-000000000000",
    Kind.TEXT: "\U0010ffff'\"\\ \ud7ff",
    Kind.DATE: "2024-02-29",
    Kind.TIMESTAMP: "2024-05-01T23:30:00.000001+00:00",
    Kind.INTEGER: -1,
}


def _filterable(entity):
    """Fields with values in the clear; what is sealed is found by tokens, see test_search.py."""
    combining = {"and", "or", "not", *_related(entity), *sealed(entity)}
    return [name for name in SDL.inputs[f"{entity}Filter"] if name not in combining]


def _related(entity):
    """Types by the fields of a filter that lead to their rows; True where these are many."""
    kinds = {name: kind.removesuffix("Filter") for name, kind in SDL.input_types[f"{entity}Filter"].items()}
    return {
        name: (kind.removesuffix("List"), kind.endswith("List"))
        for name, kind in kinds.items()
        if kind.removesuffix("List") in SDL.rows and name not in {"and", "or", "not"}
    }


def _kind(entity, name):
    return (
        (Kind.CODES, "agency")
        if name == "agencies"
        else (fields(entity)[name].kind, fields(entity)[name].codes)
    )


def _as_sent(value):
    return (
        value.isoformat() if hasattr(value, "isoformat") else str(value) if hasattr(value, "hex") else value
    )


def _pool(model, entity, name):
    """Values of the field that rows have, and one that none has, as a caller writes them."""
    kind, codes = _kind(entity, name)
    if kind is Kind.BOOLEAN:
        return [True, False]
    if codes:
        return [Name(code) for code in sorted(code_list(codes))]
    found = {_as_sent(row[name]) for row in model.rows(entity) if row[name] is not None}
    return [*sorted(found), STRANGE[kind]]


def _operand(operator, pool):
    value = st.sampled_from(pool)
    if operator == "isNull":
        return st.booleans()
    if operator in {"in", "containsAny"}:
        return st.lists(value, max_size=4)
    if operator == "startsWith":
        return st.tuples(value, st.integers(0, 4)).map(lambda pair: pair[0][: pair[1]])
    return value


def _on_related(model, entity, depth):
    """Conditions on rows that rows of a type lead to."""
    return st.sampled_from(sorted(_related(entity).items())).flatmap(
        lambda one: _quantified(one[1][1], _conditions(model, one[1][0], depth + 1)).map(
            lambda inner: {one[0]: inner}
        )
    )


def _quantified(many, inner):
    return st.dictionaries(st.sampled_from(["some", "none"]), inner, max_size=2) if many else inner


def _conditions(model, entity, depth=0):
    """Conditions on one field each, and all that can be made of them."""
    single = st.sampled_from(_filterable(entity)).flatmap(
        lambda name: st.fixed_dictionaries(
            {},
            optional={
                operator: _operand(operator, _pool(model, entity, name))
                for operator in sorted(OPERATORS[_kind(entity, name)[0]])
            },
        ).map(lambda operators: {name: operators})
    )
    deeper = [st.just({}), _on_related(model, entity, depth)] if depth < 3 and _related(entity) else []
    return st.recursive(
        st.one_of(single, *deeper),
        lambda inner: st.one_of(
            inner.map(lambda value: {"not": value}),
            st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, max_size=3)).map(
                lambda pair: dict([pair])
            ),
            st.lists(inner, min_size=2, max_size=2).map(lambda pair: {**pair[0], **pair[1]}),
        ),
        max_leaves=6 if depth == 0 else 2,
    )


async def _ids(hub, entity, where, *, in_variable):
    root = ROOTS[entity]
    page = "totalCount nodes { id }"
    if in_variable:
        query = f"query ($w: {entity}Filter) {{ {root}(first: 100, where: $w) {{ {page} }} }}"
        data = await hub.data(query, {"w": json.loads(json.dumps(where))})
    else:
        data = await hub.data(f"{{ {root}(first: 100, where: {literal(where)}) {{ {page} }} }}")
    found = [node["id"] for node in data[root]["nodes"]]
    assert data[root]["totalCount"] == len(found)
    return found


def _expected(model, entity, where):
    return [str(row["id"]) for row in model.rows(entity) if model.fulfils(entity, row, where)]


@settings(max_examples=80, deadline=None)
@given(data=st.data(), entity=st.sampled_from(sorted(ROOTS)), in_variable=st.booleans())
async def test_any_tree_of_conditions_finds_the_rows_that_fulfil_it(hub, model, data, entity, in_variable):
    where = data.draw(_conditions(model, entity))

    found = await _ids(hub, entity, where, in_variable=in_variable)

    assert found == _expected(model, entity, where)


CASES = [
    (kind, name, operator)
    for kind in SDL.rows
    if f"{kind}Filter" in SDL.inputs and ways()[kind].fields[-1] == "nodes"
    for name in _filterable(kind)
    for operator in sorted(OPERATORS[_kind(kind, name)[0]])
]


@pytest.mark.parametrize(("entity", "name", "operator"), CASES, ids=lambda part: part)
async def test_every_operator_of_every_filterable_field(hub, model, entity, name, operator):
    """Each with a value that a row has that is reached by lists; what it finds and what `not` finds are all there is."""
    path = ways()[entity].fields
    everything = {node["id"] for node in _nodes(await hub.data(_every(entity, "first: 100")), path)}
    rows = [row for row in model.rows(entity) if str(row["id"]) in everything]
    had = [_as_sent(row[name]) for row in rows if row[name] not in (None, [])]
    value = Name(had[0][0] if isinstance(had[0], list) else had[0]) if _kind(entity, name)[1] else had[0]
    operand = {
        "isNull": False,
        "in": [value, _pool(model, entity, name)[-1]],
        "containsAny": [value],
        "startsWith": str(value)[:2],
    }.get(operator, value)
    where = {name: {operator: operand}}

    data = await hub.data(_every(entity, f"first: 100, where: {literal(where)}"))
    rest = await hub.data(_every(entity, f"first: 100, where: {{not: {literal(where)}}}"))

    reached = {node["id"] for node in _nodes(data, path)}
    assert reached == {str(row["id"]) for row in rows if model.fulfils(entity, row, where)}
    assert reached or operator in {"gt", "lt"}
    assert {node["id"] for node in _nodes(rest, path)} == everything - reached


def _every(entity, arguments):
    way = ways()[entity]
    text = way.query("id", arguments)
    return (
        text
        if len(way.fields) == 2
        else text.replace(f"{{ {way.fields[0]} {{", f"{{ {way.fields[0]}(first: 100) {{")
    )


def _nodes(data, path):
    found = [data]
    for name in path:
        inner = [one[name] for one in found]
        found = [node for one in inner for node in (one if isinstance(one, list) else [one])]
    return found


async def test_every_filterable_field_has_the_operators_of_its_kind():
    said = {
        (kind, name): set(SDL.inputs[SDL.input_types[f"{kind}Filter"][name]])
        for kind in SDL.rows
        if f"{kind}Filter" in SDL.inputs
        for name in _filterable(kind)
    }

    assert said == {(kind, name): OPERATORS[_kind(kind, name)[0]] for kind, name in said}


RELATED = [
    (kind, name, target, quantifier)
    for kind in sorted(ROOTS)
    for name, (target, many) in _related(kind).items()
    for quantifier in (("some", "none") if many else (None,))
]


@pytest.mark.parametrize(("entity", "name", "target", "quantifier"), RELATED, ids=str)
async def test_every_relation_finds_rows_by_what_they_lead_to(hub, model, entity, name, target, quantifier):
    """By there being a row, and by the first field that some of them have."""
    column = next(one for one in _filterable(target) if "isNull" in OPERATORS[_kind(target, one)[0]])
    for inner in ({}, {column: {"isNull": False}}):
        where = {name: {quantifier: inner} if quantifier else inner}

        found = await _ids(hub, entity, where, in_variable=False)

        assert found == _expected(model, entity, where)
        assert found or quantifier == "none" or name == "case"


@pytest.mark.parametrize(("depth", "status"), [(3, 200), (4, 400)])
async def test_relations_stand_in_each_other_three_deep_at_most(hub, depth, status):
    where = {}
    for number in range(depth, 0, -1):
        where = {"victims": {"some": where}} if number % 2 else {"case": where}

    response = await hub.ask("query ($w: CaseFilter) { cases(where: $w) { totalCount } }", {"w": where})

    assert response.status_code == status, response.text
    if status == 400:
        says = "where: at most 3 relations in each other"
        assert response.json() == {"errors": [{"message": says, "extensions": {"code": "BAD_USER_INPUT"}}]}


@pytest.mark.parametrize(("count", "status"), [(47, 200), (48, 400)], ids=["50 conditions", "51 conditions"])
async def test_conditions_on_related_rows_count_among_the_fifty(hub, count, status):
    where = {"victims": {"some": {"or": [{}] * count}}}

    response = await hub.ask("query ($w: CaseFilter) { cases(where: $w) { totalCount } }", {"w": where})

    assert response.status_code == status, response.text


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ({"victims": {"some": None}}, "victims: some is null; {} asks for any row"),
        ({"not": {"legalEvents": {"none": None}}}, "legalEvents: none is null; {} asks for any row"),
        ({"modus": {"eq": None}}, "modus: eq is null; use isNull to ask for rows without a value"),
        ({"not": {"id": {"in": None}}}, "id: in is null; use isNull to ask for rows without a value"),
        ({"modus": {"isNull": None}}, "modus: isNull is null; use isNull to ask for rows without a value"),
        (
            {"or": [{"acts": {"containsAny": None}}]},
            "acts: containsAny is null; use isNull to ask for rows without a value",
        ),
    ],
)
@pytest.mark.parametrize("in_variable", [True, False], ids=["variable", "literal"])
async def test_an_operator_that_is_null_is_refused(hub, where, says, in_variable):
    query = (
        "query ($w: CaseFilter) { cases(where: $w) { totalCount } }"
        if in_variable
        else f"{{ cases(where: {literal(where)}) {{ totalCount }} }}"
    )

    response = await hub.ask(query, {"w": where} if in_variable else None)

    assert response.status_code == 400
    assert response.json() == {"errors": [{"message": says, "extensions": {"code": "BAD_USER_INPUT"}}]}


@pytest.mark.parametrize(
    "where",
    [
        "null",
        "{modus: null}",
        "{and: null, or: null, not: null}",
        "{modus: {}}",
        "{}",
        "{victims: null, reportingEntity: null}",
        "{victims: {}}",
    ],
)
async def test_a_condition_that_is_null_or_empty_is_no_condition(hub, model, where):
    data = await hub.data(f"{{ cases(where: {where}) {{ totalCount }} }}")

    assert data == {"cases": {"totalCount": len(model.rows("Case"))}}


@pytest.mark.parametrize(("count", "status"), [(100, 200), (101, 400)])
@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("query ($v: [ID!]) { cases(where: {id: {in: $v}}) { totalCount } }", "x"),
        ("query ($v: [String!]) { cases(where: {policeReport: {in: $v}}) { totalCount } }", "x"),
        ("query ($v: [Modus!]) { cases(where: {modus: {in: $v}}) { totalCount } }", "ONLINE_SCAM"),
        ("query ($v: [Act!]) { cases(where: {acts: {containsAny: $v}}) { totalCount } }", "TRANSFER"),
    ],
)
async def test_a_list_has_at_most_a_hundred_values(hub, query, value, count, status):
    if "Modus" in query:
        value = min(code_list("modus"))

    response = await hub.ask(query, {"v": [value] * count})

    assert response.status_code == status
    if status == 400:
        (error,) = response.json()["errors"]
        assert error["extensions"] == {"code": "QUERY_TOO_COSTLY"}


@pytest.mark.parametrize(
    ("where", "status"),
    [
        ({"and": [{"modus": {}}] * 24}, 200),
        ({"and": [{"modus": {}}] * 25}, 400),
        ({"or": [{}] * 49}, 200),
        ({"or": [{}] * 50}, 400),
    ],
    ids=["49 conditions", "51 conditions", "50 empty", "51 empty"],
)
async def test_a_filter_has_at_most_fifty_conditions(hub, where, status):
    response = await hub.ask("query ($w: CaseFilter) { cases(where: $w) { totalCount } }", {"w": where})

    assert response.status_code == status


@pytest.mark.parametrize("text", ["a\x00b", "\x00"])
@pytest.mark.parametrize("operator", ["eq", "startsWith", "in"])
async def test_a_text_with_nul_is_refused_and_nothing_breaks(hub, text, operator):
    where = {"policeReport": {operator: [text] if operator == "in" else text}}

    refusal = await hub.refusal("query ($w: CaseFilter) { cases(where: $w) { totalCount } }", {"w": where})

    assert refusal == (400, ["BAD_USER_INPUT"])


@pytest.mark.parametrize("prefix", ["", "6", "61.", "\U0010ffff", "6\U0010ffff", "\ud7ff", "%", "_", "\\"])
async def test_a_prefix_is_taken_as_it_is(hub, model, prefix):
    found = await _ids(hub, "Case", {"originRegion": {"startsWith": prefix}}, in_variable=True)

    assert found == _expected(model, "Case", {"originRegion": {"startsWith": prefix}})


async def test_a_moment_is_the_same_in_every_offset(hub):
    query = "query ($m: DateTime) { victims(first: 100) { nodes { movements(where: {at: {eq: $m}}) { totalCount } } } }"

    answers = [
        await hub.data(query, {"m": moment})
        for moment in ("2024-05-01T23:30:00.000002Z", "2024-05-02T06:30:00.000002+07:00")
    ]

    assert answers[0] == answers[1]
    assert any(node["movements"]["totalCount"] for node in answers[0]["victims"]["nodes"])


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ("Date", "2026-02-30"),
        ("Date", 20260101),
        ("DateTime", "2026-01-31T08:00:00"),
        ("DateTime", "0001-01-01T00:00:00+23:59"),
        ("Int", 2**31),
        ("Boolean", "yes"),
        ("Modus", "NO_SUCH_CODE"),
    ],
)
async def test_a_value_that_is_none_of_its_type_is_refused(hub, declared, value):
    uses = {
        "Date": "cases(where: {reportedOn: {eq: $v}})",
        "DateTime": "victims(first: 1)",
        "Int": "cases(first: $v)",
        "Boolean": "victims(where: {isChildAtExploitation: {eq: $v}})",
        "Modus": "cases(where: {modus: {eq: $v}})",
    }
    inner = (
        "nodes { movements(where: {at: {eq: $v}}) { totalCount } }"
        if declared == "DateTime"
        else "totalCount"
    )
    declared = "Int!" if declared == "Int" else declared

    refusal = await hub.refusal(
        f"query ($v: {declared}) {{ {uses[declared.strip('!')]} {{ {inner} }} }}", {"v": value}
    )

    assert refusal == (400, ["BAD_USER_INPUT"])

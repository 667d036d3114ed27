"""Wherever a forbidden use may hide in a request, the guard finds it; and the same request without it is answered."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.graphql.hub import forbidden
from tests.graphql.language import Name, literal

pytestmark = pytest.mark.asyncio(loop_scope="session")

MARK = "\x00"
"""Stands for the forbidden condition, or for one like it that is allowed."""
HIDDEN = {"exploitation": {"contains": Name("FORCED_LABOUR")}}
ALLOWED = {"means": {"contains": Name("DEBT_BONDAGE")}}
CASE_ONLY = ("case:read",)
_OTHERS = st.sampled_from(
    [{}, {"modus": {"isNull": True}}, {"reportedOn": {"gte": "2024-01-01"}}, {"id": {"in": ["x"]}}]
)


def _wrapped(inner):
    listed = st.lists(_OTHERS, max_size=2)
    return st.one_of(
        inner.map(lambda value: {"not": value}),
        st.tuples(st.sampled_from(["and", "or"]), listed, inner, listed).map(
            lambda parts: {parts[0]: [*parts[1], parts[2], *parts[3]]}
        ),
        st.tuples(st.sampled_from(["and", "or"]), inner).map(lambda parts: {parts[0]: parts[1]}),
        st.tuples(_OTHERS, inner).map(lambda parts: {**parts[0], **parts[1]}),
    )


WHERE = st.recursive(st.just({MARK: None}), _wrapped, max_leaves=1).filter(lambda value: value is not None)


def _filled(value, condition):
    """The conditions with the marked one put in."""
    if isinstance(value, dict):
        found = {}
        for name, inner in value.items():
            found |= condition if name == MARK else {name: _filled(inner, condition)}
        return found
    return [_filled(one, condition) for one in value] if isinstance(value, list) else value


def _whole_variable(where):
    return "($w: CaseFilter)", "$w", {"w": where}


def _required_variable(where):
    return "($w: CaseFilter!)", "{and: [$w]}", {"w": where}


def _part_in_variable(where):
    return "($w: CaseFilter!)", "{not: {or: [{}, $w]}}", {"w": where}


def _list_in_variable(where):
    return "($w: [CaseFilter!])", "{or: $w}", {"w": [{}, where]}


def _single_for_a_list_in_variable(where):
    return "($w: [CaseFilter!])", "{or: $w}", {"w": where}


def _default(where):
    return f"($w: CaseFilter = {literal(where)})", "$w", {}


def _default_that_is_overridden(where):
    return f"($w: CaseFilter = {literal(where)})", "$w", {"w": {}}


def _default_of_a_list(where):
    return f"($w: [CaseFilter!] = {literal(where)})", "{and: $w}", {}


def _literal(where):
    return "", literal(where), {}


DELIVERIES = (
    _literal,
    _whole_variable,
    _required_variable,
    _part_in_variable,
    _list_in_variable,
    _single_for_a_list_in_variable,
    _default,
    _default_that_is_overridden,
    _default_of_a_list,
)
PLACES = (
    "query Q{v} {{ cases(where: {w}) {{ totalCount }} }}",
    "query Q{v} {{ me {{ clientId }} other: cases(first: 1, where: {w}) {{ nodes {{ id }} }} }}",
    "query Q{v} {{ ...F }} fragment F on Query {{ ...G }} fragment G on Query {{ cases(where: {w}) {{ totalCount }} }}",
    "query Q{v} {{ ... on Query {{ ... {{ cases(where: {w}) {{ totalCount }} }} }} }}",
    "query Q{v} {{ __typename cases(where: {w}) @skip(if: true) {{ totalCount }} }}",
    "query Q{v} {{ __typename ...F @include(if: false) }} fragment F on Query {{ cases(where: {w}) {{ totalCount }} }}",
)
OTHER_OPERATION = "query Q {{ __typename }} query Other{v} {{ cases(where: {w}) {{ totalCount }} }}"


@settings(max_examples=120, deadline=None)
@given(where=WHERE, deliver=st.sampled_from(DELIVERIES), place=st.sampled_from(PLACES))
async def test_a_forbidden_filter_is_found_wherever_it_hides(hub, where, deliver, place):
    answers = []
    for condition in (HIDDEN, ALLOWED):
        definitions, argument, variables = deliver(_filled(where, condition))
        query = place.format(v=definitions, w=argument)
        answers.append(await hub.ask(query, variables, scopes=CASE_ONLY))
    hiding, allowed = answers

    assert forbidden(hiding) == {"CaseFilter.exploitation": [["victim:read"]]}
    assert allowed.status_code == 200, allowed.text


@settings(max_examples=30, deadline=None)
@given(where=WHERE, deliver=st.sampled_from([_literal, _default, _default_of_a_list]))
async def test_a_forbidden_filter_is_found_in_an_operation_that_does_not_run(hub, where, deliver):
    answers = []
    for condition in (HIDDEN, ALLOWED):
        definitions, argument, _ = deliver(_filled(where, condition))
        query = OTHER_OPERATION.format(v=definitions, w=argument)
        answers.append(await hub.ask(query, scopes=CASE_ONLY, operationName="Q"))
    hiding, allowed = answers

    assert forbidden(hiding) == {"CaseFilter.exploitation": [["victim:read"]]}
    assert allowed.status_code == 200, allowed.text


@pytest.mark.parametrize(
    "query",
    [
        "{ cases { nodes { modusText } } }",
        "{ cases { nodes { id id: id text: modusText } } }",
        "{ cases { edges { node { modusText } } } }",
        "{ cases { nodes { ...F } } } fragment F on Case { modusText }",
        "{ cases { nodes { ... on Case { ... @include(if: false) { modusText } } } } }",
        "{ cases { nodes { modusText @skip(if: true) } } }",
        "query ($no: Boolean = false) { cases { nodes { modusText @include(if: $no) } } }",
        '{ case(id: "x") { modusText } }',
        "{ cases { nodes { legalEvents { nodes { id } } } } again: cases { nodes { modusText } } }",
        "{ _entities(representations: []) { ... on Case { modusText } } }",
        "{ __typename } query Other { cases { nodes { modusText } } }",
    ],
)
async def test_a_forbidden_selection_is_found_wherever_it_hides(hub, query):
    query = query.replace("{ __typename }", "query Q { __typename }")
    name = "Q" if "query Q" in query else None

    response = await hub.ask(query, scopes=CASE_ONLY, operationName=name)

    assert forbidden(response) == {"Case.modusText": [["victim:read"]]}


@pytest.mark.parametrize("where", [None, {}, {"or": []}, {"and": [{}]}])
async def test_a_variable_that_uses_nothing_forbidden_is_answered(hub, where):
    variables = {} if where is None else {"w": where}

    response = await hub.ask(
        "query ($w: CaseFilter) { cases(where: $w) { totalCount } }", variables, scopes=CASE_ONLY
    )

    assert response.status_code == 200, response.text


async def test_a_condition_that_is_null_is_still_a_use(hub):
    query = "query ($w: CaseFilter) { cases(where: $w) { totalCount } }"

    response = await hub.ask(query, {"w": {"exploitation": None}}, scopes=CASE_ONLY)

    assert forbidden(response) == {"CaseFilter.exploitation": [["victim:read"]]}


async def test_a_plan_that_one_caller_has_made_does_not_open_it_for_another(hub):
    query, where = "query ($w: CaseFilter) { cases(where: $w) { totalCount } }", {"w": HIDDEN}

    opened = await hub.ask(query, where, scopes=("case:read", "victim:read"))
    refused = await hub.ask(query, where, scopes=CASE_ONLY)

    assert opened.status_code == 200, opened.text
    assert forbidden(refused) == {"CaseFilter.exploitation": [["victim:read"]]}

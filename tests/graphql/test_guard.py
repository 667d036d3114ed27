"""Every coordinate of the SDL, closed without its scopes and open with them; found by walking what is printed."""

from dataclasses import dataclass, replace

import pytest

from hub.graphql import guard
from tests.graphql.counting import SUBJECTS, part
from tests.graphql.hub import forbidden
from tests.graphql.language import literal
from tests.graphql.sdl import Scopes, printed, ways

pytestmark = pytest.mark.asyncio(loop_scope="session")

SDL = printed()
OPEN_ROOTS = {"me", "codeLists", "sources", "caseload", "events", "_service", "_entities", "node"}
OPEN_TYPES = {
    *("Access", "CodeList", "CodeValue", "LiveGrant", "Me", "PageInfo", "PersonMatch", "Source"),  # no rows
    *(
        "Emergency",
        "Exclusion",
        "Grant",
        "GrantDecision",
        "ListedOperation",
        "OperationList",
    ),  # reached by guarded roots alone
    "LegalBasis",  # reached by Case.legalBasis alone
    *("Event", "EventData", "EventPage"),  # given by the types that are named, each with its own scope
    *(
        "CaseloadTable",
        "CaseloadGroup",
        "CaseloadKey",
        "CaseloadCover",
    ),  # reached by fields of Caseload alone
    "_Service",
}
COMBINING = {"and", "or", "not"}


@dataclass(frozen=True)
class Use:
    """A use of a coordinate: the scopes that the way to it needs, its own, and an operation that makes it."""

    coordinate: str
    way: Scopes
    own: Scopes
    query: str
    variables: dict | None = None

    def __str__(self) -> str:
        return f"{self.coordinate} {'in a variable' if self.variables else ''}".strip()


def _selection(leads_to: str) -> str:
    """The least that can be selected below a field."""
    return (
        f" {{ {'id' if 'id' in SDL.objects[leads_to] else '__typename'} }}" if leads_to in SDL.objects else ""
    )


def _enum_value_of(name: str) -> str:
    head, *rest = name.lower().split("_")
    return head + "".join(part.capitalize() for part in rest)


def _fields():
    for kind in SDL.rows:
        way = ways()[kind]
        for one in SDL.objects[kind].values():
            query = way.query(one.name + _selection(one.leads_to))
            yield Use(f"{kind}.{one.name}", way.scopes, one.scopes, query)


def _filters():
    for kind in SDL.rows:
        for name in SDL.inputs.get(f"{kind}Filter", ()):
            if name not in COMBINING:
                own = SDL.objects[kind][name].scopes
                root, way, where = _asked_of(kind, {name: {}})
                coordinate = f"{kind}Filter.{name}"
                yield Use(coordinate, way.scopes, own, way.query("id", f"where: {literal(where)}"))
                query = f"query ($w: {root}Filter) " + way.query("id", "where: $w")
                yield Use(coordinate, way.scopes, own, query, {"w": where})


def _asked_of(kind, where):
    """Where conditions on a type can stand: on a list of its rows, or on a list of what leads to one of them."""
    way = ways()[kind]
    if way.fields[-1] == "nodes":
        return kind, way, where
    owner = next(
        name
        for name in SDL.rows
        if way.fields[-1] in SDL.objects[name] and ways()[name].fields[-1] == "nodes"
    )
    wider = replace(ways()[owner], scopes=ways()[owner].scopes | SDL.objects[owner][way.fields[-1]].scopes)
    return owner, wider, {way.fields[-1]: where}


def _orders():
    for kind in SDL.rows:
        for value in SDL.enums.get(f"{kind}OrderField", ()):
            own, way = SDL.objects[kind][_enum_value_of(value)].scopes, ways()[kind]
            coordinate = f"{kind}OrderField.{value}"
            yield Use(coordinate, way.scopes, own, way.query("id", f"orderBy: {{field: {value}}}"))
            query = f"query ($o: [{kind}Order!]) " + way.query("id", "orderBy: $o")
            yield Use(coordinate, way.scopes, own, query, {"o": {"field": value}})
            query = f"query ($f: {kind}OrderField!) " + way.query("id", "orderBy: {field: $f}")
            yield Use(coordinate, way.scopes, own, query, {"f": value})


def _roots():
    for one in SDL.objects["Query"].values():
        if one.name not in OPEN_ROOTS:
            arguments = '(id: "x")' if "id" in one.arguments else ""
            arguments = '(nik: "9901010101800001")' if "nik" in one.arguments else arguments
            query = f"{{ {one.name}{arguments} {{ __typename }} }}"
            yield Use(f"Query.{one.name}", frozenset(), one.scopes, query)


def _tables():
    for one in SDL.objects["Caseload"].values():
        query = f"{{ caseload {{ {one.name} {{ total }} }} }}"
        yield Use(f"Caseload.{one.name}", frozenset(), one.scopes, query)


def _dimensions():
    for subject, kind in SUBJECTS.items():
        way = SDL.objects["Caseload"][subject].scopes
        for value in SDL.enums[f"{kind}Dimension"]:
            own, coordinate = part(kind, value).scopes, f"{kind}Dimension.{value}"
            yield Use(coordinate, way, own, f"{{ caseload {{ {subject}(by: [{value}]) {{ total }} }} }}")
            query = f"query ($b: [{kind}Dimension!]!) {{ caseload {{ {subject}(by: $b) {{ total }} }} }}"
            yield Use(coordinate, way, own, query, {"b": [value]})


def mutations():
    """Every decision, with arguments that fit their types and name nothing that there is."""
    texts = {
        "proposal": '{grantee: "x", owner: "POLRI", scopes: ["case:read"], purposes: ["protection"], legalBasis: "xxx",'
        ' agreement: "xxx", justification: "xxx", jurisdictions: ["61"], validFrom: "2026-03-02T08:00:00Z",'
        ' validTo: "2026-04-02T08:00:00Z"}',
        "decision": "APPROVED",
        "kind": "AGENCY",
        "verdict": "JUSTIFIED",
        "version": "1",
        "document": '"{ __typename }"',
        "expiresAt": '"2026-04-02T08:00:00Z"',
        "listedOnly": "true",
    }
    ids = '"01900000-0000-7000-8000-000000000000"'
    for one in SDL.objects["Mutation"].values():
        given = {
            name: texts.get(name, ids if name in {"id", "caseId"} else '"xxx"') for name in one.arguments
        }
        if one.name == "declareEmergency":
            given["reason"] = "LIFE_IN_DANGER"
        arguments = ", ".join(f"{name}: {text}" for name, text in given.items())
        query = f"mutation {{ {one.name}({arguments}) {{ __typename }} }}"
        yield Use(f"Mutation.{one.name}", frozenset(), one.scopes, query)


USES = [*_fields(), *_filters(), *_orders(), *_roots(), *_tables(), *_dimensions()]


@pytest.mark.parametrize("use", list(mutations()), ids=str)
async def test_a_decision_is_refused_without_its_scope_and_judged_by_its_own_rules_with_it(hub, use):
    refused = forbidden(await hub.ask(use.query, scopes={"case:read"}))
    answered = await hub.ask(use.query, scopes=use.own)

    assert refused == {use.coordinate: [sorted(use.own)]}
    assert [error["extensions"]["code"] for error in answered.json()["errors"]] == ["CONFLICT"]


@pytest.mark.parametrize("use", USES, ids=str)
async def test_a_use_is_refused_without_each_of_its_scopes_and_answered_with_exactly_them(hub, use):
    exact = use.way | use.own

    for left_out in exact:
        refused = forbidden(await hub.ask(use.query, use.variables, scopes=exact - {left_out}))
        assert refused
        assert all(left_out in one for requires in refused.values() for one in requires)
        if left_out in use.own:
            assert refused[use.coordinate] == [sorted(use.own)]
    answered = await hub.ask(use.query, use.variables, scopes=exact)

    assert answered.status_code == 200, answered.text
    assert "errors" not in answered.json()


async def test_a_token_that_opens_nothing_is_told_everything_that_is_missing_at_once(hub):
    query = (
        "{ cases(where: {exploitation: {}, not: {modus: {}}}, orderBy: {field: REPORTED_ON})"
        " { nodes { modusText victims { nodes { nik } } } } }"
    )

    response = await hub.ask(query, scopes=())

    assert forbidden(response) == {
        "Case": [["case:read"]],
        "Case.modusText": [["victim:read"]],
        "Case.victims": [["victim:read"]],
        "CaseFilter.exploitation": [["victim:read"]],
        "CaseFilter.modus": [["case:read"]],
        "CaseOrderField.REPORTED_ON": [["case:read"]],
        "Query.cases": [["case:read"]],
        "Victim": [["victim:read"]],
        "Victim.nik": [["victim.identity:read"]],
    }


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_a_refusal_is_403_in_both_media_types(hub, accept):
    response = await hub.ask("{ cases { totalCount } }", scopes=(), accept=accept)

    assert response.status_code == 403
    assert response.headers["Content-Type"] == f"{accept}; charset=utf-8"


async def test_every_field_with_a_scope_may_be_null():
    """A gateway that closes a field in front of us gives null for it."""
    fields = [(kind, one) for kind, fields in SDL.objects.items() for one in fields.values()]

    assert [f"{kind}.{one.name}" for kind, one in fields if one.scopes and not one.nullable] == []


async def test_every_coordinate_of_rows_is_guarded_or_deliberately_open():
    required = guard.requirements().keys()
    open_objects = {
        f"{kind}.{one}"
        for kind, fields in SDL.objects.items()
        if kind not in OPEN_TYPES and not kind.endswith(("Connection", "Edge"))
        for one in fields
        if f"{kind}.{one}" not in required
    }
    open_filters = {
        f"{kind}Filter.{one}"
        for kind in SDL.rows
        for one in SDL.inputs.get(f"{kind}Filter", ())
        if f"{kind}Filter.{one}" not in required
    }
    open_orders = {
        f"{kind}OrderField.{one}"
        for kind in SDL.rows
        for one in SDL.enums.get(f"{kind}OrderField", ())
        if f"{kind}OrderField.{one}" not in required
    }

    open_dimensions = {
        f"{kind}Dimension.{one}"
        for kind in SUBJECTS.values()
        for one in SDL.enums[f"{kind}Dimension"]
        if f"{kind}Dimension.{one}" not in required
    }

    assert open_dimensions == set()
    assert open_objects == {
        *(f"{kind}.id" for kind in SDL.rows),
        *(f"Query.{one}" for one in OPEN_ROOTS),
        "Subscription.events",  # by the types that are named, as Query.events
    }
    assert {one.rpartition(".")[2] for one in open_filters} == {"id", *COMBINING}
    assert open_orders == set()


async def test_what_the_guard_requires_is_what_the_sdl_says():
    said = {
        f"{kind}.{one.name}": (tuple(sorted(one.scopes)),)
        for kind, fields in SDL.objects.items()
        for one in fields.values()
        if one.scopes
    }

    assert {name: requires for name, requires in guard.requirements().items() if name in said} == said


async def test_introspection_needs_a_token_and_no_scope(hub):
    data = await hub.data('{ __type(name: "Victim") { name } __schema { queryType { name } } }', scopes=())

    assert data == {"__type": {"name": "Victim"}, "__schema": {"queryType": {"name": "Query"}}}


async def test_an_entity_reached_by_its_open_key_alone_needs_the_scope_of_its_type(hub):
    query = "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Victim { id } } }"

    response = await hub.ask(query, {"r": []}, scopes=("case:read",))

    assert forbidden(response) == {"Victim": [["victim:read"]]}


async def test_naming_a_type_in_a_representation_is_a_use_of_it(hub):
    query = "query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }"

    response = await hub.ask(query, {"r": [{"__typename": "Victim", "id": "x"}]}, scopes=("case:read",))

    assert forbidden(response) == {"Victim": [["victim:read"]]}

"""What a change of the schema touches: every kind of change names a coordinate, and coordinates are what documents use."""

import pytest
from graphql import BreakingChangeType, DangerousChangeType, parse

from hub.graphql import breaking
from hub.graphql.breaking import Change
from hub.graphql.coordinates import coordinates_of
from hub.graphql.sdl import graphql_schema, printed
from schema.errors import InputInvalid

OLD = """
directive @shown(as: String) repeatable on FIELD | QUERY
directive @gone on FIELD
directive @ours on FIELD_DEFINITION
interface Named { name: String }
interface Aged { age: Int }
type Query { one(id: ID, first: Int = 5): Cat  any: Pet  find(where: Where): Cat  colour(is: Colour): Colour }
type Cat implements Named { name: String  age: Int  tail: Tail }
type Dog { name: String }
type Tail { length: Int }
scalar Length
scalar Unused
union Pet = Cat | Dog
enum Colour { RED GREEN }
input Where { name: String = "x"  tail: Length }
"""
CHANGES = {
    "TYPE_REMOVED": ("scalar Unused\n", "", "Unused"),
    "TYPE_CHANGED_KIND": ("type Tail { length: Int }", "scalar Tail", "Tail"),
    "TYPE_REMOVED_FROM_UNION": ("Cat | Dog", "Cat", "Dog"),
    "VALUE_REMOVED_FROM_ENUM": ("RED GREEN", "RED", "Colour.GREEN"),
    "REQUIRED_INPUT_FIELD_ADDED": ("tail: Length", "tail: Length  colour: Colour!", "Where"),
    "IMPLEMENTED_INTERFACE_REMOVED": ("Cat implements Named", "Cat", "Cat"),
    "FIELD_REMOVED": ("age: Int  tail: Tail", "tail: Tail", "Cat.age"),
    "FIELD_CHANGED_KIND": ("age: Int  tail: Tail", "age: String  tail: Tail", "Cat.age"),
    "REQUIRED_ARG_ADDED": ("any: Pet", "any(of: ID!): Pet", "Query.any"),
    "ARG_REMOVED": ("id: ID, first", "first", "Query.one(id:)"),
    "ARG_CHANGED_KIND": ("id: ID, first", "id: Int, first", "Query.one(id:)"),
    "DIRECTIVE_REMOVED": ("directive @gone on FIELD", "", "@gone"),
    "DIRECTIVE_ARG_REMOVED": ("@shown(as: String)", "@shown", "@shown(as:)"),
    "REQUIRED_DIRECTIVE_ARG_ADDED": ("@shown(as: String)", "@shown(as: String, to: ID!)", "@shown"),
    "DIRECTIVE_REPEATABLE_REMOVED": ("repeatable on", "on", "@shown"),
    "DIRECTIVE_LOCATION_REMOVED": ("FIELD | QUERY", "FIELD", "@shown"),
    "VALUE_ADDED_TO_ENUM": ("RED GREEN", "RED GREEN BLUE", "Colour"),
    "TYPE_ADDED_TO_UNION": ("Cat | Dog", "Cat | Dog | Tail", "Tail"),
    "OPTIONAL_INPUT_FIELD_ADDED": ("tail: Length", "tail: Length  colour: Colour", "Where"),
    "IMPLEMENTED_INTERFACE_ADDED": ("Cat implements Named", "Cat implements Named & Aged", "Aged"),
    "ARG_DEFAULT_VALUE_CHANGE": ("first: Int = 5", "first: Int = 6", "Query.one(first:)"),
    "INPUT_FIELD_DEFAULT_VALUE_CHANGE": ('name: String = "x"', 'name: String = "y"', "Where.name"),
    "ACCESS_CHANGED": ("any: Pet", 'any: Pet @requiresScopes(scopes: [["a:read"]])', "Query.any"),
}
MADE_BY_NOTHING = {"OPTIONAL_ARG_ADDED"}
"""graphql-core 3.3 calls it safe, and the word is left over."""


@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_of_each_kind_names_the_coordinate_that_it_touches(kind):
    before, after, coordinate = CHANGES[kind]
    assert before in OLD

    found = breaking.changes(breaking.read(OLD), breaking.read(OLD.replace(before, after)))

    told = {(one.kind, one.is_breaking, one.coordinate) for one in found}
    assert (kind, kind in BreakingChangeType.__members__, coordinate) in told


def test_every_kind_that_there_is_has_its_sample():
    there_are = {*BreakingChangeType.__members__, *DangerousChangeType.__members__, "ACCESS_CHANGED"}

    assert CHANGES.keys() == there_are - MADE_BY_NOTHING


def test_a_directive_that_no_operation_can_have_breaks_none():
    new = OLD.replace("directive @ours on FIELD_DEFINITION", "")

    assert breaking.changes(breaking.read(OLD), breaking.read(new)) == []


def test_our_own_schema_does_not_differ_from_itself_and_a_field_less_is_one_change():
    text = printed()
    before, after = "  policeReport: String @requires", "  policeNumber: String @requires"
    assert text.count(before) == 1

    same = breaking.changes(breaking.read(text), breaking.read(text))
    less = breaking.changes(breaking.read(text), breaking.read(text.replace(before, after)))

    assert same == []
    assert less == [
        Change(
            kind="FIELD_REMOVED",
            is_breaking=True,
            description="Field Case.policeReport was removed.",
            coordinate="Case.policeReport",
        )
    ]


def test_what_is_no_schema_is_told_so():
    with pytest.raises(InputInvalid, match="the file is no SDL of a schema"):
        breaking.read("type Query {")


def test_a_document_depends_on_fields_arguments_types_values_and_directives_wherever_they_stand():
    document = parse(
        """
        query Q($w: CaseFilter, $with: Boolean!) { cases(first: 3, where: $w) { ...F } }
        fragment F on CaseConnection { nodes { id @include(if: $with) victims(
            orderBy: {field: STAGE, direction: DESC}, where: {sex: {in: [FEMALE]}}) { totalCount } } }
        """
    )

    found = coordinates_of(graphql_schema(), document)

    assert found == {
        *("Query", "Query.cases", "Query.cases(first:)", "Query.cases(where:)", "Int", "CaseFilter"),
        *("CaseConnection", "CaseConnection.nodes", "Case", "Case.id", "ID", "@include", "@include(if:)"),
        *("Boolean", "Case.victims", "Case.victims(orderBy:)", "Case.victims(where:)", "VictimConnection"),
        *("VictimOrder", "VictimOrder.field", "VictimOrder.direction", "VictimOrderField", "Direction"),
        *("VictimOrderField.STAGE", "Direction.DESC", "VictimFilter", "VictimFilter.sex", "SexFilter"),
        *("SexFilter.in", "Sex", "Sex.FEMALE", "VictimConnection.totalCount"),
    }

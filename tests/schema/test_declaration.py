"""Every field is declared once and whole: how much it could harm, who may open it, whose word wins."""

from dataclasses import dataclass
from datetime import date

import pytest

from auth.scopes import PURPOSES, ScopeClass, scopes
from schema.codes import code_list, code_lists
from schema.declaration import (
    CHILD_PURPOSES,
    PERSONAL_PURPOSES,
    WHEREABOUTS_PURPOSES,
    Declaration,
    Kind,
    Rule,
    Sensitivity,
    Standards,
    camel_case,
    described,
    entity,
    entity_of,
)
from schema.entities import ENTITIES, RELATIONS, ROLES, entities
from schema.tables.golden import SOUGHT

FIELDS = [field for one in entities().values() for field in one.fields]
CLASSES = {
    Sensitivity.OPERATIONAL: {ScopeClass.NORMAL, ScopeClass.SENSITIVE, ScopeClass.RESTRICTED},
    Sensitivity.SENSITIVE: {ScopeClass.SENSITIVE, ScopeClass.RESTRICTED},
    Sensitivity.IDENTITY: {ScopeClass.RESTRICTED},
}
"""What may open a value, the more careful the more it could harm."""


def coordinate(field: Declaration) -> str:
    return f"{field.entity}.{field.name}"


@dataclass(frozen=True, kw_only=True)
class Part:
    """Stands inside a field."""

    word: str


@entity(text="A thing.", label_id="Benda", table="golden_thing", key="thing_id", scope="case:read")
class Thing:
    """A thing, to see what a declaration makes of each form of value."""

    thing_id: str | None = described(
        "Key.", label_id="Kunci", sensitivity=Sensitivity.OPERATIONAL, scope="case:read", rule=Rule.DERIVED
    )
    secret: list[str] | None = described(
        "Names.", label_id="Nama", sensitivity=Sensitivity.IDENTITY, scope="{role}.identity:read"
    )
    modus: str | None = described(
        "Method.",
        label_id="Modus",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        codes="modus",
        wins=("POLRI", "KEMENSOS"),
        filterable=True,
        sortable=True,
        standards=Standards(htcds="x_Method"),
    )
    acts: list[str] | None = described(
        "Acts.", label_id="Proses", sensitivity=Sensitivity.OPERATIONAL, scope="case:read", codes="act"
    )
    parts: list[Part] | None = described(
        "Parts.", label_id="Bagian", sensitivity=Sensitivity.SENSITIVE, scope="victim:read"
    )
    seen_on: date | None = described(
        "Day.", label_id="Hari", sensitivity=Sensitivity.OPERATIONAL, scope="case:read", rule=Rule.EARLIEST
    )


@pytest.mark.parametrize("field", FIELDS, ids=coordinate)
def test_a_field_has_a_sensitivity_and_scopes_of_the_closed_list_that_are_careful_enough(field: Declaration):
    words = {field.scope_for(role) for role in ROLES.values()}

    assert words - scopes().keys() == set()
    assert {scopes()[word].scope_class for word in words} <= CLASSES[field.sensitivity]


@pytest.mark.parametrize("field", FIELDS, ids=coordinate)
def test_a_field_with_codes_has_a_list_of_them(field: Declaration):
    assert field.codes is None or field.codes in code_lists()
    assert (field.kind in {Kind.CODE, Kind.CODES}) is (field.codes is not None)


@pytest.mark.parametrize("field", FIELDS, ids=coordinate)
def test_a_field_names_agencies_whose_word_wins_once_each(field: Declaration):
    assert sorted(set(field.wins)) == sorted(field.wins)
    assert set(field.wins) - code_list("agency").keys() == set()
    assert not field.wins or field.rule is Rule.AGENCY


@pytest.mark.parametrize("field", FIELDS, ids=coordinate)
def test_a_field_says_what_it_is_in_two_languages(field: Declaration):
    assert field.text.endswith(".")
    assert field.text[0].isupper()
    assert field.label_id.strip() == field.label_id != ""


def test_a_sealed_field_is_never_sorted_by_and_filtered_by_tokens_alone():
    sealed = [field for field in FIELDS if field.sealed]

    assert [coordinate(field) for field in sealed if field.sortable] == []
    assert [coordinate(field) for field in sealed if field.filterable] == [
        "Person.nik",
        "Person.full_name",
        "Document.number",
    ]
    assert [coordinate(field) for field in sealed if field.filterable and field.sought is None] == []
    assert {field.entity for field in FIELDS if field.sought is not None} == set(SOUGHT)
    assert all(field.sealed for field in FIELDS if field.sought is not None)
    assert {coordinate(field) for field in sealed if field.entity == "Person"} == {
        "Person.nik",
        "Person.full_name",
        "Person.aliases",
        "Person.birth_place",
        "Person.birth_date",
        "Person.address",
        "Person.phone",
    }


def test_identity_and_health_serve_every_purpose_but_statistics():
    personal = {field.scope for field in FIELDS if field.purposes is not None}

    assert {field.purposes for field in FIELDS} == {None, PERSONAL_PURPOSES}
    assert {word.word for word in PURPOSES} - {*PERSONAL_PURPOSES} == {"statistics"}
    assert {*PERSONAL_PURPOSES} - {word.word for word in PURPOSES} == set()
    assert {field.scope for field in FIELDS if field.sealed} <= personal
    assert personal == {
        "{role}.identity:read",
        "victim.health:read",
        "victim.identity:read",
    }


def test_a_child_s_identity_and_a_witness_s_whereabouts_serve_fewer_purposes_still():
    assert {*WHEREABOUTS_PURPOSES} < {*CHILD_PURPOSES} < {*PERSONAL_PURPOSES}


def test_whereabouts_are_where_a_person_lives_and_is_reached():
    assert [coordinate(field) for field in FIELDS if field.whereabouts] == [
        "Person.address",
        "Person.residence_region",
        "Person.phone",
    ]


def test_the_existence_of_a_row_is_opened_by_a_scope_too():
    words = {one.scope.replace("{role}", role) for one in entities().values() for role in ROLES.values()}

    assert words - scopes().keys() == set()


def test_each_entity_has_its_own_table_and_a_key_among_its_fields():
    tables = [one.table for one in entities().values()]

    assert sorted(set(tables)) == sorted(tables)
    assert [one.name for one in entities().values() if one.field(one.key).kind is not Kind.ID] == []


def test_an_entity_is_listed_once_under_its_class_s_name():
    assert [(name, one.name) for name, one in entities().items()] == [
        (cls.__name__, cls.__name__) for cls in ENTITIES
    ]


@pytest.mark.parametrize("cls", ENTITIES, ids=lambda cls: cls.__name__)
def test_names_in_the_api_are_distinct(cls: type):
    one = entity_of(cls)
    names = [one.graphql_name(field) for field in one.fields]
    names += [camel_case(relation.name) for relation in RELATIONS if relation.owner == one.name]

    assert sorted(set(names)) == sorted(names)


def test_a_relation_leads_from_a_field_to_a_field():
    ends = {
        (relation.owner, relation.owner_field, relation.target, relation.target_field)
        for relation in RELATIONS
    }
    kinds = {
        (entities()[owner].field(here).kind, entities()[target].field(there).kind)
        for owner, here, target, there in ends
    }

    assert kinds == {(Kind.ID, Kind.ID)}


def test_a_relation_to_one_leads_to_the_target_s_key():
    assert [
        f"{relation.owner}.{relation.name}"
        for relation in RELATIONS
        if (relation.target_field == entities()[relation.target].key) is relation.many
    ] == []


def test_a_declaration_says_all_that_was_written():
    assert entity_of(Thing).field("modus") == Declaration(
        entity="Thing",
        name="modus",
        text="Method.",
        label_id="Modus",
        kind=Kind.CODE,
        codes="modus",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        rule=Rule.AGENCY,
        wins=("POLRI", "KEMENSOS"),
        filterable=True,
        sortable=True,
        standards=Standards(htcds="x_Method"),
    )


def test_the_form_of_a_value_follows_from_its_annotation_and_codes():
    assert {field.name: field.kind for field in entity_of(Thing).fields} == {
        "thing_id": Kind.TEXT,
        "secret": Kind.TEXTS,
        "modus": Kind.CODE,
        "acts": Kind.CODES,
        "parts": Kind.OBJECTS,
        "seen_on": Kind.DATE,
    }


def test_a_scope_depends_on_the_person_s_role_only_where_it_names_one():
    secret, modus = entity_of(Thing).field("secret"), entity_of(Thing).field("modus")

    assert secret.scope_for("perpetrator") == "perpetrator.identity:read"
    assert modus.scope_for("perpetrator") == "case:read"


def test_the_key_is_called_id_in_the_api_and_the_rest_in_camel_case():
    one = entity_of(Thing)

    assert [one.graphql_name(field) for field in one.fields] == [
        "id",
        "secret",
        "modus",
        "acts",
        "parts",
        "seenOn",
    ]


def test_an_entity_without_that_field_says_which():
    with pytest.raises(KeyError, match=r"Thing\.height"):
        entity_of(Thing).field("height")


def test_a_field_without_its_declaration_does_not_start():
    @entity(text="A thing.", label_id="Benda", table="golden_bare", key="bare_id", scope="case:read")
    class Bare:
        bare_id: str | None = described(
            "Key.", label_id="Kunci", sensitivity=Sensitivity.OPERATIONAL, scope="case:read"
        )
        height: int | None = None

    with pytest.raises(TypeError, match=r"Bare\.height has no sensitivity and no scope"):
        entity_of(Bare)


@pytest.mark.parametrize("missing", ["sensitivity", "scope", "label_id"])
def test_a_declaration_without_a_part_is_refused_where_it_is_written(missing: str):
    whole = {"label_id": "Kunci", "sensitivity": Sensitivity.OPERATIONAL, "scope": "case:read"}

    with pytest.raises(TypeError, match=missing):
        described("Key.", **{name: value for name, value in whole.items() if name != missing})

"""The golden tables are the declarations: one column a field, sealed where it is identity."""

import pytest
from sqlalchemy import Boolean, Date, DateTime, Integer, LargeBinary, Numeric, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from schema.declaration import Entity, Kind
from schema.entities import entities
from schema.tables.golden import GOLDEN, REACHED, SOUGHT

FORMS = {
    Kind.ID: Uuid,
    Kind.TEXT: Text,
    Kind.TEXTS: ARRAY,
    Kind.CODE: Text,
    Kind.CODES: ARRAY,
    Kind.DATE: Date,
    Kind.TIMESTAMP: DateTime,
    Kind.INTEGER: Integer,
    Kind.BOOLEAN: Boolean,
    Kind.MONEY: Numeric,
    Kind.OBJECTS: JSONB,
}
BESIDE = ["agencies", "provenance", "fingerprint", "epoch"]
BESIDE_REACHED = ["agencies", "provenance", "reach", "fingerprint", "epoch"]
BESIDE_SOUGHT = ["agencies", "provenance", "tokens", "fingerprint", "epoch"]
each_entity = pytest.mark.parametrize("entity", entities().values(), ids=lambda entity: entity.name)


@each_entity
def test_a_golden_table_has_a_column_for_each_field_and_says_where_it_comes_from(entity: Entity):
    table = GOLDEN[entity.name]
    beside = BESIDE_REACHED if entity.name in REACHED else BESIDE_SOUGHT if entity.name in SOUGHT else BESIDE

    assert table.name == entity.table
    assert table.comment == entity.text
    assert [(column.name, column.comment) for column in table.columns] == [
        *((field.name, field.text) for field in entity.fields),
        *((name, None) for name in beside),
    ]
    assert [column.name for column in table.primary_key] == [entity.key]
    assert [name for name in beside if table.columns[name].nullable] == []


def test_a_row_that_is_given_out_by_itself_has_a_reach_which_is_empty_until_it_is_computed():
    columns = {name: table.columns.get("reach") for name, table in GOLDEN.items()}

    assert {
        name: str(column.server_default.arg) for name, column in columns.items() if column is not None
    } == {
        "Case": "'{}'",
        "Victim": "'{}'",
        "Perpetrator": "'{}'",
    }


@each_entity
def test_a_column_has_the_form_of_its_field_and_identity_is_bytes(entity: Entity):
    table = GOLDEN[entity.name]

    assert {field.name: type(table.columns[field.name].type) for field in entity.fields} == {
        field.name: LargeBinary if field.sealed else FORMS[field.kind] for field in entity.fields
    }


@each_entity
def test_a_time_has_its_zone_and_an_amount_its_cents(entity: Entity):
    columns = {field.name: GOLDEN[entity.name].columns[field.name].type for field in entity.fields}

    assert [name for name, form in columns.items() if isinstance(form, DateTime) and not form.timezone] == []
    assert {(form.precision, form.scale) for form in columns.values() if isinstance(form, Numeric)} <= {
        (18, 2)
    }


@each_entity
def test_what_is_sorted_has_an_index_and_what_is_sealed_has_none(entity: Entity):
    indexed = {column.name for index in GOLDEN[entity.name].indexes for column in index.columns}

    assert {field.name for field in entity.fields if field.sortable} - {entity.key} <= indexed
    assert {field.name for field in entity.fields if field.sealed} & indexed == set()
    # The key ends an order, so it stands in an index that serves one; by tokens what is sealed is found.
    assert indexed - {entity.key} - ({"tokens"} if entity.name in SOUGHT else set()) <= {
        field.name for field in entity.fields if field.filterable or field.sortable
    }


def test_the_indexes_of_a_case_are_those_that_pay():
    assert sorted(str(index.name) for index in GOLDEN["Case"].indexes) == [
        f"ix_golden_case_{name}"
        for name in (
            "destination_country",
            "destination_region",
            "modus",
            "newest",
            "occurred_from",
            "origin_region",
            "police_report",
        )
    ]

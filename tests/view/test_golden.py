"""A golden row seals what it must seal, and says nothing of it."""

from uuid import UUID

from hub.identity import envelope
from hub.identity.keyring import SubjectKey
from hub.view import events
from hub.view.golden import GoldenRow, Secret, columns
from schema.entities import entities
from schema.tables.golden import GOLDEN

SEALING = {"Person", "Document", *events.PERSON_EVENTS, *events.VICTIM_EVENTS}
"""Entities whose rows are given their secrets where they are made; a sealed field of another would stay empty."""
PERSON = UUID(int=7)


def row(name: str, nonce: int) -> GoldenRow:
    key = SubjectKey(envelope.cipher(bytes([nonce]) * 32), 1, b"")
    return GoldenRow("Person", {"person_id": PERSON}, {"full_name": Secret(key, PERSON, name)}, ["POLRI"], {})


def test_every_entity_with_a_sealed_field_is_given_its_secrets():
    sealed = {name for name, entity in entities().items() if any(field.sealed for field in entity.fields)}

    assert sealed <= SEALING


def test_a_line_has_every_column_of_its_table_once():
    assert {name: sorted(columns(name)) for name in entities()} == {
        name: sorted(column.name for column in table.columns) for name, table in GOLDEN.items()
    }


def test_a_sealed_value_opens_at_its_place_and_is_not_read_in_the_line():
    line = row("Siti Aminah", 1).line(5).split("\t")
    cells = dict(zip(columns("Person"), line, strict=True))

    sealed = bytes.fromhex(cells["full_name"].removeprefix("\\\\x"))

    assert envelope.open_sealed(
        envelope.cipher(bytes([1]) * 32), f"golden_person.full_name:{PERSON}", sealed
    ) == (b'"Siti Aminah"')
    assert "Siti" not in "".join(line)


def test_a_row_is_told_from_another_by_what_is_in_the_clear():
    assert row("Siti Aminah", 1).fingerprint == row("Siti Aminah", 2).fingerprint


def test_a_secret_is_not_shown():
    assert "Siti" not in f"{row('Siti Aminah', 1)!r}"

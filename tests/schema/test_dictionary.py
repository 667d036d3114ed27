"""The data dictionary says of each field and code all that its declaration says, in tables that stay tables."""

from datetime import date

import pytest

from schema import dictionary
from schema.codes import Code, code_lists
from schema.declaration import Rule, Sensitivity, described, entity
from schema.entities import Case, Organisation, Person, Victim, entities


def rows(text: str) -> list[list[str]]:
    """Cells of every row of the tables of a text, heads among them."""
    return [
        [cell.strip() for cell in line.split(" | ")]
        for line in (
            line.removeprefix("| ").removesuffix(" |") for line in text.splitlines() if line[:1] == "|"
        )
        if set(line) - set("-| ")
    ]


def row_of(cls: type, field: str) -> list[str]:
    [found] = [row for row in rows(dictionary.entity_part(cls)) if row[0].split()[0] == f"`{field}`"]
    return found


def code(name: str, **changes: object) -> Code:
    whole = {
        "list": "things",
        "code": name,
        "label_en": name.title(),
        "label_id": f"Hal {name.lower()}",
        "htcds": None,
        "standard": None,
        "note": "",
        "valid_from": date(2007, 4, 19),
        "valid_to": None,
        "order": None,
    }
    return Code(**{**whole, **changes})


def test_a_field_is_a_row_with_its_sensitivity_scope_and_whose_word_wins():
    assert row_of(Case, "destination_country") == [
        "`destination_country` `destinationCountry`",
        "Negara tujuan",
        "Country of exploitation, ISO 3166-1 alpha-3.",
        "text",
        "operational",
        "`case:read`",
        "IMIGRASI > KEMLU > POLRI > KEMENSOS > KEMNAKER",
        "IC-TIP event: place of exploitation; CTDC CountryOfExploitation",
    ]


@pytest.mark.parametrize(
    ("cls", "field", "kind", "word"),
    [
        (
            Case,
            "modus",
            "code of [modus](#list-modus)",
            "SATGAS_TPPO > POLRI > KEMENSOS > KEMNAKER > IMIGRASI",
        ),
        (Case, "acts", "list of codes of [act](#list-act)", "all words together"),
        (Case, "reported_on", "date", "earliest"),
        (Case, "case_id", "id", "the hub computes it"),
        (Organisation, "name", "text", "as the agency sent it"),
    ],
)
def test_a_rule_is_told_in_words(cls: type, field: str, kind: str, word: str):
    row = row_of(cls, field)

    assert (row[3], row[6]) == (kind, word)


def test_the_key_is_called_id():
    assert row_of(Victim, "victim_id")[0] == "`victim_id` `id`"


def test_a_role_says_that_it_carries_the_person_s_fields():
    carried = "where `{role}` in a scope reads `victim`"

    assert carried in dictionary.entity_part(Victim)
    assert carried not in dictionary.entity_part(Person)


def test_an_object_inside_a_field_has_its_fields_beside_it():
    named = "`law` `law`, `article` `article`, `regime` `regime`, `valid_on` `validOn`"

    assert named in dictionary.entity_part(Case)
    assert [cls.__name__ for cls in dictionary.objects_of(Case)] == ["LegalBasis"]


def test_every_entity_and_every_list_has_its_heading():
    headings = [line for line in dictionary.entities().splitlines() if line.startswith("### ")]
    lists = [line for line in dictionary.code_list_tables().splitlines() if line.startswith("### ")]

    assert headings == [f"### {name}" for name in entities()]
    assert lists == [f"### List {name}" for name in code_lists()]


def test_a_sign_of_markdown_in_a_text_breaks_no_table():
    @entity(text="A thing.", label_id="Benda", table="golden_odd", key="odd_id", scope="case:read")
    class Odd:
        odd_id: str | None = described(
            "One | two *three*\nfour.",
            label_id="Kunci",
            sensitivity=Sensitivity.OPERATIONAL,
            scope="case:read",
            rule=Rule.EVENT,
        )

    assert r"| One \| two \*three\* four. |" in dictionary.entity_part(Odd)


def test_a_column_that_says_nothing_is_left_out():
    plain = dictionary.code_list_table("things", [code("ONE"), code("TWO")])
    full = dictionary.code_list_table(
        "things",
        [
            code("ONE", htcds="x_One", standard="IC-TIP: one", note="first", valid_from=date(2020, 1, 1)),
            code("TWO", valid_to=date(2024, 12, 31)),
            code("TEN"),
        ],
    )

    assert rows(plain) == [
        ["Code", "English", "Indonesian"],
        ["`ONE`", "One", "Hal one"],
        ["`TWO`", "Two", "Hal two"],
    ]
    assert rows(full) == [
        ["Code", "English", "Indonesian", "Valid", "HTCDS", "IC-TIP, CTDC", "Note"],
        ["`ONE`", "One", "Hal one", "from 2020-01-01", "x_One", "IC-TIP: one", "first"],
        ["`TWO`", "Two", "Hal two", "from 2007-04-19 to 2024-12-31", "", "", ""],
        ["`TEN`", "Ten", "Hal ten", "", "", "", ""],
    ]

"""Whose word wins, which values lose, and that neither order nor number of words decides it."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from hub.view import survivorship
from hub.view.survivorship import Survivors, Word
from schema.declaration import Declaration, Kind, Rule, Sensitivity, Standards

AGENCIES = ("POLRI", "KEMENSOS", "KEMNAKER", "LPSK")


def field(name: str, rule: Rule, *wins: str, sealed: bool = False) -> Declaration:
    return Declaration(
        entity="Victim",
        name=name,
        text="",
        label_id="",
        kind=Kind.CODE,
        codes=None,
        sensitivity=Sensitivity.IDENTITY if sealed else Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=rule,
        wins=wins,
        filterable=False,
        sortable=False,
        standards=Standards(),
    )


def word(agency: str, number: int, *, day: int = 1, **values) -> Word:
    return Word(agency, UUID(int=number), datetime(2026, 1, day, tzinfo=UTC), bytes([number]), values)


FIELDS = (
    field("sector", Rule.AGENCY, "LPSK", "KEMENSOS"),
    field("nik", Rule.AGENCY, "KEMENSOS", sealed=True),
    field("acts", Rule.UNION),
    field("from_on", Rule.EARLIEST),
    field("to_on", Rule.LATEST),
    field("computed", Rule.DERIVED),
)
ONE_OF = {
    "sector": some.sampled_from(("A", "B", "UNKNOWN", "", None)),
    "nik": some.sampled_from(("1", "2", None)),
    "acts": some.lists(some.sampled_from(("HARBOURING", "TRANSPORT", "UNKNOWN")), max_size=3),
    "from_on": some.sampled_from(("2025-01-01", "2025-06-01", None)),
    "to_on": some.sampled_from(("2025-01-01", "2025-06-01", None)),
    "computed": some.just("X"),
}


@some.composite
def words(draw: some.DrawFn) -> list[Word]:
    count = draw(some.integers(0, 6))
    return [
        word(
            draw(some.sampled_from(AGENCIES)),
            number,
            day=draw(some.integers(1, 3)),
            **draw(some.fixed_dictionaries({}, optional=ONE_OF)),
        )
        for number in range(count)
    ]


def told(found: Survivors) -> tuple:
    return found.values, found.provenance(), found.agencies(), found.winners


@given(words(), some.randoms(use_true_random=False))
def test_the_order_of_words_decides_nothing(said, chance):
    before = told(survivorship.survive(FIELDS, said))

    chance.shuffle(said)

    assert told(survivorship.survive(FIELDS, said)) == before


@given(words())
def test_what_is_absent_never_beats_what_is_said(said):
    found = survivorship.survive(FIELDS, said).values

    for declaration in FIELDS[:-1]:
        name = declaration.name
        present = [one.values[name] for one in said if not survivorship.is_absent(one.values.get(name))]
        assert (name in found) == bool(present)
    assert "computed" not in found
    assert "UNKNOWN" not in str(found)


@given(words())
def test_every_value_is_somebodys_word_and_every_loser_is_kept(said):
    found = survivorship.survive(FIELDS, said)

    for name in ("sector", "nik", "from_on", "to_on"):
        present = {
            one.record_id: one.values[name]
            for one in said
            if not survivorship.is_absent(one.values.get(name))
        }
        lost = {one["record"] for one in found.conflicts if one["field"] == name}
        if present:
            assert found.winners[name].values[name] == found.values[name]
        assert lost == {record for record, value in present.items() if value != found.values[name]}
    assert found.values.get("acts", []) == sorted(
        {act for one in said for act in one.values.get("acts", ()) if act != "UNKNOWN"}
    )


@given(words())
def test_the_usual_case_of_one_word_is_no_other_rule(said):
    if said:
        alone = survivorship.survive(FIELDS, said[:1])
        silent = word("POLRI", 99, day=1)
        beside = survivorship.survive(FIELDS, [said[0], silent])

        assert alone.values == beside.values
        assert alone.winners == beside.winners
        assert alone.conflicts == beside.conflicts == []
        kept = [one for one in beside.provenance()["sources"] if one["record"] != silent.record_id]
        assert [(one["record"], one["fields"]) for one in kept] == [
            (one["record"], sorted(one["fields"])) for one in alone.provenance()["sources"]
        ]


@pytest.mark.parametrize(
    ("said", "winner"),
    [
        # The strongest agency, however old its word.
        ([word("KEMENSOS", 1, sector="A"), word("POLRI", 2, day=9, sector="B")], "A"),
        ([word("KEMENSOS", 1, sector="A"), word("LPSK", 2, sector="B")], "B"),
        # Among the rest the newest, then the agency's name, then the key.
        ([word("POLRI", 1, day=1, sector="A"), word("KEMNAKER", 2, day=2, sector="B")], "B"),
        ([word("POLRI", 1, day=2, sector="A"), word("KEMNAKER", 2, day=1, sector="B")], "A"),
        ([word("POLRI", 1, sector="A"), word("KEMNAKER", 2, sector="B")], "B"),
        ([word("POLRI", 1, sector="A"), word("POLRI", 2, sector="B")], "A"),
        # Absence has no rank.
        ([word("LPSK", 1, sector="UNKNOWN"), word("POLRI", 2, sector="B")], "B"),
        ([word("LPSK", 1, sector=None), word("POLRI", 2, sector="B")], "B"),
    ],
)
def test_the_strongest_agency_wins_then_the_newest_word(said, winner):
    assert survivorship.survive(FIELDS, said).values == {"sector": winner}


def test_provenance_names_who_won_what_and_what_was_said_otherwise():
    said = [
        word("POLRI", 1, day=3, sector="B", nik="1", acts=["TRANSPORT"], from_on="2025-06-01"),
        word("KEMENSOS", 2, day=2, sector="A", nik="2", acts=["HARBOURING"], from_on="2025-01-01"),
        word("KEMNAKER", 3, day=1, sector="A"),
    ]

    found = survivorship.survive(FIELDS, said)

    at = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3)]
    assert found.values == {
        "sector": "A",
        "nik": "2",
        "acts": ["HARBOURING", "TRANSPORT"],
        "from_on": "2025-01-01",
    }
    assert found.agencies() == ["KEMENSOS", "KEMNAKER", "POLRI"]
    assert found.provenance() == {
        "sources": [
            {"agency": "POLRI", "record": UUID(int=1), "at": at[2], "fields": ["acts"]},
            {
                "agency": "KEMENSOS",
                "record": UUID(int=2),
                "at": at[1],
                "fields": ["acts", "from_on", "nik", "sector"],
            },
            {"agency": "KEMNAKER", "record": UUID(int=3), "at": at[0], "fields": []},
        ],
        "conflicts": [
            {"field": "sector", "agency": "POLRI", "record": UUID(int=1), "at": at[2], "value": "B"},
            # That the NIKs differ is told; which they are is not.
            {"field": "nik", "agency": "POLRI", "record": UUID(int=1), "at": at[2], "value": None},
            {
                "field": "from_on",
                "agency": "POLRI",
                "record": UUID(int=1),
                "at": at[2],
                "value": "2025-06-01",
            },
        ],
    }

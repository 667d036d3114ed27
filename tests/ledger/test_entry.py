"""An entry has one form in bytes, and no room for what it must not say."""

import json
from datetime import datetime, timedelta, timezone

import pytest

from hub.ledger.entry import canonical
from tests.ledger.conftest import START

VECTORS = [
    # RFC 8785 section 3.2.2: text, literals, integers
    (
        {"string": "€$\u000f\u000aA'B\u0022\u005c\\\u0022/", "literals": [None, True, False]},
        '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    ),
    # section 3.2.3 as far as names are ASCII: sorted by their units, not by length or case
    ({"b": 1, "a": 2, "B": 3, "aa": 4, "1": 5, "_": 6}, '{"1":5,"B":3,"_":6,"a":2,"aa":4,"b":1}'),
    # section 3.2.2.2: the five short escapes, the rest of the controls in lower case, and nothing else
    ("\b\t\n\f\r", '"\\b\\t\\n\\f\\r"'),
    ("\u0000\u001f\u007f\u2028é\U0001f600</", '"\\u0000\\u001f\x7f\u2028é\U0001f600</"'),
    # no spaces anywhere, empty things stay
    ({"a": [], "b": {}, "c": [1, [2]]}, '{"a":[],"b":{},"c":[1,[2]]}'),
    (2**53 - 1, "9007199254740991"),
    (-1, "-1"),
]


@pytest.mark.parametrize(("value", "text"), VECTORS)
def test_json_is_that_of_rfc_8785(value, text):
    assert canonical(value) == text.encode()


def test_half_a_surrogate_pair_has_no_canonical_form():
    with pytest.raises(ValueError, match="surrogates"):
        canonical("\ud83d")


def test_a_number_that_not_all_readers_agree_on_has_no_canonical_form():
    with pytest.raises(ValueError, match="canonical"):
        canonical(2**53)


def test_a_body_says_all_of_an_entry_and_nothing_else(make_entry):
    entry = make_entry(
        account_id="https://login.example#7",
        counted=12,
        release="2026-1",
        as_of=(datetime(2026, 3, 1, tzinfo=timezone(timedelta(hours=7))),),
    )

    assert json.loads(entry.body()) == {
        "form": 2,
        "request_id": "0f",
        "at": "2026-03-01T08:00:00.000000Z",
        "kind": "query",
        "client_id": "polri-penyidik",
        "account_id": "https://login.example#7",
        "agency": "POLRI",
        "purpose": "investigation",
        "grants": ["01900000-0000-7000-8000-000000000001/1"],
        "outcome": "answered",
        "code": None,
        "operation": "0" * 64,
        "coordinates": ["Query.cases", "Victim.status"],
        "subjects": ["abcdefghijklmnop"],
        "row_count": 1,
        "counted": 12,
        "about": None,
        "release": "2026-1",
        "as_of": ["2026-02-28T17:00:00.000000Z"],
    }


def test_the_same_entry_has_the_same_bytes_wherever_its_clock_stands(make_entry):
    elsewhere = START.astimezone(timezone(timedelta(hours=7)))

    assert make_entry(at=elsewhere).body() == make_entry().body()


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "look"},
        {"outcome": "perhaps"},
        {"at": datetime(2026, 3, 1)},  # noqa: DTZ001 -- it must be refused
        {"as_of": (datetime(2026, 3, 1),)},  # noqa: DTZ001 -- it must be refused
        {"as_of": (START, START)},
        {"operation": "query { victims { name } }"},
        {"coordinates": ("Victim.status", "Query.cases")},
        {"coordinates": ("Victim.status", "Victim.status")},
        {"coordinates": ('where: {name: "x"}',)},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_has_not_its_form_is_no_entry(make_entry, wrong):
    with pytest.raises(ValueError, match=r".+"):
        make_entry(**wrong)

"""Whatever an agency sends, a thing becomes Records or Violations: nothing is raised, and no rule says a value."""

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.mapping import load
from connectors.protocol import Raw
from connectors.transport import unread
from hub.sandbox.polri import body_of
from hub.sandbox.population import Population
from hub.sandbox.wire import AGENCIES, Agency
from schema.record import Json, Record, Violation

MARK = "rahasia"
"""Stands in every generated text, so that a text which leaks is recognised whatever else is in it."""

TEXTS = st.one_of(
    st.text(max_size=12).map(lambda text: f"{MARK}{text}"),
    st.from_regex(r"[0-9]{1,4}[-/.][0-9]{1,4}[-/.][0-9]{1,4}( [0-9]{2}:[0-9]{2})?", fullmatch=True),
    st.from_regex(r"[0-9T:.+\-]{0,26}", fullmatch=True),
    st.from_regex(r"\d{1,16}", fullmatch=True),
    st.just("0001-01-01T00:00:00"),
    st.just("9999-12-31T23:59:59-12:00"),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXTS,
)
VALUES = st.recursive(
    SCALARS,
    lambda inside: st.one_of(
        st.lists(inside, max_size=3), st.dictionaries(st.text(max_size=8), inside, max_size=3)
    ),
    max_leaves=6,
)
TIMES = st.one_of(st.none(), st.datetimes(datetime(2000, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 -- the strategy wants bounds without a zone


def sound(agency: Agency) -> list[tuple[str, dict[str, Json]]]:
    """One unbroken thing of each object of an agency."""
    found: dict[str, dict[str, Json]] = {}
    for record in Population(7, 20).records(agency):
        if not record.broken and not record.withdrawn and record.object != "penundaan":
            fields = orjson.loads(body_of(record)) if agency == "polri" else dict(record.fields)
            found[record.object] = fields
    return list(found.items())


THINGS = {agency: sound(agency) for agency in AGENCIES}


@st.composite
def raws(draw: st.DrawFn, agency: Agency) -> Raw:
    """A sound thing in which some fields, of its parts too, have any value."""
    name, fields = draw(st.sampled_from(THINGS[agency]))
    changed = draw(st.dictionaries(st.sampled_from(sorted(fields)), VALUES, max_size=6))
    merged: dict[str, Json] = {**fields, **changed}
    for part in ("korban", "tersangka"):
        listed = merged.get(part)
        if isinstance(listed, list) and listed and isinstance(listed[0], dict):
            wires = st.dictionaries(st.sampled_from(sorted(listed[0]) or ["no_urut"]), VALUES, max_size=4)
            merged[part] = [{**listed[0], **draw(wires)}, *listed[1:]]
    return Raw(object=name, fields=merged, changed_at=draw(TIMES), deleted=draw(st.booleans()))


@pytest.mark.parametrize("agency", AGENCIES)
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_value_gives_a_record_or_a_violation_that_tells_no_value(agency: Agency, data: st.DataObject):
    mapping = load(agency)
    raw = data.draw(raws(agency))

    found = list(mapping.map(raw))
    drifts = list(mapping.drift(raw))

    assert found
    assert all(isinstance(one, Record | Violation) for one in found)
    assert all(one.rules for one in found if isinstance(one, Violation))
    assert MARK not in repr([one.rules for one in found if isinstance(one, Violation)])
    assert MARK not in repr(drifts)
    # What goes into the store is JSON that PostgreSQL can keep.
    kept = orjson.dumps([[one.facts, one.events] for one in found if isinstance(one, Record)])
    assert b"\\u0000" not in kept


@pytest.mark.parametrize("agency", AGENCIES)
@settings(max_examples=100, deadline=None)
@given(fields=st.dictionaries(st.text(max_size=8), VALUES, max_size=4), name=st.text(max_size=8))
def test_an_object_that_the_file_does_not_name_is_a_violation(
    agency: Agency, fields: dict[str, Json], name: str
):
    found = list(load(agency).map(Raw(object=f"?{name}", fields=fields, changed_at=None)))

    assert [type(one) for one in found] == [Violation]


def test_no_word_of_the_machinery_is_special_in_a_value():
    name, fields = next(thing for thing in THINGS["kemnaker"] if thing[0] == "penempatan")
    raw = Raw(object=name, fields={**fields, "nama": "absent"}, changed_at=datetime(2026, 1, 1, tzinfo=UTC))

    (found,) = load("kemnaker").map(raw)

    assert isinstance(found, Record)
    assert found.identity["full_name"] == "absent"


@pytest.mark.parametrize(
    ("agency", "name"),
    [
        ("polri", "laporan_polisi"),
        ("imigrasi", "paspor"),
        ("imigrasi", "perlintasan"),
        ("kemensos", "klien_rptc"),
    ],
)
def test_what_came_in_place_of_a_row_is_a_violation_and_no_drift(agency: Agency, name: str):
    raw = Raw(object=name, fields={unread.FIELD: MARK}, changed_at=datetime(2026, 1, 1, tzinfo=UTC))

    (found,) = load(agency).map(raw)

    assert isinstance(found, Violation)
    assert (found.key, found.raw) == (None, {unread.FIELD: MARK})
    assert list(load(agency).drift(raw)) == []

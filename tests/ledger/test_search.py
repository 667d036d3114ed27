"""A search of the ledger finds what there is of a stretch of time, for whom it is, however many records lie beside it."""

import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from hub.ledger import search as searching
from hub.ledger.search import EVERYBODY, Whose, search

BEGINS = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
COUNT = 300
AGENCIES = ("POLRI", "KEMENSOS", None)
GRANTS = ("g-1/1", "g-2/1", "g-2/2")


def said(number: int) -> dict:
    """What the record of that number says."""
    return {
        "client_id": f"client-{number % 5}",
        "agency": AGENCIES[number % 3],
        "kind": "query",
        "grants": [GRANTS[number % 3]],
        "nth": number,
    }


def at(number: int) -> datetime:
    """When it was written: some at one moment, and none for an hour in between."""
    return BEGINS + timedelta(seconds=number // 3 * 40) + timedelta(hours=1 if number > 150 else 0)


@pytest.fixture
def filled(cluster, database):
    """A ledger of records at known times."""
    with psycopg.connect(cluster.conninfo("hub_owner", database.name)) as owner:
        owner.execute(
            "INSERT INTO audit.era (era, system) SELECT 1, system_identifier FROM pg_control_system()"
        )
        for number in range(COUNT):
            body = json.dumps(said(number)).encode()
            owner.execute("INSERT INTO audit.record (era, at, body) VALUES (1, %s, %s)", (at(number), body))
    engine = create_engine(database.service_url.replace("postgresql://", "postgresql+psycopg://"))
    yield engine
    engine.dispose()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    since=st.integers(-4000, 12_000),
    lasts=st.integers(0, 12_000),
    client=st.sampled_from([None, *range(6)]),
    whose=st.sampled_from([None, ("POLRI", ()), ("POLRI", ("g-2/2",)), ("LPSK", ("g-1/1",)), ("LPSK", ())]),
)
def test_what_is_found_is_what_there_is(filled, since, lasts, client, whose):
    after, before = BEGINS + timedelta(seconds=since), BEGINS + timedelta(seconds=since + lasts)
    agency, owned = whose or (None, ())

    with filled.begin() as connection:
        found = search(
            connection,
            after=after,
            before=before,
            whose=EVERYBODY if whose is None else Whose(agency=agency, grants=owned),
            wanted=[] if client is None else [("client_id", f"client-{client}")],
            most=COUNT,
        )

    expected = [
        number
        for number in reversed(range(COUNT))
        if after <= at(number) < before
        and client in {None, number % 5}
        and (whose is None or said(number)["agency"] == agency or set(said(number)["grants"]) & set(owned))
    ]
    assert [one["nth"] for one in found.records] == expected
    assert [one["at"] for one in found.records] == [at(number) for number in expected]
    assert found.is_whole


def test_more_than_is_given_and_more_than_is_looked_through_are_told(filled, monkeypatch):
    whole = {"after": BEGINS, "before": BEGINS + timedelta(days=1), "whose": EVERYBODY}
    with filled.begin() as connection:
        some = search(connection, most=10, **whole)
        monkeypatch.setattr(searching, "MOST_SCANNED", 50)
        tail = search(connection, **whole)

    assert ([one["nth"] for one in some.records], some.is_whole) == (list(range(299, 289, -1)), False)
    assert ([one["nth"] for one in tail.records], tail.is_whole) == (list(range(299, 249, -1)), False)


def test_after_a_search_the_role_reads_the_ledger_no_more(filled):
    with filled.begin() as connection:
        search(connection, after=BEGINS, before=BEGINS, whose=EVERYBODY)
        role = connection.execute(text("SELECT current_user")).scalar_one()

        with pytest.raises(Exception, match="permission denied"):
            connection.execute(text("SELECT id FROM audit.record"))

    assert role == "hub_service"


def test_an_empty_ledger_has_nothing(database):
    engine = create_engine(database.service_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        found = search(connection, after=BEGINS, before=BEGINS + timedelta(days=1), whose=EVERYBODY)
    engine.dispose()

    assert (found.records, found.is_whole) == ((), True)

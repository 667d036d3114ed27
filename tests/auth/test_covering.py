"""Whether one permit opens all that another did: nothing less in any scope, for any row, and no case more closed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
from hypothesis import given
from hypothesis import strategies as st

from auth.access_token import new_id
from auth.holdings import Holding, holdings_of, listed
from auth.permit import Permit
from auth.tokens import Caller

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SCOPES = ("case:read", "victim:read", "victim.child:read")
HOLDING = st.builds(
    Holding,
    grant_id=st.uuids(),
    version=st.integers(1, 3),
    owner=st.sampled_from(["POLRI", "KEMENSOS"]),
    scopes=st.frozensets(st.sampled_from(SCOPES), min_size=1),
    purposes=st.just(("protection",)),
    jurisdictions=st.lists(st.sampled_from(["61", "64", "6171"]), max_size=2, unique=True).map(tuple),
    valid_to=st.just(NOW + timedelta(days=9)),
)
HOLDINGS = st.lists(HOLDING, max_size=4).map(tuple)
CASES = st.lists(st.integers(1, 4).map(lambda n: UUID(int=n)), max_size=3, unique=True).map(tuple)
CALLER = Caller(
    client_id="one",
    agency="POLRI",
    scopes=frozenset(SCOPES),
    purpose="protection",
    jurisdiction=(),
    token_id=new_id(),
    expires_at=NOW + timedelta(days=1),
)


def permit(holdings, excluded=()):
    held = frozenset().union(*(one.scopes for one in holdings))
    return Permit(caller=CALLER, holdings=holdings, scopes=CALLER.scopes & held, excluded=excluded)


def opened(one):
    """The model: every pair of a scope and a word or owner that it opens."""
    words = {(scope, word) for scope in one.scopes for word in one.reach(scope)}
    return words | {(scope, f"owner {owner}") for scope in one.scopes for owner in one.owners(scope)}


@given(then=HOLDINGS, now=HOLDINGS, closed_then=CASES, closed_now=CASES)
def test_one_covers_another_where_nothing_of_it_is_missing(then, now, closed_then, closed_now):
    before, after = permit(then, closed_then), permit(now, closed_now)

    expected = (
        before.scopes <= after.scopes
        and opened(before) <= opened(after)
        and set(closed_now) <= set(closed_then)
    )
    assert after.covers(before) is expected


@given(holdings=HOLDINGS, more=HOLDINGS, closed=CASES)
def test_more_grants_and_fewer_closed_cases_cover_what_was(holdings, more, closed):
    assert permit(holdings + more).covers(permit(holdings, closed))


@given(holdings=HOLDINGS)
def test_a_renewal_that_gives_the_same_covers_what_was(holdings):
    renewed = tuple(replace(one, version=one.version + 1) for one in holdings)

    assert permit(renewed).covers(permit(holdings))


@given(holdings=HOLDINGS)
def test_holdings_that_were_kept_are_what_they_were(holdings):
    assert holdings_of(orjson.dumps(listed(holdings)).decode()) == holdings

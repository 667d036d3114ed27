"""Two processes of the hub on one database: what is decided at one holds at the other, by real clocks and real sockets."""

import time

import httpx
import pytest
from sqlalchemy import create_engine

from auth import clients
from auth.assertion import CLIENT_ASSERTION_TYPE, client_assertion
from hub.clock import now
from tests.graphql.hub import PRIVATE, entitle
from tests.graphql.serving import serve

WITHIN_S = 5.0
QUESTION = {"query": "{ cases(first: 1) { nodes { id } } }"}


@pytest.fixture
def engine(cluster, own_database):
    found = create_engine(cluster.url("hub_service", own_database))
    yield found
    found.dispose()


@pytest.fixture
def both(engine, key_file, tmp_path):
    """Two processes that clients know by one name, as behind a balancer."""
    with engine.begin() as connection:
        entitle(connection, now(), "one", "two")
    database_url = engine.url.render_as_string(hide_password=False)
    folders = [tmp_path / name for name in ("first", "second")]
    for folder in folders:
        folder.mkdir()
    with (
        serve(database_url, key_file, folders[0]) as first,
        serve(database_url, key_file, folders[1], HUB_ISSUER=first.url) as second,
    ):
        yield first, second


def ask(at, token):
    header = {"Authorization": f"Bearer {token}"}
    return httpx.post(f"{at.url}/graphql", json=QUESTION, headers=header, trust_env=False)


def seconds_until_refused(at, token):
    began = time.monotonic()
    while ask(at, token).status_code == 200:
        assert time.monotonic() - began < 2 * WITHIN_S
        time.sleep(0.05)
    return time.monotonic() - began


def revoke(at, token):
    form = {
        "token": token,
        "client_assertion_type": CLIENT_ASSERTION_TYPE,
        "client_assertion": client_assertion(PRIVATE, "one", at.url, now()),
    }
    assert httpx.post(f"{at.url}/oauth/revoke", data=form, trust_env=False).status_code == 200


def test_a_token_that_is_withdrawn_at_one_process_ends_at_the_other_within_five_seconds(both):
    first, second = both
    token, kept = first.token("case:read"), first.token("case:read")
    assert [ask(one, token).status_code for one in both] == [200, 200]

    revoke(first, token)

    assert seconds_until_refused(second, token) < WITHIN_S
    assert ask(second, token).json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert ask(second, kept).status_code == 200


def test_a_client_that_is_suspended_is_refused_by_both_at_its_next_request(both, engine):
    token = both[0].token("case:read")
    assert [ask(one, token).status_code for one in both] == [200, 200]

    with engine.begin() as connection:
        clients.suspend(connection, "one", now())

    assert [ask(one, token).status_code for one in both] == [403, 403]

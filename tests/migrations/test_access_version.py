"""Every change of what decides who may do what is counted, so that whoever kept an answer knows that it is old."""

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest

from hub.database import conninfo

DECIDING = [
    "access_grant",
    "account",
    "client",
    "emergency",
    "emergency_review",
    "exclusion",
    "grant_decision",
]
CLIENT = "INSERT INTO client (client_id, description, public_jwks, created_at) VALUES ('c', '', '{}', now())"
COUNT = "SELECT version FROM access_version"


@pytest.fixture
def owner(database):
    with psycopg.connect(conninfo(database.owner_url), autocommit=True) as connection:
        yield connection


def test_the_trigger_that_counts_is_on_every_table_that_decides_and_on_no_other(owner):
    found = owner.execute(
        """SELECT tgrelid::regclass::text, tgenabled::text, pg_get_triggerdef(oid) FROM pg_trigger
           WHERE tgfoid = 'count_access_change'::regproc ORDER BY 1"""
    ).fetchall()

    said = (
        "CREATE TRIGGER counts AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.{}"
        " FOR EACH STATEMENT EXECUTE FUNCTION count_access_change()"
    )
    assert found == [(table, "O", said.format(table)) for table in DECIDING]


def test_every_table_behind_what_a_caller_holds_is_counted(owner):
    asked = owner.execute(
        """SELECT DISTINCT table_name FROM information_schema.role_table_grants
           WHERE grantee = 'hub_reader' AND table_schema = 'public' ORDER BY 1"""
    ).fetchall()
    decide_nothing = {
        *("access_version", "checkpoint", "grant_standing", "redirect", "subject_key"),
        *("departed", "event", "outbox"),
    }

    assert [
        name for (name,) in asked if not name.startswith("golden_") and name not in decide_nothing
    ] == DECIDING


@pytest.mark.parametrize("table", DECIDING)
def test_a_statement_counts_once_whatever_it_changes(owner, table):
    (before,) = owner.execute(COUNT).fetchone()
    for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):  # noqa: S608 -- a literal of this file
        owner.execute(statement.encode())

    (after,) = owner.execute(COUNT).fetchone()
    # A table that another refers to is emptied with it.
    assert after - before == {"access_grant": 3, "emergency": 3}.get(table, 2)


def test_where_a_closed_case_leads_counts_and_where_another_leads_does_not(owner):
    closed, other, new = uuid4(), uuid4(), uuid4()
    owner.execute(
        "INSERT INTO exclusion (exclusion_id, case_id, kind, excluded, sealed_reason, proposed_by, proposed_at,"
        " approved_by, approved_at) VALUES (gen_random_uuid(), %s, 'CLIENT', 'c', '', 'a', now(), 'b', now())",
        (closed,),
    )
    counts = []
    for case_id in (other, closed):
        for statement in (
            "INSERT INTO redirect (old_id, new_id, kind, since) VALUES (%(old)s, %(new)s, 'CASE', now())",
            "UPDATE redirect SET new_id = %(new)s WHERE old_id = %(old)s",
            "DELETE FROM redirect WHERE old_id = %(old)s",
        ):
            (before,) = owner.execute(COUNT).fetchone()
            owner.execute(statement.encode(), {"old": case_id, "new": new})
            (after,) = owner.execute(COUNT).fetchone()
            counts.append(after - before)

    assert counts == [0, 0, 0, 1, 1, 1]


def test_the_service_counts_by_what_it_does_and_sees_the_count_in_its_own_transaction(database):
    with psycopg.connect(conninfo(database.service_url), autocommit=True) as service:
        with service.transaction():
            service.execute(CLIENT)
            within = service.execute(COUNT).fetchall()
        service.execute("UPDATE client SET suspended_at = now()")
        after = service.execute(COUNT).fetchall()

    assert (within, after) == ([(1,)], [(2,)])


def test_what_was_taken_back_does_not_count(database):
    with psycopg.connect(conninfo(database.service_url), autocommit=True) as service:
        with service.transaction(force_rollback=True):
            service.execute(CLIENT)

        assert service.execute(COUNT).fetchall() == [(0,)]


def test_two_who_decide_at_once_are_counted_one_after_the_other(database):
    with (
        psycopg.connect(conninfo(database.service_url)) as one,
        psycopg.connect(conninfo(database.service_url)) as other,
        ThreadPoolExecutor(1) as beside,
    ):
        one.execute(CLIENT)
        second = beside.submit(other.execute, CLIENT.replace("'c'", "'d'"))
        while one.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone() == (0,):
            time.sleep(0.05)
        one.commit()
        second.result(timeout=60)
        other.commit()

        assert one.execute(COUNT).fetchall() == [(2,)]


def test_what_decides_nothing_is_not_counted(owner):
    owner.execute(
        "INSERT INTO notice VALUES (gen_random_uuid(), 'POLRI', 'EMERGENCY', gen_random_uuid(), NULL, now())"
    )

    assert owner.execute(COUNT).fetchall() == [(0,)]

"""Who may do what with the ledger: one role writes, one seals, one reads, and nobody changes."""

import psycopg
import pytest

from hub.database import conninfo

RECORD = "INSERT INTO audit.record (era, body) VALUES (1, 'x')"
SEAL = "INSERT INTO audit.seal VALUES (1, 1, '0', '1', 1, '', '', now(), '', '')"
KEY = "INSERT INTO audit.seal_key VALUES ('k', '{}', '', now(), now(), '')"
ERA = "INSERT INTO audit.era (era, system) VALUES (9, 9)"
ALLOWED = {
    "hub_service": {
        RECORD,
        ERA,
        "SELECT * FROM audit.era",
        "SELECT * FROM audit.seal",
        "SELECT kid, public_jwk, not_before, retire_at, endorsement FROM audit.seal_key",
    },
    "hub_sealer": {
        SEAL,
        KEY,
        "SELECT * FROM audit.era",
        "SELECT * FROM audit.record",
        "SELECT count(*) FROM audit.record",
        "SELECT * FROM audit.seal",
        "SELECT * FROM audit.seal_key",
        "SELECT kid, public_jwk, not_before, retire_at, endorsement FROM audit.seal_key",
    },
    "hub_auditor": {
        "SELECT * FROM audit.era",
        "SELECT * FROM audit.record",
        "SELECT count(*) FROM audit.record",
        "SELECT * FROM audit.seal",
        "SELECT kid, public_jwk, not_before, retire_at, endorsement FROM audit.seal_key",
    },
    "hub_statistics": set(),
}
STATEMENTS = [
    RECORD,
    SEAL,
    KEY,
    ERA,
    "INSERT INTO audit.record (era, xid, body) VALUES (1, '7', 'x')",
    "INSERT INTO audit.record (era, at, body) VALUES (1, '2020-01-01', 'x')",
    "INSERT INTO audit.record (id, era, body) OVERRIDING SYSTEM VALUE VALUES (7, 1, 'x')",
    "INSERT INTO audit.record (era, body) VALUES (1, 'x') RETURNING id",
    "SELECT * FROM audit.era",
    "SELECT * FROM audit.record",
    "SELECT count(*) FROM audit.record",
    "SELECT * FROM audit.seal",
    "SELECT * FROM audit.seal_key",
    "SELECT kid, public_jwk, not_before, retire_at, endorsement FROM audit.seal_key",
    *(
        statement.format(table)
        for table in ("era", "record", "seal", "seal_key")
        for statement in ("DELETE FROM audit.{}", "TRUNCATE audit.{}", "LOCK TABLE audit.{}")
    ),
    "UPDATE audit.era SET system = 1",
    "UPDATE audit.record SET body = 'x'",
    "UPDATE audit.seal SET count = 1",
    "UPDATE audit.seal_key SET kid = 'x'",
    "CREATE TABLE audit.another ()",
    "SELECT setval('audit.record_id_seq', 7)",
    "SELECT FROM public.client",
]


@pytest.mark.parametrize("role", ALLOWED)
def test_a_role_may_do_exactly_this(database, as_role, role):
    found = set()
    if role == "hub_statistics":
        with psycopg.connect(conninfo(database.statistics_url), autocommit=True) as connection:
            found = {one for one in STATEMENTS if may(connection, one)}
    else:
        with as_role(role) as connection:
            found = {one for one in STATEMENTS if may(connection, one)}

    expected = ALLOWED[role] | ({"SELECT FROM public.client"} if role == "hub_service" else set())
    assert found == expected


def may(connection, statement: str) -> bool:
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True


CHANGES = [
    "UPDATE audit.{} SET {} = {}",
    "DELETE FROM audit.{}",
    "TRUNCATE audit.{}",
    "TRUNCATE audit.{} CASCADE",
]


@pytest.mark.parametrize(
    ("table", "column"), [("era", "system"), ("record", "body"), ("seal", "count"), ("seal_key", "kid")]
)
@pytest.mark.parametrize("change", CHANGES)
def test_the_owner_may_not_change_it_either(owner, table, column, change):
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match=f"audit.{table} is append-only"):
        owner.execute(change.format(table, column, column))


def test_nor_by_an_insert_that_meets_a_row_nor_by_a_merge(owner):
    owner.execute(ERA)

    for statement in (
        ERA + " ON CONFLICT (era) DO UPDATE SET system = 1",
        "MERGE INTO audit.era e USING (SELECT 9 AS era) n ON e.era = n.era WHEN MATCHED THEN DELETE",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            owner.execute(statement)


def test_nor_does_a_session_that_plays_a_replica(cluster, database):
    with psycopg.connect(cluster.conninfo("postgres", database.name), autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")

        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            superuser.execute("DELETE FROM audit.record")


def test_whoever_else_connects_sees_nothing_of_it(owner):
    assert (
        owner.execute(
            """SELECT c.relname FROM pg_class c, aclexplode(c.relacl) a
               WHERE c.relnamespace = 'audit'::regnamespace AND a.grantee = 0
               UNION ALL
               SELECT n.nspname FROM pg_namespace n, aclexplode(n.nspacl) a
               WHERE n.nspname = 'audit' AND a.grantee = 0"""
        ).fetchall()
        == []
    )

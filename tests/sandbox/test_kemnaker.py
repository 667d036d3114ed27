"""Manpower's database answers a real PostgreSQL client."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg import errors, sql

from hub.sandbox import run
from hub.sandbox.run import Running
from hub.sandbox.stories import story
from hub.sandbox.tables import COLUMNS, KEY_COLUMN
from hub.sandbox.truth import Truth


@pytest.fixture
def connection(kemnaker: Running) -> Iterator[psycopg.Connection]:
    with psycopg.connect(kemnaker.settings["dsn"], autocommit=True) as open_connection:
        yield open_connection


@pytest.mark.parametrize("table", COLUMNS)
def test_each_table_holds_the_truth_s_rows(connection: psycopg.Connection, the_truth: Truth, table: str):
    query = sql.SQL("SELECT {} FROM pmi.{} WHERE {} NOT LIKE 'RUSAK%%'").format(
        *(sql.Identifier(name) for name in (KEY_COLUMN[table], table, KEY_COLUMN[table]))
    )

    keys = sorted(key for (key,) in connection.execute(query, ()))

    assert keys == sorted(record.key for record in the_truth.records if record.object == table)


def test_contract_columns_are_text_and_the_envelope_is_as_agreed(connection: psycopg.Connection):
    rows = connection.execute(
        "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns WHERE table_schema = 'pmi'"
    ).fetchall()

    envelope = {
        "id": ("bigint", "NO"), "diubah_pada": ("timestamp without time zone", "NO"),
        "dihapus_pada": ("timestamp without time zone", "YES"),
    }  # fmt: skip
    for table, column, kind, nullable in rows:
        assert (kind, nullable) == envelope.get(column, ("text", "YES")), (table, column)
    assert {table for table, *_ in rows} == set(COLUMNS)


def test_a_page_by_change_uses_the_index_and_gives_every_row_once(connection: psycopg.Connection):
    seen, last = [], ("-infinity", 0)
    while page := connection.execute(
        "SELECT diubah_pada, id FROM pmi.deportasi WHERE (diubah_pada, id) > (%s, %s) ORDER BY diubah_pada, id LIMIT 10",
        last,
    ).fetchall():
        seen += page
        last = page[-1]

    (count,) = connection.execute("SELECT count(*) FROM pmi.deportasi").fetchone()
    assert len(seen) == len(set(seen)) == count
    indexes = connection.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'deportasi'").fetchall()
    assert any("(diubah_pada, id)" in definition for (definition,) in indexes)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM pmi.deportasi",
        "UPDATE pmi.penempatan SET nama = ''",
        "INSERT INTO pmi.pengaduan (id, diubah_pada) VALUES (0, now())",
        "CREATE TABLE pmi.mine (x int)",
        "CREATE TABLE public.mine (x int)",
    ],
)
def test_the_reader_cannot_write_even_when_it_asks_for_a_writing_transaction(
    connection: psycopg.Connection, statement: str
):
    with pytest.raises(errors.ReadOnlySqlTransaction):
        connection.execute(statement)
    connection.execute("SET default_transaction_read_only = off")
    with pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement)


def test_the_reader_sees_nothing_else(connection: psycopg.Connection):
    with pytest.raises(errors.InsufficientPrivilege):
        connection.execute("SELECT * FROM sandbox.made")


def test_a_change_and_a_deletion_come_last(connection: psycopg.Connection, kemnaker: Running, order):
    key = next(r.key for r in story("follows_husband").records if r.object == "deportasi")
    newest = "SELECT id_deportasi, depot, dihapus_pada IS NOT NULL FROM pmi.deportasi ORDER BY diubah_pada DESC LIMIT 1"

    order(kemnaker, "change", key=key, field="depot", value="Bekenu")
    changed = connection.execute(newest).fetchone()
    order(kemnaker, "delete", key=key)
    deleted = connection.execute(newest).fetchone()

    assert (changed, deleted) == ((key, "Bekenu", False), (key, "Bekenu", True))
    assert order(kemnaker, "delete", key="none").status_code == 404


def test_rubbish_is_rows_of_nonsense(connection: psycopg.Connection, kemnaker: Running, order):
    order(kemnaker, "rubbish", count=2)

    rows = connection.execute(
        "SELECT id_pmi, status FROM pmi.penempatan WHERE id_pmi LIKE 'RUSAK%'"
    ).fetchall()
    assert len(rows) == 2


def test_sessions_are_ended_and_refused_as_often_as_ordered(kemnaker: Running, order):
    dsn = kemnaker.settings["dsn"]
    with psycopg.connect(dsn) as open_session:
        order(kemnaker, "fail", count=2, status=503)
        with pytest.raises(psycopg.OperationalError):
            open_session.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="starting up"):
        psycopg.connect(dsn)
    with pytest.raises(psycopg.OperationalError, match="starting up"):
        psycopg.connect(dsn)
    order(kemnaker, "fail", count=1, status=403)
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        psycopg.connect(dsn)
    with psycopg.connect(dsn) as session:
        assert session.execute("SELECT 1").fetchone() == (1,)


def test_starting_again_keeps_the_rows_and_takes_seconds(kemnaker: Running, sandbox_directory: Path, order):
    order(kemnaker, "rubbish", count=1)
    state = httpx.get(f"{kemnaker.control}/state", trust_env=False).json()
    os.kill(kemnaker.pid, signal.SIGTERM)
    os.waitpid(kemnaker.pid, 0)

    started = time.monotonic()
    (again,) = run.start(sandbox_directory, seed=state["seed"], size=state["size"], agencies=["kemnaker"])

    assert time.monotonic() - started < 10
    after = httpx.get(f"{again.control}/state", trust_env=False).json()
    assert {table: after[table] for table in COLUMNS} == {table: state[table] for table in COLUMNS}

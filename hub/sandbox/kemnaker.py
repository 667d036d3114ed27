"""Manpower: a PostgreSQL of its own with a role that may only read, behind a door that can be shut."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import psycopg
from psycopg import sql

from hub import embedded
from hub.clock import WIB, now
from hub.embedded import Cluster
from hub.sandbox import tables
from hub.sandbox.control import Agent, Trouble, UnknownRecord
from hub.sandbox.population import Population
from hub.sandbox.process import LOOPBACK, listen, live, port_of
from hub.sandbox.proxy import Backend, Proxy
from hub.sandbox.tables import COLUMNS, DATABASE, KEY_COLUMN, READER, SCHEMA
from hub.sandbox.truth import made_by
from hub.sandbox.wire import Agency

SUPERUSER = "postgres"
START_TIMEOUT_S = 90.0
_SETTINGS = {"shared_buffers": "'32MB'", "max_connections": "40", "synchronous_commit": "off"}
_NONSENSE = ("\u00c3\u00bf??", "99/99/9999", "##RUSAK##")


class Kemnaker(Agent):
    """Manpower's database and the door before it.

    Args:
        conninfo: how its own clerks connect.
        backend: where its server listens.
    """

    agency: Agency = "kemnaker"

    def __init__(self, conninfo: str, backend: Backend) -> None:
        self.trouble = Trouble()
        self.proxy = Proxy(backend, self.trouble)
        self._conninfo = conninfo

    async def fail(self, count: int, status: int) -> None:
        """Open sessions are ended and the next ones refused: 401 and 403 as a barred role, all else as a start-up."""
        self.trouble.fail_count, self.trouble.fail_status = count, status
        if count > 0:
            self.proxy.cut()

    async def rubbish(self, count: int) -> None:
        """So many rows of nonsense are in penempatan, with keys RUSAK-<id>."""
        await asyncio.to_thread(self._insert_nonsense, count)

    async def change(self, key: str, field: str, value: str | int) -> None:
        """Change a column of a row by its id_pmi, id_deportasi, no_tiket or id_magang.

        Raises:
            UnknownRecord: no such row or column.
        """
        await asyncio.to_thread(self._update, key, field, str(value))

    async def delete(self, key: str) -> None:
        """Mark a row as deleted.

        Raises:
            UnknownRecord: no such row.
        """
        await asyncio.to_thread(self._update, key, None, None)

    def state(self) -> dict[str, object]:
        """The number of rows by table."""
        with psycopg.connect(self._conninfo) as connection:
            return {table: _scalar(connection, table, "count(*)") for table in COLUMNS}

    def _update(self, key: str, field: str | None, value: str | None) -> None:
        with psycopg.connect(self._conninfo) as connection:
            for table, columns in COLUMNS.items():
                if field is not None and field not in columns:
                    continue
                moment = _next_moment(connection, table)
                done = connection.execute(
                    sql.SQL("UPDATE {} SET {} = %s, diubah_pada = %s WHERE {} = %s").format(
                        sql.Identifier(SCHEMA, table),
                        sql.Identifier(field or "dihapus_pada"),
                        sql.Identifier(KEY_COLUMN[table]),
                    ),
                    (moment if field is None else value, moment, key),
                )
                if done.rowcount:
                    return
        raise UnknownRecord

    def _insert_nonsense(self, count: int) -> None:
        columns = COLUMNS["penempatan"]
        statement = sql.SQL("INSERT INTO pmi.penempatan (id, {}, diubah_pada) VALUES ({})").format(
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(sql.Placeholder() * (len(columns) + 2)),
        )
        with psycopg.connect(self._conninfo) as connection:
            for _ in range(count):
                number = int(str(_scalar(connection, "penempatan", "coalesce(max(id), 0)"))) + 1
                cells = [_NONSENSE[index % len(_NONSENSE)] for index in range(len(columns) - 1)]
                row = (number, f"RUSAK-{number}", *cells, _next_moment(connection, "penempatan"))
                connection.execute(statement, row)


def _scalar(connection: tables.Connection, table: str, what: str) -> object:
    expressions = {
        "count(*)": sql.SQL("count(*)"),
        "coalesce(max(id), 0)": sql.SQL("coalesce(max(id), 0)"),
        "max(diubah_pada)": sql.SQL("max(diubah_pada)"),
    }
    statement = sql.SQL("SELECT {} FROM {}").format(expressions[what], sql.Identifier(SCHEMA, table))
    row = connection.execute(statement).fetchone()
    return row[0] if row else None


def _next_moment(connection: tables.Connection, table: str) -> datetime:
    """The present in WIB without a zone, or a second after the newest row when that is later."""
    present = now().astimezone(WIB).replace(tzinfo=None)
    newest = _scalar(connection, table, "max(diubah_pada)")
    return max(present, newest + timedelta(seconds=1)) if isinstance(newest, datetime) else present


def prepare(home: Path, population: Population) -> Cluster:
    """A server with the population's rows answers; rows of the same seed, size and code are kept as they are.

    Args:
        home: the agency's own directory.
        population: whose work.
    """
    home.mkdir(parents=True, exist_ok=True)
    cluster = embedded.start(home / "pg", start_timeout_s=START_TIMEOUT_S, extra_settings=_SETTINGS)
    cluster.create_database(DATABASE)
    cluster = cluster.create_role(READER)
    mark = orjson.dumps([population.seed, population.size, made_by()]).decode()
    with psycopg.connect(cluster.conninfo(SUPERUSER, DATABASE), autocommit=True) as connection:
        if not tables.is_loaded(connection, mark):
            tables.load(connection, population.records("kemnaker"), mark)
    return cluster


@asynccontextmanager
async def _ending(cluster: Cluster) -> AsyncGenerator[None]:
    """The server ends with the agency, whoever had started it."""
    try:
        yield
    finally:
        await asyncio.to_thread(cluster.stop, force=True)


async def run(directory: Path, population: Population, *, parent: int | None) -> None:
    """Be manpower until told to end."""
    cluster = await asyncio.to_thread(prepare, directory / "kemnaker", population)
    kemnaker = Kemnaker(cluster.conninfo(SUPERUSER, DATABASE), Backend(LOOPBACK, cluster.port))
    listening = listen()
    address = f"{READER}:{cluster.passwords[READER]}@{LOOPBACK}:{port_of(listening)}"
    settings: dict[str, object] = {"dsn": f"postgresql://{address}/{DATABASE}"}
    await live(
        kemnaker, directory, settings=settings, servers=[_ending(cluster), kemnaker.proxy.serving(listening)],
        seed=population.seed, size=population.size, made_by=made_by(), parent=parent,
    )  # fmt: skip

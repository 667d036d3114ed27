"""The tables of manpower's own database, and how a population is loaded into them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import LiteralString, TypeAlias

import psycopg
from psycopg import sql

from hub.clock import WIB
from hub.sandbox.wire import WireRecord

DATABASE: LiteralString = "siskop2mi"
SCHEMA: LiteralString = "pmi"
READER = "hub_reader"
BATCH_ROWS = 5000
Connection: TypeAlias = "psycopg.Connection[tuple[object, ...]]"

COLUMNS: Mapping[str, Sequence[str]] = {
    "penempatan": (
        "id_pmi", "id_cpmi", "nik", "nama", "tgl_lahir", "jk", "no_paspor", "kode_p3mi", "nama_p3mi", "no_sip3mi",
        "kode_sip2mi", "negara_penempatan", "jabatan", "skema", "tgl_pk", "gaji", "mata_uang", "tgl_berangkat", "embarkasi",
        "status", "no_bpjs_tk",
    ),
    "deportasi": (
        "id_deportasi", "tgl", "debarkasi", "depot", "no_surat_kjri", "nik", "nama", "jk", "prov_asal", "sektor", "penyebab",
        "tindak_lanjut",
    ),
    "pengaduan": ("no_tiket", "kategori", "tgl", "status"),
    "magang_ln": ("id_magang", "nik", "nama", "tgl_lahir", "jk", "penyelenggara", "izin", "negara", "bidang"),
}  # fmt: skip
KEY_COLUMN: Mapping[str, str] = {table: columns[0] for table, columns in COLUMNS.items()}


def is_loaded(connection: Connection, mark: str) -> bool:
    """Whether this very population is in the database."""
    row = connection.execute("SELECT to_regclass('sandbox.made')").fetchone()
    if row is None or row[0] is None:
        return False
    return connection.execute("SELECT 1 FROM sandbox.made WHERE mark = %s", (mark,)).fetchone() is not None


def load(connection: Connection, records: Iterable[WireRecord], mark: str) -> None:
    """The database holds these records and no others; one transaction.

    Args:
        connection: of a superuser, in the agency's database.
        records: in any order; each gets the next id of its table.
        mark: what `is_loaded` will look for.
    """
    with connection.transaction():
        _make_tables(connection)
        waiting: defaultdict[str, list[tuple[object, ...]]] = defaultdict(list)
        ids: defaultdict[str, int] = defaultdict(int)
        for record in records:
            ids[record.object] += 1
            waiting[record.object].append(_row(record, ids[record.object]))
            if len(waiting[record.object]) >= BATCH_ROWS:
                _copy(connection, record.object, waiting.pop(record.object))
        for table, rows in waiting.items():
            _copy(connection, table, rows)
        for table in COLUMNS:
            index = sql.SQL("CREATE INDEX ON {} (diubah_pada, id)").format(sql.Identifier(SCHEMA, table))
            connection.execute(index)
        connection.execute("INSERT INTO sandbox.made VALUES (%s)", (mark,))
    connection.execute("ANALYZE")


def _make_tables(connection: Connection) -> None:
    connection.execute("DROP SCHEMA IF EXISTS pmi CASCADE")
    connection.execute("DROP SCHEMA IF EXISTS sandbox CASCADE")
    connection.execute("CREATE SCHEMA sandbox")
    connection.execute("CREATE TABLE sandbox.made (mark text NOT NULL)")
    connection.execute("CREATE SCHEMA pmi")
    for table, columns in COLUMNS.items():
        texts = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(column)) for column in columns)
        connection.execute(
            sql.SQL(
                "CREATE TABLE {} (id bigint PRIMARY KEY, {}, diubah_pada timestamp NOT NULL, dihapus_pada timestamp)"
            ).format(sql.Identifier(SCHEMA, table), texts)
        )
    connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    connection.execute("REVOKE ALL ON DATABASE siskop2mi FROM PUBLIC")
    connection.execute("GRANT CONNECT ON DATABASE siskop2mi TO hub_reader")
    connection.execute("GRANT USAGE ON SCHEMA pmi TO hub_reader")
    connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA pmi TO hub_reader")
    connection.execute("ALTER ROLE hub_reader SET default_transaction_read_only = on")


def _row(record: WireRecord, number: int) -> tuple[object, ...]:
    """Contract columns as text, times of WIB without a zone."""
    touched = record.updated_at.astimezone(WIB).replace(tzinfo=None)
    texts = (record.fields.get(column) for column in COLUMNS[record.object])
    return (number, *texts, touched, touched if record.withdrawn else None)


def _copy(connection: Connection, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    statement = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(SCHEMA, table))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)

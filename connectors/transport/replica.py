"""Rows of an agency's PostgreSQL that we may only read, in the order of their change."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import cast

from sqlalchemy import (
    TIMESTAMP,
    URL,
    BigInteger,
    Select,
    Text,
    TypeDecorator,
    column,
    func,
    literal_column,
    select,
    table,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.sql import bindparam
from sqlalchemy.sql.expression import cast as sql_cast

from connectors.protocol import Batch, Cursor, Raw
from connectors.transport.moments import OVERLAP, WIB, Clock, before, later, mark, moment_of, now
from connectors.transport.retry import PATIENT, Patience, TryAgain
from connectors.transport.setting import is_loopback
from schema.errors import SourceChanged, SourceError, SourceRejected, SourceUnavailable
from schema.record import Json

_PARAMETERS = frozenset({"sslmode", "sslrootcert", "sslcert", "sslkey"})
# libpq gives no SQLSTATE where it could not connect: the server's own words are all there is.
_REFUSALS = (
    "authentication failed",
    "not permitted to log in",
    "pg_hba.conf",
    "does not exist",
    "permission denied",
)
_REFUSED_STATES = ("28", "42501")
_CHANGED_STATES = ("42", "22", "0A", "25006")


def dsn(value: str) -> str | None:
    """A PostgreSQL URL under verified TLS, or on this machine, without other parameters."""
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        url = URL.create("")
    if url.get_backend_name() != "postgresql" or not (url.host and url.database and url.username):
        return "write postgresql://user:password@host:port/database"
    if url.query.keys() - _PARAMETERS:
        return "after the ? only " + ", ".join(sorted(_PARAMETERS)) + " are taken"
    if not is_loopback(url.host) and url.query.get("sslmode") != "verify-full":
        return "write ?sslmode=verify-full&sslrootcert=PATH after the database; less is accepted on this machine only"
    return None


class _Document(TypeDecorator[dict[str, Json]]):
    """A row as a JSON document."""

    impl = JSONB
    cache_ok = True


@dataclass(frozen=True, slots=True)
class _Row:
    raw: Raw
    place: tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a pass stands: the table and the last row read in it, and the latest time seen in each table."""

    began_at: datetime
    newest: Mapping[str, datetime]
    table: str
    after: tuple[str, int] | None = None

    def cursor(self) -> Cursor:
        """What is kept of it within a pass."""
        return {
            "mulai": self.began_at.isoformat(),
            "terbaru": {name: moment.isoformat() for name, moment in self.newest.items()},
            "tabel": self.table,
            "setelah": list(self.after) if self.after else None,
        }

    def end(self) -> Cursor:
        """What is kept of it after the last table: the marks."""
        reached = {name: mark(moment, self.began_at) for name, moment in self.newest.items()}
        return {"terbaru": {name: moment.isoformat() for name, moment in reached.items() if moment}}


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlReplica:
    """Tables one after another, each a keyset page at a time, the page in a read-only transaction of its own.

    Short transactions, because a long one holds back the vacuum of the agency's primary or is cancelled on a standby.

    Attributes:
        agency: its word.
        url: of the database.
        schema: of the tables.
        tables: in the order of reading; the name of each is the object of its rows.
        id: column that is unique in its table and ordered.
        changed: column of the last change, never null, WIB where it has no zone.
        deleted: column that is set once the row is withdrawn.
        page_size: rows a page.
        overlap: how long before its mark a pull begins.
        answer_s: the longest a page may take.
        patience: with failures.
        clock: gives the present.
    """

    agency: str
    url: URL
    schema: str
    tables: Sequence[str]
    id: str
    changed: str
    deleted: str
    page_size: int = 1000
    overlap: timedelta = OVERLAP
    answer_s: float = 60
    patience: Patience = PATIENT
    clock: Clock = now

    async def batches(self, cursor: Cursor) -> AsyncGenerator[Batch]:
        """A batch for each page since the cursor; of tables without news none.

        Raises:
            SourceUnavailable: the database does not answer, after retries.
            SourceRejected: it refuses our role.
            SourceChanged: a table or column is not as agreed.
        """
        place = self._place(cursor)
        engine = self._engine()
        try:
            while True:
                rows = await self.patience.ask(partial(self._page, engine, place))
                uri = self._uri(place)
                newest = place.newest.get(place.table)
                for row in rows:
                    newest = later(newest, row.raw.changed_at)
                if newest is not None:
                    place = replace(place, newest={**place.newest, place.table: newest})
                following = self._following(place.table)
                if len(rows) == self.page_size:
                    place = replace(place, after=rows[-1].place)
                elif following is not None:
                    place = replace(place, table=following, after=None)
                else:
                    yield _batch(rows, place.end(), uri, is_last=True)
                    return
                if rows:
                    yield _batch(rows, place.cursor(), uri, is_last=False)
        finally:
            await engine.dispose()

    def _place(self, cursor: Cursor) -> _Place:
        """The place of a cursor; one that cannot be read is the beginning, for reading twice changes nothing."""
        marks = cursor.get("terbaru")
        found = {name: moment_of(text) for name, text in marks.items()} if isinstance(marks, dict) else {}
        newest = {name: moment for name, moment in found.items() if moment is not None}
        name, began_at = cursor.get("tabel"), moment_of(cursor.get("mulai"))
        if name not in self.tables or began_at is None:
            return _Place(began_at=self.clock(), newest=newest, table=self.tables[0])
        after = None
        match cursor.get("setelah"):
            case [str(moment), int(number)]:
                after = (moment, number)
            case _:
                pass
        return _Place(began_at=began_at, newest=newest, table=str(name), after=after)

    def _following(self, name: str) -> str | None:
        number = list(self.tables).index(name) + 1
        return self.tables[number] if number < len(self.tables) else None

    def _engine(self) -> AsyncEngine:
        """One connection at most, that cannot write and does not wait for ever."""
        limit_ms = int(self.answer_s * 1000)
        options = (
            f"-c default_transaction_read_only=on -c statement_timeout={limit_ms} -c lock_timeout={limit_ms}"
            f" -c idle_in_transaction_session_timeout={limit_ms} -c datestyle=ISO -c timezone=Asia/Pontianak"
        )
        return create_async_engine(
            self.url,
            pool_size=1,
            max_overflow=0,
            hide_parameters=True,
            connect_args={
                "options": options,
                "application_name": "tppo-hub",
                "connect_timeout": max(2, int(self.answer_s)),
                "prepare_threshold": None,
            },
        )

    async def _page(self, engine: AsyncEngine, place: _Place) -> Sequence[_Row]:
        try:
            async with asyncio.timeout(self.answer_s), engine.connect() as connection:
                found = await connection.execute(self._question(place))
                return [self._row(place.table, *row) for row in found]
        except DBAPIError as problem:
            failure = self._failure(problem)
        except (TimeoutError, OSError):
            failure = TryAgain(SourceUnavailable(self.agency, "the database does not answer in time"))
        raise failure from None

    def _question(self, place: _Place) -> Select[str, int, bool, dict[str, Json]]:
        """Rows as one document each: a value that Python cannot hold, such as the time `infinity`, fails no page."""
        times = [column(name, TIMESTAMP()) for name in (self.changed, self.deleted)]
        rows = table(place.table, column(self.id, BigInteger()), *times, schema=self.schema).alias("baris")
        changed, key = rows.c[self.changed], rows.c[self.id]
        document = func.to_jsonb(literal_column("baris"), type_=_Document())
        question = (
            select(sql_cast(changed, Text), key, rows.c[self.deleted].is_not(None), document)
            .order_by(changed, key)
            .limit(self.page_size)
        )
        newest = place.newest.get(place.table)
        if place.after is not None:
            moment, number = place.after
            begin = sql_cast(bindparam("setelah", moment, Text), TIMESTAMP)
            return question.where(tuple_(changed, key) > tuple_(begin, bindparam("id", number)))
        if newest is not None:
            since = before(newest, self.overlap).astimezone(WIB).replace(tzinfo=None)
            return question.where(changed >= since)
        return question

    def _row(self, name: str, changed: str, number: int, is_deleted: bool, document: dict[str, Json]) -> _Row:
        envelope = {self.id, self.changed, self.deleted}
        fields = {field: value for field, value in document.items() if field not in envelope}
        raw = Raw(object=name, fields=fields, changed_at=moment_of(changed), deleted=is_deleted)
        return _Row(raw, (changed, number))

    def _failure(self, problem: DBAPIError) -> TryAgain | SourceError:
        """What to raise: psycopg's own exception holds the password, SQLAlchemy's the statement."""
        state = cast("str | None", getattr(problem.orig, "sqlstate", None))
        words = str(problem.orig)
        if state is None:
            if any(sign in words for sign in _REFUSALS):
                return SourceRejected(self.agency, "the database refuses our role")
            return TryAgain(SourceUnavailable(self.agency, "the database does not answer"))
        if state.startswith(_REFUSED_STATES):
            return SourceRejected(self.agency, f"the database does not let our role read (SQLSTATE {state})")
        if state.startswith(_CHANGED_STATES):
            return SourceChanged(self.agency, f"the database has no such table or column (SQLSTATE {state})")
        return TryAgain(SourceUnavailable(self.agency, f"the database cannot answer now (SQLSTATE {state})"))

    def _uri(self, place: _Place) -> str:
        url = self.url
        return f"postgresql://{url.host}:{url.port or 5432}/{url.database}/{self.schema}/{place.table}"


def _batch(rows: Sequence[_Row], following: Cursor, uri: str, *, is_last: bool) -> Batch:
    return Batch(records=[row.raw for row in rows], next_cursor=following, is_last=is_last, source_uri=uri)

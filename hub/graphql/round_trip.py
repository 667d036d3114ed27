"""Several statements in one round trip and one transaction: the fence, and what is read behind it.

A cursor for each statement costs a request more than the guard, the ledger and the reading of its document together. Here
libpq's pipeline is driven by psycopg's own generators, and what is prepared is remembered for each connection.

Source: PostgreSQL 16, chapter 34.5 (pipeline mode); psycopg 3, `psycopg.pq`.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias
from weakref import WeakKeyDictionary

from psycopg import AsyncConnection, pq
from psycopg.abc import PQGen
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.generators import fetch_many, send
from psycopg.pq.abc import PGconn, PGresult

from hub.graphql.prepared import Statement

MOST_PREPARED: Final = 512
"""Statements that a connection keeps prepared; the least recently used one goes first."""

Row: TypeAlias = tuple[str | None, ...]


class RoundTrips:
    """Sends statements. One for each process."""

    def __init__(self, *, most_prepared: int = MOST_PREPARED) -> None:
        """Args: most_prepared: statements that each connection keeps, n >= 1."""
        self._most_prepared = most_prepared
        self._prepared: WeakKeyDictionary[AsyncConnection[Any], OrderedDict[bytes, None]] = (
            WeakKeyDictionary()
        )

    async def fetch(
        self, connection: AsyncConnection[Any], *asked: tuple[Statement, Mapping[str, Any]]
    ) -> list[Row | None]:
        """The first row of each statement, as text; None where there is none. All of them are one transaction.

        Whoever stops waiting has the server stop too.

        Args:
            connection: in autocommit, of nobody else, and outside any pipeline.
            asked: statements with their values by parameter.

        Raises:
            psycopg.Error: what the server says of the first that failed; nothing of any of them stands then.
        """
        known = self._prepared.setdefault(connection, OrderedDict())
        exchange = _Exchange(connection, known)
        for statement, values in asked:
            exchange.add(statement, values)
        while len(known) > self._most_prepared:
            exchange.forget(known.popitem(last=False)[0])
        try:
            results = await connection.wait(exchange.run())
        except BaseException:
            # Nobody knows what is prepared on it now; the pool opens another.
            await connection.close()
            raise
        exchange.note(results)
        failed = next((one for one in results if one.status == pq.ExecStatus.FATAL_ERROR), None)
        if failed is not None:
            error = error_from_result(failed)
            raise error
        return [_first(results[number]) for number in exchange.answers]


class _Exchange:
    """What goes out in one pipeline."""

    def __init__(self, connection: AsyncConnection[Any], known: OrderedDict[bytes, None]) -> None:
        self._pgconn: PGconn = connection.pgconn
        self._transformer = Transformer(connection)
        self._known = known
        self._commands: list[tuple[str, tuple[Any, ...]]] = []
        self.answers: list[int] = []
        """Which of the commands give rows."""
        self._new: dict[int, bytes] = {}

    def add(self, statement: Statement, values: Mapping[str, Any]) -> None:
        if statement.name in self._known:
            self._known.move_to_end(statement.name)
        else:
            self._known[statement.name] = None
            self._new[len(self._commands)] = statement.name
            self._commands.append(("send_prepare", (statement.name, statement.text)))
        given = [values[name] for name in statement.names]
        dumped = self._transformer.dump_sequence(given, [PyFormat.TEXT] * len(given))
        self.answers.append(len(self._commands))
        self._commands.append(("send_query_prepared", (statement.name, dumped)))

    def forget(self, name: bytes) -> None:
        self._commands.append(("send_query_params", (b'DEALLOCATE "' + name + b'"', None)))

    def note(self, results: Sequence[PGresult]) -> None:
        """What was not prepared, since it or a command before it failed, is not known."""
        for number, name in self._new.items():
            if results[number].status != pq.ExecStatus.COMMAND_OK:
                self._known.pop(name, None)

    def run(self) -> PQGen[list[PGresult]]:
        """The result of each command."""
        pgconn = self._pgconn
        pgconn.enter_pipeline_mode()
        try:
            for command, arguments in self._commands:
                getattr(pgconn, command)(*arguments)
            pgconn.pipeline_sync()
            yield from send(pgconn)
            results: list[PGresult] = []
            for _ in self._commands:
                results.append((yield from fetch_many(pgconn))[-1])  # noqa: PERF401 -- a generator cannot yield in one
            yield from fetch_many(pgconn)
            return results
        finally:
            if pgconn.status == pq.ConnStatus.OK:
                pgconn.exit_pipeline_mode()


def _first(result: PGresult) -> Row | None:
    if not result.ntuples:
        return None
    values = [result.get_value(0, column) for column in range(result.nfields)]
    return tuple(None if value is None else value.decode() for value in values)

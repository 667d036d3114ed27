"""The page and one case at ten times the cases: the same hub on both databases, interleaved in one run.

The larger one is a copy of the smaller with every golden row there ten times, each copy under ids of its own beside the
first, so that a page has the same rows to choose from in its place and ten times as many around it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace

import psycopg
from psycopg import sql
from rich.console import Console

from hub.embedded.cluster import SUPERUSER
from schema.tables import metadata
from tests.bench import contenders, filled, load, machine, questions
from tests.bench.figures import Line, Outcome, at_least, paired
from tests.bench.ground import Ground, Store, ground
from tests.bench.load import Round

TIMES = 10
_TARGET = 0.8
"""Of the requests that the smaller one answers in the same time."""
_PAGE, _ONE = "page", "one case"
_ROUNDS, _SECONDS = 5, 4
_SMALL_ROUNDS, _SMALL_SECONDS = 2, 1
_QUIET_S = 300


def run(console: Console, *, small: bool) -> Outcome:
    """The figures of both sizes."""
    load.require_wrk()
    with ground() as here, here.store("scale") as store:
        cases = filled.fill(console, here, store, filled.SMALL if small else filled.CASES)
        console.print(f"scale: every row {TIMES} times")
        with (
            _enlarged(here, store) as large,
            contenders.hub(here, store) as first,
            contenders.hub(here, large, name="large") as second,
        ):
            more = here.count(large.name, "golden_case")
            quiet = machine.wait_until_quiet(console, 0 if small else _QUIET_S)
            pages = questions.ranges(filled.regions(here, store))
            asked = {
                _PAGE: load.bodies(here.folder, "page", questions.hub_page(), pages),
                _ONE: load.bodies(here.folder, "case", questions.hub_case(), filled.ids(here, store)),
            }
            found: dict[str, list[Round]] = {}
            for what, bodies in asked.items():
                found |= load.interleaved(
                    [one.target(f"{what}, {one.name}", "/graphql", bodies) for one in (first, second)],
                    here.postmaster,
                    _SMALL_ROUNDS if small else _ROUNDS,
                    _SMALL_SECONDS if small else _SECONDS,
                    before=lambda: (first.renew(), second.renew()),
                )
        doubts = machine.contention(load.strangers(found))
        if not quiet:
            doubts = "; ".join(filter(None, ["the machine was not quiet when the rounds began", doubts]))
        return _outcome(cases, more, found, (first.name, second.name), doubts)


@contextmanager
def _enlarged(here: Ground, store: Store) -> Iterator[Store]:
    """A copy of the store with every golden row TIMES times."""
    name = f"{store.name}_large"
    here.cluster.create_database(name, template=store.name)
    try:
        with psycopg.connect(here.cluster.conninfo(SUPERUSER, name), autocommit=True) as connection:
            for table in metadata.sorted_tables:
                if table.schema is None and table.name.startswith("golden_"):
                    connection.execute(_copies(connection, table.name))
        here.settle(name)
        owner, service = here.cluster.url("hub_owner", name), here.cluster.url("hub_service", name)
        urls = {"HUB_DATABASE_URL": service, "HUB_DATABASE_OWNER_URL": owner}
        yield replace(
            store, name=name, owner_url=owner, service_url=service, environment={**store.environment, **urls}
        )
    finally:
        here.cluster.drop_database(name)


def _copies(connection: psycopg.Connection, table: str) -> sql.Composed:
    """Copies of all rows: each id of a copy differs from its first in the last digit alone, in every table alike."""
    columns = connection.execute(
        "SELECT column_name, data_type = 'uuid' FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
        (table,),
    ).fetchall()
    shifted = sql.SQL(
        "overlay({0}::text PLACING to_hex((('x' || right({0}::text, 1))::bit(4)::int + k) % 16) FROM 36)::uuid"
    )
    names = [sql.Identifier(name) for name, _ in columns]
    values = [
        shifted.format(sql.Identifier(name)) if is_id else sql.Identifier(name) for name, is_id in columns
    ]
    return sql.SQL(
        "INSERT INTO {table} ({names}) SELECT {values} FROM {table}, generate_series(1, {last}) k"
    ).format(
        table=sql.Identifier(table),
        names=sql.SQL(", ").join(names),
        values=sql.SQL(", ").join(values),
        last=sql.Literal(TIMES - 1),
    )


def _outcome(
    cases: int, more: int, found: dict[str, list[Round]], names: tuple[str, str], doubts: str | None
) -> Outcome:
    first, second = names
    ratios = {
        what: paired(
            (large.per_s, little.per_s)
            for large, little in zip(found[f"{what}, {second}"], found[f"{what}, {first}"], strict=True)
        )
        for what in (_PAGE, _ONE)
    }
    lines = [
        Line("cases", f"{cases:,} and {more:,}"),
        *(at_least(f"{what}, large / small", ratio, _TARGET, "x") for what, ratio in ratios.items()),
        *(Line(name, load.said(rounds)) for name, rounds in found.items()),
    ]
    measured = {
        "cases": [cases, more],
        "ratios": ratios,
        "medians": {name: load.medians(rounds) for name, rounds in found.items()},
        "rounds": [asdict(one) for rounds in found.values() for one in rounds],
    }
    return Outcome("scale", lines, measured, doubts)

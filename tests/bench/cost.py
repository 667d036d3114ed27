"""What the parts of an operation cost in CPU of the server and of PostgreSQL together: where the weights come from.

Each weight is the difference between two questions that differ in one part only, over how often the part is in them.
"""

import statistics
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from rich.console import Console

from hub.embedded.cluster import SUPERUSER
from hub.graphql.documents import Documents
from hub.graphql.sdl import graphql_schema
from schema.errors import QueryTooCostly
from tests.bench import contenders, ingestion, machine
from tests.bench.contenders import Contender
from tests.bench.figures import Line, Outcome, below
from tests.bench.ground import Ground, Store, ground

_CASES, _SMALL = 10_000, 1_000
_WARM, _PAIRS, _SMALL_PAIRS = 3, 60, 3
_SETTLE_S = 0.003
"""After an answer, for what the server does behind it."""
_ROWS = 100
_CONDITIONS = 20
_NAMES = (
    "caseStatus policeReport reportedOn occurredFrom occurredTo reportChannel modus geographicScope originRegion"
    " destinationCountry legalStage agencies"
)
_IDS = "query Q($i: [ID!]!) { victims(first: 100, where: {id: {in: $i}}) { nodes { %s } } }"
_REFUSED_TOKENS = 100_000
_REFUSED_TARGET_MS = 50


@dataclass(frozen=True)
class Probe:
    """One weight: what it is of, the question with the part, the one without, and how often the part is in the first."""

    weight: str
    asked: Mapping[str, Any]
    without: Mapping[str, Any] | None
    times: float


def run(progress: Console, *, small: bool) -> Outcome:
    """The weights, in microseconds of CPU.

    Args:
        progress: told how far it is.
        small: tiny sizes.
    """
    size = _SMALL if small else _CASES
    with ground() as here, here.store("cost") as store:
        with here.police(size) as (source, connection):
            ingestion.pull(progress, here, store, connection, source, ("pull", "link"))
        here.settle(store.name)
        cases = here.count(store.name, "golden_case")
        with contenders.hub(here, store) as hub:
            measured: dict[str, float] = {}
            for probe in _probes(hub, here, store, cases):
                measured[probe.weight] = _weighed(hub, here, probe, small=small)
                progress.print(f"cost: {probe.weight}: {measured[probe.weight]:,.1f} us")
    refused_ms = _refused_ms()
    lines = [Line("cases in the view", f"{cases:,}")]
    lines += [Line(name, f"{microseconds:,.2f} us") for name, microseconds in measured.items()]
    lines.append(below("100,000 tokens refused", refused_ms, _REFUSED_TARGET_MS, "ms"))
    return Outcome("cost", lines, {"microseconds": measured, "refused_ms": refused_ms, "cases": cases}, None)


def _asked(query: str, **variables: Any) -> dict[str, Any]:
    return {"query": query, "variables": variables}


def _probes(hub: Contender, here: Ground, store: Store, cases: int) -> Iterator[Probe]:
    fields = f"query F($n: Int!) {{ cases(first: $n) {{ nodes {{ id {_NAMES} }} }} }}"
    ids = "query I($n: Int!) { cases(first: $n) { nodes { id } } }"
    yield Probe("operation and its list", _asked(ids, n=0), None, 1)
    yield Probe("row with one value", _asked(ids, n=_ROWS), _asked(ids, n=0), _ROWS)
    yield Probe("value", _asked(fields, n=_ROWS), _asked(ids, n=_ROWS), _ROWS * len(_NAMES.split()))
    cursors = "query C($n: Int!) { cases(first: $n) { edges { cursor node { id } } } }"
    yield Probe("cursor", _asked(cursors, n=_ROWS), _asked(ids, n=_ROWS), _ROWS)
    nested = "query N($n: Int!, $v: Int!) { cases(first: $n) { nodes { id victims(first: $v) { nodes { id } } } } }"
    yield Probe("list below a row", _asked(nested, n=_ROWS, v=0), _asked(ids, n=_ROWS), _ROWS)
    found = hub.ask("/graphql", _asked(nested, n=_ROWS, v=50))
    rows = sum(len(one["victims"]["nodes"]) for one in found["cases"]["nodes"])
    yield Probe("row below a row", _asked(nested, n=_ROWS, v=50), _asked(nested, n=_ROWS, v=0), rows)
    totals = "query T($n: Int!) { cases(first: $n) { nodes { id victims { totalCount } } } }"
    yield Probe("total below a row, list included", _asked(totals, n=_ROWS), _asked(ids, n=_ROWS), _ROWS)
    total = "query S($n: Int!) { cases(first: $n) { totalCount nodes { id } } }"
    yield Probe(f"total of {cases:,} rows", _asked(total, n=0), _asked(ids, n=0), 1)
    groups = "{ caseload { victims(by: [SEX, STAGE]) { total groups { count key { code } } } } }"
    yield Probe("caseload, beside the operation", _asked(groups), _asked(ids, n=0), 1)
    victims = _victims(here, store)
    plain, named = _asked(_IDS % "id", i=victims), _asked(_IDS % "id fullName nik", i=victims)
    yield Probe("sealed value", named, plain, 2 * len(victims))
    yield Probe(
        "one row that a row leads to", _asked(_IDS % "id case { id }", i=victims), plain, len(victims)
    )
    entities = "query E($r: [_Any!]!) { _entities(representations: $r) { ... on Victim { id } } }"
    asked = [{"__typename": "Victim", "id": one} for one in victims]
    yield Probe("entity", _asked(entities, r=asked), _asked(entities, r=[]), len(asked))
    case_id, persons = _largest(here, store)
    then = "query A($i: ID!, $t: DateTime) { case(id: $i, asOf: $t) { id } }"
    as_of = _asked(then, i=case_id, t=datetime.now(UTC).isoformat())
    yield Probe(
        f"case of {persons} persons as of a moment, for each", as_of, _asked(then, i=case_id), persons
    )
    where = "query W($w: CaseFilter, $n: Int!) { cases(first: $n, where: $w) { nodes { id } } }"
    many = [{"reportedOn": {"gte": "1990-01-01"}}] * _CONDITIONS
    yield Probe("condition", _asked(where, n=0, w={"and": many}), _asked(where, n=0, w={}), _CONDITIONS)
    yield Probe("root that is no row", _asked("{ me { clientId } }"), None, 1)
    yield Probe("code lists", _asked("{ codeLists { name codes { code labelId labelEn } } }"), None, 1)
    yield Probe("sources", _asked("{ sources { agency lastCompleteAt } }"), None, 1)
    yield Probe("introspection", _asked("{ __schema { types { name fields { name } } } }"), None, 1)
    yield Probe("document that is compiled anew", {"cold": fields}, _asked(fields, n=0), 1)


def _victims(here: Ground, store: Store) -> list[str]:
    with psycopg.connect(here.cluster.conninfo(SUPERUSER, store.name)) as connection:
        found = connection.execute(
            "SELECT victim_id::text FROM golden_victim ORDER BY md5(victim_id::text) LIMIT %s", (_ROWS,)
        )
        return [row[0] for row in found]


def _largest(here: Ground, store: Store) -> tuple[str, int]:
    """The case with most persons, and how many."""
    with psycopg.connect(here.cluster.conninfo(SUPERUSER, store.name)) as connection:
        found = connection.execute(
            "SELECT case_id::text, count(*) FROM (SELECT case_id FROM golden_victim UNION ALL"
            " SELECT case_id FROM golden_perpetrator) part GROUP BY case_id ORDER BY count(*) DESC LIMIT 1"
        ).fetchone()
    assert found is not None
    return found[0], found[1]


def _weighed(hub: Contender, here: Ground, probe: Probe, *, small: bool) -> float:
    """Microseconds of the part: of both questions, asked in turn, the median of what each used."""
    hub.renew()
    used: dict[bool, list[float]] = {True: [], False: []}
    for number in range(-_WARM, _SMALL_PAIRS if small else _PAIRS):
        for is_whole, body in ((True, probe.asked), (False, probe.without)):
            if body is not None:
                spent = _used_us(hub, here, body)
                if number >= 0:
                    used[is_whole].append(spent)
    without = statistics.median(used[False]) if used[False] else 0.0
    return (statistics.median(used[True]) - without) / probe.times


def _used_us(hub: Contender, here: Ground, body: Mapping[str, Any]) -> float:
    """CPU microseconds of server and database for one request."""
    pids = machine.below(hub.pid, here.postmaster)
    before = machine.precisely_used_ns(pids)
    _ask(hub, body)
    time.sleep(_SETTLE_S)
    return (machine.precisely_used_ns(pids) - before) / 1000


def _ask(hub: Contender, body: Mapping[str, Any]) -> None:
    """Asks once; a question that must be compiled anew has another name each time."""
    if "cold" in body:
        body = _asked(body["cold"].replace("query F", f"query F{time.monotonic_ns()}"), n=0)
    hub.ask("/graphql", body)


def _refused_ms() -> float:
    """CPU milliseconds until a document of that many tokens is refused, the best of nine."""
    documents, text = Documents(graphql_schema()), "{" + " a" * _REFUSED_TOKENS + "}"
    best = float("inf")
    for _ in range(9):
        began = time.process_time()
        try:
            documents.get(text)
        except QueryTooCostly:
            best = min(best, 1000 * (time.process_time() - began))
    return best

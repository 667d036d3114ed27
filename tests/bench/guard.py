"""What the guard costs an operation of 50 fields: every use found anew in the variables and judged by the permit."""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from rich.console import Console

from auth.access_token import new_id
from auth.holdings import Holding, Standing
from auth.permit import Permit, permit_of
from auth.tokens import Caller
from hub.graphql import guard
from hub.graphql.catalogue import nodes
from hub.graphql.documents import Documents
from hub.graphql.sdl import graphql_schema
from schema.codes import code_list
from schema.declaration import Kind
from schema.reach import provinces
from tests.bench.figures import Line, Outcome, below

_FIELDS = 50
_ROUNDS, _COUNT = 9, 300
_TARGET_US = 1_000
_SCOPES = frozenset(
    ["case:read", "victim:read", "victim.identity:read", "victim.health:read", "victim.child:read"]
)
_NOW = datetime(2026, 3, 2, tzinfo=UTC)


def run(progress: Console, *, small: bool) -> Outcome:
    """The figures of one process without a load beside it.

    Args:
        progress: unused; it takes seconds.
        small: tiny sizes.
    """
    del progress
    columns = [
        name for name, one in nodes()["Victim"].columns.items() if one.declaration.kind is not Kind.OBJECTS
    ]
    events = [
        name
        for name, one in nodes()["ServiceEvent"].columns.items()
        if one.declaration.kind is not Kind.OBJECTS
    ]
    chosen = [*columns, *events][: _FIELDS - 5]
    below_it = " ".join(chosen[len(columns) :])
    query = (
        "query Q($w: VictimFilter, $o: [VictimOrder!]) { victims(where: $w, orderBy: $o) { totalCount nodes {"
        f" {' '.join(chosen[: len(columns)])} serviceEvents {{ nodes {{ {below_it} }} }} }} }} }}"
    )
    variables = {
        "w": {"or": [{"stage": {"isNull": False}}, {"sector": {"isNull": True}}], "sex": {"isNull": False}},
        "o": [{"field": "STAGE_SINCE", "direction": "DESC"}],
    }
    schema = graphql_schema()
    document = Documents(schema).get(query)
    operation = document.operation(None)
    permit = _permit()

    def judged() -> None:
        argued = guard.uses_of_variables(schema, operation, variables)
        guard.check(permit, guard.Uses(document.uses.selected, document.uses.argued | argued).all)

    count = _COUNT // 10 if small else _COUNT
    microseconds = statistics.median(_round(judged, count) for _ in range(_ROUNDS))
    lines = [
        Line("fields of the operation", str(len(chosen) + 5)),
        below("guard", microseconds, _TARGET_US, "us"),
    ]
    return Outcome("guard", lines, {"microseconds": microseconds, "fields": len(chosen) + 5}, None)


def _round(judged: Callable[[], None], count: int) -> float:
    began = time.perf_counter()
    for _ in range(count):
        judged()
    return (time.perf_counter() - began) / count * 1e6


def _permit() -> Permit:
    caller = Caller(
        client_id="bench",
        agency="POLRI",
        scopes=_SCOPES,
        purpose="protection",
        jurisdiction=("61",),
        token_id=new_id(),
        expires_at=_NOW + timedelta(minutes=5),
    )
    holdings = tuple(
        Holding(
            grant_id=uuid4(),
            version=1,
            owner=owner,
            scopes=_SCOPES,
            purposes=("protection",),
            jurisdictions=tuple(provinces()),
            valid_to=_NOW + timedelta(days=30),
        )
        for owner in code_list("agency")
    )
    return permit_of(caller, Standing(is_suspended=False, holdings=holdings, excluded=()), _NOW)

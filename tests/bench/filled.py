"""A database of the hub's own making: cases that it has pulled, linked and computed from the sandbox's police."""

import psycopg
from rich.console import Console

from hub.embedded.cluster import SUPERUSER
from tests.bench import ingestion
from tests.bench.ground import Ground, Store

CASES = 100_000
SMALL = 3_000
_RANDOM_CASES = 1.08
"""Random cases of the sandbox for each golden case: some are never reported to the police."""
_REGIONS, _IDS = 15, 60


def fill(console: Console, here: Ground, store: Store, wanted: int) -> int:
    """Cases by the hub's own pull, linkage and recompute of the sandbox's police; gives how many."""
    size = round(wanted * _RANDOM_CASES)
    console.print(f"{store.name}: the sandbox's police write {size:,} cases")
    with here.police(size) as (source, connection):
        ingestion.pull(console, here, store, connection, source, ("pull", "link"))
    here.settle(store.name)
    cases = here.count(store.name, "golden_case")
    if cases < wanted:
        raise RuntimeError(f"{cases} cases are fewer than the {wanted} that are to be asked for")
    return cases


def regions(here: Ground, store: Store) -> list[str]:
    """The regencies with most cases; the sandbox knows few provinces, and most of its cases begin in one."""
    with psycopg.connect(here.cluster.conninfo(SUPERUSER, store.name)) as connection:
        found = connection.execute(
            "SELECT origin_region FROM golden_case WHERE reported_on >= '2025-01-01'"
            " GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT %s",
            (_REGIONS,),
        )
        return [row[0] for row in found]


def ids(here: Ground, store: Store) -> list[dict[str, str]]:
    """Cases from all over the table."""
    with psycopg.connect(here.cluster.conninfo(SUPERUSER, store.name)) as connection:
        found = connection.execute(
            "SELECT case_id::text FROM golden_case ORDER BY md5(case_id::text) LIMIT %s", (_IDS,)
        )
        return [{"id": row[0]} for row in found]

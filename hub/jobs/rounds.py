"""A round: every source is read, what is new is linked, and then the sources that answer by key are asked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from connectors import registry
from connectors.protocol import Connector
from hub.clock import Clock
from hub.database import Pool
from hub.identity.keyring import Keyring
from hub.ingest.lookup import persons_in_cases
from hub.ingest.pull import Pulled, pull
from hub.jobs.beside import Beside
from hub.linkage.batch import Linked, link_batch
from schema.errors import SourceError

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Work:
    """What a job needs.

    Attributes:
        pool: to the hub's database.
        keyring: seals and opens.
        clock: gives the present.
        agencies: the connection of each, by its word.
        linker: command of a process that links until its standard input ends; none without it.
    """

    pool: Pool
    keyring: Keyring
    clock: Clock
    agencies: Mapping[str, Mapping[str, str]]
    linker: tuple[str, ...] = ()

    def connector(self, agency: str) -> Connector:
        """The source and mapping of an agency.

        Raises:
            SettingError: the agency is unknown, or a setting of it is missing or wrong.
        """
        lookup = persons_in_cases(self.pool, self.keyring)
        return registry.load(agency, self.agencies.get(agency, {}), lookup=lookup)


@dataclass(frozen=True, slots=True)
class Round:
    """What a round did, and which sources could not be read."""

    pulled: tuple[Pulled, ...]
    failed: tuple[SourceError, ...]


def _silent(_: Pulled | Linked) -> None:
    """Progress that nobody watches."""


async def link_some(work: Work, progress: Callable[[Linked], None] = _silent) -> int:
    """Links one batch of the queue; gives the number of sources taken from it, 0 where it was empty."""
    async with work.pool.connection() as connection:
        linked = await link_batch(connection, work.keyring, work.clock())
    if linked is None:
        return 0
    progress(linked)
    return linked.source_count


async def link_all(work: Work, progress: Callable[[Linked], None] = _silent) -> int:
    """Links until the queue is empty; gives the number of sources taken from it."""
    count = 0
    while linked := await link_some(work, progress):
        count += linked
    return count


async def run_round(
    work: Work, agencies: Sequence[str], progress: Callable[[Pulled | Linked], None] = _silent
) -> Round:
    """Reads these sources once; one that fails does not keep the others waiting.

    Args:
        work: what the jobs need.
        agencies: words of the agencies.
        progress: told after each commit.

    Raises:
        SettingError: before anything is read, if a connection is not set.
    """
    connectors = [work.connector(agency) for agency in agencies]
    pulled: list[Pulled] = []
    failed: list[SourceError] = []
    # A source that answers by key is asked for what the others brought, so it comes after them.
    for by_lookup in (False, True):
        for connector in connectors:
            if connector.by_lookup is by_lookup:
                try:
                    pulled.append(await _pull(connector, work, progress))
                except SourceError as problem:
                    failed.append(problem)
        await link_all(work, progress)
    return Round(tuple(pulled), tuple(failed))


async def _pull(connector: Connector, work: Work, progress: Callable[[Pulled | Linked], None]) -> Pulled:
    beside = Beside(work.linker, lambda count: progress(Linked(count, 0, 0, 0)))

    def watch(pulled: Pulled) -> None:
        beside.watch(pulled)
        progress(pulled)

    try:
        return await pull(connector, work.pool, work.keyring, work.clock, watch)
    finally:
        await beside.finish()

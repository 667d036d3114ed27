"""Takes a decision back: the halves are what they were before, and stay apart."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from hub.identity.keyring import Keyring
from hub.linkage import decisions
from hub.linkage.batch import begin_epoch
from hub.linkage.cases import link_cases
from hub.linkage.clusters import Edge
from hub.linkage.persons import link_persons
from hub.view import members
from hub.view.recompute import Recomputed, recompute
from schema.errors import InputInvalid
from schema.record import RecordKind


async def unlink(
    connection: AsyncConnection[Any],
    keyring: Keyring,
    one: UUID,
    other: UUID,
    *,
    decided_by: str,
    now: datetime,
) -> Recomputed:
    """Holds a source person apart from the rest of its person for ever, and restores the ids that the halves had.

    Every open match of `one` that leads towards `other` is ended; what hangs on `one` alone stays with it.

    Args:
        connection: outside any transaction.
        keyring: opens and seals.
        one: the source person that does not belong.
        other: a source person of the same person.
        decided_by: who says so.
        now: aware UTC.

    Raises:
        InputInvalid: the two are not two records of one person now.
    """
    async with connection.transaction():
        epoch = await begin_epoch(connection)
        loaded = await members.persons(connection, keyring, (one, other))
        person_id = loaded[one].entity_id if one in loaded and other in loaded else None
        if one == other or person_id is None or person_id != loaded[other].entity_id:
            raise InputInvalid("the two records are not one person now")
        sources = await members.person_sources_of(connection, {person_id})
        standing = [match for match in await decisions.open_matches(connection, sources) if match.same]
        far = _reached(other, (match.edge.pair for match in standing if one not in match.edge.pair))
        ended = [match for match in standing if one in match.edge.pair and far.intersection(match.edge.pair)]
        apart = [Edge(min(one, source), max(one, source), "NOT_SAME") for source in sorted(far)]
        await decisions.close_matches(connection, ended, now)
        await decisions.record_matches(
            connection, RecordKind.PERSON, apart, {}, now, verdict="not_same", decided_by=decided_by
        )
        persons = await link_persons(connection, keyring, sorted(sources), now)
        # A case that was joined because its victim was the same person is judged again with the persons apart.
        cases = await link_cases(connection, (), persons.ids, now)
        return await recompute(connection, keyring, persons, cases, epoch=epoch, now=now)


def _reached(start: UUID, pairs: Iterable[tuple[UUID, UUID]]) -> set[UUID]:
    """All that these pairs connect with the start."""
    neighbours: dict[UUID, set[UUID]] = {}
    for left, right in pairs:
        neighbours.setdefault(left, set()).add(right)
        neighbours.setdefault(right, set()).add(left)
    reached, rim = {start}, {start}
    while rim:
        rim = {other for source in rim for other in neighbours.get(source, ())} - reached
        reached |= rim
    return reached

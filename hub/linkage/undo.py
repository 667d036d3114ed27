"""Takes a decision back: the halves are what they were before, and stay apart."""

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from hub.identity.keyring import Keyring
from hub.linkage import decisions
from hub.linkage.batch import begin_epoch
from hub.linkage.cases import link_cases
from hub.linkage.clusters import Clusters, Edge, Traits
from hub.view import members
from hub.view.members import Touched
from hub.view.recompute import Recomputed, recompute
from schema.errors import InputInvalid
from schema.record import RecordKind

_NO_TRAITS = Traits(None, None)


async def unlink(
    connection: AsyncConnection[Any],
    keyring: Keyring,
    one: UUID,
    other: UUID,
    *,
    decided_by: str,
    now: datetime,
) -> Recomputed:
    """Holds two source persons apart for ever, and restores the ids that their halves had.

    Every open match of `one` that leads towards `other` is ended; the rest of the person stays as it is.

    Args:
        connection: outside any transaction.
        keyring: opens and seals.
        one: the source person that does not belong.
        other: a source person of the same person.
        decided_by: who says so.
        now: aware UTC.

    Raises:
        InputInvalid: the two are not one person now.
    """
    async with connection.transaction():
        epoch = await begin_epoch(connection)
        loaded = await members.persons(connection, keyring, (one, other))
        person_id = loaded[one].entity_id if one in loaded and other in loaded else None
        if person_id is None or person_id != loaded[other].entity_id:
            raise InputInvalid("the two records are not one person now")
        sources = await members.person_sources_of(connection, {person_id})
        standing = [match for match in await decisions.open_matches(connection, sources) if match.same]
        ended = [match for match in standing if one in {match.edge.older, match.edge.newer}]
        clusters = Clusters()
        for source in sorted(sources):
            clusters.add(source, _NO_TRAITS)
        for match in standing:
            if match not in ended and clusters.has(match.edge):
                clusters.rejoin(match.edge)
        apart = [
            Edge(min(one, source), max(one, source), "NOT_SAME")
            for source in sorted(sources)
            if clusters.entity_of(source) != clusters.entity_of(one)
        ]
        await decisions.close_matches(connection, ended, now)
        await decisions.record_matches(
            connection, RecordKind.PERSON, apart, {}, now, verdict="not_same", decided_by=decided_by
        )
        before = dict.fromkeys(sources, person_id)
        touched = await decisions.set_links(
            connection, RecordKind.PERSON, dict(clusters.members()), before, now
        )
        # A case that was joined because its victim was the same person is judged again with the persons apart.
        cases = await link_cases(connection, (), touched, now)
        return await recompute(connection, keyring, Touched(touched), cases, epoch=epoch, now=now)

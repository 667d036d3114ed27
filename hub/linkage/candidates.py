"""Pairs worth comparing: sources that share a blocking key."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from hub.view import members

_MOST = 200
"""Candidates of one source in one block; a block that is larger says nothing about who somebody is."""

_PAIRS = """
    SELECT p.source_id, c.source_id FROM source_person p
    CROSS JOIN LATERAL (
        (SELECT source_id FROM source_person WHERE nik_token = p.nik_token AND source_id <> p.source_id LIMIT %(most)s)
        UNION
        (SELECT source_id FROM source_person WHERE passport_token = p.passport_token
            AND source_id <> p.source_id LIMIT %(most)s)
        UNION
        (SELECT source_id FROM source_person WHERE birth_name_token = p.birth_name_token
            AND source_id <> p.source_id LIMIT %(most)s)
    ) c
    WHERE p.source_id = ANY(%(probes)s::uuid[]) AND NOT p.deleted
"""


async def pairs(connection: AsyncConnection[Any], probes: Sequence[UUID]) -> set[tuple[UUID, UUID]]:
    """Pairs (older, newer) of each probe and every source that shares a blocking key with it.

    Args:
        connection: inside the batch's transaction.
        probes: source persons, any order, n >= 1.
    """
    cursor = await connection.execute(
        _PAIRS, {"probes": members.uuid_array(probes), "most": _MOST}, binary=True
    )
    return {(min(pair), max(pair)) for pair in await cursor.fetchall()}

"""Pairs worth comparing: sources that share a blocking key."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from hub.view import members

MOST = 200
"""Others that a source may share one key with; a key that more have says nothing about who somebody is."""

_BLOCKS = ("nik_token", "passport_token", "birth_name_token")
_PAIRS = """
    SELECT p.source_id, c.block, c.source_id FROM source_person p CROSS JOIN LATERAL ({blocks}) c
    WHERE p.source_id = ANY(%(probes)s::uuid[]) AND NOT p.deleted
"""
_BLOCK = """
    (SELECT '{column}' AS block, source_id FROM source_person
     WHERE {column} = p.{column} AND source_id <> p.source_id LIMIT %(enough)s)
"""
_OLDEST = """
    SELECT (array_agg(source_id ORDER BY source_id))[1:2] FROM source_person
    WHERE {column} IN (SELECT {column} FROM source_person WHERE source_id = ANY(%s::uuid[])) GROUP BY {column}
"""
_JOINED = """
    SELECT DISTINCT s.source_id FROM source_person s JOIN source_person p ON p.{column} = s.{column}
    JOIN link_match m ON m.valid_to IS NULL AND m.verdict = 'same' AND s.source_id IN (m.left_id, m.right_id)
    WHERE p.source_id = ANY(%s::uuid[])
"""


@dataclass(frozen=True, slots=True)
class Candidates:
    """What shares a key.

    Attributes:
        pairs: (older, newer).
        crowds: the two oldest of each key that too many share, so that a person is told.
        parted: sources that were joined while fewer shared such a key.
    """

    pairs: set[tuple[UUID, UUID]]
    crowds: set[tuple[UUID, UUID]]
    parted: set[UUID]


async def candidates(connection: AsyncConnection[Any], probes: Iterable[UUID]) -> Candidates:
    """Each of these source persons with every other that shares a blocking key with it.

    Args:
        connection: inside the batch's transaction.
        probes: source persons, any order, n >= 0.
    """
    wanted = members.uuid_array(probes)
    blocks = " UNION ALL ".join(_BLOCK.format(column=column) for column in _BLOCKS)
    cursor = await connection.execute(
        _PAIRS.format(blocks=blocks).encode(), {"probes": wanted, "enough": MOST + 1}, binary=True
    )
    others: dict[tuple[str, UUID], list[UUID]] = defaultdict(list)
    for probe, block, other in await cursor.fetchall():
        others[block, probe].append(other)
    found = Candidates(set(), set(), set())
    crowded: dict[str, list[UUID]] = defaultdict(list)
    for (block, probe), ones in others.items():
        pairs = {(min(probe, other), max(probe, other)) for other in ones}
        if len(ones) <= MOST:
            found.pairs.update(pairs)
        else:
            crowded[block].append(probe)
    for block, ones in crowded.items():
        probing = (members.uuid_array(ones),)
        cursor = await connection.execute(_OLDEST.format(column=block).encode(), probing, binary=True)
        found.crowds.update([(row[0][0], row[0][1]) for row in await cursor.fetchall()])
        cursor = await connection.execute(_JOINED.format(column=block).encode(), probing, binary=True)
        found.parted.update([row[0] for row in await cursor.fetchall()])
    return found

"""Matches, links and review tasks as rows: temporal, so that each can be read later and taken back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from hub import copying
from hub.clock import uuid7
from hub.linkage.clusters import Edge
from hub.view import members
from schema.record import Json, RecordKind

MACHINE = "rule"
"""`decided_by` of a decision that a rule took; a person's decision has the person."""
_LINK_COLUMNS = ("link_id", "kind", "source_id", "entity_id", "valid_from")
_MATCH_COLUMNS = (
    *("match_id", "kind", "left_id", "right_id", "verdict", "rule", "evidence", "decided_by", "valid_from"),
)
NOT_SAME = "somebody has decided that two of them are not the same"


@dataclass(frozen=True, slots=True)
class Match:
    """An open decision on a pair."""

    match_id: UUID
    edge: Edge
    same: bool
    by_rule: bool


@dataclass(frozen=True, slots=True)
class ReviewTask:
    """A pair about which a person must decide, and the scope that the reviewer needs if it is a restricted one."""

    edge: Edge
    reason: str
    restricted: str | None = None
    evidence: Mapping[str, Json] = field(default_factory=dict[str, Json])


async def open_matches(connection: AsyncConnection[Any], source_ids: Iterable[UUID]) -> list[Match]:
    """Every open decision that has one of these sources in its pair, in the order of their ids."""
    wanted = members.uuid_array(source_ids)
    if wanted == "{}":
        return []
    cursor = await connection.execute(
        "SELECT match_id, left_id, right_id, rule, verdict, decided_by FROM link_match"
        " WHERE valid_to IS NULL AND left_id = ANY(%(ids)s::uuid[])"
        " UNION SELECT match_id, left_id, right_id, rule, verdict, decided_by FROM link_match"
        " WHERE valid_to IS NULL AND right_id = ANY(%(ids)s::uuid[]) ORDER BY match_id",
        {"ids": wanted},
        binary=True,
    )
    return [
        Match(row[0], Edge(row[1], row[2], row[3]), row[4] == "same", row[5] == MACHINE)
        for row in await cursor.fetchall()
    ]


async def asked_about(connection: AsyncConnection[Any], source_ids: Iterable[UUID]) -> set[UUID]:
    """Sources that a person was asked about together with one of these: what kept the two apart may have gone."""
    cursor = await connection.execute(
        "WITH ids AS (SELECT unnest(%s::uuid[]) AS id) SELECT right_id FROM review_task JOIN ids ON left_id = id"
        " UNION SELECT left_id FROM review_task JOIN ids ON right_id = id",
        (members.uuid_array(source_ids),),
        binary=True,
    )
    return {row[0] for row in await cursor.fetchall()}


async def close_matches(connection: AsyncConnection[Any], matches: Iterable[Match], now: datetime) -> None:
    """Ends decisions; they stay readable."""
    ended = [match.match_id for match in matches]
    if ended:
        await connection.execute("UPDATE link_match SET valid_to = %s WHERE match_id = ANY(%s)", (now, ended))


async def renew_matches(
    connection: AsyncConnection[Any],
    kind: RecordKind,
    standing: Iterable[Match],
    accepted: Sequence[Edge],
    evidence: Mapping[Edge, dict[str, Json]],
    now: datetime,
) -> None:
    """Makes the open decisions of rules be exactly these; those of people are left alone.

    Args:
        connection: inside the caller's transaction.
        kind: of all sources.
        standing: the open decisions on them.
        accepted: the pairs that hold now.
        evidence: by pair.
        now: aware UTC.
    """
    machine = [match for match in standing if match.by_rule and match.same]
    holding = set(accepted)
    known = {match.edge for match in machine}
    await close_matches(connection, [match for match in machine if match.edge not in holding], now)
    fresh = [edge for edge in accepted if edge not in known]
    await record_matches(connection, kind, fresh, evidence, now)


async def record_matches(
    connection: AsyncConnection[Any],
    kind: RecordKind,
    edges: Sequence[Edge],
    evidence: Mapping[Edge, dict[str, Json]],
    now: datetime,
    *,
    verdict: str = "same",
    decided_by: str = MACHINE,
) -> None:
    """Keeps decisions with their evidence.

    Args:
        connection: inside the caller's transaction.
        kind: of both sources.
        edges: the pairs, none of them decided already.
        evidence: similarities, never values.
        now: aware UTC.
        verdict: `same` or `not_same`.
        decided_by: MACHINE or who.
    """
    if not edges:
        return
    lines = (
        copying.line(
            (
                uuid7(),
                kind.value,
                edge.older,
                edge.newer,
                verdict,
                edge.rule,
                orjson.dumps(evidence.get(edge, {})).decode(),
                decided_by,
                now,
            )
        )
        for edge in edges
    )
    await copying.copy(connection, "link_match", _MATCH_COLUMNS, lines)


async def set_links(
    connection: AsyncConnection[Any],
    kind: RecordKind,
    entity_by_source: Mapping[UUID, UUID],
    before: Mapping[UUID, UUID | None],
    now: datetime,
) -> set[UUID]:
    """Makes these sources belong to these entities.

    Args:
        connection: inside the caller's transaction.
        kind: of the sources.
        entity_by_source: what should hold.
        before: the entity of each source until now, None for a new one.
        now: aware UTC.

    Returns:
        Ids of the entities whose members changed, those that no longer are included.
    """
    moved = {source: entity for source, entity in entity_by_source.items() if before.get(source) != entity}
    ended = [source for source in moved if before.get(source) is not None]
    if ended:
        await connection.execute(
            "UPDATE link SET valid_to = %s WHERE source_id = ANY(%s) AND valid_to IS NULL", (now, ended)
        )
    lines = [copying.line((uuid7(), kind.value, source, entity, now)) for source, entity in moved.items()]
    await copying.copy(connection, "link", _LINK_COLUMNS, lines)
    return {*moved.values(), *(entity for source in ended if (entity := before.get(source)) is not None)}


async def open_reviews(
    connection: AsyncConnection[Any],
    kind: RecordKind,
    reviews: Sequence[ReviewTask],
    now: datetime,
) -> int:
    """Asks a person about pairs; a pair is asked about once.

    Args:
        connection: inside the caller's transaction.
        kind: of both sources.
        reviews: any order; of two on one pair a restricted one holds.
        now: aware UTC.

    Returns:
        How many tasks are new.
    """
    opened = 0
    for one in sorted(reviews, key=lambda review: (review.edge.pair, review.restricted is None)):
        inserted = await connection.execute(
            "INSERT INTO review_task (review_id, kind, left_id, right_id, rule, reason, restricted, evidence,"
            " opened_at, state) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'open') ON CONFLICT DO NOTHING",
            (
                uuid7(),
                kind.value,
                *one.edge.pair,
                one.edge.rule,
                one.reason,
                one.restricted,
                Jsonb(one.evidence),
                now,
            ),
        )
        opened += inserted.rowcount
    return opened

"""Decides which source cases are one case.

C1  the same police report number, in all its spellings
C2  a case that a source does not number exists because somebody was a victim: it is the one numbered case of that
    person, if there is exactly one within a year
C3  two such cases of one person within a year are one, where no numbered case is near

Source: case evidence of the domain reference, section 7; ADR-0015.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from hub.linkage import clusters, decisions
from hub.linkage.clusters import Edge, Traits
from hub.linkage.decisions import ReviewTask
from hub.view import members
from hub.view.members import CaseSource, Touched
from schema.record import Json, RecordKind

_NEAR = 366
"""Days between a shelter's intake and the report of the same case."""

_SAME_REPORT = """
    SELECT p.source_id, c.source_id FROM source_case p
    JOIN source_case c ON c.police_report = p.police_report AND c.source_id <> p.source_id AND NOT c.deleted
    WHERE p.source_id = ANY(%s::uuid[]) AND NOT p.deleted
"""
_CASES_OF_VICTIMS = """
    SELECT s.role = 'VICTIM' AND NOT s.deleted AND NOT c.deleted, l.entity_id, c.source_id FROM link l
    JOIN source_person s ON s.source_id = l.source_id
    JOIN source_case c ON c.agency = s.agency AND c.object = s.case_object AND c.key = s.case_key
    WHERE l.entity_id = ANY(%s::uuid[]) AND l.valid_to IS NULL
"""
_VICTIMS_IN = """
    SELECT s.role = 'VICTIM' AND NOT s.deleted, l.entity_id FROM source_case c
    JOIN source_person s ON s.agency = c.agency AND s.case_object = c.object AND s.case_key = c.key
    JOIN link l ON l.source_id = s.source_id AND l.valid_to IS NULL
    WHERE c.source_id = ANY(%s::uuid[])
"""
# Who is a victim is told and not asked for: without statistics, as after a first load, the planner takes victims for
# few, and reads all of them with every batch to find those few cases.


@dataclass(slots=True)
class _Scope:
    """The probes and all that they can change: their cases, and those that a rule joins to them."""

    loaded: dict[UUID, CaseSource] = field(default_factory=dict[UUID, CaseSource])
    sources: set[UUID] = field(default_factory=set[UUID])
    found: dict[Edge, dict[str, Json]] = field(default_factory=dict[Edge, dict[str, Json]])


async def link_cases(
    connection: AsyncConnection[Any], probes: Sequence[UUID], person_ids: Iterable[UUID], now: datetime
) -> Touched[CaseSource]:
    """Links these source cases, and those that touched persons are or were victims in.

    As with persons, all that a rule can reach is decided anew.

    Args:
        connection: inside the batch's transaction, holding the epoch's row.
        probes: new or changed source cases, n >= 0.
        person_ids: persons touched by the batch, whose unnumbered cases are decided anew.
        now: aware UTC.

    Returns:
        The cases touched.
    """
    scope = await _scope(connection, set(probes), set(person_ids))
    if not scope.sources:
        return Touched(set())
    standing = await decisions.open_matches(connection, scope.sources)
    by_people = {match.edge.pair: match for match in standing if not match.by_rule}
    judged = [match for match in by_people.values() if scope.sources.issuperset(match.edge.pair)]
    found = {edge: said for edge, said in scope.found.items() if edge.pair not in by_people}
    clustered = clusters.cluster(
        scope.sources,
        lambda one: _traits(scope.loaded[one]),
        decided=[match.edge for match in judged if match.same],
        found=found,
        against={match.edge.pair: decisions.NOT_SAME for match in judged if not match.same},
        largest=None,
    )
    await decisions.renew_matches(connection, RecordKind.CASE, standing, clustered.accepted, found, now)
    asked = [ReviewTask(one.edge, one.reason, one.restricted, found[one.edge]) for one in clustered.refused]
    await decisions.open_reviews(connection, RecordKind.CASE, asked, now)
    before = {one: scope.loaded[one].entity_id for one in scope.sources}
    touched = await decisions.set_links(connection, RecordKind.CASE, clustered.entity_by_source, before, now)
    touched |= {clustered.entity_by_source[probe] for probe in probes}
    return Touched(touched, *members.settled(scope.loaded, clustered.entity_by_source, before))


async def _scope(connection: AsyncConnection[Any], probes: set[UUID], person_ids: set[UUID]) -> _Scope:
    scope = _Scope()
    held = await decisions.asked_about(connection, probes)
    rim = probes | await members.case_sources_of(
        connection, await members.cases_telling_of(connection, person_ids)
    )
    asked: set[UUID] = set()
    harmed = person_ids
    while rim or harmed:
        scope.sources |= rim
        harmed = (harmed | await _victims_in(connection, rim)) - asked
        of_person = await _cases_of_victims(connection, harmed)
        asked |= harmed
        harmed = set[UUID]()
        reported = await _same_report(connection, rim)
        known = rim.union(held, *reported, *of_person.values())
        scope.loaded.update(await members.cases(connection, known - scope.loaded.keys()))
        ready = probes | {one for one, source in scope.loaded.items() if source.entity_id is not None}
        wanted = _wanted(scope.loaded, ready, reported, of_person)
        scope.found |= wanted
        # A case that no rule joins any longer has to be looked at as well.
        alone = {
            one for ones in of_person.values() for one in ones if one in ready and scope.loaded[one].implied
        }
        entities = {entity for one in rim | alone if (entity := scope.loaded[one].entity_id) is not None}
        whole = await members.case_sources_of(connection, entities)
        rim = whole.union(alone, held & ready, *(edge.pair for edge in wanted)) - scope.sources
    return scope


def _traits(source: CaseSource) -> Traits:
    """What numbers a case, so that an unnumbered one cannot make two of two that have numbers one."""
    if source.implied or source.deleted:
        return Traits()
    return Traits(number=source.police_report.encode() if source.police_report else source.source_id.bytes)


async def _same_report(connection: AsyncConnection[Any], probes: set[UUID]) -> set[tuple[UUID, UUID]]:
    if not probes:
        return set()
    cursor = await connection.execute(_SAME_REPORT, (members.uuid_array(probes),), binary=True)
    return {(min(pair), max(pair)) for pair in await cursor.fetchall()}


async def _victims_in(connection: AsyncConnection[Any], probes: set[UUID]) -> set[UUID]:
    if not probes:
        return set()
    cursor = await connection.execute(_VICTIMS_IN, (members.uuid_array(probes),), binary=True)
    return {person_id for is_victim, person_id in await cursor.fetchall() if is_victim}


async def _cases_of_victims(
    connection: AsyncConnection[Any], person_ids: Iterable[UUID]
) -> dict[UUID, list[UUID]]:
    wanted = members.uuid_array(person_ids)
    found: dict[UUID, list[UUID]] = {}
    if wanted != "{}":
        cursor = await connection.execute(_CASES_OF_VICTIMS, (wanted,), binary=True)
        for is_victim, person_id, source_id in await cursor.fetchall():
            if is_victim:
                found.setdefault(person_id, []).append(source_id)
    return found


def _wanted(
    loaded: Mapping[UUID, CaseSource],
    ready: set[UUID],
    reported: Iterable[tuple[UUID, UUID]],
    of_person: Mapping[UUID, Sequence[UUID]],
) -> dict[Edge, dict[str, Json]]:
    wanted: dict[Edge, dict[str, Json]] = {
        Edge(*pair, "C1"): {"police_report": "equal"} for pair in reported if ready.issuperset(pair)
    }
    for source_ids in of_person.values():
        sources = [loaded[one] for one in sorted(set(source_ids)) if one in ready]
        wanted.update(_unnumbered(sources))
    return wanted


def _unnumbered(sources: Sequence[CaseSource]) -> dict[Edge, dict[str, Json]]:
    """Where a person's unnumbered cases belong."""
    numbered = [source for source in sources if not source.implied]
    found: dict[Edge, dict[str, Json]] = {}
    alone: list[CaseSource] = []
    for source in sources:
        if not source.implied:
            continue
        near = [other for other in numbered if (gap := _days(source, other)) is not None and gap <= _NEAR]
        distinct = {other.police_report or other.source_id for other in near}
        if len(distinct) == 1:
            other = min(near, key=lambda one: one.source_id)
            pair = sorted((source.source_id, other.source_id))
            found[Edge(pair[0], pair[1], "C2")] = {"victim": "same", "days": _days(source, other)}
        elif not distinct:
            alone.append(source)
    alone.sort(key=lambda one: (_reported_on(one) or date.max, one.source_id))
    for one, other in pairwise(alone):
        gap = _days(one, other)
        if gap is not None and gap <= _NEAR:
            pair = sorted((one.source_id, other.source_id))
            found[Edge(pair[0], pair[1], "C3")] = {"victim": "same", "days": gap}
    return found


def _reported_on(source: CaseSource) -> date | None:
    said = source.facts.get("Case", {}).get("reported_on")
    return date.fromisoformat(said) if isinstance(said, str) else None


def _days(one: CaseSource, other: CaseSource) -> int | None:
    left, right = _reported_on(one), _reported_on(other)
    return None if left is None or right is None else abs((left - right).days)

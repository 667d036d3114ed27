"""Decides which source persons are one person, and links them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations
from typing import Any
from uuid import UUID

import orjson
from psycopg import AsyncConnection

from hub.identity.keyring import Keyring, fingerprint
from hub.linkage import clusters, decisions, rules
from hub.linkage.candidates import MOST, candidates
from hub.linkage.clusters import Clustered, Edge, Traits
from hub.linkage.decisions import Match, ReviewTask
from hub.linkage.rules import Review, Same
from hub.view import members
from hub.view.members import PersonSource, Touched
from schema.record import Json, RecordKind

_DESCRIBES = ("nik", "passport", "full_name", "birth_date")
_CROWD = f"more than {MOST} records share what names one person, so it names nobody"


@dataclass(slots=True)
class _Scope:
    """The probes and all that they can change: their persons, and those whom a rule joins to them."""

    loaded: dict[UUID, PersonSource] = field(default_factory=dict[UUID, PersonSource])
    sources: set[UUID] = field(default_factory=set[UUID])
    found: dict[Edge, dict[str, Json]] = field(default_factory=dict[Edge, dict[str, Json]])
    reviews: list[ReviewTask] = field(default_factory=list[ReviewTask])


async def link_persons(
    connection: AsyncConnection[Any], keyring: Keyring, probes: Sequence[UUID], now: datetime
) -> Touched[PersonSource]:
    """Links these source persons.

    Everybody whom a rule can reach from the probes is decided anew, so that what holds follows from the records and
    from what people have decided, and not from the order of arrival.

    Args:
        connection: inside the batch's transaction, holding the epoch's row.
        keyring: opens what is sealed.
        probes: new or changed source persons, n >= 0.
        now: aware UTC.

    Returns:
        The persons touched.
    """
    if not probes:
        return Touched(set())
    scope = await _scope(connection, keyring, set(probes))
    standing = await decisions.open_matches(connection, scope.sources)
    by_people = {match.edge.pair: match for match in standing if not match.by_rule}
    found = {edge: said for edge, said in scope.found.items() if edge.pair not in by_people}
    clustered = _cluster(scope, by_people.values(), found)
    await decisions.renew_matches(connection, RecordKind.PERSON, standing, clustered.accepted, found, now)
    refused = [ReviewTask(one.edge, one.reason, one.restricted, found[one.edge]) for one in clustered.refused]
    asked = [one for one in (*refused, *scope.reviews) if one.edge.pair not in by_people]
    await decisions.open_reviews(connection, RecordKind.PERSON, asked, now)
    before = {one: scope.loaded[one].entity_id for one in scope.sources}
    touched = await decisions.set_links(
        connection, RecordKind.PERSON, clustered.entity_by_source, before, now
    )
    touched |= {clustered.entity_by_source[probe] for probe in probes}
    return Touched(touched, *members.settled(scope.loaded, clustered.entity_by_source, before))


async def _scope(connection: AsyncConnection[Any], keyring: Keyring, probes: set[UUID]) -> _Scope:
    scope = _Scope(sources=set(probes))
    crowds: set[tuple[UUID, UUID]] = set()
    decided: set[tuple[UUID, UUID]] = set()
    held = await decisions.asked_about(connection, probes)
    rim = set(probes)
    while rim:
        near = await candidates(connection, rim)
        crowds |= near.crowds
        known = rim.union(near.parted, held, *near.pairs)
        scope.loaded.update(await members.persons(connection, keyring, known - scope.loaded.keys()))
        # A source that is neither linked nor in this batch is in the queue, and finds its pairs when its turn comes.
        ready = probes | {one for one, source in scope.loaded.items() if source.entity_id is not None}
        open_pairs = {pair for pair in near.pairs - decided if ready.issuperset(pair)}
        decided |= open_pairs
        joined = _decide(scope, open_pairs)
        entities = {entity for one in rim if (entity := scope.loaded[one].entity_id) is not None}
        whole = await members.person_sources_of(connection, entities)
        rim = (whole | joined | ((near.parted | held) & ready)) - scope.sources
        scope.sources |= rim
    scope.reviews += [ReviewTask(Edge(*pair, "T0"), _CROWD) for pair in sorted(crowds)]
    return scope


def _decide(scope: _Scope, pairs: Iterable[tuple[UUID, UUID]]) -> set[UUID]:
    """Those whom a rule joins."""
    joined: set[UUID] = set()
    for older, newer in sorted(pairs):
        decision = rules.decide(scope.loaded[older], scope.loaded[newer])
        if isinstance(decision, Same):
            scope.found[Edge(older, newer, decision.rule)] = decision.evidence
            joined |= {older, newer}
        elif isinstance(decision, Review):
            edge = Edge(older, newer, decision.rule)
            scope.reviews.append(ReviewTask(edge, decision.reason, None, decision.evidence))
    return joined


def _cluster(scope: _Scope, by_people: Iterable[Match], found: Mapping[Edge, object]) -> Clustered:
    judged = [match for match in by_people if scope.sources.issuperset(match.edge.pair)]
    decided = [match.edge for match in judged if match.same]
    against = _contradictions(scope.loaded, (*found, *decided))
    against.update({match.edge.pair: decisions.NOT_SAME for match in judged if not match.same})
    return clusters.cluster(
        scope.sources,
        lambda one: _traits(scope.loaded[one]),
        decided=decided,
        found=found,
        against=against,
    )


def _traits(source: PersonSource) -> Traits:
    said = [source.identity.get(name) for name in _DESCRIBES]
    words = fingerprint(orjson.dumps([source.agency, *said, rules.exact_birth_date(source)]))
    if source.deleted:
        return Traits(words=words)
    nik = rules.valid_nik(source)
    return Traits(source.role, fingerprint(nik.encode()) if nik else None, words)


def _contradictions(
    loaded: Mapping[UUID, PersonSource], found: Iterable[Edge]
) -> dict[tuple[UUID, UUID], str]:
    """Pairs that cannot be one person, among those whom a chain of pairs would make one."""
    component: dict[UUID, set[UUID]] = {}
    for edge in found:
        older, newer = (component.setdefault(one, {one}) for one in edge.pair)
        if older is not newer:
            older |= newer
            component.update(dict.fromkeys(newer, older))
    against: dict[tuple[UUID, UUID], str] = {}
    for group in {id(group): group for group in component.values()}.values():
        by_words: dict[bytes, list[UUID]] = defaultdict(list)
        for one in group:
            by_words[_traits(loaded[one]).words].append(one)
        for some, others in combinations(by_words.values(), 2):
            reason = rules.contradiction(loaded[some[0]], loaded[others[0]])
            if reason is not None:
                against.update(
                    {(min(one, other), max(one, other)): reason for one in some for other in others}
                )
    return against

"""Decides which source persons of a batch are one person, and links them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from hub.identity.keyring import Keyring, fingerprint
from hub.linkage import candidates, decisions, rules
from hub.linkage.clusters import Clusters, Edge, Traits
from hub.linkage.decisions import Match
from hub.linkage.rules import Review, Same
from hub.view import members
from hub.view.members import PersonSource, Touched
from schema.record import Json, RecordKind

_STRENGTH = {"T1": 0, "T2": 1, "T3": 2}
_Reviews = list[tuple[Edge, str, str | None, dict[str, Json]]]


async def link_persons(
    connection: AsyncConnection[Any], keyring: Keyring, probes: Sequence[UUID], now: datetime
) -> Touched[PersonSource]:
    """Links these source persons.

    Where the record of a probe has changed, what a rule decided on it is decided anew; decisions of people stand.
    Pairs are joined in the order in which their newer source came, so where batches end makes no difference.

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
    pairs = await candidates.pairs(connection, probes)
    loaded = await members.persons(connection, keyring, {*probes, *(one for pair in pairs for one in pair)})
    await _widen(connection, keyring, loaded)
    # A source that is neither linked nor in this batch is in the queue, and finds its pairs when its turn comes.
    linked = {one for one, source in loaded.items() if source.entity_id is not None}
    ready = linked | set(probes)
    standing = await decisions.open_matches(connection, linked)
    changed = {probe for probe in probes if loaded[probe].entity_id is not None}
    dropped = [match for match in standing if not _still_holds(match, loaded, changed)]
    gone = {match.match_id for match in dropped}
    kept = [match for match in standing if match.match_id not in gone]
    decided = {(match.edge.older, match.edge.newer) for match in kept}
    open_pairs = [pair for pair in pairs if pair not in decided and ready.issuperset(pair)]
    clusters = _clusters(loaded, linked.union(*open_pairs), kept)
    found, reviews = _decide(loaded, open_pairs)
    for edge in sorted(found, key=lambda edge: (edge.newer, _STRENGTH[edge.rule], edge.older)):
        clusters.join(edge)
    reviews += [(one.edge, one.reason, one.restricted, found[one.edge]) for one in clusters.refused]
    await decisions.close_matches(connection, dropped, now)
    await decisions.record_matches(connection, RecordKind.PERSON, clusters.accepted, found, now)
    await decisions.open_reviews(connection, RecordKind.PERSON, reviews, now)
    entity_by_source = {one: one for one in ready} | clusters.members()
    before = {one: loaded[one].entity_id for one in ready}
    touched = await decisions.set_links(connection, RecordKind.PERSON, entity_by_source, before, now)
    touched |= {entity_by_source[probe] for probe in probes}
    return Touched(touched, *members.settled(loaded, entity_by_source, before))


async def _widen(
    connection: AsyncConnection[Any], keyring: Keyring, loaded: dict[UUID, PersonSource]
) -> None:
    """Adds every source of the persons that are loaded in part: guards look at whole persons."""
    entities = {source.entity_id for source in loaded.values() if source.entity_id is not None}
    rest = await members.person_sources_of(connection, entities) - loaded.keys()
    loaded.update(await members.persons(connection, keyring, rest))


def _still_holds(match: Match, loaded: dict[UUID, PersonSource], changed: set[UUID]) -> bool:
    pair = {match.edge.older, match.edge.newer}
    if not match.same or not match.by_rule or not pair & changed or not pair <= loaded.keys():
        return True
    return isinstance(rules.decide(loaded[match.edge.older], loaded[match.edge.newer]), Same)


def _clusters(loaded: dict[UUID, PersonSource], ready: Iterable[UUID], kept: Sequence[Match]) -> Clusters:
    apart = decisions.held_apart(kept)
    clusters = Clusters()
    for one in sorted(ready):
        source = loaded[one]
        nik = rules.valid_nik(source)
        role = None if source.deleted else source.role
        clusters.add(one, Traits(role, fingerprint(nik.encode()) if nik else None), apart.get(one, ()))
    for match in kept:
        if match.same and clusters.has(match.edge):
            clusters.rejoin(match.edge)
    return clusters


def _decide(
    loaded: dict[UUID, PersonSource], pairs: Iterable[tuple[UUID, UUID]]
) -> tuple[dict[Edge, dict[str, Json]], _Reviews]:
    found: dict[Edge, dict[str, Json]] = {}
    reviews: _Reviews = []
    for older, newer in sorted(pairs):
        decision = rules.decide(loaded[older], loaded[newer])
        if isinstance(decision, Same):
            found[Edge(older, newer, decision.rule)] = decision.evidence
        elif isinstance(decision, Review):
            reviews.append((Edge(older, newer, decision.rule), decision.reason, None, decision.evidence))
    return found, reviews

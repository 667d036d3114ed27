"""What the sources of persons and cases say, opened for a computation and never kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeAlias, TypeVar
from uuid import UUID

import orjson
from psycopg import AsyncConnection

from hub.identity import envelope
from hub.identity.keyring import Keyring, SubjectKey
from schema.record import Json

Facts: TypeAlias = Mapping[str, Mapping[str, Json]]
Events: TypeAlias = Mapping[str, Sequence[Mapping[str, Json]]]


@dataclass(slots=True, kw_only=True)
class PersonSource:
    """One agency's latest word on a person; identity is empty once the subject has been erased.

    `earlier_statuses` are those of a victim in the versions before it since it was last withdrawn, the oldest first.
    `entity_id` is set by who links it; nothing else changes.
    """

    source_id: UUID
    role_id: UUID
    agency: str
    key: bytes
    record_id: UUID
    source_time: datetime
    deleted: bool
    role: str | None
    case_source_id: UUID | None
    entity_id: UUID | None
    subject: SubjectKey | None
    identity: Mapping[str, Json]
    facts: Facts
    events: Events
    earlier_statuses: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"PersonSource({self.source_id})"


@dataclass(slots=True, kw_only=True)
class CaseSource:
    """One agency's latest word on a case, and the events of all its versions, the oldest first."""

    source_id: UUID
    agency: str
    key: bytes
    record_id: UUID
    source_time: datetime
    deleted: bool
    implied: bool
    police_report: str | None
    entity_id: UUID | None
    facts: Facts
    history: tuple[Events, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One version of a source record without its identity; `latest` is False once the agency says something else."""

    agency: str
    key: bytes
    record_id: UUID
    source_time: datetime
    latest: bool
    facts: Facts
    events: Events


Source = TypeVar("Source", PersonSource, CaseSource)


@dataclass(slots=True)
class Touched(Generic[Source]):
    """Entities of one kind that a change touches.

    Attributes:
        ids: whose golden rows may change, those that no longer name an entity included.
        fresh: among them those that had no row before; all their sources are in `sources`.
        sources: those loaded already, each with the entity that it belongs to now.
    """

    ids: set[UUID]
    fresh: set[UUID] = field(default_factory=set[UUID])
    sources: dict[UUID, Source] = field(default_factory=dict[UUID, Source])

    @property
    def stored(self) -> list[UUID]:
        """Those that may have rows, sorted."""
        return sorted(self.ids - self.fresh)


def settled(
    loaded: Mapping[UUID, Source], entity_by_source: Mapping[UUID, UUID], before: Mapping[UUID, UUID | None]
) -> tuple[set[UUID], dict[UUID, Source]]:
    """Entities that did not exist before, and the loaded sources with the entity that holds now.

    Args:
        loaded: by source id.
        entity_by_source: what holds now.
        before: the entity of each of these sources until now.
    """
    known = {entity for source, entity in entity_by_source.items() if before[source] is not None}
    for source_id, entity_id in entity_by_source.items():
        loaded[source_id].entity_id = entity_id
    return set(entity_by_source.values()) - known, {one: loaded[one] for one in entity_by_source}


_PERSONS = """
    SELECT s.source_id, s.role_id, s.agency, s.key, s.record_id, s.source_time, s.deleted, s.role, c.source_id,
           l.entity_id, r.sealed, r.facts::text, k.kek_version, k.wrapped, s.version
    FROM source_person s
    JOIN source_record r ON r.record_id = s.record_id
    LEFT JOIN link l ON l.source_id = s.source_id AND l.valid_to IS NULL
    LEFT JOIN subject_key k ON k.subject_id = s.source_id
    LEFT JOIN source_case c ON c.agency = s.agency AND c.object = s.case_object AND c.key = s.case_key
    WHERE s.source_id = ANY(%s::uuid[])
"""
_EARLIER_STATUSES = """
    SELECT subject_id, record_id, deleted, facts #>> '{facts,Victim,status}' FROM source_record
    WHERE subject_id = ANY(%s::uuid[]) ORDER BY subject_id, version
"""
_CASES = """
    SELECT s.source_id, s.agency, s.key, s.record_id, s.source_time, s.deleted, s.implied, s.police_report,
           l.entity_id, r.facts::text, s.version
    FROM source_case s
    JOIN source_record r ON r.record_id = s.record_id
    LEFT JOIN link l ON l.source_id = s.source_id AND l.valid_to IS NULL
    WHERE s.source_id = ANY(%s::uuid[])
"""
_EARLIER = """
    SELECT subject_id, facts::text FROM source_record
    WHERE subject_id = ANY(%s) AND record_id <> ALL(%s) ORDER BY subject_id, version
"""


_ORGANISATION_ROWS = """
    SELECT o.organisation_id, o.fingerprint, r.agency, r.key, r.record_id, r.source_time,
           EXISTS (SELECT FROM source_case s WHERE s.source_id = r.subject_id AND s.record_id = r.record_id)
           OR EXISTS (SELECT FROM source_person s WHERE s.source_id = r.subject_id AND s.record_id = r.record_id),
           r.facts::text
    FROM golden_organisation o JOIN source_record r ON r.record_id = (o.provenance #>> '{sources,0,record}')::uuid
    WHERE o.organisation_id = ANY(%s::uuid[]) OR r.subject_id = ANY(%s::uuid[])
"""
_MENTIONING = """
    SELECT r.agency, r.key, r.record_id, r.source_time, true, r.facts::text
    FROM source_case s JOIN source_record r ON r.record_id = s.record_id
    WHERE r.facts #>> '{facts,Case,reporting_entity,key}' = ANY(%(keys)s)
    UNION ALL
    SELECT r.agency, r.key, r.record_id, r.source_time, true, r.facts::text
    FROM source_person s JOIN source_record r ON r.record_id = s.record_id
    WHERE EXISTS (
        SELECT FROM jsonb_array_elements(r.facts #> '{events,JobPlacement}') AS said
        WHERE said #>> '{agency_organisation,key}' = ANY(%(keys)s)
    )
"""


def uuid_array(ids: Iterable[UUID]) -> str:
    """The ids as PostgreSQL writes an array, for a parameter `%s::uuid[]`: far cheaper than a list of UUIDs."""
    return "{" + ",".join([one.hex for one in ids]) + "}"


async def persons(
    connection: AsyncConnection[Any], keyring: Keyring, source_ids: Iterable[UUID]
) -> dict[UUID, PersonSource]:
    """The latest word of each of these source persons, opened.

    Args:
        connection: inside the caller's transaction.
        keyring: opens what is sealed.
        source_ids: n >= 0, any order.
    """
    wanted = uuid_array(source_ids)
    if wanted == "{}":
        return {}
    cursor = await connection.execute(_PERSONS, (wanted,), binary=True)
    rows = await cursor.fetchall()
    found = {row[0]: opened(keyring, row) for row in rows}
    changed = [row[0] for row in rows if row[-1] > 1]
    if changed:
        cursor = await connection.execute(_EARLIER_STATUSES, (uuid_array(changed),), binary=True)
        note_statuses(found, await cursor.fetchall())
    return found


def note_statuses(found: Mapping[UUID, PersonSource], versions: Iterable[tuple[Any, ...]]) -> None:
    """Gives sources the statuses that their earlier versions stated.

    Args:
        found: by source id.
        versions: (source id, record id, deleted, status) of these sources, each source's in the order of its versions.
    """
    for source_id, record_id, deleted, status in versions:
        source = found[source_id]
        if deleted:
            source.earlier_statuses = ()
        elif status not in {None, "UNKNOWN"} and record_id != source.record_id:
            source.earlier_statuses += (status,)


def opened(keyring: Keyring, row: tuple[Any, ...]) -> PersonSource:
    """One version of a source person, opened.

    Args:
        keyring: opens what is sealed.
        row: in the order of what `persons` reads.

    Raises:
        SealedValueBroken: the value was sealed under a key that is not the subject's any more, or was changed.
    """
    source_id, _, agency, _, record_id, *_ = row
    sealed, facts, kek_version, wrapped, _ = row[10:]
    identity: Mapping[str, Json] = {}
    subject: SubjectKey | None = None
    if wrapped is not None:
        subject = keyring.subject(agency, source_id, kek_version, wrapped)
        if sealed is not None:
            place = f"source_record.sealed:{record_id.hex}"
            identity = orjson.loads(envelope.open_sealed(subject.cipher, place, sealed))["identity"]
    said = orjson.loads(facts)
    return PersonSource(
        source_id=source_id,
        role_id=row[1],
        agency=agency,
        key=row[3],
        record_id=record_id,
        source_time=row[5],
        deleted=row[6],
        role=row[7],
        case_source_id=row[8],
        entity_id=row[9],
        subject=subject,
        identity=identity,
        facts=said["facts"],
        events=said["events"],
    )


async def cases(connection: AsyncConnection[Any], source_ids: Iterable[UUID]) -> dict[UUID, CaseSource]:
    """The latest word of each of these source cases, with the events of all versions.

    Args:
        connection: inside the caller's transaction.
        source_ids: n >= 0, any order.
    """
    wanted = uuid_array(source_ids)
    if wanted == "{}":
        return {}
    cursor = await connection.execute(_CASES, (wanted,), binary=True)
    rows = await cursor.fetchall()
    history: dict[UUID, list[Events]] = {}
    changed = [row[0] for row in rows if row[10] > 1]
    if changed:
        earlier = await connection.execute(_EARLIER, (changed, [row[3] for row in rows]), binary=True)
        for source_id, facts in await earlier.fetchall():
            history.setdefault(source_id, []).append(orjson.loads(facts)["events"])
    found: dict[UUID, CaseSource] = {}
    for row in rows:
        said = orjson.loads(row[9])
        found[row[0]] = CaseSource(
            source_id=row[0],
            agency=row[1],
            key=row[2],
            record_id=row[3],
            source_time=row[4],
            deleted=row[5],
            implied=row[6],
            police_report=row[7],
            entity_id=row[8],
            facts=said["facts"],
            history=(*history.get(row[0], ()), said["events"]),
        )
    return found


async def organisation_rows(
    connection: AsyncConnection[Any], places: Iterable[UUID], source_ids: Iterable[UUID]
) -> dict[UUID, tuple[bytes, Spoken]]:
    """Fingerprint and the version that it rests on, of each row of these organisations and of these sources' words.

    Args:
        connection: inside the caller's transaction.
        places: ids of organisations.
        source_ids: sources whose words a row may rest on.
    """
    wanted = (uuid_array(places), uuid_array(source_ids))
    cursor = await connection.execute(_ORGANISATION_ROWS, wanted, binary=True)
    return {row[0]: (row[1], _spoken(row[2:])) for row in await cursor.fetchall()}


async def mentioning(connection: AsyncConnection[Any], keys: Iterable[str]) -> list[Spoken]:
    """The latest words that mention organisations of these keys; reads every source, so only where a word was lost."""
    wanted = list(keys)
    if not wanted:
        return []
    cursor = await connection.execute(_MENTIONING, {"keys": wanted}, binary=True)
    return [_spoken(row) for row in await cursor.fetchall()]


def _spoken(row: tuple[Any, ...]) -> Spoken:
    said = orjson.loads(row[5])
    return Spoken(
        agency=row[0],
        key=row[1],
        record_id=row[2],
        source_time=row[3],
        latest=row[4],
        facts=said["facts"],
        events=said["events"],
    )


async def person_sources_of(connection: AsyncConnection[Any], entity_ids: Iterable[UUID]) -> set[UUID]:
    """Source persons that are linked to these persons now."""
    return await _ids(
        connection,
        "SELECT source_id FROM link WHERE entity_id = ANY(%s::uuid[]) AND valid_to IS NULL",
        list(entity_ids),
    )


async def case_sources_of(connection: AsyncConnection[Any], entity_ids: Iterable[UUID]) -> set[UUID]:
    """Source cases that are linked to these cases now."""
    return await person_sources_of(connection, entity_ids)


async def cases_telling_of(connection: AsyncConnection[Any], person_ids: Iterable[UUID]) -> set[UUID]:
    """Cases in which the view has a part of these persons until now."""
    return await _ids(
        connection,
        "WITH p AS (SELECT unnest(%s::uuid[]) AS person_id) SELECT case_id FROM golden_victim JOIN p USING (person_id)"
        " UNION SELECT case_id FROM golden_perpetrator JOIN p USING (person_id)",
        person_ids,
    )


async def cases_of_roles(connection: AsyncConnection[Any], role_ids: Iterable[UUID]) -> set[UUID]:
    """Cases in which the view has these parts until now."""
    return await _ids(
        connection,
        "WITH r AS (SELECT unnest(%s::uuid[]) AS id) SELECT case_id FROM golden_victim JOIN r ON victim_id = id"
        " UNION SELECT case_id FROM golden_perpetrator JOIN r ON perpetrator_id = id",
        role_ids,
    )


async def persons_in(connection: AsyncConnection[Any], case_source_ids: Iterable[UUID]) -> set[UUID]:
    """Source persons that have a part in these source cases."""
    return await _ids(
        connection,
        "SELECT s.source_id FROM source_case c JOIN source_person s"
        " ON s.agency = c.agency AND s.case_object = c.object AND s.case_key = c.key WHERE c.source_id = ANY(%s::uuid[])",
        case_source_ids,
    )


async def _ids(connection: AsyncConnection[Any], statement: str, ids: Iterable[UUID]) -> set[UUID]:
    wanted = uuid_array(ids)
    if wanted == "{}":
        return set()
    cursor = await connection.execute(statement.encode(), (wanted,), binary=True)
    return {row[0] for row in await cursor.fetchall()}

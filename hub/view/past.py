"""A case and its parts as they were known at a moment: the same computation, over the versions and links of then.

What agencies had told the hub by then, and what belonged together then. Two things of today hold for the past as well:
whose key has been destroyed stays erased, and who is protected or known to have been a child is so then too.
"""

from asyncio import to_thread
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from psycopg import AsyncConnection

from hub.identity.keyring import Keyring
from hub.view import members, organisations
from hub.view.compute import Loaded, compute, parts_in
from hub.view.golden import GoldenRow
from hub.view.members import CaseSource, Events, PersonSource, uuid_array
from hub.view.rows import Part
from schema.errors import SealedValueBroken
from schema.record import Role

PROTECTED = "LPSK_PROTECTED"
_LINKS = """
    SELECT source_id, entity_id FROM link
    WHERE {column} = ANY(%(ids)s::uuid[]) AND valid_to IS NULL AND valid_from <= %(at)s
    UNION ALL SELECT source_id, entity_id FROM link
    WHERE {column} = ANY(%(ids)s::uuid[]) AND valid_to IS NOT NULL AND valid_from <= %(at)s AND valid_to > %(at)s
"""
_OF_SOURCES, _OF_ENTITIES = _LINKS.format(column="source_id"), _LINKS.format(column="entity_id")
_EVER = """
    SELECT source_id, entity_id FROM link WHERE source_id = ANY(%(ids)s::uuid[]) AND valid_to IS NULL
    UNION SELECT source_id, entity_id FROM link WHERE source_id = ANY(%(ids)s::uuid[]) AND valid_to IS NOT NULL
"""
_GIVES = """
    CASE WHEN r.implied IS NULL THEN s.role ELSE r.role END AS role,
    CASE WHEN r.implied IS NULL THEN s.case_object ELSE r.case_object END AS case_object,
    CASE WHEN r.implied IS NULL THEN s.case_key ELSE r.case_key END AS case_key
"""
"""A version from before parts were kept is taken to give the part that its source gives today."""
_PERSONS = f"""
    SELECT v.source_id, v.role_id, v.agency, v.key, v.record_id, v.source_time, v.deleted, v.role, c.source_id,
           NULL::uuid, v.sealed, v.facts::text, k.kek_version, k.wrapped, v.version
    FROM (SELECT DISTINCT ON (r.subject_id) s.source_id, s.role_id, r.agency, r.key, r.record_id, r.source_time,
                 r.deleted, r.sealed, r.facts, r.version, {_GIVES}
          FROM source_record r JOIN source_person s ON s.source_id = r.subject_id
          WHERE r.subject_id = ANY(%(ids)s::uuid[]) AND r.fetched_at <= %(at)s
          ORDER BY r.subject_id, r.version DESC) v
    LEFT JOIN subject_key k ON k.subject_id = v.source_id
    LEFT JOIN source_case c ON c.agency = v.agency AND c.object = v.case_object AND c.key = v.case_key
"""  # noqa: S608 -- made of the literals above
_EARLIER_STATUSES = """
    SELECT subject_id, record_id, deleted, facts #>> '{facts,Victim,status}' FROM source_record
    WHERE subject_id = ANY(%(ids)s::uuid[]) AND fetched_at <= %(at)s ORDER BY subject_id, version
"""
_CASES = """
    SELECT s.source_id, r.agency, r.key, r.record_id, r.source_time, r.deleted, coalesce(r.implied, s.implied),
           s.police_report, r.facts::text
    FROM source_record r JOIN source_case s ON s.source_id = r.subject_id
    WHERE r.subject_id = ANY(%(ids)s::uuid[]) AND r.fetched_at <= %(at)s ORDER BY r.subject_id, r.version
"""
_SHARING = """
    SELECT r.subject_id FROM source_case c
    JOIN source_record r ON r.agency = c.agency AND r.case_object = c.object AND r.case_key = c.key
    WHERE c.source_id = ANY(%(ids)s::uuid[]) AND r.fetched_at <= %(at)s
    UNION SELECT s.source_id FROM source_case c
    JOIN source_person s ON s.agency = c.agency AND s.case_object = c.object AND s.case_key = c.key
    WHERE c.source_id = ANY(%(ids)s::uuid[])
"""
_LAST_PART = f"""
    SELECT g.source_id, g.role, c.source_id
    FROM (SELECT s.source_id, r.agency, r.version, {_GIVES}
          FROM source_person s JOIN source_record r ON r.subject_id = s.source_id
          WHERE s.role_id = %(role_id)s AND r.fetched_at <= %(at)s AND NOT r.deleted) g
    JOIN source_case c ON c.agency = g.agency AND c.object = g.case_object AND c.key = g.case_key
    WHERE g.role = %(role)s ORDER BY g.version DESC LIMIT 1
"""  # noqa: S608 -- made of the literals above
_PROTECTED_EVER = """
    SELECT DISTINCT subject_id FROM source_record
    WHERE subject_id = ANY(%(ids)s::uuid[]) AND facts #>> '{facts,Victim,protection_level}' = %(level)s
"""
_CHILDREN_NOW = """
    SELECT person_id, case_id, reach FROM golden_victim
    WHERE person_id = ANY(%(persons)s::uuid[]) AND is_child_at_exploitation
"""
_NOW_TOGETHER = """
    SELECT source_id, entity_id FROM link WHERE valid_to IS NULL AND entity_id IN (
        SELECT entity_id FROM link WHERE source_id = ANY(%(ids)s::uuid[]) AND valid_to IS NULL)
"""


class Child(NamedTuple):
    """Somebody of then who is a child in a victim's row of now, of this case or of another."""

    person_id: UUID
    case_id: UUID
    reach: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A case as it was known at a moment, with all that hangs on it.

    Attributes:
        root_id: key of the row asked for, as it was named then; None where there was none.
        rows: golden rows by entity.
        case_ids: every id by which the case has been known, today's among them.
        children: among the persons of the rows.
    """

    root_id: UUID | None
    rows: Mapping[str, tuple[GoldenRow, ...]]
    case_ids: frozenset[UUID]
    children: tuple[Child, ...] = ()


NOTHING = Past(root_id=None, rows={}, case_ids=frozenset())


async def case_at(connection: AsyncConnection[Any], keyring: Keyring, case_id: UUID, at: datetime) -> Past:
    """A case as it was known then.

    Args:
        connection: of the service's role, inside a transaction that sees one moment of the store.
        keyring: opens and seals.
        case_id: any id that the case or a case merged with it has had.
        at: aware UTC.
    """
    reading = _Reading(connection, keyring, at)
    then = (await reading.entities_of({case_id})).get(case_id)
    if then is None:
        return NOTHING
    found, _ = await reading.case(then)
    return replace(found, root_id=then)


async def part_at(
    connection: AsyncConnection[Any], keyring: Keyring, role: Role, role_id: UUID, at: datetime
) -> Past:
    """The case in which a person had a part, as it was known then.

    Args:
        connection: of the service's role, inside a transaction that sees one moment of the store.
        keyring: opens and seals.
        role: of the part.
        role_id: any id that the part or one that became the same part has had.
        at: aware UTC.
    """
    reading = _Reading(connection, keyring, at)
    cursor = await connection.execute(_LAST_PART, {"role_id": role_id, "role": role.value, "at": at})
    given = await cursor.fetchone()
    if given is None:
        return NOTHING
    source_id, _, case_source_id = given
    then = await reading.entities_of({source_id, case_source_id})
    if not {source_id, case_source_id} <= then.keys():
        return NOTHING
    found, parts = await reading.case(then[case_source_id])
    of_role = [part for one, part in parts if one == role.value]
    giving = [part for part in of_role if any(one.source_id == source_id for one in part.sources)]
    # A record that has been withdrawn, or speaks of another case now, leads to what its person still is in that case.
    standing = giving or [part for part in of_role if part.person_id == then[source_id]]
    return replace(found, root_id=standing[0].role_id if standing else None)


@dataclass(frozen=True, slots=True)
class _Reading:
    connection: AsyncConnection[Any]
    keyring: Keyring
    at: datetime

    async def _all(self, statement: str, ids: Iterable[UUID], **more: Any) -> list[tuple[Any, ...]]:
        values = {"ids": uuid_array(ids), "at": self.at, **more}
        if values["ids"] == "{}":
            return []
        cursor = await self.connection.execute(statement.encode(), values, binary=True)
        return await cursor.fetchall()

    async def entities_of(self, source_ids: Iterable[UUID]) -> dict[UUID, UUID]:
        """The entity of each of these sources then. An entity has the id of one of its sources, so also of an entity."""
        return dict(await self._all(_OF_SOURCES, source_ids))

    async def case(self, case_id: UUID) -> tuple[Past, list[tuple[str, Part]]]:
        """The case, of which no row is asked for yet, and the parts in it."""
        told = {source_id for source_id, _ in await self._all(_OF_ENTITIES, {case_id})}
        cases = await self._cases(told)
        sharing = {row[0] for row in await self._all(_SHARING, told)}
        persons = await self._persons(sharing)
        entity_of = await self.entities_of(persons)
        involved = {
            entity
            for one, entity in entity_of.items()
            if persons[one].role is not None and persons[one].case_source_id in told
        }
        together = dict(await self._all(_OF_ENTITIES, involved))
        persons |= await self._persons(together.keys() - persons.keys())
        loaded = Loaded()
        for one, person_id in together.items():
            if one in persons:
                persons[one].entity_id = person_id
                loaded.persons[person_id].append(persons[one])
        for one, source in cases.items():
            source.entity_id = case_id
            loaded.cases[case_id].append(source)
            loaded.case_of[one] = case_id
        parts = parts_in(loaded, {case_id})
        present = {part.person_id for _, part in parts[case_id]}
        # Beside the loop: with hundreds of persons it is most of a second, in which others want their answers.
        computed = await to_thread(compute, self.keyring, loaded, present, {case_id}, parts)
        mentioned = organisations.mentions(
            cases.values(), (source for sources in loaded.persons.values() for source in sources)
        )
        computed["Organisation"] = {
            place: organisations.row(place, mention) for place, mention in mentioned.items()
        }
        children = await self._keep_protected(computed, loaded, told)
        ever = {entity for _, entity in await self._all(_EVER, told)}
        rows = {entity: tuple(ones.values()) for entity, ones in computed.items()}
        return Past(root_id=None, rows=rows, case_ids=frozenset(ever), children=children), list(
            parts[case_id]
        )

    async def _persons(self, source_ids: Iterable[UUID]) -> dict[UUID, PersonSource]:
        rows = await self._all(_PERSONS, source_ids)
        found = await to_thread(lambda: {row[0]: self._opened(row) for row in rows})
        changed = [row[0] for row in rows if row[-1] > 1]
        members.note_statuses(found, await self._all(_EARLIER_STATUSES, changed))
        return found

    def _opened(self, row: tuple[Any, ...]) -> PersonSource:
        try:
            return members.opened(self.keyring, row)
        except SealedValueBroken:
            # The subject was erased since, and began again under another key: what that one does not open stays erased.
            return members.opened(self.keyring, (*row[:10], None, *row[11:]))

    async def _cases(self, source_ids: Iterable[UUID]) -> dict[UUID, CaseSource]:
        history: dict[UUID, list[Events]] = defaultdict(list)
        latest: dict[UUID, tuple[Any, ...]] = {}
        for row in await self._all(_CASES, source_ids):
            history[row[0]].append(orjson.loads(row[8])["events"])
            latest[row[0]] = row
        return {
            one: CaseSource(
                source_id=one,
                agency=row[1],
                key=row[2],
                record_id=row[3],
                source_time=row[4],
                deleted=row[5],
                implied=row[6],
                police_report=row[7],
                entity_id=None,
                facts=orjson.loads(row[8])["facts"],
                history=tuple(history[one]),
            )
            for one, row in latest.items()
        }

    async def _keep_protected(
        self, computed: Mapping[str, Mapping[UUID, GoldenRow]], loaded: Loaded, told: Iterable[UUID]
    ) -> tuple[Child, ...]:
        """Whoever was ever protected, or is known today to have been a child, is so in these rows too.

        Returns:
            Who is a child today in any case: what hangs on a person follows all their cases.
        """
        sources = {one.source_id: person for person, ones in loaded.persons.items() for one in ones}
        linked: list[tuple[UUID, UUID]] = await self._all(_NOW_TOGETHER, sources)  # pyright: ignore[reportAssignmentType] -- two ids
        now_of = dict(linked)
        then_of: dict[UUID, set[UUID]] = defaultdict(set)
        for source_id, person_id in sources.items():
            if source_id in now_of:
                then_of[now_of[source_id]].add(person_id)
        protected = {row[0] for row in await self._all(_PROTECTED_EVER, {*sources, *now_of}, level=PROTECTED)}
        marked = {sources[one] for one in protected if one in sources}
        marked |= {person for one in protected if one in now_of for person in then_of[now_of[one]]}
        cases_now = {entity for _, entity in await self._all(_NOW_TOGETHER, told)}
        cursor = await self.connection.execute(_CHILDREN_NOW, {"persons": uuid_array(then_of)}, binary=True)
        children = tuple(
            Child(person, case_id, reach)
            for now, case_id, reach in await cursor.fetchall()
            for person in then_of[now]
        )
        here = {one.person_id for one in children if one.case_id in cases_now}
        for row in computed["Victim"].values():
            person_id = row.values["person_id"]
            if person_id in marked:
                row.values = {**row.values, "protection_level": PROTECTED}
            if person_id in here:
                row.values = {**row.values, "is_child_at_exploitation": True}
        return children

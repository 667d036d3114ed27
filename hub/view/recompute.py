"""Recomputes the golden rows that a change touches, in the transaction of that change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from hub.identity.keyring import Keyring
from hub.view import events, members, organisations, outbox, redirects, store
from hub.view.compute import OF_PERSON, Loaded, compute, parts_in
from hub.view.golden import GoldenRow
from hub.view.members import CaseSource, PersonSource, Touched
from hub.view.store import Changes, Scope
from schema.entities import entities
from schema.record import Role
from schema.tables.golden import REACHED

_ROLE_ENTITY = {Role.VICTIM.value: "Victim", Role.PERPETRATOR.value: "Perpetrator"}
_LEADING = ("Person", "Case", "Victim", "Perpetrator")


@dataclass(frozen=True, slots=True)
class Recomputed:
    """Ids of golden rows written and gone, by entity."""

    changes: Mapping[str, Changes]

    @property
    def written_count(self) -> int:
        """How many golden rows were written."""
        return sum(len(change.written) for change in self.changes.values())


async def recompute(
    connection: AsyncConnection[Any],
    keyring: Keyring,
    persons: Touched[PersonSource],
    cases: Touched[CaseSource],
    *,
    epoch: int,
    now: datetime,
) -> Recomputed:
    """Makes the golden rows of these persons and cases, and of the parts that join them, what the sources say now.

    Args:
        connection: inside the transaction of the change, holding the epoch's row.
        keyring: opens and seals.
        persons: touched.
        cases: touched.
        epoch: of this change.
        now: aware UTC, for redirects of ids that went.
    """
    # A case that somebody has left looks otherwise without them.
    left = await members.cases_telling_of(connection, persons.stored)
    while True:
        cases.ids |= left
        loaded = await _load(connection, keyring, persons, cases)
        cases.ids |= {
            case_id
            for person_id in persons.ids
            for source in loaded.persons.get(person_id, ())
            if (case_id := loaded.case_in(source)) is not None
        }
        parts = parts_in(loaded, cases.ids)
        # So does one that a person has left whose own turn in the queue comes later.
        roles = {
            part.role_id for ones in parts.values() for _, part in ones if part.person_id not in persons.fresh
        }
        left = await members.cases_of_roles(connection, roles) - cases.ids
        if not left:
            break
    golden = compute(keyring, loaded, persons.ids, cases.ids, parts)
    before = await _before(connection, persons, cases, golden)
    gone = {entity: before.get(entity, {}).keys() - after.keys() for entity, after in golden.items()}
    stood = await redirects.places(connection, gone)
    await outbox.keep_reach(connection, gone, now)
    changes: dict[str, Changes] = {}
    for entity, after in golden.items():
        changes[entity] = await store.replace(connection, entity, after, before.get(entity, {}), epoch)
    changes["Organisation"] = await organisations.renew(
        connection,
        {source.source_id: source for sources in loaded.cases.values() for source in sources},
        {source.source_id: source for sources in loaded.persons.values() for source in sources},
        epoch,
    )
    renewed = await redirects.renew(
        connection,
        came=[one for entity in _LEADING for one in changes[entity].written],
        gone=gone,
        stood=stood,
        parts=[(_ROLE_ENTITY[role], part) for ones in parts.values() for role, part in ones],
        touched=persons.ids | cases.ids,
        now=now,
    )
    await outbox.write(
        connection,
        changes,
        before={entity: before[entity].keys() for entity in REACHED},
        standing={entity: golden[entity].keys() for entity in REACHED},
        renewed=renewed,
        roles=[
            (_ROLE_ENTITY[role], part.role_id, part.person_id)
            for ones in parts.values()
            for role, part in ones
        ],
        now=now,
    )
    return Recomputed(changes)


async def _load(
    connection: AsyncConnection[Any],
    keyring: Keyring,
    persons: Touched[PersonSource],
    cases: Touched[CaseSource],
) -> Loaded:
    """All sources that the touched rows depend on: the persons' own, and everybody who shares a touched case."""
    known_persons, known_cases = persons.sources, cases.sources

    async def open_persons(source_ids: set[UUID]) -> None:
        known_persons.update(await members.persons(connection, keyring, source_ids - known_persons.keys()))

    own = await members.person_sources_of(connection, persons.stored)
    await open_persons(own)
    own |= {one for one, source in known_persons.items() if source.entity_id in persons.fresh}
    named = {case for one in own if (case := known_persons[one].case_source_id) is not None}
    known_cases.update(await members.cases(connection, named - known_cases.keys()))
    wanted = cases.ids | {entity for one in named if (entity := known_cases[one].entity_id) is not None}
    told = await members.case_sources_of(connection, wanted - cases.fresh)
    known_cases.update(await members.cases(connection, told - known_cases.keys()))
    told |= {one for one, source in known_cases.items() if source.entity_id in cases.fresh}
    sharing = await members.persons_in(connection, told) - own
    await open_persons(sharing)
    others = {entity for one in sharing if (entity := known_persons[one].entity_id) is not None} - persons.ids
    rest = await members.person_sources_of(connection, others) - own - sharing
    await open_persons(rest)
    loaded = Loaded()
    for one in own | sharing | rest:
        source = known_persons[one]
        if source.entity_id:
            loaded.persons[source.entity_id].append(source)
    for one in told:
        case = known_cases[one]
        if case.entity_id:
            loaded.cases[case.entity_id].append(case)
            loaded.case_of[case.source_id] = case.entity_id
    return loaded


async def _before(
    connection: AsyncConnection[Any],
    persons: Touched[PersonSource],
    cases: Touched[CaseSource],
    golden: Mapping[str, Mapping[UUID, GoldenRow]],
) -> dict[str, dict[UUID, bytes]]:
    of_persons, of_cases = Scope("person_id", persons.stored), Scope("case_id", cases.stored)
    before = {
        "Case": await store.existing(connection, "Case", [of_cases]),
        "LegalEvent": await store.existing(connection, "LegalEvent", [of_cases]),
        "Victim": await store.existing(connection, "Victim", [of_persons, of_cases]),
        "Perpetrator": await store.existing(connection, "Perpetrator", [of_persons, of_cases]),
    }
    for entity in ("Person", *OF_PERSON):
        before[entity] = await store.existing(connection, entity, [of_persons])
    of_victims = Scope("victim_id", sorted({*before["Victim"], *golden["Victim"]}))
    for entity in events.VICTIM_EVENTS:
        # A service may have stood with another part while its record waits for its own turn in the queue.
        themselves = Scope(entities()[entity].key, list(golden[entity]))
        before[entity] = await store.existing(connection, entity, [of_victims, themselves])
    return before

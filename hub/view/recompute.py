"""Recomputes the golden rows that a change touches, in the transaction of that change."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from hub.identity import sought
from hub.identity.keyring import Keyring
from hub.view import events, members, organisations, outbox, redirects, rows, store
from hub.view.golden import GoldenRow
from hub.view.members import CaseSource, PersonSource, Touched
from hub.view.rows import CaseFacts, Part, PersonView
from hub.view.store import Changes, Scope
from schema.entities import entities
from schema.record import Role
from schema.tables.golden import REACHED

_ROLE_ENTITY = {Role.VICTIM.value: "Victim", Role.PERPETRATOR.value: "Perpetrator"}
_LEADING = ("Person", "Case", "Victim", "Perpetrator")
_OF_PERSON = (*events.PERSON_EVENTS, "Document")


@dataclass(frozen=True, slots=True)
class Recomputed:
    """Ids of golden rows written and gone, by entity."""

    changes: Mapping[str, Changes]

    @property
    def written_count(self) -> int:
        """How many golden rows were written."""
        return sum(len(change.written) for change in self.changes.values())


@dataclass(slots=True)
class _Loaded:
    persons: dict[UUID, list[PersonSource]] = field(
        default_factory=lambda: defaultdict[UUID, list[PersonSource]](list)
    )
    cases: dict[UUID, list[CaseSource]] = field(
        default_factory=lambda: defaultdict[UUID, list[CaseSource]](list)
    )
    case_of: dict[UUID, UUID] = field(default_factory=dict[UUID, UUID])

    def case_in(self, source: PersonSource) -> UUID | None:
        """The case in which the source gives its person a part, if it gives one and the case is loaded."""
        return self.case_of.get(source.case_source_id) if source.case_source_id else None


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
        parts = _parts(loaded, cases.ids)
        # So does one that a person has left whose own turn in the queue comes later.
        roles = {
            part.role_id for ones in parts.values() for _, part in ones if part.person_id not in persons.fresh
        }
        left = await members.cases_of_roles(connection, roles) - cases.ids
        if not left:
            break
    golden = _compute(keyring, loaded, persons.ids, cases.ids, parts)
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
) -> _Loaded:
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
    loaded = _Loaded()
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


def _compute(
    keyring: Keyring,
    loaded: _Loaded,
    touched_persons: set[UUID],
    touched_cases: set[UUID],
    parts: Mapping[UUID, Sequence[tuple[str, Part]]],
) -> dict[str, dict[UUID, GoldenRow]]:
    golden: dict[str, dict[UUID, GoldenRow]] = {
        entity: {}
        for entity in (
            "Person",
            "Case",
            "Victim",
            "Perpetrator",
            "LegalEvent",
            *_OF_PERSON,
            *events.VICTIM_EVENTS,
        )
    }
    views: dict[UUID, PersonView | None] = {}
    for person_id, sources in loaded.persons.items():
        view = rows.person(person_id, sources)
        views[person_id] = view
        if view and person_id in touched_persons:
            golden["Person"][person_id] = view.row
            identity = {name: secret.value for name, secret in view.row.secrets.items()}
            view.row.tokens = sought.of_person(keyring, identity)
            for entity in events.PERSON_EVENTS:
                golden[entity].update(events.person_events(entity, person_id, sources))
            golden["Document"].update(events.documents(person_id, sources))
    for case_id in touched_cases:
        if case_id in loaded.cases:
            _compute_case(golden, loaded, case_id, parts.get(case_id, []), views)
    return golden


def _compute_case(
    golden: dict[str, dict[UUID, GoldenRow]],
    loaded: _Loaded,
    case_id: UUID,
    parts: Sequence[tuple[str, Part]],
    views: Mapping[UUID, PersonView | None],
) -> None:
    legal = events.legal_events(case_id, loaded.cases[case_id])
    speakers = [source for _, part in parts for source in part.sources]
    facts = rows.case_facts(loaded.cases[case_id], speakers, [values for _, values in legal.values()])
    if facts is None:
        return
    golden["LegalEvent"].update({event_id: row for event_id, (row, _) in legal.items()})
    stages: list[str | None] = []
    child_among = False
    for role, part in parts:
        if role == Role.PERPETRATOR.value:
            golden["Perpetrator"][part.role_id] = rows.perpetrator(part, facts)
            continue
        row = _compute_victim(golden, loaded, part, views.get(part.person_id), facts)
        stages.append(row.values.get("stage"))
        child_among = child_among or row.values.get("is_child_at_exploitation") is True
    golden["Case"][case_id] = rows.case(case_id, facts, stages, child_among=child_among)


def _compute_victim(
    golden: dict[str, dict[UUID, GoldenRow]],
    loaded: _Loaded,
    part: Part,
    view: PersonView | None,
    facts: CaseFacts,
) -> GoldenRow:
    serving = (*part.sources, *_unattached(loaded, part))
    for entity in events.VICTIM_EVENTS:
        golden[entity].update(events.victim_events(entity, part.role_id, serving))
    services = [
        (str(event.get("category")), date.fromisoformat(str(event["started_on"])))
        for source in serving
        if not source.deleted
        for event in source.events.get("ServiceEvent", ())
        if event.get("started_on")
    ]
    row = rows.victim(part, view, facts, services)
    golden["Victim"][part.role_id] = row
    return row


def _unattached(loaded: _Loaded, part: Part) -> list[PersonSource]:
    """Records that name no case belong to one part as a victim, so that no service is counted twice.

    It is the part of the first record by agency and key, whether its case has come or not, so that it never moves.
    """
    giving = [
        source
        for source in loaded.persons[part.person_id]
        if source.role == Role.VICTIM.value and not source.deleted
    ]
    first = min(giving, key=lambda source: (source.agency, source.key, source.source_id))
    return list(part.others) if any(source is first for source in part.sources) else []


def _parts(loaded: _Loaded, touched_cases: set[UUID]) -> dict[UUID, list[tuple[str, Part]]]:
    """Who has which part in which case; a part is named by the oldest record that gives it."""
    giving: dict[tuple[UUID, UUID, str], list[PersonSource]] = defaultdict(list)
    for person_id, sources in loaded.persons.items():
        for source in sources:
            case_id = loaded.case_in(source)
            if case_id is not None and case_id in touched_cases and source.role and not source.deleted:
                giving[case_id, person_id, source.role].append(source)
    found: dict[UUID, list[tuple[str, Part]]] = defaultdict(list)
    for (case_id, person_id, role), sources in giving.items():
        everything = loaded.persons[person_id]
        others = tuple(source for source in everything if source.role is None)
        oldest = min(sources, key=lambda source: source.source_id)
        part = Part(
            role_id=oldest.role_id,
            person_id=person_id,
            case_id=case_id,
            sources=tuple(sources),
            others=others,
        )
        found[case_id].append((role, part))
    return found


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
    for entity in ("Person", *_OF_PERSON):
        before[entity] = await store.existing(connection, entity, [of_persons])
    of_victims = Scope("victim_id", sorted({*before["Victim"], *golden["Victim"]}))
    for entity in events.VICTIM_EVENTS:
        # A service may have stood with another part while its record waits for its own turn in the queue.
        themselves = Scope(entities()[entity].key, list(golden[entity]))
        before[entity] = await store.existing(connection, entity, [of_victims, themselves])
    return before

"""Golden rows as a pure function of what sources say and of which source belongs to which entity."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from hub.identity import sought
from hub.identity.keyring import Keyring
from hub.view import events, rows
from hub.view.golden import GoldenRow
from hub.view.members import CaseSource, PersonSource
from hub.view.rows import CaseFacts, Part, PersonView
from schema.record import Role

OF_PERSON = (*events.PERSON_EVENTS, "Document")
"""Entities whose rows hang on a person."""


@dataclass(slots=True)
class Loaded:
    """The sources of persons and cases, each by the entity that it belongs to.

    Attributes:
        persons: by person.
        cases: by case.
        case_of: the case of each source case.
    """

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


def compute(
    keyring: Keyring,
    loaded: Loaded,
    touched_persons: set[UUID],
    touched_cases: set[UUID],
    parts: Mapping[UUID, Sequence[tuple[str, Part]]],
) -> dict[str, dict[UUID, GoldenRow]]:
    """The golden rows of these persons and cases, by entity and key; those of organisations are another's.

    Args:
        keyring: makes the tokens by which persons and papers are searched for.
        loaded: all sources that the rows depend on.
        touched_persons: whose rows are asked for.
        touched_cases: whose rows, and those of the parts in them, are asked for.
        parts: in these cases, as `parts_in` finds them.
    """
    golden: dict[str, dict[UUID, GoldenRow]] = {
        entity: {}
        for entity in (
            "Person",
            "Case",
            "Victim",
            "Perpetrator",
            "LegalEvent",
            *OF_PERSON,
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
            view.row.tokens = sought.of_row(keyring, "Person", identity)
            for entity in events.PERSON_EVENTS:
                golden[entity].update(events.person_events(entity, person_id, sources))
            papers = events.documents(person_id, sources)
            for row in papers.values():
                said = {name: secret.value for name, secret in row.secrets.items()}
                row.tokens = sought.of_row(keyring, "Document", said)
            golden["Document"].update(papers)
    for case_id in touched_cases:
        if case_id in loaded.cases:
            _compute_case(golden, loaded, case_id, parts.get(case_id, []), views)
    return golden


def _compute_case(
    golden: dict[str, dict[UUID, GoldenRow]],
    loaded: Loaded,
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
    loaded: Loaded,
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


def _unattached(loaded: Loaded, part: Part) -> list[PersonSource]:
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


def parts_in(loaded: Loaded, touched_cases: set[UUID]) -> dict[UUID, list[tuple[str, Part]]]:
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

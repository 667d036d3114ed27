"""Golden rows of what happened: services, legal steps, crossings, placements, restitution, documents."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from hub.view import rows
from hub.view.golden import GoldenRow, Secret
from hub.view.members import CaseSource, Events, PersonSource
from schema.codes import code_list
from schema.entities import entities
from schema.record import Json

CURRENT = "current"
"""Key of the LegalEvent that tells the present stage; a feed reports the present, not every step."""

_NEVER = date.max.isoformat()

PERSON_EVENTS = ("Movement", "JobPlacement")
VICTIM_EVENTS = ("ServiceEvent", "Restitution")


def legal_events(
    case_id: UUID, sources: Sequence[CaseSource]
) -> dict[UUID, tuple[GoldenRow, Mapping[str, Any]]]:
    """The legal steps of a case, the earliest first.

    A present stage that a version repeats is the same step; one that comes back (P-19, then the file again) is a new
    step and is kept.

    Args:
        case_id: the case.
        sources: all that are linked to it, any order.
    """
    found: list[tuple[tuple[Any, ...], UUID, GoldenRow, Mapping[str, Any]]] = []
    for source in sources:
        if source.deleted:
            continue
        for key, event in _steps(source.history):
            row = _row("LegalEvent", source, f"{key}", event, {"case_id": case_id})
            values = row.values
            position = (
                values.get("occurred_on") or _NEVER,
                *_undated(source, key),
                _order(values),
                source.agency,
                key,
            )
            found.append((position, values["legal_event_id"], row, values))
    found.sort(key=lambda entry: entry[0])
    return {event_id: (row, values) for _, event_id, row, values in found}


def _undated(source: CaseSource, key: str) -> tuple[int, str, int]:
    """Where a step without a day stands: present stages come last, in the order in which their agency told them.

    By the rank of the stage a file that was returned and submitted again would seem to be still with the prosecutor.
    """
    if not key.startswith(f"{CURRENT}/"):
        return 0, "", 0
    return 1, source.source_time.isoformat(), int(key.removeprefix(f"{CURRENT}/"))


def _order(values: Mapping[str, Any]) -> int:
    stage = values.get("stage")
    code = code_list("legal_stage").get(stage) if stage else None
    return code.order or 0 if code else 99


def _steps(history: Sequence[Events]) -> list[tuple[str, Mapping[str, Json]]]:
    keyed: dict[str, Mapping[str, Json]] = {}
    current: list[Mapping[str, Json]] = []
    for version in history:
        for event in version.get("LegalEvent", ()):
            key = str(event["key"])
            if key != CURRENT:
                keyed[key] = event
            elif not current or _step(current[-1]) != _step(event):
                current.append(event)
    return [*keyed.items(), *((f"{CURRENT}/{number}", event) for number, event in enumerate(current))]


def _step(event: Mapping[str, Json]) -> tuple[Json, Json]:
    return event.get("stage"), event.get("terminal")


def person_events(entity: str, person_id: UUID, sources: Sequence[PersonSource]) -> dict[UUID, GoldenRow]:
    """The rows of one kind of event of a person.

    Args:
        entity: one of PERSON_EVENTS.
        person_id: the person.
        sources: all that are linked to the person, any order.
    """
    return _events(entity, {"person_id": person_id}, sources)


def victim_events(entity: str, victim_id: UUID, sources: Sequence[PersonSource]) -> dict[UUID, GoldenRow]:
    """The rows of one kind of event of a victim.

    Args:
        entity: one of VICTIM_EVENTS.
        victim_id: the victim.
        sources: whose events belong to this victim, any order.
    """
    return _events(entity, {"victim_id": victim_id}, sources)


def _events(entity: str, owner: Mapping[str, UUID], sources: Sequence[PersonSource]) -> dict[UUID, GoldenRow]:
    key = entities()[entity].key
    found: dict[UUID, GoldenRow] = {}
    for source in sources:
        if not source.deleted:
            for event in source.events.get(entity, ()):
                row = _row(entity, source, str(event["key"]), event, owner)
                found[row.values[key]] = row
    return found


def documents(person_id: UUID, sources: Sequence[PersonSource]) -> dict[UUID, GoldenRow]:
    """The documents of a person; their numbers are sealed under the key of the source that gave them.

    Args:
        person_id: the person.
        sources: all that are linked to the person, any order.
    """
    found: dict[UUID, GoldenRow] = {}
    for source in sources:
        said = source.identity.get("documents")
        if source.deleted or not isinstance(said, list):
            continue
        for document in said:
            if isinstance(document, dict):
                row = _row("Document", source, str(document["key"]), document, {"person_id": person_id})
                found[row.values["document_id"]] = row
    return found


def _row(
    entity: str,
    source: PersonSource | CaseSource,
    key: str,
    event: Mapping[str, Json],
    owner: Mapping[str, UUID],
) -> GoldenRow:
    declared = entities()[entity]
    event_id = uuid5(source.source_id, f"{entity}/{key}")
    values: dict[str, Any] = {declared.key: event_id, **owner, "agency": source.agency}
    secrets: dict[str, Secret] = {}
    for declaration in rows.declared(entity):
        said = event.get(declaration.name)
        if declaration.name == "agency" or said is None:
            continue
        if declaration.sealed:
            if isinstance(source, PersonSource) and source.subject is not None:
                secrets[declaration.name] = Secret(source.subject, source.source_id, said)
        else:
            values[declaration.name] = said
    mention = event.get("agency_organisation")
    if isinstance(mention, dict):
        values["agency_organisation_id"] = rows.organisation_id(str(mention["key"]))
    provenance = rows.one_source(source.agency, source.record_id, source.source_time)
    return GoldenRow(entity, values, secrets, [source.agency], provenance)

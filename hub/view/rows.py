"""Golden rows of persons, cases, victims and perpetrators."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID, uuid5

from hub.view import derived, survivorship
from hub.view.golden import GoldenRow, Secret
from hub.view.members import CaseSource, Facts, PersonSource
from hub.view.survivorship import Survivors, Word, is_absent
from schema import reach
from schema.declaration import Declaration, Rule
from schema.entities import entities
from schema.record import Json

_ORGANISATIONS = UUID("7d0f3b52-6c1e-5d8a-9f57-0d9d8f4c2a10")
_PRECISION = {"DAY": 0, "MONTH": 1, "YEAR": 2, "ESTIMATED": 3}


@cache
def declared(entity: str) -> tuple[Declaration, ...]:
    """Fields of an entity that come from sources."""
    return tuple(field for field in entities()[entity].fields if field.rule is not Rule.DERIVED)


def one_source(agency: str, record_id: UUID, at: datetime) -> dict[str, Any]:
    """The provenance of a row that is one record's word as a whole.

    Args:
        agency: whose.
        record_id: the version.
        at: when the agency last changed it, aware UTC.
    """
    source: dict[str, Any] = {"agency": agency, "record": record_id, "at": at, "fields": []}
    return {"sources": [source], "conflicts": []}


def organisation_id(key: str) -> UUID:
    """The id of the organisation that agencies call by this key, the same in every hub."""
    return uuid5(_ORGANISATIONS, key)


@dataclass(frozen=True, slots=True)
class PersonView:
    """A golden person row and what roles need of it: the birth date opened, for ages."""

    row: GoldenRow
    birth_date: date | None


def person(person_id: UUID, sources: Sequence[PersonSource]) -> PersonView | None:
    """The golden row of a person; None when every source has withdrawn.

    Args:
        person_id: id of the oldest source.
        sources: all that are linked to the person, any order.
    """
    present = [source for source in sources if not source.deleted]
    if not present:
        return None
    by_record = {source.record_id: source for source in present}
    words = [
        Word(
            source.agency,
            source.record_id,
            source.source_time,
            source.key,
            {**source.identity, **source.facts.get("Person", {})},
        )
        for source in present
    ]
    result = survivorship.survive(declared("Person"), words)
    birth_date, precision = _birth(result, words)
    plain: dict[str, Any] = {"person_id": person_id}
    secrets: dict[str, Secret] = {}
    for declaration in declared("Person"):
        value = result.values.get(declaration.name)
        if value is None:
            continue
        if declaration.sealed:
            winner = by_record[result.winners[declaration.name].record_id]
            if winner.subject is not None:
                secrets[declaration.name] = Secret(winner.subject, winner.source_id, value)
        else:
            plain[declaration.name] = value
    newest = max(source.source_time for source in present).date()
    plain["birth_date_precision"] = precision
    plain["nik_status"] = derived.nik_status(result.values.get("nik"), birth_date, newest)
    row = GoldenRow("Person", plain, secrets, result.agencies(), result.provenance())
    return PersonView(row, birth_date)


def _birth(result: Survivors, words: Sequence[Word]) -> tuple[date | None, str | None]:
    """An exact date outranks an estimated one whoever says it; precision follows the date."""
    said = [word for word in words if word.values.get("birth_date")]
    if not said:
        return None, None
    declaration = entities()["Person"].field("birth_date")
    wins = declaration.wins
    winner = min(
        said,
        key=lambda word: (
            _PRECISION.get(str(word.values.get("birth_date_precision")), 9),
            wins.index(word.agency) if word.agency in wins else len(wins),
            *survivorship.precedence(word),
        ),
    )
    before = result.winners.get("birth_date")
    if before is not None and before is not winner:
        result.sources[before.record_id][1].remove("birth_date")
        result.sources[winner.record_id][1].append("birth_date")
        result.conflicts[:] = [one for one in result.conflicts if one["field"] != "birth_date"]
        survivorship.note_conflicts(result, declaration, winner, said)
    result.values["birth_date"], result.winners["birth_date"] = winner.values["birth_date"], winner
    precision = winner.values.get("birth_date_precision")
    return date.fromisoformat(str(winner.values["birth_date"])), str(precision) if precision else "DAY"


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What survives of a case, before what depends on its victims is known."""

    survivors: Survivors
    legal_stage: str | None
    legal_terminal: str | None
    stated: tuple[str, ...] = ()
    offices: tuple[str, ...] = ()
    """Regions of the offices that reported it."""

    @property
    def places(self) -> tuple[str | None, ...]:
        """Regions that the case has a tie to: of the recruitment, of the exploitation, of who reported it."""
        said = self.survivors.values
        return said.get("origin_region"), said.get("destination_region"), *self.offices

    @property
    def reported_on(self) -> date | None:
        """Day of the first report."""
        said = self.survivors.values.get("reported_on")
        return date.fromisoformat(said) if said else None

    @property
    def began_on(self) -> date | None:
        """Day on which the event began, else of the first report."""
        said = self.survivors.values.get("occurred_from")
        return date.fromisoformat(said) if said else self.reported_on


def case_facts(
    sources: Sequence[CaseSource], parts: Sequence[PersonSource], legal: Sequence[Mapping[str, Any]]
) -> CaseFacts | None:
    """What survives of a case; None when every source has withdrawn.

    Args:
        sources: all that are linked to the case, any order.
        parts: persons with a part in it, whose records may speak of the case too.
        legal: rows of its LegalEvents, the earliest first.
    """
    words = [
        Word(source.agency, source.record_id, source.source_time, source.key, _with_reporter(source.facts))
        for source in sources
        if not source.deleted
    ]
    if not words:
        return None
    words += [
        Word(part.agency, part.record_id, part.source_time, part.key, part.facts["Case"])
        for part in parts
        if not part.deleted and part.facts.get("Case")
    ]
    stage, terminal = derived.legal_position((event.get("stage"), event.get("terminal")) for event in legal)
    return CaseFacts(
        survivorship.survive(declared("Case"), words),
        stage,
        terminal,
        tuple(str(status) for word in words if (status := word.values.get("case_status"))),
        tuple(region for source in sources if not source.deleted and (region := _office(source.facts))),
    )


def _office(facts: Facts) -> str | None:
    mention = facts.get("Case", {}).get("reporting_entity")
    region = mention.get("region") if isinstance(mention, dict) else None
    return region if isinstance(region, str) else None


def _with_reporter(facts: Facts) -> Mapping[str, Json]:
    said = facts.get("Case", {})
    mention = said.get("reporting_entity")
    if not isinstance(mention, dict):
        return said
    return {**said, "reporting_entity_id": str(organisation_id(str(mention["key"])))}


def case(case_id: UUID, facts: CaseFacts, stages: Sequence[str | None], *, child_among: bool) -> GoldenRow:
    """The golden row of a case.

    Args:
        case_id: id of the oldest source.
        facts: what survives.
        stages: of its victims.
        child_among: a victim is under 18, for whom no means are required (UU 21/2007 art. 1(1), Palermo art. 3(c)).
    """
    survivors = facts.survivors
    values: dict[str, Any] = {**survivors.values, "case_id": case_id}
    if child_among:
        values["means"] = sorted({*values.get("means", ()), "NOT_REQUIRED_CHILD"})
    values["legal_stage"], values["legal_terminal"] = facts.legal_stage, facts.legal_terminal
    values["case_status"] = derived.case_status(facts.legal_stage, facts.legal_terminal, stages, facts.stated)
    values["geographic_scope"] = derived.geographic_scope(
        values.get("origin_region"), values.get("destination_country"), values.get("destination_region")
    )
    agencies = survivors.agencies()
    reached = reach.of_row(agencies, facts.places, case_id)
    return GoldenRow("Case", values, {}, agencies, survivors.provenance(), reached)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A person's part in a case: the ids, the records that give it, and all that the person's other records say."""

    role_id: UUID
    person_id: UUID
    case_id: UUID
    sources: tuple[PersonSource, ...]
    others: tuple[PersonSource, ...]


def _words(entity: str, sources: Sequence[PersonSource]) -> list[Word]:
    return [
        Word(source.agency, source.record_id, source.source_time, source.key, source.facts[entity])
        for source in sources
        if not source.deleted and source.facts.get(entity)
    ]


def victim(
    part: Part, view: PersonView | None, facts: CaseFacts, services: Sequence[tuple[str, date]]
) -> GoldenRow:
    """The golden row of a victim.

    Args:
        part: the person in the case.
        view: of the person, for the age and for where the person lives.
        facts: of the case.
        services: (category, first day) of the services given.
    """
    words = _words("Victim", (*part.sources, *part.others))
    survivors = survivorship.survive(declared("Victim"), words)
    for source in part.sources:
        survivors.sources.setdefault(
            source.record_id, (Word(source.agency, source.record_id, source.source_time, source.key, {}), [])
        )
    values: dict[str, Any] = {
        **survivors.values,
        "victim_id": part.role_id,
        "person_id": part.person_id,
        "case_id": part.case_id,
    }
    ordered = sorted(words, key=survivorship.precedence)
    speaking = sorted((*part.sources, *part.others), key=_precedence)
    status = derived.victim_status(
        (source.agency, said) for source in speaking if (said := _statuses(source))
    )
    if status:
        values["status"], values["status_decided_by"] = status
    values.update(_ages(view.birth_date if view else None, facts))
    values["protection_level"] = derived.protection_level(
        (str(level) for word in words if (level := word.values.get("protection_level"))),
        values.get("age_at_identification"),
    )
    stated = [
        (str(word.values["stage"]), _day(word.values.get("stage_since")) or word.source_time.date())
        for word in ordered
        if word.values.get("stage")
    ]
    values["stage"], values["stage_since"] = derived.stage(facts.reported_on, services, stated)
    agencies = survivors.agencies()
    home = view.row.values.get("residence_region") if view else None
    reached = reach.of_row(agencies, (*facts.places, home), part.case_id)
    return GoldenRow("Victim", values, {}, agencies, survivors.provenance(), reached)


def _precedence(source: PersonSource) -> tuple[float, str, bytes]:
    return survivorship.precedence(Word(source.agency, source.record_id, source.source_time, source.key, {}))


def _statuses(source: PersonSource) -> tuple[str, ...]:
    """What a record that stands has said of the status, version by version."""
    latest = source.facts.get("Victim", {}).get("status")
    said = source.earlier_statuses if is_absent(latest) else (*source.earlier_statuses, str(latest))
    return () if source.deleted else said


def _day(value: Json) -> date | None:
    return date.fromisoformat(str(value)) if value else None


def _ages(born: date | None, facts: CaseFacts) -> dict[str, Any]:
    age = derived.age_on(born, facts.reported_on) if born and facts.reported_on else None
    if born is None or facts.reported_on is None or age is None:
        return {}
    at_start = derived.age_on(born, facts.began_on or facts.reported_on)
    ages = {
        "age_at_identification": age,
        "age_band_ctdc": derived.age_band_ctdc(age),
        "age_band_national": derived.age_band_national(age),
    }
    return ages if at_start is None else {**ages, "is_child_at_exploitation": at_start < derived.ADULT}


def perpetrator(part: Part, facts: CaseFacts) -> GoldenRow:
    """The golden row of a perpetrator.

    Args:
        part: the person in the case.
        facts: of the case.
    """
    survivors = survivorship.survive(declared("Perpetrator"), _words("Perpetrator", part.sources))
    for source in part.sources:
        survivors.sources.setdefault(
            source.record_id, (Word(source.agency, source.record_id, source.source_time, source.key, {}), [])
        )
    values: dict[str, Any] = {
        "is_corporate": False,
        **survivors.values,
        "perpetrator_id": part.role_id,
        "person_id": part.person_id,
        "case_id": part.case_id,
    }
    agencies = survivors.agencies()
    reached = reach.of_row(agencies, facts.places, part.case_id)
    return GoldenRow("Perpetrator", values, {}, agencies, survivors.provenance(), reached)

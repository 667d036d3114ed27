"""Organisations that records mention: offices, placement agencies, training providers.

The row of an organisation is its newest mention in what agencies say now; one that nobody mentions any longer is gone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from hub.view import members, rows, store
from hub.view.golden import GoldenRow
from hub.view.members import CaseSource, Events, Facts, PersonSource, Spoken
from hub.view.store import Changes
from schema.record import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One record's word on an organisation; of two mentions the one with the smaller `rank` holds."""

    agency: str
    record_id: UUID
    at: datetime
    key: bytes
    values: Mapping[str, Json]

    @property
    def rank(self) -> tuple[float, str, bytes]:
        """The newest first, then agency, then key; never by arrival."""
        return -self.at.timestamp(), self.agency, self.key


def mentions(cases: Iterable[CaseSource], persons: Iterable[PersonSource]) -> dict[UUID, Mention]:
    """The newest mention of each organisation among these sources."""
    found: dict[UUID, Mention] = {}
    for case in cases:
        _keep(found, _mentions(case, case.facts, {}))
    for person in persons:
        _keep(found, _mentions(person, {}, person.events))
    return found


def _mentions(
    source: CaseSource | PersonSource | Spoken, facts: Facts, events: Events
) -> Iterator[tuple[UUID, Mention]]:
    said = [facts.get("Case", {}).get("reporting_entity")]
    said += [placement.get("agency_organisation") for placement in events.get("JobPlacement", ())]
    for values in said:
        if isinstance(values, dict):
            yield (
                rows.organisation_id(str(values["key"])),
                Mention(
                    agency=source.agency,
                    record_id=source.record_id,
                    at=source.source_time,
                    key=source.key,
                    values=values,
                ),
            )


def _keep(found: dict[UUID, Mention], said: Iterable[tuple[UUID, Mention]]) -> None:
    for place, one in said:
        if place not in found or one.rank < found[place].rank:
            found[place] = one


async def renew(
    connection: AsyncConnection[Any],
    cases: Mapping[UUID, CaseSource],
    persons: Mapping[UUID, PersonSource],
    epoch: int,
) -> Changes:
    """Makes the rows of all organisations that these sources mention, or mentioned until now, what holds.

    Args:
        connection: inside the caller's transaction, which holds the epoch's row.
        cases: by source id; their latest words.
        persons: by source id; their latest words.
        epoch: of this change.
    """
    found = mentions(cases.values(), persons.values())
    stored = await members.organisation_rows(connection, found, [*cases, *persons])
    if not found and not stored:
        return Changes((), ())
    standing: dict[UUID, Mention] = {}
    orphans: set[str] = set()
    for place, (_, spoken) in stored.items():
        words: dict[UUID, Mention] = {}
        _keep(words, _mentions(spoken, spoken.facts, spoken.events))
        held = words[place]
        if spoken.latest:
            standing[place] = held
        elif place not in found or held.rank < found[place].rank:
            # Whose word held says it no longer: somebody whose record is not at hand may have the next newest.
            orphans.add(str(held.values["key"]))
    for spoken in await members.mentioning(connection, orphans):
        said = _mentions(spoken, spoken.facts, spoken.events)
        _keep(standing, [(at, one) for at, one in said if at in stored])
    _keep(standing, found.items())
    after = {place: row(place, mention) for place, mention in standing.items()}
    before = {place: fingerprint for place, (fingerprint, _) in stored.items()}
    return await store.replace(connection, "Organisation", after, before, epoch)


def row(place: UUID, mention: Mention) -> GoldenRow:
    """The golden row of an organisation.

    Args:
        place: its id.
        mention: the newest.
    """
    values: dict[str, Any] = {"organisation_id": place}
    for declaration in rows.declared("Organisation"):
        if (said := mention.values.get(declaration.name)) is not None:
            values[declaration.name] = said
    values.setdefault("agency", None)
    provenance = rows.one_source(mention.agency, mention.record_id, mention.at)
    return GoldenRow("Organisation", values, {}, [mention.agency], provenance)

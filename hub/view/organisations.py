"""Organisations that records mention: offices, placement agencies, training providers.

The row of an organisation is its newest mention; taking the newest does not depend on the order of arrival.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from hub.view import rows
from hub.view.members import CaseSource, PersonSource
from hub.view.rows import GoldenRow
from schema.record import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One record's word on an organisation; of two mentions the larger `rank` holds."""

    agency: str
    record_id: UUID
    at: datetime
    values: Mapping[str, Json]

    @property
    def rank(self) -> tuple[str, str]:
        """The newest first, then the record's id."""
        return self.at.isoformat(), str(self.record_id)


def mentions(cases: Iterable[CaseSource], persons: Iterable[PersonSource]) -> dict[UUID, Mention]:
    """The newest mention of each organisation among these sources."""
    found: dict[UUID, Mention] = {}
    for source in cases:
        _keep(found, source, source.facts.get("Case", {}).get("reporting_entity"))
    for person in persons:
        for placement in person.events.get("JobPlacement", ()):
            _keep(found, person, placement.get("agency_organisation"))
    return found


def _keep(found: dict[UUID, Mention], source: CaseSource | PersonSource, said: Json) -> None:
    if not isinstance(said, dict):
        return
    one = Mention(agency=source.agency, record_id=source.record_id, at=source.source_time, values=said)
    place = rows.organisation_id(str(said["key"]))
    if place not in found or found[place].rank < one.rank:
        found[place] = one


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
    provenance: Json = {
        "sources": [
            {
                "agency": mention.agency,
                "record": str(mention.record_id),
                "at": mention.at.isoformat(),
                "fields": [],
            }
        ],
        "conflicts": [],
    }
    return rows.finish(values, {}, [mention.agency], provenance)

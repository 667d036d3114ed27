"""The canonical model: every entity and how they hang together.

`ENTITIES` is the whole list; what stands in it has a golden table, a GraphQL type and a page in the data dictionary.
"""

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from schema.declaration import Entity, entity_of
from schema.entities.case import Case
from schema.entities.document import Document
from schema.entities.job_placement import JobPlacement
from schema.entities.legal_event import LegalEvent
from schema.entities.movement import Movement
from schema.entities.organisation import Organisation
from schema.entities.perpetrator import Perpetrator
from schema.entities.person import Person
from schema.entities.restitution import Restitution
from schema.entities.service_event import ServiceEvent
from schema.entities.victim import Victim

ENTITIES: tuple[type, ...] = (
    Person,
    Case,
    Victim,
    Perpetrator,
    ServiceEvent,
    LegalEvent,
    Movement,
    JobPlacement,
    Restitution,
    Document,
    Organisation,
)

ROLES = MappingProxyType({"Victim": "victim", "Perpetrator": "perpetrator"})
"""Entities that are a role of a Person; they carry the person's fields under the role's own scopes."""


@dataclass(frozen=True, kw_only=True)
class Relation:
    """From a row of one entity to rows of another: `target.target_field = owner.owner_field`.

    Seeing it needs the target's scope: that there is something is a fact too.
    """

    owner: str
    name: str
    target: str
    owner_field: str
    target_field: str
    many: bool
    text: str


RELATIONS: tuple[Relation, ...] = (
    Relation(
        owner="Case",
        name="victims",
        target="Victim",
        owner_field="case_id",
        target_field="case_id",
        many=True,
        text="Persons harmed in the case.",
    ),
    Relation(
        owner="Case",
        name="perpetrators",
        target="Perpetrator",
        owner_field="case_id",
        target_field="case_id",
        many=True,
        text="Persons under suspicion in the case.",
    ),
    Relation(
        owner="Case",
        name="legal_events",
        target="LegalEvent",
        owner_field="case_id",
        target_field="case_id",
        many=True,
        text="Steps of the legal process.",
    ),
    Relation(
        owner="Case",
        name="reporting_entity",
        target="Organisation",
        owner_field="reporting_entity_id",
        target_field="organisation_id",
        many=False,
        text="Organisation that reported the case first.",
    ),
    Relation(
        owner="Victim",
        name="case",
        target="Case",
        owner_field="case_id",
        target_field="case_id",
        many=False,
        text="The case in which the person was harmed.",
    ),
    Relation(
        owner="Victim",
        name="service_events",
        target="ServiceEvent",
        owner_field="victim_id",
        target_field="victim_id",
        many=True,
        text="Services given to the victim.",
    ),
    Relation(
        owner="Victim",
        name="movements",
        target="Movement",
        owner_field="person_id",
        target_field="person_id",
        many=True,
        text="Border crossings of the person.",
    ),
    Relation(
        owner="Victim",
        name="job_placements",
        target="JobPlacement",
        owner_field="person_id",
        target_field="person_id",
        many=True,
        text="Jobs abroad that were promised to the person.",
    ),
    Relation(
        owner="Victim",
        name="documents",
        target="Document",
        owner_field="person_id",
        target_field="person_id",
        many=True,
        text="Documents of the person.",
    ),
    Relation(
        owner="Victim",
        name="restitutions",
        target="Restitution",
        owner_field="victim_id",
        target_field="victim_id",
        many=True,
        text="What the victim is owed.",
    ),
    Relation(
        owner="Perpetrator",
        name="case",
        target="Case",
        owner_field="case_id",
        target_field="case_id",
        many=False,
        text="The case in which the person is under suspicion.",
    ),
    Relation(
        owner="JobPlacement",
        name="agency_organisation",
        target="Organisation",
        owner_field="agency_organisation_id",
        target_field="organisation_id",
        many=False,
        text="Placement agency or training provider.",
    ),
)


@cache
def entities() -> MappingProxyType[str, Entity]:
    """Every entity by name."""
    return MappingProxyType({cls.__name__: entity_of(cls) for cls in ENTITIES})

"""Which sources are one entity: connected by decisions, held apart by guards.

A guard looks at the whole component, since a chain of good pairs can still join what must stay apart.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from schema.record import Role

LARGEST = 15
"""Sources of one person; a larger component is a review. The largest true one in the bench had 13."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What a guard must know of a source: its part in a case and the hash of its NIK."""

    role: str | None
    nik: bytes | None


@dataclass(frozen=True, slots=True)
class Edge:
    """One pair that a rule joins; `older` has the smaller id."""

    older: UUID
    newer: UUID
    rule: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A pair that a guard holds apart, and why."""

    edge: Edge
    reason: str
    restricted: str | None = None


@dataclass(slots=True)
class _Component:
    members: list[UUID]
    roles: set[str]
    niks: set[bytes]
    apart: set[UUID]


@dataclass(slots=True)
class Clusters:
    """Components of sources; the id of a component is that of its oldest source."""

    _of: dict[UUID, _Component] = field(default_factory=dict[UUID, _Component])
    refused: list[Refused] = field(default_factory=list[Refused])
    accepted: list[Edge] = field(default_factory=list[Edge])

    def entity_of(self, source_id: UUID) -> UUID:
        """The id of the entity that the source belongs to."""
        return min(self._of[source_id].members)

    def members(self) -> dict[UUID, UUID]:
        """Entity by source."""
        return {source_id: self.entity_of(source_id) for source_id in self._of}

    def has(self, edge: Edge) -> bool:
        """True if both sources of the pair have been added."""
        return edge.older in self._of and edge.newer in self._of

    def add(self, source_id: UUID, traits: Traits, apart: Iterable[UUID] = ()) -> None:
        """A source on its own.

        Args:
            source_id: not added before.
            traits: for the guards.
            apart: sources that somebody has said are not the same.
        """
        self._of[source_id] = _Component(
            [source_id],
            {traits.role} if traits.role else set(),
            {traits.nik} if traits.nik else set(),
            set(apart),
        )

    def rejoin(self, edge: Edge) -> None:
        """Joins a pair that was decided before; guards have seen it then."""
        self._union(edge)

    def join(self, edge: Edge) -> None:
        """Joins a pair unless a guard holds it apart; then it is among `refused`."""
        left, right = self._of[edge.older], self._of[edge.newer]
        if left is not right:
            refused = _guard(edge, left, right)
            if refused:
                self.refused.append(refused)
                return
        self.accepted.append(edge)
        self._union(edge)

    def _union(self, edge: Edge) -> None:
        left, right = self._of[edge.older], self._of[edge.newer]
        if left is right:
            return
        if len(left.members) < len(right.members):
            left, right = right, left
        left.members += right.members
        left.roles |= right.roles
        left.niks |= right.niks
        left.apart |= right.apart
        for source_id in right.members:
            self._of[source_id] = left


def _guard(edge: Edge, left: _Component, right: _Component) -> Refused | None:
    if left.apart.intersection(right.members) or right.apart.intersection(left.members):
        return Refused(edge, "somebody has decided that two of them are not the same")
    if {Role.VICTIM.value, Role.PERPETRATOR.value} <= left.roles | right.roles:
        return Refused(edge, "one would be victim and suspect (UU 21/2007 art. 18)", "link.overlap:review")
    if len(left.niks | right.niks) > 1:
        return Refused(edge, "two well-formed NIKs would be one person's")
    if len(left.members) + len(right.members) > LARGEST:
        return Refused(edge, "the person would have more sources than is plausible")
    return None

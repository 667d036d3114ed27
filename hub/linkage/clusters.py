"""Which sources are one entity: connected by decisions, held apart by guards.

A guard looks at the whole component, since a chain of good pairs can still join what must stay apart. Where it objects
nobody guesses: the records that could belong to either side join neither, and a person is asked. So the result follows
from the pairs alone, and neither the order in which records came nor where batches ended can be seen in it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, groupby
from uuid import UUID

from schema.record import Role

LARGEST = 15
"""Different descriptions of one person; a larger component is a review. The largest true one in the bench had 13."""
OVERLAP_SCOPE = "link.overlap:review"
_OVERLAP = frozenset({Role.VICTIM.value, Role.PERPETRATOR.value})


@dataclass(frozen=True, slots=True)
class Traits:
    """What a guard must know of a source.

    Attributes:
        role: its person's part in a case.
        number: hash of what no two entities share: a well-formed NIK, the number of a case.
        words: hash of how it describes its person; a hundred crossings on one passport are one description.
    """

    role: str | None = None
    number: bytes | None = None
    words: bytes = b""


@dataclass(frozen=True, slots=True)
class Edge:
    """One pair that a rule joins; `older` has the smaller id."""

    older: UUID
    newer: UUID
    rule: str

    @property
    def pair(self) -> tuple[UUID, UUID]:
        """Both sources."""
        return self.older, self.newer


@dataclass(frozen=True, slots=True)
class Refused:
    """A pair that a guard holds apart, and why."""

    edge: Edge
    reason: str
    restricted: str | None = None


@dataclass(frozen=True, slots=True)
class Clustered:
    """Entity by source, the pairs that hold, and those that a guard refused; an entity has its oldest source's id."""

    entity_by_source: Mapping[UUID, UUID]
    accepted: Sequence[Edge]
    refused: Sequence[Refused]


@dataclass(slots=True, eq=False)
class _Group:
    members: list[UUID]
    roles: set[str]
    numbers: set[bytes]
    words: set[bytes]
    foes: dict[UUID, str]


@dataclass(frozen=True, slots=True, order=True)
class _Objection:
    rank: int
    reason: str
    restricted: str | None = None


_Pairs = list[tuple[Edge, _Group, _Group]]
_BOTH_ROLES = _Objection(0, "one would be victim and suspect (UU 21/2007 art. 18)", OVERLAP_SCOPE)
_TWO_NUMBERS = _Objection(
    2, "two that are numbered apart would be one: two NIKs, or two cases that have a number"
)
_TOO_LARGE = _Objection(3, "the person would have more sources than is plausible")


def cluster(
    sources: Iterable[UUID],
    traits: Callable[[UUID], Traits],
    *,
    decided: Sequence[Edge],
    found: Collection[Edge],
    against: Mapping[tuple[UUID, UUID], str],
    largest: int | None = LARGEST,
) -> Clustered:
    """The entities that these sources are.

    Args:
        sources: all that can be one; who is in no pair is an entity alone.
        traits: of a source, asked of those in pairs.
        decided: pairs that people have joined; no guard objects to a person.
        found: pairs that a rule joins. A stronger rule, by the name, is heard before a weaker one, and among its pairs
            those of two who both have a part in a case before the rest.
        against: reason by pair (older, newer) that must not be one.
        largest: descriptions of one entity at most; None where any number is plausible.
    """
    paired = {one for edge in (*decided, *found) for one in edge.pair}
    known = {one: traits(one) for one in paired}
    clusters = _Clusters(known, against, largest)
    for edge in decided:
        clusters.union(edge)

    def strength(edge: Edge) -> tuple[str, bool]:
        return edge.rule, known[edge.older].role is None or known[edge.newer].role is None

    for _, edges in groupby(sorted(found, key=lambda edge: (strength(edge), edge.pair)), strength):
        clusters.join(list(edges))
    entity_by_source = {one: one for one in sources}
    entity_by_source.update((one, min(group.members)) for one, group in clusters.groups.items())
    return Clustered(
        entity_by_source,
        clusters.accepted,
        clusters.refused,
    )


@dataclass(slots=True)
class _Clusters:
    traits: Mapping[UUID, Traits]
    against: Mapping[tuple[UUID, UUID], str]
    largest: int | None
    groups: dict[UUID, _Group] = field(default_factory=dict[UUID, _Group])
    accepted: list[Edge] = field(default_factory=list[Edge])
    refused: list[Refused] = field(default_factory=list[Refused])

    def __post_init__(self) -> None:
        foes: dict[UUID, dict[UUID, str]] = defaultdict(dict)
        for (one, other), reason in self.against.items():
            foes[one][other] = foes[other][one] = reason
        for one, said in self.traits.items():
            self.groups[one] = _Group(
                [one],
                {said.role} if said.role else set(),
                {said.number} if said.number else set(),
                {said.words},
                foes.get(one, {}),
            )

    def join(self, edges: Sequence[Edge]) -> None:
        """Joins what these pairs connect, except around a contradiction."""
        open_pairs: _Pairs = []
        for edge in edges:
            left, right = self.groups[edge.older], self.groups[edge.newer]
            objection = _objection(left, right)
            if left is right:
                self.accepted.append(edge)
            elif objection:
                self._refuse(edge, objection)
            else:
                open_pairs.append((edge, left, right))
        radius = 1
        while open_pairs:
            open_pairs = [pair for pairs in _components(open_pairs) for pair in self._settle(pairs, radius)]
            radius += 1

    def union(self, edge: Edge) -> None:
        """Joins a pair, whatever a guard says."""
        left, right = self.groups[edge.older], self.groups[edge.newer]
        if left is right:
            return
        if len(left.members) < len(right.members):
            left, right = right, left
        left.members += right.members
        left.roles |= right.roles
        left.numbers |= right.numbers
        left.words |= right.words
        left.foes = left.foes | right.foes
        for source_id in right.members:
            self.groups[source_id] = left

    def _settle(self, pairs: _Pairs, radius: int) -> _Pairs:
        """Joins a component without contradiction; of another, the pairs that are left once its middle is cut out."""
        neighbours: dict[_Group, set[_Group]] = defaultdict(set)
        for _, left, right in pairs:
            neighbours[left].add(right)
            neighbours[right].add(left)
        clashes = _clashes(list(neighbours))
        if clashes:
            torn = _between(clashes, neighbours, radius)
            for edge, left, right in pairs:
                objections = [torn[group] for group in (left, right) if group in torn]
                if objections:
                    self._refuse(edge, min(objections))
            return [pair for pair in pairs if pair[1] not in torn and pair[2] not in torn]
        words = {word for group in neighbours for word in group.words}
        for edge, _, _ in pairs:
            if self.largest is not None and len(words) > self.largest:
                self._refuse(edge, _TOO_LARGE)
            else:
                self.accepted.append(edge)
                self.union(edge)
        return []

    def _refuse(self, edge: Edge, objection: _Objection) -> None:
        self.refused.append(Refused(edge, objection.reason, objection.restricted))


def _components(pairs: _Pairs) -> list[_Pairs]:
    of: dict[_Group, list[_Group]] = {}
    for _, left, right in pairs:
        one, other = of.setdefault(left, [left]), of.setdefault(right, [right])
        if one is not other:
            one += other
            for group in other:
                of[group] = one
    found: dict[int, _Pairs] = defaultdict(list)
    for pair in pairs:
        found[id(of[pair[1]])].append(pair)
    return list(found.values())


def _clashes(groups: Sequence[_Group]) -> list[tuple[_Objection, _Group, _Group]]:
    """The pairs of these groups that must not be one, those with the gravest reason first."""
    found = [
        (objection, one, other)
        for one, other in combinations(groups, 2)
        if (objection := _objection(one, other)) is not None
    ]
    return sorted(found, key=lambda clash: clash[0])


def _between(
    clashes: Iterable[tuple[_Objection, _Group, _Group]],
    neighbours: Mapping[_Group, set[_Group]],
    radius: int,
) -> dict[_Group, _Objection]:
    """The groups that lie within so many steps of both sides of a clash, and the gravest reason for each."""
    balls: dict[_Group, set[_Group]] = {}
    torn: dict[_Group, _Objection] = {}
    for objection, *sides in clashes:
        for side in sides:
            if side not in balls:
                balls[side] = _ball(neighbours, side, radius)
        for group in balls[sides[0]] & balls[sides[1]]:
            torn.setdefault(group, objection)
        if len(torn) == len(neighbours):
            break
    return torn


def _ball(neighbours: Mapping[_Group, set[_Group]], centre: _Group, radius: int) -> set[_Group]:
    """All groups within so many steps."""
    reached = rim = {centre}
    for _ in range(radius):
        rim = {other for group in rim for other in neighbours[group]} - reached
        reached = reached | rim
    return reached


def _objection(left: _Group, right: _Group) -> _Objection | None:
    """Why the two must not be one; what a person has joined already is no new reason."""
    roles = left.roles | right.roles
    if roles >= _OVERLAP and not (left.roles >= _OVERLAP or right.roles >= _OVERLAP):
        return _BOTH_ROLES
    for one, other in ((left, right), (right, left)):
        for member in one.members if one.foes or other.foes else ():
            if member in other.foes:
                return _Objection(1, other.foes[member])
    numbers = left.numbers | right.numbers
    if len(numbers) > max(1, len(left.numbers), len(right.numbers)):
        return _TWO_NUMBERS
    return None

"""From (seed, size) to cases and records: streamed, deterministic, each agency by itself."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

from hub.sandbox import wire_imigrasi, wire_kemensos, wire_kemnaker, wire_polri
from hub.sandbox.broken import broken_records
from hub.sandbox.cases import Accused, TrueCase, make_case
from hub.sandbox.chance import one_of
from hub.sandbox.stories import stories
from hub.sandbox.wire import Agency, WireRecord

DEFAULT_SEED = 61
DEFAULT_SIZE = 420
_LOOK_BACK = 300
_WRITERS: dict[Agency, Callable[[Random, TrueCase], Iterator[WireRecord]]] = {
    "polri": wire_polri.records,
    "imigrasi": wire_imigrasi.records,
    "kemnaker": wire_kemnaker.records,
    "kemensos": wire_kemensos.records,
}


class Population:
    """The people and cases of a seed and a size, the same at every call and in every process.

    Args:
        seed: any integer.
        size: the number of random cases beside the named stories, n >= 0.
    """

    def __init__(self, seed: int, size: int) -> None:
        self.seed, self.size = seed, size

    def case(self, slot: int) -> TrueCase:
        """The case of a slot, 0 <= slot < size; a few of its people also belong to an earlier slot."""
        case = self._own(slot)
        rng = self._rng(slot, "borrow")
        lends = one_of(rng, (925, "NOBODY"), (45, "ACCUSED"), (10, "VICTIM_AS_ACCUSED"), (20, "VICTIM"))
        if slot == 0 or lends == "NOBODY":
            return case
        earlier = self._own(max(0, slot - 1 - int(rng.random() * _LOOK_BACK)))
        if lends == "ACCUSED" and case.accused and earlier.accused:
            lent = replace(earlier.accused[0], roles=case.accused[0].roles)
            return replace(case, accused=(lent, *case.accused[1:]))
        if lends == "VICTIM_AS_ACCUSED" and case.accused and _grown_up(earlier, case):
            lent = Accused(earlier.victims[0], case.accused[0].roles, "TERLAPOR")
            return replace(case, accused=(lent, *case.accused[1:]))
        if lends == "VICTIM" and _may_follow(earlier, case):
            return replace(case, victims=(earlier.victims[0], *case.victims[1:]))
        return case

    def cases(self) -> Iterator[TrueCase]:
        """The random cases by slot."""
        return (self.case(slot) for slot in range(self.size))

    def own_cases(self) -> Iterator[TrueCase]:
        """The random cases before they lend people to each other: every person stands in exactly one."""
        return (self._own(slot) for slot in range(self.size))

    def records(self, agency: Agency) -> Iterator[WireRecord]:
        """All records of an agency: stories, broken ones, then the random cases."""
        for story in stories():
            yield from (record for record in story.records if record.agency == agency)
        yield from (record for record in broken_records() if record.agency == agency)
        write = _WRITERS[agency]
        for slot in range(self.size):
            yield from write(self._rng(slot, agency), self.case(slot))

    def _own(self, slot: int) -> TrueCase:
        return make_case(self._rng(slot, "case"), slot)

    def _rng(self, slot: int, use: str) -> Random:
        return Random(f"{self.seed}/{slot}/{use}")  # noqa: S311 -- must be repeatable; nothing secret comes of it


def _grown_up(earlier: TrueCase, case: TrueCase) -> bool:
    return earlier.victims[0].age_on(case.departed_on) >= wire_polri.CHILD_AGE


def _may_follow(earlier: TrueCase, case: TrueCase) -> bool:
    """Whether an earlier victim fits the later case: its sex and age, and after its end."""
    ended_on = earlier.returned_on or earlier.departed_on
    person, lowest, highest = earlier.victims[0], *case.profile.ages
    replaced = case.victims[0]
    return (
        ended_on < case.departed_on
        and person.sex == replaced.sex
        and lowest <= person.age_on(case.departed_on) <= highest
    )

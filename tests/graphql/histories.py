"""Histories of a case and its persons: what agencies say, take back and say otherwise, and what people decide about links."""

import itertools
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from hub.linkage.undo import unlink
from schema.record import Record, Role
from tests.graphql.hub import Hub
from tests.graphql.records import Population, identity, ingest

AGENCIES = ("POLRI", "KEMENSOS")
PERSONS = 4
_NUMBERS = itertools.count(1000, 10)

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("case"), st.integers(0, 1), st.booleans()),
        st.tuples(
            st.just("person"), st.integers(0, PERSONS - 1), st.integers(0, PERSONS - 1), st.integers(0, 1)
        ),
        st.tuples(st.just("withdraw"), st.integers(0, PERSONS - 1)),
        st.tuples(st.just("withdraw case"), st.integers(0, 1)),
        st.tuples(st.just("part"), st.integers(0, PERSONS - 1), st.integers(0, PERSONS - 1)),
    ),
    min_size=2,
    max_size=5,
)
"""What happens after the first words: a case told anew (with the shared report number or without), a person told anew (as
whom, in which case of the agency), a person or a case taken back, two records of one person held apart."""


def later(hub: Hub) -> None:
    """The clock goes on by an hour, in which every token ends."""
    hub.clock.forward(hours=1)
    hub.tokens.clear()


@dataclass
class History:
    """One case of each of two agencies and four persons; two are told by each agency, the last as a suspect."""

    hub: Hub
    seed: int
    number: int = field(default_factory=lambda: next(_NUMBERS))

    def __post_init__(self) -> None:
        self.population = Population(seed=self.seed, cases=0)
        self.report = f"B/{self.number}/II/2025/POLRES SAMBAS"
        self.records = [self.case(0, shared=False), self.case(1, shared=False), self.case(0, False, "b")]
        self.records += [self.person(one, one, 0) for one in range(PERSONS)]

    def case(self, agency: int, shared: bool, part: str = "a") -> Record:
        return self._later(
            self.population.case(
                f"H-{self.number}-{part}",
                agency=AGENCIES[agency],
                police_report=self.report if shared else None,
            )
        )

    def person(self, one: int, same_as: int, case: int) -> Record:
        agency = AGENCIES[one % 2]
        part = "b" if case and agency == "POLRI" else "a"
        role = Role.PERPETRATOR if one == PERSONS - 1 else Role.VICTIM
        told = self.population.person(self.number + one, role, f"H-{self.number}-{part}", agency=agency)
        born = self.hub.clock().date().replace(year=1985, month=2, day=1 + same_as)
        said = identity(self.number + same_as, self.population.chance, born=born)
        said["nik"] = f"990101{born:%d%m%y}{self.number + same_as:04d}"
        return self._later(replace(told, identity={**said, "documents": told.identity["documents"]}))

    def _later(self, record: Record) -> Record:
        """Said at the hub's present, so that no word is older than the one before."""
        return replace(record, source_time=self.hub.clock())

    async def say(self, *records: Record) -> None:
        async with self.hub.pool.connection() as connection:
            await ingest(connection, self.hub.keyring, records, self.hub.clock())

    async def source_id(self, record: Record) -> UUID:
        table = "source_person" if record.role else "source_case"
        key = self.hub.keyring.source_key(record.agency, record.object, record.key)
        ((found,),) = await self.hub.rows(f"SELECT source_id FROM {table} WHERE key = %s", key)  # noqa: S608 -- one of two
        return found

    async def take(self, step: tuple[Any, ...]) -> None:
        """One step of the history."""
        later(self.hub)
        match step:
            case ("case", agency, shared):
                await self.say(self.case(agency, shared))
            case ("person", one, same_as, case):
                await self.say(self.person(one, same_as, case))
            case ("withdraw", one):
                await self._withdraw(self.records[3 + one])
            case ("withdraw case", agency):
                await self._withdraw(self.records[agency])
            case ("part", one, other):
                await self._part(self.records[3 + one], self.records[3 + other])

    async def _withdraw(self, record: Record) -> None:
        gone = Record(
            agency=record.agency,
            object=record.object,
            key=record.key,
            kind=record.kind,
            source_time=self.hub.clock(),
            mapping_version="1",
            deleted=True,
        )
        await self.say(gone)

    async def _part(self, one: Record, other: Record) -> None:
        ids = await self.source_id(one), await self.source_id(other)
        persons = await self.hub.rows(
            "SELECT DISTINCT entity_id FROM link WHERE source_id = ANY(%s) AND valid_to IS NULL", list(ids)
        )
        if ids[0] != ids[1] and len(persons) == 1:
            async with self.hub.pool.connection() as connection:
                await unlink(connection, self.hub.keyring, *ids, decided_by="petugas", now=self.hub.clock())

    async def ids(self) -> dict[str, list[str]]:
        """Every id that a case or a part of this history may ever have, by the field that asks for it."""
        cases = [str(await self.source_id(one)) for one in self.records[:3]]
        roles: dict[str, list[str]] = {"case": cases, "victim": [], "perpetrator": []}
        for record in self.records[3:]:
            ((role_id,),) = await self.hub.rows(
                "SELECT role_id FROM source_person WHERE source_id = %s", await self.source_id(record)
            )
            roles["perpetrator" if record.role is Role.PERPETRATOR else "victim"].append(str(role_id))
        return roles


async def first_words(hub: Hub, seed: int) -> tuple[History, str, datetime]:
    """A history whose first person has a passport and is no protected witness, their id as a victim, and the moment of it."""
    history = History(hub, seed)
    later(hub)
    one = history.records[3]
    facts = {**one.facts, "Victim": {"protection_level": "NORMAL"}}
    facts["Person"] = {**one.facts["Person"], "residence_region": "61.01", "birth_date_precision": "DAY"}
    paper = {"key": "paspor", "type": "PASSPORT", "number": "X7090001"}
    said = {**one.identity, "documents": [paper]}
    history.records[3] = replace(one, facts=facts, identity=said, source_time=hub.clock())
    history.records[0] = replace(
        history.records[0], facts={"Case": {"reported_on": "2025-02-01"}}, source_time=hub.clock()
    )
    await history.say(*history.records)
    hub.tokens.clear()
    victim_id = (await history.ids())["victim"][0]
    return history, victim_id, hub.clock()


async def again(history: History, **changes: Any) -> None:
    """The first person told anew."""
    later(history.hub)
    history.records[3] = replace(history.records[3], source_time=history.hub.clock(), **changes)
    await history.say(history.records[3])
    later(history.hub)

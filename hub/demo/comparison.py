"""The view beside the sandbox's kept truth: is every record there, and are persons and cases counted once.

Reads synthetic identities in the clear; nothing but the demo and tests uses it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from hub.identity.keyring import Keyring
from hub.sandbox.truth import TrueRecord, Truth
from schema import identifiers

Key = tuple[str, str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How the view stands to the truth.

    Attributes:
        record_count: records on the wire that the hub takes in.
        unasked_count: records of immigration about persons in no case, whom the hub does not ask about.
        overasked_count: of those, in the store all the same: the hub has asked about somebody it may not ask about.
        stored_count: of them, in the store.
        quarantined_count: of them, in quarantine.
        missing: (agency, object) of each record that is in neither.
        wrongly_stored: broken records that came through.
        wrongly_quarantined: good records that did not.
        true_persons: distinct persons among the stored records.
        linkable_persons: distinct persons as far as equal identifiers can tell.
        hub_persons: distinct persons of the hub.
        false_merges: persons of the hub that join two true persons.
        true_cases: distinct cases among the stored records.
        hub_cases: distinct cases of the hub.
        mixed_cases: cases of the hub that join two true cases.
    """

    record_count: int
    unasked_count: int
    overasked_count: int
    stored_count: int
    quarantined_count: int
    missing: tuple[tuple[str, str], ...]
    wrongly_stored: int
    wrongly_quarantined: int
    true_persons: int
    linkable_persons: int
    hub_persons: int
    false_merges: int
    true_cases: int
    hub_cases: int
    mixed_cases: int

    @property
    def right(self) -> bool:
        """True if no record is lost, none came through that should not, and nothing was merged wrongly."""
        return not (
            self.missing
            or self.overasked_count
            or self.wrongly_stored
            or self.wrongly_quarantined
            or self.false_merges
            or self.mixed_cases
        )


async def compare(connection: AsyncConnection[Any], keyring: Keyring, truth: Truth) -> Comparison:
    """Compares the hub with the truth of the sandbox that it has read.

    Args:
        connection: to the hub's database.
        keyring: makes the kept form of source keys.
        truth: of the sandbox.
    """
    entity_of, in_a_case = await _entities(connection)
    held = await _quarantined(connection)
    stored: list[tuple[TrueRecord, UUID | None]] = []
    quarantined: list[TrueRecord] = []
    missing: list[tuple[str, str]] = []
    taken_in = [record for record in truth.records if _is_taken_in(record)]
    asked = _asked(keyring, taken_in, entity_of, in_a_case)
    expected = [record for record in taken_in if asked.covers(record)]
    nameless = sum(count for (_, _, key), count in held.items() if key == b"")
    for record in expected:
        key = _key(keyring, record)
        if record.key and key in entity_of:
            stored.append((record, entity_of[key]))
        elif record.key and key in held:
            quarantined.append(record)
        elif not record.key and nameless:
            nameless -= 1
            quarantined.append(record)
        else:
            missing.append((record.agency, record.object))
    persons = [(record, entity) for record, entity in stored if record.person_id and entity]
    cases = [(record, entity) for record, entity in stored if _is_case(record) and entity and record.case_id]
    return Comparison(
        record_count=len(expected),
        unasked_count=len(taken_in) - len(expected),
        overasked_count=sum(not asked.covers(one) and _key(keyring, one) in entity_of for one in taken_in),
        stored_count=len(stored),
        quarantined_count=len(quarantined),
        missing=tuple(missing),
        wrongly_stored=sum(record.broken is not None for record, _ in stored),
        wrongly_quarantined=sum(record.broken is None for record in quarantined),
        true_persons=len({record.person_id for record, _ in persons}),
        linkable_persons=_linkable(record for record, _ in persons),
        hub_persons=len({entity for _, entity in persons}),
        false_merges=_mixed((entity, record.person_id) for record, entity in persons),
        true_cases=len({record.case_id for record, _ in cases}),
        hub_cases=len({entity for _, entity in cases}),
        mixed_cases=_mixed((entity, record.case_id) for record, entity in cases),
    )


_NOT_TAKEN_IN = frozenset(["penundaan", "dtsen"])


def _is_taken_in(record: TrueRecord) -> bool:
    return record.object not in _NOT_TAKEN_IN and not record.withdrawn


def _is_case(record: TrueRecord) -> bool:
    return record.object in {"laporan_polisi", "pengaduan"}


def _key(keyring: Keyring, record: TrueRecord) -> Key:
    agency = record.agency.upper()
    return agency, record.object, keyring.source_key(agency, record.object, record.key)


async def _entities(connection: AsyncConnection[Any]) -> tuple[dict[Key, UUID | None], set[UUID]]:
    """The entity of each source, and the persons who have a part in a case."""
    found: dict[Key, UUID | None] = {}
    in_a_case: set[UUID] = set()
    for table, role in (("source_case", "NULL"), ("source_person", "s.role")):
        statement = (
            f"SELECT s.agency, s.object, s.key, l.entity_id, {role} FROM {table} s"  # noqa: S608 -- of the two above
            " LEFT JOIN link l ON l.source_id = s.source_id AND l.valid_to IS NULL"
        )
        cursor = await connection.execute(statement.encode(), binary=True)
        for agency, kind, key, entity, part in await cursor.fetchall():
            found[agency, kind, key] = entity
            if part is not None and entity is not None:
                in_a_case.add(entity)
    return found, in_a_case


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the hub may ask immigration about: persons in a case, by the identifiers that it knows of them."""

    niks: frozenset[str]
    numbers: frozenset[str]

    def covers(self, record: TrueRecord) -> bool:
        """True if the record is of another agency, or within what is asked."""
        if record.agency != "imigrasi":
            return True
        return record.passport in self.numbers or (record.object == "paspor" and record.nik in self.niks)


def _asked(
    keyring: Keyring,
    records: Iterable[TrueRecord],
    entity_of: Mapping[Key, UUID | None],
    in_a_case: set[UUID],
) -> _Asked:
    known = [record for record in records if entity_of.get(_key(keyring, record)) in in_a_case]
    niks = frozenset(record.nik for record in known if record.nik and identifiers.is_nik(record.nik))
    numbers = {number for record in known if (number := identifiers.passport(record.passport or ""))}
    # The passports that a NIK leads to are asked for their crossings in the same pull.
    numbers |= {
        record.passport
        for record in records
        if record.object == "paspor" and record.nik in niks and record.passport
    }
    return _Asked(niks, frozenset(numbers))


async def _quarantined(connection: AsyncConnection[Any]) -> dict[Key, int]:
    cursor = await connection.execute(
        "SELECT agency, object, coalesce(key, ''::bytea), count(*) FROM quarantine WHERE state = 'open'"
        " GROUP BY 1, 2, 3",
        binary=True,
    )
    return {(row[0], row[1], row[2]): row[3] for row in await cursor.fetchall()}


def _mixed(pairs: Iterable[tuple[UUID | None, str | None]]) -> int:
    true_by_entity: dict[UUID | None, set[str | None]] = defaultdict(set)
    for entity, true_id in pairs:
        true_by_entity[entity].add(true_id)
    return sum(len(true_ids) > 1 for true_ids in true_by_entity.values())


def _linkable(records: Iterable[TrueRecord]) -> int:
    """Groups of each person's records that share a well-formed NIK or passport, directly or by way of another."""
    by_person: dict[str, list[TrueRecord]] = defaultdict(list)
    for record in records:
        if record.person_id:
            by_person[record.person_id].append(record)
    return sum(_groups(group) for group in by_person.values())


def _groups(records: Iterable[TrueRecord]) -> int:
    parent: dict[str, str] = {}

    def root(one: str) -> str:
        while parent[one] != one:
            one = parent[one]
        return one

    alone: Mapping[int, str] = {number: f"record {number}" for number, _ in enumerate(records)}
    for number, record in enumerate(records):
        parent[alone[number]] = alone[number]
        shared = [f"nik {record.nik}"] if record.nik and identifiers.is_nik(record.nik) else []
        shared += [f"passport {number_}"] if (number_ := identifiers.passport(record.passport or "")) else []
        for one in shared:
            parent.setdefault(one, one)
            parent[root(one)] = root(alone[number])
    return len({root(one) for one in alone.values()})

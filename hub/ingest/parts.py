"""Persons who travelled inside a case and no longer do: their agency has withdrawn them, though it does not say so."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from psycopg import AsyncConnection

from hub.identity.keyring import Keyring
from hub.ingest.versions import Known, SourceKey
from schema.record import Record, RecordKind

Keyed: TypeAlias = tuple[bytes, Record]
"""A record with the kept form of its key."""

_ALIVE = """
    SELECT s.case_object, s.case_key, s.object, s.key, s.source_id, s.role_id, s.version, s.hash,
           coalesce(s.confirmed_at, s.source_time), k.kek_version, k.wrapped
    FROM unnest(%s::text[], %s::bytea[]) AS c(object, key)
    JOIN source_person s ON s.agency = %s AND s.case_object = c.object AND s.case_key = c.key AND NOT s.deleted
    LEFT JOIN subject_key k ON k.subject_id = s.source_id
"""


def still_inside(keyed: Sequence[Keyed]) -> list[Keyed]:
    """The batch without the persons whom a newer word in it on their case no longer names.

    A report may come twice in one batch, before and after somebody was taken out of it.
    """
    named = {(case.object, case.key): (case, set(case.parts or ())) for _, case in _latest_cases(keyed)}
    kept: list[Keyed] = []
    for key, record in keyed:
        if record.case in named:
            case, inside = named[record.case]
            if record.source_time < case.source_time and (record.object, record.key) not in inside:
                continue
        kept.append((key, record))
    return kept


async def never_met(
    connection: AsyncConnection[Any],
    agency: str,
    keyed: Sequence[Keyed],
    stored: Mapping[RecordKind, Mapping[SourceKey, Known]],
) -> set[SourceKey]:
    """Persons whom only an old word on their case brings: a newer one that the store has did not name them.

    It would have brought them too, or put them in quarantine where they broke a rule; those come in all the same.

    Args:
        connection: inside the batch's transaction, after its fence.
        agency: code of the agency.
        keyed: records of the batch.
        stored: what the store has of these keys, by kind.
    """
    late: dict[tuple[str, str], datetime] = {}
    for key, case in _latest_cases(keyed):
        before = stored[RecordKind.CASE].get((case.object, key))
        if before is not None and case.source_time < before.said_at:
            late[case.object, case.key] = before.said_at
    strange = {
        (record.object, key)
        for key, record in keyed
        if record.case in late
        and record.source_time < late[record.case]
        and (record.object, key) not in stored[RecordKind.PERSON]
    }
    if strange:
        cursor = await connection.execute(
            "SELECT q.object, q.key FROM quarantine q JOIN unnest(%s::text[], %s::bytea[]) AS k(object, key)"
            " USING (object, key) WHERE q.agency = %s AND q.state = 'open'",
            ([name for name, _ in strange], [key for _, key in strange], agency),
            binary=True,
        )
        strange -= {(row[0], row[1]) for row in await cursor.fetchall()}
    return strange


async def vanished(
    connection: AsyncConnection[Any],
    keyring: Keyring,
    agency: str,
    keyed: Sequence[Keyed],
    stored: Mapping[SourceKey, Known],
) -> tuple[list[Keyed], dict[SourceKey, Known]]:
    """A tombstone for each person whom the store has in a case of this batch and whom the case no longer names.

    A case older than what the store has says nothing. Who comes in this batch all the same is there, in this case or in
    another: to count her is better than to lose her.

    Args:
        connection: inside the batch's transaction, after its fence.
        keyring: makes the kept form of source keys.
        agency: code of the agency.
        keyed: records of the batch.
        stored: what the store has of the batch's cases.

    Returns:
        The tombstones, and what the store has of these persons.
    """
    named: dict[SourceKey, tuple[Record, set[SourceKey]]] = {}
    for key, record in _latest_cases(keyed):
        before = stored.get((record.object, key))
        if before is not None and record.source_time >= before.said_at:
            parts = {(name, keyring.source_key(agency, name, part)) for name, part in record.parts or ()}
            named[record.object, key] = (record, parts)
    tombstones: list[Keyed] = []
    known: dict[SourceKey, Known] = {}
    if not named:
        return tombstones, known
    present = {
        (record.object, key): record
        for key, record in keyed
        if record.kind is RecordKind.PERSON and not record.deleted
    }
    cursor = await connection.execute(
        _ALIVE, ([name for name, _ in named], [key for _, key in named], agency), binary=True
    )
    for case_object, case_key, name, key, *row in await cursor.fetchall():
        case, parts = named[case_object, case_key]
        source_id, role_id, version, digest, said_at, kek_version, wrapped = row
        if (name, key) in parts or _is_there(present.get((name, key)), case, said_at):
            continue
        known[name, key] = Known(
            source_id=source_id,
            role_id=role_id,
            version=version,
            hash=digest,
            said_at=said_at,
            kek_version=kek_version,
            wrapped=wrapped,
        )
        gone = Record(
            agency=agency,
            object=name,
            key="",
            kind=RecordKind.PERSON,
            source_time=case.source_time,
            mapping_version=case.mapping_version,
            deleted=True,
        )
        tombstones.append((key, gone))
    return tombstones, known


def _latest_cases(keyed: Sequence[Keyed]) -> list[Keyed]:
    """The newest word of the batch on each case that names its persons."""
    found: dict[tuple[str, str], Keyed] = {}
    for key, record in keyed:
        place = (record.object, record.key)
        if record.kind is RecordKind.CASE and record.parts is not None:
            before = found.get(place)
            if before is None or before[1].source_time <= record.source_time:
                found[place] = (key, record)
    return list(found.values())


def _is_there(record: Record | None, case: Record, said_at: datetime) -> bool:
    if record is None:
        return False
    moved = record.case != (case.object, case.key) and record.source_time >= said_at
    return moved or record.source_time >= case.source_time

"""Persons who travelled inside a case and no longer do: their agency has withdrawn them, though it does not say so."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import AsyncConnection

from hub.identity.keyring import Keyring
from hub.ingest.versions import Known, SourceKey
from schema.record import Record, RecordKind

_ALIVE = """
    SELECT s.case_object, s.case_key, s.object, s.key, s.source_id, s.role_id, s.version, s.hash, s.source_time,
           k.kek_version, k.wrapped
    FROM unnest(%s::text[], %s::bytea[]) AS c(object, key)
    JOIN source_person s ON s.agency = %s AND s.case_object = c.object AND s.case_key = c.key AND NOT s.deleted
    LEFT JOIN subject_key k ON k.subject_id = s.source_id
"""


async def vanished(
    connection: AsyncConnection[Any],
    keyring: Keyring,
    agency: str,
    keyed: Sequence[tuple[bytes, Record]],
    stored: Mapping[SourceKey, Known],
) -> tuple[list[tuple[bytes, Record]], dict[SourceKey, Known]]:
    """A tombstone for each person whom the store has in a case of this batch and whom the case no longer names.

    A case older than what the store has says nothing.

    Args:
        connection: inside the batch's transaction, after its fence.
        keyring: makes the kept form of source keys.
        agency: code of the agency.
        keyed: records of the batch with the kept form of their key.
        stored: what the store has of the batch's cases.

    Returns:
        The tombstones, and what the store has of these persons.
    """
    named: dict[SourceKey, tuple[Record, set[SourceKey]]] = {}
    for key, record in keyed:
        before = stored.get((record.object, key)) if record.kind is RecordKind.CASE else None
        if before is None or record.parts is None or record.source_time < before.source_time:
            continue
        parts = {(name, keyring.source_key(agency, name, part)) for name, part in record.parts}
        named[record.object, key] = (record, parts)
    tombstones: list[tuple[bytes, Record]] = []
    known: dict[SourceKey, Known] = {}
    if not named:
        return tombstones, known
    cursor = await connection.execute(
        _ALIVE, ([name for name, _ in named], [key for _, key in named], agency), binary=True
    )
    for case_object, case_key, name, key, *row in await cursor.fetchall():
        case, parts = named[case_object, case_key]
        if (name, key) in parts:
            continue
        source_id, role_id, version, digest, source_time, kek_version, wrapped = row
        known[name, key] = Known(
            source_id=source_id,
            role_id=role_id,
            version=version,
            hash=digest,
            source_time=source_time,
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

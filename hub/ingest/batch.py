"""The transaction of one batch: checkpoint, versions, quarantine, drift and link queue together or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from hub import copying
from hub.identity.keyring import Keyring
from hub.ingest import parts, quarantine, versions
from hub.ingest.versions import Version
from schema.errors import SourceError
from schema.record import Drift, Json, Record, RecordKind, Violation

_CONFIRM = """
    UPDATE {table} l SET confirmed_at = k.at
    FROM unnest(%s::uuid[], %s::timestamptz[]) AS k(source_id, at) WHERE l.source_id = k.source_id
"""
_ADDRESS = ("agency", "object", "key")
_RECORD = (
    *("record_id", "subject_id", *_ADDRESS, "version", "kind", "deleted", "hash", "sealed", "facts"),
    *("implied", "role", "case_object", "case_key"),
    *("source_time", "fetched_at", "mapping_version", "run_id", "batch", "source_uri"),
)
_WORD = ("record_id", "version", "hash", "source_time", "deleted")
_PART = ("role", "case_object", "case_key", "nik_token", "passport_token", "birth_name_token")
_PERSON = ("source_id", "role_id", *_ADDRESS, *_WORD, *_PART)
_CASE = ("source_id", *_ADDRESS, *_WORD, "implied", "police_report")
_LATEST = {RecordKind.PERSON: "source_person", RecordKind.CASE: "source_case"}


class Superseded(SourceError):
    """Another worker has moved this source's checkpoint; this one stops and leaves the work to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """One batch of a source after mapping: all that one transaction will write."""

    agency: str
    next_cursor: Mapping[str, Json]
    is_last: bool
    source_uri: str
    records: Sequence[Record]
    violations: Sequence[Violation]
    drifts: Sequence[Drift]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What one transaction wrote."""

    record_count: int
    version_count: int
    unchanged_count: int
    late_count: int
    quarantined_count: int


async def write(
    connection: AsyncConnection[Any],
    keyring: Keyring,
    mapped: Mapped,
    *,
    seen_version: int,
    run_id: UUID,
    number: int,
    now: datetime,
) -> Written:
    """Writes the batch and moves the checkpoint in one transaction.

    Args:
        connection: outside any transaction.
        keyring: seals and hashes.
        mapped: the batch.
        seen_version: the checkpoint's version when the batch was asked for.
        run_id: the pull.
        number: of the batch in the pull.
        now: aware UTC.

    Raises:
        Superseded: another worker moved the checkpoint; nothing was written.
    """
    agency = mapped.agency
    async with connection.transaction():
        # The fence is the first statement: it opens the transaction, and its row lock keeps a second worker waiting
        # until this one has committed; that one then matches no row. A crash before COMMIT leaves the old cursor.
        moved = await connection.execute(
            "UPDATE checkpoint SET cursor = %s, cursor_version = cursor_version + 1, last_batch_at = %s,"
            " last_complete_at = CASE WHEN %s THEN %s ELSE last_complete_at END"
            " WHERE agency = %s AND cursor_version = %s",
            (Jsonb(dict(mapped.next_cursor)), now, mapped.is_last, now, agency, seen_version),
        )
        if moved.rowcount != 1:
            raise Superseded(agency)
        given = [(keyring.source_key(agency, record.object, record.key), record) for record in mapped.records]
        keyed = parts.still_inside(given)
        stored = {
            kind: await versions.known(
                connection,
                kind,
                agency,
                [(record.object, key) for key, record in keyed if record.kind is kind],
            )
            for kind in RecordKind
        }
        strange = await parts.never_met(connection, agency, keyed, stored)
        keyed = [(key, record) for key, record in keyed if (record.object, key) not in strange]
        withdrawn, persons = await parts.vanished(connection, keyring, agency, keyed, stored[RecordKind.CASE])
        stored[RecordKind.PERSON] |= persons
        sifted = versions.sift(keyring, [*keyed, *withdrawn], stored)
        await _store(connection, sifted.versions, mapped.source_uri, run_id, number, now)
        await _confirm(connection, sifted.confirmed)
        quarantined = await quarantine.put(connection, keyring, agency, mapped.violations, run_id, now)
        await quarantine.close_mended(connection, agency, keyed, now)
        await quarantine.note_drift(connection, mapped.drifts, now)
    return Written(
        record_count=len(mapped.records),
        version_count=len(sifted.versions),
        unchanged_count=sifted.unchanged_count,
        late_count=sifted.late_count + len(given) - len(keyed),
        quarantined_count=quarantined,
    )


async def _store(
    connection: AsyncConnection[Any],
    found: Sequence[Version],
    source_uri: str,
    run_id: UUID,
    number: int,
    now: datetime,
) -> None:
    if not found:
        return
    records = (
        copying.line(
            (
                one.record_id,
                one.source_id,
                one.record.agency,
                one.record.object,
                one.key,
                one.number,
                one.record.kind.value,
                one.record.deleted,
                one.hash,
                one.sealed,
                one.facts.decode(),
                one.record.implied,
                *_role(one),
                one.record.source_time,
                now,
                one.record.mapping_version,
                run_id,
                number,
                source_uri,
            )
        )
        for one in found
    )
    await copying.copy(connection, "source_record", _RECORD, records)
    keys = (
        copying.line((one.source_id, one.record.agency, one.new_key.kek_version, one.new_key.wrapped))
        for one in found
        if one.new_key and one.is_first
    )
    await copying.copy(connection, "subject_key", ("subject_id", "agency", "kek_version", "wrapped"), keys)
    await _store_persons(connection, [one for one in found if one.record.kind is RecordKind.PERSON])
    await _store_cases(connection, [one for one in found if one.record.kind is RecordKind.CASE])
    work = (copying.line((one.record.kind.value, one.source_id)) for one in found)
    await copying.copy(connection, "link_queue", ("kind", "source_id"), work)


async def _store_persons(connection: AsyncConnection[Any], found: Sequence[Version]) -> None:
    first = (
        copying.line((one.source_id, one.role_id, *_address(one), *_latest(one), *_part(one)))
        for one in found
        if one.is_first
    )
    await copying.copy(connection, "source_person", _PERSON, first)
    async with connection.cursor() as cursor:
        changed = [one for one in found if not one.is_first]
        if changed:
            await cursor.executemany(
                "UPDATE source_person SET record_id = %s, version = %s, hash = %s, source_time = %s, deleted = %s,"
                " confirmed_at = NULL, role = %s, case_object = %s, case_key = %s, nik_token = %s, passport_token = %s,"
                " birth_name_token = %s WHERE source_id = %s",
                [(*_latest(one), *_part(one), one.source_id) for one in changed],
            )
            await _renew_keys(connection, changed)


async def _store_cases(connection: AsyncConnection[Any], found: Sequence[Version]) -> None:
    first = (
        copying.line(
            (one.source_id, *_address(one), *_latest(one), one.record.implied, one.record.police_report)
        )
        for one in found
        if one.is_first
    )
    await copying.copy(connection, "source_case", _CASE, first)
    async with connection.cursor() as cursor:
        changed = [one for one in found if not one.is_first]
        if changed:
            await cursor.executemany(
                "UPDATE source_case SET record_id = %s, version = %s, hash = %s, source_time = %s, deleted = %s,"
                " confirmed_at = NULL, implied = %s, police_report = %s WHERE source_id = %s",
                [
                    (*_latest(one), one.record.implied, one.record.police_report, one.source_id)
                    for one in changed
                ],
            )
            await _renew_keys(connection, changed)


async def _confirm(
    connection: AsyncConnection[Any], confirmed: Mapping[RecordKind, Mapping[UUID, datetime]]
) -> None:
    """Keeps when the agency said the same again; no version, no link and no golden row follows from it."""
    for kind, said_at in confirmed.items():
        if said_at:
            statement = _CONFIRM.format(table=_LATEST[kind])
            await connection.execute(statement.encode(), (list(said_at), list(said_at.values())))


async def _renew_keys(connection: AsyncConnection[Any], changed: Sequence[Version]) -> None:
    renewed = [
        (one.source_id, one.record.agency, one.new_key.kek_version, one.new_key.wrapped)
        for one in changed
        if one.new_key
    ]
    if renewed:
        async with connection.cursor() as cursor:
            await cursor.executemany(
                "INSERT INTO subject_key (subject_id, agency, kek_version, wrapped) VALUES (%s, %s, %s, %s)",
                renewed,
            )


def _address(one: Version) -> tuple[str, str, bytes]:
    return one.record.agency, one.record.object, one.key


def _latest(one: Version) -> tuple[UUID, int, bytes, datetime, bool]:
    return one.record_id, one.number, one.hash, one.record.source_time, one.record.deleted


def _role(one: Version) -> tuple[str | None, str | None, bytes | None]:
    record = one.record
    return record.role.value if record.role else None, record.case[0] if record.case else None, one.case_key


def _part(
    one: Version,
) -> tuple[str | None, str | None, bytes | None, bytes | None, bytes | None, bytes | None]:
    return *_role(one), one.tokens.nik, one.tokens.passport, one.tokens.birth_name

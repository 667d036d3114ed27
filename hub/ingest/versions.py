"""Which records say something new, and the rows they become: sealed, hashed, with their blind indexes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from psycopg import AsyncConnection

from hub.clock import uuid7
from hub.identity import envelope
from hub.identity.keyring import Keyring, SubjectKey
from hub.identity.tokens import PersonTokens, person_tokens
from schema.record import Record, RecordKind

_NO_TOKENS = PersonTokens(None, None, None)
SourceKey = tuple[str, bytes]
"""(object, HMAC of the source's key) within one agency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store has of one source key: its latest version and its subject's key (None once erased).

    `said_at` is when the agency last said what the version says, aware UTC.
    """

    source_id: UUID
    role_id: UUID | None
    version: int
    hash: bytes
    said_at: datetime
    kek_version: int | None
    wrapped: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A record that says something new: the row of its version and the latest word it replaces or begins."""

    record: Record
    record_id: UUID
    source_id: UUID
    role_id: UUID | None
    key: bytes
    case_key: bytes | None
    number: int
    hash: bytes
    sealed: bytes | None
    facts: bytes
    tokens: PersonTokens
    new_key: SubjectKey | None

    @property
    def is_first(self) -> bool:
        """True if the hub has not met this source key before."""
        return self.number == 1


@dataclass(frozen=True, slots=True)
class Sifted:
    """Versions to write and how many records said nothing new, or something older than the store has.

    `confirmed` has the sources that said the same again at a later moment, by kind.
    """

    versions: tuple[Version, ...]
    confirmed: Mapping[RecordKind, Mapping[UUID, datetime]]
    unchanged_count: int
    late_count: int


async def known(
    connection: AsyncConnection[Any], kind: RecordKind, agency: str, keys: Sequence[SourceKey]
) -> dict[SourceKey, Known]:
    """The latest version of each of those source keys that the store has.

    Args:
        connection: inside the batch's transaction, after its fence.
        kind: which of source_person and source_case.
        agency: code of the agency.
        keys: n >= 0, any order.
    """
    if not keys:
        return {}
    role = "l.role_id" if kind is RecordKind.PERSON else "NULL::uuid"
    table = "source_person" if kind is RecordKind.PERSON else "source_case"
    rows = await connection.execute(
        f"SELECT l.object, l.key, l.source_id, {role}, l.version, l.hash,"  # noqa: S608 -- both parts are literals above
        f" coalesce(l.confirmed_at, l.source_time), s.kek_version, s.wrapped"
        f" FROM unnest(%s::text[], %s::bytea[]) AS k(object, key)"
        f" JOIN {table} l ON l.agency = %s AND l.object = k.object AND l.key = k.key"
        f" LEFT JOIN subject_key s ON s.subject_id = l.source_id",
        ([name for name, _ in keys], [key for _, key in keys], agency),
        binary=True,
    )
    return {
        (row[0], row[1]): Known(
            source_id=row[2],
            role_id=row[3],
            version=row[4],
            hash=row[5],
            said_at=row[6],
            kek_version=row[7],
            wrapped=row[8],
        )
        for row in await rows.fetchall()
    }


def sift(
    keyring: Keyring,
    records: Iterable[tuple[bytes, Record]],
    stored: Mapping[RecordKind, Mapping[SourceKey, Known]],
) -> Sifted:
    """The records that say something new, each sealed under its subject's key.

    A key that stands twice in a batch keeps its last word by source time. A record whose subject has been erased at
    the hub begins again under a new key.

    Args:
        keyring: seals, hashes and makes tokens.
        records: with the kept form of their source key, any order.
        stored: what the store has of these keys, by kind.
    """
    last: dict[tuple[RecordKind, SourceKey], tuple[bytes, Record]] = {}
    seen = late = 0
    for key, record in records:
        seen += 1
        place = (record.kind, (record.object, key))
        if place in last and record.source_time < last[place][1].source_time:
            late += 1
            continue
        last[place] = (key, record)
    versions: list[Version] = []
    confirmed: dict[RecordKind, dict[UUID, datetime]] = {kind: {} for kind in RecordKind}
    for (kind, place), (key, record) in last.items():
        before = stored[kind].get(place)
        if before and record.source_time < before.said_at:
            late += 1
            continue
        content = _content(record)
        digest = keyring.digest(content)
        if before and digest == before.hash:
            if record.source_time > before.said_at:
                confirmed[kind][before.source_id] = record.source_time
            continue
        versions.append(_version(keyring, record, key, digest, before))
    return Sifted(tuple(versions), confirmed, seen - late - len(versions), late)


def _content(record: Record) -> bytes:
    return orjson.dumps(
        [
            record.deleted,
            record.role,
            record.case,
            record.implied,
            record.police_report,
            record.identity,
            record.facts,
            record.events,
            record.raw,
        ],
        option=orjson.OPT_SORT_KEYS,
    )


def _role_id(record: Record, before: Known | None) -> UUID | None:
    if record.kind is RecordKind.CASE:
        return None
    return before.role_id if before and before.role_id else uuid7()


def _version(keyring: Keyring, record: Record, key: bytes, digest: bytes, before: Known | None) -> Version:
    source_id = before.source_id if before else uuid7()
    new_key: SubjectKey | None = None
    if before is None or before.wrapped is None or before.kek_version is None:
        new_key = subject = keyring.new_subject(record.agency, source_id)
    else:
        subject = keyring.subject(record.agency, source_id, before.kek_version, before.wrapped)
    record_id = uuid7()
    sealed = None
    if not record.deleted:
        payload = orjson.dumps({"identity": record.identity, "raw": record.raw})
        sealed = envelope.seal(subject.cipher, source_id, f"source_record.sealed:{record_id.hex}", payload)
    precision = record.facts.get("Person", {}).get("birth_date_precision")
    return Version(
        record=record,
        record_id=record_id,
        source_id=source_id,
        role_id=_role_id(record, before),
        key=key,
        case_key=keyring.source_key(record.agency, *record.case) if record.case else None,
        number=before.version + 1 if before else 1,
        hash=digest,
        sealed=sealed,
        facts=orjson.dumps({"facts": record.facts, "events": record.events}),
        tokens=person_tokens(keyring, record.identity, exact_birth_date=precision == "DAY")
        if record.kind is RecordKind.PERSON
        else _NO_TOKENS,
        new_key=new_key,
    )

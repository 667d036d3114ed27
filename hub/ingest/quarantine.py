"""Records that broke a rule, sealed until they are mended, and fields that the mapping does not know."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from hub.clock import uuid7
from hub.identity import envelope
from hub.identity.keyring import Keyring
from schema.record import Drift, Record, Violation


async def put(
    connection: AsyncConnection[Any],
    keyring: Keyring,
    agency: str,
    violations: Sequence[Violation],
    run_id: UUID,
    now: datetime,
) -> int:
    """Keeps each record with the rules that it broke; one that is there already is seen again.

    What it breaks now counts, and one that was mended and is broken again is open again; what a person has rejected
    stays rejected.

    Args:
        connection: inside the batch's transaction.
        keyring: seals and hashes.
        agency: code of the agency.
        violations: n >= 0.
        run_id: the pull.
        now: aware UTC.

    Returns:
        How many records the batch had in quarantine, new or seen again.
    """
    for violation in violations:
        quarantine_id = uuid7()
        raw = orjson.dumps(violation.raw, option=orjson.OPT_SORT_KEYS)
        subject = keyring.new_subject(agency, quarantine_id)
        key = (
            keyring.source_key(agency, violation.object, violation.key) if violation.key is not None else None
        )
        rules = [{"rule": one.rule, "path": one.path, "problem": one.problem} for one in violation.rules]
        inserted = await connection.execute(
            "INSERT INTO quarantine (quarantine_id, agency, object, key, hash, sealed, rules, paths, source_time,"
            " mapping_version, run_id, first_seen_at, last_seen_at, state)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'open')"
            " ON CONFLICT (agency, object, key, hash) DO UPDATE SET last_seen_at = excluded.last_seen_at,"
            " rules = excluded.rules, paths = excluded.paths, mapping_version = excluded.mapping_version,"
            " run_id = excluded.run_id,"
            " state = CASE quarantine.state WHEN 'rejected' THEN 'rejected' ELSE 'open' END"
            " RETURNING quarantine_id",
            (
                quarantine_id,
                agency,
                violation.object,
                key,
                keyring.digest(raw),
                envelope.seal(subject.cipher, quarantine_id, f"quarantine.sealed:{quarantine_id.hex}", raw),
                Jsonb(rules),
                sorted({one.path for one in violation.rules}),
                violation.source_time,
                violation.mapping_version,
                run_id,
                now,
                now,
            ),
        )
        row = await inserted.fetchone()
        if row and row[0] == quarantine_id:
            await connection.execute(
                "INSERT INTO subject_key (subject_id, agency, kek_version, wrapped) VALUES (%s, %s, %s, %s)",
                (quarantine_id, agency, subject.kek_version, subject.wrapped),
            )
    return len(violations)


async def close_mended(
    connection: AsyncConnection[Any], agency: str, keyed: Sequence[tuple[bytes, Record]], now: datetime
) -> None:
    """Marks as replayed what was in quarantine under the keys that have now come in good order.

    A good word from before a broken one mends nothing, and of two that came together at one moment the broken one stays.

    Args:
        connection: inside the batch's transaction, after the broken records of the batch have been put.
        agency: code of the agency.
        keyed: records of the batch with the kept form of their key.
        now: aware UTC, of the batch.
    """
    if keyed:
        await connection.execute(
            "UPDATE quarantine q SET state = 'replayed'"
            " FROM unnest(%s::text[], %s::bytea[], %s::timestamptz[]) AS k(object, key, at)"
            " WHERE q.agency = %s AND q.object = k.object AND q.key = k.key AND q.state = 'open'"
            " AND (q.source_time < k.at OR q.last_seen_at < %s AND coalesce(q.source_time, k.at) <= k.at)",
            (
                [record.object for _, record in keyed],
                [key for key, _ in keyed],
                [record.source_time for _, record in keyed],
                agency,
                now,
            ),
        )


async def note_drift(connection: AsyncConnection[Any], drifts: Sequence[Drift], now: datetime) -> None:
    """Opens one task for each field that the mapping does not know; the records go on without it."""
    for drift, count in Counter(drifts).items():
        await connection.execute(
            "INSERT INTO drift_task (drift_id, agency, object, path, form, first_seen_at, last_seen_at,"
            " seen_count, state) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'open')"
            " ON CONFLICT (agency, object, path) DO UPDATE SET last_seen_at = excluded.last_seen_at,"
            " form = excluded.form, seen_count = drift_task.seen_count + excluded.seen_count",
            (uuid7(), drift.agency, drift.object, drift.path, drift.form, now, now, count),
        )

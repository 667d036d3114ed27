"""Keys of persons who have a part in a case, for a source that answers by key only.

Purpose limits the question: the immigration system is asked about persons in a case and about nobody else.
"""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import orjson
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from connectors.protocol import Lookup, LookupPage
from hub.identity import envelope
from hub.identity.keyring import Keyring
from schema import identifiers

_PAGE = 100
"""Persons a page; a person may bring a NIK and passports, and a source takes at most 200 keys a question."""

_PERSONS_IN_CASES = """
    SELECT p.entity_id, array_agg(m.source_id), array_agg(m.agency), array_agg(m.record_id), array_agg(r.sealed),
           array_agg(k.kek_version), array_agg(k.wrapped)
    FROM (SELECT DISTINCT l.entity_id FROM source_person s
          JOIN link l ON l.source_id = s.source_id AND l.valid_to IS NULL
          WHERE s.role IS NOT NULL AND NOT s.deleted AND l.entity_id > %s
          ORDER BY l.entity_id LIMIT %s) p
    JOIN link ml ON ml.entity_id = p.entity_id AND ml.valid_to IS NULL
    JOIN source_person m ON m.source_id = ml.source_id AND NOT m.deleted
    JOIN source_record r ON r.record_id = m.record_id
    JOIN subject_key k ON k.subject_id = m.source_id
    GROUP BY p.entity_id ORDER BY p.entity_id
"""
_START = UUID(int=0)


def persons_in_cases(pool: AsyncConnectionPool[AsyncConnection[Any]], keyring: Keyring) -> Lookup:
    """The keys of all persons who are victim or suspect in a case, page by page in the order of their ids.

    Args:
        pool: to the hub's database.
        keyring: opens what is sealed; plaintext lives in this page only.
    """

    async def pages(after: str | None) -> AsyncIterator[LookupPage]:
        position = UUID(after) if after else _START
        while True:
            async with pool.connection() as connection:
                cursor = await connection.execute(_PERSONS_IN_CASES, (position, _PAGE), binary=True)
                rows = await cursor.fetchall()
            if not rows:
                return
            niks: set[str] = set()
            documents: set[str] = set()
            for _, *members in rows:
                for source_id, agency, record_id, sealed, version, wrapped in zip(*members, strict=True):
                    key = keyring.subject(agency, source_id, version, wrapped).cipher
                    place = f"source_record.sealed:{record_id.hex}"
                    identity = orjson.loads(envelope.open_sealed(key, place, sealed))["identity"]
                    if identifiers.is_nik(identity.get("nik") or ""):
                        niks.add(identity["nik"])
                    if number := identifiers.passport(identity.get("passport") or ""):
                        documents.add(number)
            position = rows[-1][0]
            yield LookupPage(position=str(position), niks=sorted(niks), documents=sorted(documents))

    return pages

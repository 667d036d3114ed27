"""Is this person known, and to whom: for counters and border posts, without any content of a case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from hub.identity import tokens
from hub.identity.keyring import Keyring
from hub.linkage import rules
from hub.view import members
from schema.errors import InputInvalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A NIK, a passport number, or a full name with the exact birth date; the first that is given is asked."""

    nik: str | None = None
    passport: str | None = None
    full_name: str | None = None
    birth_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonMatch:
    """Whether the person has a part in a case, which agencies know them, and whether protection holds."""

    known: bool
    agencies: tuple[str, ...]
    protected: bool
    victim_ids: tuple[UUID, ...] = ()
    """Whom the answer tells of, sorted, each once; for the ledger."""


_NOBODY = PersonMatch(known=False, agencies=(), protected=False)

_FOUND = """
    SELECT v.agencies, v.protection_level, v.victim_id FROM golden_victim v
    WHERE v.person_id IN (SELECT entity_id FROM link WHERE source_id = ANY(%s) AND valid_to IS NULL)
      AND v.agencies && %s::text[] AND v.case_id <> ALL (%s::uuid[])
    ORDER BY v.victim_id
"""


async def person_match(
    connection: AsyncConnection[Any],
    keyring: Keyring,
    question: Question,
    *,
    owners: Sequence[str],
    excluded: Sequence[UUID],
) -> PersonMatch:
    """What the hub may say about a person at a counter: victims only, never a suspect.

    Args:
        connection: to the hub's database.
        keyring: makes tokens, and opens names that must be compared.
        question: exact identifiers only; a name alone is no question.
        owners: agencies that let the caller ask; a victim whom only others know is not known.
        excluded: cases that are closed to the caller.

    Raises:
        InputInvalid: neither identifier nor name with birth date is given, or one is malformed.
    """
    column, token = _token(keyring, question)
    statement = f"SELECT source_id FROM source_person WHERE {column} = %s AND NOT deleted LIMIT 200"  # noqa: S608 -- the column is one of three literals
    cursor = await connection.execute(statement.encode(), (token,), binary=True)
    sources = [row[0] for row in await cursor.fetchall()]
    if column == "birth_name_token" and sources:
        loaded = await members.persons(connection, keyring, sources)
        sources = [
            one
            for one, source in loaded.items()
            if rules.name_fits(source, str(question.full_name))
            and rules.exact_birth_date(source) == question.birth_date
        ]
    if not sources:
        return _NOBODY
    cursor = await connection.execute(_FOUND, (sources, list(owners), list(excluded)))
    rows = await cursor.fetchall()
    if not rows:
        return _NOBODY
    return PersonMatch(
        known=True,
        agencies=tuple(
            sorted({agency for agencies, _, _ in rows for agency in agencies}.intersection(owners))
        ),
        protected=any(level in {"CHILD", "LPSK_PROTECTED"} for _, level, _ in rows),
        victim_ids=tuple(victim_id for _, _, victim_id in rows),
    )


def _token(keyring: Keyring, question: Question) -> tuple[str, bytes]:
    if question.nik is not None:
        token = tokens.nik_token(keyring, question.nik)
        if token is None:
            raise InputInvalid("nik: 16 digits in the form of a NIK are needed")
        return "nik_token", token
    if question.passport is not None:
        token = tokens.passport_token(keyring, question.passport)
        if token is None:
            raise InputInvalid("passport: one or two letters and six or seven digits are needed")
        return "passport_token", token
    if question.full_name is None or question.birth_date is None:
        raise InputInvalid("give nik, or passport, or fullName with birthDate")
    token = tokens.birth_name_token(keyring, question.birth_date.isoformat(), question.full_name)
    if token is None:
        raise InputInvalid("fullName: initials say too little")
    return "birth_name_token", token

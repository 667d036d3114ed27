"""Answers that are not rows: who am I, code lists, how fresh each agency is, and whether a person is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import strawberry
from strawberry.types import Info

from auth.permit import Permit
from hub.clock import Clock
from hub.database import Pool
from hub.graphql.catalogue import Scopes, both, nodes
from hub.graphql.enums import code_enum
from hub.graphql.scalars import Date, DateTime
from hub.identity.keyring import Keyring
from hub.linkage import person_match
from schema.codes import Code, code_lists
from schema.errors import InputInvalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What an answer may use: the permit, the database, the keys and the time."""

    permit: Permit
    pool: Pool
    keyring: Keyring
    clock: Clock


REQUIRES: Mapping[str, Scopes] = MappingProxyType({"Query.personMatch": (("person:match",),)})
"""Scopes of what is not rows, by coordinate; `me`, `codeLists` and `sources` need a token and no scope."""

_AGENCY = code_enum("agency")


@strawberry.type(description="A field of the API and whether the caller may read it.")
class Access:
    """A field of the API and whether the caller may read it."""

    coordinate: str = strawberry.field(description="Schema coordinate, such as Victim.fullName.")
    allowed: bool = strawberry.field(description="True if the token opens it now.")
    requires_scopes: list[list[str]] = strawberry.field(description="Outer list: or; inner list: and.")


@strawberry.type(description="Who asks, why, and what is open to them.")
class Me:
    """Who asks, why, and what is open to them."""

    client_id: str = strawberry.field(description="The client of the token.")
    agency: str | None = strawberry.field(description="The agency that the client speaks for.")
    purpose: str = strawberry.field(description="The one purpose of the token.")
    jurisdiction: list[str] = strawberry.field(description="Kemendagri codes, 2 or 4 digits.")
    scopes: list[str] = strawberry.field(description="Scopes of the token that are alive now.")
    expires_at: DateTime = strawberry.field(description="When the token ends.")
    access: list[Access] = strawberry.field(description="Every field of rows: open, or what it needs.")


@strawberry.type(description="One value of a code list.")
class CodeValue:
    """One value of a code list."""

    code: str = strawberry.field(description="As it stands in answers.")
    label_id: str = strawberry.field(description="Label in Indonesian.")
    label_en: str = strawberry.field(description="Label in English.")
    valid_from: Date = strawberry.field(description="First day on which it may be used.")
    valid_to: Date | None = strawberry.field(description="Last day, if it has ended.")
    htcds: str | None = strawberry.field(description="Name in HTCDS 2.0.")
    standard: str | None = strawberry.field(description="Name in IC-TIP or CTDC.")


@strawberry.type(description="A closed list of codes.")
class CodeList:
    """A closed list of codes."""

    name: str = strawberry.field(description="Name of the list, such as modus.")
    codes: list[CodeValue] = strawberry.field(description="Its values, in the order of the list.")


@strawberry.type(description="How far an agency has been read, and what waits.")
class Source:
    """How far an agency has been read, and what waits."""

    agency: _AGENCY = strawberry.field(description="The agency.")  # pyright: ignore[reportInvalidTypeForm] -- made from its code list
    last_complete_at: DateTime | None = strawberry.field(description="When a pull last reached the end.")
    last_batch_at: DateTime | None = strawberry.field(description="When something was last committed.")
    last_failed_at: DateTime | None = strawberry.field(description="When a pull last failed.")
    problem: str | None = strawberry.field(description="Why, while no pull has succeeded since.")
    record_count: int = strawberry.field(
        description="Persons and cases of the agency, withdrawn ones not counted."
    )
    quarantined_count: int = strawberry.field(description="Records that broke a rule and wait to be mended.")
    drift_count: int = strawberry.field(description="Fields of the source that no mapping knows.")


@strawberry.type(
    name="PersonMatch", description="Whether a person has a part in a case, and no content of it."
)
class Known:
    """Whether a person has a part in a case, and no content of it."""

    known: bool = strawberry.field(description="True if the person is a victim in a case.")
    agencies: list[_AGENCY] = strawberry.field(description="Agencies to turn to.")  # pyright: ignore[reportInvalidTypeForm] -- made from its code list
    protected: bool = strawberry.field(description="True if protection holds: say nothing at the counter.")


def _me(info: Info[Context, None]) -> Me:
    permit = info.context.permit
    caller = permit.caller
    return Me(
        client_id=caller.client_id,
        agency=caller.agency,
        purpose=caller.purpose,
        jurisdiction=list(caller.jurisdiction),
        scopes=sorted(permit.scopes),
        expires_at=DateTime(caller.expires_at),
        access=_access(permit),
    )


def _access(permit: Permit) -> list[Access]:
    needed = {
        f"{node.name}.{field.name}": both(node.requires, field.requires)
        for node in nodes().values()
        for field in (*node.columns.values(), *node.links.values())
    }
    return [
        Access(
            coordinate=coordinate,
            allowed=permit.allows(requires),
            requires_scopes=[list(alternative) for alternative in requires],
        )
        for coordinate, requires in needed.items()
    ]


def _code_lists(names: list[str] | None = None, valid_on: Date | None = None) -> list[CodeList]:
    if not code_lists().keys() >= set(names or ()):
        raise InputInvalid("codeLists(names:): one of them is no list; without names, all are given")
    return [
        CodeList(
            name=name, codes=[_value(code) for code in codes if valid_on is None or code.valid_on(valid_on)]
        )
        for name, codes in code_lists().items()
        if names is None or name in names
    ]


def _value(code: Code) -> CodeValue:
    return CodeValue(
        code=code.code,
        label_id=code.label_id,
        label_en=code.label_en,
        valid_from=Date(code.valid_from),
        valid_to=Date(code.valid_to) if code.valid_to else None,
        htcds=code.htcds,
        standard=code.standard,
    )


_SOURCES = """
    SELECT c.agency, c.last_complete_at, c.last_batch_at, c.last_failed_at,
           CASE WHEN c.last_failed_at > coalesce(c.last_complete_at, '-infinity') THEN c.last_problem END,
           (SELECT count(*) FROM source_person s WHERE s.agency = c.agency AND NOT s.deleted)
             + (SELECT count(*) FROM source_case s WHERE s.agency = c.agency AND NOT s.deleted AND NOT s.implied),
           (SELECT count(*) FROM quarantine q WHERE q.agency = c.agency AND q.state = 'open'),
           (SELECT count(*) FROM drift_task d WHERE d.agency = c.agency AND d.state = 'open')
    FROM checkpoint c ORDER BY c.agency
"""


async def _sources(info: Info[Context, None]) -> list[Source]:
    async with info.context.pool.connection() as connection:
        cursor = await connection.execute(_SOURCES)
        rows: list[tuple[Any, ...]] = await cursor.fetchall()
    return [
        Source(
            agency=_AGENCY(agency),
            last_complete_at=complete_at,
            last_batch_at=batch_at,
            last_failed_at=failed_at,
            problem=problem,
            record_count=records,
            quarantined_count=quarantined,
            drift_count=drifts,
        )
        for agency, complete_at, batch_at, failed_at, problem, records, quarantined, drifts in rows
    ]


async def _person_match(
    info: Info[Context, None],
    nik: str | None = None,
    passport: str | None = None,
    full_name: str | None = None,
    birth_date: Date | None = None,
) -> Known:
    question = person_match.Question(nik=nik, passport=passport, full_name=full_name, birth_date=birth_date)
    async with info.context.pool.connection() as connection:
        found = await person_match.person_match(connection, info.context.keyring, question)
    return Known(
        known=found.known, agencies=[_AGENCY(one) for one in found.agencies], protected=found.protected
    )


@strawberry.type
class Answers:
    """Fields of Query that are not rows."""

    me: Me = strawberry.field(resolver=_me, description="Who asks, why, and what is open to them.")
    code_lists: list[CodeList] = strawberry.field(
        resolver=_code_lists, description="Code lists with labels in both languages; all, or those named."
    )
    sources: list[Source] = strawberry.field(
        resolver=_sources, description="How fresh each agency's data are, and what waits to be mended."
    )
    person_match: Known | None = strawberry.federation.field(
        resolver=_person_match,
        description="Is this person known? By NIK, by passport, or by full name and exact birth date.",
        requires_scopes=[list(alternative) for alternative in REQUIRES["Query.personMatch"]],
    )

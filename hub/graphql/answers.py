"""Answers that are not rows: who am I, code lists, how fresh each agency is, and whether a person is known."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import strawberry
from strawberry.federation.schema_directives import Cost
from strawberry.types import Info

from hub.graphql import weights
from hub.graphql.catalogue import Scopes
from hub.graphql.context import Context
from hub.graphql.enums import code_enum
from hub.graphql.me import Me, who
from hub.graphql.scalars import Date, DateTime
from hub.graphql.types import scoped
from hub.linkage import person_match
from schema.codes import Code, code_lists
from schema.errors import InputInvalid

_COUNTS: Scopes = (("audit:read",),)
"""How many records an agency has sent tells of each single one that comes or goes."""

REQUIRES: Mapping[str, Scopes] = MappingProxyType(
    {
        "Query.personMatch": (("person:match",),),
        **{f"Source.{name}": _COUNTS for name in ("recordCount", "quarantinedCount", "driftCount")},
    }
)
"""Scopes of what is not rows, by coordinate; `me`, `codeLists` and `sources` need a token and no scope."""

_AGENCY = code_enum("agency")


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
    record_count: int | None = scoped(
        _COUNTS, description="Persons and cases of the agency, withdrawn ones not counted."
    )
    quarantined_count: int | None = scoped(
        _COUNTS, description="Records that broke a rule and wait to be mended."
    )
    drift_count: int | None = scoped(_COUNTS, description="Fields of the source that no mapping knows.")


@strawberry.type(
    name="PersonMatch", description="Whether a person has a part in a case, and no content of it."
)
class Known:
    """Whether a person has a part in a case, and no content of it."""

    known: bool = strawberry.field(description="True if the person is a victim in a case.")
    agencies: list[_AGENCY] = strawberry.field(description="Agencies to turn to.")  # pyright: ignore[reportInvalidTypeForm] -- made from its code list
    protected: bool = strawberry.field(description="True if protection holds: say nothing at the counter.")


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
    context = info.context
    async with context.pool.connection() as connection:
        found = await person_match.person_match(
            connection,
            context.keyring,
            question,
            owners=context.permit.owners("person:match"),
            excluded=context.permit.excluded,
        )
    context.touched += found.victim_ids
    return Known(
        known=found.known, agencies=[_AGENCY(one) for one in found.agencies], protected=found.protected
    )


@strawberry.type
class Answers:
    """Fields of Query that are not rows."""

    me: Me = strawberry.field(
        resolver=who,
        description="Who asks, why, what is open to them, and why not the rest.",
        directives=[Cost(weight=weights.ANSWER)],
    )
    code_lists: list[CodeList] = strawberry.field(
        resolver=_code_lists,
        description="Code lists with labels in both languages; all, or those named.",
        directives=[Cost(weight=weights.ANSWERS["codeLists"])],
    )
    sources: list[Source] = strawberry.field(
        resolver=_sources,
        description="How fresh each agency's data are, and what waits to be mended.",
        directives=[Cost(weight=weights.ANSWERS["sources"])],
    )
    person_match: Known | None = strawberry.federation.field(
        resolver=_person_match,
        description="Is this person known? By NIK, by passport, or by full name and exact birth date.",
        requires_scopes=[list(alternative) for alternative in REQUIRES["Query.personMatch"]],
        directives=[Cost(weight=weights.ANSWER)],
    )

"""Emergencies over the API; auth.emergencies has the rules."""

from uuid import UUID

import strawberry
from sqlalchemy import Connection, text
from strawberry.types import Info

from auth import emergencies as declaring
from auth.emergencies import Reason, Verdict
from hub.graphql.context import Context
from hub.graphql.granting import known_id
from hub.graphql.scalars import DateTime

strawberry.enum(Reason, name="EmergencyReason", description="Why somebody may look at a case at once.")
strawberry.enum(Verdict, name="EmergencyVerdict", description="What the officers found.")


@strawberry.type(description="An emergency: one case, open for 15 minutes, to be reviewed within 72 hours.")
class Emergency:
    """An emergency."""

    id: strawberry.ID = strawberry.field(description="Of the emergency.")
    case_id: strawberry.ID = strawberry.field(description="The case that it opens.")
    client_id: str = strawberry.field(description="Who declared it.")
    account_id: str | None = strawberry.field(description="The person, where one declared it.")
    agency: str = strawberry.field(description="For which agency.")
    reason: str = strawberry.field(description="Of the closed list.")
    words: str = strawberry.field(description="The reason in words.")
    declared_at: DateTime = strawberry.field(description="When.")
    expires_at: DateTime = strawberry.field(description="Until when it opens the case.")
    due_at: DateTime = strawberry.field(
        description="Until when it must be reviewed; the client is suspended then."
    )
    verdict: str | None = strawberry.field(description="What the officers found; null while nobody has.")


def _emergency(found: declaring.Emergency) -> Emergency:
    return Emergency(
        id=strawberry.ID(str(found.emergency_id)),
        case_id=strawberry.ID(str(found.case_id)),
        client_id=found.client_id,
        account_id=found.account_id,
        agency=found.agency,
        reason=found.reason,
        words=found.words,
        declared_at=DateTime(found.declared_at),
        expires_at=DateTime(found.expires_at),
        due_at=DateTime(found.due_at),
        verdict=found.verdict,
    )


async def emergencies(info: Info[Context, None]) -> list[Emergency]:
    """Every emergency that the officer's agency was told of."""
    context = info.context
    found = await context.connection.run_sync(declaring.listed, context.officer, context.keyring)
    return [_emergency(one) for one in found]


def _owners(connection: Connection, case_id: UUID) -> list[str]:
    statement = text("SELECT agencies FROM golden_case WHERE case_id = :case_id")
    return list(connection.execute(statement, {"case_id": case_id}).scalar() or ())


async def declare_emergency(
    info: Info[Context, None], case_id: strawberry.ID, reason: Reason, words: str
) -> Emergency:
    """An emergency, open at once for tokens with the purpose `emergency`; whether there is such a case is not told."""
    context = info.context
    wanted = known_id(case_id)
    owners = await context.connection.run_sync(_owners, wanted)

    def declared(connection: Connection) -> declaring.Emergency:
        return declaring.declare(
            connection,
            context.permit.caller,
            wanted,
            reason,
            words,
            owners=owners,
            sealer=context.keyring,
            now=context.clock(),
        )

    made = await context.connection.run_sync(declared)
    context.about = made.emergency_id
    context.is_emergency = True
    return _emergency(made)


async def review_emergency(
    info: Info[Context, None],
    id: strawberry.ID,  # noqa: A002 -- the API's word
    verdict: Verdict,
    words: str,
) -> Emergency | None:
    """The emergency with its verdict; an unjustified one suspends its client at once."""
    context = info.context
    context.about = wanted = known_id(id)
    await context.connection.run_sync(
        declaring.review, context.officer, wanted, verdict, words, context.clock()
    )
    found = await context.connection.run_sync(declaring.listed, context.officer, context.keyring)
    return next((_emergency(one) for one in found if one.emergency_id == wanted), None)

"""Conflicts of interest over the API; auth.exclusions has the rules."""

import strawberry
from sqlalchemy import Connection
from strawberry.types import Info

from auth import exclusions as excluding
from auth.exclusions import Kind
from hub.graphql.context import Context
from hub.graphql.granting import known_id
from hub.graphql.scalars import DateTime

strawberry.enum(Kind, name="ExclusionKind", description="Whom an exclusion keeps out.")


@strawberry.type(description="A case closed to an agency, a unit, a client or a person, whatever they hold.")
class Exclusion:
    """An exclusion."""

    id: strawberry.ID = strawberry.field(description="Of the exclusion.")
    case_id: strawberry.ID = strawberry.field(description="The case.")
    kind: Kind = strawberry.field(description="Whom it keeps out.")
    excluded: str = strawberry.field(description="The agency, unit, client_id or account_id.")
    reason: str = strawberry.field(description="Why.")
    proposed_by: str = strawberry.field(description="Account of the officer.")
    proposed_at: DateTime = strawberry.field(description="When.")
    approved_at: DateTime | None = strawberry.field(description="Since when it holds.")
    lifted_at: DateTime | None = strawberry.field(description="Since when it holds no longer.")


def _exclusion(found: excluding.Exclusion) -> Exclusion:
    return Exclusion(
        id=strawberry.ID(str(found.exclusion_id)),
        case_id=strawberry.ID(str(found.case_id)),
        kind=Kind(found.kind),
        excluded=found.excluded,
        reason=found.reason,
        proposed_by=found.proposed_by,
        proposed_at=DateTime(found.proposed_at),
        approved_at=DateTime(found.approved_at) if found.approved_at else None,
        lifted_at=DateTime(found.lifted_at) if found.lifted_at else None,
    )


async def exclusions(info: Info[Context, None]) -> list[Exclusion]:
    """Every exclusion but those that keep the officer's own agency out."""
    context = info.context
    found = await context.connection.run_sync(excluding.listed, context.officer, context.keyring)
    return [_exclusion(one) for one in found]


async def propose_exclusion(
    info: Info[Context, None], case_id: strawberry.ID, kind: Kind, excluded: str, reason: str
) -> Exclusion:
    """An exclusion, which holds once another officer has approved it."""
    context = info.context
    wanted = known_id(case_id)

    def proposed(connection: Connection) -> excluding.Exclusion:
        return excluding.propose(
            connection,
            context.officer,
            wanted,
            kind,
            excluded,
            reason,
            sealer=context.keyring,
            now=context.clock(),
        )

    made = await context.connection.run_sync(proposed)
    context.about = made.exclusion_id
    return _exclusion(made)


async def approve_exclusion(info: Info[Context, None], id: strawberry.ID) -> Exclusion:  # noqa: A002 -- the API's word
    """The exclusion, which holds from now on."""
    context = info.context
    context.about = wanted = known_id(id)

    def approved(connection: Connection) -> excluding.Exclusion:
        return excluding.approve(
            connection, context.officer, wanted, sealer=context.keyring, now=context.clock()
        )

    return _exclusion(await context.connection.run_sync(approved))


async def lift_exclusion(info: Info[Context, None], id: strawberry.ID) -> Exclusion:  # noqa: A002 -- the API's word
    """The exclusion, which holds no longer."""
    context = info.context
    context.about = wanted = known_id(id)

    def lifted(connection: Connection) -> excluding.Exclusion:
        return excluding.lift(
            connection, context.officer, wanted, sealer=context.keyring, now=context.clock()
        )

    return _exclusion(await context.connection.run_sync(lifted))

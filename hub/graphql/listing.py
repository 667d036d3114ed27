"""Lists of operations over the API; auth.listed_operations has the rules."""

from datetime import datetime

import strawberry
from sqlalchemy import Connection
from strawberry.types import Info

from auth import listed_operations as listings
from auth import step_up
from auth.listed_operations import ListingRefused, ListingState
from hub.graphql.context import Context
from hub.graphql.granting import known_id
from hub.graphql.scalars import DateTime

strawberry.enum(ListingState, name="ListingState", description="Where a listed operation stands.")


@strawberry.type(description="A document that a client may send by its hash.")
class ListedOperation:
    """A document that a client may send by its hash."""

    id: strawberry.ID = strawberry.field(description="Of the listing.")
    client_id: str = strawberry.field(description="Whose list it is on.")
    state: ListingState = strawberry.field(description="Where it stands now.")
    sha256_hash: str = strawberry.field(description="By which the client names it, in hexadecimal digits.")
    document: str = strawberry.field(description="Its text.")
    names: list[str] = strawberry.field(description="Of its operations.")
    purpose: str | None = strawberry.field(description="The only one that it is listed for; null for all.")
    expires_at: DateTime = strawberry.field(description="Until when; it ends by itself.")
    proposed_by: str = strawberry.field(description="Account of the officer.")
    proposed_at: DateTime = strawberry.field(description="When.")
    approved_by: str | None = strawberry.field(description="Account of the officer.")
    approved_at: DateTime | None = strawberry.field(description="Since when it is listed.")
    removed_by: str | None = strawberry.field(description="Account of the officer.")
    removed_at: DateTime | None = strawberry.field(description="Since when it is not any more.")


@strawberry.type(description="What a client may send.")
class OperationList:
    """What a client may send."""

    client_id: str = strawberry.field(description="Of the client.")
    listed_only: bool = strawberry.field(description="True: operations of this list alone.")
    operations: list[ListedOperation] = strawberry.field(description="The newest first.")


def _time(value: datetime | None) -> DateTime | None:
    return None if value is None else DateTime(value)


def _operation(found: listings.ListedOperation, now: datetime) -> ListedOperation:
    return ListedOperation(
        id=strawberry.ID(str(found.listing_id)),
        client_id=found.client_id,
        state=found.state(now),
        sha256_hash=found.digest.hex(),
        document=found.document,
        names=list(found.names),
        purpose=found.purpose,
        expires_at=DateTime(found.expires_at),
        proposed_by=found.proposed_by,
        proposed_at=DateTime(found.proposed_at),
        approved_by=found.approved_by,
        approved_at=_time(found.approved_at),
        removed_by=found.removed_by,
        removed_at=_time(found.removed_at),
    )


def _list(found: listings.OperationList, now: datetime) -> OperationList:
    return OperationList(
        client_id=found.client_id,
        listed_only=found.is_listed_only,
        operations=[_operation(one, now) for one in found.operations],
    )


def _refuse_own(context: Context, client_id: str) -> None:
    if client_id == context.permit.caller.client_id:
        raise ListingRefused(
            "clientId: not the client that you are using: it could not send what takes this back"
        )


async def operation_lists(info: Info[Context, None]) -> list[OperationList]:
    """Lists of the clients of the officer's agency; of all clients for the secretariat."""
    context = info.context
    found = await context.connection.run_sync(listings.listed, context.officer)
    return [_list(one, context.clock()) for one in found]


async def propose_operation(
    info: Info[Context, None], client_id: str, document: str, purpose: str | None, expires_at: DateTime
) -> ListedOperation:
    """A document for a client's list, on which it is once another officer has approved it."""
    context = info.context
    found = context.listable(document)

    def proposed(connection: Connection) -> listings.ListedOperation:
        return listings.propose(
            connection,
            context.officer,
            client_id,
            found,
            purpose=purpose,
            expires_at=expires_at,
            now=context.clock(),
        )

    made = await context.connection.run_sync(proposed)
    context.about = made.listing_id
    return _operation(made, context.clock())


async def approve_operation(info: Info[Context, None], id: strawberry.ID) -> ListedOperation:  # noqa: A002 -- the API's word
    """The operation, listed from now on; needs a login of the last five minutes (RFC 9470)."""
    context = info.context
    context.about = wanted = known_id(id)
    context.require_login_within(step_up.FRESH)
    found = await context.connection.run_sync(listings.approve, context.officer, wanted, context.clock())
    return _operation(found, context.clock())


async def remove_operation(info: Info[Context, None], id: strawberry.ID) -> ListedOperation:  # noqa: A002 -- the API's word
    """The operation, which is on its client's list no longer."""
    context = info.context
    context.about = wanted = known_id(id)
    found = await context.connection.run_sync(listings.remove, context.officer, wanted, context.clock())
    return _operation(found, context.clock())


async def set_listed_only(
    info: Info[Context, None], client_id: str, listed_only: bool, reason: str
) -> OperationList:
    """The client's list after the decision; letting it send others again needs another officer and a fresh login."""
    context = info.context
    if not listed_only:
        context.require_login_within(step_up.FRESH)
    else:
        _refuse_own(context, client_id)

    def narrowed(connection: Connection) -> listings.OperationList:
        return listings.narrow(
            connection,
            context.officer,
            client_id,
            is_listed_only=listed_only,
            reason=reason,
            now=context.clock(),
        )

    found = await context.connection.run_sync(narrowed)
    context.about = found.client_id
    return _list(found, context.clock())

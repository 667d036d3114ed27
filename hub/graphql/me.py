"""`me`: who asks, why, under which grants, what is open to them, and why not the rest."""

from collections.abc import Sequence
from enum import Enum

import strawberry
from strawberry.types import Info

from auth.permit import Permit
from hub.graphql.catalogue import Scopes, both, nodes
from hub.graphql.context import Context
from hub.graphql.scalars import DateTime


@strawberry.enum(description="Why a field is open to the caller, or is not.")
class Reason(Enum):
    """Why a field is open to the caller, or is not."""

    OPEN = strawberry.enum_value("OPEN", description="The token opens it now.")
    NOT_ASKED = strawberry.enum_value(
        "NOT_ASKED", description="A grant opens it, and the token was asked for without that scope."
    )
    NOT_GRANTED = strawberry.enum_value(
        "NOT_GRANTED", description="No live grant opens it for the token's purpose: ask the officer."
    )
    PURPOSE = strawberry.enum_value(
        "PURPOSE", description="It is closed to the token's purpose, whatever is granted."
    )


@strawberry.type(description="A field of the API, and whether and why the caller may read it.")
class Access:
    """A field of the API, and whether and why the caller may read it."""

    coordinate: str = strawberry.field(description="Schema coordinate, such as Victim.fullName.")
    allowed: bool = strawberry.field(description="True if the token opens it now.")
    reason: Reason = strawberry.field(description="Why it is open, or is not.")
    requires_scopes: list[list[str]] = strawberry.field(description="Outer list: or; inner list: and.")
    requires_purpose: list[str] | None = strawberry.field(
        description="Purposes that may use it; null where all may."
    )


@strawberry.type(description="A grant that is alive for the caller and its token's purpose.")
class LiveGrant:
    """A grant that is alive for the caller and its token's purpose."""

    id: strawberry.ID = strawberry.field(description="Of the grant, or of the emergency.")
    version: int = strawberry.field(description="Of the grant.")
    owner: str | None = strawberry.field(description="Agency whose rows it opens; null for one case of all.")
    scopes: list[str] = strawberry.field(description="Scopes that it gives.")
    jurisdictions: list[str] = strawberry.field(description="Kemendagri codes, 2 or 4 digits.")
    valid_to: DateTime = strawberry.field(description="When it ends by itself.")


@strawberry.type(description="Who asks, why, and what is open to them.")
class Me:
    """Who asks, why, and what is open to them."""

    client_id: str = strawberry.field(description="The client of the token.")
    account_id: str | None = strawberry.field(description="The person, where one has logged in.")
    agency: str | None = strawberry.field(description="The agency that they act for.")
    purpose: str = strawberry.field(description="The one purpose of the token.")
    jurisdiction: list[str] = strawberry.field(description="Kemendagri codes, 2 or 4 digits, of all grants.")
    scopes: list[str] = strawberry.field(description="Scopes of the token that are alive now.")
    expires_at: DateTime = strawberry.field(description="When the token ends.")
    grants: list[LiveGrant] = strawberry.field(description="Grants behind the token that are alive now.")
    access: list[Access] = strawberry.field(description="Every field of rows: open, or what it needs.")


def who(info: Info[Context, None]) -> Me:
    """The caller as the hub sees it at this moment."""
    permit = info.context.permit
    caller = permit.caller
    return Me(
        client_id=caller.client_id,
        account_id=caller.account_id,
        agency=caller.agency,
        purpose=caller.purpose,
        jurisdiction=sorted({code for one in permit.holdings for code in one.jurisdictions}),
        scopes=sorted(permit.scopes),
        expires_at=DateTime(caller.expires_at),
        grants=[
            LiveGrant(
                id=strawberry.ID(str(one.grant_id)),
                version=one.version,
                owner=one.owner,
                scopes=sorted(one.scopes),
                jurisdictions=list(one.jurisdictions),
                valid_to=DateTime(one.valid_to),
            )
            for one in permit.holdings
        ],
        access=_access(permit),
    )


def _access(permit: Permit) -> list[Access]:
    held = frozenset[str]().union(*(one.scopes for one in permit.holdings))
    found: list[Access] = []
    for node in nodes().values():
        needed = [(name, column.requires, column.purposes) for name, column in node.columns.items()]
        needed += [(name, link.requires, None) for name, link in node.links.items()]
        for name, own, purposes in needed:
            requires = both(node.requires, own)
            reason = _reason(permit, held, requires, purposes)
            found.append(
                Access(
                    coordinate=f"{node.name}.{name}",
                    allowed=reason is Reason.OPEN,
                    reason=reason,
                    requires_scopes=[list(alternative) for alternative in requires],
                    requires_purpose=None if purposes is None else list(purposes),
                )
            )
    return found


def _reason(permit: Permit, held: frozenset[str], requires: Scopes, purposes: Sequence[str] | None) -> Reason:
    if not permit.serves(purposes):
        return Reason.PURPOSE
    if permit.allows(requires):
        return Reason.OPEN
    return Reason.NOT_ASKED if any(held.issuperset(one) for one in requires) else Reason.NOT_GRANTED

"""Grants over the API: officers list, propose, renew and decide them; auth.grants has the rules."""

from uuid import UUID

import strawberry
from strawberry.types import Info

from auth import grant as standing
from auth import grants as deciding
from auth import step_up
from auth.grant import Proposal
from auth.grants import Decision
from hub.graphql.context import Context
from hub.graphql.request import as_uuid
from hub.graphql.scalars import DateTime
from schema.errors import InputInvalid

GrantState = strawberry.enum(standing.State, name="GrantState", description="Where a grant stands.")
GrantDecisionKind = strawberry.enum(
    Decision, name="GrantDecisionKind", description="What officers decide on a grant."
)


@strawberry.type(description="A decision on a grant.")
class GrantDecision:
    """A decision on a grant."""

    version: int = strawberry.field(description="The version that it was taken on.")
    kind: Decision = strawberry.field(description="What was decided.")
    decided_by: str = strawberry.field(description="Account of the officer.")
    decided_at: DateTime = strawberry.field(description="When.")
    reason: str = strawberry.field(description="In the officer's words.")


@strawberry.type(description="One version of a grant: who may see what of whose, why, where and until when.")
class Grant:
    """One version of a grant."""

    id: strawberry.ID = strawberry.field(description="Of the grant; all its versions share it.")
    version: int = strawberry.field(description="From 1; a renewal is the next one.")
    state: standing.State = strawberry.field(description="Where it stands now.")
    grantee: str = strawberry.field(description="A client_id or an account_id.")
    owner: str = strawberry.field(description="Agency whose data it opens.")
    scopes: list[str] = strawberry.field(description="What it opens.")
    purposes: list[str] = strawberry.field(description="For what.")
    legal_basis: str = strawberry.field(description="On which legal basis.")
    agreement: str = strawberry.field(description="Number of the agreement between the agencies.")
    justification: str = strawberry.field(description="Why it is needed.")
    jurisdictions: list[str] = strawberry.field(description="Kemendagri codes, 2 or 4 digits.")
    valid_from: DateTime = strawberry.field(description="From when.")
    valid_to: DateTime = strawberry.field(description="Until when; it ends by itself.")
    needs_owner: bool = strawberry.field(description="True if an officer of the owner must approve too.")
    proposed_by: str = strawberry.field(description="Account of the officer who proposed it.")
    proposed_at: DateTime = strawberry.field(description="When.")

    @strawberry.field(description="Decisions on all its versions, the first one first.")
    async def decisions(self, info: Info[Context, None]) -> list[GrantDecision]:
        """Decisions on all its versions, the first one first."""
        found = await info.context.connection.run_sync(standing.history, UUID(str(self.id)))
        return [
            GrantDecision(
                version=one["version"],
                kind=Decision(one["kind"]),
                decided_by=one["decided_by"],
                decided_at=DateTime(one["decided_at"]),
                reason=one["reason"],
            )
            for one in found
        ]


@strawberry.input(description="What a grant shall open, to whom, why, where and until when.")
class GrantInput:
    """What a grant shall open, to whom, why, where and until when."""

    grantee: str = strawberry.field(description="A client_id or an account_id.")
    owner: str = strawberry.field(description="Code of the agency whose data it opens.")
    scopes: list[str] = strawberry.field(description="Words of the closed list.")
    purposes: list[str] = strawberry.field(description="Words of the closed list.")
    legal_basis: str = strawberry.field(description="Row of the register of legal bases.")
    agreement: str = strawberry.field(description="Number of the agreement between the agencies.")
    justification: str = strawberry.field(description="Why it is needed; no name of a person.")
    jurisdictions: list[str] = strawberry.field(description="Kemendagri codes, 2 or 4 digits.")
    valid_from: DateTime = strawberry.field(description="From when.")
    valid_to: DateTime = strawberry.field(
        description="Until when: at most 365 days later, 90 where a scope is restricted."
    )


def known_id(given: strawberry.ID) -> UUID:
    """The id.

    Raises:
        InputInvalid: it is none of ours.
    """
    found = as_uuid(str(given))
    if found is None:
        raise InputInvalid("id: not an id of the hub")
    return found


def _shown(found: standing.Grant) -> Grant:
    proposal = found.proposal
    return Grant(
        id=strawberry.ID(str(found.grant_id)),
        version=found.version,
        state=found.state,
        grantee=proposal.grantee,
        owner=proposal.owner,
        scopes=sorted(proposal.scopes),
        purposes=list(proposal.purposes),
        legal_basis=proposal.legal_basis,
        agreement=proposal.agreement,
        justification=proposal.justification,
        jurisdictions=list(proposal.jurisdictions),
        valid_from=DateTime(proposal.valid_from),
        valid_to=DateTime(proposal.valid_to),
        needs_owner=found.needs_owner,
        proposed_by=found.proposed_by,
        proposed_at=DateTime(found.proposed_at),
    )


def _proposal(given: GrantInput) -> Proposal:
    return Proposal(
        grantee=given.grantee,
        owner=given.owner,
        scopes=frozenset(given.scopes),
        purposes=tuple(dict.fromkeys(given.purposes)),
        legal_basis=given.legal_basis,
        agreement=given.agreement,
        justification=given.justification,
        jurisdictions=tuple(sorted(set(given.jurisdictions))),
        valid_from=given.valid_from,
        valid_to=given.valid_to,
    )


async def grants(info: Info[Context, None]) -> list[Grant]:
    """Every version of every grant that concerns the officer's agency; of all agencies for the secretariat."""
    context = info.context
    found = await context.connection.run_sync(standing.listed, context.officer, context.clock())
    return [_shown(one) for one in found]


async def propose_grant(info: Info[Context, None], proposal: GrantInput) -> Grant:
    """A new grant, which opens nothing until others have approved it."""
    context = info.context
    made = await context.connection.run_sync(
        deciding.propose, context.officer, _proposal(proposal), context.clock()
    )
    context.about = made.grant_id
    return _shown(made)


async def renew_grant(info: Info[Context, None], id: strawberry.ID, proposal: GrantInput) -> Grant:  # noqa: A002 -- the API's word
    """The next version of a grant; the one before stays alive until this one is approved and begins."""
    context = info.context
    context.about = known_id(id)
    return _shown(
        await context.connection.run_sync(
            deciding.renew, context.officer, context.about, _proposal(proposal), context.clock()
        )
    )


async def decide_grant(
    info: Info[Context, None],
    id: strawberry.ID,  # noqa: A002 -- the API's word
    version: int,
    decision: Decision,
    reason: str,
) -> Grant:
    """The grant after the decision; what opens needs a login of the last five minutes (RFC 9470)."""
    context = info.context
    context.about = known_id(id)
    if decision in deciding.OPENING:
        context.require_login_within(step_up.FRESH)
    return _shown(
        await context.connection.run_sync(
            deciding.decide,
            context.officer,
            context.about,
            version,
            decision,
            reason,
            context.clock(),
        )
    )

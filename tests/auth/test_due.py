"""What a page offers an officer is what would be taken from them: each decision of each officer in each state, tried out."""

from datetime import timedelta

import pytest

from auth import grants
from auth.grant import Officer, Proposal, latest, listed, versions
from auth.grants import Decision
from schema.errors import DecisionError
from tests.auth.parties import APPROVER, PROPOSER, enrol, owner_of

THIRD = Officer(account_id="https://sso.example#third", agency="KEMLU")
GRANTEE = Officer(account_id="https://sso.example#grantee", agency="POLRI")
OFFICERS = (
    PROPOSER,
    APPROVER,
    owner_of("POLRI"),
    Officer(account_id="https://sso.example#other", agency="POLRI"),
    THIRD,
    GRANTEE,
)
WAYS = {
    "proposed": (),
    "half": ((APPROVER, Decision.APPROVED),),
    "other half": ((owner_of("POLRI"), Decision.OWNER_APPROVED),),
    "active": ((APPROVER, Decision.APPROVED), (owner_of("POLRI"), Decision.OWNER_APPROVED)),
    "suspended": (
        (APPROVER, Decision.APPROVED),
        (owner_of("POLRI"), Decision.OWNER_APPROVED),
        (owner_of("POLRI"), Decision.SUSPENDED),
    ),
    "suspended while proposed": ((APPROVER, Decision.SUSPENDED),),
    "refused": ((APPROVER, Decision.REFUSED),),
    "revoked": ((APPROVER, Decision.REVOKED),),
}


def taken(connection, officer, grant, now) -> set[Decision]:
    """The decisions that are accepted, each tried in a transaction of its own that is taken back."""
    found = set()
    for decision in Decision:
        trial = connection.begin_nested()
        try:
            grants.decide(connection, officer, grant.grant_id, grant.version, decision, "of a test", now)
            found.add(decision)
        except DecisionError:
            pass
        finally:
            trial.rollback()
    return found


@pytest.mark.parametrize("scope", ["case:read", "victim:read"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("to_person", [False, True])
async def test_what_is_offered_is_what_is_taken(hub, way, scope, to_person):
    grantee = GRANTEE.account_id if to_person else "polri-lapor"
    await hub.run(enrol, hub.clock(), GRANTEE.account_id, "POLRI")
    await hub.register(holds={})

    def tried(connection):
        now = hub.clock()
        proposal = Proposal(
            grantee=grantee,
            owner="POLRI",
            scopes=frozenset({scope}),
            purposes=("protection",),
            legal_basis="UU PDP",
            agreement="PKS/1",
            justification="of a test",
            jurisdictions=("61",),
            valid_from=now,
            valid_to=now + timedelta(days=30),
        )
        made = grants.propose(connection, PROPOSER, proposal, now)
        for officer, decision in WAYS[way]:
            if decision is Decision.OWNER_APPROVED and not made.needs_owner:
                continue
            grants.decide(connection, officer, made.grant_id, 1, decision, "of a test", now)
        grant = latest(connection, made.grant_id, now)
        return [
            (set(grants.due(connection, one, grant)), taken(connection, one, grant, now), grant.needs_owner)
            for one in OFFICERS
        ]

    found = await hub.run(tried)

    for offered, accepted, needs_owner in found:
        spare = set() if needs_owner else {Decision.OWNER_APPROVED}
        assert offered - accepted == set()
        assert accepted - offered <= spare


async def test_the_versions_of_a_grant_are_for_whom_it_concerns(hub):
    await hub.register()

    def seen(connection, officer):
        (one,) = listed(connection, PROPOSER, hub.clock())
        return [found.version for found in versions(connection, officer, one.grant_id, hub.clock())]

    assert await hub.run(seen, PROPOSER) == [1]
    assert await hub.run(seen, owner_of("POLRI")) == [1]
    assert await hub.run(seen, THIRD) == []

"""Grants: who may propose and decide, what a proposal must be, and what the decisions say together."""

from datetime import timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from auth import grant, grants
from auth.grant import CENTRAL, GrantRefused, NotYours, Officer, Proposal, State
from auth.grants import Decision
from schema.errors import AlreadyDecided, DecisionError, SelfApproval
from tests.auth.parties import APPROVER, PROPOSER, enrol, owner_of

POLICE = Officer(account_id="https://sso.example#polri-2", agency="POLRI")
SHELTER = owner_of("KEMENSOS")


def proposal(clock, **changes) -> Proposal:
    full = {
        "grantee": "polri-lapor",
        "owner": "KEMENSOS",
        "scopes": frozenset({"case:read", "victim:read"}),
        "purposes": ("investigation",),
        "legal_basis": "UU PDP art. 20(2)(e)",
        "agreement": "PKS/7/2026",
        "justification": "joint investigation",
        "jurisdictions": ("61",),
        "valid_from": clock(),
        "valid_to": clock() + timedelta(days=60),
    }
    return Proposal(**(full | changes))


@pytest.fixture
async def propose(hub):
    await hub.register(holds={})

    async def run(officer=PROPOSER, **changes):
        return await hub.run(grants.propose, officer, proposal(hub.clock, **changes), hub.clock())

    return run


@pytest.fixture
async def decide(hub):
    async def run(officer, made, decision, reason="seen", version=1):
        return await hub.run(grants.decide, officer, made.grant_id, version, decision, reason, hub.clock())

    return run


async def test_a_sensitive_grant_needs_another_officer_and_the_owners(propose, decide):
    made = await propose()
    one = await decide(APPROVER, made, Decision.APPROVED)
    both = await decide(SHELTER, made, Decision.OWNER_APPROVED)

    assert (made.state, one.state, both.state) == (State.PROPOSED, State.PROPOSED, State.ACTIVE)
    assert made.needs_owner


async def test_a_normal_grant_needs_one_other_officer(propose, decide):
    made = await propose(scopes=frozenset({"case:read"}))

    assert not made.needs_owner
    assert (await decide(SHELTER, made, Decision.APPROVED)).state is State.ACTIVE


@pytest.mark.parametrize(
    ("proposer", "approver", "decision", "error"),
    [
        (PROPOSER, PROPOSER, Decision.APPROVED, SelfApproval),
        (SHELTER, SHELTER, Decision.OWNER_APPROVED, SelfApproval),
        (PROPOSER, APPROVER, Decision.OWNER_APPROVED, NotYours),
        (PROPOSER, POLICE, Decision.APPROVED, NotYours),
        (PROPOSER, owner_of("IMIGRASI"), Decision.REFUSED, NotYours),
        (PROPOSER, owner_of("IMIGRASI"), Decision.REVOKED, NotYours),
    ],
)
async def test_nobody_approves_their_own_or_what_another_agency_owns(
    propose, decide, proposer, approver, decision, error
):
    made = await propose(proposer)

    with pytest.raises(error):
        await decide(approver, made, decision)


async def test_nobody_approves_a_grant_to_themselves(hub, propose, decide):
    await hub.run(enrol, hub.clock(), APPROVER.account_id)
    made = await propose(grantee=APPROVER.account_id, owner=CENTRAL, scopes=frozenset({"scope:manage"}))

    with pytest.raises(SelfApproval, match="to themselves"):
        await decide(APPROVER, made, Decision.APPROVED)


async def test_one_officer_cannot_be_both_approvals(propose, decide):
    made = await propose()
    await decide(SHELTER, made, Decision.APPROVED)

    with pytest.raises(SelfApproval):
        await decide(SHELTER, made, Decision.OWNER_APPROVED)


async def test_four_eyes_are_a_rule_of_the_table_itself(propose, service_url):
    made = await propose()
    values = (made.grant_id, 1, made.proposed_by, "APPROVED", made.proposed_by, made.proposed_at, "x")

    with (
        psycopg.connect(service_url.replace("+psycopg", "")) as service,
        pytest.raises(psycopg.errors.CheckViolation),
    ):
        service.execute(
            "INSERT INTO grant_decision (grant_id, version, proposed_by, kind, decided_by, decided_at, reason)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            values,
        )


@pytest.mark.parametrize("table", ["access_grant", "grant_decision", "emergency", "emergency_review"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {}"])
async def test_what_was_granted_and_decided_is_never_taken_away(service_url, table, statement):
    with (
        psycopg.connect(service_url.replace("+psycopg", "")) as service,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        service.execute(statement.format(table).encode())


async def test_a_version_stays_as_it_was_written(hub, propose):
    await propose()

    with pytest.raises(Exception, match="permission denied"):
        async with hub.engine.begin() as connection:
            await connection.execute(text("UPDATE access_grant SET scopes = '{victim.identity:read}'"))


REFUSED = {
    "no scope": {"scopes": frozenset()},
    "unknown scope": {"scopes": frozenset({"victim:write"})},
    "no purpose": {"purposes": ()},
    "unknown purpose": {"purposes": ("curiosity",)},
    "emergency": {"purposes": ("emergency",)},
    "unknown owner": {"owner": "KGB"},
    "unknown region": {"jurisdictions": ("6199",)},
    "half a region": {"jurisdictions": ("617",)},
    "dotted region": {"jurisdictions": ("61.71",)},
    "no legal basis": {"legal_basis": " "},
    "no agreement": {"agreement": ""},
    "no justification": {"justification": "x"},
    "identity for statistics": {
        "scopes": frozenset({"victim.identity:read"}),
        "purposes": ("statistics",),
    },
    "nobody": {"grantee": "nobody"},
    "a right of persons for a system": {"scopes": frozenset({"scope:approve"})},
}


@pytest.mark.parametrize("fault", REFUSED)
async def test_a_proposal_that_breaks_a_rule_is_refused(propose, fault):
    with pytest.raises(GrantRefused):
        await propose(**REFUSED[fault])


@pytest.mark.parametrize(
    ("scopes", "days", "allowed"),
    [
        ({"case:read"}, 365, True),
        ({"case:read"}, 366, False),
        ({"victim.identity:read"}, 90, True),
        ({"victim.identity:read"}, 91, False),
        ({"case:read"}, 0, False),
    ],
)
async def test_a_restricted_grant_ends_within_90_days_and_any_other_within_a_year(
    hub, propose, scopes, days, allowed
):
    changes = {"scopes": frozenset(scopes), "valid_to": hub.clock() + timedelta(days=days)}
    if allowed:
        assert (await propose(**changes)).state is State.PROPOSED
    else:
        with pytest.raises(GrantRefused, match="validTo"):
            await propose(**changes)


async def test_a_right_of_systems_is_not_for_a_person(hub, propose):
    await hub.run(enrol, hub.clock(), "https://sso.example#someone", "POLRI")

    with pytest.raises(GrantRefused, match="systems only"):
        await propose(grantee="https://sso.example#someone", scopes=frozenset({"token:introspect"}))


async def test_only_officers_whom_it_concerns_propose(propose):
    with pytest.raises(NotYours):
        await propose(owner_of("IMIGRASI"))


async def test_a_grant_expires_by_itself_and_a_renewal_takes_its_place(hub, propose, decide):
    made = await propose()
    await decide(APPROVER, made, Decision.APPROVED)
    await decide(SHELTER, made, Decision.OWNER_APPROVED)
    hub.clock.forward(days=30)
    again = proposal(hub.clock)
    renewed = await hub.run(grants.renew, PROPOSER, made.grant_id, again, hub.clock())
    with pytest.raises(AlreadyDecided, match="newer version"):
        await decide(APPROVER, made, Decision.APPROVED)
    await decide(APPROVER, made, Decision.APPROVED, version=2)
    await decide(SHELTER, made, Decision.OWNER_APPROVED, version=2)

    def states(found):
        return {one.version: one.state for one in found if one.grant_id == made.grant_id}

    now = states(await hub.run(grant.listed, PROPOSER, hub.clock()))
    hub.clock.forward(days=60)
    later = states(await hub.run(grant.listed, PROPOSER, hub.clock()))

    assert (renewed.version, renewed.state) == (2, State.PROPOSED)
    assert now == {1: State.REPLACED, 2: State.ACTIVE}
    assert later == {1: State.EXPIRED, 2: State.EXPIRED}


async def test_a_renewal_is_for_the_same_two(hub, propose):
    made = await propose()

    with pytest.raises(GrantRefused, match="grantee and owner"):
        await hub.run(grants.renew, PROPOSER, made.grant_id, proposal(hub.clock, owner="POLRI"), hub.clock())


async def test_whoever_suspended_a_grant_does_not_resume_it(propose, decide):
    made = await propose(scopes=frozenset({"case:read"}))
    await decide(APPROVER, made, Decision.APPROVED)
    suspended = await decide(POLICE, made, Decision.SUSPENDED)
    with pytest.raises(SelfApproval):
        await decide(POLICE, made, Decision.RESUMED)
    resumed = await decide(SHELTER, made, Decision.RESUMED)

    assert (suspended.state, resumed.state) == (State.SUSPENDED, State.ACTIVE)


async def test_an_officer_lists_what_concerns_their_agency_and_the_secretariat_lists_all(hub, propose):
    made = await propose()

    seen = {
        officer.agency: [one.grant_id for one in await hub.run(grant.listed, officer, hub.clock())]
        for officer in (PROPOSER, POLICE, SHELTER, owner_of("IMIGRASI"))
    }

    assert seen == {
        CENTRAL: [made.grant_id],
        "POLRI": [made.grant_id],
        "KEMENSOS": [made.grant_id],
        "IMIGRASI": [],
    }


async def test_the_history_tells_every_decision(hub, propose, decide):
    made = await propose(scopes=frozenset({"case:read"}))
    await decide(APPROVER, made, Decision.APPROVED, "agreed")
    await decide(SHELTER, made, Decision.REVOKED, "agreement ended")

    assert await hub.run(grant.history, made.grant_id) == [
        {
            "version": 1,
            "kind": "APPROVED",
            "decided_by": APPROVER.account_id,
            "decided_at": hub.clock(),
            "reason": "agreed",
        },
        {
            "version": 1,
            "kind": "REVOKED",
            "decided_by": SHELTER.account_id,
            "decided_at": hub.clock(),
            "reason": "agreement ended",
        },
    ]


STEPS = st.lists(
    st.tuples(st.sampled_from([PROPOSER, APPROVER, SHELTER, POLICE]), st.sampled_from(list(Decision))),
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_whatever_is_decided_in_whatever_order_nothing_opens_without_two_others(hub, propose, steps):
    made = await propose()
    approvers: dict[Decision, str] = {}
    closed = False
    for officer, decision in steps:
        try:
            found = await hub.run(grants.decide, officer, made.grant_id, 1, decision, "seen", hub.clock())
        except DecisionError:
            found = await hub.run(grant.latest, made.grant_id, hub.clock())
        else:
            if decision in {Decision.APPROVED, Decision.OWNER_APPROVED}:
                approvers[decision] = officer.account_id
            closed = closed or decision in {Decision.REFUSED, Decision.REVOKED}
        if found.state is State.ACTIVE:
            assert not closed
            assert len({made.proposed_by, *approvers.values()}) == 3
        if closed:
            assert found.state in {State.REFUSED, State.REVOKED}

"""The first two officers: two persons together, once."""

import asyncio

import pytest

from auth import accounts, first_officers, grant, grants, holdings, issuers
from auth.accounts import Account
from auth.grants import Decision
from auth.issuers import Use
from hub.cli import officers
from schema.errors import AlreadyDecided, SelfApproval
from tests.auth.parties import PROPOSER, enrol


def officer(clock, name="satu", **changes) -> Account:
    full = {
        "account_id": f"https://sso.example#{name}",
        "agency": "SATGAS_TPPO",
        "title": "Data protection officer",
        "created_at": clock(),
    }
    return Account(**(full | changes))


async def holds(hub, account: Account) -> set[str]:
    found = await hub.run(holdings.standing, "any", account.account_id, hub.clock())
    return {word for one in found.holdings for word in one.scopes}


async def test_two_persons_become_officers_each_proposed_by_the_other(hub):
    first, second = officer(hub.clock), officer(hub.clock, "dua")
    await hub.register(client_id="any", holds={})

    await hub.run(first_officers.bootstrap, first, second, hub.clock())

    listed = await hub.run(grant.listed, PROPOSER, hub.clock())
    assert {(one.proposal.grantee, one.proposed_by, one.state) for one in listed} == {
        (first.account_id, second.account_id, grant.State.ACTIVE),
        (second.account_id, first.account_id, grant.State.ACTIVE),
    }
    assert await holds(hub, first) == await holds(hub, second) == first_officers.SCOPES


async def test_there_is_no_second_pair_even_after_the_first_one_s_grants_are_revoked(hub):
    first, second = officer(hub.clock), officer(hub.clock, "dua")
    await hub.run(first_officers.bootstrap, first, second, hub.clock())
    for one in await hub.run(grant.listed, PROPOSER, hub.clock()):
        await hub.run(
            grants.decide, PROPOSER, one.grant_id, one.version, Decision.REVOKED, "left", hub.clock()
        )
    hub.clock.forward(days=400)

    with pytest.raises(AlreadyDecided):
        await hub.run(
            first_officers.bootstrap, officer(hub.clock, "tiga"), officer(hub.clock, "empat"), hub.clock()
        )

    assert await hub.run(accounts.load, "https://sso.example#tiga") is None


async def test_a_grant_to_an_officer_that_is_only_proposed_closes_it_too(hub):
    await hub.run(
        enrol,
        hub.clock(),
        "https://sso.example#lain",
        "POLRI",
        scopes=["audit:read"],
        purposes=["subject-request"],
    )

    with pytest.raises(AlreadyDecided):
        await hub.run(first_officers.bootstrap, officer(hub.clock), officer(hub.clock, "dua"), hub.clock())


async def test_grants_to_systems_do_not_close_it(hub):
    await hub.register()

    assert await hub.run(first_officers.is_open)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"name": "satu"}, SelfApproval),
        ({"agency": "POLRI"}, first_officers.NotAPair),
        ({"account_id": "nobody"}, accounts.AccountRefused),
    ],
)
async def test_it_is_two_persons_of_the_secretariat_or_nobody(hub, changes, error):
    second = officer(hub.clock, **({"name": "dua"} | changes))

    with pytest.raises(error):
        await hub.run(first_officers.bootstrap, officer(hub.clock), second, hub.clock())

    assert await hub.run(accounts.load, officer(hub.clock).account_id) is None
    assert await hub.run(first_officers.is_open)


async def test_somebody_who_is_suspended_is_no_first_officer(hub):
    first = officer(hub.clock)
    await hub.run(accounts.register, first)
    await hub.run(accounts.suspend, first.account_id, hub.clock())

    with pytest.raises(first_officers.NotAPair):
        await hub.run(first_officers.bootstrap, first, officer(hub.clock, "dua"), hub.clock())


async def test_of_two_pairs_at_one_moment_one_comes_in(hub):
    pairs = [("satu", "dua"), ("tiga", "empat")]

    results = await asyncio.gather(
        *(
            hub.run(first_officers.bootstrap, officer(hub.clock, a), officer(hub.clock, b), hub.clock())
            for a, b in pairs
        ),
        return_exceptions=True,
    )

    assert sorted(type(one).__name__ for one in results) == ["AlreadyDecided", "NoneType"]


async def test_the_command_begins_with_two_officers_and_the_login_that_vouches_for_them(hub):
    proposal = issuers.Proposal(
        issuer="https://sso.go.id.example",
        name="SSO Pemerintah",
        agency="SATGAS_TPPO",
        use=Use.PEOPLE,
        audience="tppo-hub",
        algorithms=("ES256",),
    )

    await hub.run(officers.begin, proposal, ("satu", "dua"))

    (standing,) = await hub.run(issuers.standing, Use.PEOPLE)
    account = await hub.run(accounts.load, "https://sso.go.id.example#satu")
    assert (standing.proposal, standing.proposed_by, standing.approved_by) == (
        proposal,
        "https://sso.go.id.example#satu",
        "https://sso.go.id.example#dua",
    )
    assert account is not None
    with pytest.raises(AlreadyDecided):
        await hub.run(officers.begin, proposal, ("tiga", "empat"))


async def test_a_login_that_breaks_a_rule_leaves_no_officer_behind(hub):
    proposal = issuers.Proposal(
        issuer="http://sso.go.id.example",
        name="SSO Pemerintah",
        agency="SATGAS_TPPO",
        use=Use.PEOPLE,
        audience="tppo-hub",
        algorithms=("ES256",),
    )

    with pytest.raises(issuers.IssuerRefused):
        await hub.run(officers.begin, proposal, ("satu", "dua"))

    assert await hub.run(first_officers.is_open)

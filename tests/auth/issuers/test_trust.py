"""Trusted issuers as rows: four eyes, a ceiling, and rules that a proposal must keep."""

from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError, ProgrammingError

from auth import issuers
from auth.grant import Officer
from auth.issuers import IssuerRefused, NotYourIssuer, Use
from schema.errors import AlreadyDecided, SelfApproval
from schema.tables import people
from tests.auth.issuers.foreign import FIRST, SECOND, proposal, trust

ISSUER = "https://sso.polri.example"
POLRI = Officer(account_id="https://sso.example#polri", agency="POLRI")
KEMENSOS = Officer(account_id="https://sso.example#kemensos", agency="KEMENSOS")


async def test_an_issuer_stands_once_another_officer_has_approved_it_until_it_is_withdrawn(hub):
    made = await hub.run(issuers.propose, POLRI, proposal(ISSUER), hub.clock())
    proposed = await hub.run(issuers.standing, Use.SYSTEMS)
    approved = await hub.run(issuers.approve, FIRST, made.trust_id, hub.clock())
    standing = await hub.run(issuers.standing, Use.SYSTEMS)
    people = await hub.run(issuers.standing, Use.PEOPLE)
    withdrawn = await hub.run(issuers.withdraw, POLRI, made.trust_id, hub.clock())
    after = await hub.run(issuers.standing, Use.SYSTEMS)

    assert (proposed, standing, people, after) == ([], [approved], [], [])
    assert made.proposal == replace(proposal(ISSUER), algorithms=("ES256", "Ed25519", "PS256"))
    assert approved == replace(made, approved_by=FIRST.account_id, approved_at=hub.clock())
    assert withdrawn == replace(approved, withdrawn_by=POLRI.account_id, withdrawn_at=hub.clock())
    assert await hub.run(issuers.listed) == [withdrawn]


async def test_whoever_proposed_an_issuer_cannot_approve_it(hub):
    made = await hub.run(issuers.propose, FIRST, proposal(ISSUER), hub.clock())

    with pytest.raises(SelfApproval):
        await hub.run(issuers.approve, FIRST, made.trust_id, hub.clock())

    assert await hub.run(issuers.standing, Use.SYSTEMS) == []


async def test_the_table_itself_wants_four_eyes(hub):
    made = await hub.run(issuers.propose, FIRST, proposal(ISSUER), hub.clock())
    statement = text("UPDATE trusted_issuer SET approved_by = proposed_by, approved_at = proposed_at")

    with pytest.raises(IntegrityError, match="ck_trusted_issuer_four_eyes"):
        await hub.run(lambda connection: connection.execute(statement))

    assert await hub.run(issuers.load, made.trust_id) == made


@pytest.mark.parametrize("column", ["issuer", "ceiling", "scope_map", "algorithms", "agency", "proposed_by"])
async def test_what_was_proposed_cannot_be_changed_by_the_service(hub, column):
    await hub.run(trust, hub.clock(), ISSUER)
    table = people.trusted_issuer
    statement = update(table).values({column: table.c[column]})

    with pytest.raises(ProgrammingError, match="permission denied"):
        await hub.run(lambda connection: connection.execute(statement))


async def test_an_approved_row_replaces_the_one_that_stood_for_the_same_issuer(hub):
    first = await hub.run(trust, hub.clock(), ISSUER)
    second = await hub.run(
        trust, hub.clock(), ISSUER, ceiling=frozenset({"case:read"}), scope_map={"a": "case:read"}
    )

    standing = await hub.run(issuers.standing, Use.SYSTEMS, ISSUER)

    assert standing == [second]
    assert (await hub.run(issuers.load, first.trust_id)).withdrawn_by == SECOND.account_id


async def test_officers_decide_for_their_own_agency_and_the_secretariat_approves(hub):
    made = await hub.run(issuers.propose, POLRI, proposal(ISSUER), hub.clock())

    with pytest.raises(NotYourIssuer):
        await hub.run(issuers.propose, KEMENSOS, proposal(ISSUER), hub.clock())
    with pytest.raises(NotYourIssuer):
        await hub.run(issuers.approve, KEMENSOS, made.trust_id, hub.clock())
    with pytest.raises(NotYourIssuer):
        await hub.run(issuers.withdraw, KEMENSOS, made.trust_id, hub.clock())


async def test_what_was_decided_stays_decided(hub):
    made = await hub.run(trust, hub.clock(), ISSUER)

    with pytest.raises(AlreadyDecided):
        await hub.run(issuers.approve, SECOND, made.trust_id, hub.clock())
    await hub.run(issuers.withdraw, FIRST, made.trust_id, hub.clock())
    with pytest.raises(AlreadyDecided):
        await hub.run(issuers.withdraw, FIRST, made.trust_id, hub.clock())
    with pytest.raises(AlreadyDecided):
        await hub.run(issuers.approve, SECOND, made.trust_id, hub.clock())


FAULTS = {
    "plain http": {"issuer": "http://sso.polri.example"},
    "http to a name of this machine": {"issuer": "http://localhost:9000"},
    "http to a second spelling of loopback": {"issuer": "http://127.1:9000"},
    "http to a number": {"issuer": "http://0x7f000001"},
    "query": {"issuer": "https://sso.polri.example?realm=a"},
    "fragment": {"issuer": "https://sso.polri.example#a"},
    "user": {"issuer": "https://a@sso.polri.example"},
    "no host": {"issuer": "https:///a"},
    "backslash": {"issuer": "https://sso.polri.example\\@evil.example"},
    "newline": {"issuer": "https://sso.polri.example\n"},
    "another scheme": {"issuer": "file:///etc/passwd"},
    "long": {"issuer": "https://sso.example/" + "a" * 200},
    "no name": {"name": " "},
    "unknown agency": {"agency": "KGB"},
    "no audience": {"audience": ""},
    "no algorithm": {"algorithms": ()},
    "HS256": {"algorithms": ("HS256",)},
    "none": {"algorithms": ("ES256", "none")},
    "unknown scope": {"ceiling": frozenset({"case:read", "victim:read", "all:read"})},
    "map above the ceiling": {"scope_map": {"a": "document:read"}},
    "map of a malformed word": {"scope_map": {"a b": "case:read"}},
    "no map": {"scope_map": {}},
    "for officers": {"ceiling": frozenset({"case:read", "victim:read", "scope:approve"})},
    "for humans": {"ceiling": frozenset({"case:read", "victim:read", "scope:manage"})},
    "audit": {"ceiling": frozenset({"case:read", "victim:read", "audit:read"})},
    "for the hub's own systems": {"ceiling": frozenset({"case:read", "victim:read", "token:introspect"})},
    "people with a ceiling": {"use": Use.PEOPLE},
    "people by any JWT": {"use": Use.PEOPLE, "ceiling": frozenset(), "scope_map": {}, "plain_jwt": True},
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_proposal_with_one_fault_is_refused(hub, fault):
    with pytest.raises(IssuerRefused):
        await hub.run(issuers.propose, FIRST, proposal(**({"issuer": ISSUER} | FAULTS[fault])), hub.clock())

    assert await hub.run(issuers.listed) == []


@pytest.mark.parametrize(
    "issuer", [ISSUER, f"{ISSUER}/realms/polri", "http://127.0.0.1:9000", "http://[::1]:9000"]
)
async def test_an_issuer_is_https_or_loopback(hub, issuer):
    made = await hub.run(issuers.propose, FIRST, proposal(issuer), hub.clock())

    assert made.is_loopback is issuer.startswith("http:")


async def test_rs256_is_there_only_where_the_row_names_it(hub):
    old = await hub.run(trust, hub.clock(), ISSUER, algorithms=("RS256", "EdDSA"))

    assert old.proposal.algorithms == ("Ed25519", "RS256")


@pytest.mark.usefixtures("service_url")
def test_no_algorithm_but_the_four_fits_the_table(cluster):
    with (
        psycopg.connect(cluster.conninfo("hub_owner", "auth")) as owner,
        pytest.raises(psycopg.errors.CheckViolation, match="ck_trusted_issuer_algorithms"),
    ):
        owner.execute(
            "INSERT INTO trusted_issuer (trust_id, issuer, name, agency, use, audience, algorithms, ceiling, scope_map,"
            " plain_jwt, proposed_by, proposed_at) VALUES (gen_random_uuid(), 'https://a', 'a', 'POLRI', 'SYSTEMS',"
            " 'a', '{HS256}', '{}', '{}', false, 'a', now())"
        )

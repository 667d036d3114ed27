"""Grants at the console, by the same rules as over the API: from the proposal to the next request of a client."""

import asyncio
import json
import re

import psycopg
import pytest

from tests.auth.parties import grant
from tests.console.conftest import NEWCOMER
from tests.console.officer import Officer, heading, words
from tests.graphql.hub import ISSUER
from tests.graphql.officers import APPROVES, IMMIGRATION, PROPOSES, SHELTER, as_person

CASES = "{ cases { totalCount } }"


async def answers(page, officer, *steps):
    """The pages of a proposal, each filled in and gone on from."""
    for written in steps:
        page = await officer.fill(page, "Go on", **written)
        assert page.status_code == 200, words(page)
    return page


def steps(**changes):
    full = {
        "grantee": NEWCOMER,
        "owner": "POLRI",
        "scopes": ["case:read", "victim:read"],
        "purposes": ["protection"],
        "agreement": "PKS/9/2026",
        "justification": "protection of victims at the border",
        "where": "nation",
    } | changes
    names = [
        ("grantee", "owner"),
        ("scopes",),
        ("purposes",),
        ("agreement", "justification"),
        ("where", "provinces", "regencies"),
        ("valid_from", "valid_to"),
    ]
    return [{name: full[name] for name in some if name in full} for some in names]


async def propose(officer, **changes):
    """The grant's path, after an officer has proposed it."""
    page = await answers(await officer.get("/propose"), officer, *steps(**changes))
    sent = await officer.fill(page, "Send the proposal")
    assert sent.status_code == 303, words(sent)
    return sent.headers["Location"].removeprefix("/console").partition("?")[0]


async def decide(officer, path, decision, reason="agreement seen", button=None):
    page = await officer.get(f"{path}/decide", params={"decision": decision})
    if page.status_code != 200 or "reason" not in page.text:
        return page
    return await officer.fill(page, button or "", reason=reason)


async def asked(hub):
    """What the API says to the newcomer: the token endpoint's status, and that of a query."""
    try:
        token = await hub.new_token({"case:read"}, NEWCOMER)
    except AssertionError:
        return "no token"
    return (await hub.ask(CASES, token=token)).status_code


async def test_what_two_officers_and_the_owner_s_decide_here_the_api_honours_at_the_next_request(
    hub, proposer, approver, police
):
    before = await asked(hub)
    path = await propose(proposer)
    first = await decide(approver, path, "APPROVED")
    half = await asked(hub)
    second = await decide(police, path, "OWNER_APPROVED")
    token = await hub.new_token({"case:read"}, NEWCOMER)
    opened = (await hub.ask(CASES, token=token)).status_code
    revoked = await decide(police, path, "REVOKED")
    closed = (await hub.ask(CASES, token=token)).status_code
    page = await proposer.get(path)

    assert [one.headers["Location"] for one in (first, second, revoked)] == [
        f"/console{path}?done={word}" for word in ("APPROVED", "OWNER_APPROVED", "REVOKED")
    ]
    assert (before, half, opened, closed) == ("no token", "no token", 200, 403)
    assert "version 1, revoked" in words(page)
    assert words(page).count("Officer of a test (Indonesian National Police)") == 2


async def test_it_is_the_grant_that_the_api_shows_and_each_decision_is_in_the_ledger(
    hub, cluster, database, proposer, approver
):
    path = await propose(proposer, scopes=["case:read"])
    await decide(approver, path, "APPROVED")
    grants = (
        await as_person(hub, PROPOSES, "{ grants { id state owner grantee scopes purposes agreement } }")
    )["data"]["grants"]
    grant_id = path.rpartition("/")[2]
    with psycopg.connect(cluster.conninfo("hub_owner", database.name)) as owner:
        rows = owner.execute("SELECT body FROM audit.record ORDER BY id").fetchall()
    decided = [one for (body,) in rows if (one := json.loads(bytes(body)))["kind"] == "decision"]

    assert [one for one in grants if one["id"] == grant_id] == [
        {
            "id": grant_id,
            "state": "ACTIVE",
            "owner": "POLRI",
            "grantee": NEWCOMER,
            "scopes": ["case:read"],
            "purposes": ["protection"],
            "agreement": "PKS/9/2026",
        }
    ]
    assert [
        (
            one["client_id"],
            one["account_id"],
            one["coordinates"],
            one["about"],
            one["outcome"],
            one["purpose"],
        )
        for one in decided
    ] == [
        ("hub-console", PROPOSES, ["Mutation.proposeGrant"], grant_id, "answered", "subject-request"),
        ("hub-console", APPROVES, ["Mutation.decideGrant"], grant_id, "answered", "subject-request"),
    ]


async def test_whoever_proposed_is_offered_no_approval_and_gets_none(hub, police):
    path = await propose(police, scopes=["case:read"])
    page = await police.get(path)
    form = await decide(police, path, "APPROVED")
    token = await police.csrf()

    forced = await police.post(
        f"{path}/decide", {"csrf": token, "decision": "APPROVED", "version": "1", "reason": "of my own"}
    )

    assert "Approve" not in words(page)
    assert (form.status_code, heading(form)) == (409, "This cannot be decided now")
    assert forced.status_code == 409
    assert "Whoever proposed it cannot approve it" in words(forced)
    assert await asked(hub) == "no token"


async def test_an_officer_whom_it_does_not_concern_finds_no_grant(hub, proposer):
    path = await propose(proposer, scopes=["case:read"])
    shelter = await Officer(hub, SHELTER).log_in()
    token = await shelter.csrf()

    looked = await shelter.get(path)
    listed = await shelter.get("/grants")
    forced = await shelter.post(
        f"{path}/decide",
        {"csrf": token, "decision": "REVOKED", "version": "1", "reason": "no business of mine"},
    )

    assert (looked.status_code, NEWCOMER in listed.text) == (404, False)
    assert forced.status_code in {404, 409}
    assert "proposed" in words(await proposer.get(path))


async def test_an_officer_of_the_grantee_s_agency_closes_and_does_not_open(hub, proposer):
    path = await propose(proposer, scopes=["case:read"])
    officer = await Officer(hub, IMMIGRATION).log_in()
    token = await officer.csrf()

    page = await officer.get(path)
    forced = await officer.post(
        f"{path}/decide", {"csrf": token, "decision": "APPROVED", "version": "1", "reason": "for our system"}
    )
    refused = await decide(officer, path, "REFUSED")

    assert "Refuse" in words(page)
    assert "Approve" not in words(page)
    assert forced.status_code == 409
    assert "An officer of another agency must decide this." in words(forced)
    assert refused.status_code == 303


async def test_what_opens_needs_a_login_of_the_last_five_minutes(hub, proposer, approver, police):
    path = await propose(proposer, scopes=["case:read"])
    fresh = await approver.get(f"{path}/decide", params={"decision": "APPROVED"})
    hub.clock.forward(minutes=4)
    tired = await approver.get(f"{path}/decide", params={"decision": "APPROVED"})
    hub.clock.forward(minutes=2)
    stale = await approver.fill(fresh, reason="written too slowly")
    closing = await decide(police, path, "REFUSED")

    assert [heading(one) for one in (fresh, tired, stale)] == [
        "Approve this grant?",
        "Log in again to open something",
        "Log in again to open something",
    ]
    assert stale.status_code == 403
    assert "written too slowly" in words(stale)
    assert (
        f"{ISSUER}/oauth/login?return_to=%2Fconsole{path.replace('/', '%2F')}%2Fdecide%3Fdecision%3DAPPROVED&amp;max_age=120"
        in stale.text
    )
    assert closing.status_code == 303


async def test_a_decision_on_a_version_that_is_not_the_latest_is_told_so(proposer, approver):
    path = await propose(proposer, scopes=["case:read"])
    form = await approver.get(f"{path}/decide", params={"decision": "APPROVED"})
    renewal = await proposer.fill(await proposer.get(f"{path}/renew"), "Send the next version")

    late = await approver.fill(form, reason="agreement seen")

    assert renewal.status_code == 303
    assert late.status_code == 409
    assert "there is a newer version of this grant" in words(late)


async def test_a_renewal_goes_on_from_what_is_and_stands_once_it_is_approved(proposer, approver):
    path = await propose(proposer, scopes=["case:read"])
    await decide(approver, path, "APPROVED")
    page = await proposer.get(f"{path}/renew")
    change = await proposer.fill(page, "Change Period")
    checked = await proposer.fill(change, "Go on", valid_to="2026-03-20", valid_from="2026-03-02")
    sent = await proposer.fill(checked, "Send the next version")
    form = words(await approver.get(f"{path}/decide", params={"decision": "APPROVED"}))
    approved = await decide(approver, path, "APPROVED")
    shown = await proposer.get(path)

    assert [one.status_code for one in (page, change, checked, sent, approved)] == [200, 200, 200, 303, 303]
    assert "Compared with version 1." in form
    assert re.findall(r"(\w+) changed", form) == ["Period"]
    assert "version 2, active" in words(shown)
    assert "version 1, replaced" in words(shown)
    assert "to the end of 20 March 2026" in words(shown)


async def test_what_one_suspended_another_one_resumes(hub, proposer, approver, police):
    path = await propose(proposer, scopes=["case:read"])
    await decide(approver, path, "APPROVED")
    await decide(police, path, "SUSPENDED")
    own = await police.get(path)
    resumed = await decide(approver, path, "RESUMED")

    assert "Resume" not in words(own)
    assert resumed.headers["Location"].endswith("?done=RESUMED")
    assert await asked(hub) == 200


@pytest.mark.parametrize(
    ("at", "changes", "told"),
    [
        (0, {"grantee": "nobody"}, "Grantee: write the id of a registered system or account"),
        (0, {"owner": "NASA"}, "Owner of the data: choose one"),
        (1, {"scopes": []}, "What it opens: tick at least one"),
        (1, {"scopes": ["scope:approve"]}, "What it opens: tick at least one"),
        (2, {"purposes": ["emergency"]}, "Purposes: tick at least one"),
        (3, {"agreement": "x"}, "Number of the agreement: at least 3 letters"),
        (5, {"valid_from": "9999-12-31"}, "First day: write a date"),
        (5, {"valid_to": "2026-02-01"}, "Last day: write a date, not before the first one"),
        (4, {"where": "some"}, "Where: choose one"),
        (4, {"where": "some", "regencies": "9999"}, "a code of 4 digits is not known"),
    ],
)
async def test_a_step_that_is_not_filled_in_says_what_is_missing_and_keeps_the_rest(
    proposer, at, changes, told
):
    page = await proposer.get("/propose")
    given = steps(**changes)
    page = await answers(page, proposer, *given[:at])

    again = await proposer.fill(page, "Go on", **given[at])

    assert again.status_code == 400
    assert told in words(again)
    assert heading(again) == heading(page)


async def test_a_proposal_that_breaks_a_rule_keeps_all_that_was_written(hub, proposer):
    given = steps(scopes=["victim.identity:read"])
    page = await answers(await proposer.get("/propose"), proposer, *given[:5])
    page = await proposer.fill(page, "Go on", valid_from="2026-03-02", valid_to="2026-12-31")

    sent = await proposer.fill(page, "Send the proposal")

    assert (sent.status_code, heading(sent)) == (409, "Check your answers")
    assert "at most 90 days later" in words(sent)
    assert "protection of victims at the border" in words(sent)
    assert await hub.rows("SELECT count(*) FROM access_grant WHERE grantee = %s", NEWCOMER) == [(0,)]


async def test_no_step_can_be_skipped(proposer):
    form = {
        "csrf": await proposer.csrf(),
        "step": "who",
        "to": "check",
        "grantee": NEWCOMER,
        "owner": "POLRI",
    }
    skipped = await proposer.post("/propose", form)
    odd = await proposer.post("/propose/confirm", form | {"valid_from": "2026-02-31", "valid_to": "x"})
    sent = await proposer.post("/propose/confirm", form)

    assert (skipped.status_code, heading(skipped)) == (400, "What does it open?")
    assert {(one.status_code, heading(one)) for one in (sent, odd)} == {(400, "Check your answers")}


async def test_the_list_is_filtered_and_counted(proposer):
    path = await propose(proposer, scopes=["case:read"])
    found = {
        query: words(await proposer.get(f"/grants?{query}"))
        for query in (f"client={NEWCOMER}", "client=people", "state=PROPOSED", "owner=KEMLU&state=PROPOSED")
    }

    assert "Versions of grants: 1" in found[f"client={NEWCOMER}"]
    assert "Versions of grants: 1" in found["state=PROPOSED"]
    assert "Versions of grants: 0" in found["owner=KEMLU&state=PROPOSED"]
    assert path in (await proposer.get("/grants?state=PROPOSED")).text


async def test_a_long_list_comes_in_pages(hub, proposer):
    async with hub.engine.begin() as connection:
        for _ in range(60):
            await connection.run_sync(grant, hub.clock(), NEWCOMER, scopes=["case:read"])

    first, second, beyond = [
        await proposer.get("/grants", params={"client": NEWCOMER, "page": page}) for page in ("1", "2", "99")
    ]

    assert [one.text.count('<th scope="row">') for one in (first, second, beyond)] == [50, 10, 10]


async def test_the_overview_shows_what_waits_for_this_officer_and_what_ends_soon(
    hub, proposer, approver, police
):
    path = await propose(proposer)
    await approver.get("")
    mine, theirs, owner_s = [words(await one.get("")) for one in (proposer, approver, police)]
    await decide(approver, path, "APPROVED")
    after = words(await approver.get(""))
    hub.clock.forward(days=65)
    await approver.log_in()
    late = words(await approver.get(""))

    assert "Awaiting your approval: 0" in mine
    assert "Awaiting your approval: 1" in theirs
    assert "Awaiting your approval: 1" in owner_s
    assert "Awaiting your approval: 0" in after
    assert "Ending within 30 days: 0" in mine
    assert "Ending within 30 days: 0" not in late


async def test_a_person_s_grant_is_shown_by_their_office(proposer):
    page = words(await proposer.get("/grants?client=people"))

    assert "Officer of a test (Task force secretariat)" in page
    assert "https://sso.example" not in page


async def test_what_a_scope_opens_is_told_field_by_field_in_both_languages(proposer):
    path = await propose(proposer, scopes=["case:read"])
    english = words(await proposer.get(path))
    proposer.http.headers["Accept-Language"] = "id"
    indonesian = words(await proposer.get(path))

    assert "Read case facts and the legal process, without persons case:read normal" in english
    assert "Membaca fakta kasus dan proses hukum, tanpa orang case:read biasa" in indonesian
    assert "Case: Modus" in indonesian
    assert "all of Indonesia" in english


async def test_of_two_approvals_at_one_moment_one_counts_and_the_other_is_told(proposer, approver, police):
    path = await propose(proposer, scopes=["case:read"])
    forms = [await one.get(f"{path}/decide", params={"decision": "APPROVED"}) for one in (approver, police)]

    sent = await asyncio.gather(
        approver.fill(forms[0], reason="agreement seen"), police.fill(forms[1], reason="agreement seen")
    )

    assert sorted(one.status_code for one in sent) == [303, 409]
    (late,) = [one for one in sent if one.status_code == 409]
    assert "This has been decided already" in words(late)

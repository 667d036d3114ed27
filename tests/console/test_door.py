"""Every address of the console, from the declaration of its pages: who gets in, who does not, and what the ledger is told."""

import json
from datetime import timedelta
from urllib.parse import urlencode
from uuid import uuid4

import psycopg
import pytest

from auth import accounts, clients
from auth.officer_rights import OFFICERS, RIGHTS
from hub.console.routes import ACTS, CONSOLE, PAGES
from tests.auth.parties import enrol
from tests.console.officer import SAME_ORIGIN, Officer, csrf_of, heading, words
from tests.graphql.hub import ISSUER
from tests.graphql.officers import PROPOSES

ANY = str(uuid4())
GETS = [one.path.replace("{id:uuid}", ANY) for one in PAGES]
POSTS = [one.path.replace("{id:uuid}", ANY) for one in ACTS]
POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
STRANGER = "https://sso.example#stranger"


def ledger(cluster, database):
    """What the ledger has, the first entry first: kind, outcome, code, person and coordinates."""
    with psycopg.connect(cluster.conninfo("hub_owner", database.name)) as owner:
        rows = owner.execute("SELECT body FROM audit.record ORDER BY id").fetchall()
    found = [json.loads(bytes(body)) for (body,) in rows]
    return [
        (one["kind"], one["outcome"], one["code"], one["account_id"], tuple(one["coordinates"]))
        for one in found
    ]


async def stranger(hub, *scopes: str) -> Officer:
    """A person of the police who has logged in and holds these scopes."""
    async with hub.engine.begin() as connection:
        held = {"scopes": scopes, "purposes": ["subject-request"], "jurisdictions": ()} if scopes else {}
        await connection.run_sync(enrol, hub.clock(), STRANGER, "POLRI", **held)
    return await Officer(hub, STRANGER).log_in()


async def test_nobody_is_sent_to_log_in_and_comes_back_to_the_page(hub):
    answers = [await Officer(hub).get(path, params={"decision": "REVOKED"}) for path in GETS]

    assert [(one.status_code, one.headers["Location"]) for one in answers] == [
        (303, f"{ISSUER}/oauth/login?" + urlencode({"return_to": f"/console{path}?decision=REVOKED"}))
        for path in GETS
    ]


async def test_nobody_decides_anything(hub):
    answers = [await Officer(hub).post(path, {"csrf": "0" * 64}) for path in POSTS]

    assert {(one.status_code, heading(one)) for one in answers} == {(403, "You must log in again")}
    assert all(f"{ISSUER}/oauth/login?return_to=%2Fconsole" in one.text for one in answers)


async def test_who_is_no_officer_is_told_where_to_ask(hub, cluster, database):
    person = await stranger(hub, "case:read")

    answers = [await person.get(path) for path in GETS]
    answers += [await person.post(path, {"csrf": await person.csrf()}) for path in POSTS]

    assert {(one.status_code, heading(one)) for one in answers} == {(403, "This page is not open to you")}
    assert all("Ask the PPDP of your agency" in words(one) for one in answers)
    assert [one[:4] for one in ledger(cluster, database)] == [
        *[("query", "refused", "FORBIDDEN", STRANGER)] * len(GETS),
        *[("decision", "refused", "FORBIDDEN", STRANGER)] * len(POSTS),
    ]


@pytest.mark.parametrize("lacking", sorted(OFFICERS))
async def test_an_officer_is_let_in_where_their_rights_lead_and_nowhere_else(hub, cluster, database, lacking):
    person = await stranger(hub, *(OFFICERS - {lacking}))
    token = await person.csrf()

    seen = {one.path: (await person.get(one.path.replace("{id:uuid}", ANY))).status_code for one in PAGES}
    done = {
        one.path: (await person.post(one.path.replace("{id:uuid}", ANY), {"csrf": token})).status_code
        for one in ACTS
    }

    closed = {one.path for one in PAGES if lacking in {RIGHTS[name] for name in one.coordinates}}
    shut = {one.path for one in ACTS if lacking == RIGHTS[one.coordinate]}
    assert {path for path, status in seen.items() if status == 403} == closed
    assert {path for path, status in done.items() if status == 403} == shut
    assert {status for path, status in seen.items() if path not in closed} <= {200, 404, 409}
    assert {status for path, status in done.items() if path not in shut} <= {400, 404, 409}
    assert not any(kind == "decision" and how == "answered" for kind, how, *_ in ledger(cluster, database))


async def test_a_form_without_its_token_or_with_another_login_s_is_refused(hub, proposer, approver):
    stolen, own = await approver.csrf(), await proposer.csrf()
    forms = ({}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": stolen}, {"csrf": [own, own]})
    before = await hub.rows("SELECT count(*) FROM grant_decision")

    sent = [await proposer.post(path, form) for path in POSTS for form in forms]

    assert {(one.status_code, heading(one)) for one in sent} == {(403, "This form was not accepted")}
    assert csrf_of((await proposer.get("/exclusions/propose")).text) == own
    assert await hub.rows("SELECT count(*) FROM grant_decision") == before


async def test_a_form_of_another_site_is_refused_whatever_it_carries(proposer):
    form = {"csrf": await proposer.csrf()}
    del proposer.http.headers["Sec-Fetch-Site"]
    sites = [{"Sec-Fetch-Site": one} for one in ("cross-site", "same-site", "none")]

    sent = [
        await proposer.http.post(f"{CONSOLE}{path}", data=form, headers=headers)
        for path in POSTS
        for headers in ({}, *sites)
    ]

    assert {(one.status_code, heading(one)) for one in sent} == {(403, "This form was not accepted")}


async def test_the_token_of_an_ended_login_is_worth_nothing_after_logging_in_again(proposer):
    before = await proposer.csrf()
    await proposer.log_in()

    response = await proposer.post("/exclusions/propose", {"csrf": before})

    assert (response.status_code, heading(response)) == (403, "This form was not accepted")


async def test_what_is_no_form_of_a_browser_is_refused(proposer):
    plain = {"Content-Type": "application/x-www-form-urlencoded"}
    bodies = [
        {"content": b"csrf=%ff", "headers": plain},
        {"content": b"csrf=a%00b", "headers": plain},
        {"content": b"a=" + b"b" * 70_000, "headers": plain},
        {"content": b"a=1&" * 900, "headers": plain},
        {"content": b"{}", "headers": {"Content-Type": "application/json"}},
        {"content": b"csrf=1", "headers": {"Content-Type": "text/plain"}},
        {"files": {"csrf": b"1"}},
    ]

    sent = [
        await proposer.http.post(
            f"{CONSOLE}/exclusions/propose", **body | {"headers": {**SAME_ORIGIN, **body.get("headers", {})}}
        )
        for body in bodies
    ]

    assert [(one.status_code, heading(one)) for one in sent] == [(400, "This form is broken")] * len(bodies)


async def test_an_idle_login_an_ended_one_and_a_suspended_person_are_nobody(hub, proposer):
    hub.clock.forward(minutes=14)
    alive = await proposer.get("")
    hub.clock.forward(minutes=15)
    idle = await proposer.get("")
    await proposer.log_in()
    logged_in = await proposer.get("")
    out = await proposer.http.post("/oauth/logout", headers=SAME_ORIGIN)
    after = await proposer.get("")
    await proposer.log_in()
    async with hub.engine.begin() as connection:
        await connection.run_sync(accounts.suspend, PROPOSES, hub.clock())
    suspended = await proposer.get("")

    assert [one.status_code for one in (alive, idle, logged_in, out, after, suspended)] == [
        200, 303, 200, 200, 303, 303,
    ]  # fmt: skip


async def test_rights_are_those_of_this_moment(hub, proposer):
    before = await proposer.get("/grants")
    hub.clock.forward(days=90)
    await proposer.log_in()

    after = await proposer.get("/grants")

    assert (before.status_code, after.status_code) == (200, 403)


async def test_the_console_is_closed_by_suspending_its_client(hub, proposer):
    async with hub.engine.begin() as connection:
        await connection.run_sync(clients.suspend, clients.CONSOLE, hub.clock())

    response = await proposer.get("")

    assert (response.status_code, heading(response)) == (403, "This page is not open to you")


async def test_each_look_is_one_entry_of_the_ledger(hub, cluster, database):
    person = await stranger(hub, *OFFICERS)
    pages = [one for one in PAGES if "{" not in one.path]

    answers = [await person.get(one.path) for one in pages]

    entries = ledger(cluster, database)
    assert [one.status_code for one in answers] == [200] * len(pages)
    assert [one[:4] for one in entries] == [("query", "answered", None, STRANGER)] * len(pages)
    assert all(
        set(page.coordinates) <= set(entry[4]) <= {*RIGHTS, "Console.overview"}
        for page, entry in zip(pages, entries, strict=True)
    )


async def test_no_audit_no_page(cluster, database, proposer):
    with psycopg.connect(cluster.conninfo("hub_owner", database.name)) as owner:
        owner.execute("REVOKE INSERT ON audit.record FROM hub_service")
        owner.execute("REVOKE INSERT (era, body) ON audit.record FROM hub_service")

    response = await proposer.get("/grants")

    assert (response.status_code, heading(response)) == (503, "The hub cannot answer now")
    assert "Systems" not in words(response)


async def test_every_answer_keeps_to_the_policy(hub, proposer):
    answers = [
        await proposer.get(""),
        await proposer.get("/nothing"),
        await proposer.get("/grants/" + ANY),
        await proposer.post("/propose", {}),
        await Officer(hub).get(""),
        await proposer.get("/language/id"),
    ]

    for one in answers:
        assert {
            name: one.headers.get(name)
            for name in (
                "Cache-Control",
                "Content-Security-Policy",
                "Referrer-Policy",
                "X-Content-Type-Options",
                "X-Frame-Options",
                "Cross-Origin-Resource-Policy",
            )
        } == {
            "Cache-Control": "no-store",
            "Content-Security-Policy": POLICY,
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
    assert [one.status_code for one in answers] == [200, 404, 404, 403, 303, 303]
    assert '<html lang="en">' in answers[0].text


async def test_the_language_is_kept_and_leads_nowhere_else(proposer):
    ways = {
        "/console/grants?owner=POLRI": "/console/grants?owner=POLRI",
        "/console": "/console",
        "https://elsewhere.example/console": "/console",
        "//elsewhere.example": "/console",
        "/oauth/logout": "/console",
        "/consoles": "/console",
    }
    answers = [await proposer.get("/language/id", params={"return_to": back}) for back in ways]
    unknown = await proposer.get("/language/xx")
    page = await proposer.get("")

    assert [(one.status_code, one.headers["Location"]) for one in answers] == [
        (303, to) for to in ways.values()
    ]
    assert "__Host-hub-language=id; HttpOnly; Max-Age=31536000; Path=/; SameSite=lax; Secure" in {
        one.headers["Set-Cookie"] for one in answers
    }
    assert "Set-Cookie" not in unknown.headers
    assert heading(page) == "Ikhtisar"


async def test_what_stands_in_an_address_or_a_form_is_text_on_the_page(proposer):
    hostile = '"><script>alert(1)</script>{{ 7 * 7777 }}'
    page = await proposer.get("/propose")

    answers = [
        await proposer.get("/grants", params={"owner": hostile, "client": hostile, "state": hostile}),
        await proposer.get(f"/{hostile}"),
        await proposer.fill(page, grantee=hostile, owner=hostile),
        await proposer.fill(await proposer.get("/exclusions/propose"), case_id=hostile, reason=hostile),
    ]

    assert all("<script" not in one.text and "54439" not in one.text for one in answers)


async def test_a_login_lasts_while_it_is_used(hub, proposer):
    for _ in range(6):
        hub.clock.forward(minutes=10)
        assert (await proposer.get("")).status_code == 200

    hub.clock.forward(seconds=timedelta(minutes=15).total_seconds())
    assert (await proposer.get("")).status_code == 303

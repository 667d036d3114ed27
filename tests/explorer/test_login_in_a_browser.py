"""People log in to the explorer: a real browser, a real hub, and the sandbox's login over OpenID Connect.

Screenshots are left in `var/screenshots`, so that whoever changes the page can look at it.
"""

import http.server
import re
import socketserver
import threading
from collections.abc import Iterator

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from hub import database
from hub.sandbox.sso import OFFICES
from tests.explorer.conftest import Serving
from tests.explorer.visiting import NARROW, WIDE, Visit, started, violations, visits

pytestmark = pytest.mark.browser

TITLES = {office.subject: office.title for office in OFFICES}
APPROVE = (
    'mutation { decideGrant(id: "019a0000-0000-7000-8000-000000000000", version: 1, decision: APPROVED, reason: "x")'
    " { id } }"
)
"""A decision that needs a fresh login, on a grant that is not there."""
KEYS_ASIDE = """
    window.keysMade = [];
    const make = crypto.subtle.generateKey.bind(crypto.subtle);
    crypto.subtle.generateKey = async (...how) => {
        const pair = await make(...how);
        window.keysMade.push(pair.privateKey);
        return pair;
    };
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started() as opened:
        yield opened


@pytest.fixture
def visit(browser: Browser, serving: Serving) -> Iterator[Visit]:
    yield from visits(browser, serving, WIDE)


@pytest.fixture
def phone(browser: Browser, serving: Serving) -> Iterator[Visit]:
    yield from visits(browser, serving, NARROW)


def log_in(visit: Visit, subject: str, words: str = "Log in") -> None:
    """From the explorer by way of the login's page back to the explorer."""
    visit.page.get_by_role("link", name=words, exact=True).click()
    visit.page.get_by_role("button", name=TITLES[subject]).click()
    visit.page.wait_for_url(f"{visit.serving.url}/graphql")
    expect(visit.page.locator(".access")).to_contain_text(TITLES[subject])


def begin(visit: Visit, purpose: str) -> None:
    visit.page.get_by_label("Purpose").select_option(label=purpose)
    visit.page.get_by_role("button", name="Begin").click()
    expect(visit.page.locator(".speaker")).to_contain_text(purpose)


def tokens_asked(visit: Visit) -> int:
    return sum(url.endswith("/oauth/session/token") for url in visit.requests)


def unexpected(visit: Visit) -> list[str]:
    """What the console has told, but for refusals that this protocol has: a nonce asked for, a token that has ended."""
    return [line for line in visit.console if not re.search("status of 40[013]", line)]


def change(serving: Serving, statement: str) -> None:
    with psycopg.connect(database.conninfo(serving.database)) as connection:
        connection.execute(statement.encode())


def test_a_person_logs_in_chooses_a_purpose_and_is_answered(visit):
    sent: list[dict[str, str]] = []
    visit.page.on("request", lambda one: sent.append(one.headers) if one.method == "POST" else None)
    log_in(visit, "penyidik")
    visit.picture("logged-in-1280")
    begin(visit, "Investigation")

    visit.ask(0, "Answered")

    assert '"totalCount": 1' in visit.json()
    assert '"fullName": "Siti' in visit.json()
    assert {one.get("authorization", "DPoP").partition(" ")[0] for one in sent if "dpop" in one} == {"DPoP"}
    expect(visit.page.locator(".speaker")).to_contain_text(f"{TITLES['penyidik']}, POLRI")
    visit.picture("login-answered-1280")
    assert unexpected(visit) == []


def test_the_purposes_are_those_of_the_person_s_grants_in_both_languages(visit):
    log_in(visit, "pendamping")
    english = visit.page.locator("#enter option").all_inner_texts()
    visit.page.get_by_role("button", name="Bahasa Indonesia").click()
    indonesian = visit.page.locator("#enter option").all_inner_texts()
    visit.page.get_by_label("Tujuan").select_option(label="Pemulangan dan reintegrasi")
    visit.page.get_by_role("button", name="Mulai").click()
    expect(visit.page.locator(".speaker")).to_contain_text("Pemulangan dan reintegrasi")
    visit.picture("login-indonesian-1280")

    visit.write("{ me { purpose clientId agency } }")
    visit.page.get_by_role("button", name="Jalankan", exact=True).click()
    expect(visit.page.locator(".verdict")).to_have_text("Dijawab")

    assert (english, indonesian) == (
        ["Protection", "Repatriation"],
        ["Pelindungan saksi dan korban", "Pemulangan dan reintegrasi"],
    )
    for said in ('"purpose": "repatriation"', '"clientId": "hub-explorer"', '"agency": "KEMENSOS"'):
        assert said in visit.json()


def test_the_key_cannot_leave_the_browser_and_nothing_is_stored(visit):
    visit.page.add_init_script(KEYS_ASIDE)
    log_in(visit, "penyidik")
    begin(visit, "Investigation")
    visit.ask(0, "Answered")
    visit.page.wait_for_timeout(800)  # the editor saves half a second after a change, if it saves

    keys, stolen, stored = visit.page.evaluate(
        """async () => [
            window.keysMade.map((key) => [key.algorithm.namedCurve, key.extractable, key.usages]),
            await Promise.all(window.keysMade.map((key) => crypto.subtle.exportKey("jwk", key).then(() => 1, () => 0))),
            [localStorage.length, sessionStorage.length, document.cookie, history.state,
             (await indexedDB.databases()).length, (await caches.keys()).length],
        ]"""
    )
    cookies = {one["name"]: (one["httpOnly"], one["sameSite"]) for one in visit.page.context.cookies()}

    assert keys == [["P-256", False, ["sign"]]]
    assert stolen == [0]
    assert stored == [0, 0, "", None, 0, 0]
    assert cookies == {"hub": (True, "Lax"), "hub-login": (True, "Lax")}
    assert "eyJ" not in visit.page.content() + "".join([visit.page.url, *visit.requests])


def test_the_token_is_renewed_before_it_ends_and_never_while_it_is_good(visit):
    log_in(visit, "penyidik")
    visit.page.clock.install()
    begin(visit, "Investigation")
    visit.ask(0, "Answered")
    visit.run("Answered")
    first = tokens_asked(visit)

    visit.page.clock.fast_forward(275_000)
    visit.run("Answered")
    second = tokens_asked(visit)
    visit.run("Answered")

    assert second > first
    assert tokens_asked(visit) == second
    assert unexpected(visit) == []


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_clock_that_is_wrong_shuts_nobody_out(visit, hours):
    log_in(visit, "penyidik")
    wrong = visit.page.evaluate("Date.now()") + hours * 3_600_000
    visit.page.clock.install(time=wrong / 1000)
    begin(visit, "Investigation")

    visit.ask(0, "Answered")


def test_logging_out_closes_the_page_and_the_login(visit):
    log_in(visit, "penyidik")
    begin(visit, "Investigation")
    visit.ask(0, "Answered")

    visit.page.get_by_role("button", name="Log out").click()
    expect(visit.page.locator("#access-told")).to_contain_text("You are logged out.")
    visit.page.get_by_role("button", name="Run", exact=True).click()
    expect(visit.page.locator("#access-told")).to_contain_text("Nothing was asked")

    expect(visit.page.locator(".speaker")).to_have_count(0)
    assert visit.page.context.cookies() == []
    visit.page.reload()
    expect(visit.page.get_by_role("link", name="Log in", exact=True)).to_be_visible()


def second_tab(visit: Visit) -> Visit:
    other = Visit(visit.page.context.new_page(), visit.serving)
    other.open()
    return other


def test_a_login_that_was_ended_in_another_tab_asks_nothing_more(visit):
    log_in(visit, "penyidik")
    begin(visit, "Investigation")
    other = second_tab(visit)

    other.page.get_by_role("button", name="Log out").click()
    expect(other.page.locator("#access-told")).to_contain_text("You are logged out.")
    visit.page.wait_for_timeout(1_500)  # by then every replica knows
    visit.page.get_by_role("button", name="Run", exact=True).click()

    expect(visit.page.locator("#access-told")).to_contain_text("Your login has ended")
    expect(visit.page.locator(".speaker")).to_have_count(0)
    expect(visit.page.get_by_role("link", name="Log in", exact=True)).to_be_visible()


def test_what_one_person_has_written_is_not_asked_by_another(visit):
    log_in(visit, "penyidik")
    begin(visit, "Investigation")
    other = second_tab(visit)
    other.page.get_by_role("button", name="Log out").click()
    expect(other.page.locator("#access-told")).to_contain_text("You are logged out.")
    log_in(other, "analis")
    visit.page.wait_for_timeout(1_500)

    visit.page.get_by_role("button", name="Run", exact=True).click()

    expect(visit.page.locator("#access-told")).to_contain_text("another person has logged in")
    expect(visit.page.locator(".access")).to_contain_text(TITLES["analis"])
    expect(visit.page.locator(".speaker")).to_have_count(0)


def test_a_decision_that_needs_a_fresh_login_leads_to_one_and_the_query_stays(visit):
    log_in(visit, "polri")
    begin(visit, "Request of a data subject")
    change(visit.serving, "UPDATE login SET authenticated_at = authenticated_at - interval '10 minutes'")
    visit.page.reload()
    begin(visit, "Request of a data subject")
    visit.write(APPROVE)

    visit.run("Refused: a new login is needed")
    visit.picture("step-up-1280")
    with visit.page.context.expect_page() as opened:
        visit.page.get_by_role("link", name="Log in again (new tab)").click()
    tab: Page = opened.value
    tab.get_by_role("button", name=TITLES["polri"]).click()
    tab.wait_for_url(f"{visit.serving.url}/oauth/login/done")
    told, unreadable = tab.inner_text("main"), violations(tab)
    tab.close()
    visit.page.bring_to_front()
    visit.page.wait_for_timeout(1_500)
    visit.page.get_by_role("button", name="Run", exact=True).click()

    expect(visit.page.locator(".verdict")).not_to_have_text("Refused: a new login is needed")
    expect(visit.page.locator(".wrong")).to_contain_text("there is no grant of this id")
    assert ("You are logged in" in told, unreadable) == (True, [])
    expect(visit.page.locator(".speaker")).to_be_visible()
    assert unexpected(visit) == []


def test_whose_grants_are_over_is_told_whom_to_ask(visit):
    log_in(visit, "kemnaker")
    change(
        visit.serving,
        "INSERT INTO grant_decision (grant_id, version, proposed_by, kind, decided_by, decided_at, reason)"
        " SELECT grant_id, version, proposed_by, 'REVOKED', 'of#a-test', now(), 'of a test' FROM access_grant"
        " WHERE grantee LIKE '%#kemnaker'",
    )

    visit.page.get_by_role("button", name="Begin").click()
    expect(visit.page.locator("#access-told")).to_contain_text(
        "The hub gives no access for this purpose any more."
    )
    visit.page.reload()

    expect(visit.page.locator(".access")).to_contain_text("No grant of yours is alive")
    expect(visit.page.get_by_role("button", name="Begin")).to_have_count(0)


def standing(serving: Serving) -> list[tuple[object, ...]]:
    with psycopg.connect(database.conninfo(serving.database)) as connection:
        return connection.execute("SELECT login_id, seen_at, ended_at FROM login ORDER BY 1").fetchall()


ATTACK = """async (hub) => {
    const told = [];
    for (const [path, method] of [["/oauth/session", "GET"], ["/oauth/session/token", "POST"], ["/oauth/logout", "POST"]]) {
        const body = method === "POST" ? new URLSearchParams({ purpose: "investigation" }) : undefined;
        for (const mode of ["cors", "no-cors"]) {
            told.push(await fetch(hub + path, { method, body, mode, credentials: "include" }).then(
                (answer) => answer.type, () => "failed"));
        }
    }
    return told;
}"""


@pytest.fixture
def neighbour() -> Iterator[str]:
    """A page of another origin on the same host: of the same site, so that the browser sends it the hub's cookies."""

    class Empty(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>neighbour</title>")

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Empty) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_page_of_another_origin_learns_and_ends_nothing(browser, serving, neighbour):
    context = browser.new_context(locale="en-GB")
    visit = Visit(context.new_page(), serving)
    visit.open()
    log_in(visit, "penyidik")
    page = context.new_page()
    page.goto(neighbour)
    before = standing(serving)

    told = page.evaluate(ATTACK, serving.url)

    assert told == ["failed"] * 5 + ["opaque"]
    assert standing(serving) == before
    assert visit.page.evaluate("fetch('/oauth/session').then((answer) => answer.status)") == 200
    assert standing(serving) != before
    begin(visit, "Investigation")
    visit.ask(0, "Answered")
    context.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_of_somebody_who_has_logged_in_can_be_read_by_everybody(request, width):
    visit = request.getfixturevalue("visit" if width == 1280 else "phone")
    log_in(visit, "pendamping")
    before = violations(visit.page)
    begin(visit, "Protection")
    visit.ask(0, "Refused: scopes are missing")

    after = violations(visit.page)

    assert (before, after) == ([], [])
    assert visit.page.evaluate("document.documentElement.scrollWidth") == width
    visit.picture(f"login-refused-{width}")


def test_all_of_a_login_can_be_done_with_the_keyboard(visit):
    visit.page.get_by_role("link", name="Log in", exact=True).focus()
    visit.page.keyboard.press("Enter")
    visit.page.get_by_role("button", name=TITLES["pendamping"]).focus()
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_url(f"{visit.serving.url}/graphql")
    visit.page.get_by_label("Purpose").focus()
    visit.page.keyboard.press("ArrowDown")
    visit.page.keyboard.press("Tab")
    visit.page.keyboard.press("Enter")

    expect(visit.page.locator(".speaker")).to_contain_text("Repatriation")

"""The explorer as a person meets it: a real browser on a real hub.

Screenshots are left in `var/screenshots`, so that whoever changes the page can look at it.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.explorer.conftest import HOSTILE_ALIAS, HOSTILE_NAME, Serving
from tests.explorer.visiting import NARROW, WIDE, Visit, started, violations, visits

pytestmark = pytest.mark.browser

STORED = """async () => ({
    local: Object.entries(localStorage),
    session: Object.entries(sessionStorage),
    cookies: document.cookie,
    databases: (await indexedDB.databases()).map((one) => one.name),
    caches: await caches.keys(),
    history: history.state,
    fields: [...document.querySelectorAll("input")].map((one) => one.value),
})"""
EMPTY = {
    "local": [],
    "session": [],
    "cookies": "",
    "databases": [],
    "caches": [],
    "history": None,
    "fields": ["", "on"],
}
"""The fields are the token's, and the tick box for lenient answers with the value that every tick box has."""


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


def test_without_a_login_the_page_waits_and_asks_nothing(visit):
    visit.picture("empty-1280")

    assert visit.console == []
    assert [url for url in visit.requests if url.endswith("/graphql")] == [f"{visit.serving.url}/graphql"]
    expect(visit.page.locator(".empty")).to_have_text(re.compile("^Log in and begin with a purpose"))


def test_running_without_a_login_leads_to_it(visit):
    visit.page.get_by_role("button", name="Run", exact=True).click()

    expect(visit.page.locator("#access-told")).to_have_text(re.compile("^Nothing was asked"))
    expect(visit.page.get_by_role("link", name="Log in", exact=True)).to_be_focused()
    assert [url for url in visit.requests if url.endswith("/graphql")] == [f"{visit.serving.url}/graphql"]


def test_a_token_opens_the_schema_and_a_query_is_answered(visit):
    visit.enter("polda-kalbar")

    visit.ask(0, "Answered")

    assert '"totalCount": 1' in visit.json()
    expect(visit.page.locator(".facts tbody tr")).to_have_text(
        re.compile(r"^POLRI\s*\d+ \w+ \d{4}, \d\d:\d\d:\d\d (GMT\+7|WIB)$")
    )
    expect(visit.page.locator(".facts")).to_contain_text("compiled: the rows came from one SQL statement")
    visit.picture("answered-1280")
    assert visit.console == []


def test_the_token_is_kept_in_no_storage_no_field_and_no_address(visit):
    token = visit.enter("polda-kalbar")
    visit.ask(0, "Answered")
    visit.page.wait_for_timeout(800)  # the editor saves half a second after a change, if it saves

    stored = visit.page.evaluate(STORED)

    assert stored == EMPTY
    assert token not in visit.page.content()
    assert token not in "".join([visit.page.url, *visit.requests])


def test_a_closed_field_is_listed_with_its_scope(visit):
    visit.enter("dashboard-satgas")

    visit.ask(0, "Refused: scopes are missing")

    rows = visit.page.locator(".closed tbody tr")
    shown = {row.locator("th").inner_text(): row.locator("td").inner_text() for row in rows.all()}
    assert shown["Victim.fullName"] == (
        "victim.identity:read\nfor the purpose investigation or prosecution or protection or repatriation"
        " or restitution or subject-request or emergency"
    )
    assert shown["Perpetrator.suspectStatus"] == "perpetrator:read"
    expect(visit.page.locator(".closed")).to_contain_text("No row was read.")
    expect(visit.page.locator(".closed")).to_contain_text(f"{visit.serving.url}/oauth/token")
    visit.picture("refused-1280")
    assert [line for line in visit.console if "status of 403" not in line] == []


def test_a_purpose_that_does_not_open_a_field_is_told_with_those_that_do(visit):
    visit.enter("dashboard-satgas")
    visit.write("{ victims { nodes { nik } } }")

    visit.run("Refused: scopes are missing")

    closed = visit.page.locator(".closed")
    expect(closed).to_contain_text("for the purpose investigation or prosecution")
    expect(closed).to_contain_text(
        "A token has one purpose. Another purpose is another token, for another work."
    )
    assert closed.locator("tbody tr").count() == 1
    expect(visit.page.locator(".wrong")).to_have_count(0)


def test_closed_fields_are_left_out_where_one_asks_for_that_and_not_before(visit):
    visit.enter("dashboard-satgas")
    visit.ask(0, "Refused: scopes are missing")
    before = list(visit.preferences)

    visit.page.get_by_label("Leave closed fields out").check()
    visit.run("Answered in part")

    assert '"totalCount": 1' in visit.json()
    assert '"fullName": null' in visit.json()
    expect(visit.page.locator(".closed")).to_contain_text(
        "These fields were left out: they are null in the answer"
    )
    visit.picture("lenient-1280")
    assert [line for line in visit.console if "status of 403" not in line] == []
    assert before == [None] * len(before)
    assert visit.preferences[len(before) :] == ["handling=lenient"]


def test_the_answer_of_a_second_run_is_shown_as_the_first_was(visit):
    visit.enter("officer-pdp")
    visit.write("{ me { clientId } }")
    visit.run("Answered")
    visit.page.locator(".editor.response .CodeMirror-line").get_by_text("clientId").wait_for()
    visit.write("{ me { purpose } }")

    visit.page.get_by_role("button", name="Run", exact=True).click()

    expect(visit.page.locator(".editor.response .CodeMirror-line").get_by_text("purpose")).to_be_visible()


def test_the_tick_box_is_there_in_indonesian_too(visit):
    visit.page.get_by_role("button", name="Bahasa Indonesia").click()

    expect(visit.page.get_by_label("Tinggalkan kolom tertutup")).not_to_be_checked()


VERDICTS = [
    (
        "purpose",
        403,
        [{"code": "PURPOSE_NOT_ALLOWED", "coordinate": "A.b", "allowedPurposes": ["protection"]}],
    ),
    ("forbidden", 403, [{"code": "FORBIDDEN", "coordinate": "A.b", "requiresScopes": [["a:read"]]}]),
    ("refused", 403, [{"code": "FORBIDDEN"}]),
    ("refused", 409, [{"code": "CONFLICT"}]),
    ("unauthenticated", 401, [{"code": "UNAUTHENTICATED"}]),
    ("invalid", 400, [{"code": "BAD_USER_INPUT"}]),
    ("failed", 500, [{"code": "INTERNAL"}]),
]


def test_each_kind_of_refusal_has_its_own_verdict_in_both_languages(visit):
    answers = [
        {"status": status, "body": {"errors": [{"message": "", "extensions": one} for one in errors]}}
        for _, status, errors in VERDICTS
    ]

    found, texts = visit.page.evaluate(
        """async (answers) => {
            const [{ verdict }, { TEXTS }] = await Promise.all([import("/explorer/reading.js"), import("/explorer/texts.js")]);
            return [answers.map(verdict), Object.values(TEXTS).map((one) => Object.keys(one.verdicts))];
        }""",
        answers,
    )

    assert found == [verdict for verdict, _, _ in VERDICTS]
    assert [{*found} - {*keys} for keys in texts] == [set(), set()]


def test_a_query_that_does_not_fit_the_schema_is_told_by_line(visit):
    visit.enter("officer-pdp")
    visit.write("{\n  nothing\n}")

    visit.run("The query cannot be run")

    expect(visit.page.locator(".wrong li")).to_contain_text(["BAD_USER_INPUT"])
    expect(visit.page.locator(".wrong li")).to_contain_text(["line 2"])
    visit.picture("invalid-1280")


@pytest.mark.parametrize(
    ("pasted", "told"),
    [
        ("", "Paste a token first."),
        ("two words", "This is no token"),
        ("eyJhbGciOiJFZERTQSJ9.e30.AAAA", "The hub does not accept this token."),
    ],
)
def test_what_is_no_token_is_told_and_the_field_stays_at_hand(visit, pasted, told):
    visit.use_token(pasted)

    expect(visit.page.locator("#token-told")).to_contain_text(told)
    expect(visit.page.locator("#token")).to_be_focused()
    assert [line for line in visit.console if "status of 401" not in line] == []


def test_a_forgotten_token_is_sent_no_more(visit):
    visit.enter("officer-pdp")
    asked = len(visit.requests)

    visit.page.get_by_role("button", name="Forget token").click()
    visit.page.get_by_role("button", name="Run", exact=True).click()

    expect(visit.page.locator("#access-told")).to_have_text(re.compile("^Nothing was asked"))
    assert visit.requests[asked:] == []


def test_a_token_that_was_revoked_is_told_and_forgotten(visit):
    visit.serving.revoke("officer-pdp", visit.enter("officer-pdp"))

    visit.ask(2, "The token is not accepted")

    expect(visit.page.locator("#access-told")).to_contain_text("The hub does not accept this token.")
    expect(visit.page.locator(".speaker")).to_have_count(0)
    expect(visit.page.locator(".wrong li")).to_contain_text(["UNAUTHENTICATED"])
    visit.picture("revoked-1280")


def test_a_hub_that_is_not_reached_is_told(visit):
    visit.enter("officer-pdp")
    visit.page.context.set_offline(True)

    visit.ask(2, "The hub was not reached")

    expect(visit.page.locator(".editor.response")).to_be_hidden()
    visit.page.context.set_offline(False)
    visit.run("Answered")


def test_what_an_answer_holds_is_text_and_loads_nothing(visit):
    visit.enter("polda-kalbar")
    visit.write("{ victims { nodes { fullName aliases } } }")

    visit.run("Answered")
    visit.page.locator(".editor.response").get_by_text(HOSTILE_ALIAS).hover()
    visit.page.wait_for_timeout(300)

    assert HOSTILE_NAME in visit.json()
    assert visit.page.locator(".editor.response img[onerror]").count() == 0
    assert HOSTILE_ALIAS not in visit.requests


def test_the_language_can_be_switched(visit):
    before = visit.page.locator("html").get_attribute("lang")

    visit.page.get_by_role("button", name="Bahasa Indonesia").click()

    assert before == "en"
    expect(visit.page.locator("html")).to_have_attribute("lang", "id")
    expect(visit.page).to_have_title("Hub TPPO: penjelajah")
    expect(visit.page.get_by_role("button", name="Jalankan")).to_be_visible()
    expect(visit.page.get_by_role("button", name="Bahasa Indonesia")).to_have_attribute(
        "aria-pressed", "true"
    )
    visit.picture("indonesian-1280")


def test_a_browser_that_reads_indonesian_is_met_in_it(browser, serving):
    context = browser.new_context(locale="id-ID")
    page = context.new_page()

    page.goto(f"{serving.url}/graphql")

    expect(page.get_by_role("link", name="Masuk", exact=True)).to_be_visible()
    context.close()


def test_all_can_be_done_with_the_keyboard(visit):
    token = visit.serving.token("officer-pdp")
    visit.page.get_by_text("Use the token of a system instead").focus()
    visit.page.keyboard.press("Enter")
    visit.page.locator("#token").focus()
    visit.page.keyboard.insert_text(token)
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator(".speaker")).to_contain_text("officer-pdp")
    passed = []

    for _ in range(17):
        visit.page.keyboard.press("Tab")
        passed.append(
            visit.page.evaluate(
                "document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText"
            )
        )

    assert [
        one
        for one in passed
        if one in {"Put in the editor", "Run", "Format", "Schema", "Query", "Variables (JSON)"}
    ] == [
        *["Put in the editor"] * 3,
        "Run",
        "Format",
        "Schema",
        "Query",
        "Variables (JSON)",
    ]


def test_the_keyboard_runs_and_completes(visit):
    visit.enter("officer-pdp")
    visit.write("{ me { clientId purp")

    visit.page.keyboard.press("Control+Space")
    visit.page.keyboard.insert_text(" } }")
    visit.page.keyboard.press("Control+Enter")

    expect(visit.page.locator(".verdict")).to_have_text("Answered")
    assert '"purpose": "subject-request"' in visit.json()


def test_one_of_several_operations_can_be_chosen(visit):
    visit.enter("officer-pdp")
    visit.write("query One { me { clientId } } query Two { me { purpose } }")

    visit.page.get_by_label("Operation").select_option("Two")
    visit.run("Answered")

    assert '"purpose"' in visit.json()
    assert '"clientId"' not in visit.json()


def test_the_schema_can_be_read(visit):
    visit.enter("officer-pdp")

    visit.page.get_by_role("button", name="Schema", exact=True).click()

    expect(visit.page.get_by_label("Documentation Explorer")).to_be_visible()
    visit.picture("schema-1280")
    assert visit.console == []


@pytest.mark.parametrize("client_id", ["polda-kalbar", "dashboard-satgas"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_can_be_read_by_everybody(request, width, client_id):
    visit = request.getfixturevalue("visit" if width == 1280 else "phone")
    empty = violations(visit.page)
    visit.enter(client_id)
    visit.ask(0, "Answered" if client_id == "polda-kalbar" else "Refused: scopes are missing")
    visit.page.get_by_role("button", name="Schema", exact=True).click()

    full = violations(visit.page)

    assert (empty, full) == ([], [])


def test_on_a_phone_nothing_is_cut_off(phone):
    phone.picture("empty-390")
    phone.enter("dashboard-satgas")
    phone.ask(0, "Refused: scopes are missing")
    phone.picture("refused-390")

    wide = phone.page.evaluate("document.documentElement.scrollWidth")

    assert wide == 390

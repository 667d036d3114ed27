"""The console as officers meet it: a real browser without JavaScript, a real hub, the sandbox's login, both languages.

Screenshots are left in `var/screenshots`, so that whoever changes a page can look at it.
"""

import asyncio
import http.server
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from hub import database, embedded
from hub.cli import token as token_verb
from hub.clock import now
from hub.console.showing import TEMPLATES
from hub.sandbox.sso import OFFICES
from schema.errors import SettingError
from tests.auth.parties import grant
from tests.explorer.conftest import Serving, opened
from tests.explorer.visiting import NARROW, SCREENSHOTS, WIDE, started

pytestmark = pytest.mark.browser

TITLES = {office.subject: office.title for office in OFFICES}
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
CLIENT = "border-entikong"


@pytest.fixture(scope="session")
def serving(
    cluster: embedded.Cluster, template: str, key_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Serving]:
    cluster.create_database("console_browser", template=template)
    url = cluster.url("hub_service", "console_browser")
    yield from opened(url, key_file, tmp_path_factory.mktemp("console") / "clients.json")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started() as found:
        yield found


@pytest.fixture
def desk(browser: Browser, serving: Serving) -> Iterator["Desk"]:
    found = Desk(browser, serving)
    yield found
    found.close()


class Desk:
    """Officers, each with a browser of their own, and all that their consoles complained of."""

    def __init__(self, browser: Browser, serving: Serving) -> None:
        self.browser = browser
        self.serving = serving
        self.told: list[str] = []
        self.foreign: list[str] = []
        self.contexts: list[BrowserContext] = []

    def page(self, *, script: bool = False, lang: str = "id-ID", size: dict[str, int] = WIDE) -> Page:
        context = self.browser.new_context(
            java_script_enabled=script, locale=lang, viewport=size, timezone_id="Asia/Jakarta"
        )
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: self.told.append(message.text))
        page.on("pageerror", lambda error: self.told.append(str(error)))
        page.on("request", lambda request: self.note(request.url))
        return page

    def note(self, url: str) -> None:
        if not url.startswith((f"{self.serving.url}/", f"{self.serving.login}/")):
            self.foreign.append(url)

    def officer(self, subject: str, **how) -> Page:
        """Their overview, after they have logged in."""
        page = self.page(**how)
        page.goto(f"{self.serving.url}/console")
        page.get_by_role("button", name=TITLES[subject]).click()
        page.wait_for_url(f"{self.serving.url}/console")
        return page

    def close(self) -> None:
        for one in self.contexts:
            one.close()
        assert (self.told, self.foreign) == ([], [])


def picture(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"console-{name}.png", full_page=True)


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA: rule and element."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}}).response
    assert found["passes"]
    return [f"{one['id']}: {node['target']}" for one in found["violations"] for node in one["nodes"]]


def propose(page: Page, scope: str) -> None:
    """From the overview to a proposed grant of the police's cases to the border post."""
    page.get_by_role("link", name="Izin", exact=True).click()
    page.get_by_role("link", name="Usulkan izin").click()
    page.get_by_label("Penerima").fill(CLIENT)
    page.get_by_label("Pemilik data").select_option("POLRI")
    page.get_by_role("button", name="Lanjut").click()
    page.locator(f'input[value="{scope}"]').check()
    page.get_by_role("button", name="Lanjut").click()
    page.locator('input[value="restitution"]').check()
    page.get_by_role("button", name="Lanjut").click()
    expect(page.get_by_label("Dasar hukum")).to_have_value("UU PDP art. 20(2)(e); UU 21/2007 art. 48")
    page.get_by_label("Nomor perjanjian").fill("PKS/9/2026")
    page.get_by_label("Alasan kebutuhan").fill("restitusi bagi korban di perbatasan")
    page.get_by_role("button", name="Lanjut").click()
    page.get_by_label("Seluruh Indonesia").check()
    page.get_by_role("button", name="Lanjut").click()
    page.get_by_role("button", name="Lanjut").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Periksa jawaban Anda")
    picture(page, "check-answers")
    page.get_by_role("button", name="Kirim usulan").click()
    expect(page.locator(".done")).to_contain_text("menunggu persetujuan pejabat lain")


def test_two_officers_and_the_owner_s_open_and_close_and_the_api_follows_at_the_next_request(desk):
    serving = desk.serving

    def token() -> str:
        return token_verb.fetch(
            serving.clients, CLIENT, serving.url, scope="victim:read", purpose="restitution"
        )

    first, second, owner = (desk.officer(one) for one in ("satgas-1", "satgas-2", "polri"))
    propose(first, "victim:read")
    picture(first, "proposed")
    with pytest.raises(SettingError, match="invalid_scope"):
        token()
    path = first.url.partition("?")[0]
    for page, button in ((second, "Setujui"), (owner, "Setujui untuk pemilik data")):
        page.reload()
        expect(page.get_by_role("heading", name="Menunggu persetujuan Anda: 1")).to_be_visible()
        page.get_by_role("link", name=CLIENT).first.click()
        page.get_by_role("link", name=button, exact=True).click()
        page.get_by_label("Alasan", exact=True).fill("perjanjian sudah dilihat")
        picture(page, f"decide-{page.context is owner.context}")
        page.get_by_role("button", name=button).click()
        expect(page.locator(".done")).to_be_visible()
    expect(owner.locator(".done")).to_contain_text("Berlaku mulai permintaan berikutnya.")
    picture(owner, "approved")
    opened_token = token()
    assert asked(serving, opened_token) == 200

    owner.get_by_role("link", name="Cabut").click()
    owner.get_by_label("Alasan", exact=True).fill("perjanjian berakhir")
    owner.get_by_role("button", name="Cabut").click()
    expect(owner.locator(".done")).to_contain_text("Izin dicabut.")

    assert asked(serving, opened_token) == 403
    first.goto(path)
    expect(first.locator(".history")).to_contain_text("Dicabut oleh PPDP Polri")
    picture(first, "history")


def test_a_login_that_is_not_fresh_is_renewed_on_the_way_to_the_decision(desk):
    first, second = desk.officer("satgas-1"), desk.officer("satgas-2")
    propose(first, "case:read")
    path = first.url.partition("?")[0]
    with psycopg.connect(database.conninfo(desk.serving.database)) as connection:
        connection.execute("UPDATE login SET authenticated_at = authenticated_at - interval '10 minutes'")
    second.goto(path)
    second.get_by_role("link", name="Setujui", exact=True).click()
    expect(second.get_by_role("heading", level=1)).to_have_text("Masuk lagi untuk membuka sesuatu")

    second.get_by_role("link", name="Masuk lagi").click()
    second.get_by_role("button", name=TITLES["satgas-2"]).click()
    expect(second.get_by_role("heading", level=1)).to_have_text("Setujui izin ini?")
    second.get_by_label("Alasan", exact=True).fill("perjanjian sudah dilihat")
    second.get_by_role("button", name="Setujui").click()

    expect(second.locator(".done")).to_contain_text("Berlaku mulai permintaan berikutnya.")


def asked(serving: Serving, token: str) -> int:
    answer = httpx.post(
        f"{serving.url}/graphql",
        json={"query": "{ victims(first: 1) { nodes { id } } }"},
        headers={"Authorization": f"Bearer {token}"},
    )
    return answer.status_code


def test_somebody_who_works_on_cases_is_told_where_to_ask_and_logs_out(desk):
    page = desk.page()
    page.goto(f"{desk.serving.url}/console/grants")
    page.get_by_role("button", name=TITLES["penyidik"]).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Halaman ini tidak terbuka bagi Anda")
    picture(page, "no-right")
    page.get_by_role("button", name="Keluar").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Anda sudah keluar")
    page.goto(f"{desk.serving.url}/console")
    expect(page.get_by_role("button", name=TITLES["penyidik"])).to_be_visible()
    desk.told = [line for line in desk.told if "status of 403" not in line]


OF_OTHERS = {"frame", "parts", "propose_frame"}
"""Templates that are no pages."""


class Look:
    """Every page that was looked at, what axe found on it, and whether it is as wide as the window."""

    def __init__(self, page: Page, lang: str, width: int) -> None:
        self.page = page
        self.lang = lang
        self.width = width
        self.faults: dict[str, list[str]] = {}
        self.wide: list[str] = []
        self.seen: set[str] = set()

    def at(self, name: str) -> None:
        page = self.page
        page.wait_for_load_state("load")
        self.faults[name] = violations(page)
        if page.evaluate("document.documentElement.scrollWidth") > self.width:
            self.wide.append(name)
        self.seen.add(str(page.locator("main").get_attribute("data-page")))
        picture(page, f"{name}-{self.lang[:2]}")


def declare(serving: Serving) -> None:
    """An emergency of the border post, which reads the case at once."""
    grant_break_glass(serving)
    token = token_verb.fetch(
        serving.clients, CLIENT, serving.url, scope="break-glass:use", purpose="protection"
    )
    words = "a child waits at the border post"
    query = f'mutation {{ declareEmergency(caseId: "{uuid4()}", reason: CHILD_AT_RISK, words: "{words}") {{ id }} }}'
    answer = httpx.post(
        f"{serving.url}/graphql", json={"query": query}, headers={"Authorization": f"Bearer {token}"}
    )
    assert "errors" not in answer.json(), answer.text
    token = token_verb.fetch(serving.clients, CLIENT, serving.url, scope="victim:read", purpose="emergency")
    assert asked(serving, token) == 200


def grant_break_glass(serving: Serving) -> None:
    async def granted() -> None:
        engine = database.open_engine(serving.database, size=1, name="test")
        async with engine.begin() as connection:
            held = {"scopes": ["break-glass:use"], "purposes": ["protection"], "jurisdictions": ["61"]}
            await connection.run_sync(grant, now(), CLIENT, **held)
        await engine.dispose()

    thread = threading.Thread(target=lambda: asyncio.run(granted()))
    thread.start()
    thread.join()


@pytest.mark.parametrize(("lang", "size"), [("id-ID", WIDE), ("en-GB", NARROW)])
def test_every_page_can_be_read_by_everybody(desk, lang, size):
    declare(desk.serving)
    page = desk.officer("satgas-1", script=True, lang=lang, size=size)
    base, look = desk.serving.url, Look(page, lang, size["width"])
    look.at("overview")
    for path in (
        *(
            "grants",
            "emergencies",
            "exclusions",
            "exclusions/propose",
            "clients",
            "issuers",
            "ledger",
            "seals",
        ),
        "nothing",
    ):
        page.goto(f"{base}/console/{path}")
        look.at(path.replace("/", "-"))
    page.goto(f"{base}/console/emergencies")
    page.locator("tbody a").first.click()
    for one in page.locator("details").all():
        one.locator("summary").click()
    look.at("emergency")
    page.locator("button.main").click()
    look.at("emergency-refused")
    exclude(page, base)
    look.at("exclusion")
    page.goto(f"{base}/console/grants?client=polda-kalbar")
    page.locator("tbody a").first.click()
    look.at("grant")
    page.locator(".acts a").last.click()
    look.at("renew")
    page.go_back()
    page.locator(".acts a").first.click()
    look.at("decide")
    page.locator("button.main").click()
    look.at("decide-refused")
    suspend_and_wait(page, desk)
    look.at("step-up")
    look_at_a_proposal(page, look, base)

    assert {name: one for name, one in look.faults.items() if one} == {}
    assert look.wide == []
    assert look.seen == {path.stem for path in TEMPLATES.glob("*.html")} - OF_OTHERS
    assert page.locator("html").get_attribute("lang") == lang[:2]
    desk.told = [line for line in desk.told if "status of 40" not in line]


def exclude(page: Page, base: str) -> None:
    page.goto(f"{base}/console/exclusions/propose")
    page.locator("#case_id").fill(str(uuid4()))
    page.locator('input[value="AGENCY"]').check()
    page.locator("#excluded").fill("KEMNAKER")
    page.locator("#reason").fill("for the picture")
    page.locator("button.main").click()


def suspend_and_wait(page: Page, desk: "Desk") -> None:
    """A grant that somebody else has suspended, at a login that is not fresh any more."""
    other = desk.officer("satgas-2")
    other.goto(f"{desk.serving.url}/console/grants?client=officer-pdp&state=ACTIVE")
    other.locator("tbody a").first.click()
    other.get_by_role("link", name="Tangguhkan").click()
    other.get_by_label("Alasan", exact=True).fill("untuk gambar")
    other.locator("button.main").click()
    grant_path = other.url.partition("?")[0]
    with psycopg.connect(database.conninfo(desk.serving.database)) as connection:
        connection.execute("UPDATE login SET authenticated_at = authenticated_at - interval '10 minutes'")
    page.goto(grant_path)
    page.locator(".acts a").first.click()


def look_at_a_proposal(page: Page, look: Look, base: str) -> None:
    page.goto(f"{base}/console/propose")
    page.locator("button.main").click()
    look.at("propose-who-refused")
    page.locator("#grantee").fill(CLIENT)
    page.locator("#owner").select_option("POLRI")
    for step, tick in (
        ("scopes", 'input[value="case:read"]'),
        ("purposes", 'input[value="protection"]'),
        ("basis", None),
        ("where", 'input[value="nation"]'),
        ("until", None),
    ):
        page.locator("button.main").click()
        look.at(f"propose-{step}")
        if tick:
            page.locator(tick).check()
        elif step == "basis":
            page.locator("#agreement").fill("PKS/1")
            page.locator("#justification").fill("for the picture")
    page.locator("button.main").click()
    look.at("propose-check")


def test_the_language_is_switched_on_the_page_and_stays(desk):
    page = desk.officer("polri")
    page.goto(f"{desk.serving.url}/console/grants?owner=POLRI")

    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Grants")
    assert page.url == f"{desk.serving.url}/console/grants?owner=POLRI"
    page.get_by_role("link", name="Overview").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")


def test_all_of_a_decision_can_be_done_with_the_keyboard(desk):
    page = desk.officer("satgas-1")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Langsung ke isi")).to_be_focused()
    page.goto(f"{desk.serving.url}/console/grants?client=officer-pdp&state=ACTIVE")
    page.locator("tbody a").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Tangguhkan").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Alasan", exact=True).focus()
    page.keyboard.type("kunci hilang")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator(".done")).to_contain_text("Izin ditangguhkan.")


@pytest.fixture
def neighbour() -> Iterator[str]:
    """A page of another origin on the same host: of the same site, so that the browser sends it the hub's cookies."""

    class Posting(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hub = self.path.partition("?")[2]
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(
                f'<!doctype html><form method="post" action="{hub}"><input name="client_id" value="polda-kalbar">'
                f'<button>go</button></form><iframe src="{hub.rpartition("/")[0]}"></iframe>'.encode()
            )

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Posting) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_page_of_another_origin_decides_nothing_and_frames_nothing(desk, neighbour):
    officer = desk.officer("satgas-1")
    page = officer.context.new_page()
    page.goto(f"{neighbour}/?{desk.serving.url}/console/clients/suspend")

    page.get_by_role("button", name="go").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Formulir ini tidak diterima")
    officer.goto(f"{desk.serving.url}/console/clients")
    expect(officer.locator(".cards")).not_to_contain_text("ditangguhkan,")

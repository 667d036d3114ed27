"""A real browser on the explorer, and what it did behind the scenes."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.explorer.conftest import Serving
from tests.house import ROOT

expect.set_options(timeout=20_000)

SCREENSHOTS = ROOT / "var" / "screenshots"
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HARMLESS = {("scrollable-region-focusable", ".CodeMirror-scroll")}
"""CodeMirror's text field stands beside what it scrolls: it is focused, and the arrow keys scroll."""


def chromium() -> str:
    """Where the browser is; a missing one skips here and fails in CI."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is not None:
        return found
    reason = "no chromium here; run: sudo apt-get install --no-install-recommends chromium fonts-dejavu-core"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextlib.contextmanager
def started() -> Iterator[Browser]:
    """A browser, until the block ends."""
    path = chromium()
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else list(FLAGS)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=flags)
        yield opened
        opened.close()


@dataclass
class Visit:
    """A page with what it did behind the scenes."""

    page: Page
    serving: Serving
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    preferences: list[str | None] = field(default_factory=list)

    def note(self, request: Request) -> None:
        self.requests.append(request.url)
        if request.method == "POST":
            self.preferences.append(request.headers.get("prefer"))

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.console.append(message.text)

    def open(self) -> None:
        self.page.goto(f"{self.serving.url}/graphql")
        expect(self.page.locator(".editor.query .CodeMirror")).to_be_visible()
        expect(self.page.locator(".editor.variables .CodeMirror")).to_be_visible()

    def use_token(self, text: str) -> None:
        if not self.page.locator("#token").is_visible():
            self.page.get_by_text("Use the token of a system instead").click()
        self.page.locator("#token").fill(text)
        self.page.get_by_role("button", name="Use token").click()

    def enter(self, client_id: str) -> str:
        """The client's token, after the page has taken it and read the schema."""
        token = self.serving.token(client_id)
        self.use_token(token)
        expect(self.page.locator(".speaker")).to_contain_text(client_id)
        return token

    def ask(self, example: int, verdict: str) -> None:
        self.page.get_by_role("button", name="Put in the editor").nth(example).click()
        self.run(verdict)

    def write(self, query: str) -> None:
        self.page.locator(".editor.query .CodeMirror").click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(query)

    def run(self, verdict: str) -> None:
        self.page.get_by_role("button", name="Run", exact=True).click()
        expect(self.page.locator(".verdict")).to_have_text(verdict)

    def json(self) -> str:
        """The answer as the page shows it, whatever part of it is scrolled away."""
        return self.page.locator(".editor.response .CodeMirror").evaluate("one => one.CodeMirror.getValue()")

    def picture(self, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"explorer-{name}.png", full_page=True)


def visits(browser: Browser, serving: Serving, size: dict[str, int]) -> Iterator[Visit]:
    context = browser.new_context(viewport=size, locale="en-GB", timezone_id="Asia/Jakarta")
    visit = Visit(context.new_page(), serving)
    visit.page.on("console", visit.hear)
    visit.page.on("pageerror", lambda error: visit.console.append(str(error)))
    visit.page.on("request", visit.note)
    visit.open()
    yield visit
    foreign = [
        url for url in visit.requests if not url.startswith((f"{serving.url}/", f"{serving.login}/", "data:"))
    ]
    context.close()
    assert foreign == []


def violations(page: Page) -> list[str]:
    """What axe holds for serious or critical: rule and element."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
        if (one["id"], node["target"][-1].rpartition(" ")[2]) not in HARMLESS
    ]

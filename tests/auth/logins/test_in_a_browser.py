"""The login as a person meets it: a real browser, from the hub's page to the office and back, with nothing that axe finds.

Screenshots are left in `var/screenshots`, so that whoever changes a page can look at it.
"""

import asyncio
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from auth.keys import Keys
from auth.login_routes import login_routes
from auth.logins import Logins
from auth.relying_party import RelyingParty
from hub.demo import people
from hub.sandbox.sso import OFFICES, Sso
from tests.auth.issuers.foreign import listen, serving, trust
from tests.auth.logins.people_issuer import PEOPLE
from tests.auth.parties import PlaceSealer
from tests.auth.test_consent_in_a_browser import FLAGS, SCREENSHOTS, chromium

pytestmark = pytest.mark.browser


def now() -> datetime:
    return datetime.now(UTC)


class Seen:
    """One browser with its language, and what it told."""

    def __init__(self, playwright, language: str) -> None:
        self.browser = playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS, "--no-sandbox"])
        self.page = self.browser.new_context(
            locale=language, java_script_enabled=True, viewport={"width": 390, "height": 844}
        ).new_page()
        self.language = language
        self.told: list[str] = []
        self.page.on("console", lambda message: self.told.append(message.text))

    def look(self, name: str) -> list[str]:
        """What axe finds on the page."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"login-{name}-{self.language}.png", full_page=True)
        return [one["id"] for one in Axe().run(self.page).response["violations"]]


def walk(issuer: str, language: str, office: str) -> dict[str, object]:
    """From nothing to the page that was wanted, by way of every page on it."""
    with sync_playwright() as playwright:
        seen = Seen(playwright, language)
        page, found = seen.page, {}
        page.goto(f"{issuer}/oauth/login?return_to=//elsewhere.example")
        found["malformed"] = seen.look("malformed")
        page.goto(f"{issuer}/oauth/login/callback?state=s&code=c")
        found["again"] = seen.look("again")
        page.goto(f"{issuer}/oauth/login?return_to=/me")
        found["choose"] = seen.look("choose")
        page.get_by_role("link", name="SSO simulasi (demo)").click()
        found["offices"] = seen.look("offices")
        page.get_by_role("button", name=office).click()
        page.wait_for_url("**/me")
        text = page.inner_text("body")
        cookies = {one["name"]: (one["httpOnly"], one["sameSite"]) for one in page.context.cookies(issuer)}
        seen.browser.close()
    # That a page was refused is told by the browser itself; anything else would be a fault of the page.
    told = [one for one in seen.told if not one.startswith("Failed to load resource")]
    return {"violations": found, "console": told, "text": text, "cookies": cookies}


@pytest.mark.parametrize("language", ["id-ID", "en-GB"])
async def test_a_person_chooses_a_login_and_an_office_and_comes_back(engine, tmp_path, language):
    chromium()
    with listen() as at, listen() as beside:
        issuer, login = (f"http://127.0.0.1:{one.getsockname()[1]}" for one in (at, beside))
        keys = Keys(engine, PlaceSealer(), now)
        source = Logins(engine=engine, issuer=issuer, clock=now)
        party = RelyingParty(engine=engine, issuer=issuer, keys=keys, sealer=PlaceSealer(), clock=now)

        async def me(http: Request) -> Response:
            found = await source.current(http)
            return PlainTextResponse("nobody" if found is None else urlsplit(found.account_id).fragment)

        await people.register(engine, tmp_path / "people.json", now, login)
        async with engine.begin() as connection:
            other = PEOPLE | {"name": "SSO Polri", "agency": "POLRI"}
            await connection.run_sync(trust, now(), "https://sso.polri.example", **other)
        app = Starlette(routes=[*login_routes(party, source), Route("/me", me)])
        async with serving(app, at), serving(Sso(login).app(), beside):
            seen = await asyncio.to_thread(walk, issuer, language, OFFICES[2].title)

    assert seen == {
        "violations": {"malformed": [], "again": [], "choose": [], "offices": []},
        "console": [],
        "text": "polri",
        "cookies": {"hub": (True, "Lax"), "hub-login": (True, "Lax")},
    }

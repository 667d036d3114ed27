"""The page that asks, as a person meets it: a real browser, which holds the page's own policy against it.

Screenshots are left in `var/screenshots`, so that whoever changes the page can look at it.
"""

import asyncio
import os
import shutil
import socket
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from auth.assertion import CLIENT_ASSERTION_TYPE, client_assertion
from tests.auth import socket_hub
from tests.auth.issuers.foreign import serving
from tests.auth.people import CHALLENGE
from tests.auth.proofs import proof
from tests.house import ROOT

pytestmark = pytest.mark.browser
SCREENSHOTS = ROOT / "var" / "screenshots"
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
)


def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None and os.environ.get("CI"):
        pytest.fail("no chromium in CI")
    if found is None:
        pytest.skip(
            "no chromium here; run: sudo apt-get install --no-install-recommends chromium fonts-dejavu-core"
        )
    return found


def request_url(door: socket_hub.Door) -> str:
    """Where a client sends the browser, of a request that it has pushed."""
    desk, now = door.parties["desk"], socket_hub.now()
    url = f"{door.issuer}/oauth/par"

    def push(nonce: str | None) -> httpx.Response:
        form = {
            "client_assertion_type": CLIENT_ASSERTION_TYPE,
            "client_assertion": client_assertion(desk["private_jwk"], desk["client_id"], door.issuer, now),
            "response_type": "code",
            "redirect_uri": desk["redirect_uri"],
            "scope": "case:read victim:read",
            "state": "s",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        return httpx.post(url, data=form, headers={"dpop": proof(now, nonce, htu=url)})

    answer = push(push(None).headers["dpop-nonce"]).json()
    query = {"client_id": desk["client_id"], "request_uri": answer["request_uri"]}
    return f"{door.issuer}/oauth/authorize?{urlencode(query)}"


def looked_at(door: socket_hub.Door, language: str, button: str) -> dict[str, object]:
    name, value = door.parties["login"].split("=")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=[*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        )
        context = browser.new_context(
            locale=language, java_script_enabled=True, viewport={"width": 390, "height": 844}
        )
        context.add_cookies([{"name": name, "value": value, "url": door.issuer, "sameSite": "Lax"}])
        page = context.new_page()
        told: list[str] = []
        page.on("console", lambda message: told.append(message.text))
        page.goto(request_url(door))
        page.screenshot(path=SCREENSHOTS / f"consent-{language}.png", full_page=True)
        found = Axe().run(page)
        violations = [
            (one["id"], [node["target"] for node in one["nodes"]]) for one in found.response["violations"]
        ]
        background = page.locator("button.allow").evaluate("one => getComputedStyle(one).backgroundColor")
        page.get_by_role("button", name=button, exact=True).click()
        page.wait_for_url("**/back?**")
        seen = {
            "violations": violations,
            "styled": background,
            "console": told,
            "back": sorted(parse_qs(urlsplit(page.url).query)),
            "text": page.inner_text("body"),
        }
        browser.close()
    return seen


@pytest.mark.parametrize(
    ("language", "button", "back"),
    [
        ("id-ID", "Izinkan", ["code", "iss", "state"]),
        ("en-GB", "Refuse", ["error", "error_description", "iss", "state"]),
    ],
)
async def test_a_person_decides_and_a_browser_goes_back_to_another_origin(engine, language, button, back):
    chromium()
    client = Starlette(routes=[Route("/{_:path}", lambda _: PlainTextResponse("the client"))])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        redirect = f"http://127.0.0.1:{listener.getsockname()[1]}/back"
        async with (
            serving(client, listener),
            socket_hub.open_hub(engine, redirect=redirect) as door,
        ):
            seen = await asyncio.to_thread(looked_at, door, language, button)

    assert seen == {
        "violations": [],
        "styled": "rgb(26, 68, 128)",
        "console": [],
        "back": back,
        "text": "the client",
    }

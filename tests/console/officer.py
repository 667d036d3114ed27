"""An officer with a browser that runs no script: cookies, pages, and the forms on them."""

import re
from html import unescape

import httpx
from lxml import html

from auth import csrf, logins
from auth.keys import Keys
from tests.auth.people import log_in
from tests.graphql.hub import ISSUER, Hub

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


class Officer:
    """A person at the console.

    Args:
        hub: of the test.
        account_id: who it is; nobody where empty.
        lang: of the browser.
    """

    def __init__(self, hub: Hub, account_id: str = "", lang: str = "en") -> None:
        self.hub = hub
        self.account_id = account_id
        transport = httpx.ASGITransport(hub.service, raise_app_exceptions=True)
        self.http = httpx.AsyncClient(
            transport=transport, base_url=ISSUER, headers={"Accept-Language": lang, "Sec-Fetch-Site": "none"}
        )

    async def log_in(self) -> "Officer":
        async with self.hub.engine.begin() as connection:
            value = await connection.run_sync(log_in, self.hub.clock(), self.account_id)
        self.http.cookies.set("__Host-hub", value, domain="hub.example")
        return self

    async def get(self, path: str, **how) -> httpx.Response:
        return await self.http.get(f"/console{path}", **how)

    async def post(self, path: str, form: dict, headers: dict[str, str] | None = None) -> httpx.Response:
        return await self.http.post(f"/console{path}", data=form, headers={**SAME_ORIGIN, **(headers or {})})

    async def csrf(self) -> str:
        """What every form of theirs carries, made as the hub makes it: also for who is shown no form."""
        keys = Keys(self.hub.engine, self.hub.keyring, self.hub.clock)
        await keys.fresh()
        digest = logins.digest(self.http.cookies["__Host-hub"])
        ((login_id,),) = await self.hub.rows("SELECT login_id FROM login WHERE cookie_hash = %s", digest)
        return csrf.token(keys.signing(), "console", (str(login_id),))

    async def fill(self, page: httpx.Response, button: str = "", **written) -> httpx.Response:
        """The answer to the page's form, sent with what was written and the button that was pressed."""
        form, action = form_of(page.text, button)
        path = action.removeprefix("/console")
        return await self.post(path, {**form, **written})


def csrf_of(text: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', text)
    assert found is not None, text
    return found[1]


def form_of(text: str, button: str = "") -> tuple[dict[str, str | list[str]], str]:
    """The fields of the page's own form and where it goes, with the button of those words; the first where none is named."""
    tree = html.fromstring(text)
    forms = [one for one in tree.xpath("//main//form") if one.get("method") == "post"]
    for form in forms:
        for one in form.xpath(".//button"):
            if button and one.text_content().strip() != button:
                continue
            fields: dict[str, str | list[str]] = {}
            for name, value in form.form_values():
                kept = fields.get(name)
                fields[name] = (
                    value if kept is None else [*(kept if isinstance(kept, list) else [kept]), value]
                )
            if one.get("name"):
                fields[one.get("name")] = one.get("value")
            return fields, one.get("formaction") or form.get("action")
    raise AssertionError(f"no button {button!r}")


def words(response: httpx.Response) -> str:
    """What the page says, in one line."""
    tree = html.fromstring(response.text)
    return " ".join(unescape(tree.xpath("//main")[0].text_content()).split())


def heading(response: httpx.Response) -> str:
    return html.fromstring(response.text).xpath("//h1")[0].text_content()

"""What a browser is shown: where it may be sent, in which language, and with which headers."""

import pytest
from starlette.responses import Response

from auth.logins import CALLBACK, LOGIN, Cookies
from tests.auth.issuers.foreign import trust
from tests.auth.logins.people_issuer import PEOPLE, parameters

ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "evil.example",
    "",
    "/\t/evil.example",
    "/\n/evil.example",
    "/ /evil.example",
    "/é",
    "\x00/a",
    "/" + "a" * 2_048,
    "//[",
]


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("return_to", ELSEWHERE)
async def test_a_login_leads_to_no_other_place(browser, return_to):
    response = await browser.get(LOGIN, params={"return_to": return_to})

    assert response.status_code == 400
    assert "location" not in response.headers
    assert "evil" not in response.text


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(
    "return_to", ["/", "/console", "/a?b=c&d=https://elsewhere.example", "/%2F/a", "/a:b"]
)
async def test_a_login_leads_back_to_a_path_of_ours(browser, return_to):
    assert (await browser.get(LOGIN, params={"return_to": return_to})).status_code == 303


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("max_age", ["", "-1", "1.5", "soon", "9" * 10, "\u0661"])
async def test_an_age_that_is_no_number_of_seconds_is_refused(browser, max_age):
    assert (await browser.get(LOGIN, params={"max_age": max_age})).status_code == 400


@pytest.mark.usefixtures("trusted")
async def test_nobody_may_ask_for_an_older_authentication_than_eight_hours(browser):
    response = await browser.get(LOGIN, params={"max_age": "999999999"})

    assert parameters(response.headers["location"])["max_age"] == "28800"


async def test_where_several_issuers_are_trusted_a_person_chooses(hub, sso, trusted, browser):
    other = await hub.run(
        trust,
        hub.clock(),
        "https://sso.polri.example",
        **PEOPLE | {"name": "Masuk <Polri>", "agency": "POLRI"},
    )

    page = await browser.get(LOGIN, params={"return_to": "/console", "max_age": "300"})
    chosen = await browser.get(
        LOGIN, params={"return_to": "/console", "max_age": "300", "issuer": str(trusted.trust_id)}
    )

    assert page.status_code == 200
    assert "Masuk &lt;Polri&gt;" in page.text
    for one in (other, trusted):
        assert f"return_to=%2Fconsole&amp;max_age=300&amp;issuer={one.trust_id}" in page.text
    assert chosen.headers["location"].startswith(f"{sso.url}/authorize?")
    assert parameters(chosen.headers["location"])["max_age"] == "300"


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("issuer", ["", "nobody", "00000000-0000-0000-0000-000000000000"])
async def test_an_unknown_choice_is_asked_again(hub, browser, issuer):
    await hub.run(trust, hub.clock(), "https://sso.polri.example", **PEOPLE | {"agency": "POLRI"})

    assert (await browser.get(LOGIN, params={"issuer": issuer})).status_code == 200


async def test_without_a_trusted_issuer_nobody_can_log_in(browser):
    response = await browser.get(LOGIN)

    assert response.status_code == 503
    assert "PPDP" in response.text


@pytest.mark.usefixtures("trusted")
async def test_an_issuer_that_does_not_answer_is_no_500(sso, browser):
    sso.answer = Response(b"out of order", 500)

    response = await browser.get(LOGIN, params={"return_to": "/console"})

    assert response.status_code == 503
    assert "return_to=%2Fconsole" in response.text


@pytest.mark.usefixtures("trusted")
async def test_an_issuer_without_a_login_is_told_as_one_that_does_not_answer(sso, browser):
    sso.said.pop("authorization_endpoint")

    assert (await browser.get(LOGIN)).status_code == 503


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("path", [LOGIN, CALLBACK, f"{LOGIN}?return_to=//evil.example"])
async def test_every_answer_is_kept_by_nobody_and_framed_by_nobody(browser, path):
    response = await browser.get(path)

    headers = response.headers
    policy = headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert policy.endswith("; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
    assert "script" not in response.text


@pytest.mark.parametrize(
    ("accepted", "lang", "words"),
    [("id", "id", "Tautan tidak lengkap"), ("en", "en", "This link is incomplete")],
)
async def test_a_page_says_its_language(new_browser, accepted, lang, words):
    async with new_browser(**{"accept-language": accepted}) as browser:
        response = await browser.get(LOGIN, params={"return_to": "//evil.example"})

    assert f'<html lang="{lang}">' in response.text
    assert f"<h1>{words}</h1>" in response.text
    assert response.headers["content-language"] == lang


@pytest.mark.usefixtures("trusted")
async def test_the_browser_s_cookie_is_for_this_host_alone_and_short(browser):
    response = await browser.get(LOGIN)

    (cookie,) = response.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-hub-login=")
    assert cookie.partition("; ")[2] == "HttpOnly; Max-Age=600; Path=/; SameSite=lax; Secure"


def test_on_a_loopback_address_the_cookies_have_plain_names():
    found = [Cookies.of(issuer) for issuer in ("https://hub.example", "http://127.0.0.1:8000")]

    assert [(one.is_secure, one.login, one.browser) for one in found] == [
        (True, "__Host-hub", "__Host-hub-login"),
        (False, "hub", "hub-login"),
    ]

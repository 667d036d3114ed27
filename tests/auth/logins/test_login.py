"""A person logs in: one good way, and copies of it with a single fault each."""

import asyncio
import base64
import logging
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from joserfc import jwt
from sqlalchemy import select
from starlette.requests import Request

from auth import accounts, issuers, jws
from auth.login import Login
from auth.logins import CALLBACK, DONE, IDLE, LOGIN, LOGOUT, LONGEST, digest
from schema.tables import people
from tests.auth.issuers.foreign import FIRST, trust
from tests.auth.logins.people_issuer import CLIENT_ID, PEOPLE, parameters
from tests.auth.parties import ISSUER, enrol

PATH = "/oauth/authorize?client_id=console&request_uri=urn%3Aa"


async def begin(browser, return_to=PATH, **query):
    """Where the browser is sent to."""
    response = await browser.get(LOGIN, params={"return_to": return_to} | query)
    assert response.status_code == 303, response.text
    return response.headers["location"]


async def come_back(browser, sso, url, **changes):
    """The browser comes back from the issuer with a code."""
    full = {"code": sso.code_for(url), "state": parameters(url)["state"]} | changes
    return await browser.get(
        CALLBACK, params={name: value for name, value in full.items() if value is not None}
    )


async def log_in(browser, sso, **query):
    return await come_back(browser, sso, await begin(browser, **query))


async def me(browser):
    return (await browser.get("/me")).json()


async def rows(hub, table):
    def read(connection):
        return [dict(row) for row in connection.execute(select(table)).mappings()]

    return await hub.run(read)


async def test_a_person_logs_in_and_comes_back_to_where_they_were(hub, sso, person, trusted, browser):
    url = await begin(browser)
    response = await come_back(browser, sso, url)

    asked = parameters(url)
    (row,) = await rows(hub, people.login)
    assert (response.status_code, response.headers["location"]) == (303, PATH)
    assert await me(browser) == [person.account_id, "POLRI", "urn:sso:2fa"]
    assert url.startswith(f"{sso.url}/authorize?")
    assert {name: asked[name] for name in asked if name not in {"state", "nonce", "code_challenge"}} == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": f"{ISSUER}{CALLBACK}",
        "scope": "openid",
        "code_challenge_method": "S256",
        "max_age": "28800",
    }
    assert row | {"cookie_hash": b"", "login_id": UUID(int=0)} == {
        "cookie_hash": b"",
        "login_id": UUID(int=0),
        "account_id": person.account_id,
        "trust_id": trusted.trust_id,
        "acr": "urn:sso:2fa",
        "authenticated_at": hub.clock(),
        "seen_at": hub.clock(),
        "expires_at": hub.clock() + LONGEST,
        "ended_at": None,
    }
    assert await rows(hub, people.login_attempt) == []


@pytest.mark.usefixtures("person")
async def test_the_login_s_cookie_is_for_this_host_alone_and_only_its_hash_is_kept(hub, sso, browser):
    response = await log_in(browser, sso)

    (cookie,) = response.headers.get_list("set-cookie")
    name, _, rest = cookie.partition("=")
    value, _, attributes = rest.partition("; ")
    (row,) = await rows(hub, people.login)
    assert name == "__Host-hub"
    assert attributes == "HttpOnly; Path=/; SameSite=lax; Secure"
    assert value.encode() not in row["cookie_hash"]
    assert len(row["cookie_hash"]) == 32
    assert len(base64.urlsafe_b64decode(value + "=")) == 32


@pytest.mark.usefixtures("person")
async def test_the_hub_proves_itself_to_the_issuer_by_its_own_key(hub, sso, browser):
    await log_in(browser, sso)

    (form,) = sso.forms
    key = hub.keys.signing().key
    token = jwt.decode(form["client_assertion"], key, algorithms=["Ed25519"])
    now = int(hub.clock().timestamp())
    assert token.header == {"alg": "Ed25519", "typ": "JWT", "kid": hub.keys.signing().kid}
    assert token.claims | {"jti": ""} == {
        "iss": CLIENT_ID,
        "sub": CLIENT_ID,
        "aud": sso.url,
        "iat": now,
        "exp": now + 60,
        "jti": "",
    }


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize(("known", "alg"), [(["ES256", "EdDSA"], "EdDSA"), (["Ed25519", "EdDSA"], "Ed25519")])
async def test_an_issuer_that_knows_only_the_old_name_is_given_it(sso, browser, known, alg):
    sso.said["token_endpoint_auth_signing_alg_values_supported"] = known

    response = await log_in(browser, sso)

    assert response.status_code == 303
    assert jws.extract(sso.forms[0]["client_assertion"]).header["alg"] == alg


@pytest.mark.usefixtures("person")
async def test_a_login_has_a_new_cookie_and_ends_the_one_before(hub, sso, browser, new_browser):
    await log_in(browser, sso)
    before = browser.cookies["__Host-hub"]

    await log_in(browser, sso)

    async with new_browser() as old:
        old.cookies.set("__Host-hub", before, domain="hub.example")
        assert await me(old) is None
    assert browser.cookies["__Host-hub"] != before
    ended = {row["cookie_hash"]: row["ended_at"] for row in await rows(hub, people.login)}
    assert ended == {digest(before): hub.clock(), digest(browser.cookies["__Host-hub"]): None}


@pytest.mark.usefixtures("person")
async def test_a_cookie_that_somebody_planted_becomes_no_login(sso, browser):
    planted = "p" * 43
    browser.cookies.set("__Host-hub", planted, domain="hub.example")

    response = await log_in(browser, sso)

    assert planted not in response.headers["set-cookie"]
    browser.cookies.clear()
    browser.cookies.set("__Host-hub", planted, domain="hub.example")
    assert await me(browser) is None


@pytest.mark.parametrize("value", ["", "x", "a" * 44, "é" * 43, "a" * 5_000])
@pytest.mark.usefixtures("person")
async def test_a_cookie_of_another_form_is_no_login(browser, value):
    response = await browser.get("/me", headers={"cookie": f"__Host-hub={value}".encode()})

    assert response.json() is None


@pytest.mark.usefixtures("person")
async def test_the_cookie_by_its_name_without_the_prefix_is_not_read(sso, browser):
    await log_in(browser, sso)
    value = browser.cookies["__Host-hub"]
    browser.cookies.clear()

    response = await browser.get("/me", headers={"cookie": f"hub={value}"})

    assert response.json() is None


@pytest.mark.usefixtures("person")
async def test_a_login_ends_when_nobody_uses_it_for_a_quarter_of_an_hour(hub, sso, browser):
    await log_in(browser, sso)
    hub.clock.forward(minutes=14)
    used = await me(browser)
    hub.clock.forward(minutes=14)
    used_again = await me(browser)
    hub.clock.forward(seconds=IDLE.total_seconds())
    idle = await me(browser)

    assert used is not None
    assert used_again is not None
    assert idle is None


@pytest.mark.usefixtures("person")
async def test_a_login_ends_after_eight_hours_however_much_it_is_used(hub, sso, browser):
    await log_in(browser, sso)
    for _ in range(47):
        hub.clock.forward(minutes=10)
        assert await me(browser) is not None
    hub.clock.forward(minutes=10)

    assert await me(browser) is None


async def test_a_suspended_person_is_out_at_the_next_request(hub, sso, person, browser):
    await log_in(browser, sso)
    await hub.run(accounts.suspend, person.account_id, hub.clock())

    assert await me(browser) is None


@pytest.mark.usefixtures("person")
async def test_a_withdrawn_issuer_ends_logins_at_the_next_request_and_its_return_does_not_revive_them(
    hub, sso, trusted, browser
):
    await log_in(browser, sso)
    await hub.run(issuers.withdraw, FIRST, trusted.trust_id, hub.clock())
    withdrawn = await me(browser)
    await hub.run(trust, hub.clock(), sso.url, **PEOPLE)

    assert withdrawn is None
    assert await me(browser) is None


@pytest.mark.usefixtures("person")
async def test_an_issuer_that_is_withdrawn_while_a_person_is_there_lets_nobody_in(hub, sso, trusted, browser):
    url = await begin(browser)
    await hub.run(issuers.withdraw, FIRST, trusted.trust_id, hub.clock())

    response = await come_back(browser, sso, url)

    assert (response.status_code, await me(browser), sso.forms) == (400, None, [])


@pytest.mark.usefixtures("person")
async def test_a_callback_is_good_once(sso, browser):
    url = await begin(browser)
    code = sso.code_for(url)
    first = await come_back(browser, sso, url, code=code)
    again = await come_back(browser, sso, url, code=code)

    assert (first.status_code, again.status_code) == (303, 400)
    assert len(sso.forms) == 1


@pytest.mark.usefixtures("person")
async def test_of_two_callbacks_at_one_moment_one_logs_in(sso, browser):
    url = await begin(browser)
    code = sso.code_for(url)

    answers = await asyncio.gather(*(come_back(browser, sso, url, code=code) for _ in range(2)))

    assert sorted(answer.status_code for answer in answers) == [303, 400]


@pytest.mark.usefixtures("person")
async def test_another_browser_cannot_end_an_attempt_nor_take_it_from_the_right_one(
    sso, browser, new_browser
):
    url = await begin(browser)
    code = sso.code_for(url)
    async with new_browser() as other, new_browser() as third:
        await begin(third)
        without = await come_back(other, sso, url, code=code)
        with_its_own = await come_back(third, sso, url, code=code)
        others = [await me(other), await me(third)]

    right = await come_back(browser, sso, url, code=code)

    assert [without.status_code, with_its_own.status_code, right.status_code] == [400, 400, 303]
    assert others == [None, None]


@pytest.mark.usefixtures("person")
async def test_attempts_in_two_tabs_of_one_browser_come_back_each_to_its_own_place(sso, browser):
    first, second = await begin(browser, "/satu"), await begin(browser, "/dua")

    answers = [await come_back(browser, sso, second), await come_back(browser, sso, first)]

    assert [answer.headers["location"] for answer in answers] == ["/dua", "/satu"]


@pytest.mark.usefixtures("person")
async def test_an_attempt_ends_after_ten_minutes(hub, sso, browser):
    url = await begin(browser)
    hub.clock.forward(minutes=10)

    response = await come_back(browser, sso, url)

    assert (response.status_code, sso.forms) == (400, [])


CALLBACK_FAULTS = {
    "no state": {"state": None},
    "another state": {"state": "s" * 43},
    "state is long": {"state": "s" * 10_000},
    "no code": {"code": None},
    "empty code": {"code": ""},
    "an error": {"error": "access_denied"},
    "another issuer": {"iss": "https://sso.polri.example"},
    "a code of somebody else's": {"code": "code-of-another"},
}


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize("fault", CALLBACK_FAULTS)
async def test_a_callback_with_one_fault_logs_nobody_in(sso, browser, fault):
    response = await come_back(browser, sso, await begin(browser), **CALLBACK_FAULTS[fault])

    assert (response.status_code, await me(browser)) == (400, None)
    assert "__Host-hub=" not in response.headers.get("set-cookie", "")


@pytest.mark.usefixtures("person")
async def test_a_parameter_that_stands_twice_is_none(sso, browser):
    url = await begin(browser)
    state = parameters(url)["state"]

    response = await browser.get(f"{CALLBACK}?code={sso.code_for(url)}&state={state}&state={state}")

    assert response.status_code == 400


@pytest.mark.usefixtures("person")
async def test_an_issuer_that_names_itself_must_do_so(sso, browser):
    sso.said["authorization_response_iss_parameter_supported"] = True

    without = await log_in(browser, sso)
    named = await come_back(browser, sso, await begin(browser), iss=sso.url)

    assert (without.status_code, named.status_code) == (400, 303)


@pytest.mark.usefixtures("person")
async def test_a_code_that_was_given_for_another_attempt_does_not_fit(sso, browser, new_browser):
    async with new_browser() as thief:
        stolen = sso.code_for(await begin(browser))

        response = await come_back(thief, sso, await begin(thief), code=stolen)

        assert (response.status_code, await me(thief)) == (400, None)


ID_TOKEN_FAULTS = {
    "another issuer": {"iss": "https://sso.polri.example"},
    "another audience": {"aud": "another-client"},
    "several audiences and no party": {"aud": [CLIENT_ID, "another-client"]},
    "another party": {"azp": "another-client"},
    "no audience": {"aud": None},
    "empty audience": {"aud": []},
    "another nonce": {"nonce": "n" * 43},
    "no nonce": {"nonce": None},
    "nonce is a list": {"nonce": ["n"]},
    "no subject": {"sub": None},
    "subject is a number": {"sub": 5},
    "no end": {"exp": None},
    "no beginning": {"iat": None},
    "no time of authentication": {"auth_time": None},
    "time of authentication is text": {"auth_time": "now"},
}


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize("fault", ID_TOKEN_FAULTS)
async def test_an_id_token_with_one_wrong_claim_logs_nobody_in(sso, browser, fault):
    sso.claims = ID_TOKEN_FAULTS[fault]

    response = await log_in(browser, sso)

    assert (response.status_code, await me(browser)) == (400, None)


@pytest.mark.usefixtures("person")
async def test_an_id_token_for_several_is_good_where_we_are_its_party(sso, browser):
    sso.claims = {"aud": [CLIENT_ID, "another-client"], "azp": CLIENT_ID}

    assert (await log_in(browser, sso)).status_code == 303


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize(
    ("name", "seconds", "status"),
    [
        ("exp", -9, 303),
        ("exp", -10, 400),
        ("iat", 10, 303),
        ("iat", 11, 400),
        ("iat", -300, 303),
        ("iat", -301, 400),
        ("auth_time", 10, 303),
        ("auth_time", 11, 400),
        ("auth_time", -28_810, 303),
        ("auth_time", -28_811, 400),
    ],
)
async def test_an_id_token_is_alive_and_its_person_was_there_within_eight_hours(
    hub, sso, browser, name, seconds, status
):
    sso.claims = {name: int(hub.clock().timestamp()) + seconds}

    assert (await log_in(browser, sso)).status_code == status


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize(
    ("max_age", "seconds", "status"), [(300, -310, 303), (300, -311, 400), (0, -10, 303), (0, -11, 400)]
)
async def test_a_person_who_must_prove_themselves_anew_has_done_so(
    hub, sso, browser, max_age, seconds, status
):
    sso.claims = {"auth_time": int(hub.clock().timestamp()) + seconds}
    url = await begin(browser, max_age=max_age)

    response = await come_back(browser, sso, url)

    assert parameters(url)["max_age"] == str(max_age)
    assert response.status_code == status


@pytest.mark.usefixtures("person")
async def test_the_time_of_authentication_is_the_issuer_s_and_not_that_of_the_login(hub, sso, browser):
    earlier = hub.clock() - timedelta(hours=1)
    sso.claims = {"auth_time": int(earlier.timestamp())}

    await log_in(browser, sso)

    assert (await rows(hub, people.login))[0]["authenticated_at"] == earlier


HEADER_FAULTS = {
    "of an access token": ({"typ": "at+jwt"}, "ES256"),
    "HS256": ({"alg": "HS256"}, "HS256"),
    "RS256 that the row does not name": ({"alg": "RS256", "kid": "rsa"}, "PS256"),
    "key of a stranger": ({}, "stranger"),
    "unknown key": ({"kid": "nobody"}, "ES256"),
}


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize("fault", HEADER_FAULTS)
async def test_an_id_token_with_one_wrong_header_logs_nobody_in(sso, browser, fault):
    sso.header, sso.key = HEADER_FAULTS[fault]

    response = await log_in(browser, sso)

    assert (response.status_code, await me(browser)) == (400, None)


async def test_rs256_is_accepted_where_the_row_names_it(hub, sso, browser):
    await hub.run(trust, hub.clock(), sso.url, **PEOPLE | {"algorithms": ("RS256",)})
    await hub.run(enrol, hub.clock(), f"{sso.url}#petugas-1", "POLRI")
    sso.header, sso.key = {"alg": "RS256", "kid": "rsa"}, "PS256"

    assert (await log_in(browser, sso)).status_code == 303


async def test_somebody_without_an_account_is_told_whom_to_ask_and_nothing_else(
    sso, browser, new_browser, hub, person
):
    await log_in(browser, sso)
    sso.subject = "orang-lain"
    async with new_browser() as other:
        unknown = await log_in(other, sso)
        after = await me(other)
    await hub.run(accounts.suspend, person.account_id, hub.clock())
    sso.subject = "petugas-1"
    suspended = await log_in(browser, sso)

    assert (unknown.status_code, suspended.status_code, after) == (403, 403, None)
    assert unknown.text == suspended.text
    assert "PPDP" in unknown.text
    assert "orang-lain" not in unknown.text
    assert "__Host-hub=" not in unknown.headers.get("set-cookie", "")


@pytest.mark.parametrize(("agency", "status"), [("POLRI", 303), ("SATGAS_TPPO", 403), ("KEMENSOS", 403)])
async def test_an_agency_s_issuer_vouches_for_its_own_people_only(hub, sso, browser, agency, status):
    await hub.run(trust, hub.clock(), sso.url, **PEOPLE | {"agency": "POLRI"})
    await hub.run(enrol, hub.clock(), f"{sso.url}#petugas-1", agency)

    assert (await log_in(browser, sso)).status_code == status


@pytest.mark.usefixtures("person")
async def test_who_logged_in_in_a_tab_of_its_own_is_told_to_close_it_and_nobody_else_is(sso, browser):
    before = await browser.get(DONE)

    arrived = await log_in(browser, sso, return_to=DONE, max_age="300")
    after = await browser.get(arrived.headers["location"], headers={"accept-language": "en"})

    assert (before.status_code, "return_to=%2Foauth%2Flogin%2Fdone" in before.text) == (400, True)
    assert (after.status_code, "Close this tab" in after.text) == (200, True)


@pytest.mark.usefixtures("person")
async def test_logging_out_ends_the_login_itself(hub, sso, browser, new_browser):
    await log_in(browser, sso)
    kept = browser.cookies["__Host-hub"]

    response = await browser.post(LOGOUT, headers={"sec-fetch-site": "same-origin"})

    async with new_browser() as old:
        old.cookies.set("__Host-hub", kept, domain="hub.example")
        assert await me(old) is None
    assert response.status_code == 200
    assert "__Host-hub" not in browser.cookies
    assert [row["ended_at"] for row in await rows(hub, people.login)] == [hub.clock()]


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize("site", ["cross-site", "same-site", "rubbish"])
async def test_another_site_logs_nobody_out(sso, browser, site):
    await log_in(browser, sso)

    response = await browser.post(LOGOUT, headers={"sec-fetch-site": site})

    assert response.status_code == 403
    assert await me(browser) is not None


async def test_logging_out_is_a_post(browser):
    assert (await browser.get(LOGOUT)).status_code == 405


@pytest.mark.usefixtures("person")
async def test_logs_and_pages_name_nobody(sso, browser, caplog, capsys):
    caplog.set_level(logging.INFO)
    await log_in(browser, sso)
    sso.subject = "orang-lain"

    response = await log_in(browser, sso)

    written = caplog.text + "".join(capsys.readouterr()) + response.text
    assert [word for word in ("petugas-1", "orang-lain", "eyJ") if word in written] == []


async def test_the_source_of_logins_says_who_and_where(hub, sso, person, browser, source):
    await log_in(browser, sso)
    cookie = f"__Host-hub={browser.cookies['__Host-hub']}".encode()
    http = Request({"type": "http", "headers": [(b"cookie", cookie)]})

    found = await source.current(http)

    (row,) = await rows(hub, people.login)
    assert found == Login(
        login_id=row["login_id"],
        account_id=person.account_id,
        agency="POLRI",
        acr="urn:sso:2fa",
        authenticated_at=hub.clock(),
        expires_at=hub.clock() + LONGEST,
    )
    url = source.login_url("/oauth/authorize?a=b&c=d", max_age=300)
    assert urlsplit(url)._replace(query="").geturl() == f"{ISSUER}{LOGIN}"
    assert parameters(url) == {"return_to": "/oauth/authorize?a=b&c=d", "max_age": "300"}

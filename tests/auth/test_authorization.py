"""From a pushed request to a person's token: the good way, and every way with one fault."""

import asyncio
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text
from starlette.applications import Starlette

from auth import accounts, clients, jws
from auth.routes import routes
from auth.server import Server
from auth.tokens import Caller
from schema.errors import NotAuthenticated
from tests.auth.parties import AUDIENCE, ISSUER, PRIVATE, enrol, error, grant
from tests.auth.people import CLIENT, PERSON, REDIRECT, Browser, back, push, pushed, redeem, settle
from tests.auth.proofs import proof, thumbprint_of


@pytest.fixture
async def desk(hub):
    """A hub with a client that people use and a person who holds something."""
    await settle(hub)
    return hub


@pytest.fixture
async def budi(desk):
    """The person's browser, logged in."""
    browser = Browser(desk)
    await browser.log_in()
    yield browser
    await browser.http.aclose()


async def test_a_person_s_token_says_who_they_are_and_what_they_allowed(desk, budi):
    request_uri = await pushed(desk)
    page = await budi.open(request_uri)
    answer = back(await budi.decide(page))
    response = await redeem(desk, answer.pop("code"))

    body = response.json()
    token = body.pop("access_token")
    claims = jws.extract(token).claims
    assert answer == {"state": "state-of-the-client", "iss": ISSUER}
    assert body == {"token_type": "DPoP", "expires_in": 300, "scope": "case:read victim:read"}
    assert {
        name: claims[name] for name in ("sub", "client_id", "agency", "acr", "auth_time", "purpose", "jur")
    } == {
        "sub": PERSON,
        "client_id": CLIENT,
        "agency": "POLRI",
        "acr": "substantial",
        "auth_time": int(desk.clock().timestamp()),
        "purpose": "investigation",
        "jur": ["61", "6171"],
    }
    sent = proof(desk.clock(), desk.server.nonces.current(), htu=AUDIENCE, token=token)
    caller = await desk.verifier.verify(f"DPoP {token}", proofs=[sent])
    assert caller == Caller(
        client_id=CLIENT,
        agency="POLRI",
        scopes=frozenset({"case:read", "victim:read"}),
        purpose="investigation",
        jurisdiction=("61", "6171"),
        token_id=claims["jti"],
        expires_at=desk.clock() + timedelta(seconds=300),
        account_id=PERSON,
        acr="substantial",
        authenticated_at=desk.clock(),
        grant_set=claims["gsid"],
    )


async def test_a_pushed_request_is_answered_with_a_name_that_is_good_for_a_minute(desk):
    response = await push(desk)

    body = response.json()
    assert response.status_code == 201
    assert response.headers["cache-control"] == "no-store"
    assert body.pop("request_uri").startswith("urn:ietf:params:oauth:request_uri:")
    assert body == {"expires_in": 60}


PUSH_FAULTS = {
    "no authentication": ({"client_assertion": None}, 401, "invalid_client"),
    "a wrong assertion": ({"client_assertion": "eyJ.eyJ.eyJ"}, 401, "invalid_client"),
    "no response type": ({"response_type": None}, 400, "unsupported_response_type"),
    "token": ({"response_type": "token"}, 400, "unsupported_response_type"),
    "hybrid": ({"response_type": "code id_token"}, 400, "unsupported_response_type"),
    "fragment": ({"response_mode": "fragment"}, 400, "invalid_request"),
    "no redirect_uri": ({"redirect_uri": None}, 400, "invalid_request"),
    "unknown redirect_uri": ({"redirect_uri": "https://evil.example/back"}, 400, "invalid_request"),
    "longer redirect_uri": ({"redirect_uri": REDIRECT + "?next=/"}, 400, "invalid_request"),
    "redirect_uri with a slash": ({"redirect_uri": REDIRECT + "/"}, 400, "invalid_request"),
    "no challenge": ({"code_challenge": None}, 400, "invalid_request"),
    "no challenge at all": (
        {"code_challenge": None, "code_challenge_method": None},
        400,
        "invalid_request",
    ),
    "plain": ({"code_challenge_method": "plain"}, 400, "invalid_request"),
    "method left out": ({"code_challenge_method": None}, 400, "invalid_request"),
    "short challenge": ({"code_challenge": "c" * 42}, 400, "invalid_request"),
    "request_uri": ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, 400, "invalid_request"),
    "request": ({"request": "eyJ.eyJ.eyJ"}, 400, "invalid_request"),
    "unknown scope": ({"scope": "case:read nothing:read"}, 400, "invalid_scope"),
    "blank scope": ({"scope": " "}, 400, "invalid_scope"),
    "unknown purpose": ({"purpose": "curiosity"}, 400, "invalid_request"),
    "another resource": ({"resource": "https://evil.example"}, 400, "invalid_target"),
    "another key": ({"dpop_jkt": "x" * 43}, 400, "invalid_request"),
    "key of another form": ({"dpop_jkt": "x"}, 400, "invalid_request"),
    "max_age is a word": ({"max_age": "old"}, 400, "invalid_request"),
    "max_age is negative": ({"max_age": "-1"}, 400, "invalid_request"),
    "state with a line": ({"state": "a\nb"}, 400, "invalid_request"),
    "level with NUL": ({"acr_values": "high\0"}, 400, "invalid_request"),
}


@pytest.mark.parametrize("fault", PUSH_FAULTS)
async def test_a_pushed_request_with_one_fault_is_refused_and_nothing_of_it_is_told(desk, fault):
    changes, status, word = PUSH_FAULTS[fault]

    response = await push(desk, **changes)

    assert error(response) == (status, word)
    assert not {"evil", "curiosity", "eyJ"} & set(response.text.replace('"', " ").replace("/", " ").split())
    assert (await push(desk)).status_code == 201


async def test_a_client_that_nobody_comes_back_to_cannot_push(hub):
    await hub.register()
    await hub.keys.fresh()

    assert error(await push(hub, client_id="polri-lapor")) == (400, "unauthorized_client")


async def test_the_authorization_endpoint_takes_two_parameters_and_no_other(desk, budi):
    request_uri = await pushed(desk)
    good = {"client_id": CLIENT, "request_uri": request_uri}
    plain = {"client_id": CLIENT, "response_type": "code", "redirect_uri": REDIRECT, "state": "s"}
    queries = [
        {},
        plain,
        {"client_id": CLIENT},
        {"request_uri": request_uri},
        good | {"state": "s"},
        good | {"request_uri": ""},
        good | {"client_id": "polri-lapor"},
        good | {"client_id": "\0"},
        good | {"request_uri": "urn:ietf:params:oauth:request_uri:guessed"},
        [("client_id", CLIENT), ("client_id", CLIENT)],
    ]

    answers = [await budi.http.get("/oauth/authorize", params=query) for query in queries]

    assert {(one.status_code, one.headers["content-type"]) for one in answers} == {
        (400, "text/html; charset=utf-8")
    }
    assert all("location" not in one.headers and "desk.polri" not in one.text for one in answers)
    assert (await budi.open(request_uri)).status_code == 200


async def test_without_a_login_the_browser_is_sent_to_log_in_and_comes_back(desk):
    browser = Browser(desk)
    request_uri = await pushed(desk)

    sent = await browser.open(request_uri)
    url = urlsplit(sent.headers["location"])
    (return_to,) = parse_qs(url.query)["return_to"]
    desk.clock.forward(minutes=5)
    await browser.log_in()
    page = await browser.http.get(return_to)

    assert (sent.status_code, url.path) == (303, "/oauth/login")
    assert parse_qs(urlsplit(return_to).query).keys() == {"client_id", "request_uri"}
    assert page.status_code == 200
    assert "code" in back(await browser.decide(page))


async def test_a_request_that_no_browser_came_with_is_over_after_a_minute(desk, budi):
    request_uri = await pushed(desk)
    desk.clock.forward(seconds=60)

    assert (await budi.open(request_uri)).status_code == 400


async def test_a_login_may_take_ten_minutes_and_no_longer(desk):
    browser = Browser(desk)
    request_uri = await pushed(desk)
    await browser.open(request_uri)

    desk.clock.forward(minutes=10)
    await browser.log_in()

    assert (await browser.open(request_uri)).status_code == 400


async def test_a_request_belongs_to_the_browser_that_came_first(desk, budi):
    thief = Browser(desk)
    await thief.log_in()
    request_uri = await pushed(desk)

    await budi.open(request_uri)
    stolen = await thief.open(request_uri)
    again = await budi.open(request_uri)

    assert (stolen.status_code, again.status_code) == (400, 200)


async def test_looking_at_headers_opens_nothing(desk, budi):
    request_uri = await pushed(desk)
    query = {"client_id": CLIENT, "request_uri": request_uri}

    looked = await Browser(desk).http.head("/oauth/authorize", params=query)

    assert looked.status_code == 400
    assert (await budi.open(request_uri)).status_code == 200


@pytest.mark.parametrize("decision", ["allow", "refuse"])
async def test_a_request_is_decided_on_once(desk, budi, decision):
    request_uri = await pushed(desk)
    page = await budi.open(request_uri)
    await budi.decide(page, decision)

    assert (await budi.decide(page, decision)).status_code == 400
    assert (await budi.open(request_uri)).status_code == 400


async def test_of_two_clicks_at_the_same_moment_one_gives_a_code(desk, budi):
    page = await budi.open(await pushed(desk))

    answers = await asyncio.gather(budi.decide(page), budi.decide(page))

    assert sorted(answer.status_code for answer in answers) == [303, 400]


async def test_a_refusal_goes_back_with_state_and_issuer(desk, budi):
    page = await budi.open(await pushed(desk))

    answer = back(await budi.decide(page, "refuse"))

    assert answer == {
        "error": "access_denied",
        "error_description": "The person has refused.",
        "state": "state-of-the-client",
        "iss": ISSUER,
    }


FORGED = {
    "no token": {"csrf": ""},
    "another token": {"csrf": "0" * 64},
    "not ASCII": {"csrf": "é"},
    "from elsewhere": {"headers": {"sec-fetch-site": "cross-site"}},
    "from a sibling": {"headers": {"sec-fetch-site": "same-site"}},
}


@pytest.mark.parametrize("fault", FORGED)
async def test_a_decision_that_is_not_from_our_page_is_none(desk, budi, fault):
    page = await budi.open(await pushed(desk))

    forged = await budi.decide(page, **FORGED[fault])
    real = await budi.decide(page, headers={"sec-fetch-site": "same-origin"})

    assert (forged.status_code, "location" in forged.headers) == (403, False)
    assert "code" in back(real)


async def test_a_decision_s_token_is_worth_nothing_for_another_request_or_login(desk, budi):
    one, two = await pushed(desk), await pushed(desk)
    page = await budi.open(one)
    await budi.open(two)

    other_request = await budi.decide(page, request_uri=two)
    desk.clock.forward(seconds=1)
    await budi.log_in()
    other_login = await budi.decide(page)

    assert [other_request.status_code, other_login.status_code] == [403, 403]


async def test_a_decision_after_the_login_has_ended_is_no_decision(desk, budi):
    page = await budi.open(await pushed(desk))
    del budi.http.cookies[desk.server.logins.cookies.login]

    answer = await budi.decide(page)

    assert (answer.status_code, "location" in answer.headers) == (400, False)


async def test_a_host_that_is_no_host_changes_nothing(desk, budi):
    request_uri = await pushed(desk)

    assert (await budi.open(request_uri, host="[")).status_code == 200


@pytest.mark.parametrize("content", [b"{}", b"\xff", b"client_id=a&client_id=b"])
async def test_a_decision_that_is_no_form_is_a_page(budi, content):
    form = {"content-type": "application/x-www-form-urlencoded"}

    answer = await budi.http.post("/oauth/authorize", content=content, headers=form)

    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/html; charset=utf-8")


async def test_the_page_says_who_asks_for_what_and_why_in_the_reader_s_language(desk, budi):
    request_uri = await pushed(desk, scope="case:read victim.identity:read")

    indonesian = await budi.open(request_uri)
    english = await budi.open(request_uri, **{"accept-language": "en-GB,en;q=0.9,id;q=0.8"})

    for page, words in (
        (
            indonesian,
            [
                '<html lang="id">',
                "Izinkan akses?",
                "Police case system",
                "Membaca identitas korban",
                "Membaca fakta kasus",
                "Penyelidikan dan penyidikan",
                "Izinkan",
                "Tolak",
            ],
        ),
        (
            english,
            [
                '<html lang="en">',
                "Allow access?",
                "Police case system",
                "Read the identity of victims",
                "Investigation",
                "Refuse",
            ],
        ),
    ):
        assert [word for word in words if word not in page.text] == []
    assert "Membaca korban secara pseudonim" not in indonesian.text


async def test_the_page_runs_nothing_and_is_kept_and_framed_nowhere(desk, budi):
    page = await budi.open(await pushed(desk))

    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    assert policy.pop("style-src").startswith("'sha256-")
    assert policy == {
        "default-src": "'none'",
        "form-action": "'self' https://desk.polri.example",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    assert "<script" not in page.text
    assert {
        name: page.headers[name] for name in ("cache-control", "referrer-policy", "x-content-type-options")
    } == {
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
    cookie = page.headers["set-cookie"]
    assert cookie.startswith("__Host-hub-authorize=")
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))


async def test_markup_in_a_client_s_name_is_text(hub):
    await hub.register(
        client_id=CLIENT, description="<script>x</script>", redirect_uris=(REDIRECT,), holds={}
    )
    await hub.run(enrol, hub.clock(), PERSON, "POLRI", scopes=["case:read", "victim:read"])
    await hub.keys.fresh()
    browser = Browser(hub)
    await browser.log_in()

    page = await browser.open(await pushed(hub))

    assert "&lt;script&gt;x&lt;/script&gt;" in page.text
    assert "<script" not in page.text


PERSON_FAULTS = {
    "more than the person holds": ({"scope": "case:read document:read"}, "invalid_scope"),
    "a scope for systems": ({"scope": "connector:run"}, "invalid_scope"),
    "another purpose": ({"purpose": "protection"}, "invalid_scope"),
}


@pytest.mark.parametrize("fault", PERSON_FAULTS)
async def test_what_a_person_does_not_hold_goes_back_as_an_error_with_issuer(desk, budi, fault):
    changes, word = PERSON_FAULTS[fault]

    answer = back(await budi.open(await pushed(desk, **changes)))

    assert (answer["error"], answer["iss"], answer["state"]) == (word, ISSUER, "state-of-the-client")
    assert "document" not in answer["error_description"]


async def test_what_a_client_may_ask_for_itself_opens_nothing_for_a_person(desk, budi):
    await desk.run(grant, desk.clock(), CLIENT, scopes=["document:read"], purposes=["investigation"])

    assert back(await budi.open(await pushed(desk, scope="document:read")))["error"] == "invalid_scope"


async def test_officers_scopes_are_for_persons(hub):
    await settle(hub, scopes=["scope:manage"], purposes=["subject-request"])
    browser = Browser(hub)
    await browser.log_in()

    code = await browser.allow(await pushed(hub, scope="scope:manage", purpose=None))

    assert (await redeem(hub, code)).json()["scope"] == "scope:manage"


async def test_a_client_of_another_agency_than_the_person_s_is_refused(hub):
    await settle(hub, agency="IMIGRASI")
    await hub.register(
        client_id="anyone", agency=None, bearer_allowed=False, redirect_uris=(REDIRECT,), holds={}
    )
    browser = Browser(hub)
    await browser.log_in()

    other = back(await browser.open(await pushed(hub)))
    of_none = await browser.open(await pushed(hub, client_id="anyone"), "anyone")

    assert (other["error"], other["iss"]) == ("access_denied", ISSUER)
    assert of_none.status_code == 200


async def test_a_person_who_is_suspended_and_a_client_that_is_get_nothing(desk, budi):
    one, two = await pushed(desk), await pushed(desk)
    await budi.open(one)

    await desk.run(accounts.suspend, PERSON, desk.clock())
    of_person = await budi.open(one)
    await desk.run(clients.suspend, CLIENT, desk.clock())
    of_client = await budi.open(two)

    assert of_person.headers["location"].startswith(
        f"{ISSUER}/oauth/login"
    )  # a suspended person has no login
    assert of_client.status_code == 400


async def test_max_age_sends_an_old_login_to_log_in_again_and_a_new_one_is_taken(desk, budi):
    desk.clock.forward(seconds=61)
    old, any_age = await pushed(desk, max_age="60"), await pushed(desk)

    again = await budi.open(old)
    taken = await budi.open(any_age)
    desk.clock.forward(seconds=30)
    await budi.log_in()
    desk.clock.forward(seconds=30)
    after = await budi.open(old)

    assert parse_qs(urlsplit(again.headers["location"]).query)["max_age"] == ["60"]
    assert (taken.status_code, after.status_code) == (200, 200)


async def test_max_age_zero_is_met_by_a_login_made_for_the_request(desk, budi):
    desk.clock.forward(seconds=30)
    request_uri = await pushed(desk, max_age="0")

    first = await budi.open(request_uri)
    desk.clock.forward(seconds=20)
    await budi.log_in()

    assert (first.status_code, (await budi.open(request_uri)).status_code) == (303, 200)


async def test_a_level_of_login_that_is_not_met_is_told_after_a_new_login(desk, budi):
    desk.clock.forward(seconds=30)
    request_uri = await pushed(desk, acr_values="high higher")

    first = await budi.open(request_uri)
    desk.clock.forward(seconds=20)
    await budi.log_in()
    weak = back(await budi.open(request_uri))
    await budi.log_in(acr="high")
    strong = await budi.open(await pushed(desk, acr_values="high higher"))

    assert parse_qs(urlsplit(first.headers["location"]).query)["max_age"] == ["0"]
    assert weak["error"] == "unmet_authentication_requirements"
    assert strong.status_code == 200


REDEEM_FAULTS = {
    "no code": ({"code": None}, "invalid_request"),
    "another code": ({"code": "x" * 43}, "invalid_grant"),
    "another redirect_uri": ({"redirect_uri": "https://evil.example/back"}, "invalid_grant"),
    "no redirect_uri": ({"redirect_uri": None}, "invalid_grant"),
    "no verifier": ({"code_verifier": None}, "invalid_request"),
    "another verifier": ({"code_verifier": "w" * 43}, "invalid_grant"),
    "short verifier": ({"code_verifier": "v" * 42}, "invalid_request"),
    "the challenge as verifier": (
        {"code_verifier": "7w_YNF9DSfIdPf_pRjSq646_kPr-2-o9NAl16JGghdM"},
        "invalid_grant",
    ),
    "another key": ({"key": "ps256"}, "invalid_grant"),
    "no proof": ({"key": None}, "invalid_request"),
    "another resource": ({"resource": "https://evil.example"}, "invalid_target"),
}


@pytest.mark.parametrize("fault", REDEEM_FAULTS)
async def test_a_code_with_one_fault_is_refused_and_stays_good_for_its_client(desk, budi, fault):
    code = await budi.allow(await pushed(desk))
    changes, word = REDEEM_FAULTS[fault]

    refused = await redeem(desk, **({"code": code} | changes))
    good = await redeem(desk, code)

    assert error(refused) == (400, word)
    assert "evil" not in refused.text
    assert good.status_code == 200, good.text


async def test_a_code_is_worth_nothing_to_another_client(desk, budi):
    await desk.register(client_id="thief", bearer_allowed=False, redirect_uris=(REDIRECT,))
    code = await budi.allow(await pushed(desk))

    stolen = await redeem(desk, code, client_id="thief")

    assert error(stolen) == (400, "invalid_grant")
    assert (await redeem(desk, code)).status_code == 200


async def test_a_code_is_over_after_a_minute(desk, budi):
    code = await budi.allow(await pushed(desk))
    desk.clock.forward(seconds=60)

    assert error(await redeem(desk, code)) == (400, "invalid_grant")


async def test_the_second_use_of_a_code_withdraws_what_the_first_one_gave(desk, budi):
    code = await budi.allow(await pushed(desk))
    token = (await redeem(desk, code)).json()["access_token"]

    async def use():
        sent = proof(desk.clock(), desk.server.nonces.current(), htu=AUDIENCE, token=token)
        return await desk.verifier.verify(f"DPoP {token}", proofs=[sent])

    await use()
    second = await redeem(desk, code)

    assert error(second) == (400, "invalid_grant")
    with pytest.raises(NotAuthenticated, match="withdrawn"):
        await use()


async def test_of_two_that_redeem_at_the_same_moment_one_gets_a_token_and_it_is_withdrawn(desk, budi):
    code = await budi.allow(await pushed(desk))

    answers = await asyncio.gather(redeem(desk, code), redeem(desk, code))

    async with desk.engine.connect() as connection:
        withdrawn = (await connection.execute(text("SELECT count(*) FROM revoked_token"))).scalar_one()
    assert sorted(answer.status_code for answer in answers) == [200, 400]
    assert withdrawn == 1


async def test_what_is_withdrawn_between_consent_and_token_is_not_issued(desk, budi):
    code = await budi.allow(await pushed(desk))

    await desk.run(accounts.suspend, PERSON, desk.clock())

    assert error(await redeem(desk, code)) == (400, "invalid_grant")


async def test_a_request_pushed_without_a_proof_may_name_the_key_or_leave_it_open(desk, budi):
    jkt = thumbprint_of(PRIVATE["es256"])
    named = await budi.allow(await pushed(desk, key=None, dpop_jkt=jkt))
    open_to_all = await budi.allow(await pushed(desk, key=None))

    assert error(await redeem(desk, named, key="ed25519")) == (400, "invalid_grant")
    assert (await redeem(desk, named)).status_code == 200
    assert (await redeem(desk, open_to_all, key="ed25519")).status_code == 200


async def test_nothing_that_opens_anything_is_kept_as_it_is(desk, budi):
    request_uri = await pushed(desk)
    page = await budi.open(request_uri)
    cookie = budi.http.cookies["__Host-hub-authorize"]

    async with desk.engine.connect() as connection:
        rows = str((await connection.execute(text("SELECT * FROM pushed_request"))).all())
    code = back(await budi.decide(page))["code"]
    async with desk.engine.connect() as connection:
        rows += str((await connection.execute(text("SELECT * FROM authorization_code"))).all())

    assert [secret for secret in (request_uri, cookie, code) if secret in rows] == []


async def test_where_nobody_logs_in_there_is_no_such_endpoint(hub):
    systems = Server(
        engine=hub.engine,
        issuer=ISSUER,
        audience=AUDIENCE,
        keys=hub.keys,
        revocations=hub.revocations,
        clock=hub.clock,
    )

    assert "authorization_endpoint" not in systems.metadata
    assert "/oauth/authorize" not in {route.path for route in Starlette(routes=routes(systems)).routes}

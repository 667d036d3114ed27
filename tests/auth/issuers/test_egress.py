"""The way out: which addresses may be asked, and that the one that was judged is the one that is asked."""

import asyncio
import gzip
import ssl

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from auth.egress import MAX_BYTES, Answer, Egress, EgressRefused, is_allowed
from tests.auth.issuers.foreign import listen, serving
from tests.vouching import certificate

__all__ = ["certificate"]

REFUSED = [
    "127.0.0.1", "127.255.255.254", "0.0.0" + ".0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1",
    "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:7f00:1::1", "2001:db8::1", "no address", "",
]  # fmt: skip


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_is_not_public_is_refused(address):
    assert not is_allowed(address, loopback=False)


@pytest.mark.parametrize("address", ["8.8.8.8", "103.10.10.10", "2606:4700::1111"])
def test_a_public_address_may_be_asked_and_not_as_loopback(address):
    assert is_allowed(address, loopback=False)
    assert not is_allowed(address, loopback=True)


@pytest.mark.parametrize(
    "url",
    [
        "https://169.254.169.254/latest/meta-data/",
        "https://127.0.0.1/a",
        "https://127.1/a",
        "https://0x7f000001/a",
        "https://2130706433/a",
        "https://017700000001/a",
        "https://[::ffff:127.0.0.1]/a",
        "https://[::1]/a",
        "https://localhost/a",
        "https://10.0.0.1/a",
    ],
)
async def test_no_spelling_of_an_inner_address_is_asked(url):
    with pytest.raises(EgressRefused, match=r"no address, or one that may not be asked|cannot be reached"):
        await Egress().get(url, loopback=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://sso.example/a",
        "ftp://sso.example/a",
        "file:///etc/passwd",
        "https://user:secret@sso.example/a",
        "https://sso.example/a#b",
        "https://",
        "sso.example",
        "https://sso.example\\@127.0.0.1/",
        "https://sso.example/ a",
        "https://sso.example:99999/",
    ],
)
async def test_an_address_that_is_not_plain_https_is_refused_before_its_name_is_looked_up(url):
    with pytest.raises(EgressRefused, match=r"malformed|not https"):
        await Egress(lookup=nobody).get(url, loopback=False)


async def nobody(host, port):
    raise AssertionError(f"{host}:{port} was looked up")


def names(*answers):
    """A resolver that answers otherwise each time, and what it was asked."""
    asked = []

    async def lookup(host, port):
        asked.append((host, port))
        return answers[min(len(asked), len(answers)) - 1]

    return lookup, asked


async def test_a_name_with_one_inner_address_among_public_ones_is_refused():
    lookup, _ = names(["8.8.8.8", "127.0.0.1"])

    with pytest.raises(EgressRefused, match="may not be asked"):
        await Egress(lookup=lookup).get("https://sso.example/a", loopback=False)


async def test_a_name_without_an_address_is_refused():
    lookup, _ = names([])

    with pytest.raises(EgressRefused, match="no address"):
        await Egress(lookup=lookup).get("https://sso.example/a", loopback=False)


async def echo(request: Request) -> Response:
    return JSONResponse({"host": request.headers["host"], "form": (await request.body()).decode()})


def app() -> Starlette:
    async def redirect(_: Request) -> Response:
        return RedirectResponse("/echo")

    async def endless(_: Request) -> Response:
        async def body():
            for _ in range(2 + MAX_BYTES // 65_536):
                yield b" " * 65_536

        return StreamingResponse(body(), media_type="application/json")

    async def slow(_: Request) -> Response:
        await asyncio.sleep(1)
        return JSONResponse({})

    async def bomb(_: Request) -> Response:
        return Response(
            gzip.compress(b'{"a": "' + b" " * 10_000 + b'"}'), headers={"content-encoding": "gzip"}
        )

    async def rubbish(_: Request) -> Response:
        return Response(b"[" * 50_000)

    async def listed(_: Request) -> Response:
        return JSONResponse([1])

    async def failing(_: Request) -> Response:
        return Response(b"<html>", 500)

    return Starlette(
        routes=[
            Route("/echo", echo, methods=["GET", "POST"]),
            *(
                Route(f"/{one.__name__}", one)
                for one in (redirect, endless, slow, bomb, rubbish, listed, failing)
            ),
        ]
    )


@pytest.fixture
async def there():
    with listen() as listener:
        async with serving(app(), listener):
            yield listener.getsockname()[1]


async def test_a_name_that_answers_otherwise_a_moment_later_changes_nothing(there):
    lookup, asked = names(["127.0.0.1"], ["127.0.0.2"])

    answer = await Egress(lookup=lookup).post(
        f"http://rebind.example:{there}/echo", {"a": "b"}, loopback=True
    )

    assert answer == Answer(200, {"host": f"rebind.example:{there}", "form": "a=b"})
    assert asked == [("rebind.example", there)]


async def test_where_nobody_is_at_the_first_address_the_next_one_is_asked(there):
    lookup, _ = names(["127.0.0.9", "127.0.0.1"])

    answer = await Egress(lookup=lookup).get(f"http://sso.example:{there}/echo", loopback=True)

    assert answer.status == 200


async def test_loopback_is_asked_only_where_the_row_says_so(there):
    with pytest.raises(EgressRefused, match="not https"):
        await Egress().get(f"http://127.0.0.1:{there}/echo", loopback=False)
    with pytest.raises(EgressRefused, match="may not be asked"):
        await Egress().get("http://169.254.169.254/", loopback=True)


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("redirect", "it redirects"),
        ("endless", "too large"),
        ("slow", "in time"),
        ("bomb", "not a JSON object"),
        ("rubbish", "not a JSON object"),
        ("listed", "not a JSON object"),
    ],
)
async def test_an_answer_is_bounded_and_followed_nowhere(there, path, problem):
    with pytest.raises(EgressRefused, match=problem):
        await Egress(timeout_s=0.5).get(f"http://127.0.0.1:{there}/{path}", loopback=True)


async def test_an_error_is_told_by_its_status(there):
    assert await Egress().get(f"http://127.0.0.1:{there}/failing", loopback=True) == Answer(500, {})


async def test_nobody_behind_the_address_is_no_error_of_ours():
    with listen() as listener:
        port = listener.getsockname()[1]

    with pytest.raises(EgressRefused, match="cannot be reached"):
        await Egress().get(f"http://127.0.0.1:{port}/", loopback=True)


async def test_no_proxy_of_the_environment_is_used(there, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")

    answer = await Egress().get(f"http://127.0.0.1:{there}/echo", loopback=True)

    assert answer.status == 200


async def test_the_certificate_is_verified_for_the_name_though_the_address_is_asked(certificate):
    pem, private = certificate
    lookup, _ = names(["127.0.0.1"])
    trusting = ssl.create_default_context(cafile=pem)
    with listen() as listener:
        port = listener.getsockname()[1]
        async with serving(app(), listener, ssl_certfile=pem, ssl_keyfile=private):
            answer = await Egress(lookup=lookup, context=trusting).get(
                f"https://sso.example:{port}/echo", loopback=True
            )
            for name, context in (("other.example", trusting), ("sso.example", None)):
                with pytest.raises(EgressRefused, match="certificate is not valid"):
                    await Egress(lookup=lookup, context=context).get(
                        f"https://{name}:{port}/echo", loopback=True
                    )

    assert answer == Answer(200, {"host": f"sso.example:{port}", "form": ""})

"""What a browser is given at /graphql, and what anybody else is given there."""

import gzip
import hashlib
import re
from pathlib import Path

import httpx
import pytest

from hub import assets
from hub.demo import tour
from hub.demo.clients import DEMO_CLIENTS
from hub.graphql import explorer
from hub.graphql.explorer.examples import EXAMPLES
from hub.sandbox.sso import OFFICES

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
VENDOR = explorer.FOLDER / "vendor"
SERVED = sorted(
    path.relative_to(explorer.FOLDER).as_posix()
    for path in explorer.FOLDER.rglob("*")
    if path.suffix in assets.MEDIA_TYPES
)
OF_OTHERS = ("unpkg.com", "jsdelivr.net", "cdnjs.", "esm.sh", "googleapis.com", "gstatic.com", "skypack.dev")


@pytest.fixture
def http(serving):
    with httpx.Client(base_url=serving.url) as client:
        yield client


def security(response: httpx.Response) -> dict[str, str | None]:
    names = (
        "Cache-Control",
        "Content-Security-Policy",
        "Content-Type",
        "Cross-Origin-Opener-Policy",
        "Referrer-Policy",
        "Vary",
        "X-Content-Type-Options",
    )
    return {name: response.headers.get(name) for name in names}


def test_a_browser_is_given_the_page(http):
    response = http.get("/graphql", headers={"Accept": BROWSER})

    assert response.status_code == 200
    assert security(response) == {
        "Cache-Control": "no-store",
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
            "font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
        ),
        "Content-Type": "text/html; charset=utf-8",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "Vary": "Accept",
        "X-Content-Type-Options": "nosniff",
    }
    assert response.text == explorer.PAGE.read_text()


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json", "*/*"])
def test_whoever_does_not_ask_for_a_page_is_told_to_post(http, accept):
    response = http.get("/graphql", headers={"Accept": accept})

    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    assert response.json() == {
        "errors": [{"message": "send queries by POST", "extensions": {"code": "BAD_USER_INPUT"}}]
    }


@pytest.mark.parametrize(("accept", "status"), [(BROWSER, 200), ("application/json", 405)])
def test_a_query_in_an_address_never_runs(http, serving, accept, status):
    headers = {"Accept": accept, "Authorization": f"Bearer {serving.token('officer-pdp')}"}

    response = http.get("/graphql", params={"query": "{ me { clientId } }"}, headers=headers)

    assert response.status_code == status
    assert "officer-pdp" not in response.text


@pytest.mark.parametrize("name", SERVED)
def test_a_file_is_served_as_it_is_and_revalidated(http, name):
    plain = (explorer.FOLDER / name).read_bytes()

    unpacked = http.get(f"/explorer/{name}")
    whole = http.get(f"/explorer/{name}", headers={"Accept-Encoding": "identity"})
    again = http.get(f"/explorer/{name}", headers={"If-None-Match": unpacked.headers["ETag"]})

    assert unpacked.content == whole.content == plain
    assert (unpacked.headers.get("Content-Encoding"), whole.headers.get("Content-Encoding")) == ("gzip", None)
    assert unpacked.headers["ETag"] != whole.headers["ETag"]
    assert (again.status_code, again.content) == (304, b"")
    assert unpacked.headers["Content-Type"] == assets.MEDIA_TYPES[Path(name).suffix]
    assert [
        unpacked.headers[header]
        for header in ("Cache-Control", "X-Content-Type-Options", "Referrer-Policy", "Vary")
    ] == ["no-cache", "nosniff", "no-referrer", "Accept-Encoding"]


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "gzip"),
        ("br;q=1.0, gzip;q=0.8", "gzip"),
        ("GZIP", "gzip"),
        ("gzip;q=0", None),
        ("gzip; q=0.000", None),
        ("deflate", None),
        ("x-gzip-like", None),
        ("gzip;q=?", None),
    ],
)
def test_a_file_is_compressed_for_whoever_takes_it(http, accepted, encoding):
    response = http.get("/explorer/main.js", headers={"Accept-Encoding": accepted})

    assert (response.status_code, response.headers.get("Content-Encoding")) == (200, encoding)


@pytest.mark.parametrize(
    "path",
    [
        "/explorer/",
        "/explorer/nothing.js",
        "/explorer/../page.html",
        "/explorer/..%2f..%2f..%2fapp.py",
        "/explorer/%2e%2e/__init__.py",
        "/explorer//etc/passwd",
        "/explorer/vendor/README.md",
    ],
)
def test_nothing_else_is_served(http, path):
    assert http.get(path).status_code == 404


def test_the_examples_are_those_of_the_demo(http):
    served = http.get("/explorer/examples.json").json()

    assert tuple(example["query"] for example in served) == tour.QUERIES
    assert {example["client_id"] for example in served} <= {client.client_id for client in DEMO_CLIENTS}
    assert {example["office"] for example in served} <= {office.title for office in OFFICES}
    assert [sorted(example.who) == sorted(example.what) == ["en", "id"] for example in EXAMPLES] == [True] * 3


def test_vendored_files_are_those_that_the_readme_names():
    named = dict(
        re.findall(
            r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", (VENDOR / "README.md").read_text(), re.MULTILINE
        )
    )
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.iterdir()
        if path.name not in {"README.md", ".gitattributes"}
    }

    assert named == found


@pytest.mark.parametrize("name", [*SERVED, "../page.html"])
def test_no_file_is_fetched_from_elsewhere(name):
    text = (explorer.FOLDER / name).read_text()
    fetched = re.findall(
        r"""(?:url\(\s*["']?|@import\s*["']|\bfrom\s*["']|\bimport\(\s*["']|<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=["'])([^"')\s>]+)""",
        text,
    )

    assert [address for address in fetched if re.match(r"(?:[a-z]+:)?//", address)] == []
    assert [host for host in OF_OTHERS if host in text] == []


def test_both_languages_have_the_same_texts():
    text = (explorer.FOLDER / "texts.js").read_text()
    english, indonesian = text.split("\n  en: {\n")[1].split("\n  id: {\n")

    keys = [re.findall(r"^ +(\w+):", half, re.MULTILINE) for half in (english, indonesian)]

    assert keys[0] == keys[1]
    assert len(keys[0]) > 50


def test_what_is_sent_compressed_is_small():
    sizes = {name: len(gzip.compress((explorer.FOLDER / name).read_bytes())) for name in SERVED}

    assert sum(sizes.values()) < 900_000

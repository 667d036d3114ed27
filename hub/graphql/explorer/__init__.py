"""The explorer: a page on which people try queries, served to browsers, with every asset of our own.

Map:
    page.html   the page; it holds no data
    assets      its style and scripts, as the browser loads them: no build step; assets/vendor is of others
    examples    queries to try, one for each kind of user
"""

from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from hub.assets import Assets
from hub.graphql.explorer.examples import EXAMPLES

ASSETS: Final = "/explorer"
FOLDER: Final = Path(__file__).resolve().parent / "assets"
PAGE: Final = FOLDER.with_name("page.html")
POLICY: Final = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "connect-src 'self'; "
    "img-src 'self' data:; "
    "font-src 'self'; "
    "frame-ancestors 'none'; "
    "base-uri 'none'; "
    "form-action 'none'"
)
"""The page's Content-Security-Policy: whatever text an answer holds, it can neither run nor send the token away."""
_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Cache-Control": "no-store",
        "Content-Security-Policy": POLICY,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "Vary": "Accept",
        "X-Content-Type-Options": "nosniff",
    }
)


def is_page_wanted(request: Request) -> bool:
    """True for a browser that opens the address, not for a client that asks for JSON."""
    return "text/html" in request.headers.get("accept", "")


def page() -> Response:
    """The page; it holds no data and asks for a token before it asks the hub anything."""
    return Response(_text(), headers=_HEADERS, media_type="text/html")


def explorer_routes() -> list[BaseRoute]:
    """Where the page's assets and examples are."""
    return [
        Route(f"{ASSETS}/examples.json", _examples, methods=["GET"]),
        Route(f"{ASSETS}/{{path:path}}", Assets(FOLDER).answer, methods=["GET"]),
    ]


@cache
def _text() -> str:
    return PAGE.read_text(encoding="utf-8")


async def _examples(_: Request) -> Response:
    headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    return JSONResponse([asdict(example) for example in EXAMPLES], headers=headers)

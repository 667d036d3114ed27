"""The explorer: a page on which people try queries, served to browsers, with every asset of our own."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

_HERE = Path(__file__).resolve().parent
ASSETS = "/explorer"


def is_page_wanted(request: Request) -> bool:
    """True for a browser that opens the address, not for a client that asks for JSON."""
    return "text/html" in request.headers.get("accept", "")


def page() -> Response:
    """The page; it holds no data and asks for a token before it asks the hub anything."""
    return FileResponse(_HERE / "page.html", media_type="text/html; charset=utf-8")


def explorer_routes() -> list[BaseRoute]:
    """Where the page's assets are."""
    return [Mount(ASSETS, StaticFiles(directory=_HERE / "assets"))]

"""Files of the hub's own pages as browsers are given them: compressed once, and revalidated by what is in them.

Source: RFC 9110 sections 8.8.3 (ETag), 12.5.3 (Accept-Encoding) and 13.1.2 (If-None-Match).
"""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

MEDIA_TYPES: Mapping[str, str] = MappingProxyType(
    {
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".svg": "image/svg+xml",
        ".txt": "text/plain; charset=utf-8",
    }
)
"""What is served, by the ending of its name; a file of any other kind is not."""
_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        # Kept by the browser, asked for again each time and answered with 304: a new release is never half old.
        "Cache-Control": "no-cache",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
)
_GZIP: Final = re.compile(r"(?:^|,)\s*gzip\s*(?:$|,|;\s*q=(?:1|0\.0*[1-9]))")
"""Of Accept-Encoding; a weight of nought refuses it."""


@dataclass(frozen=True, slots=True)
class _File:
    """A file with its compressed form; the two are different representations and have different tags."""

    media_type: str
    plain: bytes
    compressed: bytes
    tag: str

    def answer(self, request: Request) -> Response:
        """The file, or 304 where the browser has it already."""
        encoded = _takes_gzip(request.headers.get("accept-encoding", ""))
        tag = f'"{self.tag}-gzip"' if encoded else f'"{self.tag}"'
        headers = {**_HEADERS, "ETag": tag}
        if tag in {
            one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")
        }:
            return Response(status_code=304, headers=headers)
        if encoded:
            headers["Content-Encoding"] = "gzip"
        return Response(
            self.compressed if encoded else self.plain, headers=headers, media_type=self.media_type
        )


class Assets:
    """The files of one folder.

    Args:
        folder: what is below it is public.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def answer(self, request: Request) -> Response:
        """One of the files, by its path below the folder, which the route calls `path`."""
        found = self._files.get(request.path_params["path"])
        return PlainTextResponse("there is no such file\n", 404) if found is None else found.answer(request)

    @cached_property
    def _files(self) -> Mapping[str, _File]:
        """Every file by its path, read at the first request; a path of a request is only ever looked up here."""
        return {
            path.relative_to(self._folder).as_posix(): _file(path)
            for path in self._folder.rglob("*")
            if path.suffix in MEDIA_TYPES
        }


def _file(path: Path) -> _File:
    plain = path.read_bytes()
    return _File(
        media_type=MEDIA_TYPES[path.suffix],
        plain=plain,
        compressed=gzip.compress(plain, mtime=0),
        tag=hashlib.sha256(plain).hexdigest()[:32],
    )


def _takes_gzip(accepted: str) -> bool:
    return _GZIP.search(accepted.lower()) is not None

"""A form as a browser sends it: bounded, each field a list of texts, nothing believed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request

MOST_BYTES: Final = 64 * 1024
_MOST_FIELDS: Final = 800
"""Every regency of the country can be ticked."""
_DAY: Final = re.compile(r"20\d\d-\d\d-\d\d", re.ASCII)
_TYPE: Final = "application/x-www-form-urlencoded"


class FormMalformed(Exception):
    """The request carries no form of the console's."""


@dataclass(frozen=True, slots=True)
class Form:
    """Fields by name; the texts of one name in their order."""

    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def text(self, name: str) -> str:
        """The field's text, without spaces around it; empty where it is missing or stands twice."""
        found = self.fields.get(name, ())
        return found[0].strip() if len(found) == 1 else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """All that was ticked, each once."""
        return tuple(dict.fromkeys(self.fields.get(name, ())))

    def day(self, name: str) -> date | None:
        """The day, as a date field sends it; None where it is none."""
        return day_of(self.text(name))

    def number(self, name: str) -> int | None:
        """The number; None where it is none of at most six digits."""
        text = self.text(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None  # noqa: PLR2004 -- more no version has


def day_of(text: str) -> date | None:
    """The day, as a date field sends it; None where it is none of this century."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


async def read(http: Request) -> Form:
    """The form of a request.

    Raises:
        FormMalformed: it is too long, of another type, or not of texts.
    """
    body = bytearray()
    async for chunk in http.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise FormMalformed
    if body and http.headers.get("content-type", "").partition(";")[0].strip().lower() != _TYPE:
        raise FormMalformed
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise FormMalformed from None
    fields: dict[str, tuple[str, ...]] = {}
    for name, text in pairs:
        if "\0" in text:
            raise FormMalformed
        fields[name] = (*fields.get(name, ()), text.replace("\r\n", "\n"))
    return Form(fields)

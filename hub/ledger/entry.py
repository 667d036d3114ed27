"""What the ledger says of one operation, and the bytes that are hashed and sealed."""

import re
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from typing import Final, Literal, get_args

import orjson

from hub.ledger.evidence import moment

Kind = Literal["query", "decision", "emergency", "export", "delivery"]
Outcome = Literal["answered", "refused", "failed"]

FORM: Final = 2
"""Of the body, in its member `form`; whoever reads it years later knows by it which members there are: 1 had no `as_of`."""

_SHA_256 = re.compile(r"[0-9a-f]{64}")
_COORDINATE = re.compile(r"\w+(\.\w+)*", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One operation. It has no identity, no variables and no free text of a caller.

    Attributes:
        request_id: leads from the answer to here.
        at: aware.
        kind: of the operation.
        client_id: who asked.
        account_id: the person who asked by that client, if one did.
        agency: for which they asked.
        purpose: of the token.
        grants: that opened it, as `uuid/version`.
        outcome: whether it was answered.
        code: of the error, if it was not.
        operation: SHA-256 of the document, in hex.
        coordinates: used anywhere in it (`Victim.status`), sorted, each once.
        subjects: pseudonyms of the persons returned, listed or counted.
        row_count: rows returned.
        counted: rows counted and not returned, where the operation counts.
        about: id of the grant, emergency, exclusion or case that it is about.
        release: of the published statistics that it read.
        as_of: moments of the past that it asked for, in order, each once.

    Raises:
        ValueError: a member does not have its form; a text of a caller would not.
    """

    request_id: str
    at: datetime
    kind: Kind
    client_id: str
    account_id: str | None = None
    agency: str | None = None
    purpose: str
    grants: tuple[str, ...] = ()
    outcome: Outcome
    code: str | None = None
    operation: str | None = None
    coordinates: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    row_count: int = 0
    counted: int | None = None
    about: str | None = None
    release: str | None = None
    as_of: tuple[datetime, ...] = ()

    def __post_init__(self) -> None:
        """Every member has its form.

        Raises:
            ValueError: one has not.
        """
        if self.kind not in get_args(Kind) or self.outcome not in get_args(Outcome):
            raise ValueError("kind and outcome are words of their lists")
        if any(one.tzinfo is None for one in (self.at, *self.as_of)):
            raise ValueError("a moment is not aware")
        if list(self.as_of) != sorted(set(self.as_of)):
            raise ValueError("moments are not in order, or one stands twice")
        if self.operation is not None and not _SHA_256.fullmatch(self.operation):
            raise ValueError("operation is not a SHA-256 in hex")
        _require_coordinates(self.coordinates)

    def body(self) -> bytes:
        """The entry as it is stored, hashed and sealed: JSON by RFC 8785."""
        members = {one: getattr(self, one) for one in _MEMBERS}
        moments = {"at": moment(self.at), "as_of": [moment(one) for one in self.as_of]}
        return canonical({**members, **moments, "form": FORM})


_MEMBERS: Final = tuple(field.name for field in fields(Entry))


@lru_cache(maxsize=1024)
def _require_coordinates(coordinates: tuple[str, ...]) -> None:
    """Returns if they are a set in its order. One operation has the same each time, and they are looked at once.

    Raises:
        ValueError: they are not.
    """
    if list(coordinates) != sorted(set(coordinates)):
        raise ValueError("coordinates are not sorted, or one stands twice")
    if not all(map(_COORDINATE.fullmatch, coordinates)):
        raise ValueError("a coordinate is not names joined by dots")


def canonical(value: object) -> bytes:
    """JSON by RFC 8785 of texts, ints below 2**53, bools, None, and of lists and objects of these.

    orjson is right for exactly these: it escapes as RFC 8785 section 3.2.2.2 wants, and ASCII names, which all of ours
    are, sort by bytes as by UTF-16. It writes some floats otherwise; nothing of ours has any.

    Raises:
        ValueError: a text has half of a surrogate pair, or a number is larger than all readers of JSON agree on.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER)
    except orjson.JSONEncodeError as error:
        raise ValueError(f"there is no canonical form: {error}") from None

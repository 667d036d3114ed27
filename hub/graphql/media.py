"""What a request sends and what its answer is sent as: media types, the JSON body and its limits.

Source: GraphQL over HTTP, sections 4 to 6; RFC 9110 section 12.5.1 (Accept).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import orjson
from starlette.requests import ClientDisconnect, Request

from schema.errors import InputInvalid

GRAPHQL: Final = "application/graphql-response+json"
JSON: Final = "application/json"
_SHA256: Final = re.compile(r"[0-9a-fA-F]{64}")


LENIENT: Final = "handling=lenient"


def is_lenient(preferences: Sequence[str]) -> bool:
    """True if the client would rather have null for a field that it may not read than no answer at all.

    Args:
        preferences: values of `Prefer` (RFC 7240); of two words for one preference the first holds.
    """
    for preference in ",".join(preferences).split(","):
        name, _, value = preference.partition(";")[0].partition("=")
        if name.strip().lower() == "handling":
            return value.strip().strip('"').lower() == "lenient"
    return False


class RequestMalformed(InputInvalid):
    """The request is no GraphQL request."""

    status: ClassVar[int] = 400


class NotAcceptable(RequestMalformed):
    """Accept names no media type that the hub answers in; use application/graphql-response+json."""

    status = 406


class UnsupportedMedia(RequestMalformed):
    """Send the request as Content-Type: application/json."""

    status = 415


class BodyTooLarge(RequestMalformed):
    """The request is larger than the hub takes."""

    status = 413


def answer_type(accept: str | None) -> str | None:
    """The media type of the answer; None where neither is accepted.

    Args:
        accept: the header; without it, or with `*/*`, application/json.
    """
    ranges = [_range(part) for part in (accept or "*/*").lower().split(",")]
    best, best_rank = None, (0.0, 0)
    for offered in (JSON, GRAPHQL):
        # The most specific range decides about a type; among types of equal weight, the one that was named first.
        matching = [
            (specific, -place, weight)
            for place, (name, weight) in enumerate(ranges)
            if (specific := _specific(name, offered))
        ]
        if matching:
            specific, place, weight = max(matching)
            rank = (weight, place if specific == _EXACT else -len(ranges))
            if weight > 0 and (best is None or rank > best_rank):
                best, best_rank = offered, rank
    return best


_EXACT = 3


def _specific(name: str, offered: str) -> int:
    return {"*/*": 1, "application/*": 2, offered: _EXACT}.get(name, 0)


def _range(part: str) -> tuple[str, float]:
    name, *parameters = (piece.strip() for piece in part.split(";"))
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            return name, _weight(value)
    return name, 1.0


def _weight(value: str) -> float:
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if 0.0 <= weight <= 1.0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A GraphQL request, well-formed as JSON.

    Attributes:
        query: the document; empty where the request only has its hash.
        operation_name: of the operation to run.
        variables: as received.
        digest: SHA-256 of a listed document, where the request names one.
    """

    query: str
    operation_name: str | None
    variables: Mapping[str, Any]
    digest: bytes | None = None


async def read(request: Request, most_bytes: int) -> Question:
    """The question in a request's body.

    Args:
        request: whose body nobody has read.
        most_bytes: of it.

    Raises:
        UnsupportedMedia: it is not sent as JSON; a form or plain text could come from a foreign page.
        BodyTooLarge: it is over the limit, found before all of it was read.
        RequestMalformed: it is no JSON object, or one of its members has another type than it must have.
    """
    media, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    if media.strip() != JSON or parameters.strip() not in {"", "charset=utf-8", 'charset="utf-8"'}:
        raise UnsupportedMedia
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most_bytes:
                raise BodyTooLarge(f"the request is larger than {most_bytes:,} bytes")
    except ClientDisconnect:
        raise RequestMalformed("the connection ended before the body did") from None
    return _question(bytes(body))


def _question(body: bytes) -> Question:
    try:
        found: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise RequestMalformed("the body is not JSON") from None
    if not isinstance(found, dict):
        raise RequestMalformed("the body is not a JSON object; one request has one operation")
    return question_of(found)  # pyright: ignore[reportUnknownArgumentType] -- JSON of the caller


def question_of(members: Mapping[str, Any]) -> Question:
    """The question that a JSON object is.

    Args:
        members: of the object.

    Raises:
        RequestMalformed: one of them has another type than it must have.
    """
    for name, kind, word in (
        ("operationName", str, "text"),
        ("variables", dict, "an object"),
        ("extensions", dict, "an object"),
    ):
        if not isinstance(members.get(name), kind | None):
            raise RequestMalformed(f"{name} is not {word}")
    digest = _digest(members.get("extensions") or {})
    query = members.get("query")
    if query is None and digest is not None:
        query = ""
    if not isinstance(query, str):
        raise RequestMalformed("query is missing or not text")
    return Question(
        query=query,
        operation_name=members.get("operationName"),
        variables=members.get("variables") or {},
        digest=digest,
    )


def _digest(extensions: Mapping[str, Any]) -> bytes | None:
    """The hash of a listed document; None where the request names none.

    Raises:
        RequestMalformed: `persistedQuery` is there, and is none of version 1 with the hash.
    """
    named: Any = extensions.get("persistedQuery")
    if named is None:
        return None
    members: dict[str, Any] = named if isinstance(named, dict) else {}  # pyright: ignore[reportUnknownVariableType] -- JSON of the caller
    told = members.get("sha256Hash") if members.get("version") == 1 else None
    if not isinstance(told, str) or _SHA256.fullmatch(told) is None:
        raise RequestMalformed("extensions.persistedQuery is {version: 1, sha256Hash: 64 hexadecimal digits}")
    return bytes.fromhex(told)

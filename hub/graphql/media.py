"""What a request sends and what its answer is sent as: media types, the JSON body and its limits.

Source: GraphQL over HTTP, sections 4 to 6; RFC 9110 section 12.5.1 (Accept).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import orjson
from starlette.requests import ClientDisconnect, Request

from schema.errors import InputInvalid

GRAPHQL: Final = "application/graphql-response+json"
JSON: Final = "application/json"
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
    """A GraphQL request, well-formed as JSON."""

    query: str
    operation_name: str | None
    variables: Mapping[str, Any]


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
    try:
        found: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise RequestMalformed("the body is not JSON") from None
    if not isinstance(found, dict):
        raise RequestMalformed("the body is not a JSON object; one request has one operation")
    members: dict[str, Any] = found  # pyright: ignore[reportUnknownVariableType] -- JSON of the caller
    query = members.get("query")
    if not isinstance(query, str):
        raise RequestMalformed("query is missing or not text")
    for name, kind, word in (
        ("operationName", str, "text"),
        ("variables", dict, "an object"),
        ("extensions", dict, "an object"),
    ):
        if not isinstance(members.get(name), kind | None):
            raise RequestMalformed(f"{name} is not {word}")
    return Question(
        query=query,
        operation_name=members.get("operationName"),
        variables=members.get("variables") or {},
    )

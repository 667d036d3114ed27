"""An agency's own subgraph, as a sandbox has it: the LPSK's requests for protection, which extend the hub's cases.

It stands beside the hub and not in it: its rows are its own, it is composed with the hub by a gateway, and what it knows of
a caller is the hub's access token. It trusts no gateway: every operation is judged here, by its own scope, its own purposes,
the regions of the token, and the rule that a child's row needs a scope of its own.

Source: Apollo Federation 2.9 (subgraph specification); ADR-0035.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Final, cast

import orjson
import strawberry
from graphql import GraphQLError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from strawberry.extensions import MaskErrors, MaxAliasesLimiter, MaxTokensLimiter, QueryDepthLimiter

from hub.sandbox.subgraph_tokens import Caller, Refused, Tokens

SCOPE: Final = "protection:read"
CHILDREN: Final = "victim.child:read"
PURPOSES: Final = ("protection", "restitution")
FEDERATION: Final = "2.9"
_MOST_BYTES: Final = 262_144
_MOST_ROWS: Final = 100
_REQUIRES: Final = [[SCOPE]]


@strawberry.enum(description="Where a request for protection stands.")
class ProtectionStatus(Enum):
    """Where a request for protection stands."""

    RECEIVED = "RECEIVED"
    EXAMINED = "EXAMINED"
    GRANTED = "GRANTED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One request as the agency keeps it: no person is named in it.

    Attributes:
        request_id: of the agency.
        case_id: of the hub, which the agency wrote down when it took the request.
        region: Kemendagri code of where it was made.
        is_child: whether it is for somebody under 18.
    """

    request_id: str
    case_id: str
    region: str
    status: ProtectionStatus
    received_on: date
    is_child: bool


class Rows:
    """The requests of a file, each opened only to whom it may be shown.

    Args:
        rows: all of them.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = sorted(rows, key=lambda row: (row.received_on, row.request_id))

    def of(self, caller: Caller, *, case_id: str | None = None, request_id: str | None = None) -> list[Row]:
        """What the caller may read, oldest first, of a case or of an id where one is named."""
        return [
            row
            for row in self._rows
            if case_id in {None, row.case_id}
            and request_id in {None, row.request_id}
            and any(row.region.replace(".", "").startswith(code) for code in caller.regions)
            and (not row.is_child or CHILDREN in caller.scopes)
        ]


def read(path: Path) -> Rows:
    """The requests of a JSON file: a list of `{id, caseId, region, status, receivedOn, isChild}`.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not such a list.
    """
    try:
        return Rows(
            Row(
                request_id=str(one["id"]),
                case_id=str(one["caseId"]),
                region=str(one["region"]),
                status=ProtectionStatus(one["status"]),
                received_on=date.fromisoformat(one["receivedOn"]),
                is_child=one["isChild"] is True,
            )
            for one in orjson.loads(path.read_bytes())
        )
    except (KeyError, TypeError) as fault:
        raise ValueError("not a list of requests for protection") from fault


@dataclass(frozen=True, slots=True)
class _Context:
    caller: Caller
    rows: Rows


Info = strawberry.Info[_Context, None]
Count = Annotated[int, strawberry.argument(description="How many at most, 100 at the most.")]


def _opened(info: Info, coordinate: str) -> _Context:
    """What the operation works on, where the caller may use this field.

    Raises:
        GraphQLError: the scope or the purpose is not the token's, in the form that the hub says it in.
    """
    caller = info.context.caller
    if SCOPE not in caller.scopes:
        raise GraphQLError(
            f"{coordinate} needs a scope that the token does not have",
            extensions={"code": "FORBIDDEN", "coordinate": coordinate, "requiresScopes": _REQUIRES},
        )
    if caller.purpose not in PURPOSES:
        raise GraphQLError(
            f"{coordinate} is not opened for the purpose of the token",
            extensions={
                "code": "PURPOSE_NOT_ALLOWED",
                "coordinate": coordinate,
                "allowedPurposes": list(PURPOSES),
            },
        )
    return info.context


def _page(rows: list[Row], first: int) -> "list[ProtectionRequest]":
    if not 0 <= first <= _MOST_ROWS:
        raise GraphQLError(f"first is 0 to {_MOST_ROWS}", extensions={"code": "BAD_USER_INPUT"})
    return [ProtectionRequest.of_row(row) for row in rows[:first]]


@strawberry.federation.type(
    keys=["id"], description="A case of the hub; this subgraph adds to it what the LPSK knows."
)
class Case:
    """A case of the hub, of which only the id is known here."""

    id: strawberry.ID

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> "Case":  # noqa: A002 -- the name of the key
        """The case of that id, whether the hub has it or not: nothing is told here of whether it exists."""
        return cls(id=id)

    @strawberry.federation.field(
        requires_scopes=_REQUIRES, description="Requests for protection made in this case, oldest first."
    )
    def protection_requests(self, info: Info, first: Count = 50) -> "list[ProtectionRequest] | None":
        """Those that the caller may read."""
        opened = _opened(info, "Case.protectionRequests")
        return _page(opened.rows.of(opened.caller, case_id=self.id), first)


@strawberry.federation.type(keys=["id"], description="A request for protection by the LPSK.")
class ProtectionRequest:
    """A request for protection, without whom it is for."""

    id: strawberry.ID
    status: ProtectionStatus | None = strawberry.federation.field(
        requires_scopes=_REQUIRES, description="Where it stands."
    )
    received_on: date | None = strawberry.federation.field(
        requires_scopes=_REQUIRES, description="The day on which it was received."
    )
    case: Case | None = strawberry.federation.field(
        requires_scopes=_REQUIRES, description="The case in which it was made."
    )

    @classmethod
    def of_row(cls, row: Row) -> "ProtectionRequest":
        """The request as it is told."""
        return cls(
            id=strawberry.ID(row.request_id),
            status=row.status,
            received_on=row.received_on,
            case=Case(id=strawberry.ID(row.case_id)),
        )

    @classmethod
    def resolve_reference(cls, info: Info, id: strawberry.ID) -> "ProtectionRequest | None":  # noqa: A002 -- the name of the key
        """The request of that id; None where there is none that the caller may read."""
        opened = _opened(info, "Query._entities")
        rows = opened.rows.of(opened.caller, request_id=id)
        return cls.of_row(rows[0]) if rows else None


@strawberry.type(description="What may be asked of the LPSK.")
class Query:
    """What may be asked of the LPSK."""

    @strawberry.federation.field(
        requires_scopes=_REQUIRES,
        description="All requests for protection that the caller may read, oldest first.",
    )
    def protection_requests(self, info: Info, first: Count = 50) -> list[ProtectionRequest] | None:
        """Those that the caller may read."""
        opened = _opened(info, "Query.protectionRequests")
        return _page(opened.rows.of(opened.caller), first)


def _is_unforeseen(error: GraphQLError) -> bool:
    """True where the text may say what is inside, and not what the caller did."""
    return error.original_error is not None and not isinstance(error.original_error, GraphQLError)


SCHEMA: Final = strawberry.federation.Schema(
    query=Query,
    federation_version=FEDERATION,
    extensions=[
        lambda: MaxTokensLimiter(max_token_count=2_000),
        lambda: MaxAliasesLimiter(max_alias_count=30),
        lambda: QueryDepthLimiter(max_depth=12),
        lambda: MaskErrors(should_mask_error=_is_unforeseen),
    ],
)


def application(tokens: Tokens, rows: Rows) -> Starlette:
    """The subgraph at `POST /graphql`; nothing is answered without a token, its SDL neither.

    Args:
        tokens: judges the token of a request.
        rows: of the agency.
    """

    async def answer(request: Request) -> Response:
        try:
            caller = await tokens.caller(request)
        except Refused as refused:
            return _said(401, str(refused), "UNAUTHENTICATED")
        body = await request.body()
        try:
            asked: Any = orjson.loads(body) if len(body) <= _MOST_BYTES else None
        except orjson.JSONDecodeError:
            asked = None
        if not isinstance(asked, Mapping):
            return _said(400, "send a JSON object with a query", "BAD_USER_INPUT")
        question = cast("Mapping[str, Any]", asked)
        result = await SCHEMA.execute(
            str(question.get("query", "")),
            variable_values=question.get("variables"),
            operation_name=question.get("operationName"),
            context_value=_Context(caller, rows),
        )
        told: dict[str, Any] = {"data": result.data}
        if result.errors:
            told["errors"] = [error.formatted for error in result.errors]
        return JSONResponse(told, headers={"Cache-Control": "no-store"})

    return Starlette(routes=[Route("/graphql", answer, methods=["POST"])])


def _said(status: int, message: str, code: str) -> Response:
    told = {"errors": [{"message": message, "extensions": {"code": code}}]}
    return JSONResponse(told, status, {"Cache-Control": "no-store"})

"""Every error as the caller sees it: the one place that gives `extensions.code` and the HTTP status.

Source: GraphQL over HTTP, section 6 (status codes).
"""

from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError

from hub.graphql.budgets import OverLimit, TooOften
from hub.graphql.documents import DocumentInvalid
from schema.errors import (
    AccessError,
    DecisionError,
    HubError,
    MissingPurpose,
    MissingScope,
    NotAuthenticated,
    QueryError,
    StoreUnreachable,
    UseRefused,
)

_MASKED = "The hub could not answer; give the operator this request's id."


def status_of(error: HubError) -> int:
    """The HTTP status of a request that failed as a whole, for callers that take GraphQL's own media type."""
    if isinstance(error, NotAuthenticated):
        return 401
    if isinstance(error, AccessError):
        return 403
    if isinstance(error, TooOften):
        return 429
    if isinstance(error, QueryError):
        return 400
    if isinstance(error, DecisionError):
        return 409
    return 503 if isinstance(error, StoreUnreachable) else 500


def described(error: HubError, request_id: str, request_at: str) -> list[dict[str, Any]]:
    """The errors of an answer.

    Args:
        error: what stopped the request.
        request_id: tells the operator which line of the log.
        request_at: where a caller asks for scopes.
    """
    if isinstance(error, UseRefused):
        return [refused_use(use, request_at) for use in error.missing]
    if isinstance(error, DocumentInvalid):
        return [_located(one, error.code) for one in error.errors]
    if isinstance(error, AccessError | QueryError | DecisionError):
        told: dict[str, Any] = {"code": error.code}
        if isinstance(error, OverLimit):
            told |= error.facts
        return [{"message": str(error), "extensions": told}]
    return [masked(request_id)]


def refused_use(use: MissingScope | MissingPurpose, request_at: str) -> dict[str, Any]:
    """The error of one use that the permit does not cover: what would open it, and where to ask."""
    if isinstance(use, MissingPurpose):
        return {
            "message": f"{use.coordinate} is not open to the token's purpose",
            "extensions": {
                "code": "PURPOSE_NOT_ALLOWED",
                "coordinate": use.coordinate,
                "allowedPurposes": list(use.purposes),
                "requestAt": request_at,
            },
        }
    return {
        "message": f"{use.coordinate} needs a scope that the token does not have",
        "extensions": {
            "code": "FORBIDDEN",
            "coordinate": use.coordinate,
            "requiresScopes": [list(alternative) for alternative in use.requires],
            "requestAt": request_at,
        },
    }


def masked(request_id: str) -> dict[str, Any]:
    """An error of which the caller is told nothing but the request's id."""
    return {"message": _MASKED, "extensions": {"code": HubError.code, "requestId": request_id}}


def _located(error: GraphQLError, code: str) -> dict[str, Any]:
    found: dict[str, Any] = {"message": error.message, "extensions": {"code": code}}
    if error.locations:
        found["locations"] = [{"line": one.line, "column": one.column} for one in error.locations]
    return found


def of_fields(
    errors: Sequence[GraphQLError], request_id: str
) -> tuple[list[dict[str, Any]], list[BaseException]]:
    """Errors of single fields, with their paths; and those that nobody foresaw, for the log.

    Args:
        errors: of the execution.
        request_id: of the request.
    """
    told: list[dict[str, Any]] = []
    unforeseen: list[BaseException] = []
    for error in errors:
        original = error.original_error
        if isinstance(original, AccessError | QueryError | DecisionError):
            entry = {"message": str(original), "extensions": {"code": original.code}}
        elif original is None:
            entry = _located(error, QueryError.code)
        else:
            unforeseen.append(original)
            entry = masked(request_id)
        told.append({**entry, "path": error.path or []})
    return told, unforeseen


def missing_scopes(error: HubError) -> list[str]:
    """The scopes that would mend a refusal, sorted; none where no scope would."""
    if not isinstance(error, UseRefused):
        return []
    return sorted(
        {scope for use in error.missing if isinstance(use, MissingScope) for scope in use.requires[0]}
    )

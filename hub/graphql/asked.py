"""A question on its way to an answer: understood, asked under a permit, brought by a statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from graphql import OperationDefinitionNode
from graphql.execution.values import VariableValues

from auth.permit import Permit
from hub.graphql import guard
from hub.graphql.documents import Document
from hub.graphql.media import Question
from hub.graphql.plan import Plan
from hub.graphql.reveal import Revealer


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """One question, whoever asks it.

    Attributes:
        question: as received.
        request_id: of the request.
        document: valid.
        operation: the one that runs.
        variables: coerced.
        lenient: fields that the permit does not cover are null, and do not refuse the operation.
    """

    question: Question
    request_id: str
    document: Document
    operation: OperationDefinitionNode
    variables: VariableValues
    lenient: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question under a permit.

    Attributes:
        permit: of the caller.
        question: as received.
        request_id: of the request.
        document: valid.
        operation: the one that runs.
        variables: coerced.
        uses: coordinates that the operation uses, its variables included.
    """

    permit: Permit
    question: Question
    request_id: str
    document: Document
    operation: OperationDefinitionNode
    variables: VariableValues
    uses: guard.Uses


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What one statement brought, before it is told.

    Attributes:
        asked: the question.
        plan: of it.
        row: of the statement.
        revealer: opens what is sealed in it.
        as_of: moments of the past that it tells of.
    """

    asked: Asked
    plan: Plan
    row: tuple[Any, ...]
    revealer: Revealer
    as_of: Sequence[datetime] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What is told beside rows.

    Attributes:
        data: by name; None where a field that cannot be null has failed.
        errors: of single fields.
        touched: rows that were looked at for it.
    """

    data: Mapping[str, Any] | None
    errors: Sequence[dict[str, Any]] = ()
    touched: Sequence[UUID] = ()


NOTHING_BESIDE: Final = Beside(data={})

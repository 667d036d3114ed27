"""An export as it was asked for, and the permit that it stands on for as long as it lives."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import orjson

from auth.holdings import holdings_of
from auth.permit import Permit
from auth.tokens import Caller
from hub.graphql.media import Question
from hub.identity.keyring import Keyring

Format = Literal["ndjson", "parquet"]
State = Literal["OPEN", "DONE", "FAILED", "WITHDRAWN", "DELETED", "EXPIRED"]
"""OPEN is computed or waits for it; only OPEN and DONE have parts to fetch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An export's row.

    Attributes:
        export_id: names it.
        number: as the marks of its rows name it.
        permit: what its caller held when they asked; a token of theirs has ended long since.
        operation: SHA-256 of the document.
        coordinates: all that it uses, sorted.
        format: of its parts.
        state: where it stands.
        code: of the error that ended it.
        row_count: rows of its whole parts.
        total: rows that there were when it began; None before.
        part_count: whole parts.
        last_key: of the last row of the last whole part; None before.
        asked_at: aware UTC.
        ended_at: when it was whole or closed.
        expires_at: when it is deleted.
    """

    export_id: UUID
    number: int
    permit: Permit
    operation: bytes
    coordinates: tuple[str, ...]
    format: Format
    state: State
    code: str | None
    row_count: int
    total: int | None
    part_count: int
    last_key: UUID | None
    asked_at: datetime
    ended_at: datetime | None
    expires_at: datetime

    @property
    def caller(self) -> Caller:
        """Who asked; alive for as long as the export is."""
        return self.permit.caller

    @property
    def is_alive(self) -> bool:
        """True while there are parts to come or to fetch."""
        return self.state in {"OPEN", "DONE"}


COLUMNS = (
    "export_id, number, client_id, account_id, agency, purpose, jurisdiction, scopes, holdings::text AS holdings,"
    " excluded, operation, coordinates, format, state, code, row_count, total, part_count, last_key, asked_at,"
    " ended_at, expires_at"
)
"""What `order_of` reads."""


def order_of(row: Mapping[str, Any]) -> Order:
    """The order of a row of `COLUMNS`."""
    caller = Caller(
        client_id=row["client_id"],
        account_id=row["account_id"],
        agency=row["agency"],
        scopes=frozenset(row["scopes"]),
        purpose=row["purpose"],
        jurisdiction=tuple(row["jurisdiction"]),
        token_id=f"export:{row['export_id']}",
        expires_at=row["expires_at"],
    )
    holdings = holdings_of(row["holdings"])
    held = frozenset[str]().union(*(one.scopes for one in holdings))
    permit = Permit(
        caller=caller, holdings=holdings, scopes=caller.scopes & held, excluded=tuple(row["excluded"])
    )
    copied = ("export_id", "number", "operation", "format", "state", "code", "row_count", "total")
    moments = ("part_count", "last_key", "asked_at", "ended_at", "expires_at")
    return Order(
        permit=permit,
        coordinates=tuple(row["coordinates"]),
        **{name: row[name] for name in (*copied, *moments)},
    )


def sealed_question(keyring: Keyring, export_id: UUID, question: Question) -> bytes:
    """The question as it is stored: a literal or a variable of it may be a person's number."""
    said = {
        "query": question.query,
        "operation_name": question.operation_name,
        "variables": dict(question.variables),
    }
    return keyring.seal(orjson.dumps(said), _place(export_id))


def question_of(keyring: Keyring, export_id: UUID, sealed: bytes) -> Question:
    """The question again.

    Raises:
        SealedValueBroken: it was sealed for another export or under another key.
    """
    return Question(**orjson.loads(keyring.open(sealed, _place(export_id))))


def _place(export_id: UUID) -> str:
    return f"bulk_export.sealed_question:{export_id}"

"""Scalars of the API: how each is written in a query and read from one.

In answers the statement writes them (hub.graphql.cells); here is what a caller may send, and their names.
"""

from datetime import UTC, date, datetime
from decimal import Decimal as PythonDecimal
from typing import NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

Date = NewType("Date", date)
DateTime = NewType("DateTime", datetime)
Decimal = NewType("Decimal", PythonDecimal)


def _moment(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        message = "a moment needs its offset, such as 2026-01-31T08:00:00Z"
        raise ValueError(message)
    return moment.astimezone(UTC)


SCALARS: dict[object, ScalarDefinition] = {
    Date: strawberry.scalar(
        name="Date",
        description="A day, ISO 8601: 2026-01-31.",
        serialize=date.isoformat,
        parse_value=date.fromisoformat,
    ),
    DateTime: strawberry.scalar(
        name="DateTime",
        description="A moment, RFC 3339, in answers UTC: 2026-01-31T08:00:00.000000Z.",
        serialize=lambda moment: moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        parse_value=_moment,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description='An amount, a decimal number as text: "1500000.00".',
        serialize=str,
        parse_value=PythonDecimal,
    ),
}

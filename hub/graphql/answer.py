"""An answer before it is bytes of a response."""

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer before it is bytes of a response.

    Attributes:
        data: JSON text.
        extensions: JSON texts by name.
        errors: of single fields.
        plan: whether all of it came from one statement.
    """

    data: str
    extensions: dict[str, str]
    errors: list[dict[str, Any]]
    plan: Literal["compiled", "mixed", "mutation"]

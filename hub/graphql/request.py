"""What one request brings to a compiled plan: coerced arguments, cursors, what the permit says of rows, a nonce."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import BindParameter, bindparam
from sqlalchemy.types import TypeEngine

from auth.permit import Permit
from hub.identity.keyring import Keyring
from hub.limits import MOST_ROWS
from schema.errors import InputInvalid, QueryTooCostly

MOST_VALUES = 100
"""Values of one `in`, one `containsAny` or one `representations`."""


@dataclass(frozen=True, slots=True)
class RowsOfThen:
    """What a field with `asOf` is answered from.

    Attributes:
        at: the moment.
        root_id: key of its row, as it was named then; None where there was none.
        children: persons of then who are children in a victim's row of now that the caller may read.
        documents: JSON arrays of rows, by entity.
    """

    at: datetime
    root_id: UUID | None
    children: Sequence[UUID] = ()
    documents: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request's values.

    Attributes:
        arguments: of each field with arguments, in the order in which the plan met them.
        cursors: of each list that has `after`: the values that it names; empty otherwise.
        permit: what it says of rows and values.
        nonce: marks what `reveal` must replace; fresh for each request.
        keyring: makes the tokens by which sealed values are found.
        most_rows: of a page.
        moments: of each field with `asOf`, the rows of then.
    """

    arguments: Sequence[Mapping[str, Any]]
    cursors: Mapping[int, Sequence[Any]]
    permit: Permit
    nonce: str
    keyring: Keyring
    most_rows: int = MOST_ROWS
    moments: Mapping[int, RowsOfThen] = field(default_factory=dict[int, RowsOfThen])


Getter: TypeAlias = Callable[[Request], Any]


class Binds:
    """Parameters of a statement: no value of a caller is ever part of a plan, only the place where it will be found."""

    def __init__(self) -> None:
        self._getters: dict[str, Getter] = {}
        self._shared: dict[str, BindParameter[Any]] = {}

    def add(self, getter: Getter, kind: TypeEngine[Any]) -> BindParameter[Any]:
        """A parameter whose value each request gives.

        Args:
            getter: finds it in a request.
            kind: its SQL type.
        """
        name = f"p{len(self._getters)}"
        self._getters[name] = getter
        return bindparam(name, type_=kind, required=False)

    def shared(self, what: str, getter: Getter, kind: TypeEngine[Any]) -> BindParameter[Any]:
        """One parameter for the same thing however often a statement asks for it.

        Args:
            what: names the thing.
            getter: finds it in a request.
            kind: its SQL type.
        """
        found = self._shared.get(what)
        if found is None:
            found = self._shared[what] = self.add(getter, kind)
        return found

    def values(self, request: Request) -> dict[str, Any]:
        """The values of one request, by parameter."""
        return {name: getter(request) for name, getter in self._getters.items()}


def at(use: int, path: Sequence[str | int]) -> Getter:
    """The value at a path of a field's arguments."""

    def get(request: Request) -> Any:
        value: Any = request.arguments[use]
        for step in path:
            value = value[step]
        return plain(value)

    return get


def plain(value: Any) -> Any:
    """A coerced value as the driver takes it: a code for an enum.

    Raises:
        QueryTooCostly: a list has too many values.
        InputInvalid: a text has a character that no text of the database can have.
    """
    if isinstance(value, list):
        items: list[Any] = value  # pyright: ignore[reportUnknownVariableType] -- of any input type
        if len(items) > MOST_VALUES:
            raise QueryTooCostly(f"a list has more than {MOST_VALUES} values; send several requests")
        return [plain(item) for item in items]
    if isinstance(value, str) and "\0" in value:
        raise InputInvalid("a text has a NUL character, which no value has")
    return value.value if isinstance(value, Enum) else value


def as_uuid(value: Any) -> UUID | None:
    """The id; None where the value is none of ours, which is the same as an id that nothing has."""
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def page_size(use: int, name: str) -> Getter:
    """`first` of a list.

    Args:
        use: of its arguments.
        name: of the field, for the error.
    """

    def get(request: Request) -> int:
        first = request.arguments[use]["first"]
        if first is None or not 0 <= first <= request.most_rows:
            raise InputInvalid(
                f"{name}(first:) must be 0 to {request.most_rows}; use `after` for what follows"
            )
        return first

    return get

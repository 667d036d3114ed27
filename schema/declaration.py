"""How a field of an entity is declared, once, and how everything else reads it.

A field's text, type, sensitivity, scope, survivorship and standard names stand in one `described(...)`. The golden
column, the GraphQL field with its scope, the check of mappings, the data dictionary and the tests of closed fields
follow from it. A field without a sensitivity and a scope does not start.
"""

import dataclasses
import types
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, Union, dataclass_transform, get_args, get_origin, get_type_hints
from uuid import UUID

EntityClass = TypeVar("EntityClass", bound=type)


class Sensitivity(StrEnum):
    """How much a value could harm the person it speaks of."""

    OPERATIONAL = "operational"
    SENSITIVE = "sensitive"
    IDENTITY = "identity"


PERSONAL_PURPOSES = (
    "investigation",
    "prosecution",
    "protection",
    "repatriation",
    "restitution",
    "subject-request",
    "emergency",
)
"""Purposes that may see identity or health: all of the closed list but statistics (auth.scopes)."""

CHILD_PURPOSES = ("investigation", "protection", "emergency")
"""Purposes that may see the identity of a child."""

WHEREABOUTS_PURPOSES = ("protection", "emergency")
"""Purposes that may learn where a protected witness is (UU 31/2014 art. 5)."""


class Kind(StrEnum):
    """The form of a value, from which column, GraphQL type and filter follow."""

    ID = "id"
    TEXT = "text"
    TEXTS = "texts"
    CODE = "code"
    CODES = "codes"
    DATE = "date"
    TIMESTAMP = "timestamp"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    MONEY = "money"
    OBJECTS = "objects"


class Place(StrEnum):
    """What a text that names a place is a code of."""

    REGION = "region"
    """Kemendagri code of a province, or of a regency or city in it (schema.regions)."""
    COUNTRY = "country"
    """ISO 3166-1 alpha-3, code list `country`."""


class Rule(StrEnum):
    """Whose word wins when agencies disagree; an absent value or UNKNOWN never beats a present one."""

    AGENCY = "agency"
    """The first agency of `wins` that says something, then the newest word, then the agency's name and key."""
    UNION = "union"
    """Every agency's values together, sorted; single items have no loser."""
    EARLIEST = "earliest"
    """The smallest value."""
    LATEST = "latest"
    """The largest value."""
    DERIVED = "derived"
    """The hub computes it from other fields (hub.view)."""
    EVENT = "event"
    """Taken as the agency sent it: the row is one agency's word."""


class Sought(StrEnum):
    """By what a sealed value is found without being opened: tokens of it (hub.identity.sought)."""

    NAME = "name"
    """Its words, in any order and spelling."""
    NIK = "nik"
    """All of it."""
    PAPER = "paper"
    """All of a document's number, however it is spaced."""


@dataclass(frozen=True, kw_only=True)
class Standards:
    """Names of the same thing in the standards that the hub maps to; None where a standard has no such thing."""

    htcds: str | None = None
    ictip: str | None = None
    ctdc: str | None = None
    niem: str | None = None


def camel_case(name: str) -> str:
    """A name of the model as the API spells it: `reported_on` is `reportedOn`."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """All that is true of one field of one entity."""

    entity: str
    name: str
    text: str
    label_id: str
    kind: Kind
    codes: str | None
    sensitivity: Sensitivity
    scope: str
    rule: Rule
    wins: tuple[str, ...]
    filterable: bool
    sortable: bool
    standards: Standards
    whereabouts: bool = False
    sought: Sought | None = None
    place: Place | None = None

    @property
    def purposes(self) -> tuple[str, ...] | None:
        """The purposes that may use the field, if not all of the closed list may."""
        return PERSONAL_PURPOSES if self.sealed or ".health:" in self.scope else None

    @property
    def sealed(self) -> bool:
        """True for identity: the column holds ciphertext."""
        return self.sensitivity is Sensitivity.IDENTITY

    def scope_for(self, role: str) -> str:
        """The scope that opens the field when its person stands in this role.

        Args:
            role: `victim` or `perpetrator`; fields of other entities do not depend on it.
        """
        return self.scope.replace("{role}", role)


@dataclass(frozen=True, kw_only=True)
class Entity:
    """One entity: its text, its golden table and the scope that opens its existence."""

    name: str
    text: str
    label_id: str
    table: str
    key: str
    scope: str
    fields: tuple[Declaration, ...]

    def graphql_name(self, declaration: Declaration) -> str:
        """The field's name in the API: `id` for the entity's own key, else the name in camel case."""
        return "id" if declaration.name == self.key else camel_case(declaration.name)

    def field(self, name: str) -> Declaration:
        """The declaration of that name.

        Raises:
            KeyError: the entity has no such field.
        """
        for declaration in self.fields:
            if declaration.name == name:
                return declaration
        message = f"{self.name}.{name}"
        raise KeyError(message)


@dataclass(frozen=True, kw_only=True)
class _Head:
    text: str
    label_id: str
    table: str
    key: str
    scope: str


def described(
    text: str,
    *,
    label_id: str,
    sensitivity: Sensitivity,
    scope: str,
    rule: Rule = Rule.AGENCY,
    wins: tuple[str, ...] = (),
    codes: str | None = None,
    filterable: bool = False,
    sortable: bool = False,
    standards: Standards | None = None,
    whereabouts: bool = False,
    sought: Sought | None = None,
    place: Place | None = None,
) -> Any:
    """A dataclass field that carries its declaration.

    Args:
        text: what it is, in English, a sentence.
        label_id: its name in Indonesian.
        sensitivity: how much the value could harm.
        scope: the word of the closed list in `auth.scopes` that opens it; `{role}` stands for the person's role.
        rule: how one word is chosen among several.
        wins: agencies, the strongest first; the rest follow by age.
        codes: name of its code list.
        filterable: may stand in `where`, and has an index.
        sortable: may stand in `orderBy`.
        standards: its names elsewhere.
        whereabouts: tells where the person is, and is kept back where a witness is protected.
        sought: by what a sealed value is found; one that is filterable must have it.
        place: what its texts are codes of, where they name places.
    """
    declared = {
        "text": text,
        "label_id": label_id,
        "sensitivity": sensitivity,
        "scope": scope,
        "rule": rule,
        "wins": wins,
        "codes": codes,
        "filterable": filterable,
        "sortable": sortable,
        "standards": standards or Standards(),
        "whereabouts": whereabouts,
        "sought": sought,
        "place": place,
    }
    return dataclasses.field(default=None, metadata={"declared": declared})


@dataclass_transform(field_specifiers=(described,), kw_only_default=True, frozen_default=True)
def entity(
    *, text: str, label_id: str, table: str, key: str, scope: str
) -> Callable[[EntityClass], EntityClass]:
    """Makes a frozen dataclass of declared fields.

    Args:
        text: what one of it is, in English, a sentence.
        label_id: its name in Indonesian.
        table: the golden table.
        key: the field that identifies a row.
        scope: what opens the existence of a row, its count and its id.
    """

    def make(cls: EntityClass) -> EntityClass:
        dataclass(frozen=True, kw_only=True)(cls)
        cls.__entity__ = _Head(text=text, label_id=label_id, table=table, key=key, scope=scope)
        return cls

    return make


_SCALARS: dict[object, Kind] = {
    UUID: Kind.ID,
    str: Kind.TEXT,
    date: Kind.DATE,
    datetime: Kind.TIMESTAMP,
    int: Kind.INTEGER,
    bool: Kind.BOOLEAN,
    Decimal: Kind.MONEY,
}


def _kind(annotation: object, codes: str | None) -> Kind:
    if get_origin(annotation) in {Union, types.UnionType}:
        (annotation,) = (part for part in get_args(annotation) if part is not type(None))
    if get_origin(annotation) is list:
        (item,) = get_args(annotation)
        if item is str:
            return Kind.CODES if codes else Kind.TEXTS
        return Kind.OBJECTS
    kind = _SCALARS[annotation]
    return Kind.CODE if kind is Kind.TEXT and codes else kind


@cache
def entity_of(cls: type) -> Entity:
    """The entity that a class declares.

    Raises:
        TypeError: a field was not made by `described`, so it has no sensitivity and no scope.
    """
    head: _Head = cls.__dict__["__entity__"]
    hints = get_type_hints(cls)
    declarations: list[Declaration] = []
    for field in dataclasses.fields(cls):
        declared = field.metadata.get("declared")
        if declared is None:
            message = (
                f"{cls.__name__}.{field.name} has no sensitivity and no scope: declare it with described()"
            )
            raise TypeError(message)
        kind = _kind(hints[field.name], declared["codes"])
        declarations.append(Declaration(entity=cls.__name__, name=field.name, kind=kind, **declared))
    return Entity(
        name=cls.__name__,
        text=head.text,
        label_id=head.label_id,
        table=head.table,
        key=head.key,
        scope=head.scope,
        fields=tuple(declarations),
    )

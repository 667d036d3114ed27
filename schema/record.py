"""What a connector hands to the hub: canonical records and broken rules, never an id or a connection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
"""A value as JSON has it: dates and times ISO 8601, amounts decimal strings."""


class RecordKind(StrEnum):
    """What a source record speaks of."""

    PERSON = "PERSON"
    CASE = "CASE"


class Role(StrEnum):
    """Part of a person in a case."""

    VICTIM = "VICTIM"
    PERPETRATOR = "PERPETRATOR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One agency's word on one person or one case.

    An answer that nests persons becomes one Record per person and one for the case, each with its own part as
    received, so that each is sealed, and can be erased, alone.

    Attributes:
        agency: code of the list `agency`, such as POLRI.
        object: the agency's own word for the thing, such as `korban`.
        key: stable at the source within (agency, object); the hub keeps only its HMAC.
        kind: person or case.
        source_time: when the agency last changed it, aware UTC.
        deleted: True for a tombstone; the rest is then empty.
        role: the person's role in `case`, None where the source gives none.
        case: (object, key) of the case's Record at the same agency.
        implied: True for a case that the source does not number: it exists because somebody was a victim.
        police_report: key of the police report (`schema.identifiers.police_report`), evidence that two cases are one.
        parts: of a case that its persons travel inside: (object, key) of every one, those that broke a rule too, so that
            who is no longer among them is known to be withdrawn; None where absence says nothing.
        identity: values of Person's identity fields by field name, and under `documents` rows of Document.
        facts: entity -> field -> value, none of them identity.
        events: entity -> rows; each row has `key`, unique within the record, and values by field name.
        raw: the part as received.
        mapping_version: version of the mapping that made it.
    """

    agency: str
    object: str
    key: str
    kind: RecordKind
    source_time: datetime
    mapping_version: str
    deleted: bool = False
    role: Role | None = None
    case: tuple[str, str] | None = None
    implied: bool = False
    police_report: str | None = None
    parts: tuple[tuple[str, str], ...] | None = None
    identity: Mapping[str, Json] = field(default_factory=dict[str, Json])
    facts: Mapping[str, Mapping[str, Json]] = field(default_factory=dict[str, Mapping[str, Json]])
    events: Mapping[str, Sequence[Mapping[str, Json]]] = field(
        default_factory=dict[str, Sequence[Mapping[str, Json]]]
    )
    raw: Mapping[str, Json] = field(default_factory=dict[str, Json])


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRule:
    """One rule that a source record breaks: which rule, at which wire field; never the value."""

    rule: str
    path: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A source record that does not map; it goes to quarantine with all rules it broke.

    `key` is None where the source gave none.
    """

    agency: str
    object: str
    key: str | None
    source_time: datetime | None
    rules: tuple[BrokenRule, ...]
    raw: Mapping[str, Json]
    mapping_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """The source has a field that the mapping does not know; `form` is the JSON type, never the value."""

    agency: str
    object: str
    path: str
    form: str

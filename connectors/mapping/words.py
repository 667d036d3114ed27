"""What a mapping file says, as values: the words of one agency, and no step."""

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.mapping.forms import Form
from connectors.mapping.tables import Table
from connectors.mapping.targets import Target
from schema.record import Json, RecordKind, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """Records of a full run: fewer or more mean that the source or the mapping is broken."""

    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldWords:
    """What the file says on one wire field.

    Attributes:
        wire: its name.
        form: how it is read.
        targets: where the value goes, n >= 1.
        tables: for forms that look a value up; one, or one for each target.
        words: respells abbreviations.
        split: separators between several values in one cell.
        on: wire fields with the day on which the value holds, the first that has one; `^` before a name means the
            field of what this is a part of.
        unknown: what an unknown text becomes; None refuses the record.
        when_empty: the code that an empty value becomes.
        text_to: where the agency's own words go as well.
        also: constants that hold where the field has a value.
        required: an empty value breaks a rule.
    """

    wire: str
    form: Form
    targets: tuple[Target, ...]
    tables: tuple[Table, ...]
    words: Mapping[str, str]
    split: tuple[str, ...]
    on: tuple[str, ...]
    unknown: str | None
    when_empty: str | None
    text_to: Target | None
    also: tuple[tuple[Target, Json], ...]
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectWords:
    """What the file says on one object.

    Attributes:
        name: the agency's word.
        kind: of its Records.
        key: the wire field of its key.
        role: of the person in `case`.
        case: object of the case that the person's own row implies; a part belongs to the case it is a part of.
        when: wire field and values with which role and case, or the record made from another, exist; None is always.
        part_of: the object that holds a list of these under this name.
        made_from: the object whose row this is a second Record of.
        implied: the case is not numbered by the source.
        fields: in the order of the file; of two values for one target the later holds.
        constants: by target.
        ignored: reasons by wire field.
        never: reasons by wire field.
    """

    name: str
    kind: RecordKind
    key: str
    role: Role | None
    case: str | None
    when: tuple[str, frozenset[str]] | None
    part_of: str | None
    made_from: str | None
    implied: bool
    fields: tuple[FieldWords, ...]
    constants: tuple[tuple[Target, Json], ...]
    ignored: Mapping[str, str]
    never: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingFile:
    """The words of one agency."""

    version: str
    agency: str
    changed_at: str
    expect: Expect
    not_taken_in: Mapping[str, str]
    objects: tuple[ObjectWords, ...]

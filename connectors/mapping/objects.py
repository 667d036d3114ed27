"""One object of an agency: its own row, the Records made from that row, and the parts that travel inside it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

from connectors.mapping import dates
from connectors.mapping.fields import Scope
from connectors.mapping.rows import RowMapping, rule_of
from connectors.mapping.words import MappingFile, ObjectWords
from connectors.protocol import Raw
from schema.errors import FieldMissing, IdentifierInvalid, ValueMalformed
from schema.record import BrokenRule, Drift, Json, Record, Violation

Key: TypeAlias = tuple[str | None, tuple[BrokenRule, ...]]
"""A row's key, or the rule that it breaks by having none."""
_NO_DAY = date(2000, 1, 1)
"""Stands for the day of a thing without a readable time, which breaks a rule anyway."""


@dataclass(frozen=True, slots=True)
class _Inside:
    """The parts of one name as they came, each with its key where it is an object."""

    part: RowMapping
    listed: Json
    items: Sequence[Json]
    keys: list[Key | None]

    @classmethod
    def of(cls, part: RowMapping, raw: Raw) -> "_Inside":
        listed = raw.fields.get(part.words.name)
        items: Sequence[Json] = listed if isinstance(listed, list) else () if listed is None else (listed,)
        is_list = isinstance(listed, list)
        keys = [part.key(item) if is_list and isinstance(item, dict) else None for item in items]
        return cls(part, listed, items, keys)

    def names(self, parent_key: str) -> list[tuple[str, str]] | None:
        """(object, key) of every part, broken ones too; None where one cannot be named."""
        name = self.part.words.name
        numbers = [key[0] if key else None for key in self.keys]
        return None if None in numbers else [(name, f"{parent_key}/{name}/{number}") for number in numbers]


class ObjectMapping:
    """One object of a file, compiled.

    Args:
        file: of the agency.
        words: of the object.
    """

    def __init__(self, file: MappingFile, words: ObjectWords) -> None:
        self._changed_at = file.changed_at
        self._parts = [RowMapping(file, each) for each in file.objects if each.part_of == words.name]
        self._made = [RowMapping(file, each) for each in file.objects if each.made_from == words.name]
        self._own = RowMapping(file, words, frozenset(part.words.name for part in self._parts))
        self._known = self._own.known.union(*(made.mapped for made in self._made))

    def map(self, raw: Raw) -> Iterator[Record | Violation]:
        """All Records and Violations of a thing as received.

        Args:
            raw: of this object.
        """
        key, broken = self._own.key(raw.fields)
        if raw.changed_at is None:
            broken = (*broken, rule_of(ValueMalformed(self._changed_at, "no time of change can be read")))
        if raw.deleted:
            yield from self._withdrawn(raw, key, broken)
            return
        scope = _scope(raw)
        inside = [_Inside.of(part, raw) for part in self._parts]
        yield from self._row(raw, scope, key, broken, inside)
        for each in inside:
            yield from self._inside(raw, scope, key, each)

    def drift(self, raw: Raw) -> Iterator[Drift]:
        """Wire fields that the file does not know and texts that its tables do not, in the row and in its parts.

        Args:
            raw: of this object.
        """
        scope = _scope(raw)
        yield from self._own.unknown_fields(raw.fields, self._known)
        for row in (self._own, *self._made):
            yield from row.unknown_texts(scope)
        for part in self._parts:
            for item in _objects_in(raw.fields.get(part.words.name)):
                yield from part.unknown_fields(item, part.known)
                yield from part.unknown_texts(Scope(item, raw.fields, scope.day))

    def _withdrawn(
        self, raw: Raw, key: str | None, broken: Sequence[BrokenRule]
    ) -> Iterator[Record | Violation]:
        """A withdrawn row takes along what was made from it, and says that it has no parts any more."""
        if broken or key is None or raw.changed_at is None:
            yield self._own.violation(raw.fields, key, raw.changed_at, broken)
            return
        for row in (self._own, *self._made):
            tombstone = row.tombstone(key, raw.changed_at)
            yield replace(tombstone, parts=()) if row is self._own and self._parts else tombstone

    def _row(
        self,
        raw: Raw,
        scope: Scope,
        key: str | None,
        broken: Sequence[BrokenRule],
        inside: Sequence[_Inside],
    ) -> Iterator[Record | Violation]:
        """The row's own Record and those made from it: all of them, or one Violation."""
        made = [(row, row.make(scope)) for row in (self._own, *self._made)]
        broken = [*broken, *(rule for _, found in made for rule in found.broken)]
        if broken or key is None or raw.changed_at is None:
            yield self._own.violation(scope.row, key, raw.changed_at, broken)
            return
        for row, found in made:
            if row is self._own:
                yield row.record(scope.row, key, raw.changed_at, found.parts, None, _named(inside, key))
            elif row.holds(scope.row):
                yield row.record(scope.row, key, raw.changed_at, found.parts, None)
            else:
                yield row.tombstone(key, raw.changed_at)

    def _inside(
        self, raw: Raw, scope: Scope, key: str | None, inside: _Inside
    ) -> Iterator[Record | Violation]:
        """The parts of one name; whatever stands in their list comes out as a Record or a Violation."""
        part = inside.part
        numbers = [own[0] for own in inside.keys if own]
        repeated: Mapping[str | None, int] = Counter(numbers) if len(set(numbers)) < len(numbers) else {}
        for item, own in zip(inside.items, inside.keys, strict=True):
            if own is not None and isinstance(item, dict):
                twice = repeated.get(own[0], 1) > 1
                yield self._part(raw, Scope(item, scope.row, scope.day), key, part, own, twice=twice)
            else:
                name = part.words.name
                rule = rule_of(ValueMalformed(name, "is not a list of objects"))
                yield part.violation({name: item}, None, raw.changed_at, [rule])

    def _part(
        self, raw: Raw, scope: Scope, parent_key: str | None, part: RowMapping, own: Key, *, twice: bool
    ) -> Record | Violation:
        number, missing = own
        found = part.make(scope)
        broken = [*missing, *found.broken]
        if twice and number is not None:
            broken.append(rule_of(IdentifierInvalid(part.words.key, "stands more than once in one list")))
        if parent_key is None:
            broken.append(rule_of(FieldMissing(self._own.words.key, "what this is a part of has no key")))
        if raw.changed_at is None:
            broken.append(rule_of(ValueMalformed(self._changed_at, "no time of change can be read")))
        key = f"{parent_key}/{part.words.name}/{number}" if parent_key and number else None
        if broken or key is None or parent_key is None or raw.changed_at is None:
            return part.violation(scope.row, key, raw.changed_at, broken)
        return part.record(scope.row, key, raw.changed_at, found.parts, (raw.object, parent_key))


def _named(inside: Sequence[_Inside], key: str) -> tuple[tuple[str, str], ...] | None:
    """Every part of every name; None where there are no names, or one part cannot be named, so that nobody is taken for gone."""
    listed = [each.names(key) for each in inside]
    if not listed or None in listed:
        return None
    return tuple(name for names in listed if names for name in names)


def _scope(raw: Raw) -> Scope:
    day = raw.changed_at.astimezone(dates.WIB).date() if raw.changed_at else _NO_DAY
    return Scope(raw.fields, raw.fields, day)


def _objects_in(listed: Json) -> list[dict[str, Json]]:
    return [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []

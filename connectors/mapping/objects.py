"""One object of an agency: its own row, the Records made from that row, and the parts that travel inside it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from connectors.mapping import dates
from connectors.mapping.fields import Scope
from connectors.mapping.rows import RowMapping, rule_of
from connectors.mapping.words import MappingFile, ObjectWords
from connectors.protocol import Raw
from schema.errors import FieldMissing, IdentifierInvalid, ValueMalformed
from schema.record import BrokenRule, Drift, Json, Record, Violation

_NO_DAY = date(2000, 1, 1)
"""Stands for the day of a thing without a readable time, which breaks a rule anyway."""


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
        yield from self._row(raw, scope, key, broken)
        for part in self._parts:
            yield from self._inside(raw, scope, key, part)

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
        self, raw: Raw, scope: Scope, key: str | None, broken: Sequence[BrokenRule]
    ) -> Iterator[Record | Violation]:
        """The row's own Record and those made from it: all of them, or one Violation."""
        made = [(row, row.make(scope)) for row in (self._own, *self._made)]
        broken = [*broken, *(rule for _, found in made for rule in found.broken)]
        if broken or key is None or raw.changed_at is None:
            yield self._own.violation(scope.row, key, raw.changed_at, broken)
            return
        for row, found in made:
            if row is self._own:
                own = row.record(scope.row, key, raw.changed_at, found.parts, None)
                yield replace(own, parts=self._keys_inside(raw, key))
            elif row.holds(scope.row):
                yield row.record(scope.row, key, raw.changed_at, found.parts, None)
            else:
                yield row.tombstone(key, raw.changed_at)

    def _keys_inside(self, raw: Raw, key: str) -> tuple[tuple[str, str], ...] | None:
        """(object, key) of every part, broken ones too; None where one cannot be named, so that nobody is taken for gone."""
        if not self._parts:
            return None
        found: list[tuple[str, str]] = []
        for part in self._parts:
            name = part.words.name
            listed = raw.fields.get(name)
            items = _objects_in(listed)
            numbers = [part.key(item)[0] for item in items]
            if listed is not None and (
                not isinstance(listed, list) or len(items) != len(listed) or None in numbers
            ):
                return None
            found += [(name, f"{key}/{name}/{number}") for number in numbers]
        return tuple(found)

    def _inside(
        self, raw: Raw, scope: Scope, key: str | None, part: RowMapping
    ) -> Iterator[Record | Violation]:
        """The parts of one name; whatever stands in their list comes out as a Record or a Violation."""
        name = part.words.name
        listed = raw.fields.get(name)
        if listed is None:
            return
        items = listed if isinstance(listed, list) else [listed]
        numbers = Counter(part.key(item)[0] for item in _objects_in(listed))
        for item in items:
            if isinstance(listed, list) and isinstance(item, dict):
                own = Scope(item, scope.row, scope.day)
                yield self._part(raw, own, key, part, twice=numbers[part.key(item)[0]] > 1)
            else:
                rule = rule_of(ValueMalformed(name, "is not a list of objects"))
                yield part.violation({name: item}, None, raw.changed_at, [rule])

    def _part(
        self, raw: Raw, scope: Scope, parent_key: str | None, part: RowMapping, *, twice: bool
    ) -> Record | Violation:
        number, missing = part.key(scope.row)
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


def _scope(raw: Raw) -> Scope:
    day = raw.changed_at.astimezone(dates.WIB).date() if raw.changed_at else _NO_DAY
    return Scope(raw.fields, raw.fields, day)


def _objects_in(listed: Json) -> list[dict[str, Json]]:
    return [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []

"""One wire field as a step: read the value, convert it, put it where it goes. Compiled once, run for each record."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from connectors.mapping import dates
from connectors.mapping.forms import NOTHING, Arguments, Convert, Reading
from connectors.mapping.layout import EACH, Draft, Layout
from connectors.mapping.tables import SAYS_NOTHING
from connectors.mapping.targets import Place, Target
from connectors.mapping.text import is_empty, text_of, words_of
from connectors.mapping.words import FieldWords
from schema.declaration import Kind
from schema.errors import FieldMissing, RecordError
from schema.record import Json

_LISTS = frozenset([Kind.CODES, Kind.TEXTS])


@dataclass(frozen=True, slots=True)
class Scope:
    """What a step sees: the row, the row that it is a part of (else itself), and the day of the last change."""

    row: Mapping[str, Json]
    parent: Mapping[str, Json]
    day: date


Step: TypeAlias = Callable[[Scope, Draft], None]
Put: TypeAlias = Callable[[Draft, Reading], None]


@dataclass(frozen=True, slots=True)
class Field:
    """A wire field, compiled.

    Attributes:
        wire: its name.
        step: puts its value into a draft; raises RecordError where the value breaks a rule.
        may_be_uncoded: the file allows texts that it does not know.
        uncoded: True where the value is such a text.
    """

    wire: str
    step: Step
    may_be_uncoded: bool
    uncoded: Callable[[Scope], bool]


def compile_field(words: FieldWords, layout: Layout, respell: Callable[[str], str]) -> Field:
    """The step that the file's words on one field mean.

    Args:
        words: of the file.
        layout: of the record; the field's groups are added to it.
        respell: of the field's table of words.
    """
    arguments = Arguments(
        path=words.wire,
        tables=words.tables,
        respell=respell,
        unknown=words.unknown,
    )
    convert, day_of = words.form.make(arguments), _day_of(words.on)
    put = _put_each(words, layout) if words.split else _put_one(words, layout)
    read = _reader(words)
    empty, split = _put_empty(words, layout), _splitter(words)

    def step(scope: Scope, draft: Draft) -> None:
        text = read(scope)
        if text:
            put(draft, text, convert, day_of(scope))
        else:
            empty(draft)

    def uncoded(scope: Scope) -> bool:
        try:
            return any(convert(item, day_of(scope)) is None for item in split(read(scope)))
        except RecordError:
            return False  # the step says so with a rule

    may_be_uncoded = words.unknown == SAYS_NOTHING or words.form.may_miss
    return Field(words.wire, step, may_be_uncoded, uncoded)


def _reader(words: FieldWords) -> Callable[[Scope], str]:
    wire, dash_may_be_listed = words.wire, bool(words.tables)

    def read(scope: Scope) -> str:
        text = text_of(scope.row.get(wire), wire)
        return "" if is_empty(text) and not dash_may_be_listed else text

    return read


def _day_of(names: Sequence[str]) -> Callable[[Scope], date]:
    """The first of these fields that has a readable day, else the day of the last change."""
    if not names:
        return lambda scope: scope.day

    before: tuple[str, date] | None = None  # rows of one report ask for the same day again and again

    def day_of(scope: Scope) -> date:
        nonlocal before
        for name in names:
            row, wire = (scope.parent, name[1:]) if name.startswith("^") else (scope.row, name)
            value = row.get(wire)
            if not isinstance(value, str):
                continue
            if before is not None and before[0] == value:
                return before[1]
            if days := dates.days_of(value.strip()):
                before = (value, days[0])
                return days[0]
        return scope.day

    return day_of


def _put(goal: Target, layout: Layout) -> Put:
    number, field, in_list = layout.number(goal.group), goal.field, goal.kind in _LISTS

    def put(draft: Draft, value: Reading) -> None:
        if value is not None and value is not NOTHING:
            draft[number][field] = [value] if in_list and not isinstance(value, list) else value

    return put


def _put_also(words: FieldWords, layout: Layout) -> Callable[[Draft], None]:
    fixed = [(_put(goal, layout), value) for goal, value in words.also]

    def put(draft: Draft) -> None:
        for place, value in fixed:
            place(draft, value)

    return put


def _put_empty(words: FieldWords, layout: Layout) -> Callable[[Draft], None]:
    place, code = _put(words.targets[0], layout), words.when_empty

    def empty(draft: Draft) -> None:
        if words.required:
            raise FieldMissing(words.wire)
        if code is not None:
            place(draft, code)

    return empty


def _put_one(words: FieldWords, layout: Layout) -> Callable[[Draft, str, Convert, date], None]:
    places = [_put(goal, layout) for goal in words.targets]
    spoken = _put(words.text_to, layout) if words.text_to else None
    also = _put_also(words, layout) if words.also else None
    spread = words.form.spread

    def put(draft: Draft, text: str, convert: Convert, day: date) -> None:
        value = convert(text, day)
        if spread and isinstance(value, list):
            for place, item in zip(places, value, strict=True):
                place(draft, item)
        else:
            for place in places:
                place(draft, value)
        if spoken:
            spoken(draft, text)
        if also and value is not NOTHING:
            also(draft)

    return put


def _splitter(words: FieldWords) -> Callable[[str], list[str]]:
    """The items of a cell; the cell itself where the file does not split it."""
    if not words.split:
        return lambda text: [text] if text else []
    found = re.compile("|".join(map(re.escape, words.split)), re.IGNORECASE)
    return lambda text: [item for part in found.split(text) if (item := part.strip())]


def _put_each(words: FieldWords, layout: Layout) -> Callable[[Draft, str, Convert, date], None]:
    (goal,) = words.targets
    number, field, split = layout.number(goal.group), goal.field, _splitter(words)
    spoken = words.text_to.field if words.text_to else None

    def put_list(draft: Draft, text: str, convert: Convert, day: date) -> None:
        read = [convert(item, day) for item in split(text)]
        values = dict.fromkeys(str(value) for value in read if value is not None and value is not NOTHING)
        if values:
            draft[number][field] = [*values]

    def put_events(draft: Draft, text: str, convert: Convert, day: date) -> None:
        events: dict[str, Json] = {}
        for item in split(text):
            code = convert(item, day)
            event: dict[str, Json] = {field: None if code is NOTHING else code}
            if spoken:
                event[spoken] = item
            events.setdefault(words_of(item), event)
        draft[number][EACH] = events

    return put_events if goal.group.place is Place.EACH else put_list

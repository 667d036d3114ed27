"""How the values that the steps have put into a draft become the parts of a Record."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from connectors.mapping.targets import Group, Place, Target
from connectors.mapping.text import words_of
from schema import identifiers
from schema.record import Json

EACH: Final = "*"
"""Key, within a group of Place.EACH, of the events that came out of one cell, by the words of each item."""

Values: TypeAlias = dict[str, Json]
Draft: TypeAlias = defaultdict[int, Values]
"""Values by the number of their group."""


class Parts:
    """The identity, facts and events of a Record that is being made."""

    __slots__ = ("events", "facts", "identity")

    def __init__(self) -> None:
        self.identity: Values = {}
        self.facts: dict[str, Values] = {}
        self.events: dict[str, list[Values]] = {}


class Layout:
    """The groups of one object, numbered, with the constants that hold in each.

    Args:
        constants: of the object.
    """

    def __init__(self, constants: tuple[tuple[Target, Json], ...]) -> None:
        self._numbers: dict[Group, int] = {}
        self._constants: defaultdict[Group, Values] = defaultdict(dict)
        for goal, value in constants:
            self._constants[goal.group][goal.field] = value

    def number(self, group: Group) -> int:
        """The number of a group, given when it is first asked for."""
        if group.owner is not None:
            self.number(group.owner)
        return self._numbers.setdefault(group, len(self._numbers))

    def finisher(self) -> Callable[[Draft], Parts]:
        """A function that places every group of a draft; called once all fields have their numbers."""
        ordered = sorted(self._numbers, key=lambda group: group.place is not Place.MENTION)
        placers = [(self._numbers[group], self._placer(group)) for group in ordered]

        def finish(draft: Draft) -> Parts:
            parts = Parts()
            for number, place in placers:
                if number in draft:
                    place(draft, draft[number], parts)
            return parts

        return finish

    def _placer(self, group: Group) -> "Placer":
        constants = self._constants.get(group, {})
        if group.place is Place.MENTION and group.owner is not None:
            return _mention(group.field, self._numbers[group.owner], constants)
        return _PLACERS[group.place](group, constants)


Placer: TypeAlias = Callable[[Draft, Values, Parts], None]
"""Puts the values of one group where they belong in the parts, or into the group that owns them."""


def _identity(_group: Group, _constants: Values) -> Placer:
    return lambda _draft, values, parts: parts.identity.update(values)


def _facts(group: Group, constants: Values) -> Placer:
    def place(_draft: Draft, values: Values, parts: Parts) -> None:
        parts.facts[group.entity] = {**constants, **values}

    return place


def _event(group: Group, constants: Values) -> Placer:
    entity, head = group.entity, {"key": group.key, **constants}

    def place(_draft: Draft, values: Values, parts: Parts) -> None:
        parts.events.setdefault(entity, []).append({**head, **values})

    return place


def _each(group: Group, constants: Values) -> Placer:
    entity, prefix = group.entity, group.key.removesuffix(EACH)

    def place(_draft: Draft, values: Values, parts: Parts) -> None:
        items = values.pop(EACH, None)
        for words, item in items.items() if isinstance(items, dict) else ():
            own = item if isinstance(item, dict) else {}
            event: Values = {"key": f"{prefix}{words}", **constants, **values, **own}
            parts.events.setdefault(entity, []).append(event)

    return place


def _document(group: Group, constants: Values) -> Placer:
    head: Values = {"key": group.key, **constants}

    def place(_draft: Draft, values: Values, parts: Parts) -> None:
        documents = parts.identity.setdefault("documents", [])
        if isinstance(documents, list):
            documents.append({**head, **values})
        number = values.get("number")
        if isinstance(number, str) and (passport := identifiers.passport(number)):
            parts.identity.setdefault("passport", passport)

    return place


def _mention(field: str, owner: int, constants: Values) -> Placer:
    """An organisation with one key for all spellings of it: of its code, or of its name where it has none."""

    def place(draft: Draft, values: Values, _parts: Parts) -> None:
        said: Values = {**constants, **values}
        if named := said.get("key") or said.get("name"):
            said["key"] = f"{said.get('type', 'OTHER')}/{words_of(str(named)).upper()}"
            draft[owner][field] = said

    return place


_PLACERS: Mapping[Place, Callable[[Group, Values], Placer]] = {
    Place.IDENTITY: _identity,
    Place.FACTS: _facts,
    Place.EVENT: _event,
    Place.EACH: _each,
    Place.DOCUMENT: _document,
}

"""Where a value goes in a Record: `Entity.field`, `Event(key).field`, `Event(key).organisation.field`.

A target is checked against the declarations of `schema` when the file is read, so a Record never holds a field that
the canonical model does not have, nor identity among its facts.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from schema.codes import code_list
from schema.declaration import Declaration, Kind, Rule
from schema.entities import entities
from schema.record import Json, RecordKind

_TARGET = re.compile(
    r"(?P<entity>[A-Z]\w+)(?:\((?P<key>[a-z0-9_/]+(?:/\*)?)\))?\.(?P<field>\w+)(?:\.(?P<part>\w+))?"
)
_ENTITIES: Mapping[RecordKind, frozenset[str]] = MappingProxyType(
    {
        RecordKind.CASE: frozenset(["Case", "LegalEvent"]),
        RecordKind.PERSON: frozenset(
            [
                "Person",
                "Victim",
                "Perpetrator",
                "Case",
                "Movement",
                "JobPlacement",
                "ServiceEvent",
                "Restitution",
            ]
        )
        | {"Document"},
    }
)
_FACTS = frozenset(["Person", "Victim", "Perpetrator", "Case"])


class Place(Enum):
    """Which part of a Record a group of values belongs to."""

    IDENTITY = "identity"
    FACTS = "facts"
    DOCUMENT = "document"
    EVENT = "event"
    EACH = "each"
    """One event for each item of a list; the values that the group shares stand in every one."""
    MENTION = "mention"
    """An organisation, inside the values of its owner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Values that belong together in a Record: facts of one entity, one event, one document, one organisation."""

    place: Place
    entity: str
    key: str = ""
    owner: "Group | None" = None
    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One canonical field. `kind` and `codes` are its declaration's; an organisation as a whole has neither."""

    name: str
    group: Group
    field: str
    kind: Kind | None
    codes: str | None

    def problem_of(self, value: Json) -> str | None:
        """What is wrong with a constant; None if the field may have it."""
        if self.codes and value not in code_list(self.codes):
            return f"{value} is no code of the list {self.codes}"
        if self.kind is Kind.INTEGER and (isinstance(value, bool) or not isinstance(value, int)):
            return f"{self.name} takes a whole number"
        return None


def target(name: str, kind: RecordKind) -> Target:
    """The target of a name, for records of a kind.

    Raises:
        ValueError: the canonical model has no such field, or a record of this kind does not speak of it.
    """
    match = _TARGET.fullmatch(name)
    if match is None:
        message = f"{name} is no target; write Entity.field or Event(key).field"
        raise ValueError(message)
    entity, key, field, part = match["entity"], match["key"], match["field"], match["part"]
    if entity not in _ENTITIES[kind]:
        message = f"a {kind} record does not speak of {entity}"
        raise ValueError(message)
    if (key is None) != (entity in _FACTS):
        message = f"{name}: an event has a key in parentheses, facts of {', '.join(sorted(_FACTS))} have none"
        raise ValueError(message)
    group = Group(place=_place(entity, key), entity=entity, key=key or "")
    if part is not None or _is_organisation(entity, field):
        return _mention(name, group, field, part)
    declared = _declaration(entity, field)
    if declared.kind is Kind.ID:
        message = f"{name}: ids are the hub's"
        raise ValueError(message)
    if entity == "Person" and declared.sealed:
        group = Group(place=Place.IDENTITY, entity=entity)
    elif declared.sealed and entity != "Document":
        message = f"{name} is identity, which only Person and Document may hold"
        raise ValueError(message)
    return Target(name=name, group=group, field=field, kind=declared.kind, codes=declared.codes)


def _place(entity: str, key: str | None) -> Place:
    if key is None:
        return Place.FACTS
    if entity == "Document":
        return Place.DOCUMENT
    return Place.EACH if key.endswith("/*") else Place.EVENT


def _declaration(entity: str, field: str) -> Declaration:
    try:
        return entities()[entity].field(field)
    except KeyError:
        message = f"{entity} has no field {field}"
        raise ValueError(message) from None


def _is_organisation(entity: str, field: str) -> bool:
    declared = {declaration.name: declaration for declaration in entities()[entity].fields}
    found = declared.get(f"{field}_id")
    return found is not None and found.kind is Kind.ID and found.rule is not Rule.DERIVED


def _mention(name: str, owner: Group, field: str, part: str | None) -> Target:
    if not _is_organisation(owner.entity, field):
        message = f"{owner.entity} has no organisation {field}"
        raise ValueError(message)
    if part is None:
        return Target(name=name, group=owner, field=field, kind=None, codes=None)
    group = Group(place=Place.MENTION, entity="Organisation", owner=owner, field=field)
    if part == "key":
        return Target(name=name, group=group, field="key", kind=Kind.TEXT, codes=None)
    declared = _declaration("Organisation", part)
    return Target(name=name, group=group, field=part, kind=declared.kind, codes=declared.codes)

"""Whose word wins, field by field, and which values lost.

Source: the survivorship rules of each declaration in schema.entities; ADR-0004.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from schema.declaration import Declaration, Rule
from schema.record import Json

Value: TypeAlias = Any
"""A JSON value as a source said it."""


class Word(NamedTuple):
    """What one source record says on an entity: values by field, and who says it when."""

    agency: str
    record_id: UUID
    source_time: datetime
    key: bytes
    values: Mapping[str, Json]


@dataclass(slots=True)
class Survivors:
    """The values that won, and where from."""

    values: dict[str, Value] = field(default_factory=dict[str, Value])
    winners: dict[str, Word] = field(default_factory=dict[str, Word])
    conflicts: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    sources: dict[UUID, tuple[Word, list[str]]] = field(default_factory=dict[UUID, tuple[Word, list[str]]])

    def provenance(self) -> dict[str, Any]:
        """The provenance document of the row, in an order that does not depend on arrival."""
        ordered = list(self.sources.values())
        if len(ordered) > 1:
            ordered.sort(key=lambda entry: precedence(entry[0]))
        sources = [
            {
                "agency": word.agency,
                "record": word.record_id,
                "at": word.source_time,
                "fields": [*sorted(fields)],
            }
            for word, fields in ordered
        ]
        return {"sources": sources, "conflicts": self.conflicts}

    def agencies(self) -> list[str]:
        """Codes of the agencies that the row rests on, sorted."""
        return sorted({word.agency for word, _ in self.sources.values()})


def precedence(word: Word) -> tuple[float, str, bytes]:
    """Order of two words that weigh the same: the newest first, then agency, then key; never by arrival."""
    return (-word.source_time.timestamp(), word.agency, word.key)


def is_absent(value: Json) -> bool:
    """True for what never beats a present value: nothing, UNKNOWN, a list of nothing else."""
    if isinstance(value, list):
        return all(is_absent(item) for item in value)
    return value is None or value in ("UNKNOWN", "")


def survive(declarations: Sequence[Declaration], words: Sequence[Word]) -> Survivors:
    """The surviving value of each declared field that is not derived.

    Args:
        declarations: fields of one entity.
        words: of the entity's sources, any order, n >= 0.
    """
    if len(words) == 1:
        return _alone(declarations, words[0])
    ordered = sorted(words, key=precedence)
    result = Survivors(sources={word.record_id: (word, []) for word in ordered})
    for declaration in declarations:
        if declaration.rule is Rule.DERIVED:
            continue
        name = declaration.name
        said = [word for word in ordered if name in word.values and not is_absent(word.values[name])]
        if said:
            _settle(result, declaration, said)
    return result


def _alone(declarations: Sequence[Declaration], word: Word) -> Survivors:
    """The usual case: one source, so every word wins; the same result as the long way."""
    said = word.values.get
    values: dict[str, Value] = {}
    for declaration in declarations:
        name = declaration.name
        value = said(name)
        if value is not None and not is_absent(value) and declaration.rule is not Rule.DERIVED:
            values[name] = _union([value]) if declaration.rule is Rule.UNION else value
    return Survivors(values, dict.fromkeys(values, word), [], {word.record_id: (word, list(values))})


def _settle(result: Survivors, declaration: Declaration, said: Sequence[Word]) -> None:
    name = declaration.name
    if declaration.rule is Rule.UNION:
        result.values[name] = _union(word.values[name] for word in said)
        for word in said:
            result.sources[word.record_id][1].append(name)
        result.winners[name] = said[0]
        return
    winner = said[0] if len(said) == 1 else _winner(declaration, said)
    result.values[name] = winner.values[name]
    result.winners[name] = winner
    result.sources[winner.record_id][1].append(name)
    if len(said) > 1:
        note_conflicts(result, declaration, winner, said)


def note_conflicts(result: Survivors, declaration: Declaration, winner: Word, said: Sequence[Word]) -> None:
    """Keeps the values that lost; an identity value is named but never shown."""
    name = declaration.name
    for word in said:
        if word.values[name] != winner.values[name]:
            result.conflicts.append(
                {
                    "field": name,
                    "agency": word.agency,
                    "record": word.record_id,
                    "at": word.source_time,
                    "value": None if declaration.sealed else word.values[name],
                }
            )


def _winner(declaration: Declaration, said: Sequence[Word]) -> Word:
    name = declaration.name
    if declaration.rule is Rule.EARLIEST:
        return min(said, key=lambda word: str(word.values[name]))
    if declaration.rule is Rule.LATEST:
        return max(said, key=lambda word: str(word.values[name]))
    wins = declaration.wins
    return min(said, key=lambda word: wins.index(word.agency) if word.agency in wins else len(wins))


def _union(values: Iterable[Json]) -> list[str]:
    found: set[str] = set()
    for value in values:
        found.update(
            [str(item) for item in (value if isinstance(value, list) else [value]) if not is_absent(item)]
        )
    return sorted(found)

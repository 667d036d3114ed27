"""A golden row as COPY reads it, and what tells it from another."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from hub import copying
from hub.identity import envelope
from hub.identity.keyring import SubjectKey, fingerprint
from schema.declaration import Kind
from schema.entities import entities
from schema.record import Json
from schema.tables.golden import REACHED, SOUGHT

_ENCODERS: dict[Kind, Callable[[Any], str]] = {
    Kind.TEXT: copying.text,
    Kind.CODE: copying.text,
    Kind.TEXTS: copying.texts,
    Kind.CODES: copying.texts,
    Kind.BOOLEAN: copying.flag,
    Kind.OBJECTS: lambda value: copying.text(orjson.dumps(value).decode()),
}
"""Of all other kinds PostgreSQL reads what `str` gives: ids, days, moments, numbers."""


class Secret(NamedTuple):
    """A value to be sealed in its column, and whose key seals it; the value is never shown."""

    subject: SubjectKey
    source_id: UUID
    value: Json

    def __repr__(self) -> str:
        return "Secret(sealed)"


@dataclass(slots=True)
class GoldenRow:
    """One golden row before it has an epoch.

    What is written of it is made when it is asked for: most rows are made while the server reads the ones before, and
    a row that stays as it is is never sealed again.

    Attributes:
        entity: its name.
        values: in the clear, by column; what is absent is null. Days, moments and numbers as Python or as JSON has them.
        secrets: by sealed column.
        agencies: that the row rests on.
        provenance: the document; ids and moments are written as JSON has them.
        reach: to whom the row may be given (schema.reach), where the entity has that column.
        tokens: by what the row is found (hub.identity.sought), where the entity has that column.
    """

    entity: str
    values: Mapping[str, Any]
    secrets: Mapping[str, Secret]
    agencies: Sequence[str]
    provenance: Mapping[str, Any]
    reach: Sequence[str] = ()
    tokens: Sequence[int] = ()
    _line: str | None = None

    @property
    def _clear_line(self) -> str:
        if self._line is None:
            said = self.values.get
            cells = [
                copying.NULL if (value := said(name)) is None else encode(value)
                for name, encode in _clear(self.entity)
            ]
            cells += copying.texts(self.agencies), copying.text(orjson.dumps(self.provenance).decode())
            if self.entity in REACHED:
                cells.append(copying.texts(self.reach))
            if self.entity in SOUGHT:
                cells.append(copying.numbers(self.tokens))
            self._line = "\t".join(cells)
        return self._line

    @property
    def fingerprint(self) -> bytes:
        """Of all that is in the clear; the record that a sealed value came from, which the provenance names, stands for it."""
        return fingerprint(self._clear_line.encode())

    def sealed_values(self) -> dict[str, bytes]:
        """The secrets as they may be stored in this row, by column; each call seals them anew."""
        entity = entities()[self.entity]
        found: dict[str, bytes] = {}
        for name, secret in self.secrets.items():
            place = f"{entity.table}.{name}:{self.values[entity.key]}"
            plain = orjson.dumps(secret.value)
            found[name] = envelope.seal(secret.subject.cipher, secret.source_id, place, plain)
        return found

    def line(self, epoch: int) -> str:
        """The whole row as `columns` orders it, written by that recompute."""
        sealed = self.sealed_values()
        cells = [
            copying.octets(sealed[one]) if one in sealed else copying.NULL for one in _sealed(self.entity)
        ]
        return "\t".join([self._clear_line, *cells, copying.octets(self.fingerprint), str(epoch)])


@cache
def _clear(entity: str) -> tuple[tuple[str, Callable[[Any], str]], ...]:
    fields = [field for field in entities()[entity].fields if not field.sealed]
    return tuple((field.name, _ENCODERS.get(field.kind, str)) for field in fields)


@cache
def _sealed(entity: str) -> tuple[str, ...]:
    return tuple(field.name for field in entities()[entity].fields if field.sealed)


@cache
def columns(entity: str) -> tuple[str, ...]:
    """Columns of the golden table in the order of a row's line."""
    clear = [name for name, _ in _clear(entity)]
    reach = ("reach",) if entity in REACHED else ()
    tokens = ("tokens",) if entity in SOUGHT else ()
    return *clear, "agencies", "provenance", *reach, *tokens, *_sealed(entity), "fingerprint", "epoch"

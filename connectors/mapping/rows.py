"""One row: its key, what its fields give, and the Record, tombstone or Violation that comes of it."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.mapping import police
from connectors.mapping.fields import Field, Scope, compile_field
from connectors.mapping.layout import Draft, Layout, Parts
from connectors.mapping.text import respeller, text_of, words_of
from connectors.mapping.words import MappingFile, ObjectWords
from schema.errors import FieldMissing, RecordError
from schema.record import BrokenRule, Drift, Json, Record, RecordKind, Violation

_FORM_OF: Mapping[type, str] = {
    str: "text", bool: "flag", int: "number", float: "number", list: "list", dict: "object", type(None): "nothing",
}  # fmt: skip
_UNCODED = "text that no table knows"


@dataclass(frozen=True, slots=True)
class Made:
    """What the fields of one row gave: the parts of its Record, and the rules that they broke."""

    parts: Parts
    broken: tuple[BrokenRule, ...]


def rule_of(error: RecordError) -> BrokenRule:
    """The rule that an error speaks of; errors of records never hold a value."""
    problem = str(error).removeprefix(f"{error.path}: ")
    return BrokenRule(rule=error.rule, path=error.path, problem=problem)


class RowMapping:
    """The rows of one object of a file, compiled.

    Args:
        file: of the agency.
        words: of the object.
        outside: wire fields that are no part of the row's own record, such as lists of parts.
    """

    def __init__(self, file: MappingFile, words: ObjectWords, outside: frozenset[str] = frozenset()) -> None:
        self.words = words
        self._file = file
        layout = Layout(words.constants)
        respellers: dict[int, Callable[[str], str]] = {}
        fields: list[Field] = []
        for field in words.fields:
            respell = respellers.setdefault(id(field.words), respeller(field.words))
            fields.append(compile_field(field, layout, respell))
        self._steps = [field.step for field in fields]
        self._uncoded = [field for field in fields if field.may_be_uncoded]
        self._finish = layout.finisher()
        self._when = frozenset(words_of(value) for value in words.when[1]) if words.when else frozenset[str]()
        self._outside = outside | words.never.keys()
        self.mapped = frozenset([words.key, *(field.wire for field in fields)])
        self.known = self.mapped | words.ignored.keys() | self._outside | {file.changed_at}

    def key(self, row: Mapping[str, Json]) -> tuple[str | None, tuple[BrokenRule, ...]]:
        """The key of a row, or the rule that it breaks by having none."""
        wire = self.words.key
        try:
            key = text_of(row.get(wire), wire)
        except RecordError as error:
            return None, (rule_of(error),)
        return (key, ()) if key else (None, (rule_of(FieldMissing(wire)),))

    def make(self, scope: Scope) -> Made:
        """What the fields of a row give."""
        draft: Draft = defaultdict(dict)
        broken: list[BrokenRule] = []
        for step in self._steps:
            try:
                step(scope, draft)
            except RecordError as error:
                broken.append(rule_of(error))
        return Made(self._finish(draft), tuple(broken))

    def holds(self, row: Mapping[str, Json]) -> bool:
        """True where the row has its role and case, or where the Record made from it exists."""
        when = self.words.when
        return when is None or words_of(str(row.get(when[0]))) in self._when

    def record(
        self,
        row: Mapping[str, Json],
        key: str,
        changed_at: datetime,
        parts: Parts,
        case: tuple[str, str] | None,
        inside: tuple[tuple[str, str], ...] | None = None,
    ) -> Record:
        """The Record of a row.

        Args:
            row: as received.
            key: of the Record.
            changed_at: aware UTC.
            parts: what its fields gave.
            case: (object, key) of what it is a part of; None for a row that stands alone.
            inside: (object, key) of every part that travels inside it; None where that says nothing.
        """
        words, holds = self.words, self.holds(row)
        report = parts.facts.get("Case", {}).get("police_report") if words.kind is RecordKind.CASE else None
        return Record(
            agency=self._file.agency,
            object=words.name,
            key=key,
            kind=words.kind,
            source_time=changed_at,
            mapping_version=self._file.version,
            role=words.role if holds else None,
            case=case or ((words.case, key) if words.case and holds else None),
            implied=words.implied,
            police_report=report if isinstance(report, str) and police.is_report_key(report) else None,
            parts=inside,
            identity=parts.identity,
            facts=parts.facts,
            events=parts.events,
            raw=self._raw(row),
        )

    def tombstone(self, key: str, changed_at: datetime) -> Record:
        """The Record that says that the agency has withdrawn the row, or that what was made from it is no more."""
        return Record(
            agency=self._file.agency,
            object=self.words.name,
            key=key,
            kind=self.words.kind,
            source_time=changed_at,
            mapping_version=self._file.version,
            deleted=True,
        )

    def violation(
        self,
        row: Mapping[str, Json],
        key: str | None,
        changed_at: datetime | None,
        broken: Sequence[BrokenRule],
    ) -> Violation:
        """The row with every rule that it breaks.

        Args:
            row: as received.
            key: None where it has none.
            changed_at: aware UTC, None where no time can be read.
            broken: n >= 1.
        """
        return Violation(
            agency=self._file.agency,
            object=self.words.name,
            key=key,
            source_time=changed_at,
            rules=tuple(dict.fromkeys(broken)),
            raw={wire: value for wire, value in row.items() if wire not in self._outside},
            mapping_version=self._file.version,
        )

    def unknown_fields(self, row: Mapping[str, Json], known: frozenset[str]) -> Iterator[Drift]:
        """A drift for each wire field of a row that is not known."""
        for wire, value in row.items():
            if wire not in known:
                yield self._drift(wire, _FORM_OF.get(type(value), "unknown"))

    def unknown_texts(self, scope: Scope) -> Iterator[Drift]:
        """A drift for each field whose text may be unknown, and is."""
        for field in self._uncoded:
            if field.uncoded(scope):
                yield self._drift(field.wire, _UNCODED)

    def _raw(self, row: Mapping[str, Json]) -> dict[str, Json]:
        """The part as received, without what is never taken; a second Record of a row keeps only what it reads."""
        if self.words.made_from:
            return {wire: value for wire, value in row.items() if wire in self.mapped}
        return {wire: value for wire, value in row.items() if wire not in self._outside}

    def _drift(self, path: str, form: str) -> Drift:
        return Drift(agency=self._file.agency, object=self.words.name, path=path, form=form)

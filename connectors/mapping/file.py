"""A mapping file, read and checked against the canonical model.

Form of the file, `connectors/agencies/<agency>.toml`:

    version, agency, changed_at          of the file; the agency's code; the wire field of the time of change
    [expect] minimum, maximum            records a full run
    [not_taken_in]                       objects that are left alone, each with its reason
    [objects.<name>]                     kind, key; for a person role and case; when; part_of or made_from
    [objects.<name>.fields]              wire field = { form, to, ... }, or a list where it is read in two forms
    [objects.<name>.constants]           target = value, wherever the target's group has a value
    [objects.<name>.ignored]             wire field = reason; kept in the sealed record
    [objects.<name>.never]               wire field = reason; cut out before anything is kept
    [values.<table>]                     CODE = [spellings]; absent = [spellings without a value]; [.phrases] the same
    [words.<table>]                      written = meant, to respell abbreviations
"""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from importlib.resources import files
from typing import TypeVar

from connectors.mapping.forms import FORMS
from connectors.mapping.section import Section
from connectors.mapping.tables import SAYS_NOTHING, Table
from connectors.mapping.targets import Place, Target, target
from connectors.mapping.words import Expect, FieldWords, MappingFile, ObjectWords
from schema.codes import code_list
from schema.errors import SettingError
from schema.record import Json, RecordKind, Role

Word = TypeVar("Word", bound=StrEnum)


def read(agency: str) -> MappingFile:
    """The mapping file of an agency.

    Args:
        agency: its word in lower case, such as polri.

    Raises:
        SettingError: there is no such file, or it does not fit the canonical model.
    """
    name = f"{agency}.toml"
    try:
        text = files("connectors.agencies").joinpath(name).read_text(encoding="utf-8")
    except (FileNotFoundError, ModuleNotFoundError):
        raise SettingError(name, "there is no such file in connectors/agencies") from None
    return parse(name, text)


def parse(name: str, text: str) -> MappingFile:
    """The mapping file that a text holds.

    Args:
        name: of the file, for errors.
        text: TOML.

    Raises:
        SettingError: it is no TOML, or names a field, code, form or table that does not exist.
    """
    try:
        top = Section(name, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SettingError(name, f"is no TOML: {error}") from error
    version, agency, changed_at = top.text("version"), top.text("agency"), top.text("changed_at")
    if agency not in code_list("agency"):
        raise top.wrong("agency", f"{agency} is no code of the list agency")
    tables = {key: _table(section) for key, section in top.sections("values")}
    words = {key: section.all_texts() for key, section in top.sections("words")}
    vocabulary = _Vocabulary(tables, words)
    found = MappingFile(
        version=version,
        agency=agency,
        changed_at=changed_at,
        expect=_expect(top.section("expect")),
        not_taken_in=top.section("not_taken_in").all_texts(),
        objects=tuple(_object(key, section, vocabulary) for key, section in top.sections("objects")),
    )
    top.done()
    vocabulary.check_used(top)
    _check_relations(top, found.objects)
    return found


class _Vocabulary:
    """Tables of values and words by name, and which of them a field has asked for."""

    def __init__(self, tables: Mapping[str, Table], words: Mapping[str, Mapping[str, str]]) -> None:
        self._tables, self._words = tables, words
        self._used: set[str] = set()

    def table(self, section: Section, key: str, name: str) -> Table:
        if name not in self._tables:
            raise section.wrong(key, f"there is no table values.{name}")
        self._used.add(f"values.{name}")
        return self._tables[name]

    def words(self, section: Section, name: str | None) -> Mapping[str, str]:
        if name is None:
            return {}
        if name not in self._words:
            raise section.wrong("words", f"there is no table words.{name}")
        self._used.add(f"words.{name}")
        return self._words[name]

    def check_used(self, top: Section) -> None:
        named = [*(f"values.{name}" for name in self._tables), *(f"words.{name}" for name in self._words)]
        for name in named:
            if name not in self._used:
                raise top.wrong(name, "no field uses this table")


def _expect(section: Section) -> Expect:
    found = Expect(minimum=section.count("minimum"), maximum=section.count("maximum"))
    section.done()
    return found


def _table(section: Section) -> Table:
    phrases = section.section("phrases")
    return Table(
        {code: section.texts(code) for code in section.names()},
        {code: phrases.texts(code) for code in phrases.names()},
    )


def _object(name: str, section: Section, vocabulary: _Vocabulary) -> ObjectWords:
    kind = _one_of(section, "kind", RecordKind)
    role = _one_of(section, "role", Role) if section.has("role") else None
    found = ObjectWords(
        name=name,
        kind=kind,
        key=section.text("key"),
        role=role,
        case=section.optional_text("case"),
        when=_when(section.section("when")),
        part_of=section.optional_text("part_of"),
        made_from=section.optional_text("made_from"),
        implied=section.flag("implied"),
        fields=tuple(
            _field(wire, inner, kind, vocabulary) for wire, inner in section.section("fields").all_sections()
        ),
        constants=_constants(section.section("constants"), kind),
        ignored=section.section("ignored").all_texts(),
        never=section.section("never").all_texts(),
    )
    section.done()
    mapped = {field.wire for field in found.fields} | {found.key}
    for wire in [*found.ignored, *found.never]:
        if wire in mapped or (wire in found.ignored and wire in found.never):
            raise section.wrong(wire, "is mapped, ignored or never taken: one of the three")
    return found


def _one_of(section: Section, key: str, words: type[Word]) -> Word:
    text = section.text(key)
    try:
        return words(text)
    except ValueError:
        raise section.wrong(key, f"must be one of {', '.join(words)}") from None


def _when(section: Section) -> tuple[str, frozenset[str]] | None:
    names = section.names()
    if not names:
        return None
    if len(names) > 1:
        raise section.wrong(names[1], "one wire field decides, with a list of its values")
    return names[0], frozenset(section.texts(names[0]))


def _target(section: Section, key: str, name: str, kind: RecordKind) -> Target:
    try:
        return target(name, kind)
    except ValueError as error:
        raise section.wrong(key, str(error)) from error


def _constants(section: Section, kind: RecordKind) -> tuple[tuple[Target, Json], ...]:
    found: list[tuple[Target, Json]] = []
    for name in section.names():
        goal = _target(section, name, name, kind)
        value: Json = section.take(name)
        if problem := goal.problem_of(value):
            raise section.wrong(name, problem)
        found.append((goal, value))
    return tuple(found)


def _field(wire: str, section: Section, kind: RecordKind, vocabulary: _Vocabulary) -> FieldWords:
    form_name = section.text("form")
    if form_name not in FORMS:
        raise section.wrong("form", f"{form_name} is no form; there are {', '.join(FORMS)}")
    targets, tables = _targets(section, kind, vocabulary)
    text_to = section.optional_text("text_to")
    found = FieldWords(
        wire=wire,
        form=FORMS[form_name],
        targets=targets,
        tables=tables,
        words=vocabulary.words(section, section.optional_text("words")),
        split=section.texts("split"),
        on=section.texts("on"),
        unknown=section.optional_text("unknown"),
        when_empty=section.optional_text("when_empty"),
        text_to=_target(section, "text_to", text_to, kind) if text_to else None,
        also=_constants(section.section("also"), kind),
        required=section.flag("required"),
    )
    section.done()
    _check_field(section, form_name, found)
    return found


def _targets(
    section: Section, kind: RecordKind, vocabulary: _Vocabulary
) -> tuple[tuple[Target, ...], tuple[Table, ...]]:
    """Targets and tables: `to` is a target, a list of them, or a table from target to its table of values."""
    shared = section.optional_text("values")
    if section.holds_table("to"):
        pairs = section.section("to").all_texts()
        goals = tuple(_target(section, "to", name, kind) for name in pairs)
        return goals, tuple(vocabulary.table(section, "to", name) for name in pairs.values())
    goals = tuple(_target(section, "to", name, kind) for name in section.texts("to"))
    return goals, (vocabulary.table(section, "values", shared),) if shared else ()


def _check_field(section: Section, form_name: str, field: FieldWords) -> None:
    _check_targets(section, form_name, field)
    _check_tables(section, form_name, field)
    if field.unknown not in (None, SAYS_NOTHING) and (problem := field.targets[0].problem_of(field.unknown)):
        raise section.wrong("unknown", problem)
    if field.when_empty is not None and (problem := field.targets[0].problem_of(field.when_empty)):
        raise section.wrong("when_empty", problem)


def _check_targets(section: Section, form_name: str, field: FieldWords) -> None:
    if not field.targets:
        raise section.wrong("to", "is missing; write a target")
    for goal in field.targets:
        if goal.kind not in field.form.gives:
            raise section.wrong("to", f"the form {form_name} cannot fill {goal.name}")
    if field.form.spread and len(field.targets) == 1:
        raise section.wrong("to", f"the form {form_name} has one value for each of several targets")
    if field.split and (len(field.targets) > 1 or field.also):
        raise section.wrong("split", "a field that is split has one target and no constants")
    if field.text_to is None:
        return
    spoken = field.text_to.group
    if field.split and spoken not in {goal.group for goal in field.targets}:
        raise section.wrong("text_to", "the words of each item stand beside its code")
    if not field.split and spoken.place is Place.EACH:
        raise section.wrong("text_to", "the words of each item need a field that is split into them")


def _check_tables(section: Section, form_name: str, field: FieldWords) -> None:
    needs = {"code": 1, "code_of_one_list": len(field.targets)}.get(form_name)
    if needs is not None and len(field.tables) != needs:
        raise section.wrong("values", f"the form {form_name} needs {needs} of values")
    if field.tables and needs is None and form_name != "country":
        raise section.wrong("values", f"the form {form_name} looks nothing up")
    for goal, table in zip(field.targets, field.tables, strict=False):
        allowed = goal.codes or "country"
        for code in sorted(table.codes - code_list(allowed).keys()):
            raise section.wrong("values", f"{code} is no code of the list {allowed}")


def _check_relations(top: Section, objects: tuple[ObjectWords, ...]) -> None:
    by_name = {found.name: found for found in objects}
    for found in objects:
        place = f"objects.{found.name}"
        for key, named in (("part_of", found.part_of), ("made_from", found.made_from), ("case", found.case)):
            if named is not None and named not in by_name:
                raise top.wrong(f"{place}.{key}", f"there is no object {named}")
        whole = by_name.get(found.part_of or found.made_from or "")
        if whole and (whole.part_of or whole.made_from):
            raise top.wrong(place, f"{whole.name} does not stand alone, so nothing can be a part of it")
        if found.role and not (found.case or found.part_of):
            raise top.wrong(f"{place}.role", "a role needs a case: case or part_of")
        _check_names(top, place, found, whole)


def _check_names(top: Section, place: str, found: ObjectWords, whole: ObjectWords | None) -> None:
    """The wire fields that `when` and `on` name are mapped, so that a misspelt one does not silently say nothing."""
    above = _wires(whole) if whole else set[str]()
    own = _wires(found) | above if found.made_from else _wires(found)
    if found.when and found.when[0] not in own:
        raise top.wrong(f"{place}.when", f"no field {found.when[0]} is mapped")
    known = own | {f"^{wire}" for wire in above}
    for field in found.fields:
        for name in field.on:
            if name not in known:
                raise top.wrong(f"{place}.fields.{field.wire}.on", f"no field {name} is mapped")


def _wires(found: ObjectWords) -> set[str]:
    return {found.key, *(field.wire for field in found.fields)}

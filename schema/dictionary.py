"""The data dictionary as Markdown: every entity, field, code list and code, from their declarations.

`python -m schema.dictionary` prints it; `python -m hub.cli.docs` keeps it in docs/glossary.md.
"""

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

from schema.codes import Code, code_lists
from schema.declaration import Declaration, Entity, Kind, Rule, camel_case, entity_of
from schema.entities import ENTITIES, RELATIONS, ROLES

_KINDS = {
    Kind.ID: "id",
    Kind.TEXT: "text",
    Kind.TEXTS: "list of texts",
    Kind.CODE: "code",
    Kind.CODES: "list of codes",
    Kind.DATE: "date",
    Kind.TIMESTAMP: "moment (UTC)",
    Kind.INTEGER: "whole number",
    Kind.BOOLEAN: "yes or no",
    Kind.MONEY: "amount",
    Kind.OBJECTS: "list of objects",
}
_RULES = {
    Rule.AGENCY: "newest word",
    Rule.UNION: "all words together",
    Rule.EARLIEST: "earliest",
    Rule.LATEST: "latest",
    Rule.DERIVED: "the hub computes it",
    Rule.EVENT: "as the agency sent it",
}
_STANDARDS = {"htcds": "HTCDS", "ictip": "IC-TIP", "ctdc": "CTDC", "niem": "NIEM"}
_SINCE_THE_LAW = "2007-04-19"


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", r"\|").replace("*", r"\*").strip()


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _kind(field: Declaration) -> str:
    kind = _KINDS[field.kind]
    return kind if field.codes is None else f"{kind} of [{field.codes}](#list-{field.codes})"


def _whose_word(field: Declaration) -> str:
    if not field.wins:
        return _RULES[field.rule]
    return " > ".join(field.wins)


def _elsewhere(field: Declaration) -> str:
    named = ((label, getattr(field.standards, name)) for name, label in _STANDARDS.items())
    return "; ".join(f"{label} {_cell(word)}" for label, word in named if word)


def _field(entity: Entity, field: Declaration) -> list[str]:
    name = entity.graphql_name(field)
    return [
        f"`{field.name}`" if name == field.name else f"`{field.name}` `{name}`",
        _cell(field.label_id),
        _cell(field.text),
        _kind(field),
        field.sensitivity.value,
        f"`{field.scope}`",
        _whose_word(field),
        _elsewhere(field),
    ]


_FIELD_HEAD = (
    "Field",
    "Indonesian",
    "What it is",
    "Kind",
    "Sensitivity",
    "Opened by",
    "Whose word wins",
    "Elsewhere",
)


def objects_of(cls: type) -> list[type]:
    """Dataclasses that stand inside the fields of an entity's class, such as LegalBasis in Case."""
    found: list[type] = []
    for hint in get_type_hints(cls).values():
        waiting: list[Any] = [hint]
        while waiting:
            one = waiting.pop()
            waiting.extend(get_args(one))
            if isinstance(one, type) and is_dataclass(one):
                found.append(one)
    return found


def _object(cls: type) -> str:
    names = [f"`{field.name}` `{camel_case(field.name)}`" for field in fields(cls)]
    return f"**{cls.__name__}**. {_cell(cls.__doc__ or '')} Its fields: {', '.join(names)}.\n"


def _relations(entity: Entity) -> str:
    own = [relation for relation in RELATIONS if relation.owner == entity.name]
    if not own:
        return ""
    rows = [
        [
            f"`{camel_case(relation.name)}`",
            f"list of {relation.target}" if relation.many else relation.target,
            _cell(relation.text),
        ]
        for relation in own
    ]
    return "\n" + _table(("Leads to", "Which is", "What it is"), rows)


def _role(entity: Entity) -> str:
    if entity.name not in ROLES:
        return ""
    return (
        f"A role of a [Person](#person): it carries the person's fields too, where `{{role}}` in a scope reads"
        f" `{ROLES[entity.name]}`.\n\n"
    )


def entity_part(cls: type) -> str:
    """An entity with its fields, where it leads to, and the objects inside its fields."""
    entity = entity_of(cls)
    parts = "".join("\n" + _object(part) for part in objects_of(cls))
    return (
        f"### {entity.name}\n\n"
        f"*{entity.label_id}.* {_cell(entity.text)} Table `{entity.table}`, key `{entity.key}` (`id` in the API); `{entity.scope}` opens"
        f" that there is one.\n\n{_role(entity)}"
        f"{_table(_FIELD_HEAD, [_field(entity, field) for field in entity.fields])}{_relations(entity)}{parts}"
    )


def entities() -> str:
    """Every entity with its fields and where it leads to."""
    return "\n".join(entity_part(cls) for cls in ENTITIES)


def _validity(code: Code) -> str:
    until = f" to {code.valid_to}" if code.valid_to else ""
    since = str(code.valid_from)
    return f"from {since}{until}" if until or since != _SINCE_THE_LAW else ""


_CODE_COLUMNS: tuple[tuple[str, Callable[[Code], str]], ...] = (
    ("Code", lambda code: f"`{code.code}`"),
    ("English", lambda code: _cell(code.label_en)),
    ("Indonesian", lambda code: _cell(code.label_id)),
    ("Valid", _validity),
    ("HTCDS", lambda code: _cell(code.htcds or "")),
    ("IC-TIP, CTDC", lambda code: _cell(code.standard or "")),
    ("Note", lambda code: _cell(code.note)),
)


def code_list_table(name: str, codes: Sequence[Code]) -> str:
    """A code list with its codes; a column that says nothing is left out.

    Args:
        name: of the list.
        codes: of the list, in order.
    """
    columns = [(head, cell) for head, cell in _CODE_COLUMNS if any(cell(code) for code in codes)]
    rows = [[cell(code) for _, cell in columns] for code in codes]
    return f"### List {name}\n\n{_table([head for head, _ in columns], rows)}"


def code_list_tables() -> str:
    """Every code list with its codes, labels, validity and standard names; a column that says nothing is left out."""
    return "\n".join(code_list_table(name, codes) for name, codes in code_lists().items())


if __name__ == "__main__":
    sys.stdout.write(entities() + "\n" + code_list_tables())

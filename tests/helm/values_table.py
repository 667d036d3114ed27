"""The table of values in helm/README.md: `python tests/helm/values_table.py` writes it anew from schema and defaults."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parents[2] / "helm"
README = FOLDER / "README.md"
_MARKED = re.compile(r"(?<=<!-- from values.schema.json and values.yaml -->\n).*?(?=<!-- end -->)", re.DOTALL)
_ABSENT = object()


@dataclass(frozen=True)
class Value:
    """One value that an operator may set; `default` is its JSON text, empty where there is none."""

    path: str
    default: str
    description: str


def schema() -> dict[str, Any]:
    return json.loads((FOLDER / "values.schema.json").read_text(encoding="utf-8"))


def defaults() -> dict[str, Any]:
    return yaml.safe_load((FOLDER / "values.yaml").read_text(encoding="utf-8"))


def values() -> list[Value]:
    """Every value of the chart, in the order of the schema."""
    whole = schema()
    return list(_walk(whole, whole["definitions"], defaults(), ""))


def _walk(
    node: Mapping[str, Any], definitions: Mapping[str, Any], given: Any, before: str
) -> Iterator[Value]:
    for name, value in node["properties"].items():
        path = f"{before}{name}"
        default = given.get(name, _ABSENT) if isinstance(given, dict) else _ABSENT
        target = definitions[value["$ref"].rpartition("/")[2]] if "$ref" in value else value
        if "properties" in value:
            yield from _walk(value, definitions, default, f"{path}.")
        else:
            yield Value(path, "" if default is _ABSENT else json.dumps(default), value["description"])
        entry = _entry(target, definitions)
        if "properties" in entry:
            yield from _walk(entry, definitions, _ABSENT, f"{path}.*.")


def _entry(node: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """What each entry of a map is, where the entries are objects of ours."""
    for entry in node.get("patternProperties", {}).values():
        if isinstance(entry, dict) and "$ref" in entry:
            return definitions[entry["$ref"].rpartition("/")[2]]
    return {}


def table() -> str:
    """The values as Markdown."""
    rows = "".join(
        f"| `{one.path}` | {f'`{one.default}`' if one.default else ''} | {one.description} |\n"
        for one in values()
    )
    return f"| Value | Default | What it is |\n| --- | --- | --- |\n{rows}"


def renewed(text: str) -> str:
    """The text with the table as it is now between its marks."""
    return _MARKED.sub(lambda _: table(), text)


if __name__ == "__main__":
    README.write_text(renewed(README.read_text(encoding="utf-8")), encoding="utf-8")

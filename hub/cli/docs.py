"""`python -m hub.cli.docs`: rewrite the parts of the documents that follow from the code."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from pydantic.fields import FieldInfo

from auth.scopes import PURPOSES, SCOPES
from hub.settings import Settings
from schema import dictionary

ROOT = Path(__file__).resolve().parents[2]
_MARKED = re.compile(
    r"(?P<begin><!-- from the code: (?P<part>\w+) -->\n)(?P<body>.*?)(?P<end><!-- end -->)", re.DOTALL
)


def docs() -> None:
    """Rewrite the tables of docs/ that follow from declarations, code lists, scopes and settings."""
    for path in sorted((ROOT / "docs").glob("*.md")):
        before = path.read_text(encoding="utf-8")
        after = renewed(before)
        if after != before:
            path.write_text(after, encoding="utf-8")
        print(f"{path.relative_to(ROOT)} {'rewritten' if after != before else 'is current'}")


def renewed(text: str) -> str:
    """The document with each marked part as the code has it now.

    Args:
        text: Markdown; a part stands between `<!-- from the code: PART -->` and `<!-- end -->`.

    Raises:
        KeyError: a mark names no part.
    """
    return _MARKED.sub(lambda mark: f"{mark['begin']}{PARTS[mark['part']]()}{mark['end']}", text)


def _settings() -> str:
    rows = "".join(_setting(name, field) for name, field in Settings.model_fields.items())
    return f"| Setting | Default | What it is |\n| --- | --- | --- |\n{rows}"


def _setting(name: str, field: FieldInfo) -> str:
    shown = f"HUB_{name.upper()}" if name != "agency" else "HUB_AGENCY__<AGENCY>__<NAME>"
    default: object = field.get_default(call_default_factory=True)
    written = "" if default is None or default == {} else f"`{default}`"
    return f"| `{shown}` | {written} | {field.description} |\n"


def _scopes() -> str:
    scopes = "".join(
        f"| `{one.word}` | {one.name_en} | {one.name_id} | {one.scope_class.value}{', humans only' if one.humans_only else ''} |\n"
        for one in SCOPES
    )
    purposes = "".join(
        f"| `{one.word}` | {one.name_en} | {one.name_id} | {one.legal_basis} |\n" for one in PURPOSES
    )
    return (
        f"| Scope | English | Indonesian | Class |\n| --- | --- | --- | --- |\n{scopes}\n"
        f"| Purpose | English | Indonesian | Legal basis |\n| --- | --- | --- | --- |\n{purposes}"
    )


PARTS: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "entities": dictionary.entities,
        "codes": dictionary.code_list_tables,
        "scopes": _scopes,
        "settings": _settings,
    }
)
"""What a mark may name."""

if __name__ == "__main__":
    docs()

"""The repository as tests read it: its files, and the calls that write events."""

import ast
import fnmatch
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("hub", "connectors", "auth", "schema")
_LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
_LOGGERS = {"_log", "log", "_logger", "logger"}


@dataclass(frozen=True)
class Source:
    """A Python file: its path below the root, and its text."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def docstring(self) -> str:
        return ast.get_docstring(self.tree) or ""


@dataclass(frozen=True)
class LogCall:
    """One event that a call may write; `event` is None where it is no literal."""

    place: str
    event: str | None
    keys: frozenset[str]


def files(*endings: str) -> list[Path]:
    """Every file that belongs to the repository, those included that are not committed yet.

    Args:
        endings: of names, such as `.py`; none means every file.
    """
    ignored = [
        line.rstrip("/") for line in (ROOT / ".gitignore").read_text().split() if not line.startswith("#")
    ]
    return sorted(
        path for path in _walk(ROOT, [*ignored, ".git"]) if not endings or path.name.endswith(endings)
    )


def _walk(folder: Path, ignored: list[str]) -> Iterator[Path]:
    for path in folder.iterdir():
        if any(fnmatch.fnmatch(path.name, pattern) for pattern in ignored) or path.is_symlink():
            continue
        if path.is_dir():
            yield from _walk(path, ignored)
        else:
            yield path


def named(path: Path) -> str:
    """The path as it is written in a message."""
    return path.relative_to(ROOT).as_posix()


def sources(*folders: str) -> list[Source]:
    """The Python files below these folders; none means all of the repository."""
    return [
        Source(named(path), path.read_text(encoding="utf-8"))
        for path in files(".py")
        if not folders or named(path).split("/")[0] in folders
    ]


def log_calls(source: Source) -> list[LogCall]:
    """The calls of a file that write an event, by the name of what they are called on.

    A method that was given another name first (`note = _log.info if fine else _log.error`) is followed there.
    """
    tree = source.tree
    aliases = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and any(_is_log_method(part) for part in _values(node.value))
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    found: list[LogCall] = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if not _is_log_method(node.func) and not (
            isinstance(node.func, ast.Name) and node.func.id in aliases
        ):
            continue
        events = [_text(part) for part in _values(node.args[0])] if node.args else [None]
        keys = frozenset(word.arg if word.arg is not None else "**" for word in node.keywords)
        found += [LogCall(f"{source.path}:{node.lineno}", event, keys) for event in events]
    return found


def _is_log_method(node: ast.expr) -> bool:
    if not isinstance(node, ast.Attribute) or node.attr not in _LEVELS:
        return False
    logger = node.value
    return (logger.id if isinstance(logger, ast.Name) else getattr(logger, "attr", "")) in _LOGGERS


def _values(node: ast.expr) -> list[ast.expr]:
    """What an expression may be: both sides of a choice, else itself."""
    return [*_values(node.body), *_values(node.orelse)] if isinstance(node, ast.IfExp) else [node]


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None

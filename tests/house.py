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
    """One call that writes an event; `event` is None where it is no literal."""

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
    """The calls of a file that write an event, by the name of what they are called on."""
    found: list[LogCall] = []
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        logger = node.func.value
        name = logger.id if isinstance(logger, ast.Name) else getattr(logger, "attr", "")
        if node.func.attr not in _LEVELS or name not in _LOGGERS:
            continue
        first = node.args[0] if node.args else None
        event = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
        keys = frozenset(word.arg if word.arg is not None else "**" for word in node.keywords)
        found.append(LogCall(f"{source.path}:{node.lineno}", event, keys))
    return found

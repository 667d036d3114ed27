"""Where things stand: import names are ours, files are named by their concept, and nothing names this machine."""

import ast
import importlib
import importlib.metadata
import re
from pathlib import Path, PurePosixPath

import pytest

from tests import house
from tests.house import ROOT, Source

LONGEST = 400
"""Lines of a module; a longer one says `long because ...` in its docstring."""
NO_CONCEPT = {"utils", "util", "helpers", "helper", "common", "manager", "base", "data", "info", "misc"}
FORBIDDEN = {
    "a path of one machine": re.compile(
        "|".join((r"(?<![\w.])/" + "work" + r"/\w", r"(?<![\w.])/" + "root" + r"\b"))
    ),
    "the host of a package registry": re.compile(
        "|".join(
            re.escape(".".join(parts))
            for parts in (
                ("pypi", "org"),
                ("pythonhosted", "org"),
                ("npmjs", "org"),
                ("npmjs", "com"),
                ("crates", "io"),
                ("golang", "org"),
                ("rubygems", "org"),
                ("anaconda", "org"),
            )
        ),
        re.IGNORECASE,
    ),
}
"""The words are put together here so that this file does not contain them."""
MIGRATION = re.compile(r"\d{4}_\d{2}_\d{2}_[a-z0-9_]+\.py")


def unnamed_concepts(paths: list[str]) -> list[str]:
    """Python files and packages whose name says nothing of what is in them."""
    return [
        path
        for path in paths
        if path.endswith(".py") and NO_CONCEPT & {*PurePosixPath(path).with_suffix("").parts}
    ]


def packages_under_tests(paths: list[str]) -> list[str]:
    """`tests/schema/__init__.py` would become the package `schema`, and both import modes would break."""
    return [path for path in paths if path.startswith("tests/") and path.endswith("__init__.py")]


def too_long(source: Source) -> bool:
    """True for a long module without a reason. One of nothing but constants is a table, and as long as its facts."""
    if source.text.count("\n") <= LONGEST or "long because" in source.docstring.lower():
        return False
    constants = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Expr)
    return not all(isinstance(node, constants) for node in source.tree.body)


def forbidden_words(text: str) -> list[str]:
    """What of the words that must not stand in the project does stand in the text, line by line."""
    return [
        f"{number}: {what}"
        for number, line in enumerate(text.splitlines(), 1)
        for what, pattern in FORBIDDEN.items()
        if pattern.search(line)
    ]


def migration_faults(source: Source) -> list[str]:
    """A migration has a dated name, goes forward only, and uses nothing newer than PostgreSQL 16."""
    faults: list[str] = []
    if not MIGRATION.fullmatch(PurePosixPath(source.path).name):
        faults.append("its name is not YYYY_MM_DD_what.py")
    if any(isinstance(node, ast.FunctionDef) and node.name == "downgrade" for node in ast.walk(source.tree)):
        faults.append("it goes backward")
    return faults


def text_of(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


@pytest.mark.parametrize("name", [*house.PACKAGES, "migrations"])
def test_the_import_name_is_ours(name):
    """A public distribution is also called `schema`: whatever is installed, ours must be the one that is loaded."""
    module = importlib.import_module(name)

    assert Path(str(module.__file__)).parent == ROOT / name
    assert set(importlib.metadata.packages_distributions().get(name, ())) <= {"tppo-hub"}


def test_files_are_named_by_their_concept():
    assert unnamed_concepts([house.named(path) for path in house.files()]) == []


def test_a_file_named_utils_is_reported():
    paths = ["hub/utils.py", "hub/helpers/names.py", "hub/identity/names.py", "schema/data/codes.csv"]

    assert unnamed_concepts(paths) == ["hub/utils.py", "hub/helpers/names.py"]


def test_nothing_under_tests_is_a_package():
    assert packages_under_tests([house.named(path) for path in house.files()]) == []


def test_a_package_under_tests_is_reported():
    paths = ["tests/schema/__init__.py", "schema/__init__.py", "tests/conftest.py"]

    assert packages_under_tests(paths) == ["tests/schema/__init__.py"]


def test_a_long_module_says_why():
    assert [source.path for source in house.sources(*house.PACKAGES) if too_long(source)] == []


@pytest.mark.parametrize(
    ("docstring", "body", "reported"),
    [
        ("One thing.", "def f() -> None: ...\n" * 401, True),
        ("One thing.", "def f() -> None: ...\n" * 300, False),
        ("One thing; long because the law has as many cases.", "def f() -> None: ...\n" * 401, False),
        ("Spellings.", "WORDS = ('a', 'b')\n" * 401, False),
    ],
    ids=["long", "short", "long with a reason", "long table"],
)
def test_a_long_module_without_a_reason_is_reported(docstring, body, reported):
    assert too_long(Source("hub/one.py", f'"""{docstring}"""\n{body}')) is reported


def test_nothing_names_this_machine_or_a_registry():
    found = {
        house.named(path): words
        for path in house.files()
        if (text := text_of(path)) is not None and (words := forbidden_words(text))
    }

    assert found == {}


def test_a_machine_path_and_a_registry_are_reported():
    home, registry = "/" + "root", "py" + "pi.org"
    text = f"run {home}/hub\nfrom https://{registry}/simple\nkeys/root.key\nsee files at / work / hub\n"

    assert forbidden_words(text) == ["1: a path of one machine", "2: the host of a package registry"]


def test_migrations_are_dated_and_go_forward_only():
    found = {
        source.path: faults
        for source in house.sources("migrations")
        if "/versions/" in source.path and (faults := migration_faults(source))
    }

    assert found == {}


def test_a_migration_that_goes_backward_is_reported():
    source = Source("migrations/versions/0003_things.py", "def upgrade(): ...\ndef downgrade(): ...\n")

    assert migration_faults(source) == ["its name is not YYYY_MM_DD_what.py", "it goes backward"]


def test_the_makefile_has_at_most_ten_targets_and_each_is_no_file():
    text = (ROOT / "Makefile").read_text()
    (named,) = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    explained = re.findall(r"^([a-z]+):.*## \S", text, re.MULTILINE)

    assert set(explained) <= set(named.split())
    assert len(explained) <= 10

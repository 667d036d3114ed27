"""Rules of our own that no linter knows: each says what it keeps and why, and has a wrong edit that it reports."""

import ast
import re
from collections.abc import Iterator, Mapping

import pytest

from hub.logs import KEYS
from tests import house
from tests.house import Source

COMMITS = {"migrations/env.py": "the migrator: its lock outlives no transaction"}
NAMES_VERSIONS = {
    "schema/tables/": "declares the table",
    "migrations/": "makes it",
    "hub/ingest/": "writes versions, and reads the latest for sources that answer by key",
    "hub/view/members.py": "reads the latest word of each source for linkage and view",
    "hub/view/past.py": "reads the words of a moment",
}
OPENS = {
    "hub/identity/": "is the seal",
    "hub/graphql/reveal.py": "answers a caller whose permit opens the field, last, in the text of the answer",
    "hub/ingest/lookup.py": "asks a source by NIK and passport, of persons in a case only",
    "hub/view/members.py": "linkage and ages need names and birth dates, inside one transaction",
}
"""Where a sealed identity may be opened. A line here is a decision: say in it what for."""
AFTER_16 = {
    "pgcrypto": r"\bpgcrypto\b|\bpgp_sym_",
    "uuidv7()": r"\buuidv7\s*\(\s*\)",
    "WITHOUT OVERLAPS": r"\bWITHOUT\s+OVERLAPS\b",
    "JSON_TABLE": r"\bJSON_TABLE\s*\(",
    "RETURNING old or new": r"\bRETURNING\s+(old|new)\.",
    "a virtual generated column": r"\bGENERATED\s+ALWAYS\s+AS\s*\([^)]*\)\s*VIRTUAL\b",
}
EVENT = re.compile(r"[a-z][a-z_]*\.([a-z]+)(_[a-z]+)*")
IRREGULAR = {
    *(
        "begun",
        "broken",
        "drawn",
        "fallen",
        "found",
        "gone",
        "held",
        "kept",
        "left",
        "lost",
        "made",
        "put",
        "read",
    ),
    *("sent", "shut", "spent", "taken", "told", "withdrawn", "written"),
}
SUPPRESSION = re.compile(r"#\s*(noqa|pyright: ignore|type: ignore)")
SUPPRESSION_WITH_REASON = re.compile(
    r"#\s*(noqa: [A-Z]+\d+(, ?[A-Z]+\d+)*|(pyright|type): ignore\[[\w, -]+\])\s+--?\s+\w"
)


def allowed(path: str, places: Mapping[str, str]) -> bool:
    return any(path == place or (place.endswith("/") and path.startswith(place)) for place in places)


def calls(source: Source, names: set[str]) -> Iterator[ast.Call]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in names:
                yield node


def texts(source: Source) -> Iterator[tuple[int, str]]:
    """Every string of a file but its docstrings, with its line."""
    tree = source.tree
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


def own_commits(source: Source, places: Mapping[str, str] = COMMITS) -> list[str]:
    """A transaction is a block (`async with connection.transaction()`, `engine.begin()`): it ends where it began.

    A commit in the middle of a function would split what must stand or fall together (ADR-0003, ADR-0020).
    """
    if allowed(source.path, places):
        return []
    return [f"{source.path}:{call.lineno}" for call in calls(source, {"commit", "rollback"})]


def versions_named(source: Source, places: Mapping[str, str] = NAMES_VERSIONS) -> list[str]:
    """What agencies said is read and written in few places, so that the rest sees the view only (ADR-0004)."""
    if allowed(source.path, places):
        return []
    named = [line for line, text in texts(source) if re.search(r"\bsource_record\b", text)]
    named += [
        node.lineno
        for node in ast.walk(source.tree)
        if (isinstance(node, ast.Attribute) and node.attr == "source_record")
        or (isinstance(node, ast.Name) and node.id == "source_record")
    ]
    return [f"{source.path}:{line}" for line in sorted(named)]


def identities_opened(source: Source, places: Mapping[str, str] = OPENS) -> list[str]:
    """A sealed identity is opened in few places, each with a reason (ADR-0009)."""
    if allowed(source.path, places):
        return []
    return [f"{source.path}:{call.lineno}" for call in calls(source, {"open_sealed", "reveal"})]


def newer_than_16(source: Source) -> list[str]:
    """Production is any PostgreSQL >= 16, and the embedded one is newer: what it alone can must not slip in."""
    return [
        f"{source.path}:{line}: {what}"
        for line, text in texts(source)
        for what, pattern in AFTER_16.items()
        if re.search(pattern, text, re.IGNORECASE)
    ]


def event_faults(source: Source) -> list[str]:
    """An event is a literal `noun.past_verb` and has keys of the closed list, so that no value can slip into it."""
    faults: list[str] = []
    for call in house.log_calls(source):
        if call.event is None:
            faults.append(f"{call.place}: the event is no literal")
        elif not (form := EVENT.fullmatch(call.event)) or not (
            form[1].endswith("ed") or form[1] in IRREGULAR
        ):
            faults.append(f"{call.place}: {call.event} is not noun.past_verb")
        if call.keys - KEYS:
            faults.append(f"{call.place}: {', '.join(sorted(call.keys - KEYS))} is not in hub.logs.KEYS")
    return faults


def bare_suppressions(source: Source) -> list[str]:
    """Whoever silences a linter says why, on the line."""
    return [
        f"{source.path}:{number}"
        for number, line in enumerate(source.text.splitlines(), 1)
        if SUPPRESSION.search(line) and not SUPPRESSION_WITH_REASON.search(line)
    ]


def mocks(source: Source) -> list[str]:
    """Tests use real servers, the sandbox and an injected clock; a mock would agree with whatever we wrote."""
    return [
        f"{source.path}:{node.lineno}"
        for node in ast.walk(source.tree)
        if (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[:2] == ["unittest", "mock"])
        or (isinstance(node, ast.Import) and any(name.name == "unittest.mock" for name in node.names))
    ]


RULES = {
    own_commits: (*house.PACKAGES, "migrations"),
    versions_named: (*house.PACKAGES, "migrations"),
    identities_opened: house.PACKAGES,
    newer_than_16: (*house.PACKAGES, "migrations"),
    event_faults: house.PACKAGES,
    bare_suppressions: (*house.PACKAGES, "migrations", "tests"),
    mocks: ("tests",),
}
PLANTED = {
    own_commits: "async def f(connection):\n    await connection.commit()\n",
    versions_named: "SQL = 'SELECT sealed FROM source_record'\n",
    identities_opened: "def f(keyring, row):\n    return keyring.open_sealed(row.sealed, 'place')\n",
    newer_than_16: "SQL = 'SELECT uuidv7()'\n",
    event_faults: "def f(name):\n    _log.info(f'person.linked {name}')\n",
    bare_suppressions: "import os  # no" + "qa: F401\n",
    mocks: "from unittest.mock import patch\n",
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_holds_in_every_file(rule):
    found = [finding for source in house.sources(*RULES[rule]) for finding in rule(source)]

    assert found == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_wrong_edit_is_reported(rule):
    found = rule(Source("hub/view/planted.py", PLANTED[rule]))

    assert len(found) == 1
    assert found[0].startswith("hub/view/planted.py:")


@pytest.mark.parametrize(
    ("call", "faults"),
    [
        ("_log.info('source.fetched', agency=agency, record_count=1)", []),
        ("_log.info('seal.broken')", []),
        ("_log.info('fetch source')", ["hub/one.py:1: fetch source is not noun.past_verb"]),
        ("_log.info('source.fetch')", ["hub/one.py:1: source.fetch is not noun.past_verb"]),
        ("self._log.info('person.linked', nik=nik)", ["hub/one.py:1: nik is not in hub.logs.KEYS"]),
        ("_log.info('person.linked', **facts)", ["hub/one.py:1: ** is not in hub.logs.KEYS"]),
        ("_log.info('person.' + word)", ["hub/one.py:1: the event is no literal"]),
        (
            "note = _log.info if fine else _log.error; note('query.refused' if fine else 'query.fail', code=1)",
            ["hub/one.py:1: query.fail is not noun.past_verb"],
        ),
        ("math.log(2)", []),
    ],
)
def test_an_event_is_a_literal_with_known_keys(call, faults):
    assert event_faults(Source("hub/one.py", call + "\n")) == faults


def test_a_docstring_may_speak_of_versions():
    source = Source("hub/graphql/one.py", '"""Never reads source_record."""\n')

    assert versions_named(source) == []


@pytest.mark.parametrize(
    ("rule", "places"),
    [(own_commits, COMMITS), (versions_named, NAMES_VERSIONS), (identities_opened, OPENS)],
    ids=["commits", "versions", "identities"],
)
def test_every_exception_to_a_rule_is_still_needed(rule, places):
    found = [finding for source in house.sources(*RULES[rule]) for finding in rule(source, {})]

    assert [place for place in places if not any(finding.startswith(place) for finding in found)] == []

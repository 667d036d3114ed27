"""Errors are one tree, drawn as it is, and each class says by itself what happened."""

import ast
import inspect
import re

import pytest

from schema import errors
from schema.errors import HubError, RecordError, SettingError, SourceError
from tests import house

TREE = [
    cls
    for _, cls in inspect.getmembers(errors, inspect.isclass)
    if issubclass(cls, Exception) and cls.__module__ == errors.__name__
]
BY_AGENCY = [cls for cls in TREE if issubclass(cls, SourceError)]
BY_PATH = [cls for cls in TREE if issubclass(cls, RecordError)]
PLAIN = [cls for cls in TREE if cls.__init__ is HubError.__init__]


def drawn(text: str) -> dict[str, str | None]:
    """Parent of each name in a tree that is drawn with lines, four columns a level; None for the root."""
    parents: dict[str, str | None] = {}
    line_of_descent: list[str] = []
    for line in text.splitlines():
        found = re.match(r"(?P<lines>[ │├└─]*)(?P<name>[A-Z]\w+)(?:\s{2,}|$)", line)
        if found is None:
            continue
        level = len(found["lines"]) // 4
        line_of_descent = [*line_of_descent[:level], found["name"]]
        parents[found["name"]] = line_of_descent[level - 1] if level else None
    return parents


def first_line(cls: type) -> str:
    return str(cls.__doc__).splitlines()[0]


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes():
    assert drawn(str(errors.__doc__)) == {
        cls.__name__: None if cls is HubError else cls.__bases__[0].__name__ for cls in TREE
    }


def test_a_class_below_another_parent_is_drawn_there():
    text = "Errors.\n\nRoot\n├── One        says something\n│   └── Two\n└── Three\n    └── Four\n"

    assert drawn(text) == {"Root": None, "One": "Root", "Two": "One", "Three": "Root", "Four": "Three"}


def test_every_error_has_one_parent_and_one_root():
    assert {cls.__bases__ for cls in TREE if len(cls.__bases__) != 1} == set()
    assert [cls for cls in TREE if not issubclass(cls, HubError)] == []


@pytest.mark.parametrize("cls", PLAIN, ids=lambda cls: cls.__name__)
def test_without_a_message_an_error_says_its_own_sentence(cls: type[HubError]):
    assert str(cls()) == first_line(cls)
    assert str(cls("The disk is full.")) == "The disk is full."


@pytest.mark.parametrize("cls", BY_AGENCY, ids=lambda cls: cls.__name__)
def test_an_error_of_a_source_names_the_agency_before_its_own_sentence(cls: type[SourceError]):
    error = cls("polri")

    assert (str(error), error.agency) == (f"polri: {first_line(cls)}", "polri")
    assert str(cls("polri", "the certificate has expired")) == "polri: the certificate has expired"


@pytest.mark.parametrize("cls", BY_PATH, ids=lambda cls: cls.__name__)
def test_an_error_of_a_record_names_the_wire_field_before_its_own_sentence(cls: type[RecordError]):
    error = cls("korban.nik")

    assert (str(error), error.path) == (f"korban.nik: {first_line(cls)}", "korban.nik")
    assert str(cls("korban.nik", "it has 15 digits")) == "korban.nik: it has 15 digits"


def test_every_rule_of_a_record_has_its_own_word():
    words = [cls.rule for cls in BY_PATH]

    assert sorted(set(words)) == sorted(words)


def test_a_wrong_setting_names_the_variable():
    error = SettingError("HUB_PORT", "write a number")

    assert (str(error), error.name) == ("HUB_PORT: write a number", "HUB_PORT")


def test_what_is_refused_is_told_by_coordinate_once_and_kept_with_every_reason():
    uses = (
        errors.MissingScope(coordinate="Victim.nik", requires=(("victim.identity:read",),)),
        errors.MissingPurpose(coordinate="Victim.nik", purposes=("protection",)),
        errors.MissingScope(coordinate="Victim.status", requires=(("victim:read",),)),
    )

    error = errors.UseRefused(uses)

    assert str(error) == "not opened: Victim.nik, Victim.status"
    assert error.missing == uses


def test_the_group_of_an_error_decides_its_code():
    codes = {
        "AccessError": "FORBIDDEN",
        "NotAuthenticated": "UNAUTHENTICATED",
        "UseRefused": "FORBIDDEN",
        "QueryError": "BAD_USER_INPUT",
        "InputInvalid": "BAD_USER_INPUT",
        "CursorInvalid": "BAD_USER_INPUT",
        "QueryTooCostly": "QUERY_TOO_COSTLY",
        "NotFresh": "NOT_FRESH",
        "DecisionError": "CONFLICT",
        "SelfApproval": "CONFLICT",
        "AlreadyDecided": "CONFLICT",
    }

    assert {cls.__name__: cls.code for cls in TREE if cls.code != "INTERNAL"} == codes


def test_only_what_passes_by_itself_is_tried_again():
    assert [cls.__name__ for cls in TREE if cls.retriable] == ["SourceUnavailable", "StoreUnreachable"]


def test_no_class_elsewhere_has_the_name_of_an_error():
    names = {cls.__name__ for cls in TREE}
    elsewhere = [
        f"{source.path}: {node.name}"
        for source in house.sources(*house.PACKAGES)
        if source.path != "schema/errors.py"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef) and node.name in names
    ]

    assert elsewhere == []

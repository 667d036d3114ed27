"""What is written is true: tables follow from the code, words lead somewhere, and nothing in the code is left out."""

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import psycopg
import pytest

from hub.cli import docs
from hub.database import conninfo
from hub.demo import tour
from hub.graphql.documents import Documents
from hub.graphql.sdl import graphql_schema
from hub.settings import Settings
from schema.codes import code_lists
from schema.declaration import camel_case, entity_of
from schema.dictionary import objects_of
from schema.entities import ENTITIES, RELATIONS, entities
from tests import house
from tests.house import ROOT

ADR_HEADINGS = ["Context", "Decision", "Consequences", "Alternatives", "Kept by"]
CHANGELOG_HEADINGS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
DOCUMENTS = house.files(".md")
ADRS = sorted((ROOT / "docs" / "adr").glob("*.md"))
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
NAMED_FILE = re.compile(r"`([\w./-]+/[\w.-]+\.(?:py|md|toml|csv|json|mjs|lock))`")
COMMAND = re.compile(r"python -m hub ([a-z]+)")
TARGET = re.compile(r"(?:`|^)make ([a-z]+)", re.MULTILINE)


def section(text: str, heading: str) -> str:
    """What stands under a heading of the second level.

    Raises:
        ValueError: there is no such heading.
    """
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise ValueError(heading)
    return found[1]


def cells(text: str) -> Iterator[list[str]]:
    """The rows of every table of a text, without heads."""
    below = False
    for line in text.splitlines():
        if not line.startswith("|"):
            below = False
            continue
        row = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if set("".join(row)) == {"-"}:
            below = True
        elif below:
            yield row


def anchors(text: str) -> set[str]:
    """The anchors that readers of Markdown make of headings."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead_links(path: Path, text: str) -> list[str]:
    """Links of a document that lead to no file, or to no heading of one; addresses elsewhere are not looked at."""
    dead: list[str] = []
    for target in (link["target"] for link in LINK.finditer(text)):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        there = path.parent / name
        is_file = not name or there.exists()
        if not is_file or (
            anchor and anchor not in anchors(there.read_text(encoding="utf-8") if name else text)
        ):
            dead.append(target)
    return dead


def missing_files(text: str) -> list[str]:
    """Files that a text names in backticks and that are not there; what a run makes is below `var`."""
    named = {name for name in NAMED_FILE.findall(text) if not name.startswith("var/")}
    return sorted(name for name in named if not (ROOT / name).exists())


def unknown_words(text: str) -> list[str]:
    """What the glossary's column `In code` names and the code does not have."""
    known = set(entities()) | set(code_lists())
    known |= {f"{entity.name}.{field.name}" for entity in entities().values() for field in entity.fields}
    known |= {f"{name} {code.code}" for name, codes in code_lists().items() for code in codes}
    named = [word for row in cells(text) for word in re.findall(r"`([^`]+)`", row[3])]
    return [word for word in named if word not in known]


def events_in_code() -> set[str]:
    return {
        call.event
        for source in house.sources(*house.PACKAGES)
        for call in house.log_calls(source)
        if call.event is not None
    }


@pytest.mark.parametrize("path", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_what_follows_from_the_code_is_current(path):
    text = path.read_text(encoding="utf-8")

    assert docs.renewed(text) == text, "run `python -m hub.cli.docs`"


def test_a_table_that_is_not_current_is_reported():
    stale = "<!-- from the code: settings -->\n| old |\n<!-- end -->\n"

    renewed = docs.renewed(stale)

    assert "| old |" not in renewed
    assert "`HUB_DATABASE_URL`" in renewed


def test_a_mark_that_names_no_part_stops():
    with pytest.raises(KeyError):
        docs.renewed("<!-- from the code: nothing -->\n<!-- end -->\n")


def test_the_glossary_has_every_entity():
    assert re.findall(r"^### (\w+)$", section(GLOSSARY, "Entities"), re.MULTILINE) == list(entities())


@pytest.mark.parametrize("cls", ENTITIES, ids=lambda cls: cls.__name__)
def test_the_glossary_has_every_field_of_the_entity_with_its_label(cls):
    entity = entity_of(cls)
    _, after = section(GLOSSARY, "Entities").split(f"### {entity.name}\n")
    part = after.split("\n### ")[0]

    rows = {tuple(re.findall(r"`(\w+)`", row[0])): row[1:3] for row in cells(part)}

    for field in entity.fields:
        names = tuple(dict.fromkeys((field.name, entity.graphql_name(field))))
        assert rows[names] == [field.label_id, field.text.replace("*", r"\*")]
    leads = {(camel_case(relation.name),) for relation in RELATIONS if relation.owner == entity.name}
    assert leads - rows.keys() == set()
    for one in objects_of(cls):
        assert [field.name for field in fields(one) if f"`{field.name}`" not in part] == []


def test_the_glossary_has_every_code_list_and_code_with_its_labels():
    body = section(GLOSSARY, "Code lists")
    parts = dict(zip(*[iter(re.split(r"^### List (\w+)\n", body, flags=re.MULTILINE)[1:])] * 2, strict=True))

    written = {name: [tuple(row[:3]) for row in cells(text)] for name, text in parts.items()}

    assert written == {
        name: [(f"`{code.code}`", code.label_en, code.label_id) for code in codes]
        for name, codes in code_lists().items()
    }


def test_the_glossary_s_words_lead_to_entities_fields_and_codes():
    assert unknown_words(section(GLOSSARY, "Words of the field")) == []


def test_a_word_that_leads_nowhere_is_reported():
    table = "| Word | a | b | In code | c |\n| --- | --- | --- | --- | --- |\n| x | | | `Victim.height`, `Victim` | |\n"

    assert unknown_words(table) == ["Victim.height"]


def test_operations_list_every_setting():
    named = {row[0] for row in cells(section(OPERATIONS, "Settings"))}

    wanted = {f"`HUB_{name.upper()}`" for name in Settings.model_fields if name != "agency"}
    assert named == wanted | {"`HUB_AGENCY__<AGENCY>__<NAME>`"}


def test_operations_explain_every_event_of_the_code_and_no_other():
    listed = [row[0].strip("`") for row in cells(section(OPERATIONS, "What is in the log"))]

    assert sorted(listed) == sorted(events_in_code())


def test_operations_statements_run_as_the_role_that_they_name(database):
    roles = {"Looking at the state": database.service_url, "When something is wrong": database.owner_url}
    run = 0
    for heading, url in roles.items():
        for block in re.findall(r"```sql\n(.*?)```", section(OPERATIONS, heading), re.DOTALL):
            with psycopg.connect(conninfo(url)) as connection:
                connection.execute(block)
            run += 1

    assert run == 2


@pytest.mark.parametrize("path", DOCUMENTS, ids=house.named)
def test_a_document_leads_to_what_is_there(path):
    text = path.read_text(encoding="utf-8")

    verbs = {path.stem for path in (ROOT / "hub" / "cli").glob("*.py")}
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert dead_links(path, text) == []
    assert missing_files(text) == []
    assert set(COMMAND.findall(text)) - verbs == set()
    assert set(TARGET.findall(text)) - targets == set()


def test_a_dead_link_and_a_missing_file_are_reported():
    text = (
        "# One\n[a](#one) [b](#two) [c](nowhere.md) [d](https://example.org) `hub/nothing.py` `hub/logs.py`\n"
    )

    assert dead_links(ROOT / "docs" / "one.md", text) == ["#two", "nowhere.md"]
    assert missing_files(text) == ["hub/nothing.py"]


def test_decisions_are_numbered_without_a_gap():
    assert [path.name[:4] for path in ADRS] == [f"{number:04}" for number in range(1, len(ADRS) + 1)]


@pytest.mark.parametrize("path", ADRS, ids=lambda path: path.name)
def test_a_decision_has_all_its_parts_on_one_page(path):
    text = path.read_text(encoding="utf-8")

    assert text.startswith(f"# {path.name[:4]}. ")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ADR_HEADINGS
    assert re.search(r"^Built: \S", text, re.MULTILINE)
    assert section(text, "Decision").lstrip().startswith("> ")
    assert text.count("\n") <= 60


def test_every_decision_that_is_cited_is_written():
    written = {path.name[:4] for path in ADRS}
    cited = {
        number
        for path in house.files(".py", ".md", ".toml", ".yaml")
        if not path.is_relative_to(ROOT / "tests")
        for number in re.findall(r"\bADR-(\d{4})\b", path.read_text(encoding="utf-8"))
    }

    assert cited - written == set()


def test_the_changelog_says_what_has_come_for_users():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert re.findall(r"^## (.*)$", text, re.MULTILINE)[0] == "Unreleased"
    assert set(re.findall(r"^### (.*)$", text, re.MULTILINE)) <= CHANGELOG_HEADINGS
    assert section(text, "Unreleased").count("\n* ") > 0


QUERIES = [
    (path.name, query)
    for path in [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"]
    for query in re.findall(r"```graphql\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
]


@pytest.mark.parametrize(
    ("name", "query"), QUERIES, ids=[f"{name}-{n}" for n, (name, _) in enumerate(QUERIES)]
)
def test_every_query_of_the_documents_fits_the_schema(name, query):
    document = Documents(graphql_schema()).get(query)

    assert document.operations, name


@pytest.mark.parametrize("query", tour.QUERIES, ids=range(len(tour.QUERIES)))
def test_every_query_that_the_demo_prints_fits_the_schema(query):
    assert Documents(graphql_schema()).get(query).operations

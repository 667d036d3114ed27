"""The catalogue and the templates: every word is in both languages, every key is used, and no template says anything itself."""

import re
from string import Formatter
from typing import get_args

import pytest

from auth.emergencies import Reason, Verdict
from auth.exclusions import Kind
from auth.grant import State
from auth.grants import Decision
from auth.issuers import Use
from auth.scopes import ScopeClass
from hub.console.draft import STEPS
from hub.console.problem import KINDS
from hub.console.showing import TEMPLATES, environment
from hub.console.words import WORDS
from hub.ledger.entry import Kind as EntryKind
from hub.ledger.entry import Outcome
from tests import house

PAGES = sorted(TEMPLATES.glob("*.html"))
TAG = re.compile(r"<[^>]*>", re.DOTALL)
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
SAID = re.compile(r'\b(?:aria-label|title|alt|placeholder|summary|content)="([^"]*)"')
ATTRIBUTE = re.compile(r'\s[a-z-]+="[^"]*"')
OF_THE_MACHINE = {"width=device-width, initial-scale=1", "noindex"}
CODES = {"/audit/seals", "python -m hub audit verify"}
"""What is typed as it is, in every language."""
LITERAL = re.compile(r'"([a-z_]+(?:\.[A-Za-z_0-9]+)*)"')
FAMILIES = {
    "month": [str(one) for one in range(1, 13)],
    "state": [one.value for one in State],
    "next": [one.value for one in State],
    "decision": [one.value for one in Decision],
    "decided": [one.value for one in Decision],
    "decide": [one.value for one in Decision],
    "decide.what": [one.value for one in Decision],
    "done": ["PROPOSED", "RENEWED", *(one.value for one in Decision)],
    "class": [one.value for one in ScopeClass],
    "verdict": [one.value for one in Verdict],
    "reason": [one.value for one in Reason],
    "kind": [one.value for one in Kind],
    "ledger.kind": list(get_args(EntryKind)),
    "outcome": list(get_args(Outcome)),
    "use": [one.value for one in Use],
    "error": ["DecisionError", *(one.__name__ for one in KINDS)],
    "missing": [name for names in STEPS.values() for name in names],
    "propose.step": list(STEPS),
    "where.choose": ["nation", "some", "none"],
    "grant": [
        "grantee",
        "owner",
        "scopes",
        "purposes",
        "legal_basis",
        "agreement",
        "justification",
        "where",
        "period",
    ],
    **{
        word: ["heading", "text"]
        for word in ("ended", "forged", "malformed", "no_right", "missing", "conflict", "away", "failed")
    },
}
"""Keys that are put together: each has its words, whatever its last part may be."""
FAMILIES["missing"] = [name for names in STEPS.values() for name in names] + ["heading", "text"]


def keys_put_together() -> set[str]:
    return {f"{family}.{last}" for family, parts in FAMILIES.items() for last in parts}


def keys_written() -> set[str]:
    """Every literal of templates and code that is a key."""
    texts = [path.read_text() for path in PAGES]
    texts += [one.text for one in house.sources("hub") if one.path.startswith("hub/console/")]
    texts = [text for text in texts if "WORDS: Final" not in text]
    return {found for text in texts for found in LITERAL.findall(text)} & WORDS.keys()


@pytest.mark.parametrize("key", WORDS)
def test_both_languages_say_the_same_of_the_same_values(key):
    both = [
        sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None) for text in WORDS[key]
    ]

    assert len(WORDS[key]) == 2
    assert all(text.strip() == text and text for text in WORDS[key])
    assert both[0] == both[1]


def test_every_key_is_used_and_every_family_is_whole():
    assert keys_put_together() - WORDS.keys() == set()
    assert WORDS.keys() - keys_put_together() - keys_written() == set()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_key_of_a_template_is_in_the_catalogue(path):
    named = re.findall(r'say\("([^"]+)"\s*[,)]', path.read_text())

    assert [key for key in named if key not in WORDS] == []


def bare(text: str) -> list[str]:
    """What a template says itself."""
    plain = JINJA.sub("", text)
    spoken = [one for one in SAID.findall(plain) if one not in OF_THE_MACHINE]
    inside = re.sub("|".join(f"<code>{re.escape(one)}</code>" for one in CODES), "", plain)
    inside = ATTRIBUTE.sub("", inside)
    return [one for one in [*spoken, *TAG.sub("\n", inside).split("\n")] if re.search(r"[^\W\d_]", one)]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_no_template_has_words_of_its_own(path):
    assert bare(path.read_text()) == []


def test_words_of_a_template_s_own_are_reported():
    assert bare('<p title="Hello">{{ say("x") }} and more</p><img alt="{{ say("x") }}">') == [
        "Hello",
        " and more",
    ]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_template_has_no_script_no_style_and_turns_escaping_off_nowhere(path):
    text = path.read_text()

    assert environment().autoescape is True
    assert not re.search(r"<script|<style|\bstyle=|\bon\w+=|javascript:|\|\s*safe\b|autoescape", text)

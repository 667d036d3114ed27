"""The questions of the benchmarks fit the schema, ask for as many fields as they say, and are one document each."""

from itertools import pairwise

import pytest

from hub.graphql import guard
from hub.graphql.documents import Documents
from hub.graphql.sdl import graphql_schema
from tests.bench import contenders, questions

COUNTS = {"case": 12, "victim": 8, "perpetrator": 6}


@pytest.mark.parametrize(
    "document",
    [
        questions.hub_page(),
        questions.hub_page(of_victims="fullName nik"),
        questions.hub_case(),
    ],
    ids=["page", "identity", "case"],
)
def test_a_question_is_kept_once_compiled_and_needs_no_scope_that_the_client_lacks(document):
    found = Documents(graphql_schema()).get(document)

    lacking = {
        use
        for use in found.uses.all
        if not any(set(contenders.SCOPES).issuperset(one) for one in guard.requirements().get(use, [[]]))
    }
    assert found.holds_no_value
    assert lacking == set()


def test_a_page_has_the_fields_that_the_figures_say():
    found = {
        name: len(fields)
        for name, fields in (
            ("case", questions.CASE),
            ("victim", questions.VICTIM),
            ("perpetrator", questions.PERPETRATOR),
        )
    }

    assert found == COUNTS


def test_no_two_pages_in_a_row_are_equal():
    pages = questions.ranges(["11", "12"])

    assert len(pages) == 8
    assert [page for page, following in pairwise(pages) if page == following] == []


def test_postgraphile_is_asked_by_the_columns_names():
    assert "ageBandCtdc: ageBandCtdc" in questions.postgraphile_page()
    assert "id: victimId" in questions.postgraphile_page()

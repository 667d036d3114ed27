"""A prefix is a range of texts, by code point as the columns are sorted."""

from hypothesis import given
from hypothesis import strategies as some

from hub.graphql.conditions import successor

# PostgreSQL takes no halves of surrogate pairs; the last code points and those beside the gap are where bounds go wrong.
ANY = some.characters(exclude_categories=["Cs"]) | some.sampled_from("\ud7ff\ue000\U0010fffe\U0010ffff")


@given(some.text(ANY, max_size=3), some.text(ANY, max_size=3))
def test_what_begins_with_a_text_lies_between_it_and_its_successor(prefix, other):
    bound = successor(prefix)

    assert prefix <= prefix + other < bound
    assert (prefix <= other < bound) is other.startswith(prefix)


@given(some.text(ANY, max_size=3))
def test_a_successor_is_a_text_that_postgresql_takes(prefix):
    assert successor(prefix).encode().decode() == successor(prefix)

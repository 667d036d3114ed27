"""What a person is found by: any spelling and order of names, never a single common word, and telling nothing by itself."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.identity import sought
from hub.identity.keyring import Keyring
from schema.declaration import Sought
from tests.identity.test_tokens import ring

NIK = "9901014107950001"
WORDS = st.lists(
    st.sampled_from(["SITI", "AMINAH", "NUR", "KENANGA", "YUSUF", "DEWI"]),
    min_size=2,
    max_size=6,
    unique=True,
)


@pytest.fixture(scope="module")
def keys() -> Keyring:
    return ring(b"\x01" * 32)


def finds(keys: Keyring, asked: str, **identity: object) -> bool:
    """True if the person is among those whom the words mean."""
    tokens = set(sought.of_row(keys, "Person", identity))  # type: ignore[arg-type] -- JSON
    return any(tokens.issuperset(one) for one in sought.wanted(keys, Sought.NAME, asked))


@given(words=WORDS, chosen=st.data())
def test_any_two_words_of_a_name_find_it_in_any_order(keys: Keyring, words: list[str], chosen: st.DataObject):
    some = chosen.draw(st.permutations(words).map(lambda found: found[:2]))
    name = " ".join(words)

    assert finds(keys, name, full_name=name)
    assert finds(keys, " ".join(some), full_name=name)


@pytest.mark.parametrize(
    ("asked", "name", "found"),
    [
        ("Siti Aminah", "Hj. St. Aminah binti Abdullah", True),
        ("Moch. Jusuf", "MUHAMMAD YUSUP", True),
        ("Sri Wahyuni", "Sriwahyuni", True),
        ("Sriwahyuni", "Sri Wahyuni", True),
        ("Soekarno", "Sukarno", True),
        ("Siti", "Siti Aminah", False),
        ("Aminah Kenanga", "Siti Aminah", False),
        ("Siti Aisyah", "Siti Aminah", False),
        ("S.A.", "Siti Aminah", False),
        ("FNU", "FNU", False),
        ("", "Siti", False),
        ("...", "Siti", False),
    ],
)
def test_spelling_and_titles_are_no_matter_and_one_word_of_several_is_too_little(
    keys: Keyring, asked: str, name: str, found: bool
):
    assert finds(keys, asked, full_name=name) is found


def test_an_alias_is_found_too_and_no_words_of_two_names_together(keys: Keyring):
    said = {"full_name": "Siti Aminah", "aliases": ["Dewi Kenanga", "Melati"]}

    assert [finds(keys, one, **said) for one in ("Kenanga Dewi", "Melati", "Siti Dewi")] == [
        True,
        True,
        False,
    ]


def test_a_nik_has_one_token_that_is_not_the_one_by_which_records_are_linked(keys: Keyring):
    (tokens,) = sought.wanted(keys, Sought.NIK, NIK)

    assert sought.of_row(keys, "Person", {"nik": NIK}) == [*tokens]
    assert keys.token("nik", NIK)[:8] != tokens[0].to_bytes(8, signed=True)
    assert tokens == (keys.short_token("nik", NIK),) != (keys.short_token("name", NIK),)
    assert sought.wanted(keys, Sought.NIK, "9901014107950000") == ()
    assert (
        sought.of_row(keys, "Person", {"nik": "x", "full_name": None, "aliases": [], "phone": "+62812"}) == []
    )


@given(words=WORDS)
def test_no_two_keys_agree_and_no_word_of_several_has_a_token_of_its_own(keys: Keyring, words: list[str]):
    name = " ".join(words)
    tokens = set(sought.of_row(keys, "Person", {"full_name": name}))
    single = {token for word in words for one in sought.wanted(keys, Sought.NAME, word) for token in one}

    assert tokens.isdisjoint(sought.of_row(ring(b"\x02" * 32), "Person", {"full_name": name}))
    assert tokens.isdisjoint(single)


def test_a_name_of_very_many_words_has_few_tokens_and_is_found_by_all_of_it(keys: Keyring):
    name = " ".join("".join(one) for one in permutations("ABDE"))

    tokens = sought.of_row(keys, "Person", {"full_name": name})

    assert len(tokens) == 1 + 8 * 7 // 2
    assert finds(keys, name, full_name=name)


def test_a_paper_is_found_however_its_number_is_spaced_and_by_nothing_shorter(keys: Keyring):
    (tokens,) = sought.wanted(keys, Sought.PAPER, "c 123-4567")

    assert sought.of_row(keys, "Document", {"number": "C1234567"}) == [*tokens]
    assert tokens != sought.wanted(keys, Sought.PAPER, "C123456")[0]
    assert [sought.wanted(keys, Sought.PAPER, one) for one in ("", "C123", "- _ .", "C 1 2 3")] == [()] * 4

"""Spellings of Indonesian names: what is one name, and how alike two are. The cases are those of the linkage rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.identity import names

WORDS = st.sampled_from(
    [
        *(
            "SITI",
            "AMINAH",
            "BUDI",
            "A",
            "FUI",
            "SOEKARNO",
            "TJAHJONO",
            "MUH.",
            "M.",
            "ST.",
            "H.",
            "Drs.",
            "S.H.",
        ),
        *("ABD", "BIN", "BINTI", "FNU", "Nur'aini", "S.M.", "Lim-Ah-Kau", "(alias)"),
    ]
)
NAMES = st.one_of(
    st.lists(WORDS, max_size=5).map(" ".join),
    st.text(max_size=20),
)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("H. Budi Santoso", ("BUDI", "SANTOSO")),
        ("Hj. Siti Aminah, S.H.", ("SITI", "AMINAH")),
        ("Drs. Budi Santoso, S.Pd., M.M.", ("BUDI", "SANTOSO")),
        ("Siti Aminah binti Ahmad", ("SITI", "AMINAH")),
        ("Budi bin H. Ali", ("BUDI",)),
        ("Budi ALIAS Bewok", ("BUDI",)),
        ("M. Ali", ("MUHAMMAD", "ALI")),
        ("H. M. Ali", ("MUHAMMAD", "ALI")),
        ("MUH. ALI", ("MUHAMMAD", "ALI")),
        ("Moh. Ali", ("MUHAMMAD", "ALI")),
        ("MOHD ALI", ("MUHAMMAD", "ALI")),
        ("Moch Ali", ("MUHAMMAD", "ALI")),
        ("Andi Muh. Ali", ("ANDI", "MUHAMMAD", "ALI")),
        ("ST. Aminah", ("SITI", "AMINAH")),
        ("Hj. St. Aminah", ("SITI", "AMINAH")),
        ("Andi St. Aminah", ("ANDI", "SITI", "AMINAH")),
        ("Budi Santoso, S.T.", ("BUDI", "SANTOSO")),
        ("Budi Santoso ST", ("BUDI", "SANTOSO")),
        ("Abd Rahman", ("ABDUL", "RAHMAN")),
        ("Soekarno", ("SUKARNO",)),
        ("Djoko Tjahjono", ("JOKO", "CAHJONO")),
        ("Sjahrir", ("SYAHRIR",)),
        ("Joesoef", ("YUSUF",)),
        ("Jusuf", ("YUSUF",)),
        ("Joko", ("JOKO",)),
        ("A FUI", ("A", "FUI")),
        ("Nur\u2019aini", ("NURAINI",)),
        ("Sukarno", ("SUKARNO",)),
        ("SUKARNO SUKARNO", ("SUKARNO",)),
        ("Soekarno Sukarno", ("SUKARNO",)),
        ("SUKARNO FNU", ("SUKARNO",)),
        ("FNU SUKARNO", ("SUKARNO",)),
        ("FNU", ()),
        ("", ()),
        ("ST", ("ST",)),
    ],
)
def test_many_spellings_have_one(written: str, words: tuple[str, ...]):
    assert names.normalise(written) == words


def test_two_persons_whose_names_nobody_knows_are_not_alike():
    assert names.similarity("FNU", "FNU") == 0.0
    assert names.phonetic("FNU") == ""


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("A FUI", "AFUI"),
        ("Fauzi", "Pauji"),
        ("Jusuf", "Yoesoef"),
        ("Moh. Zaini", "MUHAMMAD JAINI"),
        ("Siti Nurhaliza", "SITTI NURALIZA"),
        ("Soekarno", "SUKARNO SUKARNO"),
        ("Sjafruddin", "Syaprudin"),
    ],
)
def test_spellings_of_one_name_sound_alike(left: str, right: str):
    assert names.phonetic(left) == names.phonetic(right) != ""


@pytest.mark.parametrize(
    ("left", "right", "alike"),
    [
        ("A FUI", "AFUI", 1.0),
        ("Budi Santoso", "SANTOSO BUDI", 1.0),
        ("M. Ali", "Muhammad Ali", 1.0),
        ("Sukarno Sukarno", "Soekarno", 1.0),
        ("Hj. Siti Aminah binti Ahmad", "ST. AMINAH", 1.0),
        ("S.M.", "Siti Maryam", 1.0),
        ("S.M.", "Maryam Siti", 0.0),
        ("S.M.", "Siti", 1.0),
        ("", "Siti", 0.0),
        ("", "S.M.", 0.0),
    ],
)
def test_one_name_in_two_spellings_is_one_name(left: str, right: str, alike: float):
    assert names.similarity(left, right) == alike


@pytest.mark.parametrize(
    ("left", "right"),
    [("Siti Aminah", "Siti Aisyah"), ("Budi Santoso", "Budi Susanto"), ("Muhammad Ali", "Muhammad Amir")],
)
def test_a_common_first_name_does_not_join_two_persons(left: str, right: str):
    assert names.similarity(left, right) < 0.92


@pytest.mark.parametrize(
    ("written", "initials"),
    [("S.M.", True), ("S", True), ("a. b", True), ("A FUI", False), ("M. Ali", False), ("", False)],
)
def test_initials_are_known_and_have_no_sound(written: str, initials: bool):
    assert names.is_initials(written) is initials
    if initials:
        assert names.phonetic(written) == ""


@given(NAMES, NAMES)
def test_likeness_is_a_share_and_the_same_both_ways(left: str, right: str):
    alike = names.similarity(left, right)

    assert 0.0 <= alike <= 1.0
    assert names.similarity(right, left) == alike


@given(NAMES)
def test_a_name_is_itself(name: str):
    expected = 1.0 if names.normalise(name) or names.is_initials(name) else 0.0

    assert names.similarity(name, name) == expected


@given(NAMES)
def test_a_spelling_found_is_not_spelled_again(name: str):
    words = names.normalise(name)

    assert words == tuple(word.upper() for word in words)
    assert names.normalise(" ".join(words)) == words


@given(st.text(alphabet="ABCDEFGIKLNOPRTU", min_size=3, max_size=12))
def test_a_word_doubled_for_a_passport_is_the_one_word(word: str):
    assert names.normalise(f"{word} {word}") == names.normalise(word)
    assert names.similarity(f"{word} {word}", word) == names.similarity(word, word)


@given(NAMES)
def test_case_and_spacing_around_change_nothing(name: str):
    assert names.normalise(f"  {name} ") == names.normalise(name)
    assert names.phonetic(name.upper()) == names.phonetic(name)

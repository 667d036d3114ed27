"""Subjects are told apart and not named."""

import re
from uuid import UUID

import pytest

from hub.ledger.pseudonym import Pseudonyms

ONE = UUID("01900000-0000-7000-8000-0000000000ab")


def test_a_subject_has_one_pseudonym_however_its_id_is_written(keyring):
    pseudonyms = Pseudonyms(keyring)

    assert {pseudonyms.of(ONE), pseudonyms.of(str(ONE)), pseudonyms.of(str(ONE).upper())} == {
        Pseudonyms(keyring).of(ONE)
    }


def test_it_is_sixteen_characters_that_are_safe_everywhere_and_not_the_id(keyring):
    found = Pseudonyms(keyring).of(ONE)

    assert re.fullmatch(r"[\w-]{16}", found, re.ASCII)
    assert found not in ONE.hex


def test_two_subjects_have_two(keyring):
    pseudonyms = Pseudonyms(keyring)

    assert len({pseudonyms.of(UUID(int=number)) for number in range(1000)}) == 1000


@pytest.mark.parametrize("wrong", ["", "0190", "a name", "zz" * 16])
def test_what_is_no_id_has_none(keyring, wrong):
    with pytest.raises(ValueError, match=r".+"):
        Pseudonyms(keyring).of(wrong)

"""Blind indexes: equal for equal words, and telling nothing else."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.identity import tokens
from hub.identity.keyring import Keyring
from hub.identity.tokens import PersonTokens

BLOCKS = st.sampled_from(["nik", "passport", "birth_name", "key", "lp"])
VALUES = st.text(max_size=40)
NIK = "9901014107950001"
PERSON = {"nik": NIK, "passport": "c 1234567", "full_name": "Hj. St. Aminah", "birth_date": "1995-07-01"}


def ring(token_key: bytes) -> Keyring:
    others = {name: {1: bytes(32)} for name in ("hub:hash", "hub:sign", "hub:vault")}
    return Keyring({"hub:token": {1: token_key}, **others})


@pytest.fixture(scope="module")
def keys() -> Keyring:
    return ring(b"\x01" * 32)


@given(BLOCKS, VALUES, BLOCKS, VALUES)
def test_tokens_are_equal_when_block_and_value_are(
    keys: Keyring, block: str, value: str, other_block: str, other: str
):
    same = (block, value) == (other_block, other)

    assert (keys.token(block, value) == keys.token(other_block, other)) is same
    assert len(keys.token(block, value)) == 32


@given(BLOCKS, VALUES)
def test_tokens_of_another_key_are_others(keys: Keyring, block: str, value: str):
    assert keys.token(block, value) != ring(b"\x02" * 32).token(block, value)


@given(st.dates(date(1930, 1, 1), date(2025, 1, 1)))
def test_spellings_of_one_person_have_one_token(keys: Keyring, born: date):
    day = born.isoformat()
    token = tokens.birth_name_token(keys, day, "Moh. Fauzi")

    assert token == tokens.birth_name_token(keys, day, "H. MUHAMMAD PAUJI, S.H.")
    assert token != tokens.birth_name_token(keys, day, "Siti Aminah")
    assert token != tokens.birth_name_token(keys, "1900-01-01", "Moh. Fauzi")


def test_a_person_has_a_token_for_each_block_that_the_record_fills(keys: Keyring):
    assert tokens.person_tokens(keys, PERSON, exact_birth_date=True) == PersonTokens(
        nik=keys.token("nik", NIK),
        passport=keys.token("passport", "C1234567"),
        birth_name=keys.token("birth_name", "1995-07-01\x00SITI"),
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"nik": None, "passport": None, "birth_date": None},
        {"nik": "9901014107950000", "passport": "1234567", "full_name": "S.A."},
        {"nik": "", "passport": "", "full_name": "FNU"},
        {"nik": 9901014107950001, "passport": ["C1234567"], "full_name": None},
    ],
    ids=["missing", "malformed", "empty", "of another type"],
)
def test_a_block_without_a_sound_value_has_no_token(keys: Keyring, changes: dict[str, object]):
    found = tokens.person_tokens(keys, {**PERSON, **changes}, exact_birth_date=True)

    assert found == PersonTokens(nik=None, passport=None, birth_name=None)


def test_an_estimated_birth_date_has_no_token(keys: Keyring):
    assert tokens.person_tokens(keys, PERSON, exact_birth_date=False).birth_name is None


def test_a_source_key_is_its_agencys_its_kinds_and_no_token(keys: Keyring):
    told = [
        keys.source_key("POLRI", "korban", "1"),
        keys.source_key("KEMENSOS", "korban", "1"),
        keys.source_key("POLRI", "laporan", "1"),
        keys.source_key("POLRI", "korban", "2"),
        keys.token("key", "POLRI\x00korban\x001")[:16],
    ]

    assert len(set(told)) == len(told)
    assert keys.source_key("POLRI", "korban", "1") == told[0]
    assert {len(key) for key in told} == {16}


def test_a_signature_is_of_its_label(keys: Keyring):
    assert keys.sign("cursor", b"m") == keys.sign("cursor", b"m")
    assert keys.sign("cursor", b"m") != keys.sign("seal", b"m")
    assert keys.digest(UUID(int=1).bytes) != keys.digest(UUID(int=2).bytes)

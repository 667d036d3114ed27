"""A sealed value opens with its key, at its place and whole, or not at all."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.identity import envelope
from hub.identity.keyring import Keyring
from schema.errors import SealedValueBroken

HEAD_BYTES = 17
KEYS = st.binary(min_size=32, max_size=32)
ZEROS = envelope.cipher(bytes(32))
PLACES = st.text(max_size=60)
OWN = ("hub:token", "hub:hash", "hub:sign", "hub:vault")


@pytest.fixture(scope="module")
def two_agencies() -> Keyring:
    return Keyring(
        {name: {1: bytes([number]) * 32} for number, name in enumerate((*OWN, "POLRI", "KEMENSOS"))}
    )


@given(KEYS, st.uuids(), PLACES, st.binary(max_size=200))
def test_a_sealed_value_opens_at_its_place(key: bytes, subject: UUID, place: str, plain: bytes):
    sealed = envelope.seal(envelope.cipher(key), subject, place, plain)

    assert envelope.open_sealed(envelope.cipher(key), place, sealed) == plain
    assert envelope.subject_of(sealed) == subject


@given(KEYS, st.uuids(), st.lists(PLACES, min_size=2, max_size=2, unique=True), st.binary(max_size=200))
def test_a_value_moved_to_another_place_does_not_open(
    key: bytes, subject: UUID, places: list[str], plain: bytes
):
    sealed = envelope.seal(envelope.cipher(key), subject, places[0], plain)

    with pytest.raises(SealedValueBroken):
        envelope.open_sealed(envelope.cipher(key), places[1], sealed)


@given(st.lists(KEYS, min_size=2, max_size=2, unique=True), st.uuids(), PLACES, st.binary(max_size=200))
def test_a_value_does_not_open_with_another_key(keys: list[bytes], subject: UUID, place: str, plain: bytes):
    sealed = envelope.seal(envelope.cipher(keys[0]), subject, place, plain)

    with pytest.raises(SealedValueBroken):
        envelope.open_sealed(envelope.cipher(keys[1]), place, sealed)


@given(st.binary(max_size=60), st.data())
def test_a_value_with_one_bit_changed_does_not_open(two_agencies: Keyring, plain: bytes, data: st.DataObject):
    subject = UUID(int=7)
    made = two_agencies.new_subject("POLRI", subject)
    sealed = bytearray(envelope.seal(made.cipher, subject, "t.c:1", plain))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))

    sealed[bit // 8] ^= 1 << bit % 8

    with pytest.raises(SealedValueBroken):
        two_agencies.open_sealed(
            bytes(sealed), "t.c:1", agency="POLRI", kek_version=made.kek_version, wrapped=made.wrapped
        )


@given(st.binary(max_size=60), st.data())
def test_a_value_cut_short_does_not_open(plain: bytes, data: st.DataObject):
    sealed = envelope.seal(ZEROS, UUID(int=7), "t.c:1", plain)
    kept = data.draw(st.integers(0, len(sealed) - 1))

    with pytest.raises(SealedValueBroken):
        envelope.open_sealed(ZEROS, "t.c:1", sealed[:kept])
    if kept < HEAD_BYTES:
        with pytest.raises(SealedValueBroken):
            envelope.subject_of(sealed[:kept])


@given(KEYS, st.binary(max_size=60), st.data())
def test_a_wrapped_key_changed_or_cut_does_not_open(key: bytes, plain: bytes, data: st.DataObject):
    cipher = envelope.cipher(key)
    wrapped = envelope.wrap(cipher, plain, "POLRI:1")
    kept = data.draw(st.integers(0, len(wrapped) - 1))
    changed = wrapped[:kept] + bytes([wrapped[kept] ^ 1]) + wrapped[kept + 1 :]

    assert envelope.unwrap(cipher, wrapped, "POLRI:1") == plain
    for broken, purpose in ((wrapped[:kept], "POLRI:1"), (changed, "POLRI:1"), (wrapped, "POLRI:2")):
        with pytest.raises(SealedValueBroken):
            envelope.unwrap(cipher, broken, purpose)


@given(st.binary(max_size=60))
def test_a_value_sealed_twice_is_two_ciphertexts(plain: bytes):
    first, second = (envelope.seal(ZEROS, UUID(int=7), "t.c:1", plain) for _ in range(2))

    assert first != second


@given(st.lists(st.uuids(), min_size=2, max_size=2, unique=True))
def test_a_subjects_key_opens_for_that_subject_and_agency_only(two_agencies: Keyring, subjects: list[UUID]):
    one, other = subjects
    made = two_agencies.new_subject("POLRI", one)

    assert two_agencies.subject("POLRI", one, made.kek_version, made.wrapped) == made
    for agency, subject in (("POLRI", other), ("KEMENSOS", one)):
        with pytest.raises(SealedValueBroken):
            two_agencies.subject(agency, subject, made.kek_version, made.wrapped)


def test_two_subjects_do_not_share_a_key(two_agencies: Keyring):
    one, other = (two_agencies.new_subject("POLRI", UUID(int=7)) for _ in range(2))

    sealed = envelope.seal(one.cipher, UUID(int=7), "t.c:1", b"rahasia")
    with pytest.raises(SealedValueBroken):
        envelope.open_sealed(other.cipher, "t.c:1", sealed)


def test_keys_are_not_shown(two_agencies: Keyring):
    made = two_agencies.new_subject("POLRI", UUID(int=7))

    assert [repr(made), f"{made}", repr(two_agencies), f"{two_agencies}"] == [
        *("SubjectKey(sealed)", "SubjectKey(sealed)"),
        *("Keyring(sealed)", "Keyring(sealed)"),
    ]


def test_a_secret_of_the_hub_opens_at_its_place_only(two_agencies: Keyring):
    sealed = two_agencies.seal(b"rahasia", "signing_key.private:1")

    assert two_agencies.open(sealed, "signing_key.private:1") == b"rahasia"
    with pytest.raises(SealedValueBroken):
        two_agencies.open(sealed, "signing_key.private:2")

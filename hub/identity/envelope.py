"""One sealed value: AES-256-GCM, bound to the place where it is kept.

    sealed  = 0x01 | subject id (16) | nonce (12) | ciphertext and tag
    wrapped = nonce (12) | ciphertext and tag

The subject id names the key; the place (`table.column:row id`) is authenticated, so a value moved elsewhere does not
open. Source: NIST SP 800-38D; ADR-0009.
"""

import os
from typing import TypeAlias
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schema.errors import SealedValueBroken

Cipher: TypeAlias = AESGCM
"""A key ready for use; making one costs more than to seal a value with it."""

KEY_BYTES = 32
_VERSION = b"\x01"
_NONCE = 12
_HEAD = 1 + 16
_TAG = 16


def cipher(key: bytes) -> Cipher:
    """A key of 32 bytes, ready for use."""
    return AESGCM(key)


def seal(key: Cipher, subject_id: UUID, place: str, plain: bytes) -> bytes:
    """The value as it may be stored at that place.

    Args:
        key: data key of the subject.
        subject_id: whose key it is.
        place: `table.column:row id`.
        plain: the value.
    """
    nonce = os.urandom(_NONCE)
    return _VERSION + subject_id.bytes + nonce + key.encrypt(nonce, plain, place.encode())


def open_sealed(key: Cipher, place: str, sealed: bytes) -> bytes:
    """The value that was sealed for that place.

    Raises:
        SealedValueBroken: key, place or bytes are not the ones it was sealed with.
    """
    if sealed[:1] != _VERSION or len(sealed) < _HEAD + _NONCE + _TAG:
        raise SealedValueBroken
    try:
        return key.decrypt(sealed[_HEAD : _HEAD + _NONCE], sealed[_HEAD + _NONCE :], place.encode())
    except InvalidTag:
        raise SealedValueBroken from None


def subject_of(sealed: bytes) -> UUID:
    """The subject whose key opens the value.

    Raises:
        SealedValueBroken: the bytes are too few to name one.
    """
    if len(sealed) < _HEAD:
        raise SealedValueBroken
    return UUID(bytes=sealed[1:_HEAD])


def wrap(key: Cipher, plain: bytes, purpose: str) -> bytes:
    """A key under another key, usable for that purpose only."""
    nonce = os.urandom(_NONCE)
    return nonce + key.encrypt(nonce, plain, purpose.encode())


def unwrap(key: Cipher, wrapped: bytes, purpose: str) -> bytes:
    """The key inside.

    Raises:
        SealedValueBroken: wrapped by another key or for another purpose, or not whole.
    """
    if len(wrapped) < _NONCE + _TAG:
        raise SealedValueBroken
    try:
        return key.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], purpose.encode())
    except InvalidTag:
        raise SealedValueBroken from None

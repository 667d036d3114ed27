"""Blocking keys of a person: what two records must share before anybody compares them."""

from collections.abc import Mapping
from dataclasses import dataclass

from hub.identity import names
from hub.identity.keyring import Keyring
from schema import identifiers
from schema.record import Json


@dataclass(frozen=True, slots=True)
class PersonTokens:
    """HMACs by which a person is found; None where the record does not say enough."""

    nik: bytes | None
    passport: bytes | None
    birth_name: bytes | None


def person_tokens(keyring: Keyring, identity: Mapping[str, Json], *, exact_birth_date: bool) -> PersonTokens:
    """The blocking keys of one record.

    Args:
        keyring: holds the token key, which is never in the database.
        identity: a Record's identity.
        exact_birth_date: False for a date estimated from an age, which is never used for matching.
    """
    nik, passport = identity.get("nik"), identity.get("passport")
    return PersonTokens(
        nik=nik_token(keyring, nik) if isinstance(nik, str) else None,
        passport=passport_token(keyring, passport) if isinstance(passport, str) else None,
        birth_name=_birth_name(keyring, identity) if exact_birth_date else None,
    )


def nik_token(keyring: Keyring, nik: str) -> bytes | None:
    """The blind index of a NIK; None unless it is well-formed, since an invalid one is never used for matching."""
    return keyring.token("nik", nik) if identifiers.is_nik(nik) else None


def passport_token(keyring: Keyring, number: str) -> bytes | None:
    """The blind index of a passport number; None unless it is well-formed."""
    normalised = identifiers.passport(number)
    return keyring.token("passport", normalised) if normalised else None


def birth_name_token(keyring: Keyring, birth_date: str, full_name: str) -> bytes | None:
    """The blocking key of an exact birth date and the sound of the name; None for initials."""
    sound = names.phonetic(full_name)
    return keyring.token("birth_name", f"{birth_date}\x00{sound}") if sound else None


def _birth_name(keyring: Keyring, identity: Mapping[str, Json]) -> bytes | None:
    born, name = identity.get("birth_date"), identity.get("full_name")
    if not isinstance(born, str) or not isinstance(name, str):
        return None
    return birth_name_token(keyring, born, name)

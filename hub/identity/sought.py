"""By what persons and their papers are found without anything of theirs being opened: keyed tokens of names and numbers.

Whoever holds the database alone reads nothing from a token and cannot ask for a name. Single words of names have no
tokens: how often each stands there would tell which is SITI. Pairs of words have, and the whole of a name; so a search
needs two words, or all of a name of one word, and nobody can ask for all that are called SITI.

A change here, or of what `names.sounds` gives, raises `keyring.TOKEN_VERSION` and is a backfill.
"""

from collections.abc import Mapping
from functools import cache
from itertools import combinations
from typing import TypeAlias

from hub.identity import names
from hub.identity.keyring import Keyring
from schema import identifiers
from schema.declaration import Sought
from schema.entities import entities
from schema.record import Json

_MOST_WORDS = 8
"""Of one name; further words are not found."""

Tokens: TypeAlias = tuple[int, ...]


def of_row(keyring: Keyring, entity: str, identity: Mapping[str, Json]) -> list[int]:
    """All tokens of a row, sorted, each once.

    Args:
        keyring: holds the token key, which is never in the database.
        entity: of the row.
        identity: what is said in it, by field.
    """
    found: set[int] = set()
    for name, sought in _fields(entity):
        value = identity.get(name)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str):
                for tokens in wanted(keyring, sought, one):
                    found.update(tokens)
    return sorted(found)


@cache
def _fields(entity: str) -> tuple[tuple[str, Sought], ...]:
    return tuple((one.name, one.sought) for one in entities()[entity].fields if one.sought is not None)


def wanted(keyring: Keyring, sought: Sought, value: str) -> tuple[Tokens, ...]:
    """Alternatives, each of tokens that a row which the value means has all of; none where it says too little.

    Args:
        keyring: holds the token key.
        sought: what the value is.
        value: as people write it.
    """
    if sought is Sought.NIK:
        return ((keyring.short_token("nik", value),),) if identifiers.is_nik(value) else ()
    if sought is Sought.PAPER:
        number = identifiers.paper(value)
        return ((keyring.short_token("paper", number),),) if number else ()
    *words, whole = names.sounds(value) or ("",)
    if not whole:
        return ()
    pairs = combinations(sorted(set(words[:_MOST_WORDS])), 2)
    several = tuple(keyring.short_token("pair", f"{one}\x00{other}") for one, other in pairs)
    found = ((keyring.short_token("name", whole),), several)
    return tuple(one for one in found if one)

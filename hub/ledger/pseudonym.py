"""Subjects as the ledger names them: told apart for ever, and led back to a person only by who holds the keys."""

from base64 import urlsafe_b64encode
from collections.abc import Iterable
from functools import lru_cache
from typing import Final
from uuid import UUID

from hub.identity.keyring import Keyring

_LABEL: Final = "ledger:subject"
_REMEMBERED: Final = 65_536
"""Who stands in one answer mostly stands in the next; a page names some hundred."""
_BYTES: Final = 12
"""96 bits: two of a billion persons share a pseudonym with a chance of one to 10**11; a multiple of 3 needs no padding."""


class Pseudonyms:
    """Names subjects for entries, and for whoever looks a person up in the ledger.

    Args:
        keyring: its signing key is what the pseudonyms rest on.
    """

    def __init__(self, keyring: Keyring) -> None:
        self._sign = keyring.sign
        self._named = lru_cache(maxsize=_REMEMBERED)(self._name)

    def of(self, subject: UUID | str) -> str:
        """The pseudonym of a person, victim or perpetrator: 16 characters, the same in every entry.

        Args:
            subject: id, or its text in any spelling.

        Raises:
            ValueError: it is not an id.
        """
        return self._named(subject)

    def of_all(self, subjects: Iterable[UUID | str]) -> tuple[str, ...]:
        """The pseudonyms of all of them, sorted, each once.

        Args:
            subjects: as `of` takes them.

        Raises:
            ValueError: one is not an id.
        """
        return tuple(sorted(set(map(self._named, subjects))))

    def _name(self, subject: UUID | str) -> str:
        # The text is read by hand: UUID() takes longer than all the rest.
        named = subject.bytes if isinstance(subject, UUID) else bytes.fromhex(subject.replace("-", ""))
        if len(named) != 16:  # noqa: PLR2004 -- bytes of an id
            raise ValueError("not an id")
        return urlsafe_b64encode(self._sign(_LABEL, named)[:_BYTES]).decode()

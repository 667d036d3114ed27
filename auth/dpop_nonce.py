"""Nonces for proofs: given by any replica, known to all, kept by none (RFC 9449 sections 8 and 9).

A nonce is a MAC of the present stretch of time under a secret that follows from the keys that sign tokens: every
replica has those, sealed in the database, so there is nothing more to share, to store or to rotate.
"""

import base64
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from auth.keys import Keys, SigningKey

HEADER: Final = "DPoP-Nonce"
STRETCH: Final = timedelta(seconds=150)
"""A new nonce is given after this; the one before is still good for as long again."""
_LABEL: Final = "dpop nonce"
_BYTES: Final = 18


class Nonces:
    """The nonces that this process gives and accepts."""

    def __init__(self, keys: Keys, clock: Callable[[], datetime]) -> None:
        """Args: keys: ours; await their `fresh` before a call. clock: aware UTC."""
        self._keys = keys
        self._clock = clock
        self._of: tuple[int, Mapping[str, SigningKey]] | None = None
        self._current = ""
        self._accepted: frozenset[str] = frozenset()

    def current(self) -> str:
        """The nonce that an answer carries now."""
        self._renew()
        return self._current

    def accepts(self, nonce: str) -> bool:
        """True for the present nonce and the one before, and the next, which a replica whose clock is ahead may give."""
        self._renew()
        return nonce in self._accepted

    def _renew(self) -> None:
        stretch = int(self._clock().timestamp() // STRETCH.total_seconds())
        known = self._keys.known
        if self._of is not None and self._of[0] == stretch and self._of[1] is known:
            return
        signing = self._keys.signing()
        self._current = _nonce(signing, stretch)
        self._accepted = frozenset(
            _nonce(key, one) for key in known.values() for one in (stretch - 1, stretch, stretch + 1)
        )
        self._of = (stretch, known)


def _nonce(key: SigningKey, stretch: int) -> str:
    mac = hmac.digest(key.derived(_LABEL), stretch.to_bytes(8), "sha256")
    return base64.urlsafe_b64encode(mac[:_BYTES]).decode()

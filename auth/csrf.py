"""Proof that a form is a page of ours, made for one login: no other page can know it, and it is kept nowhere.

Source: OWASP CSRF prevention, signed tokens bound to the session.
"""

import hashlib
import hmac
from collections.abc import Iterable

from auth.keys import SigningKey


def token(key: SigningKey, label: str, parts: Iterable[str]) -> str:
    """What the form carries.

    Args:
        key: that signs now; the token is of a secret derived from it.
        label: which form; each has its own.
        parts: what it is bound to: the login, and what else must not be mixed up.
    """
    return hmac.new(key.derived(label), "\0".join(parts).encode(), hashlib.sha256).hexdigest()


def holds(keys: Iterable[SigningKey], label: str, parts: Iterable[str], sent: str) -> bool:
    """True if that was sent which one of the keys gives; a key that has just retired still counts."""
    bound = tuple(parts)
    return any(
        hmac.compare_digest(token(key, label, bound).encode(), sent.encode("utf-8", "surrogatepass"))
        for key in keys
    )

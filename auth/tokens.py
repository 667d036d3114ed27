"""From the Authorization header to the caller: verified once, then remembered until the token ends."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from auth import access_token, jws
from auth.keys import Keys
from auth.revocations import Revocations
from schema.errors import NotAuthenticated

CACHE_SIZE: Final = 10_000


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asks, for whom, why, and where."""

    client_id: str
    agency: str | None
    scopes: frozenset[str]
    """What the token says; what is alive now is in the Permit."""
    purpose: str
    jurisdiction: tuple[str, ...]
    """Kemendagri codes of 2 or 4 digits; no code opens no region."""
    token_id: str
    expires_at: datetime
    account_id: str | None = None
    """The person who uses the client; None where it acts for itself."""


class Verifier:
    """Turns an Authorization header into a Caller. One for each process."""

    def __init__(
        self,
        *,
        issuer: str,
        audience: str,
        keys: Keys,
        revocations: Revocations,
        clock: Callable[[], datetime],
        cache_size: int = CACHE_SIZE,
    ) -> None:
        """Args: audience: the `aud` of tokens for this resource. cache_size: verified tokens remembered, n >= 1."""
        self._issuer = issuer
        self._audience = audience
        self._keys = keys
        self._revocations = revocations
        self._clock = clock
        self._cache_size = cache_size
        self._cache: dict[bytes, Caller] = {}
        self._verified_with = keys.known

    async def verify(self, authorization_header: str | None) -> Caller:
        """The caller. Only this header is ever read: a token in a query or a body is no token.

        Raises:
            NotAuthenticated: no token, or one that is not ours, not for us, ended or withdrawn.
        """
        text = _bearer(authorization_header)
        await self._keys.fresh()
        await self._revocations.fresh()
        if self._verified_with is not self._keys.known:
            self._cache.clear()
            self._verified_with = self._keys.known
        digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
        caller = self._cache.get(digest)
        if caller is None or caller.expires_at <= self._clock():
            self._cache.pop(digest, None)
            caller = self._read(text)
            self._remember(digest, caller)
        if self._revocations.refuses(jti=caller.token_id, client_id=caller.client_id):
            raise NotAuthenticated("The access token was withdrawn; ask /oauth/token for a new one.")
        return caller

    def _read(self, text: str) -> Caller:
        try:
            token = access_token.read(
                text, issuer=self._issuer, audience=self._audience, keys=self._keys, now=self._clock()
            )
        except jws.Refused as refused:
            raise NotAuthenticated(f"The access token is refused: {refused}.") from None
        return Caller(
            client_id=token.client_id,
            agency=token.agency,
            scopes=token.scopes,
            purpose=token.purpose,
            jurisdiction=token.jurisdiction,
            token_id=token.token_id,
            expires_at=token.expires_at,
            account_id=None if token.subject == token.client_id else token.subject,
        )

    def _remember(self, digest: bytes, caller: Caller) -> None:
        if len(self._cache) >= self._cache_size:
            del self._cache[next(iter(self._cache))]
        self._cache[digest] = caller


def _bearer(header: str | None) -> str:
    if header is None:
        raise NotAuthenticated
    scheme, _, text = header.partition(" ")
    if scheme.lower() != "bearer" or not text:
        raise NotAuthenticated("Send the access token as `Authorization: Bearer <token>`.")
    if len(text) > jws.MAX_BYTES:
        raise NotAuthenticated("The access token is too long to be one of ours.")
    return text

"""The hub's access tokens as an agency's subgraph reads them: by the hub's published keys, and by nothing of a gateway.

A token that was withdrawn is known here when it ends, at most 300 seconds later; a subgraph that must know it at once asks
`/oauth/introspect`.

Source: RFC 9068 section 4; RFC 9449 section 7; ADR-0035.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.requests import Request

from auth import dpop, jws

LEEWAY: Final = timedelta(seconds=10)
_REGISTRY: Final = jws.PinnedRegistry(jws.SIGNING_ALGORITHM)
_ASKED_EVERY_S: Final = 5.0
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class Refused(Exception):
    """The caller is not known; the message says why and repeats nothing of the token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What a token says of who asks.

    Attributes:
        regions: Kemendagri codes of 2 or 4 digits; no code opens no region.
    """

    scopes: frozenset[str]
    purpose: str
    regions: tuple[str, ...]


class Tokens:
    """Judges tokens. One for each process.

    Args:
        hub: the issuer's URL, without a slash at its end.
        gateway: URL of the gateway's GraphQL endpoint, which callers' proofs name.
        clock: gives the present.
    """

    def __init__(self, *, hub: str, gateway: str, clock: Callable[[], datetime]) -> None:
        self._hub = hub
        self._gateway = gateway
        self._clock = clock
        self._keys = KeySet([])
        self._asked_at = float("-inf")
        self._takes_bearer = urlsplit(hub).hostname in _LOOPBACK

    async def caller(self, request: Request) -> Caller:
        """Who asks.

        Raises:
            Refused: no token, or one that is not the hub's, not alive, or not the sender's.
        """
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        claims = await self._claims(text)
        bound = claims.get("cnf")
        if bound is None:
            # The demo's hub alone gives tokens that are bound to nothing, and it is on this machine.
            if scheme.lower() != "bearer" or not self._takes_bearer:
                raise Refused("A token must be bound to a key of its client.")
        else:
            self._check_proof(scheme, text, bound, request.headers.getlist("dpop"))
        return Caller(
            scopes=frozenset(str(claims.get("scope", "")).split()),
            purpose=str(claims.get("purpose")),
            regions=tuple(str(code) for code in claims.get("jur", ())),
        )

    async def _claims(self, text: str) -> dict[str, Any]:
        try:
            unverified = jws.extract(text)
            if str(unverified.header.get("typ")).lower() not in {"at+jwt", "application/at+jwt"}:
                raise Refused("A valid access token of the hub is needed.")
            keys = await self._verifying(unverified.header.get("kid"))
            jws.verify(unverified, keys.keys, _REGISTRY)
        except jws.Refused:
            raise Refused("A valid access token of the hub is needed.") from None
        claims, now = unverified.claims, self._clock()
        if claims.get("iss") != self._hub or claims.get("aud") != f"{self._hub}/graphql":
            raise Refused("The access token is of another issuer, or for another audience.")
        ends_at: Any = claims.get("exp")
        if not jws.is_moment(ends_at) or ends_at + LEEWAY.total_seconds() <= now.timestamp():
            raise Refused("The access token has expired; ask the hub for a new one.")
        return claims

    async def _verifying(self, kid: object) -> KeySet:
        """The hub's keys, asked for anew where the one that is named is not among them, every 5 s at most.

        Raises:
            Refused: the hub does not say its keys.
        """
        is_known = any(key.kid == kid for key in self._keys.keys)
        if not is_known and time.monotonic() - self._asked_at > _ASKED_EVERY_S:
            self._asked_at = time.monotonic()
            try:
                async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
                    answer = await http.get(f"{self._hub}/oauth/jwks")
                self._keys = KeySet.import_key_set(answer.raise_for_status().json())
            except (httpx.HTTPError, JoseError, ValueError, KeyError):
                raise Refused("The hub does not say its keys; try again later.") from None
        return self._keys

    def _check_proof(self, scheme: str, text: str, bound: Any, proofs: list[str]) -> None:
        """Returns if the sender holds the key of the token. That a proof is used once is looked at by the hub and the gateway.

        Raises:
            Refused: it does not, or did not say so to this gateway.
        """
        if scheme.lower() != "dpop" or "jkt" not in bound:
            raise Refused("Behind a gateway a token is sent with a DPoP proof that names the gateway's URL.")
        try:
            proof = dpop.check(
                proofs,
                method="POST",
                uri=self._gateway,
                now=self._clock(),
                is_our_nonce=lambda _: True,
                token=text,
            )
        except dpop.ProofRefused as refused:
            raise Refused(str(refused)) from None
        if proof.jkt != bound["jkt"]:
            raise Refused("The access token is bound to another key than the proof's.")

"""What a trusted issuer says of itself, and its keys: fetched, checked against its row, remembered for a while.

Source: RFC 8414, OpenID Connect Discovery 1.0 section 4, RFC 7517.
"""

import base64
import binascii
from asyncio import Lock
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, cast
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key

from auth import egress, jws
from auth.egress import Egress, EgressRefused
from auth.issuers import TrustedIssuer

FRESH_FOR: Final = timedelta(minutes=10)
"""A key that an issuer takes back is believed no longer than this."""
ASKED_EVERY: Final = timedelta(seconds=30)
"""An issuer is not asked more often, whatever key a token names and whether or not it answers."""
_OPENID: Final = "/.well-known/openid-configuration"
_OAUTH: Final = "/.well-known/oauth-authorization-server"
_NOT_FOUND: Final = 404
_OK: Final = 200
_MOST_KEYS: Final = 50
_RSA_BITS: Final = range(2048, 8193)
_SHAPES: Final = {
    "PS256": ("RSA", None),
    "RS256": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "Ed25519": ("OKP", "Ed25519"),
}


class IssuerUnavailable(Exception):
    """The issuer does not answer as it must; the message names no token and no value of its answers."""


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """What an issuer published, checked: the issuer is the row's, and every address may be asked."""

    keys: tuple[Mapping[str, Any], ...] = field(repr=False)
    authorization_endpoint: str | None
    token_endpoint: str | None
    signs_with: tuple[str, ...]
    """`token_endpoint_auth_signing_alg_values_supported`; empty where it does not say."""
    names_itself: bool
    """Whether its authorization responses have `iss` (RFC 9207)."""

    def fitting(self, header: Mapping[str, Any]) -> list[Key]:
        """The keys that a signature with this header may have been made with; without `kid` all of its algorithm.

        A key that is symmetric, private, short, of another curve or for another use fits nothing.
        """
        algorithm, kid = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str):
            return []
        found = (_key(jwk, jws.spelling(algorithm)) for jwk in self._named(kid))
        return [key for key in found if key is not None]

    def knows(self, kid: object) -> bool:
        """True if there is a key of that id, or none is named."""
        return kid is None or any(True for _ in self._named(kid))

    def _named(self, kid: object) -> list[Mapping[str, Any]]:
        return [jwk for jwk in self.keys if kid is None or jwk.get("kid") == kid]


def _key(jwk: Mapping[str, Any], algorithm: str) -> Key | None:
    shape = _SHAPES.get(algorithm)
    if shape is None or jwk.get("kty") != shape[0] or "d" in jwk or jwk.get("use", "sig") != "sig":
        return None
    if shape[1] is not None and jwk.get("crv") != shape[1]:
        return None
    said = jwk.get("alg", algorithm)
    if not isinstance(said, str) or jws.spelling(said) != algorithm:
        return None
    if shape[0] == "RSA" and _bits(jwk.get("n")) not in _RSA_BITS:
        return None
    try:
        return import_key({name: value for name, value in jwk.items() if name in _PUBLIC})
    except (JoseError, ValueError, TypeError):
        return None


def _bits(number: object) -> int:
    try:
        raw = base64.urlsafe_b64decode(str(number) + "=" * (-len(str(number)) % 4))
    except (binascii.Error, ValueError):
        return 0
    return int.from_bytes(raw).bit_length()


_PUBLIC: Final = frozenset({"kty", "crv", "x", "y", "n", "e"})


@dataclass
class _Known:
    """What is remembered of one row."""

    lock: Lock = field(default_factory=Lock)
    asked_at: datetime | None = None
    read_at: datetime | None = None
    metadata: Metadata | None = None


class IssuerMetadata:
    """The issuers as this process knows them. One for each process.

    Args:
        egress: the way out.
        clock: aware UTC.
    """

    def __init__(self, egress: Egress, clock: Callable[[], datetime]) -> None:
        self._egress = egress
        self._clock = clock
        self._known: dict[str, _Known] = {}

    async def get(self, issuer: TrustedIssuer, kid: object = None) -> Metadata:
        """What the issuer says, at most ten minutes old, and newer where it has no key of that id.

        Args:
            issuer: a standing row.
            kid: of a token's header, unverified; None where none is named.

        Raises:
            IssuerUnavailable: it does not answer, or not as it must; it is asked again after 30 s.
        """
        known = self._known.setdefault(issuer.proposal.issuer, _Known())
        async with known.lock:
            found = known.metadata if self._within(known.read_at, FRESH_FOR) else None
            if found is not None and (found.knows(kid) or self._within(known.asked_at, ASKED_EVERY)):
                return found
            if found is None and self._within(known.asked_at, ASKED_EVERY):
                raise IssuerUnavailable("the issuer did not answer a moment ago; try again in half a minute")
            known.asked_at = self._clock()
            known.metadata = await self._read(issuer)
            known.read_at = self._clock()
            return known.metadata

    def at_hand(self, issuer: TrustedIssuer) -> Metadata | None:
        """What `get` found, while it is fresh; nothing is asked."""
        known = self._known.get(issuer.proposal.issuer)
        return known.metadata if known is not None and self._within(known.read_at, FRESH_FOR) else None

    def _within(self, moment: datetime | None, span: timedelta) -> bool:
        return moment is not None and timedelta(0) <= self._clock() - moment < span

    async def _read(self, issuer: TrustedIssuer) -> Metadata:
        try:
            said = await self._discover(issuer)
            keys = await self._egress.get(_address(said, "jwks_uri", issuer), loopback=issuer.is_loopback)
        except EgressRefused as refused:
            raise IssuerUnavailable(str(refused)) from None
        if keys.status != _OK:
            raise IssuerUnavailable("its keys are not there")
        return Metadata(
            keys=_keys(keys.body),
            authorization_endpoint=_optional(said, "authorization_endpoint", issuer),
            token_endpoint=_optional(said, "token_endpoint", issuer),
            signs_with=_texts(said.get("token_endpoint_auth_signing_alg_values_supported")),
            names_itself=said.get("authorization_response_iss_parameter_supported") is True,
        )

    async def _discover(self, issuer: TrustedIssuer) -> dict[str, Any]:
        """Its metadata: where OpenID has them, else where RFC 8414 has them.

        Raises:
            EgressRefused: it does not answer.
            IssuerUnavailable: they are not there, or those of another issuer.
        """
        for url in _well_known(issuer.proposal.issuer):
            answer = await self._egress.get(url, loopback=issuer.is_loopback)
            if answer.status == _OK:
                if answer.body.get("issuer") != issuer.proposal.issuer:
                    raise IssuerUnavailable("its metadata are those of another issuer")
                return answer.body
            if answer.status != _NOT_FOUND:
                break
        raise IssuerUnavailable("its metadata are not there")


def _well_known(issuer: str) -> tuple[str, str]:
    parts = urlsplit(issuer)
    root = f"{parts.scheme}://{parts.netloc}"
    return issuer.rstrip("/") + _OPENID, root + _OAUTH + parts.path.rstrip("/")


def _address(said: Mapping[str, Any], name: str, issuer: TrustedIssuer) -> str:
    """An address of its metadata that may be asked.

    Raises:
        IssuerUnavailable: it is not there, or not secure.
    """
    value = said.get(name)
    if not isinstance(value, str) or not egress.is_secure_url(value, loopback=issuer.is_loopback):
        raise IssuerUnavailable(f"its metadata lack {name}, or that is not https")
    return value


def _optional(said: Mapping[str, Any], name: str, issuer: TrustedIssuer) -> str | None:
    return _address(said, name, issuer) if name in said else None


def _texts(value: object) -> tuple[str, ...]:
    listed = cast("list[Any]", value) if isinstance(value, list) else []
    return tuple(one for one in listed if isinstance(one, str))


def _keys(body: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    listed = body.get("keys")
    if not isinstance(listed, list):
        raise IssuerUnavailable("its keys are not a JWK set")
    found: Sequence[Any] = cast("list[Any]", listed)[:_MOST_KEYS]
    return tuple(cast("Mapping[str, Any]", one) for one in found if isinstance(one, Mapping))

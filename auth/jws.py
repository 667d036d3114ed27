"""The one place where a compact JWS is read: algorithms pinned, own keys only, every fault the same error.

Source: RFC 7515; RFC 8725 (best practices); RFC 9864 (`Ed25519` in place of `EdDSA`).
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, NoReturn, cast

from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import Key

_FAULTS = (JoseError, ValueError, TypeError, RecursionError)
"""What broken bytes can raise in joserfc and json; none of them may become a 500."""

_SPELLINGS: Final = {"EdDSA": "Ed25519"}
"""RFC 9864 deprecates the left name; clients still send it, and here it means only that curve."""

MAX_BYTES: Final = 16_384
_LAST_MOMENT: Final = 253_402_300_799
"""The end of the year 9999, the last that Python can say."""

_COMPACT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
"""Base64url and nothing else: Python's decoder would skip foreign characters, so one token had many spellings."""


def spelling(algorithm: str) -> str:
    """The name of the algorithm that RFC 9864 keeps."""
    return _SPELLINGS.get(algorithm, algorithm)


class Refused(Exception):
    """The JWS is not one that we accept; the message says why and repeats nothing of it."""


class PinnedRegistry(jws.JWSRegistry):
    """A registry of the given algorithms and no others.

    Headers may have 2048 bytes, since a proof carries its key there; joserfc itself stops at 512.
    """

    max_header_length = 2048

    def __init__(self, *algorithms: str) -> None:
        super().__init__(algorithms=[spelling(name) for name in algorithms], strict_check_header=False)
        self._accepted = frozenset(algorithms)

    def get_alg(self, name: str) -> Any:
        """The algorithm of that name; the deprecated spelling only where it was given.

        Returns:
            a joserfc JWSAlgModel, whose type joserfc does not export.

        Raises:
            UnsupportedAlgorithmError: it is not one of the given.
        """
        if name not in self._accepted:
            raise UnsupportedAlgorithmError("Algorithm is not allowed")
        return super().get_alg(spelling(name))


CLIENT_ALGORITHMS: Final = ("PS256", "ES256", "Ed25519", "EdDSA")
"""What a client may sign with, as published; FAPI 2.0 section 5.4."""

SIGNING_ALGORITHM: Final = "Ed25519"
_READING: Final = PinnedRegistry(*CLIENT_ALGORITHMS)


@dataclass(frozen=True, kw_only=True)
class Unverified:
    """A JWS taken apart. Nothing in it may be believed before `verify`."""

    header: dict[str, Any]
    claims: dict[str, Any]
    parts: jws.CompactSignature


def extract(text: str) -> Unverified:
    """The parts of a compact JWS, unverified.

    Raises:
        Refused: not a JWS of a JSON object, too long, or with header parameters that change how it is read.
    """
    if len(text) > MAX_BYTES or not _COMPACT.fullmatch(text):
        raise Refused("it is not a compact JWS, or too long")
    try:
        parts = jws.extract_compact(text.encode("ascii"), registry=_READING)
        header = parts.headers()
        claims: Any = json.loads(parts.payload, parse_constant=_no_constant)
    except _FAULTS:
        raise Refused("it is not a JWS of a JSON object") from None
    if not isinstance(claims, dict):
        raise Refused("its payload is not a JSON object")
    if header.keys() & {"crit", "b64"}:
        raise Refused("its header has crit or b64")
    return Unverified(header=header, claims=cast("dict[str, Any]", claims), parts=parts)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def verify(unverified: Unverified, keys: Iterable[Key], registry: PinnedRegistry) -> None:
    """Returns if one of the keys made the signature with an algorithm of the registry.

    Args:
        unverified: what `extract` returned.
        keys: ours, never one named by the header itself.
        registry: the pinned algorithms.

    Raises:
        Refused: no key fits.
    """
    for key in keys:
        try:
            if jws.validate_compact(unverified.parts, key, registry=registry):
                return
        except _FAULTS:
            continue
    raise Refused("it is not signed by a known key with an accepted algorithm")


def is_moment(value: object) -> bool:
    """True for a NumericDate of this age of the world, so that arithmetic with it cannot overflow.

    Infinity and NaN are outside the range, and a bool is no number.
    """
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _LAST_MOMENT

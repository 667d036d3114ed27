"""A client's public keys: which are accepted, and in what form they are kept."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final, cast

from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key, thumbprint

from auth import jws
from schema.errors import DecisionError

_PUBLIC: Final = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}
_CURVES: Final = {"EC": "P-256", "OKP": "Ed25519"}
_ALGORITHM: Final = {"RSA": "PS256", "EC": "ES256", "OKP": "Ed25519"}
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_RSA_BITS: Final = range(2048, 8193)
"""FAPI 2.0 asks for 2048; the upper end keeps one verification from costing seconds."""
_COUNT: Final = range(1, 11)


class KeyRefused(DecisionError):
    """The client's key cannot be registered."""


def checked(jwks: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
    """The same key set with only its public parameters, each key with a `kid` of its own.

    Args:
        jwks: RFC 7517 `{"keys": [...]}`, 1 to 10 keys.

    Raises:
        KeyRefused: a key is symmetric, private, too short, of another curve, or not a key.
    """
    keys = jwks.get("keys")
    if not isinstance(keys, list):
        raise KeyRefused('send {"keys": [...]} with 1 to 10 public keys')
    kept = [_checked_key(key) for key in cast("list[Any]", keys)]
    if len(kept) not in _COUNT:
        raise KeyRefused("register 1 to 10 public keys")
    if len({key["kid"] for key in kept}) != len(kept):
        raise KeyRefused("two keys have the same kid; give each its own")
    return {"keys": kept}


def _checked_key(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise KeyRefused("each key must be a JSON object (RFC 7517)")
    jwk = cast("Mapping[str, Any]", value)
    kty = jwk.get("kty")
    if not isinstance(kty, str) or kty not in _PUBLIC:
        raise KeyRefused("only asymmetric keys are accepted: RSA, EC P-256 or OKP Ed25519")
    if jwk.keys() & _PRIVATE:
        raise KeyRefused("a key has its private part; send the public part only and make a new key pair")
    kept = {"kty": kty, **{name: _text(jwk, name) for name in _PUBLIC[kty]}}
    if kty in _CURVES and kept["crv"] != _CURVES[kty]:
        raise KeyRefused(f"an {kty} key must be on the curve {_CURVES[kty]}")
    if kty == "RSA" and _bits(kept["n"]) not in _RSA_BITS:
        raise KeyRefused(f"an RSA key must have {_RSA_BITS.start} to {_RSA_BITS.stop - 1} bits")
    if jwk.get("use", "sig") != "sig":
        raise KeyRefused("a key's use must be sig")
    if "alg" in jwk and jws.spelling(_text(jwk, "alg")) != _ALGORITHM[kty]:
        raise KeyRefused(f"the alg of an {kty} key must be {_ALGORITHM[kty]}")
    return kept | {"kid": _kid(jwk, kept), "use": "sig", "alg": _ALGORITHM[kty]}


def _text(jwk: Mapping[str, Any], name: str) -> str:
    value = jwk.get(name)
    if not isinstance(value, str) or not value.isascii() or not value.isprintable():
        raise KeyRefused(f"a key lacks {name}, or it is not text")
    return value


def _bits(number: str) -> int:
    try:
        raw = base64.urlsafe_b64decode(number + "=" * (-len(number) % 4))
    except (binascii.Error, ValueError):
        return 0
    return int.from_bytes(raw).bit_length()


def _kid(jwk: Mapping[str, Any], kept: Mapping[str, str]) -> str:
    try:
        own = thumbprint(_import(kept).as_dict(private=False))
    except (JoseError, ValueError, TypeError):
        raise KeyRefused("a key is not a valid public key (RFC 7518 section 6)") from None
    return _text(jwk, "kid") if "kid" in jwk else own


def _import(jwk: Mapping[str, str]) -> Key:
    return import_key(dict(jwk))


def fitting(jwks: Mapping[str, Any], header: Mapping[str, Any]) -> list[Key]:
    """The keys of a checked set that a signature with this header may have been made with.

    Args:
        jwks: what `checked` returned.
        header: of a JWS, unverified; without `kid` all keys of its algorithm fit.
    """
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str):
        return []
    return [
        _import(jwk)
        for jwk in jwks["keys"]
        if jwk["alg"] == jws.spelling(algorithm) and (kid is None or kid == jwk["kid"])
    ]

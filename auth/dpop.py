"""Proofs of possession: one signed statement for each request that this very client sends it (RFC 9449).

The key of a proof is public only, and is looked at before any signature is tried. Nothing of a proof is kept here; that
it is used once is told by `one_time` (at every replica) or by `seen_proofs` (at one).
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

from joserfc.jwk import Key, import_key

from auth import jwks, jws

ALGORITHMS: Final = jws.CLIENT_ALGORITHMS
TYPE: Final = "dpop+jwt"
AGE: Final = timedelta(seconds=60)
"""How far `iat` may lie behind or ahead of our clock."""
LIFE: Final = 2 * AGE
"""For so long one proof can be repeated: from 60 s before its `iat` until 60 s after."""

REGISTRY: Final = jws.PinnedRegistry(*ALGORITHMS)
"""What a proof may be signed with; its header has room for an RSA key."""
_JTI_LENGTH: Final = range(1, 257)
_KEYS_REMEMBERED: Final = 1024
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PORTS: Final = {"http": 80, "https": 443}


class ProofRefused(Exception):
    """The proof is not one for this request; the message says why and repeats nothing of it."""


class NonceNeeded(ProofRefused):
    """The proof is in order but for the nonce, which must be one that this server gave lately."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A proof that was verified.

    Attributes:
        jkt: thumbprint of the key that signed it.
        jti: its id.
        expires_at: when it is refused for its age anyway, aware UTC.
    """

    jkt: str
    jti: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _Signer:
    key: Key
    jkt: str


def check(
    sent: Sequence[str],
    *,
    method: str,
    uri: str,
    now: datetime,
    is_our_nonce: Callable[[str], bool],
    token: str | None = None,
) -> Proof:
    """The one proof of a request.

    Args:
        sent: every value of the header `DPoP`; exactly one is right.
        method: of the request.
        uri: that clients know the place by, from the configured issuer; never from a header.
        now: aware UTC.
        is_our_nonce: true for a nonce that some replica gave lately.
        token: the access token that the proof must name; None where there is none yet.

    Raises:
        NonceNeeded: it lacks a nonce of ours and nothing else.
        ProofRefused: it is not a proof for this request.

    Source: RFC 9449 section 4.3.
    """
    if len(sent) != 1:
        raise ProofRefused("Send exactly one DPoP header.")
    unverified, signer = _signed(sent[0])
    claims = unverified.claims
    if claims.get("htm") != method:
        raise ProofRefused("htm of the proof is not the method of the request.")
    if not _is_same_place(claims.get("htu"), uri):
        raise ProofRefused("htu of the proof is not the URL that the metadata name.")
    if token is not None and claims.get("ath") != digest(token):
        raise ProofRefused("ath of the proof is not the hash of the access token.")
    proof = _proof(claims, signer, now)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not is_our_nonce(nonce):
        raise NonceNeeded("Sign the proof again with the nonce of the header DPoP-Nonce.")
    return proof


def _signed(sent: str) -> tuple[jws.Unverified, _Signer]:
    try:
        unverified = jws.extract(sent)
    except jws.Refused:
        raise ProofRefused("The proof is not a compact JWS of a JSON object.") from None
    if unverified.header.get("typ") != TYPE:
        raise ProofRefused("typ of the proof must be dpop+jwt.")
    signer = _signer(sent.partition(".")[0])
    try:
        jws.verify(unverified, [signer.key], REGISTRY)
    except jws.Refused:
        raise ProofRefused(
            "The proof is not signed by the key of its header with an accepted algorithm."
        ) from None
    return unverified, signer


def _proof(claims: Mapping[str, Any], signer: _Signer, now: datetime) -> Proof:
    jti = claims.get("jti")
    if not isinstance(jti, str) or len(jti) not in _JTI_LENGTH:
        raise ProofRefused("The proof needs jti, a text of 1 to 256 characters.")
    issued: Any = claims.get("iat")
    if not jws.is_moment(issued):
        raise ProofRefused("The proof needs iat, a number of seconds.")
    if abs(issued - now.timestamp()) > AGE.total_seconds():
        raise ProofRefused("iat of the proof is more than 60 s away; check the clock.")
    return Proof(jkt=signer.jkt, jti=jti, expires_at=datetime.fromtimestamp(issued, UTC) + AGE)


def named(sent: str) -> Proof:
    """Which proof it is, of one that `check` has accepted."""
    claims = jws.extract(sent).claims
    expires_at = datetime.fromtimestamp(claims["iat"], UTC) + AGE
    return Proof(jkt=_signer(sent.partition(".")[0]).jkt, jti=claims["jti"], expires_at=expires_at)


def digest(text: str) -> str:
    """SHA-256 in base64url, as `ath` has it."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


@lru_cache(maxsize=_KEYS_REMEMBERED)
def _signer(header: str) -> _Signer:
    """The key in the header of a proof. A client's proofs all begin with the same header, so it is read once.

    Raises:
        ProofRefused: it has no key, or one that is symmetric, private, short or of another algorithm.
    """
    # The signature's own check has decoded these bytes before.
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))
    try:
        jwk = jwks.checked({"keys": [read.get("jwk")]})["keys"][0]
    except jwks.KeyRefused as refused:
        raise ProofRefused(f"jwk of the proof: {refused}.") from None
    if jws.spelling(str(read.get("alg"))) != jwk["alg"]:
        raise ProofRefused("alg of the proof does not fit its key, or is not an accepted one.")
    key = import_key({name: value for name, value in jwk.items() if name not in {"kid", "use", "alg"}})
    return _Signer(key, key.thumbprint())


def _is_same_place(said: object, uri: str) -> bool:
    if not isinstance(said, str):
        return False
    try:
        return normalised(said) == normalised(uri)
    except ValueError:
        return False


@lru_cache(maxsize=256)
def normalised(uri: str) -> str:
    """The URI in the one spelling that RFC 3986 sections 6.2.2 and 6.2.3 give it, without query and fragment.

    Raises:
        ValueError: it is no absolute http or https URI.
    """
    parts = urlsplit(uri)
    if parts.scheme not in _PORTS or not parts.hostname or parts.username is not None:
        raise ValueError(uri)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = "" if parts.port in {None, _PORTS[parts.scheme]} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}{_path(parts.path)}"


def _path(path: str) -> str:
    kept: list[str] = []
    segments = _ESCAPE.sub(_unescaped, path).split("/")[1:]
    for number, segment in enumerate(segments, 1):
        if segment in {".", ".."}:
            del kept[-1 if segment == ".." else len(kept) :]
            if number == len(segments):
                kept.append("")
        else:
            kept.append(segment)
    return "/" + "/".join(kept)


def _unescaped(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if character in _UNRESERVED else escape[0].upper()

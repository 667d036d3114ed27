"""An access token: made and read here only (RFC 9068), so that no other JWT can pass for one."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from joserfc import jwt

from auth import jws
from auth.keys import Keys, SigningKey

TYPE: Final = "at+jwt"
LIFE: Final = timedelta(seconds=300)
LEEWAY: Final = timedelta(seconds=10)
_REGISTRY: Final = jws.PinnedRegistry(jws.SIGNING_ALGORITHM)
_TYPES: Final = frozenset({TYPE, f"application/{TYPE}"})
_TEXTS: Final = ("sub", "client_id", "jti", "scope", "purpose")


@dataclass(frozen=True, kw_only=True)
class AccessToken:
    """What a token says, after it was verified or before it is signed."""

    token_id: str
    client_id: str
    subject: str
    audience: str
    scopes: frozenset[str]
    purpose: str
    agency: str | None
    jurisdiction: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime


def new_id() -> str:
    """An id that nobody guesses: 192 bits."""
    return secrets.token_urlsafe(24)


def sign(token: AccessToken, issuer: str, signing: SigningKey) -> str:
    """The token as its client receives it."""
    claims: dict[str, Any] = {
        "iss": issuer,
        "sub": token.subject,
        "aud": token.audience,
        "client_id": token.client_id,
        "iat": int(token.issued_at.timestamp()),
        "exp": int(token.expires_at.timestamp()),
        "jti": token.token_id,
        "scope": " ".join(sorted(token.scopes)),
        "purpose": token.purpose,
        "jur": list(token.jurisdiction),
    }
    if token.agency is not None:
        claims["agency"] = token.agency
    header = {"typ": TYPE, "alg": jws.SIGNING_ALGORITHM, "kid": signing.kid}
    return jwt.encode(header, claims, signing.key, registry=_REGISTRY)


def read(text: str, *, issuer: str, audience: str, keys: Keys, now: datetime) -> AccessToken:
    """The token, if it is one of ours, for this audience, and alive.

    Args:
        text: as received.
        issuer: ours.
        audience: the resource that reads it.
        keys: ours, fresh.
        now: aware UTC.

    Raises:
        Refused: anything about it is wrong; the message says what and repeats nothing of it.
    """
    unverified = jws.extract(text)
    if str(unverified.header.get("typ")).lower() not in _TYPES:
        raise jws.Refused("its typ is not at+jwt")
    jws.verify(unverified, keys.verifying(unverified.header.get("kid")), _REGISTRY)
    claims = unverified.claims
    if claims.get("iss") != issuer:
        raise jws.Refused("it has another issuer")
    if claims.get("aud") != audience:
        raise jws.Refused("it is for another audience")
    if "cnf" in claims:
        raise jws.Refused("it is bound to a key of its client, and no proof of that key is accepted yet")
    return _alive(_parsed(claims), now)


def _parsed(claims: dict[str, Any]) -> AccessToken:
    agency, jurisdiction = claims.get("agency"), claims.get("jur")
    if not (
        all(isinstance(claims.get(name), str) for name in _TEXTS)
        and all(jws.is_moment(claims.get(name)) for name in ("iat", "exp"))
        and isinstance(agency, str | None)
        and isinstance(jurisdiction, list)
    ):
        raise jws.Refused("a claim is missing or malformed")
    return AccessToken(
        token_id=claims["jti"],
        client_id=claims["client_id"],
        subject=claims["sub"],
        audience=claims["aud"],
        scopes=frozenset(claims["scope"].split()),
        purpose=claims["purpose"],
        agency=agency,
        jurisdiction=tuple(str(code) for code in cast("list[Any]", jurisdiction)),
        issued_at=datetime.fromtimestamp(claims["iat"], UTC),
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
    )


def _alive(token: AccessToken, now: datetime) -> AccessToken:
    if token.expires_at + LEEWAY <= now:
        raise jws.Refused("it has expired")
    if token.issued_at > now + LEEWAY:
        raise jws.Refused("it was issued in the future")
    return token

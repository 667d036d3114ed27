"""An access token: made and read here only (RFC 9068), so that no other JWT can pass for one."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

from joserfc import jwt

from auth import jws
from auth.confirmation import Confirmation
from auth.keys import Keys, SigningKey

TYPE: Final = "at+jwt"
LIFE: Final = timedelta(seconds=300)
LEEWAY: Final = timedelta(seconds=10)
_REGISTRY: Final = jws.PinnedRegistry(jws.SIGNING_ALGORITHM)
_TYPES: Final = frozenset({TYPE, f"application/{TYPE}"})
_TEXTS: Final = ("sub", "client_id", "jti", "scope", "purpose")
_OPTIONAL_TEXTS: Final = ("agency", "acr", "gsid", "bg", "sid")


@dataclass(frozen=True, kw_only=True)
class AccessToken:
    """What a token says, after it was verified or before it is signed.

    Attributes:
        confirmation: what it is bound to; None for a bearer token of the demo.
        acr: how strongly the person has logged in.
        authenticated_at: when the person has logged in; None where the client acts for itself.
        grant_set: a short name of the grants behind it; who lets whom see what stays here.
        case_id: the one case of an emergency.
        login_id: the login that it ends with; None where it outlives the login, or there is none.
    """

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
    confirmation: Confirmation | None = None
    acr: str | None = None
    authenticated_at: datetime | None = None
    grant_set: str | None = None
    case_id: UUID | None = None
    login_id: UUID | None = None


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
    claims |= optional_claims(token)
    header = {"typ": TYPE, "alg": jws.SIGNING_ALGORITHM, "kid": signing.kid}
    return jwt.encode(header, claims, signing.key, registry=_REGISTRY)


def optional_claims(token: AccessToken) -> dict[str, Any]:
    """The claims that not every token has."""
    auth_time, case_id, login_id = token.authenticated_at, token.case_id, token.login_id
    claims = {
        "agency": token.agency,
        "cnf": token.confirmation and token.confirmation.claim(),
        "acr": token.acr,
        "auth_time": auth_time and int(auth_time.timestamp()),
        "gsid": token.grant_set,
        "bg": case_id and str(case_id),
        "sid": login_id and str(login_id),
    }
    return {name: value for name, value in claims.items() if value is not None}


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
    return _alive(_parsed(claims), now)


def _parsed(claims: dict[str, Any]) -> AccessToken:
    jurisdiction, auth_time = claims.get("jur"), claims.get("auth_time")
    if not (
        all(isinstance(claims.get(name), str) for name in _TEXTS)
        and all(isinstance(claims.get(name), str | None) for name in _OPTIONAL_TEXTS)
        and all(jws.is_moment(claims.get(name)) for name in ("iat", "exp"))
        and (auth_time is None or jws.is_moment(auth_time))
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
        agency=claims.get("agency"),
        jurisdiction=tuple(str(code) for code in cast("list[Any]", jurisdiction)),
        issued_at=datetime.fromtimestamp(claims["iat"], UTC),
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
        confirmation=Confirmation.read(claims["cnf"]) if "cnf" in claims else None,
        acr=claims.get("acr"),
        authenticated_at=None if auth_time is None else datetime.fromtimestamp(auth_time, UTC),
        grant_set=claims.get("gsid"),
        case_id=_uuid(claims.get("bg")),
        login_id=_uuid(claims.get("sid")),
    )


def _uuid(text: str | None) -> UUID | None:
    try:
        return None if text is None else UUID(text)
    except ValueError:
        raise jws.Refused("a claim is missing or malformed") from None


def _alive(token: AccessToken, now: datetime) -> AccessToken:
    if token.expires_at + LEEWAY <= now:
        raise jws.Refused("it has expired")
    if token.issued_at > now + LEEWAY:
        raise jws.Refused("it was issued in the future")
    return token

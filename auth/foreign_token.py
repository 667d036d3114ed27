"""A JWT of a trusted issuer, verified against its row: an access token of a system, or what any of its JWTs must fulfil.

Source: RFC 9068 section 4, RFC 7519, RFC 8725; security.md sections 1 and 3.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from auth import jws
from auth.access_token import LEEWAY
from auth.issuer_metadata import Metadata
from auth.issuers import TrustedIssuer

LONGEST: Final = timedelta(hours=24)
"""A foreign token that lives longer is refused (RFC 7523 section 3, item 4)."""
_TYPES: Final = frozenset({"at+jwt", "application/at+jwt"})
_PLAIN: Final = frozenset({"jwt", "application/jwt"})
_TEXT: Final = range(1, 257)


@dataclass(frozen=True, kw_only=True)
class ForeignToken:
    """What a foreign access token says, verified, in our words.

    Attributes:
        subject: `issuer#sub`.
        client_id: of the foreign client.
        scopes: mapped, and below the ceiling of the row.
        once: names the token, so that it is used once: its jti, else a digest of what was signed.
        expires_at: aware UTC.
    """

    subject: str
    client_id: str
    scopes: frozenset[str]
    once: str
    expires_at: datetime


def read(text: str, issuer: TrustedIssuer, metadata: Metadata, now: datetime) -> ForeignToken:
    """The token, if this issuer made it for us, it is an access token, and it is alive.

    Args:
        text: as received.
        issuer: a standing row of SYSTEMS.
        metadata: of that issuer.
        now: aware UTC.

    Raises:
        Refused: anything about it is wrong; the message says what and repeats nothing of it.
    """
    unverified = jws.extract(text)
    kind = _kind(unverified.header)
    if kind not in _TYPES and not (issuer.proposal.plain_jwt and kind in _PLAIN):
        raise jws.Refused("its typ is not at+jwt")
    jws.verify(unverified, metadata.fitting(unverified.header), issuer.registry)
    claims = unverified.claims
    check_issuer_and_audience(claims, issuer)
    expires_at = check_times(claims, now)
    subject, client_id = claims.get("sub"), claims.get("client_id")
    if client_id is None and issuer.proposal.plain_jwt:
        client_id = claims.get("azp")
    if not is_text(subject) or not is_text(client_id):
        raise jws.Refused("it does not say of whom it speaks, or to which client it was given")
    return ForeignToken(
        subject=f"{issuer.proposal.issuer}#{subject}",
        client_id=str(client_id),
        scopes=issuer.mapped(_words(claims.get("scope"))),
        once=_once(claims.get("jti"), text),
        expires_at=expires_at,
    )


def _kind(header: Mapping[str, Any]) -> str:
    return str(header.get("typ", "JWT")).lower()


def check_issuer_and_audience(claims: Mapping[str, Any], issuer: TrustedIssuer) -> None:
    """Returns if the row's issuer made it, for the row's audience.

    Raises:
        Refused: not so.
    """
    if claims.get("iss") != issuer.proposal.issuer:
        raise jws.Refused("it has another issuer")
    audience = claims.get("aud")
    listed: Sequence[Any] = cast("list[Any]", audience) if isinstance(audience, list) else [audience]
    if issuer.proposal.audience not in listed:
        raise jws.Refused("it is for another audience")


def check_times(claims: Mapping[str, Any], now: datetime) -> datetime:
    """When it ends, if it is alive now. Clocks may differ by ten seconds.

    Raises:
        Refused: it has ended, has not begun, lives too long, or does not say.
    """
    expires, issued, begins = claims.get("exp"), claims.get("iat"), claims.get("nbf", 0)
    if not (jws.is_moment(expires) and jws.is_moment(issued) and jws.is_moment(begins)):
        raise jws.Refused("exp, iat or nbf is missing or malformed")
    ends_at, issued_at, begins_at = (
        datetime.fromtimestamp(cast("float", moment), UTC) for moment in (expires, issued, begins)
    )
    if ends_at + LEEWAY <= now:
        raise jws.Refused("it has expired")
    if max(issued_at, begins_at) > now + LEEWAY:
        raise jws.Refused("it begins in the future")
    if ends_at - issued_at > LONGEST or ends_at > now + LONGEST + LEEWAY:
        raise jws.Refused("it lives too long")
    return ends_at


def is_text(value: object) -> bool:
    """True for a text that may name somebody: 1 to 256 printable characters."""
    return isinstance(value, str) and len(value) in _TEXT and value.isprintable()


def _words(scope: object) -> list[str]:
    """The words of `scope`: a text, or a list as some issuers have it."""
    if isinstance(scope, str):
        return scope.split()
    listed = cast("list[Any]", scope) if isinstance(scope, list) else []
    return [word for word in listed if isinstance(word, str)]


def _once(jti: object, text: str) -> str:
    """The signature is left out of the digest, since an ECDSA signature has two spellings."""
    if is_text(jti):
        return f"jti:{jti}"
    return f"sha256:{hashlib.sha256(text.rpartition('.')[0].encode('ascii')).hexdigest()}"

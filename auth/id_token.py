"""An id_token, checked fully: what a people's issuer says of who has just logged in.

Source: OpenID Connect Core 1.0 section 3.1.3.7, with the algorithms pinned and auth_time required.
"""

import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from auth import foreign_token, jws
from auth.access_token import LEEWAY
from auth.issuer_metadata import Metadata
from auth.issuers import TrustedIssuer

OLDEST: Final = timedelta(minutes=5)
"""An id_token is read in the second it was made; one that was made earlier was kept by somebody."""
_ACR_LENGTH: Final = 200


@dataclass(frozen=True, kw_only=True)
class Authenticated:
    """A person whom an issuer has authenticated; not yet somebody who may do anything here."""

    account_id: str = field(repr=False)
    acr: str | None
    authenticated_at: datetime


def read(
    text: str, issuer: TrustedIssuer, metadata: Metadata, *, nonce: str, not_before: datetime, now: datetime
) -> Authenticated:
    """Who has logged in.

    Args:
        text: as received from the issuer's token endpoint.
        issuer: a standing row of PEOPLE.
        metadata: of that issuer.
        nonce: that this browser's attempt began with.
        not_before: the person must have proved who they are since then, leeway apart.
        now: aware UTC.

    Raises:
        Refused: anything about it is wrong; the message says what and repeats nothing of it.
    """
    unverified = jws.extract(text)
    if str(unverified.header.get("typ", "JWT")).lower() not in {"jwt", "application/jwt"}:
        raise jws.Refused("its typ is not JWT")
    jws.verify(unverified, metadata.fitting(unverified.header), issuer.registry)
    claims = unverified.claims
    foreign_token.check_issuer_and_audience(claims, issuer)
    _check_party(claims, issuer.proposal.audience)
    foreign_token.check_times(claims, now)
    if datetime.fromtimestamp(cast("float", claims["iat"]), UTC) + OLDEST < now:
        raise jws.Refused("it was made too long ago")
    given: Any = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise jws.Refused("its nonce is another one")
    subject = claims.get("sub")
    if not foreign_token.is_text(subject):
        raise jws.Refused("it does not say of whom it speaks")
    return Authenticated(
        account_id=f"{issuer.proposal.issuer}#{subject}",
        acr=_acr(claims.get("acr")),
        authenticated_at=_authenticated_at(claims.get("auth_time"), not_before, now),
    )


def _check_party(claims: dict[str, Any], client_id: str) -> None:
    """Returns if it was made for us and for nobody else.

    Raises:
        Refused: it is for several, and another one is its party.
    """
    audience, party = claims.get("aud"), claims.get("azp")
    is_alone = isinstance(audience, str) or len(cast("list[Any]", audience)) == 1
    if party != client_id and not (party is None and is_alone):
        raise jws.Refused("it was made for another party")


def _authenticated_at(moment: object, not_before: datetime, now: datetime) -> datetime:
    if not jws.is_moment(moment):
        raise jws.Refused("auth_time is missing or malformed")
    authenticated_at = datetime.fromtimestamp(cast("float", moment), UTC)
    if authenticated_at > now + LEEWAY:
        raise jws.Refused("auth_time lies in the future")
    if authenticated_at + LEEWAY < not_before:
        raise jws.Refused("the person proved who they are too long ago")
    return min(authenticated_at, now)


def _acr(value: object) -> str | None:
    return value if isinstance(value, str) and value.isprintable() and len(value) <= _ACR_LENGTH else None

"""The JWT bearer grant: a foreign access token of the agency's own issuer becomes one of ours, and never a wider one.

The client authenticates as for every grant; what it gets is asked within three things at once: the words of the foreign
token as the row maps them, the ceiling of the row, and the live grants of the client. Authlib's own JWTBearerGrant takes
the assertion's issuer for the client, authenticates nobody and pins no algorithm, so nothing of it is used.

Source: RFC 7521, RFC 7523 section 2.1; ADR-0030.
"""

# pyright: reportUnknownMemberType=false, reportIncompatibleMethodOverride=false
# Authlib has no types of its own, and those that the checker brings for it are partial.

import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Protocol, cast

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError, InvalidScopeError
from sqlalchemy.ext.asyncio import AsyncEngine

from auth import foreign_token, holdings, issuers, jws, one_time
from auth.access_token import LEEWAY
from auth.adapter import FormRequest, Issuing
from auth.client_credentials import ClientCredentials
from auth.egress import Egress
from auth.foreign_token import ForeignToken
from auth.granted import granted
from auth.holdings import Standing
from auth.issuer_metadata import IssuerMetadata, IssuerUnavailable, Metadata
from auth.issuers import TrustedIssuer, Use

GRANT_TYPE: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_UNTRUSTED: Final = "No trusted issuer of this client's agency made the assertion."


class Registering(Protocol):
    """What the server gives."""

    engine: AsyncEngine
    clock: Callable[[], datetime]

    def register_grant(self, grant_cls: Any, extensions: Any = None) -> None:
        """A grant of Authlib's, and what is called with each instance of it."""
        ...


class ForeignIssuers:
    """The issuers of foreign systems, with their keys at hand before a transaction begins."""

    def __init__(self, engine: AsyncEngine, metadata: IssuerMetadata) -> None:
        """Args: engine: of the service's role. metadata: of the issuers."""
        self._engine = engine
        self._metadata = metadata

    def attach(self, grant: "JwtBearer") -> None:
        """The grant finds there what was fetched for its request."""
        grant.known = self._metadata

    async def fetch(self, request: FormRequest) -> None:
        """What the issuer of the request's assertion says of itself is at hand, where that is a trusted one.

        No connection is held while the issuer is asked, so that a slow one does not use up the pool.
        """
        assertion = request.form.get("assertion")
        if request.form.get("grant_type") != GRANT_TYPE or assertion is None:
            return
        try:
            unverified = jws.extract(assertion)
        except jws.Refused:
            return
        named = unverified.claims.get("iss")
        if not foreign_token.is_text(named):
            return
        async with self._engine.connect() as connection:
            found = await connection.run_sync(issuers.standing, Use.SYSTEMS, str(named))
        for issuer in found:
            # What could not be had is not at hand, and the grant says so once the client has proved itself.
            with contextlib.suppress(IssuerUnavailable):
                await self._metadata.get(issuer, unverified.header.get("kid"))


def register(server: Registering, egress: Egress | None = None) -> ForeignIssuers:
    """The server grants it from now on.

    Args:
        server: of OAuth2.
        egress: the way to issuers; one that asks public addresses only where None.
    """
    foreign = ForeignIssuers(server.engine, IssuerMetadata(egress or Egress(), server.clock))
    server.register_grant(JwtBearer, [foreign.attach])
    return foreign


class JwtBearer(ClientCredentials):
    """Tokens for a client, on the word of its agency's own issuer."""

    GRANT_TYPE = GRANT_TYPE
    known: IssuerMetadata

    def validate_token_request(self) -> None:
        """Leaves the client and what it is granted on the request; the assertion is spent.

        Raises:
            InvalidRequestError: there is no assertion.
        """
        if not self.request.form.get("assertion"):
            raise InvalidRequestError("assertion is needed: an access token of your agency's issuer.")
        self.request.client = self.authenticate_token_endpoint_client()
        self.validate_requested_scope()

    def validate_requested_scope(self) -> None:
        """Leaves scopes and purpose on the request, all of them within the foreign token and what the client holds.

        Raises:
            InvalidGrantError: the assertion is not one that this client may present.
            InvalidScopeError: a scope exceeds the foreign token, the ceiling, or what the client holds.
        """
        super().validate_requested_scope()
        request, server = cast("FormRequest", self.request), cast("Issuing", self.server)
        foreign = self._foreign(request, server)
        found = holdings.standing(server.connection(), request.registered.client_id, None, server.clock())
        narrowed = _narrowed(found, foreign.scopes)
        if not narrowed.holdings:
            raise InvalidScopeError(
                "The assertion opens nothing that this client holds: its scopes are unknown here, above the issuer's "
                "ceiling, or not granted."
            )
        request.granted = granted(
            narrowed, request.form.get("scope"), request.form.get("purpose"), is_person=False
        )

    def _foreign(self, request: FormRequest, server: Issuing) -> ForeignToken:
        """The assertion, verified and spent.

        Raises:
            InvalidGrantError: it is not one that this client may present.
        """
        try:
            issuer, metadata = self._issuer(request, server)
            token = foreign_token.read(request.form["assertion"], issuer, metadata, server.clock())
        except jws.Refused as refused:
            raise InvalidGrantError(f"The assertion is refused: {refused}.") from None
        fresh = one_time.spend(
            server.connection(),
            kind="foreign",
            client_id=issuer.proposal.issuer,
            value=token.once,
            expires_at=token.expires_at + 2 * LEEWAY,
        )
        if not fresh:
            raise InvalidGrantError("The assertion was used before; get a new token from your issuer.")
        return token

    def _issuer(self, request: FormRequest, server: Issuing) -> tuple[TrustedIssuer, Metadata]:
        """The row of the assertion's issuer as it stands now, and its keys.

        Raises:
            InvalidGrantError: there is no such row for the client's agency, or its keys cannot be had.
            Refused: the assertion is not a JWT.
        """
        named = jws.extract(request.form["assertion"]).claims.get("iss")
        rows = (
            issuers.standing(server.connection(), Use.SYSTEMS, str(named))
            if foreign_token.is_text(named)
            else []
        )
        for issuer in rows:
            if issuer.proposal.agency == request.registered.agency:
                metadata = self.known.at_hand(issuer)
                if metadata is None:
                    raise InvalidGrantError("The issuer of the assertion does not answer; try again later.")
                return issuer, metadata
        raise InvalidGrantError(_UNTRUSTED)


def _narrowed(found: Standing, allowed: frozenset[str]) -> Standing:
    """What is held, without the scopes that the foreign token does not have."""
    held = (replace(one, scopes=one.scopes & allowed) for one in found.holdings)
    return replace(found, holdings=tuple(one for one in held if one.scopes))

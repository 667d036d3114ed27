"""The hub as a relying party: people log in at an issuer that officers have approved (OpenID Connect, code and PKCE).

The hub proves itself there by `private_key_jwt` with the key that signs its tokens, so that there is no secret to keep:
the issuer reads our public keys at /oauth/jwks.

Source: OpenID Connect Core 1.0 section 3.1, RFC 7636, RFC 9207, RFC 9700; ADR-0030.
"""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from joserfc import jwt
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from auth import accounts, id_token, issuers, jws, logins, places
from auth.assertion import CLIENT_ASSERTION_TYPE, LIFE_S
from auth.egress import Egress, EgressRefused
from auth.grant import CENTRAL
from auth.id_token import Authenticated
from auth.issuer_metadata import IssuerMetadata, IssuerUnavailable, Metadata
from auth.issuers import TrustedIssuer, Use
from auth.keys import Keys, Sealer
from auth.logins import Attempt

_OK: Final = 200


class LoginRefused(Exception):
    """Nobody has logged in. The code says why to operators; the person is told no more than what to do."""

    def __init__(self, code: str, *, return_to: str | None = None) -> None:
        """Args: code: a word for the log. return_to: where the person wanted to go."""
        super().__init__(code)
        self.code = code
        self.return_to = return_to


class NotRegistered(LoginRefused):
    """The issuer knows the person, and the hub has no account for them, or has suspended it."""


@dataclass(frozen=True, kw_only=True)
class Begun:
    """Where the browser goes, and the value of the cookie that it must come back with."""

    url: str
    browser: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Done:
    """Where the browser goes, and the value of the cookie of its new login."""

    return_to: str
    login: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Returned:
    """What the browser came back with, none of it believed.

    Attributes:
        parameters: of the query, each once.
        browser: value of the cookie that the attempt began with.
        login: value of the login's cookie that the browser had before.
    """

    parameters: dict[str, str] = field(repr=False)
    browser: str | None = field(repr=False)
    login: str | None = field(repr=False)


class RelyingParty:
    """Begins logins and ends them. One for each process."""

    def __init__(
        self,
        *,
        engine: AsyncEngine,
        issuer: str,
        keys: Keys,
        sealer: Sealer,
        clock: Callable[[], datetime],
        egress: Egress | None = None,
    ) -> None:
        """Args: engine: of the service's role. issuer: the hub's own. egress: the way to issuers."""
        self._engine = engine
        self._issuer = issuer
        self._keys = keys
        self._sealer = sealer
        self._clock = clock
        self._egress = egress or Egress()
        self._metadata = IssuerMetadata(self._egress, clock)

    async def issuers(self) -> list[TrustedIssuer]:
        """Those that people may log in by, now."""
        async with self._engine.connect() as connection:
            return await connection.run_sync(issuers.standing, Use.PEOPLE)

    async def begin(
        self, issuer: TrustedIssuer, *, return_to: str, max_age: timedelta | None, browser: str | None
    ) -> Begun:
        """The person is sent to the issuer.

        Args:
            issuer: a standing row of PEOPLE.
            return_to: a path of ours.
            max_age: how long ago the person may have proved who they are; 8 hours where None.
            browser: value of the browser's cookie, where an attempt has begun in it already.

        Raises:
            LoginRefused: the issuer does not answer.
        """
        found = await self._known(issuer, return_to)
        attempt = Attempt(
            trust_id=issuer.trust_id,
            nonce=logins.new_value(),
            verifier=logins.new_value(),
            max_age=logins.LONGEST if max_age is None else min(max_age, logins.LONGEST),
            return_to=return_to,
            begun_at=self._clock(),
        )
        state, browser = logins.new_value(), browser or logins.new_value()
        async with self._engine.begin() as connection:
            await connection.run_sync(logins.begin, self._sealer, attempt, state=state, browser=browser)
        challenge = hashlib.sha256(attempt.verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": issuer.proposal.audience,
            "redirect_uri": self._redirect_uri,
            "scope": "openid",
            "state": state,
            "nonce": attempt.nonce,
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "max_age": str(int(attempt.max_age.total_seconds())),
        }
        endpoint = str(found.authorization_endpoint)
        return Begun(url=f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}", browser=browser)

    async def finish(self, returned: Returned) -> Done:
        """The person has logged in.

        Raises:
            NotRegistered: there is no account for them that may act.
            LoginRefused: the attempt is not of this browser, or the issuer did not vouch.
        """
        attempt = await self._attempt(returned)
        issuer = await self._standing(attempt.trust_id, attempt.return_to)
        found = await self._known(issuer, attempt.return_to)
        code = _code(returned.parameters, issuer, found, attempt)
        said = await self._exchange(issuer, found, code, attempt)
        # The token may be signed with a key that the issuer has begun to use since it was last asked.
        found = await self._known(issuer, attempt.return_to, said)
        now = self._clock()
        try:
            person = id_token.read(
                said,
                issuer,
                found,
                nonce=attempt.nonce,
                not_before=attempt.begun_at - attempt.max_age,
                now=now,
            )
        except jws.Refused:
            raise LoginRefused("id_token", return_to=attempt.return_to) from None
        async with self._engine.begin() as connection:
            login = await connection.run_sync(_admit, issuer, person, returned.login, now)
        return Done(return_to=attempt.return_to, login=login)

    async def close(self, value: str) -> None:
        """There is no login of that cookie any more."""
        async with self._engine.begin() as connection:
            await connection.run_sync(logins.close, value, self._clock())

    @property
    def _redirect_uri(self) -> str:
        return places.url(self._issuer, logins.CALLBACK)

    async def _attempt(self, returned: Returned) -> Attempt:
        state = returned.parameters.get("state")
        if state is None or returned.browser is None:
            raise LoginRefused("attempt")
        async with self._engine.begin() as connection:
            attempt = await connection.run_sync(
                logins.take, self._sealer, state=state, browser=returned.browser, now=self._clock()
            )
        if attempt is None:
            raise LoginRefused("attempt")
        return attempt

    async def _standing(self, trust_id: UUID, return_to: str) -> TrustedIssuer:
        for issuer in await self.issuers():
            if issuer.trust_id == trust_id:
                return issuer
        raise LoginRefused("untrusted", return_to=return_to)

    async def _known(self, issuer: TrustedIssuer, return_to: str, token: str | None = None) -> Metadata:
        """What the issuer says of itself, with the key of that token.

        Raises:
            LoginRefused: it does not answer, or has no login.
        """
        try:
            kid = None if token is None else jws.extract(token).header.get("kid")
            found = await self._metadata.get(issuer, kid)
        except IssuerUnavailable:
            raise LoginRefused("unavailable", return_to=return_to) from None
        except jws.Refused:
            raise LoginRefused("id_token", return_to=return_to) from None
        if found.authorization_endpoint is None or found.token_endpoint is None:
            raise LoginRefused("unavailable", return_to=return_to)
        return found

    async def _exchange(self, issuer: TrustedIssuer, found: Metadata, code: str, attempt: Attempt) -> str:
        """The id_token that the issuer gives for the code; its access token is not kept.

        Raises:
            LoginRefused: it gives none.
        """
        await self._keys.fresh()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": attempt.verifier,
            "client_id": issuer.proposal.audience,
            "client_assertion_type": CLIENT_ASSERTION_TYPE,
            "client_assertion": self._assertion(issuer, found),
        }
        try:
            answer = await self._egress.post(str(found.token_endpoint), form, loopback=issuer.is_loopback)
        except EgressRefused:
            raise LoginRefused("unavailable", return_to=attempt.return_to) from None
        said: Any = answer.body.get("id_token")
        if answer.status != _OK or not isinstance(said, str):
            raise LoginRefused("code", return_to=attempt.return_to)
        return said

    def _assertion(self, issuer: TrustedIssuer, found: Metadata) -> str:
        """Who we are, for the issuer alone; by the old name of the algorithm where it knows no other."""
        signing = self._keys.signing()
        knows_new = not found.signs_with or jws.SIGNING_ALGORITHM in found.signs_with
        algorithm = jws.SIGNING_ALGORITHM if knows_new else "EdDSA"
        issued = int(self._clock().timestamp())
        claims = {
            "iss": issuer.proposal.audience,
            "sub": issuer.proposal.audience,
            "aud": issuer.proposal.issuer,
            "iat": issued,
            "exp": issued + LIFE_S,
            "jti": logins.new_value(),
        }
        header = {"alg": algorithm, "typ": "JWT", "kid": signing.kid}
        return jwt.encode(header, claims, signing.key, registry=jws.PinnedRegistry(algorithm))


def _code(parameters: dict[str, str], issuer: TrustedIssuer, found: Metadata, attempt: Attempt) -> str:
    """The code of the issuer's answer, which is the answer of this issuer (RFC 9207).

    Raises:
        LoginRefused: it is another issuer's, or an error.
    """
    named = parameters.get("iss")
    if (named is None and found.names_itself) or named not in {None, issuer.proposal.issuer}:
        raise LoginRefused("mixed", return_to=attempt.return_to)
    if "error" in parameters or not parameters.get("code"):
        raise LoginRefused("declined", return_to=attempt.return_to)
    return parameters["code"]


def _admit(
    connection: Connection, issuer: TrustedIssuer, person: Authenticated, before: str | None, now: datetime
) -> str:
    """The cookie of a new login, where the person has an account that may act and the issuer may vouch for it.

    Raises:
        NotRegistered: not so.
    """
    account = accounts.load(connection, person.account_id)
    if account is None:
        raise NotRegistered("unregistered")
    if account.suspended_at is not None and account.suspended_at <= now:
        raise NotRegistered("suspended")
    if issuer.proposal.agency not in {account.agency, CENTRAL}:
        raise NotRegistered("agency")
    return logins.open_login(connection, account, issuer.trust_id, person, replacing=before, now=now)

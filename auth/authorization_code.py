"""The authorization-code grant: a person's consent becomes a token, once, within 60 s, for the key that asked.

Source: RFC 6749 section 4.1; RFC 7636; RFC 9449 section 10; FAPI 2.0 section 5.3.2.2.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportIncompatibleMethodOverride=false, reportUntypedBaseClass=false
# Authlib has no types of its own, and those that the checker brings for it are partial.

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError, InvalidScopeError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge, create_s256_code_challenge
from sqlalchemy import Connection, delete, insert, select, update

from auth import access_token, accounts, holdings, issuing, revocations
from auth.accounts import Account
from auth.adapter import FormRequest, Issuing, OAuthClient
from auth.client_authentication import METHOD
from auth.client_credentials import InvalidTargetError
from auth.granted import Granted, granted
from auth.login import Login
from auth.pushed import Pushed
from schema.tables import oauth

LIFE: Final = timedelta(seconds=60)
_KEPT_FOR: Final = timedelta(hours=1)
"""A spent code is remembered for longer than its token lives, so that its second use still revokes that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code that is good, and what it stands for; as Authlib asks about it."""

    code_hash: bytes
    account_id: str
    redirect_uri: str
    code_challenge: str
    dpop_jkt: str | None
    scopes: frozenset[str]
    purpose: str
    acr: str | None
    authenticated_at: datetime

    def get_redirect_uri(self) -> str:
        """Where the code was sent."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """The scopes that the person has allowed."""
        return " ".join(sorted(self.scopes))


def issue(connection: Connection, pushed: Pushed, login: Login, allowed: Granted, now: datetime) -> str:
    """A code for what the person has allowed, good for 60 s and once.

    Args:
        connection: inside the transaction that ends the request.
        pushed: the request.
        login: of the person.
        allowed: what of it is within the person's grants.
        now: aware UTC.
    """
    code = secrets.token_urlsafe(32)
    row = {
        "code_hash": _hash(code),
        "client_id": pushed.client_id,
        "account_id": login.account_id,
        "redirect_uri": pushed.redirect_uri,
        "code_challenge": pushed.code_challenge,
        "dpop_jkt": pushed.dpop_jkt,
        "scopes": sorted(allowed.scopes),
        "purpose": allowed.purpose,
        "acr": login.acr,
        "authenticated_at": login.authenticated_at,
        "expires_at": now + LIFE,
    }
    connection.execute(insert(oauth.authorization_code).values(row))
    return code


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).digest()


def _code(row: Mapping[Any, Any]) -> Code:
    return Code(
        code_hash=row["code_hash"],
        account_id=row["account_id"],
        redirect_uri=row["redirect_uri"],
        code_challenge=row["code_challenge"],
        dpop_jkt=row["dpop_jkt"],
        scopes=frozenset(row["scopes"]),
        purpose=row["purpose"],
        acr=row["acr"],
        authenticated_at=row["authenticated_at"],
    )


class S256Only(CodeChallenge):
    """PKCE for every client, by S256 alone; Authlib's own binds public clients only and allows `plain`."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]  # noqa: RUF012 - Authlib's way to configure it
    CODE_CHALLENGE_METHODS = {  # noqa: RUF012 - Authlib's way to configure it
        "S256": lambda verifier, challenge: secrets.compare_digest(
            create_s256_code_challenge(verifier), challenge
        )
    }

    def get_authorization_code_challenge_method(self, authorization_code: Code) -> str:
        """S256: no other was accepted when the request was pushed."""
        del authorization_code
        return "S256"


class AuthorizationCode(AuthorizationCodeGrant):
    """Tokens for a client that a person uses."""

    TOKEN_ENDPOINT_AUTH_METHODS = [METHOD]  # noqa: RUF012 - Authlib's way to configure a grant

    def query_authorization_code(self, code: str, client: OAuthClient) -> Code | None:
        """The code, locked until the end of the transaction; None where it is unknown, another client's, over or spent.

        The second use of a code is a sign that somebody else has it, so it withdraws what the first one was given.
        """
        request, server = self._parts()
        table = oauth.authorization_code
        found = select(table).where(table.c.code_hash == _hash(code)).with_for_update()
        row = server.connection().execute(found).mappings().one_or_none()
        if row is None or row["client_id"] != client.client_id:
            return None
        if row["spent_at"] is not None:
            revocations.revoke(
                server.connection(),
                jti=row["token_id"],
                client_id=client.client_id,
                expires_at=row["spent_at"] + access_token.LIFE,
                now=server.clock(),
            )
            request.has_withdrawn = True
            return None
        return _code(row) if server.clock() < row["expires_at"] else None

    def authenticate_user(self, authorization_code: Code) -> Account | None:
        """The person; None where the account is gone or suspended."""
        _, server = self._parts()
        account = accounts.load(server.connection(), authorization_code.account_id)
        return account if account is not None and account.suspended_at is None else None

    def generate_token(self, user: Account, **_: object) -> dict[str, Any]:
        """The answer with an access token, and never a refresh token.

        Raises:
            InvalidTargetError: another resource is asked for.
            InvalidGrantError: the proof is of another key, or the person no longer holds what they allowed.
        """
        request, server = self._parts()
        code = cast("Code", request.authorization_code)
        if request.form.get("resource", server.audience) != server.audience:
            raise InvalidTargetError("The resource is not one that this server issues tokens for.")
        bound = issuing.bound_to(request, server)
        if code.dpop_jkt is not None and (bound is None or bound.jkt != code.dpop_jkt):
            raise InvalidGrantError("The code is bound to another key than the one of the proof.")
        self._token_id = access_token.new_id()
        return issuing.answer(
            server,
            request.registered,
            user.account_id,
            user.agency,
            self._still_held(code, request, server),
            bound=bound,
            acr=code.acr,
            authenticated_at=code.authenticated_at,
            token_id=self._token_id,
        )

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """The code is spent; it is kept for a while, so that a second use is noticed."""
        _, server = self._parts()
        table = oauth.authorization_code
        spent = update(table).where(table.c.code_hash == authorization_code.code_hash)
        server.connection().execute(spent.values(spent_at=server.clock(), token_id=self._token_id))

    def _still_held(self, code: Code, request: FormRequest, server: Issuing) -> Granted:
        client_id = request.registered.client_id
        found = holdings.standing(server.connection(), client_id, code.account_id, server.clock())
        try:
            if not found.is_suspended:
                return granted(found, code.get_scope(), code.purpose, is_person=True)
        except (InvalidScopeError, InvalidRequestError):
            pass  # the one answer for both is below
        raise InvalidGrantError("The person does not hold any more what they have allowed.")

    def _parts(self) -> tuple[FormRequest, Issuing]:
        return cast("FormRequest", self.request), cast("Issuing", self.server)


def sweep(connection: Connection, now: datetime) -> int:
    """How many codes were deleted whose second use would withdraw nothing any more."""
    table = oauth.authorization_code
    return connection.execute(delete(table).where(table.c.expires_at < now - _KEPT_FOR)).rowcount

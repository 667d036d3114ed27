"""Logins of people, and attempts at them, as rows: cookies are kept as hashes, and every end is a comparison at use.

Source: OWASP session management; security.md section 8; ADR-0030.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from sqlalchemy import Connection, delete, func, insert, update
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request

from auth import places
from auth.accounts import Account
from auth.id_token import Authenticated
from auth.keys import Sealer
from auth.login import Login
from schema.tables import people

LOGIN: Final = "/oauth/login"
CALLBACK: Final = "/oauth/login/callback"
DONE: Final = "/oauth/login/done"
"""Where whoever has logged in in a tab of its own is told to go on in the other one."""
LOGOUT: Final = "/oauth/logout"
IDLE: Final = timedelta(minutes=15)
LONGEST: Final = timedelta(hours=8)
ATTEMPT: Final = timedelta(minutes=10)
"""How long a person may take at the issuer's page."""
_VALUE_LENGTH: Final = 43
_PATH_LENGTH: Final = 2048


def new_value() -> str:
    """256 bits that nobody guesses, as cookies, `state` and `nonce` carry them."""
    return secrets.token_urlsafe(32)


def digest(value: str) -> bytes:
    """SHA-256, under which a value is kept."""
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).digest()


def is_own_path(text: str) -> bool:
    """True for a path of ours, with or without a query: nothing that a browser would read as another place."""
    if not text.startswith("/") or text.startswith("//") or len(text) > _PATH_LENGTH:
        return False
    if "\\" in text or not (text.isascii() and text.isprintable()) or " " in text:
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc


@dataclass(frozen=True, kw_only=True)
class Cookies:
    """Names and attributes of the two cookies, by the hub's own address.

    A name that begins with `__Host-` is set by this host alone, over https, for all paths (RFC 6265bis section 4.1.3.2).
    """

    is_secure: bool

    @classmethod
    def of(cls, issuer: str) -> "Cookies":
        """Secure, unless the hub is on a loopback address by http."""
        return cls(is_secure=issuer.startswith("https://"))

    @property
    def login(self) -> str:
        """Of a person who has logged in."""
        return "__Host-hub" if self.is_secure else "hub"

    @property
    def browser(self) -> str:
        """Of a browser in which a login has begun."""
        return "__Host-hub-login" if self.is_secure else "hub-login"

    def read(self, http: Request, name: str) -> str | None:
        """The cookie's value, if it has the form of ours."""
        value = http.cookies.get(name, "")
        return value if len(value) == _VALUE_LENGTH and value.isascii() else None


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A login that has begun in one browser.

    Attributes:
        trust_id: of the issuer.
        nonce: that the id_token must repeat.
        verifier: of PKCE.
        max_age: how old the authentication may be when the attempt begins.
        return_to: a path of ours.
        begun_at: aware UTC.
    """

    trust_id: UUID
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    max_age: timedelta
    return_to: str
    begun_at: datetime


def begin(connection: Connection, sealer: Sealer, attempt: Attempt, *, state: str, browser: str) -> None:
    """The attempt waits for its browser to come back with that state; those that waited too long are gone."""
    table = people.login_attempt
    connection.execute(delete(table).where(table.c.expires_at <= attempt.begun_at))
    row = {
        "state_hash": digest(state),
        "browser_hash": digest(browser),
        "trust_id": attempt.trust_id,
        "nonce": attempt.nonce,
        "sealed_verifier": sealer.seal(attempt.verifier.encode(), _place(state)),
        "max_age_s": int(attempt.max_age.total_seconds()),
        "return_to": attempt.return_to,
        "expires_at": attempt.begun_at + ATTEMPT,
    }
    connection.execute(insert(table).values(row))


def _place(state: str) -> str:
    return f"login_attempt.sealed_verifier:{digest(state).hex()}"


def take(
    connection: Connection, sealer: Sealer, *, state: str, browser: str, now: datetime
) -> Attempt | None:
    """The attempt, once; None where this browser has none of that state, or it waited too long.

    Another browser that comes with the state takes nothing away from the right one.
    """
    table = people.login_attempt
    taken = delete(table).where(table.c.state_hash == digest(state), table.c.browser_hash == digest(browser))
    row = connection.execute(taken.returning(*table.c)).mappings().one_or_none()
    if row is None or row["expires_at"] <= now:
        return None
    return Attempt(
        trust_id=row["trust_id"],
        nonce=row["nonce"],
        verifier=sealer.open(row["sealed_verifier"], _place(state)).decode(),
        max_age=timedelta(seconds=row["max_age_s"]),
        return_to=row["return_to"],
        begun_at=row["expires_at"] - ATTEMPT,
    )


def open_login(
    connection: Connection,
    account: Account,
    trust_id: UUID,
    person: Authenticated,
    *,
    replacing: str | None,
    now: datetime,
) -> str:
    """The value of a new login's cookie; the login that the browser had before is closed.

    Args:
        connection: inside a transaction.
        account: registered, not suspended.
        trust_id: of the issuer that vouches.
        person: as the issuer says.
        replacing: value of the cookie that the browser came with.
        now: aware UTC.
    """
    table = people.login
    connection.execute(delete(table).where((table.c.expires_at <= now) | (table.c.seen_at <= now - IDLE)))
    if replacing is not None:
        close(connection, replacing, now)
    value = new_value()
    row = {
        "cookie_hash": digest(value),
        "account_id": account.account_id,
        "trust_id": trust_id,
        "acr": person.acr,
        "authenticated_at": person.authenticated_at,
        "seen_at": now,
        "expires_at": now + LONGEST,
    }
    connection.execute(insert(table).values(row))
    return value


def close(connection: Connection, value: str, now: datetime) -> None:
    """There is no login of that cookie any more, and tokens that name it are refused; ending twice is ending once.

    The row stays until it would be idle: for longer than the last token that names it can live.
    """
    table = people.login
    ended = update(table).where(table.c.cookie_hash == digest(value), table.c.ended_at.is_(None))
    connection.execute(ended.values(ended_at=now))


def current(connection: Connection, value: str, now: datetime) -> Login | None:
    """The login of that cookie, and it is no longer idle.

    None where there is none or it was ended, it was idle for 15 minutes, is 8 hours old, its person is suspended, or
    its issuer is trusted no more.
    """
    login, account, trusted = people.login, people.account, people.trusted_issuer
    statement = (
        update(login)
        .values(seen_at=func.greatest(login.c.seen_at, now))
        .where(
            login.c.cookie_hash == digest(value),
            login.c.ended_at.is_(None),
            login.c.seen_at > now - IDLE,
            login.c.expires_at > now,
            account.c.account_id == login.c.account_id,
            account.c.suspended_at.is_(None) | (account.c.suspended_at > now),
            trusted.c.trust_id == login.c.trust_id,
            trusted.c.approved_at.is_not(None),
            trusted.c.withdrawn_at.is_(None),
        )
        .returning(
            login.c.login_id,
            login.c.account_id,
            account.c.agency,
            login.c.acr,
            login.c.authenticated_at,
            login.c.expires_at,
        )
    )
    row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else Login(**row)


class Logins:
    """Who is logged in; fulfils `auth.login.LoginSource`. One for each process."""

    def __init__(self, *, engine: AsyncEngine, issuer: str, clock: Callable[[], datetime]) -> None:
        """Args: engine: of the service's role. issuer: the hub's own. clock: aware UTC."""
        self._engine = engine
        self._issuer = issuer
        self._clock = clock
        self.cookies = Cookies.of(issuer)

    async def current(self, http: Request) -> Login | None:
        """The login of the request's browser that is alive now, or None."""
        value = self.cookies.read(http, self.cookies.login)
        if value is None:
            return None
        async with self._engine.begin() as connection:
            return await connection.run_sync(current, value, self._clock())

    def login_url(self, return_to: str, *, max_age: int | None = None) -> str:
        """Where to log in, and come back to that path of ours.

        Args:
            return_to: a path of ours, with its query.
            max_age: seconds since the person proved who they are, at most; None for no matter how many.
        """
        query = {"return_to": return_to} | ({} if max_age is None else {"max_age": str(max_age)})
        return f"{places.url(self._issuer, LOGIN)}?{urlencode(query)}"

"""A person who has logged in, and who tells of it: what the authorization endpoint needs of the login, and no more."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from starlette.requests import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A login that stands.

    Attributes:
        login_id: by which tokens name it; it opens nothing.
        account_id: of the person.
        agency: that the person acts for.
        acr: how strongly the person has logged in, as the issuer says it.
        authenticated_at: when, aware UTC.
        expires_at: when it ends however much it is used, aware UTC.
    """

    login_id: UUID
    account_id: str
    agency: str
    acr: str | None
    authenticated_at: datetime
    expires_at: datetime


class LoginSource(Protocol):
    """Where logins stand."""

    async def current(self, http: Request) -> Login | None:
        """The login of the browser that sends this request; None where there is none."""
        ...

    def login_url(self, return_to: str, *, max_age: int | None) -> str:
        """Where a person logs in and comes back from.

        Args:
            return_to: a path of ours with its query.
            max_age: seconds that the login may be old; 0 asks for a new one; None where any will do.
        """
        ...

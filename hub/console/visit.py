"""What a page is given of the request, and what it gives back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from auth import step_up
from auth.accounts import Account
from auth.grant import Officer
from auth.officer_rights import RIGHTS
from auth.permit import Permit
from hub.console.form import Form
from hub.identity.keyring import Keyring
from schema.errors import AccessError


class NoSuchPage(Exception):
    """There is nothing of this address that concerns the officer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request of an officer who has logged in.

    Attributes:
        connection: of the request's one transaction.
        account: who it is.
        permit: what they may at this moment.
        keyring: opens and seals.
        now: aware UTC.
        lang: `id` or `en`.
        path: parameters of the address.
        query: of the address, each once.
        form: as it was sent; empty where none was.
        login_url: where to log in and come back to a path of ours.
    """

    connection: Connection
    account: Account
    permit: Permit
    keyring: Keyring
    now: datetime
    lang: str
    path: Mapping[str, Any]
    query: Mapping[str, str]
    form: Form
    login_url: Callable[..., str]

    @property
    def officer(self) -> Officer:
        """Who decides: a person, for one agency."""
        return Officer(account_id=self.account.account_id, agency=self.account.agency)

    def may(self, coordinate: str) -> bool:
        """True if the officer holds the scope that this needs."""
        return RIGHTS[coordinate] in self.permit.scopes

    def require(self, coordinate: str) -> None:
        """Returns if the officer may do this.

        Raises:
            NoRight: they may not.
        """
        if not self.may(coordinate):
            raise NoRight(coordinate)

    def require_fresh_login(self) -> None:
        """Returns if the officer has logged in within the last five minutes.

        Raises:
            LoginTooOld: they have not.
        """
        step_up.require(self.permit.caller, self.now, max_age=step_up.FRESH)

    @property
    def id(self) -> UUID:
        """The id in the address."""
        return UUID(str(self.path["id"]))


class NoRight(AccessError):
    """Your grants do not open this page; ask the data protection officer of your agency."""

    def __init__(self, coordinate: str) -> None:
        """Args: coordinate: of `RIGHTS`."""
        super().__init__()
        self.coordinate = coordinate


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A page to be rendered.

    Attributes:
        template: its name, without its ending.
        values: for the template.
        status: of the answer.
        more: coordinates that it shows beside those of its address.
    """

    template: str
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    status: int = 200
    more: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """Something was decided, and the browser goes on.

    Attributes:
        to: a path of the console.
        about: what it was about, for the ledger.
    """

    to: str
    about: UUID | str

"""What a field that is not rows may use, and what it leaves for the ledger."""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from auth import step_up
from auth.grant import Officer
from auth.listed_operations import Checked
from auth.permit import Permit
from auth.tokens import Caller
from hub.clock import Clock
from hub.database import Pool
from hub.graphql.told import Following, Page
from hub.identity.keyring import Keyring
from schema.errors import AccessError


class PersonNeeded(AccessError):
    """A person must do this: log in, and use a token of your own."""


@dataclass(slots=True, kw_only=True)
class Context:
    """What an answer may use: the permit, the database, the keys and the time.

    Attributes:
        permit: of the caller.
        pool: to the hub's database.
        connection: of the operation; a mutation's transaction.
        keyring: opens and seals.
        clock: gives the present.
        listable: the document of that text, checked before it may be listed.
        feed: reads events.
        source: URL by which clients know the hub.
        most_rows: of a list.
        touched: keys of the subjects that an answer tells of.
        about: what the last decision was about.
        is_emergency: one was declared, which operators are told of once it stands.
    """

    permit: Permit
    pool: Pool
    connection: AsyncConnection
    keyring: Keyring
    clock: Clock
    listable: Callable[[str], Checked]
    feed: Following
    source: str
    most_rows: int
    touched: list[UUID] = field(default_factory=list[UUID])
    about: UUID | str | None = None
    is_emergency: bool = False

    @property
    def officer(self) -> Officer:
        """Who decides.

        Raises:
            PersonNeeded: the caller is a system.
        """
        caller = self.permit.caller
        if caller.account_id is None or caller.agency is None:
            raise PersonNeeded
        return Officer(account_id=caller.account_id, agency=caller.agency)

    def require_login_within(self, age: timedelta) -> None:
        """Returns if the person has logged in so lately.

        Raises:
            LoginTooOld: they have not; the answer tells the client to ask for a new login.
        """
        step_up.require(self.permit.caller, self.clock(), max_age=age)


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """What a subscription may use.

    Attributes:
        caller: of the token.
        keyring: opens and seals cursors.
        source: URL by which clients know the hub.
        most_rows: events of one page.
        pages: of events of these types behind a position, so many in one; each when the ledger has it.
    """

    caller: Caller
    keyring: Keyring
    source: str
    most_rows: int
    pages: Callable[[Sequence[str], int | None, int], AsyncGenerator[Page]]

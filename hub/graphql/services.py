"""What the process has for those who answer: connections, keys, the ledger, the time."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from hub.clock import Clock
from hub.database import Pool
from hub.graphql.budgets import Budgets
from hub.graphql.usage import Usage
from hub.identity.keyring import Keyring
from hub.ledger.writer import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What answering needs of the process.

    Attributes:
        readers: connections that may read rows under row level security, and do nothing else.
        pool: to the hub's database as the service's role, for what is not rows.
        engine: to the same, for decisions.
        keyring: opens identity, signs cursors.
        ledger: holds every read before it is answered.
        clock: gives the present.
        usage: told of each answer.
        issuer: URL by which clients know the hub.
        budgets: of all callers, with the limits of a question.
    """

    readers: Pool
    pool: Pool
    engine: AsyncEngine
    keyring: Keyring
    ledger: Ledger
    clock: Clock
    usage: Usage
    issuer: str
    budgets: Budgets

    @property
    def request_at(self) -> str:
        """Where callers ask for scopes."""
        return f"{self.issuer}/oauth/token"

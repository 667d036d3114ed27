"""What one question may ask and spend, and how often one may ask: the defaults of the operator's settings, known to both sides of the door."""

from dataclasses import dataclass
from typing import Final

MOST_ROWS: Final = 100
"""Rows of one page at most, nested pages too; it stands in the SDL, so an operator can only lower it."""
DEFAULT_ROWS: Final = 50
"""Rows of a page that is asked for without `first`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of one question, and of what a caller asks at once and in a minute.

    Attributes:
        body_bytes: of the request.
        tokens: of the document.
        depth: fields in fields.
        aliases: fragments counted in full, as in what follows.
        directives: of the operation.
        page: rows of each list.
        subscriptions: of one connection.
        cost: of one operation, in microseconds of CPU as weighed before it runs.
        budget: of what one system or person asks in a minute, in the same; 0 for none.
        concurrency: questions of one system or person at the same time, in one process; 0 for no limit.
        person_matches: of one system or person in a minute; 0 for no limit.
        oauth_rate: requests of one client to one endpoint of OAuth2 in a minute, in one process; 0 for no limit.
        oauth_failures: requests of one address to OAuth2 that are refused, likewise.
    """

    body_bytes: int = 256 * 1024
    tokens: int = 2000
    depth: int = 12
    aliases: int = 30
    directives: int = 10
    page: int = MOST_ROWS
    subscriptions: int = 10
    cost: int = 2_500_000
    budget: int = 100_000_000
    concurrency: int = 32
    person_matches: int = 60
    oauth_rate: int = 600
    oauth_failures: int = 600

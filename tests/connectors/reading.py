"""How the tests of the sources read a source, and give orders to the agency behind it."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

import httpx

from connectors.protocol import Batch, Cursor, LookupPage, Raw, Source
from connectors.transport.retry import Patience
from hub.sandbox.run import Running
from schema.errors import SourceError

QUICK = Patience(attempts=3, first_wait_s=0.01, longest_wait_s=0.02, longest_asked_wait_s=0.05, total_s=20)


@dataclass(frozen=True)
class Sandbox:
    """One agency that answers, and its control door."""

    running: Running

    @property
    def settings(self) -> dict[str, str]:
        """What an operator would set."""
        return {name: str(value) for name, value in self.running.settings.items()}

    def order(self, verb: str, **orders: object) -> None:
        """Trouble or a change, as told."""
        answer = httpx.post(f"{self.running.control}/{verb}", json=orders, trust_env=False)
        assert answer.status_code == 200, answer.text

    def state(self) -> dict:
        """What the control door counts."""
        return httpx.get(f"{self.running.control}/state", trust_env=False).json()

    def secrets(self) -> list[str]:
        """What may stand in no message."""
        return [
            value for name, value in self.settings.items() if name in {"client_secret", "password", "dsn"}
        ]


async def nobody(_position: str | None) -> AsyncIterator[LookupPage]:
    """A lookup for sources that need none."""
    for page in ():
        yield page


@dataclass(frozen=True)
class Read:
    """What a pull gave, and where the next one begins."""

    records: list[Raw]
    cursors: list[Cursor]
    batches: list[Batch]

    def keys(self, field: str) -> list[str]:
        """The source keys in order of arrival."""
        return [str(raw.fields.get(field)) for raw in self.records]


async def read(source: Source, cursor: Cursor | None = None, *, stop_after: int | None = None) -> Read:
    """Everything from the cursor to the end, or the first batches only."""
    done = Read([], [], [])
    async with aclosing(source.batches(cursor or {})) as batches:
        async for batch in batches:
            done.records.extend(batch.records)
            done.cursors.append(batch.next_cursor)
            done.batches.append(batch)
            if stop_after is not None and len(done.batches) == stop_after:
                return done
    assert [batch.is_last for batch in done.batches] == [False] * (len(done.batches) - 1) + [True]
    return done


async def read_until_error(source: Source, cursor: Cursor) -> tuple[Read, SourceError]:
    """What a pull gave before it failed, and why it failed."""
    done = Read([], [], [])
    try:
        async for batch in source.batches(cursor):
            done.records.extend(batch.records)
            done.cursors.append(batch.next_cursor)
            done.batches.append(batch)
    except SourceError as problem:
        return done, problem
    raise AssertionError("the pull did not fail")

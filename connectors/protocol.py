"""What a source gives, what a mapping makes of it, and what the hub is asked for: the whole border in one page.

A connector knows no database: it is handed a cursor and gives batches, and the hub commits each with the cursor after
it. Whatever is read twice, after a crash or by an overlap, changes nothing: the hub compares content.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from schema.record import Drift, Json, Record, Violation

Cursor: TypeAlias = Mapping[str, Json]
"""How far a source has been read, in the source's own words; empty before the first batch. Holds no identity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """One thing as the agency sent it.

    Attributes:
        object: the agency's own word for the thing, such as `laporan_polisi`.
        fields: wire names and values as received; parts that travel inside it stay inside.
        changed_at: when the agency last changed it, aware UTC; None where it does not say so in a readable form.
        deleted: True where the agency has withdrawn it; `fields` then holds its key at least.
    """

    object: str
    fields: Mapping[str, Json]
    changed_at: datetime | None
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What is committed together.

    Attributes:
        records: n >= 0, any order.
        next_cursor: where the next batch begins once this one is committed.
        is_last: True if the source had no more at the time.
        source_uri: where it came from, for lineage; holds no identity and no secret.
    """

    records: Sequence[Raw]
    next_cursor: Cursor
    is_last: bool
    source_uri: str


class Source(Protocol):
    """An agency's system, read from a cursor on."""

    def batches(self, cursor: Cursor) -> AsyncGenerator[Batch]:
        """What has come since the cursor, batch by batch; the last one says so. Closing it closes the connection.

        Args:
            cursor: `next_cursor` of the last batch that was committed; empty the first time.

        Raises:
            SourceUnavailable: the system does not answer, after retries.
            SourceRejected: it refuses our credentials.
            SourceChanged: its answer as a whole has another form than its contract.
        """
        ...


class RecordMapping(Protocol):
    """The words of one agency, read from its mapping file."""

    @property
    def version(self) -> str:
        """Version of the file; it stands on every Record that it made."""
        ...

    def map(self, raw: Raw) -> Iterable[Record | Violation]:
        """Every Record that the thing holds, one per person and one for the case; a Violation for each that breaks a rule."""
        ...

    def drift(self, raw: Raw) -> Iterable[Drift]:
        """The wire fields that the file neither maps nor ignores by name."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupPage:
    """Keys of persons in cases, for a source that answers by key only; `position` is where the next page begins."""

    position: str
    niks: Sequence[str]
    documents: Sequence[str]


Lookup: TypeAlias = Callable[[str | None], AsyncIterator[LookupPage]]
"""Gives pages of keys after a position; None is the beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """An agency ready to be read.

    Attributes:
        agency: its code in the list `agency`, such as POLRI.
        source: its system.
        mapping: its words.
        by_lookup: True where it answers by key only, so that it is read after the others.
    """

    agency: str
    source: Source
    mapping: RecordMapping
    by_lookup: bool

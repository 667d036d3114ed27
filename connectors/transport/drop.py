"""Files that an agency drops into a folder, each read to its end, none twice and none left out."""

import asyncio
import hashlib
import re
from calendar import monthrange
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial
from itertools import islice

from connectors.protocol import Batch, Cursor, Raw
from connectors.transport.moments import WIB, Clock, now
from connectors.transport.retry import PATIENT, Patience
from connectors.transport.sftp import File, Folder
from connectors.transport.unread import Unreadable
from schema.errors import SourceChanged
from schema.record import Json

Rows = Callable[[bytes, str], Iterator[dict[str, Json]]]
_UNFINISHED = (".part", ".filepart", ".tmp", ".unfinished", ".crdownload")
_END_OF_DAY = time(23, 59, 59)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of file.

    Attributes:
        name: pattern of the whole name, with the groups `year`, `month` and, unless it is of a month, `day`.
        rows: reads its content; the second argument is the key column.
        is_whole: whether a content can be complete.
        withdraws: whether its rows are withdrawals.
    """

    name: re.Pattern[str]
    rows: Rows
    is_whole: Callable[[bytes], bool]
    withdraws: bool = False

    def day(self, name: str) -> datetime | None:
        """The last moment of the day or month in a name, aware UTC; None if the name is not of this kind.

        A withdrawal of the same day comes a moment later, so that it has the last word whichever file is read first.
        """
        found = self.name.fullmatch(name)
        if found is None:
            return None
        parts = found.groupdict()
        try:
            year, month = int(parts["year"]), int(parts["month"])
            day = int(parts["day"]) if "day" in parts else monthrange(year, month)[1]
            moment = datetime(year, month, day, tzinfo=WIB)
        except ValueError:
            return None
        ended = datetime.combine(moment, _END_OF_DAY, WIB)
        return (ended + timedelta(microseconds=999_999) if self.withdraws else ended).astimezone(UTC)


@dataclass(frozen=True, slots=True, order=True)
class _Dropped:
    """A file with the day in its name; ordered by day, then by name."""

    day: datetime
    file: File
    kind: Kind

    @property
    def state(self) -> str:
        """A digest of name, size and time: the file as it is now."""
        file = self.file
        return hashlib.sha256(f"{file.name}\0{file.size_bytes}\0{file.changed_s}".encode()).hexdigest()[:16]


@dataclass(slots=True)
class _Place:
    """What has been read: whole files by their state, and one in part by state, content hash and row."""

    read: set[str]
    state: str = ""
    sha256: str = ""
    row: int = 0

    @classmethod
    def of(cls, cursor: Cursor) -> "_Place":
        """The place of a cursor; what cannot be read of it is forgotten, for reading twice changes nothing."""
        match cursor.get("terbaca"):
            case [*states]:
                read = {str(state) for state in states}
            case _:
                read = set[str]()
        match cursor.get("berkas"):
            case {"keadaan": str(state), "sha256": str(sha256), "baris": int(row)}:
                return cls(read, state, sha256, row)
            case _:
                return cls(read)

    def cursor(self) -> Cursor:
        """What is kept of it."""
        held: Cursor = {"terbaca": [*sorted(self.read)]}
        if not self.state:
            return held
        return {**held, "berkas": {"keadaan": self.state, "sha256": self.sha256, "baris": self.row}}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDrop:
    """Dropped files in the order of the day in their names.

    The cursor remembers every file that was read and is still in the folder, sixteen letters each, and not only the
    newest day: a shelter that delivers late drops a file with an older day, which a single mark would pass by. A file
    that changes after it was read has another state and is read again. Its size is bounded by the folder's.

    Attributes:
        agency: its word.
        folder: where the files are.
        object: of all rows.
        key: the column that every header names.
        kinds: of the files that are read.
        prefix: a name that begins so and is of no kind is a change of the contract; other files are never fetched.
        page_size: rows a batch.
        settle: how long a file that seems incomplete is waited for after its last change.
        patience: with failures.
        clock: gives the present.
    """

    agency: str
    folder: Folder
    object: str
    key: str
    kinds: Sequence[Kind]
    prefix: str
    page_size: int = 500
    settle: timedelta = timedelta(hours=1)
    patience: Patience = PATIENT
    clock: Clock = now

    async def batches(self, cursor: Cursor) -> AsyncGenerator[Batch]:
        """A batch for each part of a file that is new, and an empty one at the end.

        A file that cannot be read keeps no other waiting: it is told of when all others have been read.

        Raises:
            SourceUnavailable: the server does not answer, after retries.
            SourceRejected: it refuses us, or is not the one whose key is pinned.
            SourceChanged: a name is not as agreed, or a file is not what its name says.
        """
        place = _Place.of(cursor)
        async with self.folder.open() as session:
            listed = await self.patience.ask(session.files)
            dropped = self._known(listed)
            problems = self._strange(listed, dropped)
            place.read &= {each.state for each in dropped}
            for each in dropped:
                if each.state in place.read:
                    continue
                if each.file.size_bytes > self.folder.file_bytes:
                    problems.append(f"{each.file.name}: it is larger than {self.folder.file_bytes} bytes")
                    continue
                content = await self.patience.ask(partial(session.read, each.file))
                if content is None or self._is_growing(each, content):
                    continue  # not remembered, so the next pull finds it
                try:
                    rows = await asyncio.to_thread(each.kind.rows, content, self.key)
                except Unreadable as problem:
                    problems.append(f"{each.file.name}: {problem}")
                    continue
                for batch in self._read(each, hashlib.sha256(content).hexdigest(), rows, place):
                    yield batch
        if problems:
            raise SourceChanged(self.agency, "; ".join(problems[:5]))
        yield Batch(records=[], next_cursor=place.cursor(), is_last=True, source_uri=self.folder.uri)

    def _known(self, listed: Sequence[File]) -> list[_Dropped]:
        found: list[_Dropped] = []
        for file in listed:
            for kind in self.kinds:
                day = kind.day(file.name)
                if day is not None:
                    found.append(_Dropped(day, file, kind))
        return sorted(found, key=lambda each: (each.day, each.file))

    def _strange(self, listed: Sequence[File], dropped: Sequence[_Dropped]) -> list[str]:
        """What is wrong with names; the names themselves are not repeated, for anything may stand in them."""
        known = {each.file.name for each in dropped}
        strange = [
            file
            for file in listed
            if file.name.startswith(self.prefix)
            and file.name not in known
            and not file.name.endswith(_UNFINISHED)
        ]
        return (
            [f"{len(strange)} files named {self.prefix}... have no name that was agreed"] if strange else []
        )

    def _is_growing(self, each: _Dropped, content: bytes) -> bool:
        age_s = self.clock().timestamp() - each.file.changed_s
        return not each.kind.is_whole(content) and age_s < self.settle.total_seconds()

    def _read(
        self, each: _Dropped, sha256: str, rows: Iterator[dict[str, Json]], place: _Place
    ) -> Iterator[Batch]:
        """The rest of a file, batch by batch; the last one marks it as read."""
        if (place.state, place.sha256) != (each.state, sha256):
            place.state, place.sha256, place.row = each.state, sha256, 0
        page = list(islice(rows, place.row, place.row + self.page_size))
        while True:
            following = list(islice(rows, self.page_size))
            place.row += len(page)
            if not following:
                place.read.add(each.state)
                place.state, place.sha256, place.row = "", "", 0
            yield Batch(
                records=[self._record(each, row) for row in page],
                next_cursor=place.cursor(),
                is_last=False,
                source_uri=f"{self.folder.uri}/{each.file.name}",
            )
            if not following:
                return
            page = following

    def _record(self, each: _Dropped, row: dict[str, Json]) -> Raw:
        return Raw(object=self.object, fields=row, changed_at=each.day, deleted=each.kind.withdraws)

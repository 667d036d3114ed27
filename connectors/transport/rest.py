"""Pages of JSON in the order of change, from a mark on."""

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import cast

import httpx
import orjson

from connectors.protocol import Batch, Cursor, Raw
from connectors.transport import unread
from connectors.transport.https import Answer, Peer
from connectors.transport.moments import OVERLAP, Clock, before, later, mark, moment_of, now
from connectors.transport.oauth2 import Bearer, ClientCredentials
from connectors.transport.retry import PATIENT, Patience, TryAgain
from schema.errors import SourceChanged
from schema.record import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the agency calls the parts of its question and of its answer."""

    limit: str
    since: str
    after: str
    rows: str
    following: str


@dataclass(frozen=True, slots=True)
class _Page:
    rows: list[Json]
    following: str | None


class _PlaceForgotten(Exception):
    """The server does not know the place any more that it once gave for the next page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a pass stands: its question, the next page, the latest time seen, and when the pass began."""

    began_at: datetime
    since: datetime | None
    newest: datetime | None
    after: str | None = None

    @classmethod
    def of(cls, cursor: Cursor, present: datetime, overlap: timedelta) -> "_Place":
        """The place of a cursor; one that cannot be read is the beginning, for reading twice changes nothing."""
        newest, after = moment_of(cursor.get("terbaru")), cursor.get("setelah")
        if isinstance(after, str):
            began_at = moment_of(cursor.get("mulai")) or present
            return cls(began_at=began_at, since=moment_of(cursor.get("sejak")), newest=newest, after=after)
        return cls(began_at=present, since=before(newest, overlap) if newest else None, newest=newest)

    def cursor(self) -> Cursor:
        """What is kept of it: within a pass all, after its end the mark."""
        if self.after is None:
            reached = mark(self.newest, self.began_at)
            return {"terbaru": reached.isoformat()} if reached else {}
        held = {"mulai": self.began_at, "sejak": self.since, "terbaru": self.newest}
        return {
            "setelah": self.after,
            **{name: moment.isoformat() for name, moment in held.items() if moment is not None},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RestPager:
    """A published list, a page at a time; the page is what is resumed.

    Attributes:
        agency: its word.
        peer: who serves it.
        url: of the list.
        login: how to get a token.
        words: of its question and answer.
        raw: makes a Raw of one row.
        page_size: rows a page.
        overlap: how long before its mark a pull begins.
        patience: with failures.
        clock: gives the present.
    """

    agency: str
    peer: Peer
    url: str
    login: ClientCredentials
    words: Words
    raw: Callable[[Mapping[str, Json]], Raw]
    page_size: int = 500
    overlap: timedelta = OVERLAP
    patience: Patience = PATIENT
    clock: Clock = now

    async def batches(self, cursor: Cursor) -> AsyncGenerator[Batch]:
        """A batch for each page since the cursor.

        Raises:
            SourceUnavailable: the server does not answer, after retries.
            SourceRejected: it refuses our credentials.
            SourceChanged: its answers are no pages, or lead nowhere.
        """
        place = _Place.of(cursor, self.clock(), self.overlap)
        may_start_over = place.after is not None
        async with self.peer.open() as line:
            bearer = Bearer(line, self.login)
            while True:
                try:
                    page = await self.patience.ask(partial(self._page, bearer, place))
                except _PlaceForgotten:
                    if not may_start_over:
                        raise SourceChanged(
                            self.agency, "the server refuses the place it gave for the next page"
                        ) from None
                    place, may_start_over = replace(place, after=None), False
                    continue
                if page.following is not None and page.following == place.after:
                    raise SourceChanged(self.agency, "the next page begins where this one began")
                records = [self._record(row) for row in page.rows]
                uri = self._uri(place)
                for record in records:
                    place = replace(place, newest=later(place.newest, record.changed_at))
                place = replace(place, after=page.following)
                is_last = page.following is None
                yield Batch(records=records, next_cursor=place.cursor(), is_last=is_last, source_uri=uri)
                if is_last:
                    return

    def _record(self, row: Json) -> Raw:
        return self.raw(row if isinstance(row, dict) else {unread.FIELD: row})

    async def _page(self, bearer: Bearer, place: _Place) -> _Page:
        answer = await bearer.get(self.url, self._question(place))
        if answer.status == HTTPStatus.BAD_REQUEST and place.after is not None:
            raise _PlaceForgotten
        return self._read(answer)

    def _question(self, place: _Place) -> dict[str, str]:
        question = {self.words.limit: str(self.page_size)}
        if place.since is not None:
            question[self.words.since] = place.since.isoformat()
        if place.after is not None:
            question[self.words.after] = place.after
        return question

    def _read(self, answer: Answer) -> _Page:
        body = answer.require_success(self.agency)
        try:
            page: object = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise TryAgain(SourceChanged(self.agency, "the answer is no JSON")) from None
        if not isinstance(page, dict):
            raise TryAgain(SourceChanged(self.agency, "the answer is no page"))
        found = cast("dict[str, Json]", page)
        # A page that does not say whether another follows would end the pass early, and lose what follows.
        rows, following = found.get(self.words.rows), found.get(self.words.following, False)
        if not isinstance(rows, list) or not (
            following is None or (isinstance(following, str) and following)
        ):
            problem = f"the answer lacks `{self.words.rows}` or `{self.words.following}`"
            raise TryAgain(SourceChanged(self.agency, problem))
        return _Page(rows, following)

    def _uri(self, place: _Place) -> str:
        """The address and since when; not the page, whose token is the server's and may name a record."""
        since = {self.words.since: place.since.isoformat()} if place.since else {}
        return str(httpx.URL(self.url, params=since))

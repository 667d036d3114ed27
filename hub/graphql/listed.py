"""From a hash to the document that officers listed for the client; and whether the client may send any other.

A list is read again after two seconds, so what officers decide holds at every replica within that time and the length of
one question. Nothing is registered by asking.

Source: query reference, section 8; the shape of automatic persisted queries, version 1.
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from auth.listed_operations import DOCUMENT, SENDABLE, Checked, Sendable, sendable_of
from auth.tokens import Caller
from hub.clock import Clock
from hub.database import Pool
from hub.graphql.documents import Documents
from hub.graphql.media import Question
from hub.graphql.prepared import Statement, prepared
from schema.errors import AccessError, InputInvalid, StoreUnreachable

_SENDABLE: Final = prepared(SENDABLE)
_DOCUMENT: Final = prepared(DOCUMENT)
_KEPT: Final = timedelta(seconds=2)
_MOST_CLIENTS: Final = 10_000
_MOST_TEXTS: Final = 512


class ListedOnly(AccessError):
    """This client may send operations of its list alone, each by extensions.persistedQuery.sha256Hash and without a query."""


class PersistedQueryNotFound(InputInvalid):
    """PersistedQueryNotFound"""  # noqa: D415 -- the word that clients of persisted queries look for


class OtherPurpose(AccessError):
    """The operation is not listed for the token's purpose."""

    code = "PURPOSE_NOT_ALLOWED"


def checked(documents: Documents, text: str) -> Checked:
    """The document of that text, if it may be listed.

    Args:
        documents: of the process.
        text: as clients will hash it.

    Raises:
        InputInvalid: it does not parse, does not fit the schema, or holds a text, which may be a person's.
        QueryTooCostly: it passes a limit.
    """
    document = documents.get(text)
    if not document.holds_no_value:
        raise InputInvalid("a listed document holds no texts: put each into a variable")
    if "\0" in text:
        raise InputInvalid("a document has no NUL character")
    return Checked(text=text, names=tuple(name for name in document.operations if name is not None))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    sendable: Sendable
    read_at: datetime


class Listed:
    """Lists of clients, and the texts on them; what was not used for longest goes first. One for each process.

    Args:
        pool: to the hub's database as the service's role.
        clock: gives the present.
    """

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._known: OrderedDict[str, _Read] = OrderedDict()
        self._texts: OrderedDict[bytes, str] = OrderedDict()

    async def told(self, caller: Caller, question: Question) -> Question:
        """The question with its document, if the client may send it so.

        Raises:
            ListedOnly: the client sends a document, and may send hashes alone.
            PersistedQueryNotFound: no live list of the client has the hash.
            OtherPurpose: it is listed for other purposes than the token's.
            InputInvalid: the hash is not that of the document that stands beside it.
            StoreUnreachable: the database does not answer.
        """
        sendable = await self._sendable(caller.client_id)
        if question.digest is None or question.query:
            if sendable.is_listed_only:
                raise ListedOnly
            if question.digest not in {None, hashlib.sha256(question.query.encode()).digest()}:
                raise InputInvalid("extensions.persistedQuery.sha256Hash is not that of the query beside it")
            return question
        now = self._clock()
        alive = [one for one in sendable.terms.get(question.digest, ()) if now < one.expires_at]
        if not alive:
            raise PersistedQueryNotFound
        if all(one.purpose not in {None, caller.purpose} for one in alive):
            raise OtherPurpose
        return replace(question, query=await self._text(question.digest))

    async def _sendable(self, client_id: str) -> Sendable:
        now = self._clock()
        known = self._known.get(client_id)
        if known is None or not now - _KEPT < known.read_at <= now:
            row = await self._row(_SENDABLE, {"client_id": client_id, "now": now})
            known = self._known[client_id] = _Read(sendable=sendable_of(row), read_at=now)
        self._known.move_to_end(client_id)
        if len(self._known) > _MOST_CLIENTS:
            self._known.popitem(last=False)
        return known.sendable

    async def _text(self, digest: bytes) -> str:
        """The document of a digest that is on a list; it never changes, so it is read once."""
        found = self._texts.get(digest)
        if found is None:
            (found,) = await self._row(_DOCUMENT, {"digest": digest})
            self._texts[digest] = found
        self._texts.move_to_end(digest)
        if len(self._texts) > _MOST_TEXTS:
            self._texts.popitem(last=False)
        return found

    async def _row(self, statement: Statement, values: dict[str, Any]) -> tuple[Any, ...]:
        try:
            async with self._pool.connection() as connection:
                row = await statement.fetch(connection, values)
        except (PoolTimeout, OperationalError):
            raise StoreUnreachable from None
        assert row is not None  # noqa: S101 -- each gives one row
        return row

"""One answer of an agency's HTTP server: over verified TLS, from the address that was set, of bounded size and time."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx

from connectors.transport.retry import TryAgain
from schema.errors import SourceChanged, SourceRejected, SourceUnavailable

_REFUSALS = frozenset({401, 403})
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server sent.

    Attributes:
        status: of HTTP.
        body: as sent, uncompressed.
        wait_s: how long it asks us to wait, or None.
    """

    status: int
    body: bytes = field(repr=False)
    wait_s: float | None

    def require_success(self, agency: str) -> bytes:
        """The body of an answer with status 200.

        Raises:
            SourceRejected: the server refuses our credentials.
            SourceChanged: it sends us elsewhere, or does not know the question.
            TryAgain: it may answer later.
        """
        if self.status == HTTPStatus.OK:
            return self.body
        if self.status in _REFUSALS:
            raise SourceRejected(agency, f"the server refuses our credentials ({self.status})")
        if self.status in _TRANSIENT:
            raise TryAgain(SourceUnavailable(agency, f"the server answers {self.status}"), wait_s=self.wait_s)
        if httpx.codes.is_redirect(self.status):
            raise SourceChanged(
                agency, "the server sends us to another address, which is never followed; set it"
            )
        raise SourceChanged(agency, f"the server answers {self.status} to a question of its contract")


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """An agency's HTTP server, and what is borne from it.

    Attributes:
        agency: its word.
        ca: certificates that vouch for it, PEM; empty for those of the system.
        body_bytes: the largest answer.
        answer_s: the longest a whole answer may take, however steadily it drips.
        connect_s: the longest a connection may take.
        gap_s: the least time between two questions.
    """

    agency: str
    ca: str = field(default="", repr=False)
    body_bytes: int = 32 * _MIB
    answer_s: float = 60
    connect_s: float = 10
    gap_s: float = 0.05

    @asynccontextmanager
    async def open(self) -> AsyncGenerator["Line"]:
        """One connection that is closed at the end of the block.

        Proxies and passwords of the environment (`HTTPS_PROXY`, `.netrc`) are not read: who is asked, and with which
        credentials, is said by the settings alone.
        """
        context = await asyncio.to_thread(ssl.create_default_context, cadata=self.ca or None)
        async with httpx.AsyncClient(
            verify=context,
            follow_redirects=False,
            trust_env=False,
            timeout=httpx.Timeout(self.answer_s, connect=self.connect_s),
            limits=httpx.Limits(max_connections=1),
            headers={"User-Agent": "tppo-hub", "Accept-Encoding": "identity"},
        ) as client:
            yield Line(self, client)


class Line:
    """An open connection to a peer; one question at a time.

    Args:
        peer: who is asked.
        client: closed by whoever opened it.
    """

    def __init__(self, peer: Peer, client: httpx.AsyncClient) -> None:
        self._peer, self._client = peer, client
        self._free_at = 0.0

    async def ask(
        self,
        method: str,
        url: str,
        *,
        parameters: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        """The answer, whatever its status.

        Raises:
            TryAgain: there was none in time.
            SourceUnavailable: the server's certificate is not trusted.
            SourceChanged: it is too large, or compressed although that was not asked for.
        """
        await self._take_turn()
        try:
            async with (
                asyncio.timeout(self._peer.answer_s),
                self._client.stream(
                    method, url, params=parameters, headers=headers, content=content
                ) as response,
            ):
                return Answer(response.status_code, await self._body(response), _asked_wait(response))
        except (httpx.TransportError, TimeoutError) as problem:
            failure = self._failure(problem)
        raise failure from None

    async def _take_turn(self) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._free_at - loop.time()))
        self._free_at = loop.time() + self._peer.gap_s

    async def _body(self, response: httpx.Response) -> bytes:
        """The raw bytes: a compressed body could grow a thousandfold in one step.

        Raises:
            SourceChanged: it is too large, or compressed.
        """
        if response.headers.get("content-encoding", "identity") != "identity":
            raise SourceChanged(self._peer.agency, "the answer is compressed, which was not asked for")
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > self._peer.body_bytes:
                raise SourceChanged(
                    self._peer.agency, f"the answer is larger than {self._peer.body_bytes} bytes"
                )
        return bytes(body)

    def _failure(self, problem: Exception) -> TryAgain | SourceUnavailable:
        cause: BaseException | None = problem
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                return SourceUnavailable(
                    self._peer.agency, "the server's certificate is not trusted; see its setting CA"
                )
            cause = cause.__cause__ or cause.__context__
        kind = (
            "does not answer in time"
            if isinstance(problem, httpx.TimeoutException | TimeoutError)
            else "is cut off"
        )
        return TryAgain(SourceUnavailable(self._peer.agency, f"the server {kind}"))


def _asked_wait(response: httpx.Response) -> float | None:
    """Seconds of a Retry-After header, which holds a number or a date."""
    asked = response.headers.get("retry-after", "").strip()
    if asked.isascii() and asked.isdigit():
        return float(asked[:9])
    try:
        until = parsedate_to_datetime(asked)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())

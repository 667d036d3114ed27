"""Notices that wait are sent to the address of their agency's officers, once the mail server takes them: at least once.

A notice is locked while it is sent and marked in the same transaction. A process that is killed in between leaves it
waiting, and another sends it again under the same Message-ID.

Source: RFC 5321; RFC 3207 (STARTTLS); RFC 8314 section 3.3 (implicit TLS).
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog
from psycopg import AsyncConnection, Error
from psycopg.rows import class_row
from psycopg_pool import PoolTimeout

from hub.clock import Clock
from hub.database import Pool
from hub.notices.letter import Notice, letter
from schema.codes import code_list
from schema.errors import SettingError

_EVERY_S: Final = 1.0
_AGAIN_S: Final = 30.0
"""After a failure; the notice stands in the officers' list meanwhile."""
_TIMEOUT_S: Final = 20.0
_PORTS: Final = {"smtp": 587, "smtps": 465}
_ADDRESS: Final = re.compile(r"[^@\s,<>\"]+@[^@\s,<>\"]+")
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_log = structlog.get_logger()

_NEXT: Final = """
    SELECT notice_id, agency, about, due_at, created_at FROM notice
    WHERE told_at IS NULL AND kind = 'EMERGENCY' AND agency = %s
    ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_WAITED_FOR: Final = """
    SELECT DISTINCT agency FROM notice
    WHERE told_at IS NULL AND kind = 'EMERGENCY' AND agency = ANY(%s) ORDER BY agency
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A server that takes letters.

    Attributes:
        host: of it.
        port: of it.
        is_tls: TLS from the first byte; otherwise it begins by STARTTLS, which only a loopback address may go without.
        user: to log in as; None where nobody logs in.
        password: of the user.
    """

    host: str
    port: int
    is_tls: bool
    user: str | None
    password: str | None


def mail_server(url: str) -> MailServer:
    """The server that a URL names: `smtps://USER:PASSWORD@HOST`, or `smtp://` for STARTTLS.

    Raises:
        SettingError: it names none; it is not shown, since it holds the password.
    """
    try:
        found = urlsplit(url)
        port = found.port
    except ValueError:
        found, port = urlsplit(""), None
    if found.scheme not in _PORTS or not found.hostname:
        raise SettingError("HUB_MAIL_URL", "write smtps://USER:PASSWORD@HOST, the password percent-encoded")
    return MailServer(
        host=found.hostname,
        port=port or _PORTS[found.scheme],
        is_tls=found.scheme == "smtps",
        user=None if found.username is None else unquote(found.username),
        password=None if found.password is None else unquote(found.password),
    )


def address_of(text: str) -> str:
    """The address that notices come from.

    Raises:
        SettingError: it is none.
    """
    if not _ADDRESS.fullmatch(text):
        raise SettingError("HUB_MAIL_FROM", "write an address, such as hub@example.go.id")
    return text


def addresses_of(text: str) -> dict[str, str]:
    """Addresses by agency, from `POLRI=ADDRESS,SATGAS_TPPO=ADDRESS`.

    Raises:
        SettingError: a part is none, or an agency is not known or stands twice.
    """
    found: dict[str, str] = {}
    for part in text.split(","):
        agency, _, address = (one.strip() for one in part.partition("="))
        if agency not in code_list("agency") or agency in found or not _ADDRESS.fullmatch(address):
            raise SettingError(
                "HUB_NOTICE_ADDRESSES",
                f"write AGENCY=ADDRESS with commas between, each agency once: {', '.join(sorted(code_list('agency')))}",
            )
        found[agency] = address
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """How notices leave.

    Attributes:
        server: that takes letters.
        sender: address that they come from.
        addresses: of officers, by agency; who has none is told by the lists alone.
        issuer: URL under which officers know the hub.
    """

    server: MailServer
    sender: str
    addresses: Mapping[str, str]
    issuer: str

    async def waited_for(self, pool: Pool) -> list[str]:
        """Agencies for which a notice waits and whose address is known.

        Args:
            pool: as the service's role.

        Raises:
            psycopg.Error: the database does not answer.
        """
        async with pool.connection() as connection:
            cursor = await connection.execute(_WAITED_FOR, (list(self.addresses),))
            return [agency for (agency,) in await cursor.fetchall()]

    async def send_one(self, pool: Pool, clock: Clock, agency: str) -> bool:
        """True if a notice was waiting for the agency, and is sent.

        Args:
            pool: as the service's role.
            clock: gives the present.
            agency: one with an address.

        Raises:
            SMTPException: the server does not take it, and it waits on.
            OSError: likewise.
            psycopg.Error: the database does not answer; the notice may be sent twice.
        """
        async with pool.connection() as connection, connection.transaction():
            notice = await _next(connection, agency)
            if notice is None:
                return False
            await self._send(notice)
            # A crash here, and it is sent again.
            await connection.execute(
                "UPDATE notice SET told_at = %s WHERE notice_id = %s", (clock(), notice.notice_id)
            )
        return True

    async def _send(self, notice: Notice) -> None:
        server = self.server
        is_near = server.host in _LOOPBACK
        await aiosmtplib.send(
            letter(notice, issuer=self.issuer, sender=self.sender, to=self.addresses[notice.agency]),
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.is_tls,
            start_tls=None if server.is_tls or is_near else True,
            timeout=_TIMEOUT_S,
        )


async def _next(connection: AsyncConnection[Any], agency: str) -> Notice | None:
    async with connection.cursor(row_factory=class_row(Notice)) as cursor:
        await cursor.execute(_NEXT, (agency,))
        return await cursor.fetchone()


@asynccontextmanager
async def posting(
    post: Post, pool: Pool, clock: Clock, *, every_s: float = _EVERY_S, again_s: float = _AGAIN_S
) -> AsyncGenerator[None]:
    """Sends what waits while the block runs.

    Args:
        post: how.
        pool: as the service's role, for this alone.
        clock: gives the present.
        every_s: between two looks.
        again_s: after a failure.
    """
    sending = asyncio.create_task(_send_all(post, pool, clock, every_s, again_s), name="notices")
    try:
        yield
    finally:
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending


async def _send_all(post: Post, pool: Pool, clock: Clock, every_s: float, again_s: float) -> None:
    fails = False
    while True:
        problem = await _send_round(post, pool, clock)
        if problem is not None and not fails:
            _log.error("notices.failed", error=type(problem).__name__)
        if problem is None and fails:
            _log.info("notices.resumed")
        fails = problem is not None
        await asyncio.sleep(again_s if fails else every_s)


async def _send_round(post: Post, pool: Pool, clock: Clock) -> Exception | None:
    """Sends what waits, agency by agency: an address that is refused keeps nobody else's officers from being told.

    Returns:
        What kept some of it from being sent.
    """
    problem: Exception | None = None
    try:
        for agency in await post.waited_for(pool):
            try:
                while await post.send_one(pool, clock, agency):
                    _log.info("notice.sent", agency=agency)
            except (aiosmtplib.SMTPException, OSError) as error:
                problem = error
    except (Error, PoolTimeout) as error:
        problem = error
    return problem

"""Files of a folder at a host whose key is pinned, read over SFTP and never written."""

import asyncio
import stat
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar, cast

import asyncssh

from connectors.transport.retry import TryAgain
from schema.errors import SourceChanged, SourceRejected, SourceUnavailable

Found = TypeVar("Found")
_MIB = 1 << 20


def host_key(value: str) -> str | None:
    """A public key as OpenSSH writes it."""
    try:
        asyncssh.import_public_key(value)
    except (asyncssh.KeyImportError, ValueError):
        return "write the server's public key as in known_hosts, such as ssh-ed25519 AAAA..."
    return None


@dataclass(frozen=True, slots=True, order=True)
class File:
    """One file of the folder as it was listed; any change of it changes its size or time."""

    name: str
    size_bytes: int
    changed_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder that an agency drops files into.

    Attributes:
        agency: its word.
        host: of the server.
        port: of the server.
        username: ours.
        password: ours.
        host_key: the server's, pinned: no other server is ever sent the password.
        path: of the folder.
        file_bytes: the largest file that is read.
        file_count: the most files that are listed.
        answer_s: the longest that one file or the list may take.
    """

    agency: str
    host: str
    port: int
    username: str
    password: str = field(repr=False)
    host_key: str
    path: str
    file_bytes: int = 32 * _MIB
    file_count: int = 50_000
    answer_s: float = 60

    @property
    def uri(self) -> str:
        """Where the folder is, without us in it."""
        return f"sftp://{self.host}:{self.port}/{self.path.strip('/')}"

    @asynccontextmanager
    async def open(self) -> AsyncGenerator["Session"]:
        """A session that connects when it is asked, and is closed at the end of the block."""
        session = Session(self)
        try:
            yield session
        finally:
            session.close()


class Session:
    """A connection to a folder, made when needed and made anew after it broke.

    Args:
        folder: where it goes.
    """

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._connection: asyncssh.SSHClientConnection | None = None
        self._client: asyncssh.SFTPClient | None = None

    def close(self) -> None:
        """End the connection, if there is one."""
        if self._connection is not None:
            self._connection.abort()
        self._connection = self._client = None

    async def files(self) -> list[File]:
        """The regular files of the folder, any order.

        Raises:
            SourceRejected: the server refuses us, or is not the pinned one.
            SourceChanged: there is no such folder, or it holds too many files.
            TryAgain: the server does not answer.
        """
        return await self._do(self._files)

    async def read(self, file: File) -> bytes | None:
        """The content of a file, or None while it is being written or once it is gone.

        Raises:
            SourceRejected: the server refuses us, or is not the pinned one.
            TryAgain: the server does not answer.
        """

        async def read(client: asyncssh.SFTPClient) -> bytes | None:
            path = f"{self._folder.path}/{file.name}"
            try:
                async with client.open(path, "rb") as handle:
                    content = cast("bytes", await handle.read(file.size_bytes + 1))
                    attributes = await handle.stat()
            except asyncssh.SFTPNoSuchFile:
                return None
            still = (attributes.size, attributes.mtime) == (file.size_bytes, file.changed_s)
            return content if still and len(content) == file.size_bytes else None

        return await self._do(read)

    async def _files(self, client: asyncssh.SFTPClient) -> list[File]:
        found: list[File] = []
        try:
            async for entry in client.scandir(self._folder.path):
                attributes = entry.attrs
                if not stat.S_ISREG(attributes.permissions or 0):
                    continue
                found.append(File(str(entry.filename), attributes.size or 0, attributes.mtime or 0))
                if len(found) > self._folder.file_count:
                    raise SourceChanged(
                        self._folder.agency, f"the folder holds more than {self._folder.file_count} files"
                    )
        except asyncssh.SFTPNoSuchFile:
            raise SourceChanged(self._folder.agency, "the server has no such folder") from None
        return found

    async def _do(self, action: Callable[[asyncssh.SFTPClient], Awaitable[Found]]) -> Found:
        """What the action gives; after a failure the connection is closed, so that the next attempt has a new one."""
        agency = self._folder.agency
        try:
            async with asyncio.timeout(self._folder.answer_s):
                return await action(await self._connected())
        except asyncssh.HostKeyNotVerifiable:
            failure = SourceRejected(
                agency, "the server is not the one whose key is pinned; compare HOST_KEY"
            )
        except (asyncssh.PermissionDenied, asyncssh.SFTPPermissionDenied):
            failure = SourceRejected(agency, "the server refuses our user, or does not let it read")
        except (TimeoutError, asyncssh.TimeoutError):
            failure = TryAgain(SourceUnavailable(agency, "the server does not answer in time"))
        except (OSError, asyncssh.Error):
            failure = TryAgain(
                SourceUnavailable(agency, "the server cannot be reached, or cuts the connection")
            )
        self.close()
        raise failure from None

    async def _connected(self) -> asyncssh.SFTPClient:
        """The client of a connection that asks nothing of this machine: no key, no agent, no configuration of it."""
        if self._client is None:
            folder = self._folder
            self._connection = await asyncssh.connect(
                folder.host,
                folder.port,
                username=folder.username,
                password=folder.password,
                known_hosts=([asyncssh.import_public_key(folder.host_key)], [], []),
                config=None,
                client_keys=None,
                agent_path=None,
                preferred_auth="password",
                compression_algs=None,
            )
            self._client = await self._connection.start_sftp_client()
        return self._client

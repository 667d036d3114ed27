"""Social affairs: an SFTP server from which others fetch the files its shelters drop."""

import asyncio
import hmac
import re
import secrets
import shutil
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import NoReturn

import asyncssh
import orjson
from asyncssh.constants import FXF_READ

from hub.sandbox.control import Agent, Trouble, UnknownRecord
from hub.sandbox.drops import DROP_FOLDER, csv_text, encode, utf8_with_bom, write_drops
from hub.sandbox.population import Population
from hub.sandbox.process import LOOPBACK, live
from hub.sandbox.truth import made_by
from hub.sandbox.wire import Agency, Value, dashed
from hub.sandbox.wire_kemensos import COLUMNS, LAST_DROP

USERNAME = "hub-tppo"
REFUSALS = frozenset({401, 403})
_NONSENSE = "\x00\ufffd;;tidak terbaca;;;\x01"


class Kemensos(Agent):
    """Social affairs' drop folder and what will be dropped next.

    Args:
        folder: the drop folder.
        rows: the newest row of each register number.
    """

    agency: Agency = "kemensos"

    def __init__(self, folder: Path, rows: Mapping[str, Mapping[str, Value]]) -> None:
        self.trouble = Trouble()
        self.password = secrets.token_urlsafe(24)
        self.files_read: Counter[str] = Counter()
        self._folder = folder
        self._rows = {key: dict(row) for key, row in rows.items()}

    async def fail(self, count: int, status: int) -> None:
        """The next connections are cut; with status 401 or 403 their password is refused instead."""
        self.trouble.fail_count, self.trouble.fail_status = count, status

    async def rubbish(self, count: int) -> None:
        """One more file is dropped, with so many lines that are no rows."""
        header = csv_text(COLUMNS, [])
        await self._drop("klien_rptc_", utf8_with_bom(header + "\r\n".join([_NONSENSE] * count) + "\r\n"))

    async def change(self, key: str, field: str, value: str | int) -> None:
        """One more file is dropped, in which this client has a changed field.

        Raises:
            UnknownRecord: no such client or field.
        """
        row = self._row(key)
        if field not in row:
            raise UnknownRecord
        row[field] = value
        await self._drop("klien_rptc_", encode(len(self._rows) % 2, csv_text(COLUMNS, [row])))

    async def delete(self, key: str) -> None:
        """One more file of withdrawals is dropped, with this client.

        Raises:
            UnknownRecord: no such client.
        """
        self._row(key)
        del self._rows[key]
        day = self._next_day()
        row = {"no_register": key, "tgl_batal": dashed(day)}
        await self._drop("klien_rptc_batal_", utf8_with_bom(csv_text(("no_register", "tgl_batal"), [row])))

    def state(self) -> dict[str, object]:
        """Counts, and how often each file was read."""
        files = sorted(path.name for path in self._folder.iterdir())
        return {"clients": len(self._rows), "files": files, "files_read": dict(self.files_read)}

    def _row(self, key: str) -> dict[str, Value]:
        if key not in self._rows:
            raise UnknownRecord
        return self._rows[key]

    def _next_day(self) -> date:
        """The day after the newest file: files are immutable, so each change needs a name of its own."""
        days = [LAST_DROP]
        for path in self._folder.glob("klien_rptc_*.csv"):
            digits = re.findall(r"\d{8}", path.name)[-1]
            days.append(date(int(digits[:4]), int(digits[4:6]), int(digits[6:])))
        return max(days) + timedelta(days=1)

    async def _drop(self, prefix: str, content: bytes) -> None:
        """Write under another name, then rename: whoever lists the folder sees whole files only."""
        path = self._folder / f"{prefix}{self._next_day():%Y%m%d}.csv"
        unfinished = self._folder.parent.parent / f"{path.name}.unfinished"
        await asyncio.to_thread(unfinished.write_bytes, content)
        await asyncio.to_thread(unfinished.rename, path)


class _Gate(asyncssh.SSHServer):
    """Lets the one client in, or not, as the control door has ordered."""

    def __init__(self, kemensos: Kemensos) -> None:
        self._kemensos = kemensos

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        trouble = self._kemensos.trouble
        trouble.request_count += 1
        if trouble.fail_status not in REFUSALS and trouble.take_failure() is not None:
            conn.abort()

    def begin_auth(self, username: str) -> bool:
        del username
        return True

    def password_auth_supported(self) -> bool:
        return True

    async def validate_password(self, username: str, password: str) -> bool:
        trouble = self._kemensos.trouble
        await trouble.stall()
        if trouble.fail_status in REFUSALS and trouble.take_failure() is not None:
            return False
        known = hmac.compare_digest(password.encode(), self._kemensos.password.encode())
        return known and username == USERNAME


class _Drops(asyncssh.SFTPServer):
    """The folder, for reading only."""

    def __init__(self, chan: "asyncssh.SSHServerChannel[bytes]", kemensos: Kemensos, root: Path) -> None:
        super().__init__(chan, chroot=str(root).encode())  # pyright: ignore[reportUnknownMemberType] -- untyped there
        self._kemensos = kemensos

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        if pflags & ~FXF_READ:
            self._refuse()
        self._kemensos.files_read[path.rsplit(b"/", 1)[-1].decode()] += 1
        return super().open(path, pflags, attrs)

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise asyncssh.SFTPPermissionDenied("the drop folder is for reading")

    open56 = remove = mkdir = rmdir = rename = posix_rename = link = symlink = setstat = lsetstat = _refuse


def prepare(home: Path, population: Population) -> dict[str, Mapping[str, Value]]:
    """The drop folder of a population is there, made anew unless the same code made it from the same seed and size.

    Args:
        home: the agency's own directory.
        population: whose stays.

    Returns:
        The newest row of each register number.
    """
    records = list(population.records("kemensos"))
    mark = orjson.dumps({"seed": population.seed, "size": population.size, "made_by": made_by()})
    marked = home / "made.json"
    if not (marked.exists() and marked.read_bytes() == mark):
        shutil.rmtree(home, ignore_errors=True)
        folder = home / "sftp" / DROP_FOLDER
        folder.mkdir(parents=True)
        write_drops(records, folder)
        marked.write_bytes(mark)
    return {record.key: record.fields for record in records if record.key and not record.withdrawn}


@asynccontextmanager
async def _listening(acceptor: asyncssh.SSHAcceptor) -> AsyncGenerator[None]:
    try:
        yield
    finally:
        acceptor.close()
        await acceptor.wait_closed()


async def run(directory: Path, population: Population, *, parent: int | None) -> None:
    """Be social affairs until told to end."""
    home = directory / "kemensos"
    rows = await asyncio.to_thread(prepare, home, population)
    kemensos = Kemensos(home / "sftp" / DROP_FOLDER, rows)
    key = asyncssh.generate_private_key("ssh-ed25519")  # pyright: ignore[reportUnknownMemberType] -- untyped there

    def drops(chan: "asyncssh.SSHServerChannel[bytes]") -> asyncssh.SFTPServer:
        return _Drops(chan, kemensos, home / "sftp")

    acceptor = await asyncssh.listen(
        LOOPBACK,
        0,
        server_factory=lambda: _Gate(kemensos),
        server_host_keys=[key],
        sftp_factory=drops,
        allow_scp=False,
    )
    settings: dict[str, object] = {
        "host": LOOPBACK,
        "port": acceptor.get_port(),
        "username": USERNAME,
        "password": kemensos.password,
        "host_key": key.export_public_key("openssh").decode().strip(),
    }
    await live(
        kemensos, directory, settings=settings, servers=[_listening(acceptor)], seed=population.seed, size=population.size,
        made_by=made_by(), parent=parent,
    )  # fmt: skip

"""The launcher's duties, in order: attach, wait, start again, or make; and prove that the server answers."""

import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep

import psycopg
from psycopg.conninfo import make_conninfo

from hub.embedded import binaries
from hub.embedded.account import Account, account
from hub.embedded.cluster import SUPERUSER, Cluster, set_groups, set_role
from hub.embedded.layout import Layout, Record
from schema.errors import StoreError
from schema.tables.roles import GROUPS, LOGINS

_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "'127.0.0.1'",
    "unix_socket_directories": "''",
    "max_connections": "100",
    "shared_buffers": "'256MB'",
    "wal_compression": "on",
    "max_wal_size": "'2GB'",
    "checkpoint_timeout": "'15min'",
    "jit": "off",
    "random_page_cost": "1.1",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",
}
"""The same on every machine. A failing statement is not logged: its values may be a person's."""

_INCLUDE = "include_if_exists = 'hub.conf'"
_PASSING = (b"still in use", b"could not bind", b"lock file")
"""What the server's log says of a start that will do in a moment."""


def start(
    data_dir: Path,
    *,
    bin_dir: Path | None = None,
    start_timeout_s: float = 120.0,
    extra_settings: Mapping[str, str] | None = None,
) -> Cluster:
    """A server on this data that answers: the one that runs, else one started again, else a new one.

    The server outlives the process that started it; the next one attaches.

    Args:
        data_dir: the cluster's data; made if it is not there.
        bin_dir: binaries of another PostgreSQL than the embedded one.
        start_timeout_s: how long recovery may take.
        extra_settings: lines of postgresql.conf beside ours, as name and value.

    Raises:
        StoreError: it cannot be had; says what to do.
    """
    programs = binaries.folder(bin_dir)
    version = binaries.version(programs)
    who = account()
    layout = Layout.of(data_dir, who)
    settings = {**_SETTINGS, **(extra_settings or {})}
    with layout.locked(start_timeout_s):
        binaries.check_data(layout.data, version)
        programs = binaries.reachable(programs, version, who)
        is_made = (layout.data / "PG_VERSION").exists()
        record = layout.read()
        if record is None and is_made:
            raise StoreError(
                f"the passwords of {layout.data} are lost: put {layout.beside}/cluster.json back, or move both away"
            )
        if record and is_made and _answers(layout, record, start_timeout_s):
            return _proven(Cluster(layout, who, programs, record.port, False, record.passwords), record)
        made_up = {role: secrets.token_urlsafe(24) for role in (SUPERUSER, *LOGINS)}
        record = record or Record(0, 0, made_up)
        record = replace(record, passwords={**made_up, **record.passwords})
        if not is_made:
            # The passwords are kept before the cluster that wants them exists: a crash in between costs nothing.
            record = replace(record, system_identifier=0)
            layout.write(record)
            _init(layout, who, programs, record.passwords[SUPERUSER])
        record, started = _run(layout, who, programs, record, settings, start_timeout_s)
        return _proven(Cluster(layout, who, programs, record.port, started, record.passwords), record)


def _answers(layout: Layout, record: Record, timeout_s: float) -> bool:
    """True if the recorded server runs and is the recorded cluster; waits while it recovers.

    Never judged by a process id or a handle: both may be of a dead server. A cluster that has not answered yet is known
    by taking our password, which is random and nobody else's.
    """
    until = monotonic() + timeout_s
    conninfo = make_conninfo(
        host="127.0.0.1", port=record.port, user=SUPERUSER, dbname="postgres", connect_timeout=5
    )
    while record.port:
        state = psycopg.pq.PGconn.ping(conninfo.encode())
        if state == psycopg.pq.Ping.OK:
            found = _identifier(layout, record.port, record.passwords.get(SUPERUSER, ""))
            return found is not None and record.system_identifier in {0, found}
        if state != psycopg.pq.Ping.REJECT or monotonic() > until:
            return False
        sleep(0.1)
    return False


def _identifier(layout: Layout, port: int, password: str) -> int | None:
    """Which cluster answers at that port; None if it is not ours or runs on other data than these."""
    try:
        with psycopg.connect(
            host="127.0.0.1",
            port=port,
            user=SUPERUSER,
            password=password,
            dbname="postgres",
            connect_timeout=10,
        ) as connection:
            row = connection.execute(
                "SELECT system_identifier, current_setting('data_directory') FROM pg_control_system()"
            ).fetchone()
            # A copy of the folder has the same identifier, passwords and recorded port.
            return row[0] if row and Path(row[1]).samefile(layout.data) else None
    except (psycopg.OperationalError, FileNotFoundError):
        return None  # somebody else's server has taken the port: ours is not there


def _init(layout: Layout, who: Account, programs: Path, password: str) -> None:
    """Makes the cluster in a sibling folder and renames it: an interrupted initdb is never taken for a cluster.

    Raises:
        StoreError: initdb fails.
    """
    unfinished = f"{layout.data.name}.new-"
    for left in [path for path in layout.data.parent.iterdir() if path.name.startswith(unfinished)]:
        # An initdb that lost its starter may still write there: it fails, and what is left goes next time.
        left.unlink() if left.is_file() else shutil.rmtree(left, ignore_errors=True)
    fresh = Path(tempfile.mkdtemp(prefix=unfinished, dir=layout.data.parent))
    who.own(fresh)
    secret = fresh.with_name(fresh.name + ".password")
    try:
        descriptor = os.open(secret, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(password)
        who.own(secret)
        command = [
            programs / "initdb",
            "-D",
            fresh,
            "-U",
            SUPERUSER,
            f"--pwfile={secret}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
        ]
        done = who.run(command, timeout_s=120)
        if done.returncode != 0:
            raise StoreError(f"the database cannot be made: {done.stderr.strip().splitlines()[-1:]}")
        with (fresh / "postgresql.conf").open("a") as file:
            file.write(f"\n{_INCLUDE}\n")
        fresh.rename(layout.data)
        # What is left under the old name is removed at the next start: the new name is on the disk before any row is.
        folder = os.open(layout.data.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    finally:
        secret.unlink(missing_ok=True)
        shutil.rmtree(fresh, ignore_errors=True)


def _free_port(wanted: int) -> int:
    """The wanted port if nobody has it, else one that is free.

    Raises:
        StoreError: none is.
    """
    for candidate in (wanted, 0):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise StoreError("no port of 127.0.0.1 is free")


def _configure(layout: Layout, who: Account, port: int, settings: Mapping[str, str]) -> None:
    lines = [f"{name} = {value}\n" for name, value in {**settings, "port": str(port)}.items()]
    path = layout.data / "hub.conf"
    path.write_text("# rewritten at each start\n" + "".join(lines))
    who.own(path)


def _run(
    layout: Layout,
    who: Account,
    programs: Path,
    record: Record,
    settings: Mapping[str, str],
    timeout_s: float,
) -> tuple[Record, bool]:
    """Starts the server and waits until it has recovered: the record that names its port, and whether it was started here.

    A stale postmaster.pid is PostgreSQL's to judge. Children of a killed postmaster may still hold its shared memory
    for a moment, somebody may take the port that was free, and the server of a starter that was killed may still be
    starting (then it is attached to), so a start that fails is tried again inside the time-out.

    Raises:
        StoreError: it does not start in time.
    """
    until = monotonic() + timeout_s
    tried = {record.port}
    while True:
        record = replace(record, port=_free_port(record.port))
        tried.add(record.port)
        # The port is kept before the server has it: whoever comes after a crash from here on finds the server.
        layout.write(record)
        _configure(layout, who, record.port, settings)
        told_before = layout.log.stat().st_size if layout.log.exists() else 0
        done = who.run(
            [
                programs / "pg_ctl",
                "start",
                "-D",
                layout.data,
                "-w",
                "-t",
                str(int(timeout_s)),
                "-l",
                layout.log,
            ],
            timeout_s=timeout_s + 30,
        )
        if done.returncode == 0:
            return record, True
        for port in tried:
            found = replace(record, port=port)
            if _answers(layout, found, until - monotonic()):
                layout.write(found)
                return found, False
        told = layout.log.read_bytes()[told_before:] if layout.log.exists() else b""
        passing = any(sign in told + done.stderr.encode() for sign in _PASSING)
        if not passing or monotonic() > until:
            raise StoreError(f"the embedded server does not start; see {layout.log}")
        sleep(0.5)


def _proven(cluster: Cluster, record: Record) -> Cluster:
    """The cluster, once it has answered and has its roles.

    Raises:
        StoreError: it does not take our password.
    """
    if record.system_identifier and record.groups == GROUPS and not cluster.started_here:
        return cluster
    identifier = _identifier(cluster.layout, cluster.port, cluster.passwords[SUPERUSER])
    if identifier is None:
        raise StoreError(f"the embedded server runs and refuses us; see {cluster.layout.log}")
    with psycopg.connect(cluster.conninfo(SUPERUSER, "postgres"), autocommit=True) as connection:
        for role in LOGINS:
            set_role(connection, role, cluster.passwords[role])
        set_groups(connection)
    cluster.layout.write(replace(record, system_identifier=identifier, groups=GROUPS))
    return cluster

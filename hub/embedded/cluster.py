"""A running server: how to connect to it, its databases and its roles."""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from hub.embedded.account import Account
from hub.embedded.layout import Layout, Record
from schema.errors import StoreError
from schema.tables.roles import GROUPS

SUPERUSER = "postgres"


@dataclass(frozen=True)
class Cluster:
    """A server that answers. `started_here` tells who stops it: only the process that started it."""

    layout: Layout
    account: Account
    bin_dir: Path
    port: int
    started_here: bool
    passwords: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Cluster(port={self.port})"

    def conninfo(self, role: str, database: str) -> str:
        """How a role connects, for libpq."""
        return make_conninfo(
            host="127.0.0.1", port=self.port, user=role, password=self.passwords[role], dbname=database
        )

    def url(self, role: str, database: str) -> str:
        """How a role connects, for SQLAlchemy."""
        return f"postgresql+psycopg://{role}:{self.passwords[role]}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str, *, template: str = "template1") -> None:
        """Makes a database of hub_owner's unless it is there.

        Args:
            name: of the database.
            template: database to copy, which nobody may be connected to.
        """
        with (
            psycopg.connect(self.conninfo(SUPERUSER, "postgres"), autocommit=True) as connection,
            # Another process made it since we looked.
            suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation),
        ):
            if connection.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).rowcount == 0:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER hub_owner TEMPLATE {}").format(
                        sql.Identifier(name), sql.Identifier(template)
                    )
                )

    def drop_database(self, name: str) -> None:
        """Takes a database away, ending who is connected to it."""
        with psycopg.connect(self.conninfo(SUPERUSER, "postgres"), autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def create_role(self, name: str) -> "Cluster":
        """The same cluster with one more login role, whose random password is kept beside the others."""
        if name in self.passwords:
            return self
        with self.layout.locked(30):
            before = self.layout.read()
            passwords = {**self.passwords, **(before.passwords if before else {})}
            if name not in passwords:
                passwords[name] = secrets.token_urlsafe(24)
                with psycopg.connect(self.conninfo(SUPERUSER, "postgres"), autocommit=True) as connection:
                    set_role(connection, name, passwords[name])
                # A crash before this line leaves a role whose password nobody has; the next call gives it another.
                known = before or Record(self.port, 0, passwords)
                self.layout.write(replace(known, port=self.port, passwords=passwords))
        return replace(self, passwords=passwords)

    def stop(self, *, force: bool = False) -> None:
        """Ends the server if this process started it.

        Args:
            force: end it whoever started it.

        Raises:
            StoreError: it does not end.
        """
        if not (self.started_here or force):
            return
        done = self.account.run(
            [self.bin_dir / "pg_ctl", "stop", "-D", self.layout.data, "-m", "fast", "-w", "-t", "60"],
            timeout_s=90,
        )
        if done.returncode != 0 and (self.layout.data / "postmaster.pid").exists():
            raise StoreError(f"the embedded server does not stop; see {self.layout.log}")


def set_role(connection: "psycopg.Connection[tuple[object, ...]]", name: str, password: str) -> None:
    """Makes a login role without any privilege, or renews its password."""
    known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (name,)).rowcount > 0
    statement = (
        "ALTER ROLE {} LOGIN PASSWORD {}"
        if known
        else "CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD {}"
    )
    connection.execute(sql.SQL(statement).format(sql.Identifier(name), sql.Literal(password)))


def set_groups(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    """Makes the roles that the service may take on, and lets it."""
    for name in GROUPS:
        group = sql.Identifier(name)
        if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (name,)).rowcount == 0:
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN NOSUPERUSER NOBYPASSRLS").format(group))
        connection.execute(sql.SQL("GRANT {} TO hub_service WITH INHERIT FALSE, SET TRUE").format(group))

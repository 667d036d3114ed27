"""Connections to the hub's database, its revision, and whether it can be had at all."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from schema.errors import RevisionMismatch, SettingError, StoreError, StoreUnreachable
from schema.tables.roles import GROUPS, LOGINS

Pool = AsyncConnectionPool[AsyncConnection[Any]]
_MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
_MINIMUM = 16
_STOPPED = (
    psycopg.errors.LockNotAvailable,
    psycopg.errors.QueryCanceled,
    psycopg.errors.InsufficientPrivilege,
)
"""What an operator can mend; the server's words for these hold no value of a row."""


def conninfo(url: str) -> str:
    """The URL as libpq takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def open_pool(
    url: str, *, size: int, name: str, statement_timeout_s: int = 0, role: str | None = None
) -> Pool:
    """A pool that is not open yet: `async with` it.

    Connections are in autocommit; a transaction is always written out.

    Args:
        url: of the database.
        size: connections at most.
        name: shown in pg_stat_activity.
        statement_timeout_s: after which the server ends a statement; 0 for never.
        role: one of GROUPS that its connections take on, and have no other rights than.
    """
    options = f"-c timezone=UTC -c statement_timeout={statement_timeout_s * 1000}"
    if role:
        # Under row level security a plan takes longer to make than to run, and no value of a caller makes a better one.
        options += f" -c role={role} -c plan_cache_mode=force_generic_plan"
    return AsyncConnectionPool(
        conninfo(url),
        min_size=min(2, size),
        max_size=size,
        open=False,
        timeout=10,
        kwargs={"autocommit": True, "application_name": name, "options": options},
    )


def open_engine(url: str, *, size: int, name: str, statement_timeout_s: int = 0) -> AsyncEngine:
    """An engine for what is written in SQLAlchemy; dispose of it at the end.

    Args:
        url: of the database.
        size: connections that are kept.
        name: shown in pg_stat_activity.
        statement_timeout_s: after which the server ends a statement; 0 for never.
    """
    options = f"-c timezone=UTC -c statement_timeout={statement_timeout_s * 1000}"
    connect = {"application_name": name, "options": options}
    return create_async_engine(
        _driver(url), pool_size=size, pool_pre_ping=True, hide_parameters=True, connect_args=connect
    )


def _driver(url: str) -> str:
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def check(url: str, *, setting: str = "HUB_DATABASE_URL") -> None:
    """Connects once, so that a wrong database is told in one line and nothing is half-done.

    Args:
        url: of the database.
        setting: the variable that it came from.

    Raises:
        SettingError: it is no URL of PostgreSQL; it is not shown, since which part is the password is not known then.
        StoreUnreachable: the server does not answer, or refuses the role; the password is never shown.
        StoreError: it is older than PostgreSQL 16.
    """
    if not _leads_to_postgresql(url):
        raise SettingError(
            setting, "write postgresql://ROLE:PASSWORD@HOST/DATABASE, the password percent-encoded"
        )
    shown = make_url(url).render_as_string(hide_password=True)
    try:
        with psycopg.connect(conninfo(url), connect_timeout=10) as connection:
            version = connection.info.server_version // 10000
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[-1].split("FATAL:")[-1].strip()
        raise StoreUnreachable(f"{setting}: {shown} cannot be used: {reason}") from None
    if version < _MINIMUM:
        raise StoreError(f"{setting}: {shown} is PostgreSQL {version}; {_MINIMUM} or newer is needed")


def _leads_to_postgresql(url: str) -> bool:
    try:
        read = make_url(url)
    except (ArgumentError, ValueError):
        return False
    # An @ that is left is one of a password that was not encoded, read as a host or a database and shown as such.
    torn = "@" in f"{read.host}{read.database}"
    return read.get_backend_name() in {"postgresql", "postgres"} and not torn


def head_revision() -> str:
    """The schema revision that this code is written for.

    Raises:
        RevisionMismatch: there is none: the installation is not whole.
    """
    from alembic.script import ScriptDirectory  # noqa: PLC0415 -- its 0.7 s would be in every command

    head = ScriptDirectory(str(_MIGRATIONS)).get_current_head()
    if head is None:
        raise RevisionMismatch("migrations/ holds no revision; the installation is not whole")
    return head


async def revision(connection: AsyncConnection[Any]) -> str | None:
    """The database's schema revision; None where there is none."""
    found = await connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL")
    if (await found.fetchone()) != (True,):
        return None
    found = await connection.execute("SELECT version_num FROM alembic_version")
    row = await found.fetchone()
    return row[0] if row else None


async def require_revision(pool: Pool) -> None:
    """Stops what would run on another schema than its own.

    Raises:
        RevisionMismatch: says both revisions and the command to run.
    """
    async with pool.connection() as connection:
        found = await revision(connection)
    wanted = head_revision()
    if found != wanted:
        raise RevisionMismatch(
            f"the database has schema revision {found or 'none'} and this code needs {wanted};"
            " run `python -m hub migrate`"
        )


def migrate(owner_url: str) -> str:
    """Brings the database to this code's revision; a second migrator waits for the first.

    Args:
        owner_url: the database as role hub_owner.

    Returns:
        The revision.

    Raises:
        SettingError: it is no URL of PostgreSQL.
        StoreUnreachable: the database cannot be had.
        StoreError: a role is missing, and the message has the statements that an administrator must run; or a table
            is in use, or not the owner's. Nothing has changed then.
        RevisionMismatch: the database was migrated by a newer release, which this code cannot take back.
        DBAPIError: a migration itself is wrong. Nothing has changed then either.
    """
    from alembic import command  # noqa: PLC0415 -- its 0.7 s would be in every command
    from alembic.config import Config  # noqa: PLC0415 -- its 0.7 s would be in every command

    check(owner_url, setting="HUB_DATABASE_OWNER_URL")
    _require_roles(owner_url)
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["url"] = _driver(owner_url)
    try:
        _refuse_newer(owner_url)
        command.upgrade(config, "head")
    except _STOPPED as error:
        raise StoreError(_nothing_changed(error)) from None
    except DBAPIError as error:
        if isinstance(error.orig, _STOPPED):
            raise StoreError(_nothing_changed(error.orig)) from None
        raise
    return head_revision()


def _nothing_changed(stopped: psycopg.Error) -> str:
    return (
        f"the migration stopped and nothing was changed: {stopped.diag.message_primary};"
        " mend that and run `python -m hub migrate` again"
    )


def _require_roles(owner_url: str) -> None:
    with psycopg.connect(conninfo(owner_url), autocommit=True) as connection:
        statements = _roles_to_make(connection)
        with suppress(psycopg.errors.InsufficientPrivilege):
            for statement in statements:
                # Another migrator may have made it since; its database may be another one, so no lock keeps them apart.
                with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
                    connection.execute(statement.encode())
        # Also where another has made a role a member with more: that stands beside what we give.
        if statements and (left := _roles_to_make(connection)):
            told = " ".join(f"{statement};" for statement in left)
            raise StoreError(
                f"roles are missing or not kept apart; an administrator of the server must run: {told}"
            )


def _roles_to_make(connection: psycopg.Connection[Any]) -> list[str]:
    """The statements that make what is missing: roles, and the service's right to become one of them for a while."""
    found = connection.execute(
        """SELECT r.rolname, bool_or(m.set_option) AND NOT bool_or(m.inherit_option)
           FROM pg_roles r LEFT JOIN pg_auth_members m ON m.roleid = r.oid AND m.member = to_regrole('hub_service')
           WHERE r.rolname = ANY(%s) GROUP BY 1""",
        ([*LOGINS, *GROUPS],),
    )
    is_apart = dict(found.fetchall())
    return [
        *(f"CREATE ROLE {role}" for role in sorted({*LOGINS, *GROUPS} - is_apart.keys())),
        *(
            f"GRANT {group} TO hub_service WITH INHERIT FALSE, SET TRUE"
            for group in sorted(GROUPS)
            if not is_apart.get(group)
        ),
    ]


def _refuse_newer(owner_url: str) -> None:
    from alembic.script import ScriptDirectory  # noqa: PLC0415 -- its 0.7 s would be in every command

    with psycopg.connect(conninfo(owner_url), autocommit=True, options="-c lock_timeout=4s") as connection:
        if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
            return
        found = {row[0] for row in connection.execute("SELECT version_num FROM alembic_version")}
    unknown = found - {script.revision for script in ScriptDirectory(str(_MIGRATIONS)).walk_revisions()}
    if unknown:
        raise RevisionMismatch(
            f"the database has schema revision {', '.join(unknown)}, which this code does not know:"
            " a newer release has migrated it; run that one"
        )

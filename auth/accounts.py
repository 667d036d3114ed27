"""Accounts: people who act in the hub, each for one agency, vouched for by an issuer that officers have approved."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert

from schema.codes import code_list
from schema.errors import DecisionError
from schema.tables import people

_LENGTH: Final = range(3, 401)


class AccountRefused(DecisionError):
    """The account cannot be made or changed so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person as the hub knows one: an id, an agency and an office; never a name.

    Attributes:
        account_id: `ISSUER#SUB`, as the issuer that vouches says.
        agency: code of the list `agency`.
        title: the office held.
        suspended_at: since when the person may do nothing.
        created_at: aware UTC.
    """

    account_id: str
    agency: str
    title: str
    suspended_at: datetime | None = None
    created_at: datetime


def register(connection: Connection, account: Account) -> Account:
    """The account, as it was registered.

    Raises:
        AccountRefused: the id is taken or has no issuer, or the agency is unknown.
    """
    issuer, mark, subject = account.account_id.partition("#")
    if not (issuer and mark and subject) or len(account.account_id) not in _LENGTH:
        raise AccountRefused("an account id is ISSUER#SUB")
    if account.agency not in code_list("agency"):
        raise AccountRefused("agency: not a code of the list `agency`")
    row = {
        "account_id": account.account_id,
        "agency": account.agency,
        "title": account.title,
        "suspended_at": account.suspended_at,
        "created_at": account.created_at,
    }
    statement = insert(people.account).values(row).on_conflict_do_nothing()
    if connection.execute(statement.returning(people.account.c.account_id)).first() is None:
        raise AccountRefused("an account of this id is registered already")
    return account


def load(connection: Connection, account_id: str) -> Account | None:
    """The account of that id, suspended or not; None where there is none."""
    statement = select(people.account).where(people.account.c.account_id == account_id)
    row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else Account(**row)


def named(connection: Connection, account_ids: Iterable[str]) -> dict[str, Account]:
    """The accounts of those ids that there are, by id."""
    table = people.account
    statement = select(table).where(table.c.account_id.in_(sorted(set(account_ids))))
    return {row["account_id"]: Account(**row) for row in connection.execute(statement).mappings()}


def suspend(connection: Connection, account_id: str, now: datetime) -> None:
    """The person may do nothing any more; suspending twice keeps the first time.

    Raises:
        AccountRefused: there is no such account.
    """
    table = people.account
    changed = update(table).where(table.c.account_id == account_id)
    statement = changed.values(suspended_at=func.coalesce(table.c.suspended_at, now))
    if connection.execute(statement).rowcount != 1:
        raise AccountRefused("there is no account of this id")

"""`webhook`: endpoints of clients that are told of events."""

import json
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import typer
from sqlalchemy import Connection

from auth.egress import is_loopback_url
from hub import clock, database
from hub.cli import context
from hub.events import hooks
from hub.events.hooks import Hook
from schema.errors import SettingError


class Action(StrEnum):
    """What can be done with endpoints."""

    ADD = "add"
    LIST = "list"
    DEAD = "dead"
    REDELIVER = "redeliver"
    DISABLE = "disable"
    ENABLE = "enable"


def webhook(
    action: Annotated[Action, typer.Argument(help="what to do, see above")],
    target: Annotated[str | None, typer.Argument(help="add: the URL; else the id of an endpoint")] = None,
    *,
    client: Annotated[str | None, typer.Option(help="add: id of the client whose endpoint it is")] = None,
    purpose: Annotated[str | None, typer.Option(help="add: as of a token")] = None,
    scope: Annotated[str | None, typer.Option(help="add: as of a token, joined by spaces")] = None,
    types: Annotated[str | None, typer.Option(help="add: of events, CASE_CHANGED, joined by spaces")] = None,
    first: Annotated[
        int | None, typer.Option("--from", help="redeliver: position of the first event")
    ] = None,
    last: Annotated[int | None, typer.Option("--to", help="redeliver: position of the last event")] = None,
    since: Annotated[datetime | None, typer.Option(help="redeliver: changes from this moment, UTC")] = None,
    until: Annotated[datetime | None, typer.Option(help="redeliver: changes up to this moment, UTC")] = None,
) -> None:
    """Endpoints that `worker` tells of events: https addresses of clients, under the grants that these hold.

    add URL --client ID --purpose P --scope "case:read" --types "CASE_CREATED CASE_CHANGED": from now on; prints its id.

    list: every endpoint, what waits for it and how much was given up after three days.

    dead ID: what was given up, with the status of the last attempt.

    redeliver ID [--from --to | --since --until]: sends a range anew, what was given up and what was taken before.

    disable ID, enable ID: tells it no more, or again, what came meanwhile included.

    Each change stands in the read ledger.

    Raises:
        SettingError: something that is needed is not given.
    """
    settings = context.read_settings()
    now = clock.now()
    if action is Action.LIST:
        _print(_done(hooks.listed))
        return
    if target is None:
        raise SettingError(
            "webhook", f"{action} needs {'a URL' if action is Action.ADD else 'the id of an endpoint'}"
        )
    if action is Action.ADD:
        if client is None or purpose is None or scope is None or types is None:
            raise SettingError("webhook", "add needs --client, --purpose, --scope and --types")
        hook = Hook(
            client_id=client,
            url=target,
            purpose=purpose,
            scopes=frozenset(scope.split()),
            types=hooks.words(types.split()),
        )
        loopback = is_loopback_url(settings.public_issuer)
        print(_done(lambda connection: hooks.add(connection, hook, loopback=loopback, now=now)))
        return
    webhook_id = _id(target)
    if action is Action.DEAD:
        _print(_done(lambda connection: hooks.dead(connection, webhook_id)))
    elif action is Action.REDELIVER:
        moments = [None if one is None else one.replace(tzinfo=now.tzinfo) for one in (since, until)]
        count = _done(
            lambda connection: hooks.redeliver(
                connection, webhook_id, first=first, last=last, since=moments[0], until=moments[1], now=now
            )
        )
        print(f"{count} events wait to be sent")
    else:
        enabled = action is Action.ENABLE
        _done(lambda connection: hooks.set_enabled(connection, webhook_id, enabled=enabled, now=now))


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise SettingError("webhook", "that is not the id of an endpoint; `list` shows them") from None


def _done(work: Callable[[Connection], Any]) -> Any:
    urls = context.databases(context.read_settings())

    async def job() -> Any:
        engine = database.open_engine(urls.service_url, size=1, name="webhook")
        try:
            async with engine.begin() as connection:
                return await connection.run_sync(work)
        finally:
            await engine.dispose()

    return context.run(job())


def _print(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        print(json.dumps(row, default=str))

"""The door of the console: a login, an officer, the right, the ledger; one transaction for each request.

Nothing is shown before its entry in the ledger is committed with it, and a decision stands with its entry or not at all. A
form counts only from a page of the console's own, made for the login that sends it.

Source: security.md section 8; OWASP CSRF prevention, Fetch Metadata; ADR-0041.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from sqlalchemy import Connection
from sqlalchemy import exc as sql_errors
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import Response

from auth import accounts, clients, first_officers, holdings, logins
from auth.challenge import LoginTooOld
from auth.keys import Keys
from auth.login import Login
from auth.logins import Logins
from auth.officer_rights import OFFICERS
from auth.permit import permit_of
from auth.scopes import scopes
from auth.tokens import Caller
from hub.clock import Clock
from hub.console import evidence
from hub.console.answers import Answers, Asked, to
from hub.console.form import FormMalformed, read
from hub.console.visit import Done, NoRight, NoSuchPage, Shown, Visit
from hub.identity.keyring import Keyring
from hub.ledger import writer
from hub.ledger.writer import Ledger
from hub.unforeseen import note_unforeseen
from schema.errors import (
    AccessError,
    AuditUnavailable,
    DecisionError,
    HubError,
    InputInvalid,
    StoreUnreachable,
)

_FAILED: Final = ("failed", 500)
_ANSWERS: Final[Mapping[tuple[type[Exception], ...], tuple[str, int]]] = {
    (FormMalformed,): ("malformed", 400),
    (NoSuchPage,): ("missing", 404),
    (
        AuditUnavailable,
        StoreUnreachable,
        PoolTimeout,
        OperationalError,
        sql_errors.OperationalError,
        sql_errors.InterfaceError,
        sql_errors.TimeoutError,
    ): ("away", 503),
}
"""The page and the status of what is nobody's decision."""
_log = structlog.get_logger()
Handler = Callable[[Request], Awaitable[Response]]


class _NobodyHere(Exception):
    """Nobody has logged in, or the login has ended."""


class Forged(AccessError):
    """The form is not one of this console's, or was made for another login."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the console has of the process.

    Attributes:
        engine: to the hub's database as the service's role.
        logins: tells who has logged in.
        keys: sign forms.
        keyring: opens and seals reasons.
        ledger: takes refusals; what is shown or decided writes its own entry.
        clock: gives the present.
    """

    engine: AsyncEngine
    logins: Logins
    keys: Keys
    keyring: Keyring
    ledger: Ledger
    clock: Clock


class Door:
    """Lets officers in. One for each process.

    Args:
        parts: of the process.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._answers = Answers(parts.logins, parts.keys)

    def page(self, coordinates: tuple[str, ...], show: Callable[[Visit], Shown]) -> Handler:
        """Answers a look.

        Args:
            coordinates: that it needs, and that the ledger is told.
            show: makes the page.
        """

        def looked(asked: Asked, visit: Visit) -> Shown:
            self._admit(visit, coordinates)
            shown = show(visit)
            self._write(asked, visit, (*coordinates, *shown.more), about=None)
            return shown

        async def handle(http: Request) -> Response:
            asked = self._answers.asked(http, coordinates, "query")

            async def serve() -> Response:
                return self._answers.page(asked, await self._inside(asked, looked))

            return await self._attended(asked, serve)

        return handle

    def act(
        self,
        coordinate: str,
        act: Callable[[Visit], Done | Shown],
        again: Callable[[Visit, HubError], Shown],
    ) -> Handler:
        """Answers a form.

        Args:
            coordinate: that it needs, and that the ledger is told.
            act: does it, or shows the form's next page.
            again: the page with the form once more, where the act is refused.
        """

        def acted(asked: Asked, visit: Visit) -> Done | Shown:
            if not self._answers.is_own(asked):
                raise Forged
            self._admit(visit, (coordinate,))
            result = act(visit)
            if isinstance(result, Done):
                asked.kind = "decision"
                self._write(asked, visit, (coordinate,), about=result)
            else:
                asked.kind = "query"
                self._write(asked, visit, (coordinate, *result.more), about=None)
            return result

        async def handle(http: Request) -> Response:
            asked = self._answers.asked(http, (coordinate,), "decision")

            async def serve() -> Response:
                if http.headers.getlist("sec-fetch-site") != ["same-origin"]:
                    raise Forged
                asked.form = await read(http)
                try:
                    result = await self._inside(asked, acted)
                except (DecisionError, InputInvalid, LoginTooOld) as error:
                    await self._refuse(asked, error)
                    return await self._again(asked, again, error)
                return to(result.to) if isinstance(result, Done) else self._answers.page(asked, result)

            return await self._attended(asked, serve)

        return handle

    async def _again(
        self, asked: Asked, again: Callable[[Visit, HubError], Shown], error: HubError
    ) -> Response:
        """The form once more, with what was written in it and why it was refused."""

        def shown_again(asked: Asked, visit: Visit) -> Shown:
            shown = again(visit, error)
            asked.kind = "query"
            self._write(asked, visit, (*asked.coordinates, *shown.more), about=None)
            return shown

        shown = await self._inside(asked, shown_again)
        return self._answers.page(asked, shown, _status(error))

    async def language(self, http: Request) -> Response:
        """The pages are in that language from now on; nobody has to have logged in for that."""
        return self._answers.in_language(http)

    async def missing(self, http: Request) -> Response:
        """There is no such page."""
        return self._answers.problem(self._answers.asked(http, (), "query"), "missing", 404)

    async def _attended(self, asked: Asked, serve: Callable[[], Awaitable[Response]]) -> Response:
        """What is answered; or the page of the one error that stopped it."""
        try:
            try:
                return await serve()
            except (NoRight, Forged, DecisionError, InputInvalid) as error:
                await self._refuse(asked, error)
                return self._answers.problem(asked, _word(error), _status(error))
        except _NobodyHere:
            if asked.http.method == "POST":
                return self._answers.problem(asked, "ended", 403)
            return self._answers.to_login(asked)
        except Exception as error:  # noqa: BLE001 -- the door: whatever it was, the officer learns its id and no more
            word, status = next(
                (told for kinds, told in _ANSWERS.items() if isinstance(error, kinds)), _FAILED
            )
            if status >= _FAILED[1]:
                note_unforeseen(error, asked.request_id)
            return self._answers.problem(asked, word, status)

    async def _refuse(self, asked: Asked, error: HubError) -> None:
        """Returns when the ledger has the refusal, where it is known whose it is.

        Raises:
            AuditUnavailable: it cannot be written.
        """
        _log.info("console.refused", request_id=asked.request_id, code=error.code, error=type(error).__name__)
        if asked.visit is None:
            return
        await self._parts.ledger.record(
            evidence.entry(
                asked.request_id,
                asked.visit.permit,
                asked.visit.now,
                asked.coordinates or (_OVERVIEW,),
                kind=asked.kind,
                outcome="refused",
                code=error.code,
            )
        )

    async def _inside(self, asked: Asked, what: Callable[[Asked, Visit], Any]) -> Any:
        """What is made of the visit, in one transaction.

        Raises:
            _NobodyHere: nobody has logged in.
        """
        cookies = self._parts.logins.cookies
        cookie = cookies.read(asked.http, cookies.login)
        if cookie is None:
            raise _NobodyHere  # who shows no login costs no connection
        await self._parts.keys.fresh()
        async with self._parts.engine.begin() as connection:
            return await connection.run_sync(lambda bound: what(asked, self._visit(bound, asked, cookie)))

    def _visit(self, connection: Connection, asked: Asked, cookie: str) -> Visit:
        """The visit of whoever has that login.

        Raises:
            _NobodyHere: it has ended.
        """
        now = self._parts.clock()
        login = logins.current(connection, cookie, now)
        account = None if login is None else accounts.load(connection, login.account_id)
        if login is None or account is None:
            raise _NobodyHere
        standing = holdings.standing(connection, clients.CONSOLE, account.account_id, now)
        asked.login = login
        asked.visit = Visit(
            connection=connection,
            account=account,
            permit=permit_of(_caller(login), standing, now),
            keyring=self._parts.keyring,
            now=now,
            lang=asked.lang,
            path=asked.http.path_params,
            query=dict(asked.http.query_params),
            form=asked.form,
            login_url=self._parts.logins.login_url,
        )
        return asked.visit

    def _admit(self, visit: Visit, coordinates: Sequence[str]) -> None:
        """Returns if the officer may.

        Raises:
            NoRight: they are none, or may not.
        """
        if OFFICERS.isdisjoint(visit.permit.scopes):
            raise NoRight(_OVERVIEW)
        for coordinate in coordinates:
            visit.require(coordinate)

    def _write(self, asked: Asked, visit: Visit, coordinates: tuple[str, ...], *, about: Done | None) -> None:
        entry = evidence.entry(
            asked.request_id,
            visit.permit,
            visit.now,
            coordinates or (_OVERVIEW,),
            kind=asked.kind,
            about=None if about is None else about.about,
        )
        writer.insert(visit.connection, entry)


_OVERVIEW: Final = "Console.overview"


def _caller(login: Login) -> Caller:
    """The person as a caller: what of their grants counts here, and until when."""
    return Caller(
        client_id=clients.CONSOLE,
        agency=login.agency,
        scopes=frozenset(scopes()),
        purpose=first_officers.PURPOSE,
        jurisdiction=(),
        token_id=str(login.login_id),
        expires_at=login.expires_at,
        account_id=login.account_id,
        acr=login.acr,
        authenticated_at=login.authenticated_at,
        login_id=login.login_id,
    )


def _word(error: HubError) -> str:
    if isinstance(error, NoRight):
        return "no_right"
    return "forged" if isinstance(error, Forged) else "conflict"


def _status(error: HubError) -> int:
    if isinstance(error, DecisionError):
        return 409
    return 403 if isinstance(error, AccessError) else 400

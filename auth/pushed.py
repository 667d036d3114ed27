"""Pushed authorization requests: what a client asks of a person comes by the back door, signed for, good once (RFC 9126).

A request lives 60 s until a browser comes with it. From then on it belongs to that browser, which has ten minutes for the
login; the decision deletes it. So a request_uri that was seen on the way opens nothing elsewhere.
"""

# pyright: reportUnknownMemberType=false
# Authlib has no types of its own, and those that the checker brings for it are partial.

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from authlib.oauth2.rfc6749 import InvalidRequestError, InvalidScopeError, UnauthorizedClientError
from authlib.oauth2.rfc6749.errors import UnsupportedResponseTypeError
from sqlalchemy import Connection, delete, insert, select, update

from auth import scopes
from auth.client_credentials import InvalidTargetError
from auth.clients import Client
from schema.tables import oauth

PREFIX: Final = "urn:ietf:params:oauth:request_uri:"
LIFE: Final = timedelta(seconds=60)
LOGIN_WITHIN: Final = timedelta(minutes=10)
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_THUMBPRINT: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_SECONDS: Final = re.compile(r"[0-9]{1,9}")
_PRINTABLE: Final = re.compile(r"[\x20-\x7e]{1,1024}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What a client asks of a person, checked for its form.

    Attributes:
        client_id: who asks.
        redirect_uri: one that is registered, to the letter.
        code_challenge: S256.
        scope: as asked; None for all that the person holds for the purpose.
        purpose: as asked; None where the person holds only one.
        state: sent back as it came.
        dpop_jkt: thumbprint of the key that the code is bound to.
        max_age: seconds that the login may be old.
        acr_values: levels of login of which one is needed.
    """

    client_id: str
    redirect_uri: str
    code_challenge: str
    scope: str | None = None
    purpose: str | None = None
    state: str | None = None
    dpop_jkt: str | None = None
    max_age: int | None = None
    acr_values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A request that a browser came with.

    Attributes:
        pushed: the request.
        request_uri: its name.
        browser: value of the cookie of that browser.
        opened_at: when it first came, aware UTC.
    """

    pushed: Pushed
    request_uri: str
    browser: str
    opened_at: datetime


def checked(form: Mapping[str, str], client: Client, audience: str, proven_jkt: str | None) -> Pushed:
    """The request.

    Args:
        form: its parameters.
        client: that pushes it, authenticated.
        audience: the one resource.
        proven_jkt: thumbprint of the key whose proof came with it.

    Raises:
        InvalidRequestError: a parameter is missing, malformed or not one that we allow.
        InvalidScopeError: a scope is not in the closed list.
        InvalidTargetError: another resource is asked for.
        UnauthorizedClientError: the client has no place to send people back to.
        UnsupportedResponseTypeError: another answer than a code is asked for.
    """
    if not client.redirect_uris:
        raise UnauthorizedClientError(
            "No redirect_uri is registered for this client; it acts for itself only."
        )
    if "request" in form or "request_uri" in form:
        raise InvalidRequestError("Push the parameters themselves: neither request nor request_uri.")
    if form.get("response_type") != "code":
        raise UnsupportedResponseTypeError(form.get("response_type"))
    if form.get("response_mode", "query") != "query":
        raise InvalidRequestError("response_mode must be query, or left out.")
    if form.get("resource", audience) != audience:
        raise InvalidTargetError("The resource is not one that this server issues tokens for.")
    if form.get("redirect_uri") not in client.redirect_uris:
        raise InvalidRequestError("redirect_uri must be one that is registered, to the letter.")
    _check_words(form)
    return Pushed(
        client_id=client.client_id,
        redirect_uri=form["redirect_uri"],
        code_challenge=_challenge(form),
        scope=form.get("scope"),
        purpose=form.get("purpose"),
        state=_matching(form, "state", _PRINTABLE),
        dpop_jkt=_jkt(form, proven_jkt),
        max_age=_max_age(form),
        acr_values=tuple((_matching(form, "acr_values", _PRINTABLE) or "").split()),
    )


def _check_words(form: Mapping[str, str]) -> None:
    """Returns if scope and purpose are words that we know.

    Raises:
        InvalidRequestError: the purpose is not.
        InvalidScopeError: a scope is not.
    """
    if "scope" in form and not (
        set(form["scope"].split()) and set(form["scope"].split()) <= scopes.scopes().keys()
    ):
        raise InvalidScopeError("A scope is not one of the closed list.")
    if "purpose" in form and form["purpose"] not in scopes.purposes():
        raise InvalidRequestError("purpose is not one of the closed list.")


def _challenge(form: Mapping[str, str]) -> str:
    challenge = form.get("code_challenge", "")
    if form.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge):
        raise InvalidRequestError("code_challenge is needed, with code_challenge_method S256.")
    return challenge


def _jkt(form: Mapping[str, str], proven: str | None) -> str | None:
    said = _matching(form, "dpop_jkt", _THUMBPRINT)
    if said is not None and proven is not None and said != proven:
        raise InvalidRequestError("dpop_jkt is not the thumbprint of the key of the proof.")
    return proven or said


def _max_age(form: Mapping[str, str]) -> int | None:
    text = _matching(form, "max_age", _SECONDS)
    return None if text is None else int(text)


def _matching(form: Mapping[str, str], name: str, pattern: re.Pattern[str]) -> str | None:
    value = form.get(name)
    if value is not None and not pattern.fullmatch(value):
        raise InvalidRequestError(f"{name} is malformed.")
    return value


def keep(connection: Connection, pushed: Pushed, now: datetime) -> str:
    """The request_uri under which the request is kept for 60 s."""
    request_uri = PREFIX + secrets.token_urlsafe(32)
    row = {
        "uri_hash": _hash(request_uri),
        "client_id": pushed.client_id,
        "parameters": asdict(pushed),
        "dpop_jkt": pushed.dpop_jkt,
        "expires_at": now + LIFE,
    }
    connection.execute(insert(oauth.pushed_request).values(row))
    return request_uri


def opened(
    connection: Connection, request_uri: str, client_id: str, browser: str | None, now: datetime
) -> Opened | None:
    """The request, which belongs to this browser from now on; None where there is none, or it is another's.

    Args:
        connection: inside the transaction of the browser's request; the row stays locked until its end.
        request_uri: as the browser sends it.
        client_id: as the browser sends it.
        browser: value of the browser's cookie; None where it has none yet.
        now: aware UTC.
    """
    table = oauth.pushed_request
    found = select(table).where(
        table.c.uri_hash == _hash(request_uri), table.c.client_id == client_id, table.c.expires_at > now
    )
    row = connection.execute(found.with_for_update()).mappings().one_or_none()
    if row is None:
        return None
    pushed = _pushed(row["parameters"])
    if row["opened_at"] is not None:
        is_same = browser is not None and hmac.compare_digest(_hash(browser), row["browser_hash"])
        if browser is None or not is_same:
            return None
        return Opened(pushed=pushed, request_uri=request_uri, browser=browser, opened_at=row["opened_at"])
    cookie = browser or secrets.token_urlsafe(32)
    begun = update(table).where(table.c.uri_hash == _hash(request_uri))
    connection.execute(begun.values(opened_at=now, browser_hash=_hash(cookie), expires_at=now + LOGIN_WITHIN))
    return Opened(pushed=pushed, request_uri=request_uri, browser=cookie, opened_at=now)


def close(connection: Connection, opened: Opened) -> None:
    """The request is decided on, and gone."""
    table = oauth.pushed_request
    connection.execute(delete(table).where(table.c.uri_hash == _hash(opened.request_uri)))


def _pushed(parameters: Mapping[str, Any]) -> Pushed:
    pushed = Pushed(**parameters)
    return replace(pushed, acr_values=tuple(pushed.acr_values))


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def sweep(connection: Connection, now: datetime) -> int:
    """How many requests were deleted that nobody can go on with."""
    ended = delete(oauth.pushed_request).where(oauth.pushed_request.c.expires_at <= now)
    return connection.execute(ended).rowcount

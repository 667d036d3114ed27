"""How often OAuth2 may be asked: what a client proves to have asked counts for the client, and what fails for its address.

What somebody only claims counts against nobody else, so no client can shut another one out by its name. Counted in this
process alone and without the database: of N replicas each allows as much.

Source: RFC 6585 section 4 (429); RFC 6749 sections 4.1.2.1 and 5.2 (the form of errors); ITU-T I.371 (generic cell rate
algorithm); ADR-0039.
"""

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from auth import consent, jws, places

_MINUTE_S: Final = 60.0
_ROUNDING_S: Final = 0.001
_MOST_KEYS: Final = 100_000
"""Keys of one rate that are remembered; who asked longest ago is forgotten first."""
_OF_ONE_CALLER: Final = 64
"""Bits of an IPv6 address by which a caller is told from another: the rest is theirs to choose."""
_log = structlog.get_logger()


class Rate:
    """So many in a minute for each key: a minute's worth at once, and then one whenever a part of the minute is over.

    Args:
        per_minute: of each key; 0 for no limit.
        clock: aware UTC.
        most_keys: that are remembered, n >= 1.
    """

    def __init__(
        self, per_minute: int, clock: Callable[[], datetime], *, most_keys: int = _MOST_KEYS
    ) -> None:
        self._step_s = _MINUTE_S / per_minute if per_minute else 0.0
        self._clock = clock
        self._most_keys = most_keys
        self._whole_at: OrderedDict[Hashable, float] = OrderedDict()
        """When each key has its whole minute's worth again, in seconds of the epoch."""

    def wait_s(self, key: Hashable) -> int:
        """Seconds until the key may ask once more, rounded up; 0 where it may now."""
        if not self._step_s:
            return 0
        now = self._clock().timestamp()
        over = self._standing(key, now) - now - (_MINUTE_S - self._step_s)
        return max(0, math.ceil(over - _ROUNDING_S))

    def take(self, key: Hashable) -> None:
        """Counts that the key has asked."""
        if not self._step_s:
            return
        now = self._clock().timestamp()
        self._whole_at[key] = min(self._standing(key, now), now + _MINUTE_S) + self._step_s
        self._whole_at.move_to_end(key)
        if len(self._whole_at) > self._most_keys:
            self._whole_at.popitem(last=False)

    def _standing(self, key: Hashable, now: float) -> float:
        found = self._whole_at.get(key, now)
        # What is further ahead than anything can be was counted before the clock was set back.
        return now if found > now + _MINUTE_S + self._step_s else max(found, now)


class Throttle:
    """The rates of one process.

    Args:
        per_client: requests of one client to one endpoint in a minute; 0 for no limit.
        failures: refused requests of one address in a minute; 0 for no limit.
        clock: aware UTC.
        is_address_known: False behind a proxy that does not tell whom it asks for; addresses are not counted then, since
            one attacker's failures would be everybody's.
    """

    def __init__(
        self,
        *,
        per_client: int,
        failures: int,
        clock: Callable[[], datetime],
        is_address_known: bool = True,
    ) -> None:
        self._clients = Rate(per_client, clock)
        self._addresses = Rate(failures if is_address_known else 0, clock)
        self._clock = clock
        self._tells_from: datetime | None = None

    def client_wait_s(self, path: str, client_id: str | None) -> int:
        """Seconds until a client may ask that endpoint again; 0 where it may now.

        Args:
            path: of the endpoint.
            client_id: as claimed; None where there is none.
        """
        return 0 if client_id is None else self._told(self._clients.wait_s((path, client_id)), path)

    def address_wait_s(self, path: str, address: str) -> int:
        """Seconds until the address may ask again; 0 where it may now."""
        return self._told(self._addresses.wait_s(address), path)

    def proven(self, path: str, client_id: str) -> None:
        """Counts a request that a client has proved to be its own."""
        self._clients.take((path, client_id))

    def failed(self, address: str) -> None:
        """Counts a request of which nobody has proved to be the sender."""
        self._addresses.take(address)

    def _told(self, wait_s: int, path: str) -> int:
        """The same; operators are told once a minute, however many are refused."""
        now = self._clock()
        if wait_s and (self._tells_from is None or now >= self._tells_from):
            self._tells_from = now + timedelta(seconds=_MINUTE_S)
            _log.warning("oauth.throttled", where=path)
        return wait_s


def throttled(routes: Iterable[BaseRoute], throttle: Throttle) -> list[BaseRoute]:
    """The same routes; what is posted to them is counted, and refused before anything is read where that was too often.

    A handler says in `http.state.proven` which client, or person, has proved to be the sender.
    """
    return [
        _counted(one, throttle) if isinstance(one, Route) and "POST" in (one.methods or ()) else one
        for one in routes
    ]


def _counted(route: Route, throttle: Throttle) -> Route:
    path, endpoint = route.path, route.endpoint

    async def handle(http: Request) -> Response:
        address = address_of(http)
        wait_s = throttle.address_wait_s(path, address)
        if wait_s:
            return too_many(http, path, wait_s)
        response: Response = await endpoint(http)
        proven: str | None = getattr(http.state, "proven", None)
        if proven is not None:
            throttle.proven(path, proven)
        elif 400 <= response.status_code < 500 and response.status_code != 429:  # noqa: PLR2004 -- HTTP's
            throttle.failed(address)
        return response

    return Route(path, handle, methods=["POST"])


def too_many(http: Request, path: str, wait_s: int) -> Response:
    """The answer to a request that came too soon: an error of RFC 6749, or a page where people come.

    Args:
        http: the request.
        path: of the endpoint.
        wait_s: until the next one may come.
    """
    if path == places.AUTHORIZE:
        page = consent.stopped("often", consent.language(http.headers.get("accept-language")), 429)
        page.headers["Retry-After"] = str(wait_s)
        return page
    told = {
        "error": "temporarily_unavailable",
        "error_description": "Too many requests; wait as Retry-After says, and use a token for as long as it lives.",
    }
    return JSONResponse(told, 429, {"Cache-Control": "no-store", "Retry-After": str(wait_s)})


def claimed(form: Mapping[str, str]) -> str | None:
    """The client that a form says it comes from, by its assertion or by name; nobody has looked whether that is true."""
    try:
        subject = jws.extract(form.get("client_assertion", "")).claims.get("sub")
    except jws.Refused:
        subject = None
    return subject if isinstance(subject, str) else form.get("client_id")


def address_of(http: Request) -> str:
    """Whom a request comes from, as far as addresses tell; of IPv6 the network, since one caller has all of it."""
    host = http.client.host if http.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ip_network((address, _OF_ONE_CALLER), strict=False))
    return host

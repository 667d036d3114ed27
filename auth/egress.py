"""What the hub asks of addresses that a row of the database names: one guarded way out (SSRF).

A name is resolved once, every address that it has is judged, and the connection goes to an address that was judged, so
that a name which answers otherwise a moment later changes nothing. TLS is still verified for the name.

Source: OWASP SSRF prevention; RFC 6890 (special addresses); security.md section 5 (E3).
"""

import asyncio
import contextlib
import json
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, Final, TypeAlias, cast

import httpx

Address: TypeAlias = IPv4Address | IPv6Address
Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""From a host and a port to its addresses, as text."""

TIMEOUT_S: Final = 5.0
"""From the look-up of the name to the last byte."""
MAX_BYTES: Final = 262_144
_NAT64: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_MOST_ADDRESSES: Final = 4
_PORTS: Final = range(1, 65_536)
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})


class EgressRefused(Exception):
    """The address may not be asked, or did not answer as it must; the message repeats nothing of what it said."""


def is_loopback_url(url: str) -> bool:
    """True for plain http to a loopback address that is written as one: demos and tests."""
    parts = _parts(url)
    return parts is not None and parts.scheme == "http" and parts.host in _LOOPBACK


def is_secure_url(url: str, *, loopback: bool) -> bool:
    """True for https without user, password and fragment; for loopback http only where that is allowed."""
    parts = _parts(url)
    if parts is None or not parts.host or parts.userinfo or "#" in url:
        return False
    return parts.scheme == "https" or (loopback and is_loopback_url(url))


def _parts(url: str) -> httpx.URL | None:
    if not (url.isascii() and url.isprintable()) or " " in url or "\\" in url:
        return None
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        return None
    return parts if parts.port is None or parts.port in _PORTS else None


def is_allowed(address: str, *, loopback: bool) -> bool:
    """True for a public address; where loopback is asked, for a loopback address and no other.

    An address that carries another one inside (mapped, 6to4, Teredo, NAT64) is refused: it would be a second spelling.
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if loopback:
        return parsed.is_loopback
    return parsed.is_global and not (parsed.is_multicast or parsed.is_reserved or _carries_another(parsed))


def _carries_another(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return False
    carried = address.ipv4_mapped or address.sixtofour or address.teredo
    return carried is not None or any(address in network for network in _NAT64)


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses that this machine knows for a name; spellings such as `127.1` become what they mean."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, proto=6)
    return [str(one[4][0]) for one in found]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """What is told: the body as it is, and headers beside those of the transport."""

    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Received:
    status: int
    body: bytes
    is_success: bool

    def answer(self) -> Answer:
        """As JSON.

        Raises:
            EgressRefused: a success that is no JSON object.
        """
        return Answer(self.status, _object(self.body, is_success=self.is_success))


class Egress:
    """Asks for JSON, and tells, without proxies, redirects, cookies and more than it can hold. One for each process.

    Args:
        lookup: from a name to addresses.
        context: of TLS; the system's authorities where None.
        timeout_s: for a whole request.
    """

    def __init__(
        self,
        *,
        lookup: Resolve = resolve,
        context: ssl.SSLContext | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._lookup = lookup
        self._context = ssl.create_default_context() if context is None else context
        self._timeout_s = timeout_s

    async def get(self, url: str, *, loopback: bool) -> Answer:
        """The answer of a GET.

        Args:
            url: https, or http where loopback is asked.
            loopback: whether a loopback address, and no other, may be asked.

        Raises:
            EgressRefused: the address may not be asked, or the answer is no JSON object, too large or too late.
        """
        return (await self._ask("GET", url, None, None, loopback=loopback)).answer()

    async def post(self, url: str, form: Mapping[str, str], *, loopback: bool) -> Answer:
        """The answer of a POST of a form.

        Args:
            url: https, or http where loopback is asked.
            form: each parameter once.
            loopback: whether a loopback address, and no other, may be asked.

        Raises:
            EgressRefused: as for `get`.
        """
        return (await self._ask("POST", url, form, None, loopback=loopback)).answer()

    async def tell(self, url: str, message: Message, *, loopback: bool) -> int:
        """The status with which a message was received; what else comes back is not looked at.

        Args:
            url: https, or http where loopback is asked.
            message: to send.
            loopback: whether a loopback address, and no other, may be told.

        Raises:
            EgressRefused: as for `get`, but for the form of the answer.
        """
        return (await self._ask("POST", url, None, message, loopback=loopback)).status

    async def _ask(
        self,
        method: str,
        url: str,
        form: Mapping[str, str] | None,
        message: Message | None,
        *,
        loopback: bool,
    ) -> _Received:
        parts = _parts(url)
        if parts is None or not parts.host or parts.userinfo or parts.fragment:
            raise EgressRefused("the address is malformed")
        if parts.scheme != "https" and not (loopback and parts.scheme == "http"):
            raise EgressRefused("the address is not https")
        try:
            async with asyncio.timeout(self._timeout_s):
                addresses = await self._judged(parts, loopback=loopback)
                return await self._first(method, parts, addresses, form, message)
        except TimeoutError:
            raise EgressRefused("it did not answer in time") from None
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError):
            raise EgressRefused("it cannot be reached, or its certificate is not valid") from None

    async def _first(
        self,
        method: str,
        parts: httpx.URL,
        addresses: Sequence[str],
        form: Mapping[str, str] | None,
        message: Message | None,
    ) -> _Received:
        """The answer of the first address that can be connected to; nothing was sent to those before it."""
        for address in addresses[:-1]:
            with contextlib.suppress(httpx.ConnectError):
                return await self._exchange(method, parts, address, form, message)
        return await self._exchange(method, parts, addresses[-1], form, message)

    async def _judged(self, parts: httpx.URL, *, loopback: bool) -> Sequence[str]:
        """The addresses of the host, every one of which may be asked.

        Raises:
            EgressRefused: there is none, or one that may not be asked.
        """
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            addresses = await self._lookup(parts.host, port)
        except UnicodeError:
            raise EgressRefused("the address is malformed") from None
        if not addresses or not all(is_allowed(one, loopback=loopback) for one in addresses):
            raise EgressRefused("its host has no address, or one that may not be asked")
        return addresses[:_MOST_ADDRESSES]

    async def _exchange(
        self,
        method: str,
        parts: httpx.URL,
        address: str,
        form: Mapping[str, str] | None,
        message: Message | None,
    ) -> _Received:
        headers = {
            **({} if message is None else message.headers),
            "Host": parts.netloc.decode("ascii"),
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        }
        async with (
            httpx.AsyncClient(
                verify=self._context, trust_env=False, follow_redirects=False, timeout=self._timeout_s
            ) as client,
            client.stream(
                method,
                parts.copy_with(host=address),
                data=form,
                content=None if message is None else message.body,
                headers=headers,
                extensions={"sni_hostname": parts.host},
            ) as response,
        ):
            if response.is_redirect:
                raise EgressRefused("it redirects, and redirects are not followed")
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > MAX_BYTES:
                    raise EgressRefused("its answer is too large")
        return _Received(response.status_code, bytes(body), response.is_success)


def _object(body: bytes, *, is_success: bool) -> dict[str, Any]:
    try:
        found: Any = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        return cast("dict[str, Any]", found)
    if is_success:
        raise EgressRefused("its answer is not a JSON object")
    return {}

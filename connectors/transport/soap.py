"""Answers of a SOAP 1.1 service, asked by the words of its own WSDL.

zeep reads the WSDL and builds the question, so that a changed contract is found before anything is asked. It neither
fetches nor reads answers: its transport follows redirects, has no limits and logs whole messages, and its reader refuses
an element that the WSDL does not name, which for us is drift and no reason to lose the record. So the bytes go through
`https`, and an answer is read as the text that it is.
"""

import asyncio
import base64
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from io import BytesIO
from typing import NoReturn, Protocol, cast
from urllib.parse import urlsplit

from lxml import etree
from lxml.etree import _Element as Element  # pyright: ignore[reportPrivateUsage] -- lxml's only name for it
from zeep.exceptions import Error as ZeepError
from zeep.settings import Settings
from zeep.wsdl import Document

from connectors.transport import unread
from connectors.transport.https import Answer, Line, Peer
from connectors.transport.retry import TryAgain
from schema.errors import SourceChanged, SourceUnavailable
from schema.record import Json

_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_DEEPEST = 20
# What zeep lets escape when a document is XML but no WSDL that it knows.
_NO_WSDL = (
    ZeepError,
    etree.LxmlError,
    LookupError,
    AttributeError,
    TypeError,
    ValueError,
    RuntimeError,
    AssertionError,
)


class _Message(Protocol):
    content: Element
    headers: Mapping[str, str]


class _Operation(Protocol):
    def create(self, **keys: Sequence[str]) -> _Message: ...


class _Binding(Protocol):
    def get(self, key: str) -> _Operation: ...


class _Port(Protocol):
    binding: _Binding
    binding_options: Mapping[str, str]


class _Closed:
    """A transport that fetches nothing: a WSDL must be complete in itself."""

    def load(self, _: str) -> NoReturn:
        raise ValueError("the WSDL refers to another document")


@dataclass(frozen=True, slots=True, kw_only=True)
class SoapService:
    """A service behind HTTP Basic.

    Attributes:
        peer: who serves it.
        wsdl_url: of its WSDL.
        username: ours.
        password: ours.
    """

    peer: Peer
    wsdl_url: str
    username: str
    password: str = field(repr=False)

    @property
    def uri(self) -> str:
        """Where the service is, without its question."""
        return urlsplit(self.wsdl_url)._replace(query="").geturl()

    @asynccontextmanager
    async def open(self) -> AsyncGenerator["SoapSession"]:
        """A session that reads the WSDL when it is first asked, and is closed at the end of the block."""
        async with self.peer.open() as line:
            yield SoapSession(self, line)


@dataclass(frozen=True, slots=True)
class Part:
    """One element of an answer: its name, and its own elements as text by name."""

    name: str
    fields: Mapping[str, Json]


class SoapSession:
    """A connection to a service; one question at a time.

    Args:
        service: which one.
        line: an open connection.
    """

    def __init__(self, service: SoapService, line: Line) -> None:
        self._service, self._line = service, line
        self._agency = service.peer.agency
        self._port: _Port | None = None

    async def ask(self, operation: str, **keys: Sequence[str]) -> list[Part]:
        """Everything that the answer holds.

        Args:
            operation: of the WSDL.
            keys: its parameters.

        Raises:
            SourceRejected: the server refuses our credentials.
            SourceChanged: the WSDL has no such operation, or the question is refused.
            TryAgain: there is no answer, or what comes is none.
        """
        if self._port is None:
            self._port = await self._read_wsdl()
        try:
            message = self._port.binding.get(operation).create(**keys)
        except _NO_WSDL:
            failure = SourceChanged(self._agency, f"the WSDL has no {operation} of the agreed form")
        else:
            answer = await self._line.ask(
                "POST",
                self._port.binding_options["address"],
                headers={
                    **message.headers,
                    **self._login(),
                    "Content-Type": "text/xml; charset=utf-8",
                    "Accept": "text/xml",
                },
                content=etree.tostring(message.content, xml_declaration=True, encoding="UTF-8"),
            )
            return self._read(operation, answer)
        raise failure from None

    def _login(self) -> dict[str, str]:
        pair = f"{self._service.username}:{self._service.password}".encode()
        return {"Authorization": "Basic " + base64.b64encode(pair).decode()}

    async def _read_wsdl(self) -> _Port:
        answer = await self._line.ask("GET", self._service.wsdl_url, headers=self._login())
        body = answer.require_success(self._agency)
        try:
            port = await asyncio.to_thread(_port_of, body)
            is_at_home = _origin(port.binding_options["address"]) == _origin(self._service.wsdl_url)
        except _NO_WSDL:
            raise TryAgain(SourceChanged(self._agency, "the WSDL cannot be read")) from None
        if not is_at_home:
            # The password would go wherever the WSDL says.
            raise SourceChanged(self._agency, "the WSDL names an address at another server than its own")
        return port

    def _read(self, operation: str, answer: Answer) -> list[Part]:
        if answer.status == HTTPStatus.INTERNAL_SERVER_ERROR:
            self._tell_fault(answer)
        body = answer.require_success(self._agency)
        try:
            content = _content_of(body)
        except (etree.XMLSyntaxError, ValueError):
            raise TryAgain(SourceChanged(self._agency, "the answer is no SOAP")) from None
        self._tell_fault(answer)
        if etree.QName(content).localname != f"{operation}Response":
            raise TryAgain(SourceChanged(self._agency, f"the answer is none to {operation}"))
        return [_part(element) for element in content]

    def _tell_fault(self, answer: Answer) -> None:
        """Raise what a fault means; its text is not repeated, for it may name what was asked.

        Raises:
            SourceChanged: the service says that the question is wrong.
            TryAgain: the service says that it is out of order.
        """
        try:
            content = _content_of(answer.body)
        except (etree.XMLSyntaxError, ValueError):
            return
        if content.tag != f"{{{_ENVELOPE}}}Fault":
            return
        code = (content.findtext("faultcode") or "").rpartition(":")[2]
        if code.partition(".")[0] == "Client":
            raise SourceChanged(self._agency, "the service refuses the question (fault Client)")
        raise TryAgain(SourceUnavailable(self._agency, "the service is out of order (SOAP fault)"))


def _port_of(wsdl: bytes) -> _Port:
    """The first port of a WSDL that has one.

    Raises:
        ValueError: it has none, or refers to other documents; zeep raises others as well.
    """
    settings = Settings(forbid_dtd=True, forbid_entities=True, forbid_external=True)  # pyright: ignore[reportCallIssue] -- attrs without annotations
    document = Document(BytesIO(wsdl), _Closed(), settings=settings)  # pyright: ignore[reportArgumentType] -- zeep asks its transport for `load` only
    services = cast("Mapping[str, object]", document.services)
    for service in services.values():
        for port in cast("Mapping[str, _Port]", getattr(service, "ports", {})).values():
            return port
    raise ValueError("no port")


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _content_of(body: bytes) -> Element:
    """What the body of an envelope holds.

    Raises:
        ValueError: it is no envelope, its body is empty, or it has a document type, with which entities come.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    root = etree.fromstring(body, parser)
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("a document type is not accepted")
    content = root.find(f"{{{_ENVELOPE}}}Body/*")
    if root.tag != f"{{{_ENVELOPE}}}Envelope" or content is None:
        raise ValueError("no envelope")
    return content


def _part(element: Element) -> Part:
    fields = _value(element, _DEEPEST)
    return Part(
        etree.QName(element).localname, fields if isinstance(fields, dict) else {unread.FIELD: fields}
    )


def _value(element: Element, depth: int) -> Json:
    """Text, or where there are elements inside these by name; of a name that repeats a list."""
    if len(element) == 0 or depth == 0:
        return "".join(str(text) for text in element.itertext())
    found: dict[str, list[Json]] = {}
    for inner in element:
        found.setdefault(etree.QName(inner).localname, []).append(_value(inner, depth - 1))
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}

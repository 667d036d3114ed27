"""Immigration: SOAP 1.1 document/literal behind HTTP Basic, asked by key."""

import base64
import binascii
import hmac
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from lxml import etree
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.clock import WIB
from hub.sandbox.control import Agent, Trouble, TroubledApp, UnknownRecord
from hub.sandbox.population import Population
from hub.sandbox.process import listen, live, serving, url_of
from hub.sandbox.store import CursorUnknown, Store, decode_cursor
from hub.sandbox.truth import made_by
from hub.sandbox.wire import Agency, WireRecord, stamp
from hub.sandbox.wsdl import NAMESPACE, OPERATIONS, RECORDS, SERVICE_PATH, SOAP, wsdl

HIGHEST_KEYS, HIGHEST_LIMIT = 200, 1000
USERNAME = "hub-tppo"
XML = "text/xml; charset=utf-8"
Answer = tuple[list[bytes], str | None]


class Refused(Exception):
    """The question is malformed; the message says how and holds no value."""


def _body_of(record: WireRecord) -> bytes:
    return orjson.dumps({**record.fields, "diperbarui_pada": stamp(record.updated_at)})


class Imigrasi(Agent):
    """Immigration's registries with their indexes.

    Args:
        records: paspor, perlintasan and penundaan in any order.
    """

    agency: Agency = "imigrasi"

    def __init__(self, records: Iterable[WireRecord]) -> None:
        self.trouble = Trouble()
        self.password = secrets.token_urlsafe(24)
        self._by_nik: defaultdict[str, list[str]] = defaultdict(list)
        self._by_document: defaultdict[str, list[str]] = defaultdict(list)
        self._stores = {name: Store([]) for name in RECORDS}
        for record in records:
            self._stores[record.object].put(record.key, stamp(record.updated_at), _body_of(record))
            self._index(record.object, record.key, record.fields)

    def _index(self, name: str, key: str, fields: Mapping[str, object]) -> None:
        if name == "paspor" and fields["nik"]:
            self._by_nik[str(fields["nik"])].append(key)
        if name == "perlintasan":
            self._by_document[str(fields["no_dokumen"])].append(key)

    async def fail(self, count: int, status: int) -> None:
        """The next calls fail with a status."""
        self.trouble.fail_count, self.trouble.fail_status = count, status

    async def rubbish(self, count: int) -> None:
        """The next answers are no XML."""
        self.trouble.rubbish_count = count

    async def change(self, key: str, field: str, value: str | int) -> None:
        """Change a field of a record by its no_paspor, id_lintas or id_tunda.

        Raises:
            UnknownRecord: no such record or field.
        """
        name, store = self._find(key)
        record: dict[str, Any] = orjson.loads(store.get(key))
        if field not in record:
            raise UnknownRecord
        record[field] = str(value)
        record["diperbarui_pada"] = store.next_stamp()
        store.put(key, record["diperbarui_pada"], orjson.dumps(record))
        self._index(name, key, record)

    async def delete(self, key: str) -> None:
        """Remove a record without a trace, as immigration does.

        Raises:
            UnknownRecord: no such record.
        """
        self._find(key)[1].remove(key)

    def state(self) -> dict[str, object]:
        """Counts by object."""
        return {name: len(store) for name, store in self._stores.items()}

    def _find(self, key: str) -> tuple[str, Store]:
        for name, store in self._stores.items():
            if key in store:
                return name, store
        raise UnknownRecord

    # --- operations -------------------------------------------------------------------------------------------

    def _documents(self, asked: Mapping[str, list[str]]) -> Answer:
        niks, numbers = asked.get("nik", []), asked.get("no_dokumen", [])
        _at_most(len(niks) + len(numbers))
        keys = [key for nik in niks for key in self._by_nik.get(nik, [])] + numbers
        return self._bodies("paspor", keys), None

    def _crossings(self, asked: Mapping[str, list[str]]) -> Answer:
        numbers = asked.get("no_dokumen", [])
        _at_most(len(numbers))
        return self._bodies(
            "perlintasan", [key for number in numbers for key in self._by_document.get(number, [])]
        ), None

    def _crossings_in_time(self, asked: Mapping[str, list[str]]) -> Answer:
        try:
            limit = int(asked["batas"][0])
            after = decode_cursor(asked["setelah"][0]) if asked.get("setelah") else None
        except (KeyError, ValueError, CursorUnknown) as error:
            raise Refused("batas or setelah is malformed") from error
        if not 1 <= limit <= HIGHEST_LIMIT:
            raise Refused(f"batas is 1 to {HIGHEST_LIMIT}")
        since, until = _window(asked)
        page = self._stores["perlintasan"].page(since=since, until=until, after=after, limit=limit)
        return page.bodies, page.next_cursor

    def _preventions_in_time(self, asked: Mapping[str, list[str]]) -> Answer:
        since, until = _window(asked)
        store = self._stores["penundaan"]
        return store.page(since=since, until=until, after=None, limit=len(store) or 1).bodies, None

    def _bodies(self, name: str, keys: Iterable[str]) -> list[bytes]:
        store = self._stores[name]
        return [store.get(key) for key in dict.fromkeys(keys) if key in store]

    def answer(self, envelope: bytes) -> bytes:
        """The SOAP answer to a SOAP question.

        Raises:
            Refused: the question is malformed.
        """
        operation, asked = _read(envelope)
        handlers: dict[str, Callable[[Mapping[str, list[str]]], Answer]] = {
            "CariDokumen": self._documents,
            "CariPerlintasan": self._crossings,
            "PerlintasanPerWaktu": self._crossings_in_time,
            "PenundaanPerWaktu": self._preventions_in_time,
        }
        if operation not in handlers:
            raise Refused("no such operation")
        bodies, following = handlers[operation](asked)
        return _write(operation, bodies, following)

    # --- HTTP -------------------------------------------------------------------------------------------------

    def _may_enter(self, authorization: str) -> bool:
        scheme, _, encoded = authorization.partition(" ")
        try:
            given = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            return False
        return scheme.lower() == "basic" and hmac.compare_digest(
            given, f"{USERNAME}:{self.password}".encode()
        )

    def app(self, address: str) -> TroubledApp:
        """The published service; `address` is its own."""

        async def serve(request: Request) -> Response:
            if not self._may_enter(request.headers.get("authorization", "")):
                return Response("", 401, {"WWW-Authenticate": 'Basic realm="simkim"'})
            if request.method == "GET":
                return Response(wsdl(address), media_type=XML)
            try:
                return Response(self.answer(await request.body()), media_type=XML)
            except Refused as refused:
                return Response(_fault(str(refused)), 500, media_type=XML)

        app = Starlette(routes=[Route(SERVICE_PATH, serve, methods=["GET", "POST"])])
        return TroubledApp(app, self.trouble, spared=[])


def _at_most(count: int) -> None:
    if count > HIGHEST_KEYS:
        raise Refused(f"at most {HIGHEST_KEYS} keys a call")


def _window(asked: Mapping[str, list[str]]) -> tuple[str, str]:
    try:
        first, last = (datetime.fromisoformat(asked[name][0]) for name in ("dari", "sampai"))
    except (KeyError, ValueError) as error:
        raise Refused("dari or sampai is malformed") from error
    return _zoned(first), _zoned(last)


def _zoned(moment: datetime) -> str:
    return stamp(moment if moment.tzinfo else moment.replace(tzinfo=WIB))


def _read(envelope: bytes) -> tuple[str, dict[str, list[str]]]:
    """The operation and what is asked; a document type, and with it any entity, is refused.

    Raises:
        Refused: the envelope is no SOAP question.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(envelope, parser)
    except etree.XMLSyntaxError as error:
        raise Refused("the envelope is no XML") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Refused("a document type is not accepted")
    question = root.find(f"{{{SOAP}}}Body/*")
    if question is None:
        raise Refused("the body is empty")
    asked: dict[str, list[str]] = {}
    for element in question:
        asked.setdefault(etree.QName(element).localname, []).append(element.text or "")
    return etree.QName(question).localname, asked


def _envelope(body: "etree._Element") -> bytes:  # pyright: ignore[reportPrivateUsage] -- lxml's only name for it
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    etree.SubElement(envelope, f"{{{SOAP}}}Body").append(body)
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")


def _write(operation: str, bodies: Iterable[bytes], following: str | None) -> bytes:
    _, name, _ = OPERATIONS[operation]
    answer = etree.Element(f"{{{NAMESPACE}}}{operation}Response", nsmap={"sk": NAMESPACE})
    for body in bodies:
        fields: dict[str, str] = orjson.loads(body)
        element = etree.SubElement(answer, f"{{{NAMESPACE}}}{name}")
        for field in (*RECORDS[name], "diperbarui_pada"):
            if field in fields:
                etree.SubElement(element, f"{{{NAMESPACE}}}{field}").text = fields[field]
    if following is not None:
        etree.SubElement(answer, f"{{{NAMESPACE}}}berikutnya").text = following
    return _envelope(answer)


def _fault(message: str) -> bytes:
    fault = etree.Element(f"{{{SOAP}}}Fault", nsmap={"soap": SOAP})
    etree.SubElement(fault, "faultcode").text = "soap:Client"
    etree.SubElement(fault, "faultstring").text = message
    return _envelope(fault)


async def run(directory: Path, population: Population, *, parent: int | None) -> None:
    """Be immigration until told to end."""
    imigrasi = Imigrasi(population.records("imigrasi"))
    listening = listen()
    address = url_of(listening) + SERVICE_PATH
    settings: dict[str, object] = {
        "wsdl": f"{address}?wsdl",
        "username": USERNAME,
        "password": imigrasi.password,
    }
    await live(
        imigrasi, directory, settings=settings, servers=[serving(imigrasi.app(address), listening)],
        seed=population.seed, size=population.size, made_by=made_by(), parent=parent,
    )  # fmt: skip

"""A SOAP peer that means harm, or has changed, is refused within limits."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from connectors.agencies import imigrasi
from connectors.agencies.imigrasi import Simkim
from connectors.protocol import LookupPage
from connectors.transport import setting
from hub.sandbox.wsdl import NAMESPACE, wsdl
from schema.errors import SourceChanged, SourceError, SourceUnavailable
from tests.connectors.hostile import Server, http, serving
from tests.connectors.reading import QUICK, read

BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
FILE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


async def one_person(position: str | None) -> AsyncIterator[LookupPage]:
    if position is None:
        yield LookupPage(position="1", niks=["9901010101900001"], documents=["A1234567"])


def source_of(peer: Server) -> Simkim:
    given = {"wsdl": f"{peer.url}/simkim?wsdl", "username": "hub", "password": "rahasia"}
    made = imigrasi.source(setting.read("imigrasi", imigrasi.SETTINGS, given), one_person)
    service = replace(made.service, peer=replace(made.service.peer, gap_s=0))
    return replace(made, service=service, patience=QUICK)


def envelope(content: str, head: str = "") -> bytes:
    body = f'<s:Body xmlns:t="{NAMESPACE}">{content}</s:Body>'
    return http(f'{head}<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">{body}</s:Envelope>')


def documents(inner: str) -> bytes:
    return envelope(f"<t:CariDokumenResponse>{inner}</t:CariDokumenResponse>")


CROSSINGS = envelope("<t:CariPerlintasanResponse/>")


@pytest.fixture
async def peer() -> AsyncIterator[Server]:
    """Answers its WSDL first, then what the test gives."""
    async with serving() as server:
        server.answers = {"/simkim": [http(wsdl(f"{server.url}/simkim"))]}
        yield server


@pytest.mark.parametrize("head", [BOMB, FILE])
async def test_an_answer_with_entities_is_refused_unread(peer: Server, head: str):
    entity = "&b;" if head is BOMB else "&a;"
    answer = f"<t:CariDokumenResponse><t:paspor><t:nik>{entity}</t:nik></t:paspor></t:CariDokumenResponse>"
    peer.answers["/simkim"].append(envelope(answer, head))

    with pytest.raises(SourceChanged, match="the answer is no SOAP"):
        await read(source_of(peer))


async def test_a_wsdl_with_a_document_type_is_refused(peer: Server):
    evil = wsdl(f"{peer.url}/simkim").replace(b"?>", b"?>" + BOMB.encode(), 1)
    peer.answers["/simkim"] = [http(evil)]

    with pytest.raises(SourceChanged, match="the WSDL cannot be read"):
        await read(source_of(peer))

    assert {question.method for question in peer.asked} == {"GET"}


@pytest.mark.parametrize("location", ["file:///etc/passwd", "/etc/passwd", "{url}/more.xsd"])
async def test_a_wsdl_that_refers_to_another_document_is_refused(peer: Server, location: str):
    place = location.format(url=peer.url)
    other = f'<wsdl:import namespace="urn:x" location="{place}"/><wsdl:types>'
    evil = wsdl(f"{peer.url}/simkim").replace(b"<wsdl:types>", other.encode())
    peer.answers["/simkim"] = [http(evil)]

    with pytest.raises(SourceChanged, match="the WSDL cannot be read"):
        await read(source_of(peer))

    assert {question.path for question in peer.asked} == {"/simkim?wsdl"}


async def test_a_wsdl_that_names_another_server_is_never_sent_the_password(peer: Server):
    async with serving() as elsewhere:
        peer.answers["/simkim"] = [http(wsdl(f"{elsewhere.url}/simkim"))]

        with pytest.raises(SourceChanged, match="another server"):
            await read(source_of(peer))

        assert elsewhere.asked == []


@pytest.mark.parametrize("content", [b"rubbish", b"", b"<a/>"])
async def test_what_is_no_wsdl_is_a_change(peer: Server, content: bytes):
    peer.answers["/simkim"] = [http(content)]

    with pytest.raises(SourceChanged):
        await read(source_of(peer))


async def test_a_wsdl_without_the_agreed_operation_is_a_change_before_anything_is_asked(peer: Server):
    peer.answers["/simkim"] = [http(wsdl(f"{peer.url}/simkim").replace(b"CariDokumen", b"CariPaspor"))]

    with pytest.raises(SourceChanged, match="the WSDL has no CariDokumen of the agreed form"):
        await read(source_of(peer))

    assert {question.method for question in peer.asked} == {"GET"}


async def test_an_element_that_no_contract_names_comes_along(peer: Server):
    sound = "<t:paspor><t:no_paspor>B7</t:no_paspor><t:warna>hijau</t:warna><t:cap><t:a>1</t:a><t:a>2</t:a></t:cap></t:paspor>"
    peer.answers["/simkim"] += [documents(sound + "<t:visa>x</t:visa>"), CROSSINGS]

    done = await read(source_of(peer))

    assert [(raw.object, raw.fields) for raw in done.records] == [
        ("paspor", {"no_paspor": "B7", "warna": "hijau", "cap": {"a": ["1", "2"]}}),
        ("visa", {"baris": "x"}),
    ]
    assert b"B7" in peer.asked[-1].body


async def test_an_answer_to_another_question_is_a_change(peer: Server):
    peer.answers["/simkim"].append(CROSSINGS)

    with pytest.raises(SourceChanged, match="the answer is none to CariDokumen"):
        await read(source_of(peer))


@pytest.mark.parametrize(
    ("code", "error"),
    [("soap:Client", SourceChanged), ("soap:Client.Auth", SourceChanged), ("soap:Server", SourceUnavailable)],
)
@pytest.mark.parametrize("status", ["200 OK", "500 Internal Server Error"])
async def test_a_fault_says_who_is_wrong_and_is_not_repeated(
    peer: Server, code: str, status: str, error: type[SourceError]
):
    fault = f"<s:Fault><faultcode>{code}</faultcode><faultstring>9901010101900001</faultstring></s:Fault>"
    peer.answers["/simkim"].append(envelope(fault).replace(b"200 OK", status.encode()))

    with pytest.raises(SourceError) as told:
        await read(source_of(peer))

    assert type(told.value) is error
    assert "9901010101900001" not in str(told.value)


async def test_a_redirect_is_never_followed(peer: Server):
    async with serving() as elsewhere:
        peer.answers["/simkim"].append(http("", "302 Found", Location=elsewhere.url))

        with pytest.raises(SourceChanged, match="never followed"):
            await read(source_of(peer))

        assert elsewhere.asked == []

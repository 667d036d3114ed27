"""A REST peer that means harm, or is badly broken, is refused within limits."""

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from connectors.agencies import polri
from connectors.transport import setting
from connectors.transport.rest import RestPager
from schema.errors import SourceChanged, SourceRejected, SourceUnavailable
from tests.connectors.hostile import Server, http, serving
from tests.connectors.reading import QUICK, nobody, read

TOKEN, REPORTS = "/oauth2/token", "/emp/v1/laporan_polisi"
GRANTED = http('{"access_token":"kunci","token_type":"Bearer","expires_in":3600}')
LAST_PAGE = http('{"data":[],"berikutnya":null}')


@pytest.fixture
async def peer() -> AsyncIterator[Server]:
    async with serving() as server:
        server.answers = {TOKEN: [GRANTED], REPORTS: [LAST_PAGE]}
        yield server


def source_of(peer: Server, **changes: str) -> RestPager:
    given = {"url": peer.url, "client_id": "hub", "client_secret": "rahasia"} | changes
    made = polri.source(setting.read("polri", polri.SETTINGS, given), nobody)
    return replace(made, patience=QUICK, peer=replace(made.peer, gap_s=0))


async def test_a_redirect_is_never_followed(peer: Server):
    async with serving() as elsewhere:
        elsewhere.answers = {"/": [LAST_PAGE]}
        peer.answers[REPORTS] = [http("", "307 Temporary Redirect", Location=elsewhere.url + "/")]

        with pytest.raises(SourceChanged, match="never followed"):
            await read(source_of(peer))

        assert elsewhere.asked == []
    assert len(peer.asked) == 2


async def test_the_secret_is_not_carried_along_a_redirect_of_the_token_endpoint(peer: Server):
    async with serving() as elsewhere:
        elsewhere.answers = {"/": [GRANTED]}
        peer.answers[TOKEN] = [http("", "308 Permanent Redirect", Location=elsewhere.url + "/")]

        with pytest.raises(SourceChanged):
            await read(source_of(peer))

        assert elsewhere.asked == []


async def test_an_answer_without_end_is_cut_at_the_limit(peer: Server):
    sent = 0

    async def endless(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        while sent < 100 << 20:
            writer.write(b" " * 65536)
            await writer.drain()
            sent += 65536

    peer.answers[REPORTS] = [endless]
    source = source_of(peer)

    with pytest.raises(SourceChanged, match="larger than 1000000 bytes"):
        await read(replace(source, peer=replace(source.peer, body_bytes=1_000_000)))

    assert sent < 20 << 20


async def test_an_answer_that_drips_is_given_up(peer: Server):
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(200):
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)

    peer.answers[REPORTS] = [drip]
    source = source_of(peer)
    started = asyncio.get_running_loop().time()

    with pytest.raises(SourceUnavailable, match="does not answer in time"):
        await read(replace(source, peer=replace(source.peer, answer_s=0.2)))

    assert asyncio.get_running_loop().time() - started < 3


async def test_a_compressed_answer_is_refused_before_it_grows(peer: Server):
    peer.answers[REPORTS] = [http(gzip.compress(b" " * (50 << 20)), Content_Encoding="gzip")]

    with pytest.raises(SourceChanged, match="compressed"):
        await read(source_of(peer))

    assert peer.asked[-1].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "answer",
    [
        "[]",
        "{}",
        '{"data":[]}',
        '{"data":{},"berikutnya":null}',
        '{"data":[],"berikutnya":""}',
        '{"data":[],"berikutnya":7}',
        "[" * 100_000,
    ],
)
async def test_json_that_is_no_page_is_a_change_after_retries(peer: Server, answer: str):
    peer.answers[REPORTS] = [http(answer)]

    with pytest.raises(SourceChanged):
        await read(source_of(peer))

    assert len(peer.asked) == 1 + QUICK.attempts


async def test_a_page_that_leads_to_itself_ends_the_pull(peer: Server):
    peer.answers[REPORTS] = [http('{"data":[],"berikutnya":"a"}')]

    with pytest.raises(SourceChanged, match="begins where this one began"):
        await read(source_of(peer))

    assert len(peer.asked) == 3


async def test_a_place_that_is_refused_again_and_again_ends_the_pull(peer: Server):
    peer.answers[REPORTS] = [http('{"data":[],"berikutnya":"a"}'), http("", "400 Bad Request")]

    with pytest.raises(SourceChanged, match="refuses the place"):
        await read(source_of(peer))


async def test_things_that_are_no_rows_come_as_they_are(peer: Server):
    peer.answers[REPORTS] = [http('{"data":[null,["x"],{"id":"EMP-1"}],"berikutnya":null}')]

    done = await read(source_of(peer))

    assert [raw.fields for raw in done.records] == [{"baris": None}, {"baris": ["x"]}, {"id": "EMP-1"}]
    assert {raw.changed_at for raw in done.records} == {None}


async def test_a_time_in_the_far_future_does_not_move_the_mark_there(peer: Server):
    report = '{"id":"EMP-1","diperbarui_pada":"9999-12-31T23:59:59-01:00"}'
    second = '{"id":"EMP-2","diperbarui_pada":"2999-01-01T00:00:00+07:00"}'
    peer.answers[REPORTS] = [http(f'{{"data":[{report},{second}],"berikutnya":null}}')]
    present = datetime(2026, 1, 2, tzinfo=UTC)

    done = await read(replace(source_of(peer), clock=lambda: present))

    assert done.records[0].changed_at is None
    assert done.cursors[-1] == {"terbaru": present.isoformat()}


@pytest.mark.parametrize("token", ["", "a b", "a\\r\\nX-Injected: 1", "\\u00e9"])
async def test_a_token_that_could_not_stand_in_a_header_is_refused(peer: Server, token: str):
    peer.answers[TOKEN] = [http(f'{{"access_token":"{token}","token_type":"Bearer"}}')]

    with pytest.raises(SourceChanged, match="no bearer token"):
        await read(source_of(peer))

    assert {question.path for question in peer.asked} == {TOKEN}


async def test_retry_after_is_obeyed_up_to_a_limit(peer: Server):
    busy = http("", "503 Service Unavailable", Retry_After="3600")
    peer.answers[REPORTS] = [busy, LAST_PAGE]
    patient = replace(QUICK, longest_asked_wait_s=0.4)
    started = asyncio.get_running_loop().time()

    await read(replace(source_of(peer), patience=patient))

    assert 0.4 <= asyncio.get_running_loop().time() - started < 5


async def test_retry_after_may_be_a_date(peer: Server):
    soon = (datetime.now(UTC) + timedelta(seconds=2)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    peer.answers[REPORTS] = [http("", "429 Too Many Requests", Retry_After=soon), LAST_PAGE]
    patient = replace(QUICK, longest_asked_wait_s=5)
    started = asyncio.get_running_loop().time()

    await read(replace(source_of(peer), patience=patient))

    assert asyncio.get_running_loop().time() - started >= 0.9


async def test_questions_keep_their_distance(peer: Server):
    peer.answers[REPORTS] = [
        http('{"data":[],"berikutnya":"a"}'),
        http('{"data":[],"berikutnya":"b"}'),
        LAST_PAGE,
    ]
    source = source_of(peer)
    started = asyncio.get_running_loop().time()

    await read(replace(source, peer=replace(source.peer, gap_s=0.1)))

    assert len(peer.asked) == 4
    assert asyncio.get_running_loop().time() - started >= 0.3


async def test_the_client_proves_itself_as_the_standard_says(peer: Server):
    await read(source_of(peer, client_secret="rahasia: 100%"))  # noqa: S106 -- invented

    asked = peer.asked[0]
    assert asked.headers["authorization"] == "Basic aHViOnJhaGFzaWElM0ErMTAwJTI1"  # hub:rahasia%3A+100%25
    assert asked.body == b"grant_type=client_credentials"
    assert "rahasia" not in "".join(question.path for question in peer.asked)


async def test_credentials_of_the_environment_are_not_sent(
    peer: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login orang password lain\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    await read(source_of(peer))

    assert peer.asked[1].headers["authorization"] == "Bearer kunci"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ssl.SSLContext]:
    """A certificate for 127.0.0.1 that nobody vouches for but itself, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    present = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(present - timedelta(days=1))
        .not_valid_after(present + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM).decode()
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + pem.encode())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return pem, context


async def test_a_certificate_that_nobody_vouches_for_is_refused_at_once(
    certificate: tuple[str, ssl.SSLContext],
):
    async with serving(certificate[1]) as peer:
        peer.answers = {TOKEN: [GRANTED]}

        with pytest.raises(SourceUnavailable, match="certificate is not trusted"):
            await read(source_of(peer))

        assert peer.asked == []


async def test_a_certificate_that_the_operator_vouches_for_is_trusted(
    certificate: tuple[str, ssl.SSLContext],
):
    async with serving(certificate[1]) as peer:
        peer.answers = {TOKEN: [GRANTED], REPORTS: [LAST_PAGE]}

        done = await read(source_of(peer, ca=certificate[0]))

    assert [batch.is_last for batch in done.batches] == [True]


async def test_a_connection_is_closed_when_the_pull_is_broken_off(peer: Server):
    gone = asyncio.Event()

    async def page(writer: asyncio.StreamWriter) -> None:
        writer.write(http('{"data":[],"berikutnya":"a"}'))
        await writer.drain()

        async def watch() -> None:
            await writer.wait_closed()
            gone.set()

        peer.watching = asyncio.create_task(watch())

    peer.answers[REPORTS] = [page]

    await read(source_of(peer), stop_after=1)

    await asyncio.wait_for(gone.wait(), 5)


async def test_a_refused_client_is_not_asked_again(peer: Server):
    peer.answers[TOKEN] = [http('{"error":"invalid_client"}', "401 Unauthorized")]

    with pytest.raises(SourceRejected):
        await read(source_of(peer))

    assert len(peer.asked) == 1

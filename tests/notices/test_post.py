"""Officers are told of an emergency by mail, once, as soon as a server takes the letter, and the letter names nobody."""

import asyncio
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import aiosmtplib
import pytest
from starlette.routing import compile_path

from hub.clock import now
from hub.console.routes import CONSOLE, PAGES
from hub.notices.post import MailServer, address_of, addresses_of, mail_server, posting
from schema.errors import SettingError
from tests.notices.conftest import ADDRESSES, SENDER, taking

WORD = "p:w"
DECLARED = datetime(2026, 3, 1, 8, tzinfo=UTC)


async def notify(pool, agency, about=None, kind="EMERGENCY"):
    about = about or uuid4()
    async with pool.connection() as connection:
        await connection.execute(
            "INSERT INTO notice (notice_id, agency, kind, about, due_at, created_at) VALUES (%s, %s, %s, %s, %s, %s)",
            (uuid4(), agency, kind, about, DECLARED + timedelta(hours=72), DECLARED),
        )
    return about


async def waiting(pool):
    async with pool.connection() as connection:
        cursor = await connection.execute("SELECT agency FROM notice WHERE told_at IS NULL ORDER BY agency")
        return [agency for (agency,) in await cursor.fetchall()]


async def until(holds):
    for _ in range(600):
        if await holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it never came to hold")


async def test_officers_of_each_agency_are_told_once_and_the_letter_names_nobody(post, mailbox, pool):
    about = await notify(pool, "POLRI")
    await notify(pool, "SATGAS_TPPO", about)

    async with posting(post, pool, now, every_s=0.05):
        await until(lambda: _nothing_waits(pool))
        await asyncio.sleep(0.3)

    assert sorted(letter["To"] for letter in mailbox.letters) == sorted(ADDRESSES.values())
    assert {letter["From"] for letter in mailbox.letters} == {SENDER}
    assert (
        mailbox.letters[0].get_content().replace("\r\n", "\n")
        == f"""\
Akses darurat ke satu kasus telah dinyatakan dan berlaku 15 menit.
Petugas dari instansi Anda, selain yang menyatakannya, perlu meninjaunya sebelum 2026-03-04 15:00 WIB.
Tanpa putusan sampai waktu itu, klien yang menyatakannya ditangguhkan.

Emergency access to one case has been declared; it holds for 15 minutes.
An officer of your agency, other than the one who declared it, reviews it before 2026-03-04 15:00 WIB.
Without a verdict by then the client that declared it is suspended.

Nomor / number: {about}
Dinyatakan / declared: 2026-03-01 15:00 WIB
Tinjau di / review at: https://hub.example.go.id/console/emergencies/{about}
"""
    )

    assert any(compile_path(CONSOLE + page.path)[0].match(f"/console/emergencies/{about}") for page in PAGES)


async def _nothing_waits(pool):
    return await waiting(pool) == []


async def test_an_agency_without_an_address_is_told_by_its_list_alone(post, mailbox, pool):
    await notify(pool, "KEMENSOS")

    assert await post.waited_for(pool) == []
    async with posting(post, pool, now, every_s=0.05):
        await asyncio.sleep(0.3)

    assert mailbox.letters == []
    assert await waiting(pool) == ["KEMENSOS"]


async def test_a_server_that_takes_nothing_is_asked_again_until_it_does(post, mailbox, pool):
    mailbox.takes = False
    await notify(pool, "POLRI")

    with pytest.raises(aiosmtplib.SMTPException):
        await post.send_one(pool, now, "POLRI")
    assert await waiting(pool) == ["POLRI"]

    async with posting(post, pool, now, every_s=0.05, again_s=0.05):
        await asyncio.sleep(0.3)
        mailbox.takes = True
        await until(lambda: _nothing_waits(pool))

    assert len(mailbox.letters) == 1


async def test_an_address_that_is_refused_keeps_nobody_else_from_being_told(post, mailbox, pool):
    mailbox.unknown = frozenset([ADDRESSES["POLRI"]])
    await notify(pool, "POLRI")
    await notify(pool, "SATGAS_TPPO")

    async with posting(post, pool, now, every_s=0.05, again_s=0.05):
        await until(lambda: _waits_for(pool, ["POLRI"]))

    assert [letter["To"] for letter in mailbox.letters] == [ADDRESSES["SATGAS_TPPO"]]


async def _waits_for(pool, agencies):
    return await waiting(pool) == agencies


@pytest.mark.parametrize("text", ["", "hub", "hub@", "hub@x.id\nBcc: y@z.id", "a b@x.id"])
def test_a_sender_that_is_no_address_is_refused(text):
    with pytest.raises(SettingError, match="HUB_MAIL_FROM"):
        address_of(text)


async def test_two_processes_send_each_notice_once(post, mailbox, pool):
    for _ in range(20):
        await notify(pool, "POLRI")

    async with posting(post, pool, now, every_s=0.02), posting(post, pool, now, every_s=0.02):
        await until(lambda: _nothing_waits(pool))

    assert len(mailbox.letters) == 20
    assert len({letter["Message-ID"] for letter in mailbox.letters}) == 20


async def test_a_server_that_nobody_vouches_for_gets_no_letter(post, mailbox, pool, certificate):
    pem, private = certificate
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem, private)
    await notify(pool, "POLRI")

    with taking(mailbox, tls_context=context, require_starttls=True) as port:
        elsewhere = mail_server(f"smtp://127.0.0.1:{port}")
        with pytest.raises((aiosmtplib.SMTPException, OSError)):
            await replace(post, server=elsewhere).send_one(pool, now, "POLRI")

    assert mailbox.letters == []
    assert await waiting(pool) == ["POLRI"]


def test_a_url_names_a_server_with_its_login():
    assert mail_server("smtps://hub%40x:p%3Aw@mail.example.go.id") == MailServer(
        host="mail.example.go.id", port=465, is_tls=True, user="hub@x", password=WORD
    )
    assert mail_server("smtp://mail.example.go.id:2525") == MailServer(
        host="mail.example.go.id", port=2525, is_tls=False, user=None, password=None
    )


@pytest.mark.parametrize(
    "url", ["", "mail.example.go.id", "https://mail.example.go.id", "smtp://", "smtp://x:99999"]
)
def test_what_names_no_server_is_refused_and_not_shown(url):
    with pytest.raises(SettingError) as refused:
        mail_server(url)

    assert not url or url not in str(refused.value)


def test_addresses_are_read_by_agency():
    assert addresses_of("POLRI=a@b.id, SATGAS_TPPO=c@d.id") == {"POLRI": "a@b.id", "SATGAS_TPPO": "c@d.id"}


@pytest.mark.parametrize(
    "text", ["", "POLRI", "POLRI=", "POLISI=a@b.id", "POLRI=a@b.id,POLRI=c@d.id", "POLRI=a@b.id\nBcc: x@y.id"]
)
def test_addresses_that_are_none_are_refused(text):
    with pytest.raises(SettingError, match="each agency once"):
        addresses_of(text)

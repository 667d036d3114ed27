"""Social affairs serve a real SFTP client."""

import csv
from collections.abc import AsyncIterator
from io import BytesIO, StringIO

import asyncssh
import pytest
from python_calamine import CalamineWorkbook

from hub.sandbox.run import Running
from hub.sandbox.stories import story
from hub.sandbox.truth import Truth

BOM = b"\xef\xbb\xbf"


def connect(running: Running, **changes: object):
    settings = running.settings
    known_hosts = asyncssh.import_known_hosts(
        f"[{settings['host']}]:{settings['port']} {settings['host_key']}\n"
    )
    arguments = {
        "port": settings["port"], "username": settings["username"], "password": settings["password"],
        "known_hosts": known_hosts, "client_keys": None, "config": None, "agent_path": None,
    }  # fmt: skip
    return asyncssh.connect(settings["host"], **(arguments | changes))


@pytest.fixture
async def sftp(kemensos: Running) -> AsyncIterator[asyncssh.SFTPClient]:
    async with connect(kemensos) as connection, connection.start_sftp_client() as client:
        yield client


async def content_of(sftp: asyncssh.SFTPClient, name: str) -> bytes:
    async with sftp.open(f"/keluar/{name}", "rb") as file:
        return await file.read()


async def names_of(sftp: asyncssh.SFTPClient) -> list[str]:
    return sorted(name for name in await sftp.listdir("/keluar") if not name.startswith("."))


def rows_of(content: bytes) -> list[dict[str, str]]:
    text = content.removeprefix(BOM).decode(
        "utf-8" if content.startswith(BOM) else "cp1252", errors="replace"
    )
    return list(csv.DictReader(StringIO(text), delimiter=";"))


async def test_the_folder_holds_the_four_kinds_of_files(sftp: asyncssh.SFTPClient):
    names = await names_of(sftp)

    assert any(name.startswith("klien_rptc_rekap_") and name.endswith(".xlsx") for name in names)
    assert any(name.startswith("dtsen_") for name in names)
    assert sum(name.startswith("klien_rptc_2") for name in names) > 5


async def test_every_client_of_the_truth_is_in_a_file_and_no_other(
    sftp: asyncssh.SFTPClient, the_truth: Truth
):
    registers: set[str] = set()
    for name in await names_of(sftp):
        content = await content_of(sftp, name)
        if name.endswith(".xlsx"):
            header, *rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
            registers |= {str(row[header.index("no_register")]) for row in rows}
        elif name.startswith("klien_rptc_2"):
            registers |= {row["no_register"] for row in rows_of(content)}

    known = {record.key for record in the_truth.records if record.object == "klien_rptc"}
    assert known <= registers
    assert {register for register in registers - known if "/" in register} == set()


async def test_files_come_in_both_encodings_and_one_mixes_them(sftp: asyncssh.SFTPClient):
    contents = {n: await content_of(sftp, n) for n in await names_of(sftp) if n.startswith("klien_rptc_20")}
    helena = next(record for record in story("many_services").records if record.object == "klien_rptc")

    kinds = {content.startswith(BOM) for content in contents.values()}
    mixed = contents["klien_rptc_20250910.csv"]

    assert kinds == {True, False}
    assert mixed.startswith(BOM)
    assert "Héléna".encode("cp1252") in mixed
    assert str(helena.fields["layanan"]).encode() in mixed


async def test_writing_and_removing_are_refused(sftp: asyncssh.SFTPClient):
    name = (await names_of(sftp))[0]

    for attempt in (
        sftp.open("/keluar/new.csv", "wb"),
        sftp.remove(f"/keluar/{name}"),
        sftp.rename(f"/keluar/{name}", "/keluar/other.csv"),
        sftp.mkdir("/keluar/new"),
    ):
        with pytest.raises(asyncssh.SFTPPermissionDenied):
            await attempt


async def test_a_wrong_password_and_a_shell_are_refused(kemensos: Running):
    with pytest.raises(asyncssh.PermissionDenied):
        await connect(kemensos, password="wrong")  # noqa: S106 -- wrong on purpose
    async with connect(kemensos) as connection:
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.run("id", check=True)


async def test_nothing_outside_the_folder_can_be_read(sftp: asyncssh.SFTPClient):
    with pytest.raises(asyncssh.SFTPNoSuchFile):
        await content_of(sftp, "../../made.json")


async def test_a_change_and_a_withdrawal_are_new_files(sftp: asyncssh.SFTPClient, kemensos: Running, order):
    register = next(r.key for r in story("unknown_age").records if r.object == "klien_rptc")
    before = await names_of(sftp)

    order(kemensos, "change", key=register, field="umur", value=29)
    order(kemensos, "delete", key=register)
    order(kemensos, "rubbish", count=3)

    changed, withdrawn, rubbish = sorted(set(await names_of(sftp)) - set(before), key=lambda name: name[-12:])
    assert rows_of(await content_of(sftp, changed))[0]["umur"] == "29"
    assert withdrawn.startswith("klien_rptc_batal_")
    assert rows_of(await content_of(sftp, withdrawn))[0]["no_register"] == register
    assert b"\x00" in await content_of(sftp, rubbish)
    assert order(kemensos, "change", key="RPTC-PTK/0", field="umur", value=1).status_code == 404


async def test_connections_fail_and_passwords_are_refused_as_often_as_ordered(kemensos: Running, order):
    order(kemensos, "fail", count=1, status=500)
    with pytest.raises((asyncssh.Error, OSError)):
        await connect(kemensos)
    order(kemensos, "fail", count=1, status=403)
    with pytest.raises(asyncssh.PermissionDenied):
        await connect(kemensos)
    async with connect(kemensos) as connection:
        assert connection.get_extra_info("username") == "hub-tppo"

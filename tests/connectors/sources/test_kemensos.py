"""Shelter clients, read from the sandbox's own SFTP server."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import asyncssh
import pytest

from connectors.agencies import kemensos
from connectors.protocol import Raw
from connectors.transport import setting
from connectors.transport.drop import FileDrop
from hub.sandbox.drops import csv_text
from hub.sandbox.population import Population
from hub.sandbox.truth import Truth
from hub.sandbox.wire import Agency
from hub.sandbox.wire_kemensos import COLUMNS
from schema.errors import SourceChanged, SourceError, SourceRejected, SourceUnavailable
from tests.connectors.reading import QUICK, Sandbox, nobody, read, read_until_error


@pytest.fixture
def shelters(sandbox: Callable[[Agency], Sandbox]) -> Sandbox:
    return sandbox("kemensos")


def source_of(shelters: Sandbox, **changes: str) -> FileDrop:
    settings = setting.read("kemensos", kemensos.SETTINGS, shelters.settings | changes)
    return replace(kemensos.source(settings, nobody), page_size=7, patience=QUICK)


@pytest.fixture
def source(shelters: Sandbox) -> FileDrop:
    return source_of(shelters)


@pytest.fixture
def drop(shelters: Sandbox, sandbox_directory: Path) -> Iterator[Callable[..., str]]:
    """Puts a file into the agency's folder, as a shelter would; it is gone after the test."""
    assert shelters.running.pid
    folder = sandbox_directory / "kemensos" / "sftp" / "keluar"
    written = []

    def put(name: str, content: bytes, *, age_s: float = 0) -> str:
        path = folder / name
        unfinished = folder.parent.parent / name
        unfinished.write_bytes(content)
        os.utime(unfinished, (time.time() - age_s,) * 2)
        unfinished.rename(path)
        written.append(path)
        return name

    yield put
    for path in set(written):
        path.unlink()


def client(register: str, **cells: str) -> dict[str, str]:
    return dict.fromkeys(COLUMNS, "") | {"no_register": register} | cells


def table(*rows: dict[str, str]) -> bytes:
    return csv_text(COLUMNS, rows).encode()


def of_register(records: list[Raw], register: str) -> list[Raw]:
    return [raw for raw in records if raw.fields.get("no_register") == register]


async def test_every_record_of_the_truth_arrives_and_no_other(source: FileDrop, the_truth: Truth):
    done = await read(source)

    known = {r.key for r in the_truth.records if r.agency == "kemensos"}
    withdrawn = {r.key for r in the_truth.records if r.agency == "kemensos" and r.withdrawn}
    assert {raw.fields["no_register"] for raw in done.records} == known
    assert withdrawn <= {raw.fields["no_register"] for raw in done.records if raw.deleted}
    assert {raw.object for raw in done.records} == {"klien_rptc"}


async def test_the_last_word_on_each_client_is_the_truth_s(source: FileDrop, the_truth: Truth):
    done = await read(source)

    last = {}
    for raw in done.records:
        if not raw.deleted:
            last[raw.fields["no_register"]] = raw.fields
    for record in Population(the_truth.seed, the_truth.size).records("kemensos"):
        if record.key:
            arrived = {name: str(value) for name, value in last[record.key].items()}
            assert arrived == {name: str(record.fields[name]) for name in COLUMNS}


async def test_every_row_of_every_file_arrives_exactly_once(source: FileDrop, sandbox_directory: Path):
    done = await read(source)

    folder = sandbox_directory / "kemensos" / "sftp" / "keluar"
    arrived = Counter(b.source_uri.rsplit("/", 1)[1] for b in done.batches for _ in b.records)
    for path in folder.glob("klien_rptc_*.csv"):
        assert arrived[path.name] == path.read_bytes().count(b"\r\n") - 1
    assert {name for name in arrived if name.endswith(".xlsx")} == {
        p.name for p in folder.glob("klien*.xlsx")
    }


async def test_files_come_in_the_order_of_their_days(source: FileDrop):
    done = await read(source)

    days = [raw.changed_at for raw in done.records]
    assert days == sorted(days)


async def test_the_social_registry_is_never_fetched(source: FileDrop, shelters: Sandbox):
    before = shelters.state()["files_read"]

    await read(source)

    assert Counter(shelters.state()["files_read"]) - Counter(before)
    assert not [name for name in shelters.state()["files_read"] if name.startswith("dtsen")]


async def test_a_pull_that_resumes_at_any_batch_misses_nothing(source: FileDrop):
    whole = await read(source)

    count = 0
    for batch in whole.batches[:-1]:
        count += len(batch.records)
        rest = await read(source, batch.next_cursor)

        assert [raw.fields for raw in rest.records] == [raw.fields for raw in whole.records][count:]


async def test_the_next_pull_fetches_nothing_again(source: FileDrop, shelters: Sandbox):
    whole = await read(source)
    before = shelters.state()["files_read"]

    again = await read(source, whole.cursors[-1])

    assert again.records == []
    assert [batch.is_last for batch in again.batches] == [True]
    assert shelters.state()["files_read"] == before


async def test_a_change_and_a_withdrawal_arrive_by_the_next_pull(source: FileDrop, shelters: Sandbox):
    whole = await read(source)
    changed, withdrawn = sorted(
        {raw.fields["no_register"] for raw in whole.records if raw.fields["no_register"] and not raw.deleted}
    )[:2]

    shelters.order("change", key=changed, field="tindak_lanjut", value="KELUARGA")
    shelters.order("delete", key=withdrawn)
    again = await read(source, whole.cursors[-1])

    assert [(raw.fields["no_register"], raw.deleted) for raw in again.records] == [
        (changed, False),
        (withdrawn, True),
    ]
    assert again.records[0].fields["tindak_lanjut"] == "KELUARGA"
    assert set(again.records[1].fields) == {"no_register", "tgl_batal"}


async def test_lines_that_are_no_rows_come_as_they_are(source: FileDrop, shelters: Sandbox):
    whole = await read(source)

    shelters.order("rubbish", count=3)
    again = await read(source, whole.cursors[-1])

    assert [raw.fields for raw in again.records] == [{"baris": "\x00\ufffd;;tidak terbaca;;;\x01"}] * 3


async def test_a_row_has_the_last_moment_of_its_file_s_day_and_a_withdrawal_comes_after_it(
    source: FileDrop, drop: Callable[..., str]
):
    drop("klien_rptc_20250214.csv", table(client("X/1")))
    drop("klien_rptc_batal_20250214.csv", b"no_register;tgl_batal\r\nX/1;14-02-2025\r\n")

    row, withdrawal = of_register((await read(source)).records, "X/1")

    assert row.changed_at == datetime(2025, 2, 14, 16, 59, 59, tzinfo=UTC)
    assert withdrawal.deleted
    assert timedelta(0) < withdrawal.changed_at - row.changed_at < timedelta(seconds=1)


async def test_a_workbook_has_the_last_moment_of_its_month(source: FileDrop):
    done = await read(source)

    for batch in done.batches:
        name = batch.source_uri.rsplit("/", 1)[1]
        if name.startswith("klien_rptc_rekap"):
            following = date(int(name[17:21]) + int(name[21:23]) // 12, int(name[21:23]) % 12 + 1, 1)
            midnight = datetime.combine(following, datetime.min.time(), UTC) - timedelta(hours=7)
            assert {raw.changed_at for raw in batch.records} == {midnight - timedelta(seconds=1)}


async def test_a_late_file_with_an_older_day_is_not_lost(source: FileDrop, drop: Callable[..., str]):
    whole = await read(source)

    drop("klien_rptc_20240105.csv", table(client("X/2")))
    again = await read(source, whole.cursors[-1])

    assert [raw.fields["no_register"] for raw in again.records] == ["X/2"]


async def test_a_file_that_changes_is_read_again_from_its_first_row(
    source: FileDrop, drop: Callable[..., str]
):
    whole = await read(source)
    rows = [client(f"X/{number}") for number in range(20)]
    drop("klien_rptc_20240105.csv", table(*rows))
    begun = await read(source, whole.cursors[-1], stop_after=1)

    drop("klien_rptc_20240105.csv", table(client("X/new"), *rows))
    rest = await read(source, begun.cursors[-1])

    assert len(begun.records) == 7
    assert [raw.fields["no_register"] for raw in rest.records] == ["X/new", *(f"X/{n}" for n in range(20))]


async def test_a_file_that_is_still_growing_is_waited_for(source: FileDrop, drop: Callable[..., str]):
    whole = await read(source)
    content = table(client("X/3"), client("X/4"))
    drop("klien_rptc_20240105.csv", content[:-9])
    growing = await read(source, whole.cursors[-1])

    drop("klien_rptc_20240105.csv", content)
    again = await read(source, growing.cursors[-1])

    assert growing.records == []
    assert [raw.fields["no_register"] for raw in again.records] == ["X/3", "X/4"]


async def test_a_last_line_without_an_end_is_read_once_the_file_has_settled(
    source: FileDrop, drop: Callable[..., str]
):
    whole = await read(source)

    drop("klien_rptc_20240105.csv", table(client("X/5")).rstrip(), age_s=3700)
    again = await read(source, whole.cursors[-1])

    assert [raw.fields["no_register"] for raw in again.records] == ["X/5"]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        (
            "klien_rptc_20240105.csv",
            b"\x00\x01\x02\r\n",
            "klien_rptc_20240105.csv: its first line is no header",
        ),
        ("klien_rptc_20240105.csv", b"\r\n", "klien_rptc_20240105.csv: it is empty"),
        ("klien_rptc_rekap_202401.xlsx", b"PK nothing", "klien_rptc_rekap_202401.xlsx: it is no ZIP archive"),
        ("klien_rptc_20240231.csv", b"", "1 files named klien_rptc... have no name that was agreed"),
        ("klien_rptc_Siti Aminah.csv", b"", "1 files named klien_rptc... have no name that was agreed"),
    ],
)
async def test_a_file_that_is_not_as_agreed_is_told_after_all_others_were_read(
    source: FileDrop, drop: Callable[..., str], name: str, content: bytes, problem: str
):
    whole = await read(source)
    drop(name, content, age_s=3700)
    drop("klien_rptc_20240107.csv", table(client("X/6")))

    done, told = await read_until_error(source, whole.cursors[-1])
    _, told_again = await read_until_error(source, done.cursors[-1])

    assert problem in str(told)
    assert (type(told), str(told_again)) == (SourceChanged, str(told))
    assert "Siti" not in str(told)
    assert [raw.fields["no_register"] for raw in done.records] == ["X/6"]
    assert not any(batch.is_last for batch in done.batches)


async def test_files_that_others_are_still_writing_or_that_are_not_ours_are_left_alone(
    source: FileDrop, drop: Callable[..., str]
):
    whole = await read(source)
    drop("klien_rptc_20240105.csv.part", b"no")
    drop("catatan.txt", b"no")

    again = await read(source, whole.cursors[-1])

    assert again.records == []


async def test_what_is_gone_from_the_folder_is_forgotten(source: FileDrop, drop: Callable[..., str]):
    drop("klien_rptc_20240105.csv", table(client("X/7")))
    with_it = await read(source)

    held = with_it.cursors[-1]["terbaca"]
    cursor = {"terbaca": [*held, "0123456789abcdef"]}
    after = await read(source, cursor)

    assert after.cursors[-1] == with_it.cursors[-1]
    assert {len(state) for state in held} == {16}


@pytest.mark.parametrize(
    ("trouble", "orders", "error"),
    [
        ("fail", {"count": 99, "status": 500}, SourceUnavailable),
        ("fail", {"count": 1, "status": 403}, SourceRejected),
        ("stall", {"count": 99, "seconds": 9}, SourceUnavailable),
    ],
)
async def test_trouble_has_its_error_and_the_next_pull_goes_on(
    source: FileDrop, shelters: Sandbox, trouble: str, orders: dict, error: type[SourceError]
):
    whole = await read(source)
    begun = await read(source, stop_after=3)
    shelters.order(trouble, **orders)

    with pytest.raises(SourceError) as told:
        await read(replace(source, folder=replace(source.folder, answer_s=0.3)), begun.cursors[-1])
    shelters.order("fail", count=0)
    shelters.order("stall", count=0)
    rest = await read(source, begun.cursors[-1])

    assert type(told.value) is error
    assert (told.value.__cause__, told.value.__context__) == (None, None)
    assert [raw.fields for raw in begun.records + rest.records] == [raw.fields for raw in whole.records]


async def test_connections_that_are_cut_are_made_again(source: FileDrop, shelters: Sandbox):
    whole = await read(source)

    shelters.order("fail", count=2, status=500)
    again = await read(source)

    assert len(again.records) == len(whole.records)
    assert shelters.state()["fail_left"] == 0


async def test_a_wrong_password_is_refused_and_stands_in_no_message(shelters: Sandbox):
    wrong = source_of(shelters, password="rahasia-yang-salah")  # noqa: S106 -- wrong on purpose

    with pytest.raises(SourceRejected) as told:
        await read(wrong)

    assert str(told.value) == "kemensos: the server refuses our user, or does not let it read"
    assert "rahasia-yang-salah" not in repr(told.value) + repr(wrong)


async def test_a_server_with_another_key_is_never_sent_the_password(shelters: Sandbox):
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()

    with pytest.raises(SourceRejected, match="pinned"):
        await read(source_of(shelters, host_key=other))


async def test_a_folder_that_is_not_there_is_a_change(shelters: Sandbox):
    with pytest.raises(SourceChanged, match="no such folder"):
        await read(source_of(shelters, folder="tidak_ada"))


async def test_a_file_beyond_the_limit_is_not_fetched(
    source: FileDrop, drop: Callable[..., str], shelters: Sandbox
):
    whole = await read(source)
    name = drop("klien_rptc_20240111.csv", b"x" * 5000)
    small = replace(source, folder=replace(source.folder, file_bytes=4999))

    with pytest.raises(SourceChanged, match=f"{name}: it is larger than 4999 bytes"):
        await read(small, whole.cursors[-1])

    assert shelters.state()["files_read"].get(name) is None


async def test_lineage_names_the_file_and_no_user(source: FileDrop, shelters: Sandbox):
    done = await read(source)

    root = f"sftp://{shelters.settings['host']}:{shelters.settings['port']}/keluar"
    assert done.batches[-1].source_uri == root
    assert all(batch.source_uri.startswith(f"{root}/klien_rptc_") for batch in done.batches[:-1])

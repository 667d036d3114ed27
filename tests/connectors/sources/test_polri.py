"""The police's reports, read from the sandbox's own REST interface."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from connectors.agencies import polri
from connectors.protocol import Raw
from connectors.transport import setting
from connectors.transport.moments import moment_of
from connectors.transport.rest import RestPager
from hub.sandbox.truth import Truth
from hub.sandbox.wire import Agency
from schema.errors import SourceChanged, SourceError, SourceRejected, SourceUnavailable
from tests.connectors.reading import QUICK, Sandbox, nobody, read


@pytest.fixture
def police(sandbox: Callable[[Agency], Sandbox]) -> Sandbox:
    return sandbox("polri")


def source_of(police: Sandbox, **changes: str) -> RestPager:
    settings = setting.read("polri", polri.SETTINGS, police.settings | changes)
    made = polri.source(settings, nobody)
    return replace(made, page_size=7, patience=QUICK, peer=replace(made.peer, gap_s=0))


@pytest.fixture
def source(police: Sandbox) -> RestPager:
    return source_of(police)


def wire_keys(records: list[Raw]) -> list[tuple[str, str]]:
    """Every report, and of those that stand every victim and suspect, as the truth names them."""
    keys = []
    for raw in records:
        keys.append((raw.object, raw.fields["id"]))
        for kind in ("korban", "tersangka"):
            keys += [
                (kind, f"{raw.fields['id']}/{kind}/{part['no_urut']}") for part in raw.fields.get(kind, [])
            ]
    return keys


async def test_every_record_of_the_truth_arrives_exactly_once(source: RestPager, the_truth: Truth):
    done = await read(source)

    expected = [(r.object, r.key) for r in the_truth.records if r.agency == "polri"]
    assert sorted(wire_keys(done.records)) == sorted(expected)
    assert len(done.batches) > 3
    assert all(len(batch.records) <= 7 for batch in done.batches)


async def test_a_report_comes_as_it_was_sent(source: RestPager, the_truth: Truth):
    done = await read(source)

    withdrawn = {r.key for r in the_truth.records if r.object == "laporan_polisi" and r.withdrawn}
    for raw in done.records:
        assert raw.object == "laporan_polisi"
        assert raw.deleted is (raw.fields["id"] in withdrawn)
        assert raw.changed_at == datetime.fromisoformat(raw.fields["diperbarui_pada"])
        assert raw.changed_at.tzinfo is UTC


async def test_a_pull_that_resumes_at_any_batch_misses_nothing(source: RestPager):
    whole = await read(source)

    for number, cursor in enumerate(whole.cursors[:-1], start=1):
        rest = await read(source, cursor)

        assert rest.keys("id") == whole.keys("id")[7 * number :]


async def test_the_next_pull_begins_ten_minutes_before_the_newest(source: RestPager):
    whole = await read(source)

    again = await read(source, whole.cursors[-1])

    newest = max(raw.changed_at for raw in whole.records)
    recent = {raw.fields["id"] for raw in whole.records if raw.changed_at >= newest - timedelta(minutes=10)}
    assert whole.cursors[-1] == {"terbaru": newest.isoformat()}
    assert set(again.keys("id")) == recent
    assert again.cursors[-1] == whole.cursors[-1]


async def test_the_mark_never_passes_the_beginning_of_the_pass(source: RestPager):
    began_at = datetime(2025, 3, 1, tzinfo=UTC)
    early = replace(source, clock=lambda: began_at)

    first = await read(early, stop_after=2)
    rest = await read(source, first.cursors[-1])

    assert rest.cursors[-1] == {"terbaru": began_at.isoformat()}


async def test_a_change_and_a_deletion_arrive_by_the_next_pull(source: RestPager, police: Sandbox):
    whole = await read(source)
    changed, deleted = [raw.fields["id"] for raw in whole.records if not raw.deleted][:2]

    police.order("change", key=changed, field="tahap", value="P21")
    police.order("delete", key=deleted)
    latest = {raw.fields["id"]: raw for raw in (await read(source, whole.cursors[-1])).records}

    assert latest[changed].fields["tahap"] == "P21"
    assert latest[deleted].deleted
    assert set(latest[deleted].fields) == {"id", "diperbarui_pada", "dihapus"}


async def test_a_cursor_that_nobody_can_read_is_the_beginning(source: RestPager):
    whole = await read(source)

    again = await read(source, {"terbaru": "kemarin", "setelah": 7})

    assert again.keys("id") == whole.keys("id")


async def test_a_place_that_the_server_has_forgotten_starts_the_pass_again(source: RestPager):
    whole = await read(source)

    again = await read(source, whole.cursors[0] | {"setelah": "!!"})

    assert again.keys("id") == whole.keys("id")


@pytest.mark.parametrize(
    ("trouble", "orders", "error"),
    [
        ("fail", {"count": 99, "status": 500}, SourceUnavailable),
        ("fail", {"count": 99, "status": 429}, SourceUnavailable),
        ("fail", {"count": 99, "status": 401}, SourceRejected),
        ("fail", {"count": 1, "status": 403}, SourceRejected),
        ("fail", {"count": 1, "status": 404}, SourceChanged),
        ("rubbish", {"count": 99}, SourceChanged),
        ("stall", {"count": 99, "seconds": 5}, SourceUnavailable),
    ],
)
async def test_trouble_has_its_error_and_the_next_pull_goes_on(
    source: RestPager, police: Sandbox, trouble: str, orders: dict, error: type[SourceError]
):
    whole = await read(source)
    begun = await read(source, stop_after=1)
    impatient = replace(source, peer=replace(source.peer, answer_s=0.1))
    police.order(trouble, **orders)

    with pytest.raises(SourceError) as told:
        await read(impatient, begun.cursors[-1])
    police.order(trouble, count=0)
    rest = await read(source, begun.cursors[-1])

    assert type(told.value) is error
    assert told.value.agency == "polri"
    assert told.value.__cause__ is None
    assert told.value.__context__ is None
    assert begun.keys("id") + rest.keys("id") == whole.keys("id")


@pytest.mark.parametrize(
    ("trouble", "orders"),
    [
        ("fail", {"count": 2, "status": 503}),
        ("fail", {"count": 1, "status": 401}),
        ("rubbish", {"count": 2}),
        ("stall", {"count": 1, "seconds": 1}),
    ],
)
async def test_trouble_that_passes_is_borne(source: RestPager, police: Sandbox, trouble: str, orders: dict):
    whole = await read(source)
    impatient = replace(source, peer=replace(source.peer, answer_s=0.5))

    police.order(trouble, **orders)
    again = await read(impatient)

    assert again.keys("id") == whole.keys("id")
    assert police.state()[f"{trouble}_left"] == 0


async def test_a_wrong_secret_is_refused_and_stands_in_no_message(police: Sandbox):
    wrong = source_of(police, client_secret="rahasia-yang-salah")  # noqa: S106 -- wrong on purpose

    with pytest.raises(SourceRejected) as told:
        await read(wrong)

    assert str(told.value) == "polri: the token endpoint refuses our client"
    assert "rahasia-yang-salah" not in repr(told.value) + repr(wrong)


async def test_a_server_that_does_not_run_is_unavailable(police: Sandbox):
    with pytest.raises(SourceUnavailable):
        await read(source_of(police, url="http://127.0.0.1:9"))


async def test_lineage_holds_neither_a_secret_nor_a_page(source: RestPager, police: Sandbox):
    whole = await read(source)
    again = await read(source, whole.cursors[-1])

    address = police.settings["url"] + "/emp/v1/laporan_polisi"
    since = moment_of(whole.cursors[-1]["terbaru"]) - timedelta(minutes=10)
    assert {batch.source_uri for batch in whole.batches} == {address}
    assert {batch.source_uri for batch in again.batches} == {
        str(httpx.URL(address, params={"sejak": since.isoformat()}))
    }

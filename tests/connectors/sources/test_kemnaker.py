"""Manpower's tables, read from the sandbox's own PostgreSQL."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.agencies import kemnaker
from connectors.protocol import Raw
from connectors.transport import setting
from connectors.transport.moments import WIB
from connectors.transport.replica import SqlReplica, dsn
from hub.sandbox.tables import COLUMNS, KEY_COLUMN
from hub.sandbox.truth import Truth
from hub.sandbox.wire import Agency
from schema.errors import SourceChanged, SourceError, SourceRejected, SourceUnavailable
from tests.connectors.reading import QUICK, Read, Sandbox, nobody, read


@pytest.fixture
def manpower(sandbox: Callable[[Agency], Sandbox]) -> Sandbox:
    return sandbox("kemnaker")


@pytest.fixture
def source(manpower: Sandbox) -> SqlReplica:
    settings = setting.read("kemnaker", kemnaker.SETTINGS, manpower.settings)
    return replace(kemnaker.source(settings, nobody), page_size=20, patience=QUICK)


def key_of(raw: Raw) -> tuple[str, str]:
    return raw.object, str(raw.fields[KEY_COLUMN[raw.object]])


def keys(done: Read) -> list[tuple[str, str]]:
    """Of the agency's own records: tests of this file add nonsense."""
    return [key for key in map(key_of, done.records) if not key[1].startswith("RUSAK")]


async def test_every_record_of_the_truth_arrives_exactly_once(source: SqlReplica, the_truth: Truth):
    done = await read(source)

    assert Counter(keys(done)) == Counter(
        (r.object, r.key) for r in the_truth.records if r.agency == "kemnaker"
    )
    assert all(len(batch.records) <= 20 for batch in done.batches)
    assert len(done.batches) > 5


async def test_a_row_comes_with_the_columns_of_the_contract_as_text(source: SqlReplica, the_truth: Truth):
    done = await read(source)

    withdrawn = {(r.object, r.key) for r in the_truth.records if r.agency == "kemnaker" and r.withdrawn}
    assert withdrawn <= {key_of(raw) for raw in done.records if raw.deleted}
    for raw in done.records:
        assert set(raw.fields) == set(COLUMNS[raw.object])
        assert {type(value) for value in raw.fields.values()} <= {str, type(None)}


async def test_a_time_without_a_zone_is_wib(source: SqlReplica, manpower: Sandbox):
    before_the_change = datetime.now(UTC)
    whole = await read(source)
    manpower.order("change", key=whole.records[0].fields["id_pmi"], field="status", value="PULANG")

    (changed, *_) = [
        raw for raw in (await read(source, whole.cursors[-1])).records if raw.fields.get("status") == "PULANG"
    ][::-1]

    assert changed.changed_at.tzinfo is UTC
    assert abs((changed.changed_at - before_the_change).total_seconds()) < 60


async def test_a_pull_that_resumes_at_any_batch_misses_nothing(source: SqlReplica):
    whole = await read(source)

    read_so_far = 0
    for batch in whole.batches[:-1]:
        read_so_far += len(batch.records)
        rest = await read(source, batch.next_cursor)

        assert list(map(key_of, rest.records)) == list(map(key_of, whole.records))[read_so_far:]


async def test_the_next_pull_begins_ten_minutes_before_the_newest_of_each_table(source: SqlReplica):
    whole = await read(source)

    again = await read(source, whole.cursors[-1])

    newest = {
        name: max(raw.changed_at for raw in whole.records if raw.object == name) for name in source.tables
    }
    recent = [key_of(raw) for raw in whole.records if raw.changed_at >= newest[raw.object] - source.overlap]
    assert whole.cursors[-1] == {"terbaru": {name: moment.isoformat() for name, moment in newest.items()}}
    assert list(map(key_of, again.records)) == recent
    assert len(recent) < len(whole.records)


async def test_the_mark_never_passes_the_beginning_of_the_pass(source: SqlReplica):
    began_at = datetime(2025, 3, 1, tzinfo=WIB)
    early = replace(source, clock=lambda: began_at)

    first = await read(early, stop_after=2)
    rest = await read(source, first.cursors[-1])

    marks = rest.cursors[-1]["terbaru"]
    assert {datetime.fromisoformat(marks[name]) for name in source.tables} == {began_at}


async def test_a_change_and_a_deletion_arrive_by_the_next_pull(source: SqlReplica, manpower: Sandbox):
    whole = await read(source)
    changed, deleted = [
        raw.fields["id_deportasi"] for raw in whole.records if raw.object == "deportasi" and not raw.deleted
    ][:2]

    manpower.order("change", key=changed, field="depot", value="Bekenu")
    manpower.order("delete", key=deleted)
    latest = {key_of(raw): raw for raw in (await read(source, whole.cursors[-1])).records}

    assert latest["deportasi", changed].fields["depot"] == "Bekenu"
    assert latest["deportasi", deleted].deleted


async def test_rows_of_nonsense_come_as_they_are(source: SqlReplica, manpower: Sandbox):
    whole = await read(source)

    manpower.order("rubbish", count=3)
    again = await read(source, whole.cursors[-1])

    nonsense = {key_of(raw)[1] for raw in again.records if key_of(raw)[1].startswith("RUSAK")}
    assert len(nonsense - {key_of(raw)[1] for raw in whole.records}) == 3


async def test_a_cursor_that_nobody_can_read_is_the_beginning(source: SqlReplica):
    whole = await read(source)

    again = await read(source, {"terbaru": ["?"], "tabel": "tidak_ada", "setelah": 7})

    assert list(map(key_of, again.records)) == list(map(key_of, whole.records))


@pytest.mark.parametrize(
    ("trouble", "orders", "error"),
    [
        ("fail", {"count": 99, "status": 500}, SourceUnavailable),
        ("fail", {"count": 99, "status": 403}, SourceRejected),
        ("stall", {"count": 99, "seconds": 9}, SourceUnavailable),
    ],
)
async def test_trouble_has_its_error_and_the_next_pull_goes_on(
    source: SqlReplica, manpower: Sandbox, trouble: str, orders: dict, error: type[SourceError]
):
    whole = await read(source)
    begun = await read(source, stop_after=1)
    manpower.order(trouble, **orders)

    with pytest.raises(SourceError) as told:
        await read(replace(source, answer_s=0.5), begun.cursors[-1])
    manpower.order(trouble, count=0)
    rest = await read(source, begun.cursors[-1])

    assert type(told.value) is error
    assert told.value.__cause__ is None
    assert told.value.__context__ is None
    assert not any(secret in repr(told.value) for secret in manpower.secrets())
    assert list(map(key_of, begun.records + rest.records)) == list(map(key_of, whole.records))


async def test_sessions_that_are_ended_are_opened_again(source: SqlReplica, manpower: Sandbox):
    whole = await read(source)

    again = []
    async for batch in source.batches({}):
        again += batch.records
        if len(again) == 20:
            manpower.order("fail", count=1, status=500)

    assert list(map(key_of, again)) == list(map(key_of, whole.records))


async def test_a_wrong_password_is_refused_and_stands_in_no_message(source: SqlReplica):
    wrong = replace(source, url=source.url.set(password="rahasia-yang-salah"))  # noqa: S106 -- wrong on purpose

    with pytest.raises(SourceRejected) as told:
        await read(wrong)

    assert str(told.value) == "kemnaker: the database refuses our role"
    assert "rahasia-yang-salah" not in repr(wrong)


@pytest.mark.parametrize("changes", [{"tables": ["tidak_ada"]}, {"changed": "tidak_ada"}])
async def test_a_table_or_column_that_is_gone_is_a_change(source: SqlReplica, changes: dict):
    with pytest.raises(SourceChanged, match="no such table or column"):
        await read(replace(source, **changes))


async def test_a_table_that_we_may_not_read_is_a_refusal(source: SqlReplica):
    with pytest.raises(SourceRejected, match="42501"):
        await read(replace(source, schema="sandbox", tables=["made"]))


async def test_lineage_names_the_table_and_no_secret(source: SqlReplica):
    done = await read(source)

    server = f"postgresql://127.0.0.1:{source.url.port}/siskop2mi/pmi"
    assert {batch.source_uri for batch in done.batches} == {f"{server}/{name}" for name in source.tables}


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        ("mysql://hub:x@db.example/siskop2mi", "postgresql://user:password@host:port/database"),
        ("postgresql://db.example", "postgresql://user:password@host:port/database"),
        ("postgresql://hub:x@db.example/siskop2mi", "sslmode=verify-full"),
        ("postgresql://hub:x@db.example/siskop2mi?sslmode=require", "sslmode=verify-full"),
        ("postgresql://hub:x@127.0.0.1/siskop2mi?options=-cx", "only"),
        ("nonsense", "postgresql://user:password@host:port/database"),
    ],
)
def test_an_address_that_is_not_safe_is_refused(value: str, advice: str):
    assert advice in dsn(value)


def test_an_address_under_verified_tls_is_taken():
    assert dsn("postgresql://hub:x@db.example/siskop2mi?sslmode=verify-full&sslrootcert=/etc/ca.pem") is None

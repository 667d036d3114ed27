"""Immigration's documents and crossings, asked for by key from the sandbox's own SOAP service."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import UTC

import pytest

from connectors.agencies import imigrasi
from connectors.agencies.imigrasi import Simkim
from connectors.protocol import Lookup, LookupPage, Raw
from connectors.transport import setting
from hub.sandbox.truth import Truth
from hub.sandbox.wire import Agency
from hub.sandbox.wsdl import CROSSING_FIELDS, PASSPORT_FIELDS
from schema.errors import SourceChanged, SourceError, SourceRejected, SourceUnavailable
from tests.connectors.reading import QUICK, Sandbox, nobody, read

KEY = {"paspor": "no_paspor", "perlintasan": "id_lintas"}


@pytest.fixture
def borders(sandbox: Callable[[Agency], Sandbox]) -> Sandbox:
    return sandbox("imigrasi")


def listed(pages: Sequence[tuple[Sequence[str], Sequence[str]]]) -> Lookup:
    """Pages of (NIKs, documents), at the positions 1, 2, ..."""

    async def lookup(position: str | None) -> AsyncIterator[LookupPage]:
        for number, (niks, documents) in enumerate(pages, start=1):
            if number > int(position or 0):
                yield LookupPage(position=str(number), niks=niks, documents=documents)

    return lookup


def source_of(borders: Sandbox, lookup: Lookup, **changes: str) -> Simkim:
    settings = setting.read("imigrasi", imigrasi.SETTINGS, borders.settings | changes)
    made = imigrasi.source(settings, lookup)
    service = replace(made.service, peer=replace(made.service.peer, gap_s=0))
    return replace(made, patience=QUICK, service=service)


def key_of(raw: Raw) -> tuple[str, str]:
    return raw.object, raw.fields[KEY[raw.object]]


@pytest.fixture
def everybody(the_truth: Truth) -> Lookup:
    """Every number that stands in any record, thirty a page."""
    numbers = sorted({r.passport for r in the_truth.records if r.passport and r.agency == "imigrasi"})
    return listed([([], numbers[start : start + 30]) for start in range(0, len(numbers), 30)])


async def test_every_record_of_the_truth_arrives_exactly_once(
    borders: Sandbox, the_truth: Truth, everybody: Lookup
):
    done = await read(source_of(borders, everybody))

    expected = Counter((r.object, r.key) for r in the_truth.records if r.object in KEY)
    assert Counter(map(key_of, done.records)) == expected
    assert done.cursors[-1] == {}


async def test_numbers_of_passports_found_by_nik_lead_to_their_crossings(borders: Sandbox, the_truth: Truth):
    passports = [r for r in the_truth.records if r.object == "paspor" and r.nik]
    niks = sorted({r.nik for r in passports})

    done = await read(source_of(borders, listed([(niks, [])])))

    numbers = {r.key for r in passports}
    crossings = [r for r in the_truth.records if r.object == "perlintasan" and r.passport in numbers]
    assert Counter(map(key_of, done.records)) == Counter((r.object, r.key) for r in [*passports, *crossings])
    assert len(crossings) > 50


async def test_a_record_comes_with_the_texts_of_the_wire(borders: Sandbox, everybody: Lookup):
    done = await read(source_of(borders, everybody))

    fields = {
        "paspor": {*PASSPORT_FIELDS, "diperbarui_pada"},
        "perlintasan": {*CROSSING_FIELDS, "diperbarui_pada"},
    }
    for raw in done.records:
        assert set(raw.fields) <= fields[raw.object]
        assert {type(value) for value in raw.fields.values()} == {str}
        assert raw.changed_at.tzinfo is UTC
        assert not raw.deleted


async def test_no_call_has_more_keys_than_allowed_and_nothing_comes_twice(
    borders: Sandbox, the_truth: Truth, everybody: Lookup
):
    niks = sorted({r.nik for r in the_truth.records if r.object == "paspor" and r.nik})
    known = {r.passport for r in the_truth.records if r.passport and r.agency == "imigrasi"}
    numbers = sorted(known) + [f"X{number:07d}" for number in range(300)]
    paged = await read(source_of(borders, everybody))
    before = borders.state()["requests"]

    at_once = await read(source_of(borders, listed([(niks, numbers)])))

    calls = -(-(len(niks) + len(numbers)) // 200) + -(-len(numbers) // 200)
    assert borders.state()["requests"] - before == calls
    assert Counter(map(key_of, at_once.records)) == Counter(map(key_of, paged.records))


async def test_a_pull_that_resumes_at_any_batch_misses_nothing(borders: Sandbox, everybody: Lookup):
    source = source_of(borders, everybody)
    whole = await read(source)

    count = 0
    for batch in whole.batches[:-1]:
        count += len(batch.records)
        rest = await read(source, batch.next_cursor)

        assert list(map(key_of, rest.records)) == list(map(key_of, whole.records))[count:]


async def test_an_empty_lookup_gives_one_empty_last_batch_and_asks_nobody(borders: Sandbox):
    before = borders.state()["requests"]

    done = await read(source_of(borders, nobody))

    assert [(batch.records, batch.next_cursor, batch.is_last) for batch in done.batches] == [([], {}, True)]
    assert borders.state()["requests"] == before


async def test_after_its_end_everybody_is_asked_for_again_so_that_a_change_arrives(
    borders: Sandbox, everybody: Lookup
):
    source = source_of(borders, everybody)
    whole = await read(source)
    changed = next(raw for raw in whole.records if raw.object == "paspor")

    borders.order("change", key=changed.fields["no_paspor"], field="kanim_penerbit", value="ENTIKONG")
    again = {key_of(raw): raw for raw in (await read(source, whole.cursors[-1])).records}

    assert again[key_of(changed)].fields["kanim_penerbit"] == "ENTIKONG"
    assert again[key_of(changed)].changed_at > changed.changed_at


async def test_a_pull_that_is_broken_off_closes_the_lookup(borders: Sandbox, everybody: Lookup):
    closed = []

    async def watched(position: str | None) -> AsyncIterator[LookupPage]:
        try:
            async for page in everybody(position):
                yield page
        finally:
            closed.append(position)

    await read(source_of(borders, watched), stop_after=1)

    assert closed == [None]


@pytest.mark.parametrize(
    ("trouble", "orders", "error"),
    [
        ("fail", {"count": 99, "status": 500}, SourceUnavailable),
        ("fail", {"count": 1, "status": 401}, SourceRejected),
        ("rubbish", {"count": 99}, SourceChanged),
        ("stall", {"count": 99, "seconds": 5}, SourceUnavailable),
    ],
)
async def test_trouble_has_its_error_and_the_next_pull_goes_on(
    borders: Sandbox, everybody: Lookup, trouble: str, orders: dict, error: type[SourceError]
):
    source = source_of(borders, everybody)
    whole = await read(source)
    begun = await read(source, stop_after=1)
    impatient = replace(
        source, service=replace(source.service, peer=replace(source.service.peer, answer_s=0.3))
    )
    borders.order(trouble, **orders)

    with pytest.raises(SourceError) as told:
        await read(impatient, begun.cursors[-1])
    borders.order(trouble, count=0)
    rest = await read(source, begun.cursors[-1])

    assert type(told.value) is error
    assert (told.value.__cause__, told.value.__context__) == (None, None)
    assert list(map(key_of, begun.records + rest.records)) == list(map(key_of, whole.records))


@pytest.mark.parametrize(
    ("trouble", "orders"), [("fail", {"count": 2, "status": 503}), ("rubbish", {"count": 2})]
)
async def test_trouble_that_passes_is_borne(borders: Sandbox, everybody: Lookup, trouble: str, orders: dict):
    source = source_of(borders, everybody)
    whole = await read(source)

    borders.order(trouble, **orders)
    again = await read(source)

    assert list(map(key_of, again.records)) == list(map(key_of, whole.records))
    assert borders.state()[f"{trouble}_left"] == 0


async def test_a_wrong_password_is_refused_and_stands_in_no_message(borders: Sandbox, everybody: Lookup):
    wrong = source_of(borders, everybody, password="rahasia-yang-salah")  # noqa: S106 -- wrong on purpose

    with pytest.raises(SourceRejected) as told:
        await read(wrong)

    assert str(told.value) == "imigrasi: the server refuses our credentials (401)"
    assert "rahasia-yang-salah" not in repr(told.value) + repr(wrong)


async def test_a_question_that_the_service_refuses_is_a_change(borders: Sandbox):
    many = replace(source_of(borders, listed([([], [f"X{n}" for n in range(300)])])), key_count=300)

    with pytest.raises(SourceChanged, match="refuses the question"):
        await read(many)


async def test_lineage_names_neither_persons_nor_numbers(borders: Sandbox, everybody: Lookup):
    done = await read(source_of(borders, everybody))

    assert {batch.source_uri for batch in done.batches} == {borders.settings["wsdl"].removesuffix("?wsdl")}

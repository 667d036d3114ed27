"""Parts are fetched whole or by ranges, by clients that are not ours, and what is in them is what was signed for."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.export.chunks import SIZE
from hub.export.ranges import extent
from hub.ledger.evidence import from_base64url, key_of
from hub.ledger.verify import signed_payload
from tests.export.conftest import lines

CASES = "query ($w: CaseFilter) { cases(where: $w) { nodes { id policeReport modusText acts means caseStatus } } }"
MULTIPLY = """
    INSERT INTO golden_case SELECT (jsonb_populate_record(c, jsonb_build_object('case_id', gen_random_uuid()))).*
    FROM golden_case c, generate_series(1, 300)
"""


@pytest.fixture
async def large(exports):
    """An export with a part of several chunks: its path."""
    async with exports.hub.pool.connection() as connection:
        await connection.execute(MULTIPLY)
    path = await exports.taken(CASES)
    await exports.compute()
    return path


async def test_any_range_is_what_stands_there(exports, large):
    part = f"{large}/parts/1"
    whole = (await exports.get(part)).content
    size = len(whole)
    assert size > 2 * SIZE
    edges = [
        (0, 1), (0, size), (SIZE - 1, SIZE + 1), (SIZE, 2 * SIZE), (SIZE - 5, size), (size - 1, size), (7, 7 + SIZE),
    ]  # fmt: skip

    for start, end in edges:
        response = await exports.get(part, Range=f"bytes={start}-{end - 1}")
        assert response.status_code == (200 if (start, end) == (0, size) else 206)
        assert response.content == whole[start:end]
        if response.status_code == 206:
            assert response.headers["Content-Range"] == f"bytes {start}-{end - 1}/{size}"
    beyond = await exports.get(part, Range=f"bytes={size}-")
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{size}")
    head = await exports.hub.http.head(part, headers=await exports.headers())
    assert (head.status_code, head.content, head.headers["Content-Length"]) == (200, b"", str(size))


async def test_a_range_of_another_version_is_the_whole(exports, large):
    part = f"{large}/parts/1"
    whole = await exports.get(part)

    same = await exports.get(part, **{"Range": "bytes=0-9", "If-Range": whole.headers["ETag"]})
    other = await exports.get(part, **{"Range": "bytes=0-9", "If-Range": '"another"'})

    assert (same.status_code, len(same.content)) == (206, 10)
    assert (other.status_code, other.content == whole.content) == (200, True)


@given(size=st.integers(1, 60), first=st.none() | st.integers(0, 70), last=st.none() | st.integers(0, 70))
def test_a_range_is_a_slice(size, first, last):
    data = bytes(range(size))
    header = f"bytes={'' if first is None else first}-{'' if last is None else last}"

    found = extent({"range": header}, size, '"e"')

    if first is None:
        wanted = data if last is None else data[max(size - last, 0) :]
    elif last is not None and last < first:
        wanted = data
    else:
        wanted = data[first:] if last is None else data[first : last + 1]
    assert (b"" if found is None else data[found.start : found.end]) == wanted


@pytest.mark.parametrize(
    "header", ["items=0-1", "bytes=0-1,3-4", "bytes=a-b", "bytes=-", "", "bytes=" + "9" * 40 + "-"]
)
def test_what_is_no_single_range_gets_the_whole(header):
    found = extent({"range": header}, 10, '"e"')

    assert found is not None
    assert found.is_whole


async def test_the_manifest_is_signed_by_a_key_that_the_hub_publishes_and_counts_what_is_there(
    exports, large
):
    answer = (await exports.get(f"{large}/manifest.json")).json()
    state = (await exports.get(large)).json()
    parts = await exports.parts(large)
    keys = {one["kid"]: one for one in (await exports.hub.http.get("/audit/seals")).json()["keys"]}

    manifest = answer["manifest"]
    kid = json.loads(from_base64url(answer["jws"].split(".")[0]))["kid"]
    signed = signed_payload(
        answer["jws"], "export-manifest+jws", {kid: key_of(keys[kid])}, exports.hub.clock()
    )
    assert signed == manifest
    assert manifest["rowCount"] == len(lines(parts)) == state["rowCount"]
    assert [one["sha256"] for one in manifest["parts"]] == [hashlib.sha256(one).hexdigest() for one in parts]
    assert [one["byteCount"] for one in manifest["parts"]] == [len(one) for one in parts]
    assert (manifest["client"], manifest["purpose"], manifest["export"]) == ("one", "protection", state["id"])
    assert manifest["operation"] == hashlib.sha256(CASES.encode()).hexdigest()
    assert {one["owner"] for one in manifest["grants"]} >= {"POLRI", "KEMENSOS"}
    assert {one["legalBasis"] for one in manifest["grants"]} == {"UU PDP art. 20(2)(e)"}
    assert manifest["coordinates"] == sorted(manifest["coordinates"])
    assert "Case.policeReport" in manifest["coordinates"]

"""An export has exactly the rows and values that GraphQL would give page by page, as NDJSON and as Parquet."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import pyarrow.parquet as arrow_parquet
import pytest

from tests.export.conftest import VICTIMS, lines
from tests.graphql.officers import client
from tests.graphql.owners import give_owners

CASES = "query ($w: CaseFilter) { cases(where: $w) { nodes { __typename id policeReport acts caseStatus victims(first: 2) { totalCount nodes { id sex } } } } }"
PERPETRATORS = "query ($w: PerpetratorFilter) { perpetrators(where: $w) { nodes { id fullName roles } } }"


@pytest.mark.parametrize("query", [VICTIMS, CASES, PERPETRATORS], ids=["victims", "cases", "perpetrators"])
@pytest.mark.parametrize("part_rows", [20_000, 7])
async def test_ndjson_is_what_graphql_gives_page_by_page(exports, query, part_rows):
    parts = await exports.whole(query, part_rows=part_rows, batch=3)

    expected = await exports.pages(query)
    assert lines(parts) == expected
    assert len(expected) > 40
    assert (len(parts) > 1) is (part_rows == 7)


async def test_a_filter_and_its_variables_hold(exports):
    chosen = {"w": {"sex": {"eq": "FEMALE"}}}

    parts = await exports.whole(VICTIMS, chosen)

    assert lines(parts) == await exports.pages(VICTIMS, chosen)
    assert {row["sex"] for row in lines(parts)} == {"FEMALE"}


async def test_an_export_without_rows_has_no_part_and_a_manifest(exports):
    path = await exports.taken(PERPETRATORS, {"w": {"id": {"eq": "01900000-0000-7000-8000-000000000001"}}})
    await exports.compute()

    assert await exports.parts(path) == []
    manifest = (await exports.get(f"{path}/manifest.json")).json()["manifest"]
    assert (manifest["rowCount"], manifest["parts"], manifest["snapshots"]) == (0, [], [])


def plain(value):
    """A value of Parquet as JSON has it."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


@pytest.mark.parametrize("part_rows", [20_000, 11])
async def test_parquet_has_the_rows_of_ndjson_with_types(exports, part_rows):
    parts = await exports.whole(VICTIMS, form="parquet", part_rows=part_rows)

    tables = [arrow_parquet.read_table(BytesIO(part)) for part in parts]
    rows = [row for table in tables for row in table.to_pylist()]
    assert (len(parts) > 1) is (part_rows == 11)
    for row in rows:
        assert len(row.pop("exportMark")) == 22
    assert [plain(row) for row in rows] == await exports.pages(VICTIMS)
    kinds = {field.name: str(field.type) for field in tables[0].schema}
    assert {kinds[name] for name in ("stageSince", "ageAtIdentification", "isChildAtExploitation")} == {
        "date32[day]",
        "int32",
        "bool",
    }
    assert "timestamp[us, tz=UTC]" in kinds["movements"]
    assert "decimal128(18, 2)" in kinds["restitutions"]


async def test_the_rows_are_those_that_the_caller_s_grants_open(exports):
    scopes = frozenset({"victim:read", "victim.child:read"})
    held = {"owner": "KEMENSOS", "jurisdictions": ("61",), "scopes": scopes, "purposes": ("protection",)}
    await give_owners(exports.hub.pool)
    await client(exports.hub, "narrow", held)
    query = "query ($w: VictimFilter) { victims(where: $w) { nodes { id } } }"
    token = await exports.hub.new_token(scopes, "narrow")

    parts = await exports.whole(query, token=token)

    expected = await exports.pages(query, token=token)
    everything = await exports.pages(query)
    assert lines(parts) == expected
    assert 0 < len(expected) < len(everything)

"""A report names its parts, so that who is no longer in it is known to be gone."""

from datetime import UTC, datetime

import pytest

from connectors.mapping import load
from connectors.protocol import Raw
from schema.record import Record, RecordKind

MOMENT = datetime(2025, 3, 1, tzinfo=UTC)


def case_of(fields: dict, *, deleted: bool = False) -> Record:
    raw = Raw(object="laporan_polisi", fields=fields, changed_at=MOMENT, deleted=deleted)
    (case,) = (
        one for one in load("polri").map(raw) if isinstance(one, Record) and one.kind is RecordKind.CASE
    )
    return case


@pytest.fixture
def report() -> dict:
    return {
        "id": "EMP-1",
        "no_lp": "LP/B/8/III/2025/SPKT/POLRES SANGGAU",
        "model_lp": "B",
        "tgl_lapor": "01-03-2025 10:00",
        "tahap": "LIDIK",
        "korban": [
            {"no_urut": 1, "nama": "Sari", "jk": "P"},
            {"no_urut": 2, "nama": "Tono", "umur": "dua puluh"},
        ],
        "tersangka": [{"no_urut": 1, "nama": "Budi", "jk": "L", "status": "TERSANGKA"}],
    }


def test_a_report_names_every_part_also_one_that_breaks_a_rule(report):
    assert case_of(report).parts == (
        ("korban", "EMP-1/korban/1"),
        ("korban", "EMP-1/korban/2"),
        ("tersangka", "EMP-1/tersangka/1"),
    )


def test_a_report_without_parts_says_that_it_has_none(report):
    del report["korban"], report["tersangka"]

    assert case_of(report).parts == ()


def test_a_deleted_report_has_no_parts_any_more():
    assert case_of({"id": "EMP-1"}, deleted=True).parts == ()


@pytest.mark.parametrize("broken", ["none", [{"nama": "Sari"}], [{"no_urut": 1}, "?"]])
def test_a_list_with_a_part_that_cannot_be_named_says_nothing(report, broken):
    report["korban"] = broken

    assert case_of(report).parts is None

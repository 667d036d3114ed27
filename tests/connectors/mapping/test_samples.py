"""Samples in, Records out: invented persons, every agency, whole values."""

from datetime import datetime
from pathlib import Path

import orjson
import pytest

from connectors.mapping import load
from connectors.protocol import Raw
from schema.record import Record

SAMPLES = Path(__file__).parent.parent / "samples"
AGENCIES = sorted(path.name for path in SAMPLES.iterdir())


def raws_of(agency: str) -> list[Raw]:
    read = orjson.loads((SAMPLES / agency / "raw.json").read_bytes())
    return [
        Raw(
            object=one["object"],
            fields=one["fields"],
            changed_at=datetime.fromisoformat(one["changed_at"]) if one["changed_at"] else None,
            deleted=one["deleted"],
        )
        for one in read
    ]


def told(agency: str) -> object:
    """Records, violations and drift of the raw sample, as JSON; fields that hold nothing are left out."""
    mapping = load(agency)
    outcomes = [outcome for raw in raws_of(agency) for outcome in mapping.map(raw)]
    drifts = [drift for raw in raws_of(agency) for drift in mapping.drift(raw)]
    found = {
        "records": [one for one in outcomes if isinstance(one, Record)],
        "violations": [one for one in outcomes if not isinstance(one, Record)],
        "drifts": drifts,
    }
    return {
        kind: [{name: value for name, value in one.items() if value not in (None, {}, False)} for one in ones]
        for kind, ones in orjson.loads(orjson.dumps(found)).items()
    }


@pytest.mark.parametrize("agency", AGENCIES)
def test_the_sample_becomes_these_records_and_no_others(agency: str):
    expected = orjson.loads((SAMPLES / agency / "records.json").read_bytes())

    found = told(agency)

    assert found == expected


def test_every_agency_with_a_mapping_file_has_a_sample():
    files = {path.stem for path in Path("connectors/agencies").glob("*.toml")}

    assert files == set(AGENCIES)

"""The sandbox's records as a source hands them over, without the network between."""

from collections.abc import Iterator
from datetime import UTC

import orjson

from connectors.protocol import Raw
from hub.sandbox.polri import body_of
from hub.sandbox.population import Population
from hub.sandbox.wire import Agency, WireRecord


def raw_of(record: WireRecord) -> Raw:
    """What a source would hand over for this record."""
    if record.agency == "polri":
        fields = orjson.loads(body_of(record))
    elif record.agency == "kemensos" and record.withdrawn:
        fields = {"no_register": record.key, "tgl_batal": "31-10-2026"}
    else:
        fields = dict(record.fields)
    return Raw(
        object=record.object,
        fields=fields,
        changed_at=record.updated_at.astimezone(UTC),
        deleted=record.withdrawn,
    )


def flat(population: Population, agency: Agency) -> Iterator[WireRecord]:
    """Every record of an agency that is taken in, parts of reports too, without what was withdrawn from the start."""
    for record in population.records(agency):
        if record.object != "penundaan" and not record.withdrawn:
            yield record
            yield from record.parts

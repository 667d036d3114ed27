"""What agencies say so that every golden table has a row."""

from tests.ingest.store import case, person

SITI = {"nik": "9901014107900001", "name": "Siti Aminah"}
OFFICE = {"key": "polres-sambas", "name": "Polres Sambas"}
WORLD = (
    case("k", facts={"reporting_entity": OFFICE}, legal=[{"key": "1", "stage": "INQUIRY"}]),
    person(
        "v",
        victim_in="k",
        events={
            "ServiceEvent": [{"key": "1", "category": "RETURN", "started_on": "2025-12-01"}],
            "Restitution": [{"key": "1", "head": "MATERIAL"}],
        },
        **SITI,
    ),
    person("t", suspect_in="k", nik="9901010903850001", name="Muhammad Yusuf"),
    person(
        "x",
        "IMIGRASI",
        passport="C1234567",
        identity={"documents": [{"key": "p", "type": "PASSPORT_ORDINARY", "number": "C1234567"}]},
        events={
            "Movement": [{"key": "1", "direction": "OUT"}],
            "JobPlacement": [{"key": "1", "country": "MYS"}],
        },
        **SITI,
    ),
)

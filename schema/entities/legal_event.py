"""LegalEvent: one step of the legal process."""

from datetime import date
from uuid import UUID

from schema.declaration import Rule, Sensitivity, described, entity


@entity(
    text="One step of the legal process; a backward step is a new event and is kept.",
    label_id="Peristiwa hukum",
    table="golden_legal_event",
    key="legal_event_id",
    scope="case:read",
)
class LegalEvent:
    """One step of the legal process of a case, or of one suspect in it."""

    legal_event_id: UUID | None = described(
        "Stable id of the step.",
        label_id="ID peristiwa",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        rule=Rule.DERIVED,
    )
    case_id: UUID | None = described(
        "The case.",
        label_id="ID kasus",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        rule=Rule.DERIVED,
        filterable=True,
    )
    agency: str | None = described(
        "Agency that recorded the step.",
        label_id="Instansi",
        codes="agency",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        rule=Rule.EVENT,
    )
    stage: str | None = described(
        "Stage that was reached.",
        label_id="Tahap",
        codes="legal_stage",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        rule=Rule.EVENT,
        filterable=True,
    )
    terminal: str | None = described(
        "How the process ended or was suspended.",
        label_id="Akhir proses",
        codes="legal_terminal",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        rule=Rule.EVENT,
        filterable=True,
    )
    occurred_on: date | None = described(
        "Day of the step.",
        label_id="Tanggal",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        rule=Rule.EVENT,
        filterable=True,
        sortable=True,
    )
    document_number: str | None = described(
        "Number of the document that records the step.",
        label_id="Nomor dokumen",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        rule=Rule.EVENT,
    )

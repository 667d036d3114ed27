"""Document: a paper that identifies a person or a contract."""

from datetime import date
from uuid import UUID

from schema.declaration import Rule, Sensitivity, Sought, described, entity


@entity(
    text="A document of a person; its number is identity.",
    label_id="Dokumen",
    table="golden_document",
    key="document_id",
    scope="victim:read",
)
class Document:
    """A document of a person."""

    document_id: UUID | None = described(
        "Stable id of the document.",
        label_id="ID dokumen",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.DERIVED,
    )
    person_id: UUID | None = described(
        "The holder.",
        label_id="ID orang",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.DERIVED,
        filterable=True,
    )
    agency: str | None = described(
        "Agency that recorded the document.",
        label_id="Instansi",
        codes="agency",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    type: str | None = described(
        "Kind of document.",
        label_id="Jenis dokumen",
        codes="document_type",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
        filterable=True,
    )
    number: str | None = described(
        "Number of the document.",
        label_id="Nomor dokumen",
        sensitivity=Sensitivity.IDENTITY,
        scope="victim.identity:read",
        rule=Rule.EVENT,
        filterable=True,
        sought=Sought.PAPER,
    )
    issuer: str | None = described(
        "Office that issued it, as the agency wrote it.",
        label_id="Penerbit",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    issued_on: date | None = described(
        "Day of issue.",
        label_id="Tanggal terbit",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    expires_on: date | None = described(
        "Last day of validity.",
        label_id="Tanggal kedaluwarsa",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    status: str | None = described(
        "Valid, withheld, forged, lost or expired.",
        label_id="Status dokumen",
        codes="document_status",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
        filterable=True,
    )

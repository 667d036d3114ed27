"""Organisation: an agency, office, provider or company."""

from uuid import UUID

from schema.declaration import Place, Rule, Sensitivity, Standards, described, entity


@entity(
    text="An agency, office, shelter, placement agency or employer; a shelter's address is never stored.",
    label_id="Organisasi",
    table="golden_organisation",
    key="organisation_id",
    scope="case:read",
)
class Organisation:
    """An agency, office, provider or company (HTCDS `org_`)."""

    organisation_id: UUID | None = described(
        "Stable id of the organisation.",
        label_id="ID organisasi",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        rule=Rule.DERIVED,
    )
    name: str | None = described(
        "Name.",
        label_id="Nama",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        rule=Rule.EVENT,
        filterable=True,
        sortable=True,
        standards=Standards(htcds="org_Name"),
    )
    type: str | None = described(
        "Kind of organisation.",
        label_id="Jenis organisasi",
        codes="organisation_type",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        rule=Rule.EVENT,
        filterable=True,
        standards=Standards(ictip="reporting entity: type"),
    )
    level: str | None = described(
        "National, province, regency or abroad.",
        label_id="Tingkat",
        codes="organisation_level",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        rule=Rule.EVENT,
    )
    region: str | None = described(
        "Region it serves; Kemendagri code.",
        label_id="Wilayah",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        rule=Rule.EVENT,
        filterable=True,
        place=Place.REGION,
    )
    agency: str | None = described(
        "Agency that it belongs to.",
        label_id="Instansi induk",
        codes="agency",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        rule=Rule.EVENT,
    )
    licence_number: str | None = described(
        "Licence to place workers (SIP3MI) or to train them.",
        label_id="Nomor izin",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        rule=Rule.EVENT,
    )

"""Movement: one crossing of the border."""

from datetime import datetime
from uuid import UUID

from schema.declaration import Place, Rule, Sensitivity, described, entity


@entity(
    text="One crossing of Indonesia's border by a person.",
    label_id="Perlintasan",
    table="golden_movement",
    key="movement_id",
    scope="victim:read",
)
class Movement:
    """One crossing of Indonesia's border by a person."""

    movement_id: UUID | None = described(
        "Stable id of the crossing.",
        label_id="ID perlintasan",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.DERIVED,
    )
    person_id: UUID | None = described(
        "The person.",
        label_id="ID orang",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.DERIVED,
        filterable=True,
    )
    agency: str | None = described(
        "Agency that recorded the crossing.",
        label_id="Instansi",
        codes="agency",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    direction: str | None = described(
        "Into or out of Indonesia.",
        label_id="Arah",
        codes="movement_direction",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
        filterable=True,
    )
    border_post: str | None = described(
        "Border post.",
        label_id="Tempat pemeriksaan",
        codes="border_post",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
        filterable=True,
    )
    at: datetime | None = described(
        "Moment of the crossing.",
        label_id="Waktu",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
        filterable=True,
        sortable=True,
    )
    mode: str | None = described(
        "By air, sea or land.",
        label_id="Moda",
        codes="travel_mode",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    carrier: str | None = described(
        "Flight or ship.",
        label_id="Pengangkut",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    to_country_declared: str | None = described(
        "Country that the person declared, ISO 3166-1 alpha-3; not the onward one.",
        label_id="Negara tujuan dinyatakan",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
        place=Place.COUNTRY,
    )
    basis: str | None = described(
        "Recorded by a border system, reported, or inferred.",
        label_id="Dasar",
        codes="movement_basis",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    depot: str | None = described(
        "Detention depot abroad that a deportee came from.",
        label_id="Depot",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    causes: list[str] | None = described(
        "Causes of the deportation.",
        label_id="Penyebab",
        codes="deportation_cause",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    batch_reference: str | None = described(
        "Consular letter of the deportation batch.",
        label_id="Nomor surat KJRI",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
    )

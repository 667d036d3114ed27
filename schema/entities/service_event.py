"""ServiceEvent: one service given to a victim."""

from datetime import date
from uuid import UUID

from schema.declaration import Rule, Sensitivity, Standards, described, entity


@entity(
    text="One service given to a victim (Permen PPPA 8/2021); a shelter's address is never stored.",
    label_id="Layanan",
    table="golden_service_event",
    key="service_event_id",
    scope="victim:read",
)
class ServiceEvent:
    """One service given to a victim, Permen PPPA 8/2021."""

    service_event_id: UUID | None = described(
        "Stable id of the service.",
        label_id="ID layanan",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.DERIVED,
    )
    victim_id: UUID | None = described(
        "The victim served.",
        label_id="ID korban",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.DERIVED,
        filterable=True,
    )
    agency: str | None = described(
        "Agency that recorded the service.",
        label_id="Instansi",
        codes="agency",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.EVENT,
        filterable=True,
    )
    category: str | None = described(
        "Kind of service.",
        label_id="Kategori layanan",
        codes="service_category",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.EVENT,
        filterable=True,
        standards=Standards(htcds="spl_*", ictip="victim: assistance"),
    )
    detail: str | None = described(
        "The service in the provider's words.",
        label_id="Rincian layanan",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim.health:read",
        rule=Rule.EVENT,
    )
    started_on: date | None = described(
        "First day.",
        label_id="Mulai",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.EVENT,
        filterable=True,
        sortable=True,
    )
    ended_on: date | None = described(
        "Last day; absent while it goes on.",
        label_id="Selesai",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    outcome: str | None = described(
        "How it ended.",
        label_id="Hasil",
        codes="service_outcome",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    referral_from: str | None = described(
        "Who referred the victim to the provider.",
        label_id="Rujukan dari",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    return_leg: str | None = described(
        "Leg of the return.",
        label_id="Tahap pemulangan",
        codes="return_leg",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    monitoring_month: int | None = described(
        "Month after return that a monitoring visit belongs to.",
        label_id="Bulan pemantauan",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.EVENT,
    )

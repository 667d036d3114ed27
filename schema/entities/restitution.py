"""Restitution: what a victim is owed, by head and step."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from schema.declaration import Rule, Sensitivity, described, entity


@entity(
    text="What a victim is owed under one head, and how far it got: assessed, claimed, awarded, paid. NULL is not zero.",
    label_id="Restitusi",
    table="golden_restitution",
    key="restitution_id",
    scope="victim:read",
)
class Restitution:
    """What a victim is owed under one head of UU 21/2007 art. 48."""

    restitution_id: UUID | None = described(
        "Stable id of the entry.",
        label_id="ID restitusi",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.DERIVED,
    )
    victim_id: UUID | None = described(
        "The victim.",
        label_id="ID korban",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.DERIVED,
        filterable=True,
    )
    agency: str | None = described(
        "Agency that recorded the entry.",
        label_id="Instansi",
        codes="agency",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    head: str | None = described(
        "Head of loss.",
        label_id="Jenis kerugian",
        codes="restitution_head",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
        filterable=True,
    )
    assessed: Decimal | None = described(
        "Amount assessed by LPSK.",
        label_id="Dinilai",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    claimed: Decimal | None = described(
        "Amount in the prosecutor's demand.",
        label_id="Dituntut",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    awarded: Decimal | None = described(
        "Amount awarded by the court.",
        label_id="Diputus",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    paid: Decimal | None = described(
        "Amount paid.",
        label_id="Dibayar",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    currency: str | None = described(
        "Currency, ISO 4217.",
        label_id="Mata uang",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    awarded_on: date | None = described(
        "Day of the award.",
        label_id="Tanggal putusan",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
        filterable=True,
        sortable=True,
    )
    paid_on: date | None = described(
        "Day of the payment.",
        label_id="Tanggal bayar",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    substitute_detention_months: int | None = described(
        "Detention in place of payment, months.",
        label_id="Kurungan pengganti (bulan)",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
    )

"""Perpetrator: a person under suspicion in a case."""

from decimal import Decimal
from uuid import UUID

from schema.declaration import Rule, Sensitivity, Standards, described, entity

_COURT_FIRST = ("MAHKAMAH_AGUNG", "KEJAKSAAN", "POLRI")


@entity(
    text="A person as a perpetrator or suspect in one case; below SUSPECT no status leaves law enforcement.",
    label_id="Pelaku",
    table="golden_perpetrator",
    key="perpetrator_id",
    scope="perpetrator:read",
)
class Perpetrator:
    """A person as a perpetrator or suspect in one case (HTCDS `per_`)."""

    perpetrator_id: UUID | None = described(
        "Stable id of this person's part as a perpetrator in this case.",
        label_id="ID pelaku",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="perpetrator:read",
        rule=Rule.DERIVED,
    )
    person_id: UUID | None = described(
        "The person; equal in every case of the same person.",
        label_id="ID orang",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="perpetrator:read",
        rule=Rule.DERIVED,
        filterable=True,
    )
    case_id: UUID | None = described(
        "The case.",
        label_id="ID kasus",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="perpetrator:read",
        rule=Rule.DERIVED,
        filterable=True,
    )
    suspect_status: str | None = described(
        "Standing in the criminal process.",
        label_id="Status tersangka",
        codes="suspect_status",
        sensitivity=Sensitivity.SENSITIVE,
        scope="perpetrator:read",
        wins=_COURT_FIRST,
        filterable=True,
        standards=Standards(ictip="perpetrator: justice status"),
    )
    roles: list[str] | None = described(
        "Parts that the person played.",
        label_id="Peran",
        codes="perpetrator_role",
        sensitivity=Sensitivity.SENSITIVE,
        scope="perpetrator:read",
        rule=Rule.UNION,
        filterable=True,
        standards=Standards(htcds="per_RoleInProcess", ictip="perpetrator: role"),
    )
    is_corporate: bool | None = described(
        "True if the perpetrator is an organisation, UU 21/2007 art. 13-15.",
        label_id="Korporasi",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="perpetrator:read",
        rule=Rule.DERIVED,
        filterable=True,
    )
    sentence_months: int | None = described(
        "Sentence of imprisonment, months.",
        label_id="Pidana penjara (bulan)",
        sensitivity=Sensitivity.SENSITIVE,
        scope="perpetrator:read",
        wins=_COURT_FIRST,
        standards=Standards(ictip="perpetrator: sentence"),
    )
    fine: Decimal | None = described(
        "Fine, rupiah.",
        label_id="Pidana denda",
        sensitivity=Sensitivity.SENSITIVE,
        scope="perpetrator:read",
        wins=_COURT_FIRST,
    )

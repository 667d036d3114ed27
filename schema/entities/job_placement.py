"""JobPlacement: a job promised or held abroad."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from schema.declaration import Place, Rule, Sensitivity, described, entity


@entity(
    text="A job promised or held abroad, as the manpower system has it; actual conditions are the victim's statement.",
    label_id="Penempatan kerja",
    table="golden_job_placement",
    key="job_placement_id",
    scope="victim:read",
)
class JobPlacement:
    """A job promised or held abroad."""

    job_placement_id: UUID | None = described(
        "Stable id of the placement.",
        label_id="ID penempatan",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.DERIVED,
    )
    person_id: UUID | None = described(
        "The worker.",
        label_id="ID orang",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.DERIVED,
        filterable=True,
    )
    agency: str | None = described(
        "Agency that recorded the placement.",
        label_id="Instansi",
        codes="agency",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    promised_occupation: str | None = described(
        "Occupation that was promised.",
        label_id="Pekerjaan dijanjikan",
        codes="promised_occupation",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.EVENT,
        filterable=True,
    )
    agency_organisation_id: UUID | None = described(
        "Placement agency or training provider.",
        label_id="P3MI atau LPK",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    country: str | None = described(
        "Country of placement, ISO 3166-1 alpha-3.",
        label_id="Negara penempatan",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.EVENT,
        filterable=True,
        place=Place.COUNTRY,
    )
    recruitment_permit: str | None = described(
        "Recruitment permit (SIP2MI).",
        label_id="SIP2MI",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    contract_signed_on: date | None = described(
        "Day on which the contract was signed.",
        label_id="Tanggal perjanjian kerja",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    procedural_status: str | None = described(
        "Procedural or not.",
        label_id="Status prosedural",
        codes="procedural_status",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.EVENT,
        filterable=True,
    )
    placement_status: str | None = described(
        "Where the placement stands.",
        label_id="Status penempatan",
        codes="placement_status",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.EVENT,
        filterable=True,
    )
    scheme: str | None = described(
        "Placement scheme.",
        label_id="Skema",
        codes="placement_scheme",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    wage_promised: Decimal | None = described(
        "Monthly wage that was promised.",
        label_id="Gaji dijanjikan",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    wage_currency: str | None = described(
        "Currency of the wage, ISO 4217.",
        label_id="Mata uang",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    departure_post: str | None = described(
        "Where the worker left Indonesia, as the agency wrote it.",
        label_id="Embarkasi",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.EVENT,
    )
    departed_on: date | None = described(
        "Day of departure.",
        label_id="Tanggal berangkat",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.EVENT,
        filterable=True,
        sortable=True,
    )

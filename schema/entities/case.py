"""Case: one trafficking event as agencies know it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from schema.declaration import Place, Rule, Sensitivity, Standards, described, entity

_POLICE_FIRST = ("POLRI", "KEMENSOS", "KEMNAKER", "IMIGRASI")


@dataclass(frozen=True, kw_only=True)
class LegalBasis:
    """An article under which a case is handled; the criminal law changed on 2 January 2026, so never an enum."""

    law: str
    article: str
    regime: str
    valid_on: date | None = None


@entity(
    text="A trafficking case (IC-TIP event): what happened, where, how, and where the legal process stands.",
    label_id="Kasus",
    table="golden_case",
    key="case_id",
    scope="case:read",
)
class Case:
    """A trafficking case (IC-TIP event)."""

    case_id: UUID | None = described(
        "Stable id of the case; after a merge the oldest id stays and the others lead to it.",
        label_id="ID kasus",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        rule=Rule.DERIVED,
    )
    case_status: str | None = described(
        "Whether the case is open: the most open of the legal process, the services and what agencies state.",
        label_id="Status kasus",
        codes="case_status",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        rule=Rule.DERIVED,
        filterable=True,
        standards=Standards(htcds="cas_Status"),
    )
    police_report: str | None = described(
        "Number of the police report (LP), normalised; absent while no report has been made.",
        label_id="Nomor laporan polisi",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        wins=("POLRI",),
        filterable=True,
    )
    reported_on: date | None = described(
        "Day of the first report to any agency (WIB).",
        label_id="Tanggal lapor",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        rule=Rule.EARLIEST,
        filterable=True,
        sortable=True,
        standards=Standards(ctdc="yearOfRegistration"),
    )
    occurred_from: date | None = described(
        "First day of the event.",
        label_id="Terjadi sejak",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        wins=_POLICE_FIRST,
        filterable=True,
        sortable=True,
        standards=Standards(ictip="event: date"),
    )
    occurred_to: date | None = described(
        "Last day of the event.",
        label_id="Terjadi sampai",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        wins=_POLICE_FIRST,
        standards=Standards(ictip="event: duration"),
    )
    reporting_entity_id: UUID | None = described(
        "Organisation that reported the case first.",
        label_id="Instansi pelapor",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        wins=_POLICE_FIRST,
        standards=Standards(ictip="reporting entity"),
    )
    report_channel: str | None = described(
        "How the report came in.",
        label_id="Saluran laporan",
        codes="report_channel",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        wins=_POLICE_FIRST,
        filterable=True,
    )
    acts: list[str] | None = described(
        "What was done (proses), UU 21/2007 art. 1(1).",
        label_id="Proses",
        codes="act",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        rule=Rule.UNION,
        filterable=True,
        standards=Standards(ictip="event: act"),
    )
    means: list[str] | None = described(
        "By what means (cara), UU 21/2007 art. 1(1); not required for a child.",
        label_id="Cara",
        codes="means",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        rule=Rule.UNION,
        filterable=True,
        standards=Standards(ictip="event: means"),
    )
    exploitation: list[str] | None = described(
        "For what purpose (tujuan), UU 21/2007 art. 1(1).",
        label_id="Tujuan eksploitasi",
        codes="exploitation",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.UNION,
        filterable=True,
        standards=Standards(htcds="vic_TypeOfExploitation", ictip="event: form of exploitation"),
    )
    modus: str | None = described(
        "The trafficker's method, task force list 2025.1.",
        label_id="Modus",
        codes="modus",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        wins=("SATGAS_TPPO", *_POLICE_FIRST),
        filterable=True,
        sortable=True,
    )
    modus_text: str | None = described(
        "The method in the agency's words; may speak of persons.",
        label_id="Uraian modus",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        wins=_POLICE_FIRST,
    )
    geographic_scope: str | None = described(
        "Domestic or cross-border, derived from the places.",
        label_id="Cakupan geografis",
        codes="geographic_scope",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        rule=Rule.DERIVED,
        filterable=True,
        standards=Standards(ictip="event: domestic or cross-border"),
    )
    origin_region: str | None = described(
        "Regency or province where recruitment took place; Kemendagri code.",
        label_id="Wilayah asal",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        wins=_POLICE_FIRST,
        filterable=True,
        sortable=True,
        standards=Standards(ictip="event: place of recruitment"),
        place=Place.REGION,
    )
    destination_country: str | None = described(
        "Country of exploitation, ISO 3166-1 alpha-3.",
        label_id="Negara tujuan",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        wins=("IMIGRASI", "KEMLU", "POLRI", "KEMENSOS", "KEMNAKER"),
        filterable=True,
        sortable=True,
        standards=Standards(ictip="event: place of exploitation", ctdc="CountryOfExploitation"),
        place=Place.COUNTRY,
    )
    destination_region: str | None = described(
        "Regency or province of exploitation in Indonesia; Kemendagri code.",
        label_id="Wilayah tujuan",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        wins=_POLICE_FIRST,
        filterable=True,
        place=Place.REGION,
    )
    legal_basis: list[LegalBasis] | None = described(
        "Articles under which the case is handled.",
        label_id="Dasar hukum",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        wins=("KEJAKSAAN", "POLRI"),
        standards=Standards(ictip="GLOTIP offences"),
    )
    legal_stage: str | None = described(
        "Latest stage of the legal process that the authority of that stage reported.",
        label_id="Tahap hukum",
        codes="legal_stage",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        rule=Rule.DERIVED,
        filterable=True,
    )
    legal_terminal: str | None = described(
        "How the legal process ended or was suspended, if it was.",
        label_id="Akhir proses hukum",
        codes="legal_terminal",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        rule=Rule.DERIVED,
        filterable=True,
    )
    reported_victim_count: int | None = described(
        "Number of victims as the agency stated it; never summed, never a count of rows.",
        label_id="Jumlah korban menurut laporan",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="case:read",
        wins=_POLICE_FIRST,
    )

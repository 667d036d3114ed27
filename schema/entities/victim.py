"""Victim: a person harmed in a case."""

from datetime import date
from uuid import UUID

from schema.declaration import Rule, Sensitivity, Standards, described, entity

_SERVICES_FIRST = ("LPSK", "KEMENSOS", "KEMENPPPA", "KEMNAKER", "POLRI")


@entity(
    text="A person as a victim in one case. Status is a formal decision or less; no score ever sets it.",
    label_id="Korban",
    table="golden_victim",
    key="victim_id",
    scope="victim:read",
)
class Victim:
    """A person as a victim in one case (NIEM hs:HumanTraffickingVictimType)."""

    victim_id: UUID | None = described(
        "Stable id of this person's part as a victim in this case.",
        label_id="ID korban",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.DERIVED,
        standards=Standards(niem="hs:HumanTraffickingVictimType"),
    )
    person_id: UUID | None = described(
        "The person; equal in every case of the same person.",
        label_id="ID orang",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.DERIVED,
        filterable=True,
    )
    case_id: UUID | None = described(
        "The case.",
        label_id="ID kasus",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.DERIVED,
        filterable=True,
    )
    status: str | None = described(
        "Whether the person is a victim in law: indicated, presumed, identified by a formal decision, or not a victim.",
        label_id="Status korban",
        codes="victim_status",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.DERIVED,
        filterable=True,
        standards=Standards(htcds="vic_TraffickingStatus", ictip="victim: status"),
    )
    status_decided_by: str | None = described(
        "Body whose word the status is.",
        label_id="Penentu status",
        codes="victim_status_decider",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.DERIVED,
        standards=Standards(htcds="vic_TraffickingStatusDecisionMakingOrg", ictip="victim: identifying body"),
    )
    age_at_identification: int | None = described(
        "Age in full years on the day of the first report of the case.",
        label_id="Usia saat teridentifikasi",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.DERIVED,
        standards=Standards(ictip="victim: age"),
    )
    age_band_ctdc: str | None = described(
        "Age band as CTDC counts.",
        label_id="Kelompok usia CTDC",
        codes="age_band_ctdc",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.DERIVED,
        filterable=True,
        standards=Standards(ctdc="ageBroad"),
    )
    age_band_national: str | None = described(
        "Age band as SIMFONI-PPA counts.",
        label_id="Kelompok usia nasional",
        codes="age_band_national",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.DERIVED,
        filterable=True,
    )
    is_child_at_exploitation: bool | None = described(
        "True if under 18 when the event began; absent where no age is known.",
        label_id="Anak saat eksploitasi",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.DERIVED,
        filterable=True,
        standards=Standards(ictip="victim: age at entry", ctdc="majorityStatusAtExploit"),
    )
    exploitation: list[str] | None = described(
        "Forms of exploitation that this person suffered.",
        label_id="Bentuk eksploitasi",
        codes="exploitation",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.UNION,
        filterable=True,
        standards=Standards(
            htcds="vic_TypeOfExploitation",
            ictip="event: form of exploitation",
            ctdc="isForcedLabour, isSexualExploit, isOtherExploit",
        ),
    )
    sexual_exploitation_type: list[str] | None = described(
        "Kinds of sexual exploitation.",
        label_id="Jenis eksploitasi seksual",
        codes="sexual_exploitation_type",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.UNION,
        standards=Standards(htcds="vic_TypeOfSexExploitation", ctdc="typeOfSex*"),
    )
    sector: str | None = described(
        "Economic sector of the exploitation, ISIC Rev. 4 section.",
        label_id="Sektor",
        codes="sector",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        wins=_SERVICES_FIRST,
        filterable=True,
        standards=Standards(htcds="vic_ForcedLabourIndustry", ctdc="typeOfLabour*"),
    )
    means_of_control: list[str] | None = described(
        "How the person was controlled.",
        label_id="Cara pengendalian",
        codes="means_of_control",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.UNION,
        standards=Standards(htcds="vic_MethodsOfControl", ctdc="means*"),
    )
    recruiter_relation: str | None = described(
        "Relation of the recruiter to the victim.",
        label_id="Hubungan dengan perekrut",
        codes="recruiter_relation",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        wins=_SERVICES_FIRST,
        standards=Standards(htcds="vic_RelationshipToTrafficker", ctdc="recruiterRelation*"),
    )
    recruitment_methods: list[str] | None = described(
        "How the person was recruited.",
        label_id="Cara perekrutan",
        codes="recruitment_method",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.UNION,
        standards=Standards(htcds="vic_MethodOfRecruitment"),
    )
    recruitment_platforms: list[str] | None = described(
        "Online platforms on which the person was recruited.",
        label_id="Platform perekrutan",
        codes="recruitment_platform",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.UNION,
        standards=Standards(htcds="vic_RecruitmentWebsitesAndApps"),
    )
    protection_level: str | None = described(
        "Protection that holds for the person; the stricter wins.",
        label_id="Tingkat perlindungan",
        codes="protection_level",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim:read",
        rule=Rule.DERIVED,
        filterable=True,
    )
    stage: str | None = described(
        "Where the victim stands between identification and reintegration.",
        label_id="Tahap layanan",
        codes="victim_stage",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.DERIVED,
        filterable=True,
        sortable=True,
    )
    stage_since: date | None = described(
        "Day on which the stage began.",
        label_id="Tahap sejak",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="victim:read",
        rule=Rule.DERIVED,
        filterable=True,
        sortable=True,
    )

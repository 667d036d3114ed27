"""Person: who somebody is, without a role."""

from datetime import date
from uuid import UUID

from schema.declaration import Place, Rule, Sensitivity, Sought, Standards, described, entity

_REGISTRY_FIRST = ("DUKCAPIL", "IMIGRASI", "KEMNAKER", "KEMENSOS", "POLRI")


@entity(
    text="A human being as the hub knows them: identity only. Victim and perpetrator are roles of a person in a case.",
    label_id="Orang",
    table="golden_person",
    key="person_id",
    scope="{role}:read",
)
class Person:
    """A human being; identity only, no role (HTCDS `prs_`, NIEM nc:Person)."""

    person_id: UUID | None = described(
        "Stable id of the person; after a merge the oldest id stays and the others lead to it.",
        label_id="ID orang",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="{role}:read",
        rule=Rule.DERIVED,
        standards=Standards(niem="nc:Person"),
    )
    nik: str | None = described(
        "National identity number, 16 digits.",
        label_id="NIK",
        sensitivity=Sensitivity.IDENTITY,
        scope="{role}.identity:read",
        wins=("DUKCAPIL", "IMIGRASI", "KEMENSOS", "KEMNAKER", "POLRI"),
        filterable=True,
        standards=Standards(htcds="prs_IdentityNumber"),
        sought=Sought.NIK,
    )
    nik_status: str | None = described(
        "What is known of the NIK: verified, well-formed, invalid, absent or suspected forged.",
        label_id="Status NIK",
        codes="nik_status",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="{role}:read",
        rule=Rule.DERIVED,
        filterable=True,
    )
    full_name: str | None = described(
        "Full name; one word is a full name.",
        label_id="Nama lengkap",
        sensitivity=Sensitivity.IDENTITY,
        scope="{role}.identity:read",
        wins=_REGISTRY_FIRST,
        filterable=True,
        standards=Standards(htcds="prs_FirstName, prs_SecondName"),
        sought=Sought.NAME,
    )
    aliases: list[str] | None = described(
        "Other names of the person, by the agency whose word wins: a sealed value has one key, so it is never a union.",
        label_id="Alias",
        sensitivity=Sensitivity.IDENTITY,
        scope="{role}.identity:read",
        wins=_REGISTRY_FIRST,
        sought=Sought.NAME,
    )
    birth_place: str | None = described(
        "Place of birth as the agency wrote it.",
        label_id="Tempat lahir",
        sensitivity=Sensitivity.IDENTITY,
        scope="{role}.identity:read",
        wins=("DUKCAPIL", "IMIGRASI", "KEMNAKER", "POLRI"),
    )
    birth_date: date | None = described(
        "Date of birth; read it together with birthDatePrecision.",
        label_id="Tanggal lahir",
        sensitivity=Sensitivity.IDENTITY,
        scope="{role}.identity:read",
        wins=("DUKCAPIL", "IMIGRASI", "KEMNAKER", "POLRI"),
        standards=Standards(htcds="prs_Birthdate"),
    )
    birth_date_precision: str | None = described(
        "How exact the date of birth is; ESTIMATED comes from a stated age.",
        label_id="Ketelitian tanggal lahir",
        codes="birth_date_precision",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="{role}:read",
        rule=Rule.DERIVED,
    )
    sex: str | None = described(
        "Sex.",
        label_id="Jenis kelamin",
        codes="sex",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="{role}:read",
        wins=_REGISTRY_FIRST,
        filterable=True,
        standards=Standards(htcds="prs_Gender", ictip="victim: sex", ctdc="gender"),
    )
    citizenships: list[str] | None = described(
        "Citizenships, ISO 3166-1 alpha-3.",
        label_id="Kewarganegaraan",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="{role}:read",
        rule=Rule.UNION,
        standards=Standards(htcds="prs_Citizenship", ictip="victim: citizenship", ctdc="citizenship"),
        place=Place.COUNTRY,
    )
    address: str | None = described(
        "Address as the agency wrote it; never a shelter's.",
        label_id="Alamat",
        sensitivity=Sensitivity.IDENTITY,
        scope="{role}.identity:read",
        wins=("DUKCAPIL", "KEMENSOS", "KEMNAKER", "POLRI"),
        standards=Standards(htcds="prs_Mailing*"),
        whereabouts=True,
    )
    residence_region: str | None = described(
        "Regency of residence, or the province where no more is known; Kemendagri code.",
        label_id="Wilayah tempat tinggal",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="{role}:read",
        wins=("DUKCAPIL", "KEMENSOS", "KEMNAKER", "POLRI"),
        filterable=True,
        standards=Standards(htcds="prs_MailingState", ictip="victim: residence"),
        whereabouts=True,
        place=Place.REGION,
    )
    phone: str | None = described(
        "Telephone number, E.164.",
        label_id="Telepon",
        sensitivity=Sensitivity.IDENTITY,
        scope="{role}.identity:read",
        wins=("KEMENSOS", "KEMNAKER", "POLRI"),
        standards=Standards(htcds="prs_MobilePhone"),
        whereabouts=True,
    )
    education: str | None = described(
        "Highest education completed, ISCED 2011.",
        label_id="Pendidikan",
        codes="education",
        sensitivity=Sensitivity.OPERATIONAL,
        scope="{role}:read",
        wins=("KEMENPPPA", "DUKCAPIL"),
        standards=Standards(htcds="prs_HighestLevelOfEducation"),
    )
    marital_status: str | None = described(
        "Marital status.",
        label_id="Status perkawinan",
        codes="marital_status",
        sensitivity=Sensitivity.SENSITIVE,
        scope="{role}:read",
        wins=("DUKCAPIL",),
        standards=Standards(htcds="prs_MaritalStatus"),
    )
    number_of_children: int | None = described(
        "Number of the person's children.",
        label_id="Jumlah anak",
        sensitivity=Sensitivity.SENSITIVE,
        scope="{role}:read",
        wins=("DUKCAPIL",),
        standards=Standards(htcds="prs_NumberOfChildren"),
    )
    disabilities: list[str] | None = described(
        "Disabilities as a service provider recorded them.",
        label_id="Disabilitas",
        sensitivity=Sensitivity.SENSITIVE,
        scope="victim.health:read",
        rule=Rule.UNION,
        standards=Standards(ictip="victim: disability"),
    )
    deceased: bool | None = described(
        "True if the person is known to have died.",
        label_id="Meninggal",
        sensitivity=Sensitivity.SENSITIVE,
        scope="{role}:read",
        wins=("DUKCAPIL",),
        standards=Standards(htcds="prs_Deceased"),
    )

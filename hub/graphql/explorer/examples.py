"""Queries to try, one for each kind of user: the explorer offers them, and the demo prints them."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Example:
    """A query with the client that may ask it.

    Attributes:
        client_id: a client of the demo.
        office: of somebody of the demo who may ask it as well, as the demo's login names it.
        who: the kind of user, by language.
        what: what the answer tells, by language.
        query: an operation, as a person would write it.
    """

    client_id: str
    office: str
    who: dict[str, str]
    what: dict[str, str]
    query: str


EXAMPLES = (
    Example(
        client_id="polda-kalbar",
        office="Penyidik Polda Kalimantan Barat",
        who={"en": "An integrator", "id": "Integrator"},
        what={
            "en": "cases of Sambas with their victims and suspects, names opened for an investigation",
            "id": "kasus Sambas beserta korban dan tersangkanya, nama dibuka untuk penyidikan",
        },
        query="""\
query CasesOfSambas {
  cases(
    first: 3
    where: {originRegion: {eq: "61.01"}}
    orderBy: [{field: REPORTED_ON, direction: DESC}]
  ) {
    totalCount
    nodes {
      policeReport
      reportedOn
      modus
      legalStage
      destinationCountry
      agencies
      victims { nodes { fullName nik sex stage } }
      perpetrators { nodes { fullName suspectStatus roles } }
    }
  }
}
""",
    ),
    Example(
        client_id="dashboard-satgas",
        office="Analis data Sekretariat Satgas TPPO",
        who={"en": "A dashboard developer", "id": "Pengembang dasbor"},
        what={
            "en": "how many victims by stage and sex and how many cases by month, and the newest cases of one method",
            "id": "jumlah korban per tahap dan jenis kelamin, jumlah kasus per bulan, dan kasus terbaru dengan satu modus",
        },
        query="""\
query Counts {
  caseload {
    victims(by: [STAGE, SEX]) {
      total
      groups { key { code labelId labelEn } count }
      covers { agency nationwide regions }
      childrenIncluded
    }
    cases(by: [REPORTED_ON_MONTH]) { total groups { key { code } count } }
  }
  cases(
    first: 5
    where: {modus: {eq: TRANSLATOR_MANDARIN}}
    orderBy: [{field: REPORTED_ON, direction: DESC}]
  ) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes {
      reportedOn
      originRegion
      destinationCountry
      caseStatus
      victims { totalCount }
    }
  }
}
""",
    ),
    Example(
        client_id="officer-pdp",
        office="PPDP Polri",
        who={"en": "A data protection officer", "id": "Pejabat pelindung data pribadi"},
        what={
            "en": "what is open to this token, and how fresh each agency is",
            "id": "apa yang terbuka bagi token ini, dan seberapa mutakhir tiap instansi",
        },
        query="""\
query WhatIsOpen {
  me {
    clientId
    purpose
    scopes
    access { coordinate allowed requiresScopes }
  }
  sources {
    agency
    lastCompleteAt
    recordCount
    quarantinedCount
    driftCount
  }
}
""",
    ),
)

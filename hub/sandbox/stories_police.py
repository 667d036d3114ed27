"""Named stories about reports, stages and roles."""

from datetime import date

from hub.sandbox.cast import Scene, Story, wib


def initials_only() -> Story:
    """A victim the police write as S.M.; the shelter knows her full name."""
    scene = Scene(1, "initials_only", "A victim by initials at the police, by full name at the shelter")
    victim = scene.person("Sulastri Maulana", "P", date(1999, 3, 14), "61.01", passports=[date(2024, 11, 4)])
    recruiter = scene.person("Hamdan Firmansyah", "L", date(1980, 7, 2), "61.01")
    case = scene.case(
        "DOMESTIC_WORK_ABROAD", "61.01", "MYS", departed_on=date(2025, 1, 10), returned_on=date(2025, 5, 6),
        reported_at=wib(2025, 5, 8, 10, 20), unit="POLRES:SAMBAS", victims=[victim],
        accused=[(recruiter, "RECRUITER", "TERSANGKA")],
    )  # fmt: skip
    scene.report(case, stage="SIDIK", initials=[True])
    scene.documents(victim)
    scene.client(victim, date(2025, 5, 7), date(2025, 5, 20), case=case, rujukan_dari="Polres Sambas")
    return scene.story()


def report_sent_twice() -> Story:
    """One report under two spellings of its number and two ids."""
    scene = Scene(2, "report_sent_twice", "One report sent twice, under two spellings and two ids")
    victim = scene.person("Kristina Layang", "P", date(2001, 9, 23), "61.03")
    broker = scene.person("Rosmini Hasan", "P", date(1975, 1, 30), "61.03")
    case = scene.case(
        "IRREGULAR_WORKER_PLANTATION", "61.03", "MYS", departed_on=date(2025, 2, 1), returned_on=date(2025, 3, 9),
        reported_at=wib(2025, 3, 12, 14, 5), unit="POLRES:SANGGAU", victims=[victim],
        accused=[(broker, "RECRUITER", "DITAHAN")],
    )  # fmt: skip
    scene.report(
        case, stage="P21", model_lp="B", no_lp="LP/B/8/III/2025/SPKT.SATRESKRIM/POLRES SANGGAU/POLDA KALIMANTAN BARAT",
        satker="POLRES SANGGAU", parts={"korban/1": {"nik": victim.nik, "nama": victim.name}},
    )  # fmt: skip
    scene.report(
        case, stage="P21", days=33, model_lp="B", no_lp="LP.B-008.III.2025 SPKT POLRES SANGGAU POLDA KALBAR",
        satker="Sat Reskrim Polres Sanggau", parts={"korban/1": {"nik": victim.nik, "nama": victim.name.upper()}},
    )  # fmt: skip
    return scene.story()


def returned_file() -> Story:
    """The prosecutor returned the file (P19); it is submitted again later: a step back."""
    scene = Scene(3, "returned_file", "P19, then TAHAP1 again by a later update")
    victim = scene.person("Dayang Rosita", "P", date(1998, 6, 5), "61.07")
    suspect = scene.person("Petrus Banyau", "L", date(1984, 10, 11), "61.07")
    case = scene.case(
        "CAFE_SINGER", "61.07", "MYS", departed_on=date(2025, 7, 1), returned_on=date(2025, 9, 15),
        reported_at=wib(2025, 9, 17, 9, 40), unit="POLRES:BENGKAYANG", victims=[victim],
        accused=[(suspect, "RECRUITER", "DITAHAN")],
    )  # fmt: skip
    report = scene.report(case, stage="P19", days=60)
    scene.later("polri", report.key, "tahap", "TAHAP1")
    return scene.story()


def suspect_of_two_polda() -> Story:
    """One recruiter in a report of Sambas and in one of Nusa Tenggara Barat."""
    scene = Scene(4, "suspect_of_two_polda", "One suspect in two reports of different Polda")
    recruiter = scene.person("Baharuddin Yusuf", "L", date(1978, 4, 19), "61.01")
    first = scene.person("Yuliana Atus", "P", date(2000, 12, 1), "61.01")
    second = scene.person("Baiq Ernawati", "P", date(1997, 2, 17), "52.02")
    known = {"nik": recruiter.nik, "tgl_lahir": "19-04-1978", "alias": "Daeng Bahar,Pak Ngah"}
    sambas = scene.case(
        "DOMESTIC_WORK_ABROAD", "61.01", "MYS", departed_on=date(2025, 3, 3), returned_on=date(2025, 6, 1),
        reported_at=wib(2025, 6, 4, 11, 0), unit="POLRES:SAMBAS", victims=[first],
        accused=[(recruiter, "RECRUITER", "TERSANGKA")],
    )  # fmt: skip
    lombok = scene.case(
        "DOMESTIC_WORK_ABROAD", "52.02", "MYS", departed_on=date(2025, 4, 20), returned_on=date(2025, 8, 2),
        reported_at=wib(2025, 8, 5, 13, 30), unit="POLDA:52", victims=[second],
        accused=[(recruiter, "TRANSPORTER", "DPO")],
    )  # fmt: skip
    scene.report(sambas, stage="SIDIK", parts={"tersangka/1": {"nama": "BAHARUDDIN YUSUF", **known}})
    scene.report(
        lombok, stage="LIDIK", parts={"tersangka/1": {"nama": "Baharudin Yusuf", **known, "alias": ""}}
    )
    return scene.story()


def victim_and_suspect() -> Story:
    """A man forced to scam in Cambodia, whom another report names as a suspect."""
    scene = Scene(5, "victim_and_suspect", "A victim in one report is a suspect in another")
    man = scene.person("Markus Jelani", "L", date(1996, 8, 8), "61.72", passports=[date(2024, 9, 2)])
    recruiter = scene.person("Tjhin Khim Lan", "P", date(1982, 5, 27), "61.72")
    other = scene.person("Agnes Limin", "P", date(2002, 1, 16), "61.72", passports=[date(2025, 2, 3)])
    scam = scene.case(
        "ONLINE_IT_OPERATOR", "61.72", "KHM", departed_on=date(2024, 10, 1), returned_on=date(2025, 3, 18),
        reported_at=wib(2025, 3, 20, 16, 0), unit="POLDA:61", victims=[man], accused=[(recruiter, "RECRUITER", "TERSANGKA")],
    )  # fmt: skip
    accused = scene.case(
        "ONLINE_IT_OPERATOR", "61.72", "KHM", departed_on=date(2025, 2, 20), returned_on=date(2025, 7, 2),
        reported_at=wib(2025, 7, 5, 9, 10), unit="POLRES:SINGKAWANG", victims=[other],
        accused=[(man, "RECRUITER", "TERLAPOR")],
    )  # fmt: skip
    scene.report(scam, stage="SIDIK", parts={"korban/1": {"nik": man.nik, "nama": man.name}})
    scene.report(
        accused,
        stage="LIDIK",
        parts={"tersangka/1": {"nik": man.nik, "nama": "MARKUS JELANI", "tgl_lahir": "08-08-1996"}},
    )
    scene.documents(man)
    scene.crossing(
        man, wib(2024, 10, 1, 7, 30), post="PNK", outward=True, mode="AIR", country="THA", case=scam
    )
    return scene.story()


def across_two_codes() -> Story:
    """A report that begins under the old criminal code and is filed under the new one."""
    scene = Scene(6, "across_two_codes", "A report straddling 31 December 2025 and 2 January 2026")
    victim = scene.person("Veronika Sawang", "P", date(2003, 11, 2), "61.06")
    suspect = scene.person("Lukas Tanggi", "L", date(1988, 3, 3), "61.06")
    case = scene.case(
        "MAIL_ORDER_BRIDE", "61.06", "CHN", departed_on=date(2025, 12, 28), returned_on=None,
        reported_at=wib(2026, 1, 2, 8, 15), unit="POLRES:KAPUAS HULU", victims=[victim],
        accused=[(suspect, "MARRIAGE_BROKER", "TERSANGKA")],
    )  # fmt: skip
    scene.report(
        case, stage="SIDIK", tgl_kejadian="28-12-2025 s/d 02-01-2026",
        pasal_disangkakan="Pasal 4 jo Pasal 10 UU 21/2007; Pasal 455 UU 1/2023",
    )  # fmt: skip
    return scene.story()


def lonely_regency() -> Story:
    """The only victim of Kayong Utara: any published cell about her would be a 1."""
    scene = Scene(7, "lonely_regency", "A regency whose only case has one victim")
    victim = scene.person("Marlina Sudin", "P", date(1995, 5, 9), "61.11")
    case = scene.case(
        "LOCAL_SEX_TRADE", "61.11", "IDN", departed_on=date(2025, 10, 3), returned_on=None,
        reported_at=wib(2025, 10, 9, 21, 45), unit="POLRES:KAYONG UTARA", victims=[victim],
    )  # fmt: skip
    scene.report(case, stage="LIDIK", satker="Polres Kayong Utara")
    return scene.story()


def siblings() -> Story:
    """Two sisters with like names and near birth dates, in one report: never one person."""
    scene = Scene(8, "siblings", "Two siblings with like names who must stay apart")
    elder = scene.person("Siti Aminah", "P", date(2002, 5, 4), "61.09", passports=[date(2025, 1, 20)])
    younger = scene.person("Siti Aminih", "P", date(2003, 4, 5), "61.09", passports=[date(2025, 1, 20)])
    recruiter = scene.person("Junaidi Saputra", "L", date(1979, 9, 9), "61.09")
    case = scene.case(
        "IRREGULAR_WORKER_FACTORY", "61.09", "MYS", departed_on=date(2025, 2, 14), returned_on=date(2025, 8, 21),
        reported_at=wib(2025, 8, 24, 10, 0), unit="POLRES:SEKADAU", victims=[elder, younger],
        accused=[(recruiter, "RECRUITER", "TERSANGKA")],
    )  # fmt: skip
    scene.report(
        case, stage="TAHAP1",
        parts={"korban/1": {"nik": elder.nik, "nama": "Siti Aminah"}, "korban/2": {"nik": younger.nik, "nama": "St. Aminih"}},
    )  # fmt: skip
    for sister in (elder, younger):
        scene.documents(sister)
        scene.crossing(sister, wib(2025, 2, 14, 6, 10), outward=True, case=case)
        scene.deportation(sister, date(2025, 8, 21), sector="industri", case=case)
        scene.client(sister, date(2025, 8, 21), date(2025, 9, 1), case=case)
    return scene.story()


ALL = (
    initials_only, report_sent_twice, returned_file, suspect_of_two_polda, victim_and_suspect, across_two_codes,
    lonely_regency, siblings,
)  # fmt: skip

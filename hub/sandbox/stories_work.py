"""Named stories about placements, deportations and internships."""

from datetime import date

from hub.sandbox.cast import Scene, Story, wib


def taiwan_spellings() -> Story:
    """One ship hand in two contracts: TAIWAN and TW, wages with and without dots."""
    scene = Scene(17, "taiwan_spellings", "TAIWAN beside TW, and thousands dots")
    man = scene.person("Muhammad Zaini", "L", date(1992, 3, 8), "52.03", passports=[date(2023, 9, 1)])
    case = scene.case(
        "SHIP_CREW", "52.03", "TWN", departed_on=date(2025, 5, 10), returned_on=date(2025, 11, 30),
        reported_at=wib(2025, 12, 2, 10, 0), unit="POLDA:52", victims=[man],
    )  # fmt: skip
    scene.report(case, stage="LIDIK", parts={"korban/1": {"nik": man.nik, "nama": "M. Zaini"}})
    scene.documents(man)
    scene.placement(man, date(2024, 2, 3), country="TWN", occupation="SHIP_CREW", negara_penempatan="TAIWAN", gaji="18.500",
                    status="PULANG", nama="MOH. ZAINI")  # fmt: skip
    scene.placement(man, date(2025, 5, 10), country="TWN", occupation="SHIP_CREW", case=case, negara_penempatan="TW",
                    gaji="20000", nama="MUHAMMAD ZAINI")  # fmt: skip
    return scene.story()


def three_generations() -> Story:
    """One worker under ids of SISKOTKLN, SIAPkerja and SISKOP2MI."""
    scene = Scene(18, "three_generations", "Three generations of id_pmi for one worker")
    woman = scene.person("Wagiyem", "P", date(1985, 8, 17), "35.10", passports=[date(2022, 12, 1)])
    scene.documents(woman)
    for year, month in ((2023, 3), (2024, 8), (2026, 4)):
        scene.placement(
            woman, date(year, month, 20), country="HKG", occupation="DOMESTIC_WORKER", nama="WAGIYEM"
        )
    return scene.story()


def follows_husband() -> Story:
    """A wife and a child in a deportation batch: no workers, no victims."""
    scene = Scene(19, "follows_husband", "ikut suami and ikut orang tua: deportees who did not work")
    wife = scene.person("Hasnawati Hamzah", "P", date(1991, 5, 5), "73.08")
    child = scene.person("Andi Baso Hamzah", "L", date(2017, 10, 1), "73.08")
    day = date(2025, 7, 17)
    scene.deportation(wife, day, sector="ikut suami", tgl="17 Juli 2025", penyebab="TIDAK PUNYA PASPOR")
    scene.deportation(
        child,
        day,
        sector="ikut orang tua",
        tgl="17/07/2025",
        penyebab="TIDAK PUNYA PASPOR,TIDAK PUNYA PERMIT",
    )
    return scene.story()


def deported_twice() -> Story:
    """One man, two deportations within ten months, then a shelter."""
    scene = Scene(20, "deported_twice", "A person deported twice: one person, two movements")
    man = scene.person("Yosef Ujang", "L", date(1989, 2, 28), "61.03")
    case = scene.case(
        "IRREGULAR_WORKER_PLANTATION", "61.03", "MYS", departed_on=date(2025, 3, 1), returned_on=date(2025, 11, 6),
        reported_at=wib(2025, 11, 8, 14, 0), unit="POLRES:SANGGAU", victims=[man],
    )  # fmt: skip
    scene.deportation(man, date(2025, 1, 23), sector="perkebunan", nik=man.nik, penyebab="TIDAK PUNYA PERMIT")
    scene.deportation(man, date(2025, 11, 6), sector="perkebunan", nik=man.nik, nama="YOSEP UJANG",
                      penyebab="TIDAK PUNYA PASPOR", tindak_lanjut="SHELTER BP3MI", case=case)  # fmt: skip
    scene.report(case, stage="LIDIK", parts={"korban/1": {"nik": man.nik, "nama": man.name}})
    scene.client(man, date(2025, 11, 7), date(2025, 11, 14), case=case, rujukan_dari="BP3MI Kalbar")
    return scene.story()


def paid_to_study() -> Story:
    """Two students sent to Taiwan as interns who worked in a factory."""
    scene = Scene(21, "paid_to_study", "An internship abroad that was factory work")
    first = scene.person("Stefanus Akim", "L", date(2004, 6, 6), "61.05", passports=[date(2025, 8, 8)])
    second = scene.person("Lusia Empiang", "P", date(2005, 1, 9), "61.10", passports=[date(2025, 8, 11)])
    head = scene.person("Azhari Anwar", "L", date(1976, 11, 11), "61.71")
    case = scene.case(
        "INTERNSHIP_ABROAD", "61.05", "TWN", departed_on=date(2025, 9, 5), returned_on=date(2026, 4, 30),
        reported_at=wib(2026, 5, 4, 9, 0), unit="POLDA:61", victims=[first, second], accused=[(head, "RECRUITER", "TERSANGKA")],
    )  # fmt: skip
    scene.report(
        case,
        stage="SIDIK",
        parts={f"korban/{n}": {"nik": p.nik, "nama": p.name} for n, p in ((1, first), (2, second))},
    )
    for person in (first, second):
        scene.documents(person)
        scene.internship(person, date(2025, 9, 5), country="TWN", case=case)
    return scene.story()


ALL = (taiwan_spellings, three_generations, follows_husband, deported_twice, paid_to_study)

"""Named stories about shelters, and the one person whom all four agencies know."""

from datetime import date

from hub.sandbox.cast import Scene, Story, wib


def unknown_age() -> Story:
    """A client whose age the shelter writes as 0."""
    scene = Scene(22, "unknown_age", "umur 0 is unknown, not a baby")
    woman = scene.person("Halimah binti Ramli", "P", date(1996, 4, 1), "61.02")
    scene.client(woman, date(2025, 4, 8), date(2025, 4, 30), kind="KTK", umur=0, nik="")
    return scene.story()


def returning_client() -> Story:
    """A client who came back after nine months under another register number."""
    scene = Scene(23, "returning_client", "A returning client with a new no_register")
    woman = scene.person("Maria Kulai", "P", date(2000, 10, 18), "61.06", passports=[date(2024, 10, 4)])
    case = scene.case(
        "DOMESTIC_WORK_ABROAD", "61.06", "MYS", departed_on=date(2024, 11, 1), returned_on=date(2025, 2, 10),
        reported_at=wib(2025, 2, 12, 9, 0), unit="POLRES:KAPUAS HULU", victims=[woman],
    )  # fmt: skip
    scene.report(case, stage="SP3", parts={"korban/1": {"nik": woman.nik, "nama": woman.name}})
    scene.client(woman, date(2025, 2, 10), date(2025, 3, 1), case=case)
    scene.client(woman, date(2025, 11, 20), None, case=case, nama="MARIA KULAI", shelter="RPTC-SBS")
    return scene.story()


def many_services() -> Story:
    """Four services in one cell; a name with an accent in a file of mixed encodings."""
    scene = Scene(24, "many_services", "Several services in one cell, mixed encodings in one file")
    woman = scene.person("Héléna Linggi", "P", date(1997, 8, 30), "61.08")
    case = scene.case(
        "DOMESTIC_WORK_IN_COUNTRY", "61.08", "IDN", departed_on=date(2025, 5, 5), returned_on=None,
        reported_at=wib(2025, 8, 4, 9, 0), unit="POLRES:LANDAK", victims=[woman],
    )  # fmt: skip
    scene.report(case, stage="RJ", parts={"korban/1": {"nik": woman.nik, "nama": "Helena Linggi"}})
    scene.client(woman, date(2025, 8, 4), date(2025, 9, 10), country="IDN", case=case,
                 layanan="perlindungan, kesehatan,psikologis, keterampilan")  # fmt: skip
    return scene.story()


def not_a_victim() -> Story:
    """A migrant in trouble (PMIB) whom the shelter does not hold for a victim."""
    scene = Scene(25, "not_a_victim", "A client who is no victim of trafficking (PMIB)")
    man = scene.person("Sapardi", "L", date(1983, 3, 13), "52.02")
    scene.deportation(man, date(2025, 9, 11), sector="konstruksi", nik=man.nik)
    scene.client(man, date(2025, 9, 11), date(2025, 9, 16), kind="PMIB", outcome="DIPULANGKAN")
    return scene.story()


def home_on_day_one() -> Story:
    """Evacuated from Myawaddy, home on her own the day she arrived."""
    scene = Scene(26, "home_on_day_one", "SELF_RETURN on the first day")
    woman = scene.person("Lina Hiong", "P", date(1999, 1, 31), "61.72", passports=[date(2024, 7, 1)])
    case = scene.case(
        "ONLINE_IT_OPERATOR", "61.72", "MMR", departed_on=date(2024, 8, 1), returned_on=date(2025, 3, 19),
        reported_at=wib(2025, 3, 20, 9, 0), unit="POLDA:61", victims=[woman],
    )  # fmt: skip
    scene.report(case, stage="LIMPAH", parts={"korban/1": {"nik": woman.nik, "nama": woman.name}})
    scene.documents(woman)
    scene.client(
        woman, date(2025, 3, 19), date(2025, 3, 19), country="MMR", outcome="PULANG_MANDIRI", case=case
    )
    return scene.story()


def known_to_all() -> Story:
    """One woman in every agency, with enough identifiers to be one person in the hub."""
    scene = Scene(27, "known_to_all", "One victim whom all four agencies know")
    woman = scene.person("Siti Zubaidah", "P", date(1998, 12, 9), "61.01", passports=[date(2025, 1, 15)])
    recruiter = scene.person("Ramli Kurniawan", "L", date(1974, 8, 3), "61.01")
    case = scene.case(
        "DOMESTIC_WORK_ABROAD", "61.01", "MYS", departed_on=date(2025, 2, 8), returned_on=date(2025, 10, 23),
        reported_at=wib(2025, 10, 25, 9, 15), unit="POLRES:SAMBAS", victims=[woman],
        accused=[(recruiter, "RECRUITER", "DITAHAN")],
    )  # fmt: skip
    scene.report(case, stage="TAHAP2", parts={
        "korban/1": {"nik": woman.nik, "nama": "SITI ZUBAIDAH"},
        "tersangka/1": {"nik": recruiter.nik, "nama": recruiter.name, "tgl_lahir": "03-08-1974"},
    })  # fmt: skip
    scene.documents(woman)
    scene.crossing(woman, wib(2025, 2, 8, 6, 30), post="ARK", outward=True, case=case)
    scene.placement(
        woman, date(2025, 2, 8), country="MYS", occupation="DOMESTIC_WORKER", case=case, nama="SITI ZUBAIDAH"
    )
    scene.deportation(
        woman, date(2025, 10, 23), sector="PLRT", case=case, nik=woman.nik, tindak_lanjut="SHELTER BP3MI"
    )
    scene.client(woman, date(2025, 10, 23), date(2025, 11, 12), case=case, rujukan_dari="BP3MI KALBAR")
    return scene.story()


ALL = (unknown_age, returning_client, many_services, not_a_victim, home_on_day_one, known_to_all)

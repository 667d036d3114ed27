"""Named stories about names in documents, passports and crossings."""

from datetime import date, timedelta

from hub.sandbox.cast import Scene, Story, wib


def forged_nik_minor() -> Story:
    """A girl of 16 whose passport and NIK say she is 24."""
    scene = Scene(9, "forged_nik_minor", "A minor with a forged NIK and a passport made from it")
    true_on, forged_on = date(2009, 2, 11), date(2001, 2, 11)
    girl = scene.person(
        "Florensia Ngumbang", "P", true_on, "61.03", passports=[date(2025, 3, 3)], nik_born_on=forged_on
    )
    forger = scene.person("Effendi Mulyadi", "L", date(1971, 12, 24), "61.71")
    case = scene.case(
        "CHILD_EXPLOITATION", "61.03", "MYS", departed_on=date(2025, 3, 20), returned_on=date(2025, 6, 30),
        reported_at=wib(2025, 7, 2, 19, 5), unit="POLRES:SANGGAU", victims=[girl],
        accused=[(forger, "DOCUMENT_FORGER", "DITAHAN")],
    )  # fmt: skip
    scene.report(case, stage="SIDIK", parts={"korban/1": {"nik": girl.nik, "nama": girl.name, "umur": 16}})
    scene.documents(girl, status="PALSU")
    scene.crossing(girl, wib(2025, 3, 20, 5, 50), outward=True, case=case)
    scene.client(girl, date(2025, 7, 1), date(2025, 8, 15), case=case, umur=16, outcome="DIRUJUK_SENTRA")
    return scene.story()


def one_word_name() -> Story:
    """Suparno: doubled at one crossing, with FNU at the next."""
    scene = Scene(10, "one_word_name", "A one-word name, doubled and with FNU at immigration")
    man = scene.person("Suparno", "L", date(1990, 1, 25), "61.12", passports=[date(2024, 8, 1)])
    case = scene.case(
        "IRREGULAR_WORKER_CONSTRUCTION", "61.12", "MYS", departed_on=date(2024, 9, 9), returned_on=date(2025, 4, 2),
        reported_at=wib(2025, 4, 4, 8, 0), unit="POLRES:KUBU RAYA", victims=[man],
    )  # fmt: skip
    scene.report(case, stage="LIDIK", parts={"korban/1": {"nik": man.nik, "nama": "Soeparno"}})
    scene.documents(man)
    scene.crossing(man, wib(2024, 9, 9, 6, 0), outward=True, case=case, nama="SUPARNO SUPARNO")
    scene.crossing(man, wib(2025, 4, 2, 15, 0), outward=False, case=case, nama="SUPARNO FNU")
    scene.placement(
        man, date(2024, 9, 9), country="MYS", occupation="CONSTRUCTION_WORKER", case=case, nama="SUPARNO"
    )
    return scene.story()


def apostrophe() -> Story:
    """Nur'aini binti Ma'ruf: NURAINI in her passport, a curly apostrophe in the shelter's file."""
    scene = Scene(11, "apostrophe", "Apostrophes and BINTI at one agency, upper case without them at another")
    woman = scene.person(
        "Nur'aini binti Ma'ruf", "P", date(1994, 10, 30), "61.01", passports=[date(2025, 5, 12)]
    )
    case = scene.case(
        "DOMESTIC_WORK_ABROAD", "61.01", "MYS", departed_on=date(2025, 6, 1), returned_on=date(2025, 12, 3),
        reported_at=wib(2025, 12, 5, 12, 0), unit="POLRES:SAMBAS", victims=[woman],
    )  # fmt: skip
    scene.report(case, stage="SIDIK", parts={"korban/1": {"nik": woman.nik, "nama": "NUR'AINI BINTI MA'RUF"}})
    scene.documents(woman)
    scene.crossing(woman, wib(2025, 6, 1, 7, 5), post="ARK", outward=True, case=case)
    scene.client(
        woman, date(2025, 12, 3), date(2025, 12, 19), case=case, nama="Nur\u2019aini Bt. Ma\u2019ruf"
    )
    return scene.story()


def spaced_name() -> Story:
    """A Fui, AFUI, A FUI: one woman of Singkawang."""
    scene = Scene(12, "spaced_name", "A Hakka name with and without its space")
    woman = scene.person("A Fui", "P", date(2001, 7, 7), "61.72", passports=[date(2025, 2, 2)])
    broker = scene.person("Bong Nyuk Moi", "P", date(1968, 2, 14), "61.72")
    case = scene.case(
        "MAIL_ORDER_BRIDE", "61.72", "CHN", departed_on=date(2025, 3, 1), returned_on=date(2025, 10, 10),
        reported_at=wib(2025, 10, 13, 9, 0), unit="POLRES:SINGKAWANG", victims=[woman],
        accused=[(broker, "MARRIAGE_BROKER", "TERSANGKA")],
    )  # fmt: skip
    scene.report(case, stage="TAHAP2", parts={"korban/1": {"nik": "", "nama": "AFUI"}})
    scene.documents(woman)
    scene.crossing(
        woman,
        wib(2025, 3, 1, 9, 45),
        post="PNK",
        outward=True,
        mode="AIR",
        country="CHN",
        case=case,
        nama="A FUI",
    )
    scene.client(woman, date(2025, 10, 11), date(2025, 11, 2), country="CHN", case=case, nama="Afui")
    return scene.story()


def two_passports() -> Story:
    """Out on one passport, home on another."""
    scene = Scene(13, "two_passports", "Two passports of one person")
    woman = scene.person(
        "Theresia Gumas", "P", date(1993, 4, 4), "61.05", passports=[date(2019, 11, 5), date(2024, 12, 12)]
    )
    case = scene.case(
        "CONTRACT_MARRIAGE", "61.05", "CHN", departed_on=date(2024, 10, 20), returned_on=date(2025, 5, 5),
        reported_at=wib(2025, 5, 9, 10, 0), unit="POLDA:61", victims=[woman],
    )  # fmt: skip
    old, new = woman.passports
    scene.report(case, stage="LIDIK", parts={"korban/1": {"nik": woman.nik, "nama": woman.name}})
    scene.documents(woman)
    scene.crossing(
        woman,
        wib(2024, 10, 20, 8, 0),
        post="PNK",
        outward=True,
        mode="AIR",
        country="CHN",
        case=case,
        passport=old,
    )
    scene.crossing(
        woman,
        wib(2025, 5, 5, 18, 0),
        post="PNK",
        outward=False,
        mode="AIR",
        country="CHN",
        case=case,
        passport=new,
    )
    return scene.story()


def late_entikong() -> Story:
    """A crossing that reached the central system 33 days after it happened, after the report."""
    scene = Scene(14, "late_entikong", "A late delivery from Entikong, of a crossing before the case")
    man = scene.person("Lalu Wirahadi", "L", date(1987, 6, 21), "52.03", passports=[date(2025, 6, 10)])
    case = scene.case(
        "IRREGULAR_WORKER_PLANTATION", "52.03", "MYS", departed_on=date(2025, 8, 1), returned_on=date(2025, 8, 25),
        reported_at=wib(2025, 8, 26, 20, 0), unit="POLDA:61", victims=[man],
    )  # fmt: skip
    scene.report(case, stage="SIDIK", days=3, parts={"korban/1": {"nik": man.nik, "nama": "LALU WIRAHADI"}})
    scene.documents(man)
    scene.crossing(man, wib(2025, 8, 1, 6, 20), outward=True, case=case, delay=timedelta(days=33))
    return scene.story()


def two_time_formats() -> Story:
    """Out written 20251105071530, home written 2026-02-01T16:40:00."""
    scene = Scene(15, "two_time_formats", "Both forms of waktu_lintas for one person")
    woman = scene.person("Baiq Nurhasanah", "P", date(1999, 9, 19), "52.02", passports=[date(2025, 10, 1)])
    case = scene.case(
        "DOMESTIC_WORK_ABROAD", "52.02", "SAU", departed_on=date(2025, 11, 5), returned_on=date(2026, 2, 1),
        reported_at=wib(2026, 2, 4, 9, 30), unit="POLDA:52", victims=[woman],
    )  # fmt: skip
    scene.report(case, stage="SIDIK", parts={"korban/1": {"nik": woman.nik, "nama": woman.name}})
    scene.documents(woman)
    scene.crossing(
        woman, wib(2025, 11, 5, 7, 15), post="PNK", outward=True, mode="AIR", country="SAU", case=case,
        waktu_lintas="20251105071530",
    )  # fmt: skip
    scene.crossing(
        woman, wib(2026, 2, 1, 16, 40), post="PNK", outward=False, mode="AIR", country="SAU", case=case,
        waktu_lintas="2026-02-01T16:40:00",
    )  # fmt: skip
    return scene.story()


def deferred_then_gone() -> Story:
    """Refused a passport in Singkawang, gone to Cambodia with one a month later."""
    scene = Scene(16, "deferred_then_gone", "A prevention that did not prevent")
    man = scene.person("Hendri Kiong", "L", date(1998, 12, 12), "61.72", passports=[date(2025, 9, 25)])
    case = scene.case(
        "TRANSLATOR_MANDARIN", "61.72", "MMR", departed_on=date(2025, 10, 2), returned_on=date(2026, 3, 15),
        reported_at=wib(2026, 3, 16, 17, 0), unit="POLRES:SINGKAWANG", victims=[man],
    )  # fmt: skip
    scene.report(case, stage="LIDIK", modus="penerjemah mandarin di Myanmar",
                 parts={"korban/1": {"nik": man.nik, "nama": man.name}})  # fmt: skip
    scene.documents(man)
    scene.prevention(man, date(2025, 8, 20), case=case, kantor="KANIM SINGKAWANG", alasan="hendak ke Kamboja")
    scene.crossing(
        man, wib(2025, 10, 2, 12, 0), post="PNK", outward=True, mode="AIR", country="THA", case=case
    )
    return scene.story()


ALL = (
    forged_nik_minor, one_word_name, apostrophe, spaced_name, two_passports, late_entikong, two_time_formats,
    deferred_then_gone,
)  # fmt: skip

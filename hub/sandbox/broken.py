"""Records that the hub must put in quarantine: a known small number, the same for every seed and size."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

from hub.sandbox.cases import TrueCase
from hub.sandbox.cast import Scene, Story, wib
from hub.sandbox.people import Person
from hub.sandbox.wire import WireRecord

BROKEN_COUNT = 15
_DAY = date(2025, 6, 16)


def _police(scene: Scene) -> Iterator[WireRecord]:
    """Reports without parts, so that a broken report breaks nothing else; and one report with two broken parts."""
    first = scene.person("Suyatno", "L", date(1990, 2, 2), "61.04")
    second = scene.person("Deden Kosasih", "L", date(1985, 5, 5), "61.04")
    empty = scene.case(
        "LOCAL_SEX_TRADE", "61.04", "IDN", departed_on=_DAY, returned_on=None, reported_at=wib(2025, 6, 20), unit="POLRES:KETAPANG",
        victims=[],
    )  # fmt: skip
    full = scene.case(
        "FORCED_BEGGING", "61.04", "IDN", departed_on=_DAY, returned_on=None, reported_at=wib(2025, 6, 21), unit="POLRES:KETAPANG",
        victims=[first, first], accused=[(second, "EXPLOITER", "TERSANGKA")],
    )  # fmt: skip
    yield scene.report(empty, stage="LIDIK").broken_by("unknown code in tahap", tahap="SIDIK LANJUTAN")
    yield scene.report(empty, stage="LIDIK").broken_by(
        "unparseable date in tgl_lapor", tgl_lapor="31-02-2025 10:00"
    )
    yield scene.report(empty, stage="LIDIK").broken_by("unknown code in model_lp", model_lp="Z")
    report = scene.report(full, stage="LIDIK")
    good, bad, suspect = report.parts
    yield replace(
        report,
        parts=(
            good,
            bad.broken_by("unparseable number in umur", umur="dua puluh"),
            suspect.broken_by("unknown code in status", status="BURON"),
        ),
    )


def _immigration(scene: Scene) -> Iterator[WireRecord]:
    """Reachable by the NIK of a placement, as all of immigration is."""
    person = scene.person("Neneng Komariah", "P", date(1994, 4, 4), "32.12", passports=[date(2025, 1, 6)])
    number = person.passports[0].number
    yield scene.placement(
        person, date(2025, 3, 1), country="MYS", occupation="FACTORY_WORKER", no_paspor=number
    )
    yield scene.crossing(person, wib(2025, 3, 1), outward=True).broken_by("unknown code in arah", arah="X")
    crossing = scene.crossing(person, wib(2025, 9, 1), outward=False)
    yield crossing.broken_by("unparseable time in waktu_lintas", waktu_lintas="2025-13-40T99:00:00")
    (passport,) = scene.documents(person)
    yield passport.broken_by("unknown code in status", status="BEKU")


def _manpower(scene: Scene) -> Iterator[WireRecord]:
    person = scene.person("Cucu Hermawan", "P", date(1992, 9, 9), "32.12")
    placement = scene.placement(person, date(2025, 4, 1), country="MYS", occupation="FACTORY_WORKER")
    yield placement.broken_by("unknown code in status", status="HILANG KONTAK")
    nameless = scene.placement(person, date(2025, 5, 1), country="MYS", occupation="FACTORY_WORKER")
    yield replace(nameless.broken_by("missing key id_pmi", id_pmi=""), key="")
    yield scene.deportation(person, _DAY, sector="industri").broken_by(
        "unparseable date in tgl", tgl="tanggal menyusul"
    )
    yield scene.internship(person, _DAY, country="JPN", case=None).broken_by(
        "unparseable date in tgl_lahir", tgl_lahir="00/00/0000"
    )


def _social(scene: Scene) -> Iterator[WireRecord]:
    person = scene.person("Iis Nurjanah", "P", date(1997, 7, 7), "32.01")
    left_on = _DAY + timedelta(days=9)
    yield scene.client(person, _DAY, left_on).broken_by("unknown code in jenis_korban", jenis_korban="XX")
    yield scene.client(person, _DAY, left_on).broken_by(
        "unparseable date in tgl_masuk", tgl_masuk="00-00-2025"
    )
    yield replace(
        scene.client(person, _DAY, left_on).broken_by("missing key no_register", no_register=""), key=""
    )


@cache
def _told() -> tuple[Story, tuple[WireRecord, ...]]:
    scene = Scene(40, "broken", "Records that must be quarantined")
    made = (*_police(scene), *_immigration(scene), *_manpower(scene), *_social(scene))
    plain = tuple(
        replace(record, story=None, parts=tuple(replace(part, story=None) for part in record.parts))
        for record in made
    )
    return scene.story(), plain


def broken_records() -> tuple[WireRecord, ...]:
    """The broken records, and the few sound ones they need beside them."""
    return _told()[1]


def broken_people() -> tuple[Person, ...]:
    """The people in them."""
    return _told()[0].people


def broken_cases() -> tuple[TrueCase, ...]:
    """The cases in them."""
    return _told()[0].cases

"""A case as manpower has it: placements, deportations, complaints and internships, all columns text."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random

from hub.clock import WIB
from hub.sandbox import spelling, vocabulary
from hub.sandbox.cases import Bystander, TrueCase
from hub.sandbox.chance import happens
from hub.sandbox.people import Person
from hub.sandbox.wire import Role, WireRecord, at_most_horizon, slashed, written_out

SCHEMES = ("P TO P", "G TO G", "MANDIRI", "UKPS", "P3MI")
CAUSES = ("TIDAK PUNYA PASPOR", "TIDAK PUNYA PERMIT", "JUDI", "NARKOBA", "KRIMINAL")
SECOND_GENERATION, THIRD_GENERATION = date(2023, 7, 17), date(2026, 1, 1)
_SECTOR = {
    "DOMESTIC_WORKER": "PLRT", "PLANTATION_WORKER": "perkebunan", "CONSTRUCTION_WORKER": "konstruksi",
    "FACTORY_WORKER": "industri", "SHIP_CREW": "perkapalan", "HOSPITALITY_WORKER": "jasa",
}  # fmt: skip
_WAGES = {
    "MYS": ("MYR", 1500),
    "TWN": ("TWD", 20000),
    "SAU": ("SAR", 1500),
    "KOR": ("KRW", 2_010_000),
    "JPN": ("JPY", 180_000),
}


def worker_id(serial: int, day: date) -> str:
    """The worker's id in the system that was in use on a day; three generations, three forms."""
    if day < SECOND_GENERATION:
        return f"TKI{day:%y}{serial:08d}"
    if day < THIRD_GENERATION:
        return f"SIAP-{day:%Y}-{serial:07d}"
    return f"S2P/{day:%Y%m}/{serial:08d}"


def dots(amount: int) -> str:
    """An amount with thousands dots, 1.500.000."""
    return f"{amount:,}".replace(",", ".")


def _touched(rng: Random, day: date) -> datetime:
    return at_most_horizon(
        datetime.combine(day, time(9, 0), WIB) + timedelta(seconds=int(rng.random() * 3 * 86_400))
    )


def placement(
    rng: Random,
    *,
    person: Person,
    serial: int,
    on: date,
    country: str,
    occupation: str,
    status: str,
    case_id: str | None,
    role: Role | None,
) -> WireRecord:
    """A placement contract; `serial` makes the worker's id and the candidate's.

    Args:
        rng: the randomness of this case at this agency.
        person: the worker.
        serial: unique among placements.
        on: the planned day of departure.
        country: alpha-3.
        occupation: a key of the vocabulary's JABATAN.
        status: the wire's code.
        case_id: the true case, or None.
        role: what the worker truly is in it.
    """
    signed_on = on - timedelta(days=14 + int(rng.random() * 60))
    currency, wage = _WAGES.get(country, ("IDR", 4_500_000))
    wage += int(rng.random() * 10) * (wage // 20)
    code, company, licence = rng.choice(vocabulary.P3MI)
    passport = person.passport
    departed = status in {"BERANGKAT", "PULANG"}
    key = worker_id(serial, signed_on)
    fields = {
        "id_pmi": key,
        "id_cpmi": f"CPMI{serial:09d}",
        "nik": person.nik if happens(rng, 0.85) else "",
        "nama": spelling.noisy(rng, person.name),
        "tgl_lahir": slashed(person.papers_born_on),
        "jk": person.sex,
        "no_paspor": passport.number if passport else "",
        "kode_p3mi": code,
        "nama_p3mi": company,
        "no_sip3mi": licence,
        "kode_sip2mi": f"SIP2MI/{serial % 900 + 100}/{signed_on.year}" if happens(rng, 0.7) else "",
        "negara_penempatan": rng.choice(vocabulary.NEGARA_PENEMPATAN[country]),
        "jabatan": rng.choice(vocabulary.JABATAN[occupation]),
        "skema": rng.choice(SCHEMES),
        "tgl_pk": slashed(signed_on),
        "gaji": dots(wage) if happens(rng, 0.8) else str(wage),
        "mata_uang": currency,
        "tgl_berangkat": slashed(on) if departed else "",
        "embarkasi": rng.choice(vocabulary.EMBARKASI) if departed else "",
        "status": status,
        "no_bpjs_tk": f"{serial:011d}",
    }
    return WireRecord("kemnaker", "penempatan", key, fields, _touched(rng, on), person.id, case_id, role)


def deportation(
    rng: Random, *, key: str, person: Person, on: date, sector: str, case_id: str | None, role: Role | None
) -> WireRecord:
    """One deportee of a batch at Entikong, mostly without NIK."""
    province = person.origin.province
    fields = {
        "id_deportasi": key,
        "tgl": written_out(on) if happens(rng, 0.25) else slashed(on),
        "debarkasi": rng.choice(vocabulary.DEBARKASI),
        "depot": rng.choice(vocabulary.DEPOT),
        "no_surat_kjri": kjri_letter(on),
        "nik": person.nik if happens(rng, 0.12) else "",
        "nama": spelling.noisy(rng, person.name),
        "jk": person.sex,
        "prov_asal": rng.choice(vocabulary.PROV_ASAL[province]),
        "sektor": sector,
        "penyebab": ", ".join(rng.sample(CAUSES[:2], 2))
        if happens(rng, 0.2)
        else rng.choices(CAUSES, (40, 40, 4, 6, 10))[0],
        "tindak_lanjut": rng.choices(("PULANG MANDIRI", "SHELTER BP3MI", ""), (70, 22, 8))[0],
    }
    return WireRecord("kemnaker", "deportasi", key, fields, _touched(rng, on), person.id, case_id, role)


def kjri_letter(on: date) -> str:
    """The consulate's letter of a batch: one a week."""
    week = on.isocalendar().week
    return f"{1000 + week * 17 + on.year % 10}/PK/B/SKEL/{on.month:02d}/{on.year}/08/08/KCH"


def complaint(rng: Random, case: TrueCase) -> WireRecord:
    """A complaint about a case; it names nobody."""
    channel = rng.choice(tuple(vocabulary.PENGADUAN_KATEGORI))
    state = rng.choice(tuple(vocabulary.PENGADUAN_STATUS))
    key = f"ADU-{case.reported_at:%Y%m}-{case.slot:06d}"
    fields = {
        "no_tiket": key,
        "kategori": rng.choice(vocabulary.PENGADUAN_KATEGORI[channel]),
        "tgl": slashed(case.reported_at.date() - timedelta(days=int(rng.random() * 9))),
        "status": rng.choice(vocabulary.PENGADUAN_STATUS[state]),
    }
    return WireRecord(
        "kemnaker", "pengaduan", key, fields, _touched(rng, case.reported_at.date()), None, case.id
    )


def internship(
    rng: Random, *, key: str, person: Person, on: date, country: str, case_id: str | None, role: Role | None
) -> WireRecord:
    """An internship abroad through a training provider."""
    fields = {
        "id_magang": key,
        "nik": person.nik if happens(rng, 0.8) else "",
        "nama": spelling.noisy(rng, person.name),
        "tgl_lahir": slashed(person.born_on),
        "jk": person.sex,
        "penyelenggara": rng.choice(vocabulary.MAGANG_PENYELENGGARA),
        "izin": f"LPK/{int(rng.random() * 900) + 100}/{on.year}" if happens(rng, 0.6) else "",
        "negara": rng.choice(vocabulary.NEGARA_PENEMPATAN[country]),
        "bidang": rng.choice(vocabulary.MAGANG_BIDANG),
    }
    return WireRecord("kemnaker", "magang_ln", key, fields, _touched(rng, on), person.id, case_id, role)


def _victim(rng: Random, case: TrueCase, person: Person, serial: int) -> Iterator[WireRecord]:
    profile, back = case.profile, case.returned_on
    countries = vocabulary.NEGARA_PENEMPATAN
    if profile.modus == "INTERNSHIP_ABROAD" and happens(rng, 0.75):
        yield internship(
            rng,
            key=f"MG{serial:09d}",
            person=person,
            on=case.departed_on,
            country=case.destination,
            case_id=case.id,
            role="VICTIM",
        )
    elif profile.occupation and case.destination in countries and happens(rng, 0.4):
        status = rng.choices(("BERANGKAT", "PULANG", "DAFTAR", "PROSES"), (5, 4 if back else 0, 1, 1))[0]
        yield placement(
            rng, person=person, serial=serial, on=case.departed_on, country=case.destination, occupation=profile.occupation,
            status=status, case_id=case.id, role="VICTIM",
        )  # fmt: skip
        if happens(rng, 0.06):  # the same worker under the id of an older system
            yield placement(
                rng, person=person, serial=serial + 50_000_000, on=case.departed_on - timedelta(days=900),
                country=case.destination, occupation=profile.occupation, status="PULANG", case_id=None, role=None,
            )  # fmt: skip
    if back is not None and case.destination == "MYS" and happens(rng, 0.55):
        sector = _SECTOR.get(profile.occupation or "", "jasa")
        yield deportation(
            rng, key=f"DEP{serial:09d}", person=person, on=back, sector=sector, case_id=case.id, role="VICTIM"
        )
        again = back + timedelta(days=120 + int(rng.random() * 300))
        if happens(rng, 0.05) and again <= date(2026, 10, 1):
            yield deportation(
                rng, key=f"DEP{serial:09d}2", person=person, on=again, sector=sector, case_id=None, role=None
            )


def _bystander(rng: Random, bystander: Bystander, serial: int) -> Iterator[WireRecord]:
    person = bystander.person
    day = date(2024, 2, 1) + timedelta(days=int(rng.random() * 950))
    match bystander.kind:
        case "WORKER":
            occupation = rng.choice(tuple(vocabulary.JABATAN))
            country = rng.choice(("MYS", "TWN", "MYS", "HKG", "SGP", "KOR"))
            issued_on = person.passports[-1].issued_on if person.passports else day
            yield placement(
                rng, person=person, serial=serial, on=issued_on + timedelta(days=70), country=country, occupation=occupation,
                status=rng.choice(("DAFTAR", "PROSES", "OPP", "BERANGKAT", "BERANGKAT", "PULANG", "CEKAL")),
                case_id=None, role=None,
            )  # fmt: skip
        case "DEPORTEE":
            sector = rng.choice(vocabulary.SEKTOR[:6])
            yield deportation(
                rng, key=f"DEP{serial:09d}", person=person, on=day, sector=sector, case_id=None, role=None
            )
        case "FAMILY":
            child = person.age_on(day) < 18  # noqa: PLR2004 -- the age of majority
            sector = "ikut orang tua" if child else "ikut suami"
            yield deportation(
                rng, key=f"DEP{serial:09d}", person=person, on=day, sector=sector, case_id=None, role=None
            )
        case _:
            return


def records(rng: Random, case: TrueCase) -> Iterator[WireRecord]:
    """The placements, deportations, complaints and internships of the people of a case."""
    for number, person in enumerate(case.victims):
        yield from _victim(rng, case, person, case.slot * 100 + number + 10_000)
    if happens(rng, 0.3):
        yield complaint(rng, case)
    for number, bystander in enumerate(case.bystanders):
        for record in _bystander(rng, bystander, case.slot * 100 + 50 + number + 10_000):
            withdrawn = happens(rng, 0.01)
            yield record.as_withdrawn() if withdrawn else record

"""A case as the shelters of social affairs write it down: one row a stay."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from hub.clock import WIB
from hub.sandbox import spelling, vocabulary
from hub.sandbox.cases import TrueCase
from hub.sandbox.chance import happens
from hub.sandbox.people import Person
from hub.sandbox.wire import Role, WireRecord, dashed

CSV_SHELTERS = ("RPTC-PTK", "RPTC-SBS")
XLSX_SHELTERS = ("SENTRA-ANT", "RPTC-NTB")
OUTCOMES = ("PULANG_MANDIRI", "DIPULANGKAN", "DIRUJUK_SENTRA", "KELUARGA")
COLUMNS = (
    "no_register", "nik", "nama", "jk", "umur", "asal_kode_wilayah", "negara_asal_pemulangan", "tgl_masuk", "tgl_keluar",
    "rujukan_dari", "jenis_korban", "asesmen", "layanan", "tindak_lanjut", "monitoring_1", "monitoring_2", "monitoring_3",
)  # fmt: skip
LAST_DROP = date(2026, 10, 31)


@dataclass(frozen=True, slots=True)
class Stay:
    """What truly happened in a shelter."""

    entered_on: date
    left_on: date | None
    kind: str
    country: str
    outcome: str


def services_text(rng: Random) -> str:
    """Several services in one cell."""
    kinds = rng.sample(tuple(vocabulary.LAYANAN), rng.choices((1, 2, 3, 4), (25, 35, 25, 15))[0])
    return rng.choice((",", ", ")).join(rng.choice(vocabulary.LAYANAN[kind]) for kind in kinds)


def client(
    rng: Random, *, register: str, person: Person, stay: Stay, case_id: str | None, role: Role | None
) -> WireRecord:
    """One stay; a client who returns gets another register number."""
    left = stay.left_on
    months = [left + timedelta(days=30 * month) for month in (1, 2, 3)] if left and happens(rng, 0.4) else []
    monitored = [dashed(day) if day <= LAST_DROP else "" for day in months] or ["", "", ""]
    fields: dict[str, str | int] = {
        "no_register": register,
        "nik": person.nik if happens(rng, 0.55) else "",
        "nama": spelling.noisy(rng, person.name),
        "jk": person.sex,
        "umur": 0 if happens(rng, 0.07) else person.age_on(stay.entered_on),
        "asal_kode_wilayah": person.origin.code,
        "negara_asal_pemulangan": rng.choice(vocabulary.NEGARA_ASAL_PEMULANGAN[stay.country]),
        "tgl_masuk": dashed(stay.entered_on),
        "tgl_keluar": dashed(left) if left else "",
        "rujukan_dari": rng.choice(vocabulary.RUJUKAN_DARI),
        "jenis_korban": stay.kind,
        "asesmen": rng.choice(vocabulary.ASESMEN),
        "layanan": services_text(rng),
        "tindak_lanjut": stay.outcome if left else "",
        "monitoring_1": monitored[0],
        "monitoring_2": monitored[1],
        "monitoring_3": monitored[2],
    }
    touched = min(left or stay.entered_on, LAST_DROP)
    return WireRecord(
        "kemensos",
        "klien_rptc",
        register,
        fields,
        datetime.combine(touched, time(23, 0), WIB),
        person.id,
        case_id,
        role,
    )


def _stay(rng: Random, entered_on: date, *, kind: str, country: str) -> Stay:
    if happens(rng, 0.18):  # home on the first day, by themselves
        return Stay(entered_on, entered_on, kind, country, "PULANG_MANDIRI")
    left_on = entered_on + timedelta(days=2 + int(rng.random() ** 2 * 120))
    if left_on > LAST_DROP or happens(rng, 0.08):
        return Stay(entered_on, None, kind, country, "")
    return Stay(entered_on, left_on, kind, country, rng.choice(OUTCOMES))


def _register(rng: Random, serial: int, day: date) -> str:
    shelter = rng.choices((*CSV_SHELTERS, *XLSX_SHELTERS), (50, 20, 20, 10))[0]
    return f"{shelter}/{day.year}/{serial:06d}"


def records(rng: Random, case: TrueCase) -> Iterator[WireRecord]:
    """The stays of the people of a case."""
    for number, person in enumerate(case.victims):
        if happens(rng, 0.5):
            continue
        entered_on = (case.returned_on or case.reported_at.date()) + timedelta(days=int(rng.random() * 4))
        if entered_on > LAST_DROP:
            continue
        serial = case.slot * 10 + number + 1000
        stay = _stay(rng, entered_on, kind="TPPO" if happens(rng, 0.85) else "PMIB", country=case.destination)
        yield client(
            rng,
            register=_register(rng, serial, entered_on),
            person=person,
            stay=stay,
            case_id=case.id,
            role="VICTIM",
        )
        again_on = entered_on + timedelta(days=180)
        if happens(rng, 0.04) and again_on <= LAST_DROP:
            again = _stay(rng, again_on, kind="TPPO", country=case.destination)
            register = _register(rng, serial + 5_000_000, again_on)
            yield client(rng, register=register, person=person, stay=again, case_id=case.id, role="VICTIM")
    for number, bystander in enumerate(case.bystanders):
        if bystander.kind != "CLIENT":
            continue
        entered_on = date(2024, 2, 1) + timedelta(days=int(rng.random() * 950))
        stay = _stay(
            rng, entered_on, kind=rng.choice(("PMIB", "KTK")), country=rng.choice(("MYS", "MYS", "IDN"))
        )
        serial = case.slot * 10 + 6 + number + 1000
        record = client(
            rng,
            register=_register(rng, serial, entered_on),
            person=bystander.person,
            stay=stay,
            case_id=None,
            role=None,
        )
        yield record.as_withdrawn() if happens(rng, 0.03) else record

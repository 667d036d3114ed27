"""A case as immigration has it: documents, crossings and preventions, each under its own key and no case number."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random

from hub.clock import WIB
from hub.sandbox import places, spelling, vocabulary
from hub.sandbox.cases import TrueCase
from hub.sandbox.chance import happens
from hub.sandbox.people import Passport, Person
from hub.sandbox.wire import Role, WireRecord, at_most_horizon

AIR_POST, SEA_POST = "PNK", "STG"
OFFLINE_POSTS = frozenset({"ETK", "BDU"})  # they deliver late
_MODE = {"LAND": "D", "AIR": "U", "SEA": "L"}


def passport_record(rng: Random, person: Person, passport: Passport) -> WireRecord:
    """A document as its registry has it: no name, only its number and the holder's NIK."""
    fields = {
        "no_paspor": passport.number,
        "tgl_terbit": f"{passport.issued_on:%Y-%m-%d}",
        "tgl_kadaluarsa": f"{passport.expires_on:%Y-%m-%d}",
        "kanim_penerbit": rng.choice(vocabulary.KANIM[passport.office]),
        "status": passport.status,
        "nik": person.nik,
    }
    updated_at = at_most_horizon(
        datetime.combine(passport.issued_on, time(15, 30), WIB)
        + timedelta(seconds=int(rng.random() * 86_400))
    )
    return WireRecord("imigrasi", "paspor", passport.number, fields, updated_at, person.id)


def crossing(
    rng: Random,
    *,
    key: str,
    person: Person,
    number: str,
    kind: str,
    post: str,
    outward: bool,
    at: datetime,
    mode: str,
    country: str,
    case_id: str | None,
    role: Role | None,
    name: str | None = None,
) -> WireRecord:
    """A crossing of a border post; land posts that were offline deliver it weeks later.

    Args:
        rng: the randomness of this case at this agency.
        key: id_lintas.
        person: who crosses.
        number: the document shown.
        kind: the wire's code of the document.
        post: the wire's code of the post.
        outward: out of Indonesia, or into it.
        at: when, aware.
        mode: LAND, AIR or SEA.
        country: the country declared on the way out, alpha-3.
        case_id: the true case, or None.
        role: what the person truly is in it.
        name: as typed at the counter; made from the true name when None.
    """
    local = at.astimezone(WIB)
    compact = happens(rng, 0.35)
    late = mode == "LAND" and post in OFFLINE_POSTS and happens(rng, 0.15)
    delay = (
        timedelta(days=9 + int(rng.random() * 30)) if late else timedelta(minutes=5 + int(rng.random() * 300))
    )
    fields: dict[str, str] = {
        "id_lintas": key,
        "no_dokumen": number,
        "jenis_dokumen": kind,
        "nama": name or spelling.immigration(person.name, fnu=happens(rng, 0.3)),
        "tgl_lahir": f"{person.papers_born_on:%Y-%m-%d}",
        "jk": person.sex,
        "kewarganegaraan": person.citizenship,
        "kode_tpi": post,
        "arah": "K" if outward else "M",
        "waktu_lintas": f"{local:%Y%m%d%H%M%S}" if compact else f"{local:%Y-%m-%dT%H:%M:%S}",
        "moda": _MODE[mode],
        "no_penerbangan": f"{rng.choice(vocabulary.MASKAPAI)}{100 + int(rng.random() * 899)}"
        if mode == "AIR"
        else "",
        "nama_kapal": rng.choice(vocabulary.KAPAL) if mode == "SEA" else "",
        "negara_tujuan": rng.choice(vocabulary.NEGARA_DINYATAKAN[country if outward else "IDN"]),
        "status_cekal": "Y" if happens(rng, 0.02) else "T",
    }
    return WireRecord(
        "imigrasi", "perlintasan", key, fields, at_most_horizon(local + delay), person.id, case_id, role
    )


def prevention(
    rng: Random, *, key: str, day: date, country: str, person_id: str, case_id: str | None
) -> WireRecord:
    """A departure deferred or a passport refused; it names nobody."""
    fields = {
        "id_tunda": key,
        "tgl": f"{day:%Y-%m-%d}",
        "kantor": rng.choice(vocabulary.PENUNDAAN_KANTOR),
        "jenis": "TUNDA_BERANGKAT" if happens(rng, 0.55) else "TOLAK_PASPOR",
        "alasan": rng.choice(vocabulary.PENUNDAAN_ALASAN),
        "tujuan_dinyatakan": rng.choice(vocabulary.NEGARA_DINYATAKAN[country]),
        "rujuk_ke": rng.choice(vocabulary.PENUNDAAN_RUJUK_KE),
    }
    updated_at = at_most_horizon(
        datetime.combine(day, time(17, 0), WIB) + timedelta(minutes=int(rng.random() * 400))
    )
    return WireRecord(
        "imigrasi", "penundaan", key, fields, updated_at, person_id, case_id, "VICTIM" if case_id else None
    )


def _at(rng: Random, day: date) -> datetime:
    return datetime.combine(
        day, time(5 + int(rng.random() * 16), int(rng.random() * 60), int(rng.random() * 60)), WIB
    )


def _declared(rng: Random, case: TrueCase) -> str:
    """What is said at the counter: Malaysia, Singapore or Thailand rather than where the journey ends."""
    if case.destination in {"KHM", "MMR"}:
        return rng.choice(("MYS", "SGP", "THA"))
    return case.destination


def _victim(rng: Random, case: TrueCase, person: Person, number: int) -> Iterator[WireRecord]:
    for passport in person.passports:
        yield passport_record(rng, person, passport)
    passport = person.passport
    if not case.abroad or passport is None:
        return
    mode = case.profile.route
    if mode == "NONE":
        mode = "AIR"
    posts = {"LAND": places.land_post(case.origin), "AIR": AIR_POST, "SEA": SEA_POST}
    key = f"PL{case.slot:07d}{number:02d}"
    if mode != "LAND" or happens(rng, 0.6):  # others crossed where no post is
        used = person.passports[0] if len(person.passports) > 1 and happens(rng, 0.1) else passport
        yield crossing(
            rng, key=key + "K", person=person, number=used.number, kind="PASPOR_BIASA", post=posts[mode], outward=True,
            at=_at(rng, case.departed_on), mode=mode, country=_declared(rng, case), case_id=case.id, role="VICTIM",
        )  # fmt: skip
    if case.returned_on is None or happens(rng, 0.12):
        return
    lost = passport.status == "DITAHAN_PELAKU"
    by_land = mode == "LAND"
    yield crossing(
        rng, key=key + "M", person=person, number=f"S{passport.number[1:]}" if lost else passport.number,
        kind="SPLP" if lost else "PASPOR_BIASA", post="ETK" if by_land else posts[mode], outward=False,
        at=_at(rng, case.returned_on), mode=mode, country=case.destination, case_id=case.id, role="VICTIM",
    )  # fmt: skip


def records(rng: Random, case: TrueCase) -> Iterator[WireRecord]:
    """The documents, crossings and preventions of the people of a case."""
    own = f"p{case.slot:06d}"
    for number, person in enumerate(case.victims):
        if person.id.startswith(own):
            yield from _victim(rng, case, person, number)
    if case.victims and happens(rng, 0.12):
        country = (
            "KHM" if case.destination in {"KHM", "MMR"} else "MYS" if not case.abroad else case.destination
        )
        yield prevention(
            rng, key=f"TD{case.slot:07d}", day=case.departed_on - timedelta(days=3 + int(rng.random() * 20)), country=country,
            person_id=case.victims[0].id, case_id=case.id,
        )  # fmt: skip
    for number, bystander in enumerate(case.bystanders):
        person = bystander.person
        for passport in person.passports:
            yield passport_record(rng, person, passport)
        passport = person.passport
        if passport is None:
            continue
        out_on = passport.issued_on + timedelta(days=20 + int(rng.random() * 60))
        mode = rng.choice(("LAND", "AIR"))
        post = "ETK" if mode == "LAND" else AIR_POST
        key = f"PB{case.slot:07d}{number:02d}"
        for outward, day in ((True, out_on), (False, out_on + timedelta(days=10 + int(rng.random() * 200)))):
            if outward or bystander.kind == "TRAVELLER":
                yield crossing(
                    rng, key=key + ("K" if outward else "M"), person=person, number=passport.number, kind="PASPOR_BIASA",
                    post=post, outward=outward, at=_at(rng, day), mode=mode, country="MYS", case_id=None, role=None,
                )  # fmt: skip

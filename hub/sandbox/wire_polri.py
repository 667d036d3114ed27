"""A case as the police write it down: a report with its victims and suspects."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

from hub.sandbox import places, spelling, vocabulary
from hub.sandbox.cases import Accused, TrueCase
from hub.sandbox.chance import happens, one_of
from hub.sandbox.people import Person
from hub.sandbox.wire import WireRecord, at_most_horizon, dashed

ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
NEW_CODE_YEAR = 2026
CHILD_AGE = 18
STORY_NUMBERS = 201  # report numbers below belong to the stories
STAGES = ("LIDIK", "SIDIK", "TAHAP1", "P19", "P21", "TAHAP2", "SP3", "RJ", "LIMPAH")
_STAGE_WEIGHTS = (20, 26, 10, 6, 9, 16, 6, 3, 4)
_BEFORE_INVESTIGATION = frozenset({"LIDIK", "LIMPAH"})


def lp_number(rng: Random, model: str, number: int, reported_at: datetime, unit: str) -> str:
    """The number of a report in one of its spellings; the parts are always the same."""
    month, year, text = ROMAN[reported_at.month - 1], reported_at.year, places.lp_unit_text(rng, unit)
    return one_of(
        rng,
        (75, f"LP/{model}/{number}/{month}/{year}/{text}"),
        (10, f"LP/{model}/{number:03d}/{month}/{year}/{text}"),
        (8, f"LP-{model}/{number}/{month}/{year} {text}"),
        (7, f"Lp.{model}.{number}.{month}.{year}.{text}"),
    )


def victim_fields(rng: Random, person: Person, case: TrueCase, *, initials: bool) -> dict[str, str | int]:
    """A victim's wire fields; with initials there is no number and no address either."""
    hidden = initials
    return {
        "nama": spelling.initials(person.name) if hidden else spelling.noisy(rng, person.name),
        "nik": "" if hidden or happens(rng, 0.35) else person.nik,
        "umur": person.age_on(case.reported_at.date()),
        "jk": person.sex,
        "alamat": person.origin.name if hidden else person.address,
        "negara_tujuan": rng.choice(vocabulary.NEGARA_TUJUAN[case.destination]),
    }


def suspect_fields(rng: Random, accused: Accused) -> dict[str, str]:
    """A suspect's wire fields; foreigners have neither number nor, mostly, a birth date."""
    person = accused.person
    known = person.citizenship == "IDN" and accused.status != "DPO"
    return {
        "nik": person.nik if known and happens(rng, 0.8) else "",
        "nama": spelling.noisy(rng, person.name),
        "alias": ",".join(person.aliases),
        "tempat_lahir": person.birth_place,
        "tgl_lahir": dashed(person.born_on) if known or happens(rng, 0.4) else "",
        "jk": person.sex,
        "kewarganegaraan": rng.choice(vocabulary.KEWARGANEGARAAN[person.citizenship]),
        "pekerjaan": rng.choice(vocabulary.PEKERJAAN),
        "peran": rng.choice(vocabulary.PERAN_JOINED_BY).join(
            rng.choice(vocabulary.PERAN[role]) for role in accused.roles
        ),
        "status": accused.status,
    }


def _articles(rng: Random, case: TrueCase) -> str:
    if any(person.age_on(case.departed_on) < CHILD_AGE for person in case.victims):
        return rng.choice(vocabulary.PASAL_CHILD)
    return rng.choice(
        vocabulary.PASAL_NEW if case.reported_at.year >= NEW_CODE_YEAR else vocabulary.PASAL_OLD
    )


def report_fields(rng: Random, case: TrueCase, *, number: int, stage: str) -> dict[str, str]:
    """The report's own wire fields."""
    reported = case.reported_at
    model = "A" if happens(rng, 0.22) else "B"
    occurred = dashed(case.departed_on)
    if case.abroad and happens(rng, 0.5):
        last = case.returned_on or reported.date()
        occurred = f"{occurred} s/d {dashed(last)}"
    fields = {
        "no_lp": lp_number(rng, model, number, reported, case.unit),
        "model_lp": model,
        "tgl_lapor": f"{reported:%d-%m-%Y %H:%M}",
        "tgl_kejadian": occurred,
        "tkp_alamat": f"Kec. {rng.choice(case.origin.districts)}, {case.origin.name}",
        "tkp_kode_wilayah": case.origin.code,
        "satker": places.unit_text(rng, case.unit),
        "uraian_singkat": rng.choice(vocabulary.URAIAN).format(phone=_phone_of(case)),
        "modus": rng.choice(vocabulary.MODUS[case.profile.modus]),
        "pasal_disangkakan": _articles(rng, case),
        "tahap": stage,
        "no_spdp": "",
        "tgl_spdp": "",
        "no_sprindik": "",
        "penyidik": rng.choice(vocabulary.PENYIDIK),
    }
    if stage not in _BEFORE_INVESTIGATION:
        month, year = ROMAN[reported.month - 1], reported.year
        fields["no_sprindik"] = f"SP.Sidik/{number}/{month}/RES.1.15/{year}/Reskrim"
        if happens(rng, 0.85):
            fields["no_spdp"] = f"SPDP/{number}/{month}/RES.1.15/{year}/Reskrim"
            late = happens(rng, 0.2)
            fields["tgl_spdp"] = dashed(
                reported.date()
                + timedelta(days=9 + int(rng.random() * 20) if late else 1 + int(rng.random() * 6))
            )
    return fields


def _phone_of(case: TrueCase) -> str:
    parties = (*(accused.person for accused in case.accused), *case.victims)
    return "0" + parties[0].phone.removeprefix("+62") if parties else "-"


def report(
    rng: Random,
    case: TrueCase,
    *,
    lp_id: str,
    number: int,
    stage: str,
    updated_at: datetime,
    initials: Sequence[bool] | None = None,
) -> WireRecord:
    """One report of a case with all its victims and suspects.

    Args:
        rng: the randomness of this case at this agency.
        case: what truly happened.
        lp_id: the envelope's id, stable.
        number: the running number inside `no_lp`.
        stage: the value of `tahap`.
        updated_at: when the police last touched it.
        initials: per victim whether only initials are written; drawn when None.
    """
    hidden = initials if initials is not None else [happens(rng, 0.16) for _ in case.victims]
    parts: list[WireRecord] = []
    for index, person in enumerate(case.victims):
        fields = victim_fields(rng, person, case, initials=hidden[index])
        parts.append(
            WireRecord("polri", "korban", f"{lp_id}/korban/{index + 1}", {"no_urut": index + 1, **fields}, updated_at,
                       person.id, case.id, "VICTIM")
        )  # fmt: skip
    for index, accused in enumerate(case.accused):
        parts.append(
            WireRecord("polri", "tersangka", f"{lp_id}/tersangka/{index + 1}",
                       {"no_urut": index + 1, **suspect_fields(rng, accused)}, updated_at,
                       accused.person.id, case.id, "PERPETRATOR")
        )  # fmt: skip
    fields = {"id": lp_id, **report_fields(rng, case, number=number, stage=stage)}
    return WireRecord(
        "polri", "laporan_polisi", lp_id, fields, updated_at, None, case.id, None, parts=tuple(parts)
    )


def records(rng: Random, case: TrueCase) -> Iterator[WireRecord]:
    """The reports of a case: usually one, none when no one told the police, two when it was sent twice."""
    if happens(rng, 0.06):
        return
    stage = rng.choices(STAGES, _STAGE_WEIGHTS)[0]
    progress = timedelta(days=2 + int(rng.random() * 160), minutes=int(rng.random() * 600))
    updated_at = at_most_horizon(case.reported_at + progress)
    number = case.slot + STORY_NUMBERS
    first = report(rng, case, lp_id=f"EMP-{case.slot:07d}", number=number, stage=stage, updated_at=updated_at)
    if happens(rng, 0.05):
        first = first.but(**{vocabulary.DRIFT_FIELD: rng.choice(vocabulary.DRIFT_VALUES)})
    if happens(rng, 0.01):
        first = first.as_withdrawn()
    yield first
    if happens(rng, 0.02) and not first.withdrawn:
        month, year = ROMAN[case.reported_at.month - 1], case.reported_at.year
        again = report(
            rng, case, lp_id=f"EMP-{case.slot:07d}-B", number=number, stage=stage,
            updated_at=at_most_horizon(updated_at + timedelta(days=1)),
        )  # fmt: skip
        model = str(first.fields["model_lp"])
        no_lp = f"LP.{model}-{number:05d}.{month}.{year} {places.lp_unit_text(rng, case.unit)}"
        yield again.but(no_lp=no_lp, model_lp=model)

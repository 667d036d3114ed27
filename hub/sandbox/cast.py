"""The workshop for named stories: fixed people, fixed cases, records by the same builders as the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random

from hub.clock import WIB
from hub.sandbox import people, places, wire_imigrasi, wire_kemensos, wire_kemnaker, wire_polri
from hub.sandbox.cases import PROFILES, Accused, TrueCase
from hub.sandbox.names import Sex
from hub.sandbox.people import Passport, Person
from hub.sandbox.wire import Agency, Value, WireRecord

_PROFILE_OF = {profile.modus: profile for profile in PROFILES}


@dataclass(frozen=True, slots=True)
class LaterAct:
    """A change the agency makes only after the first pull; its control door's `/later` plays it."""

    agency: Agency
    key: str
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Story:
    """A named messy case with fixed people, the same for every seed and size."""

    name: str
    title: str
    people: tuple[Person, ...]
    cases: tuple[TrueCase, ...]
    records: tuple[WireRecord, ...]
    later: tuple[LaterAct, ...]


class Scene:
    """Builds one story; each method adds to it and gives back what it added."""

    def __init__(self, number: int, name: str, title: str) -> None:
        self.number, self.name, self.title = number, name, title
        self.rng = Random(f"story/{name}")  # noqa: S311 -- synthetic people, nothing secret
        self._people: list[Person] = []
        self._cases: list[TrueCase] = []
        self._records: list[WireRecord] = []
        self._later: list[LaterAct] = []

    def person(
        self,
        name: str,
        sex: Sex,
        born_on: date,
        origin_code: str,
        *,
        passports: Sequence[date] = (),
        nik_born_on: date | None = None,
        citizenship: str = "IDN",
    ) -> Person:
        """A fixed person.

        Args:
            name: the full name.
            sex: L or P.
            born_on: the true birth date.
            origin_code: the regency's code.
            passports: the days their passports were issued, oldest first; all but the newest have expired.
            nik_born_on: the birth date inside the NIK, when it was forged.
            citizenship: alpha-3.
        """
        number = len(self._people)
        serial = self.number * 16 + number + 1
        origin = places.BY_CODE[origin_code]
        issued = [
            Passport(
                people.passport_number(2 * serial + index % 2),
                day,
                day + timedelta(days=1826),
                places.passport_office(origin),
                "SAH" if index == len(passports) - 1 else "KADALUARSA",
            )
            for index, day in enumerate(passports)
        ]
        person = Person(
            id=f"s{self.number:02d}p{number}",
            name=name,
            sex=sex,
            born_on=born_on,
            birth_place=origin.name,
            nik=people.nik_for(origin_code, nik_born_on or born_on, sex, 1, serial)
            if citizenship == "IDN"
            else "",
            origin=origin,
            address=f"Dusun Harapan RT 0{1 + number % 9}, Kec. {origin.districts[0]}, {origin.name}",
            phone=f"{people.UNASSIGNED_PREFIX}{serial:07d}",
            citizenship=citizenship,
            passports=tuple(issued),
            forged_born_on=nik_born_on,
        )
        self._people.append(person)
        return person

    def case(
        self,
        modus: str,
        origin_code: str,
        destination: str,
        *,
        departed_on: date,
        returned_on: date | None,
        reported_at: datetime,
        unit: str,
        victims: Sequence[Person],
        accused: Sequence[tuple[Person, str, str]] = (),
    ) -> TrueCase:
        """A fixed case; `accused` are (person, role, status)."""
        case = TrueCase(
            id=f"s{self.number:02d}c{len(self._cases)}",
            slot=-self.number,
            profile=_PROFILE_OF[modus],
            origin=places.BY_CODE[origin_code],
            destination=destination,
            departed_on=departed_on,
            returned_on=returned_on,
            reported_at=reported_at,
            unit=unit,
            victims=tuple(victims),
            accused=tuple(Accused(person, (role,), status) for person, role, status in accused),
        )
        self._cases.append(case)
        return case

    def add(self, record: WireRecord) -> WireRecord:
        """Any record."""
        record = replace(
            record, story=self.name, parts=tuple(replace(part, story=self.name) for part in record.parts)
        )
        self._records.append(record)
        return record

    def report(
        self,
        case: TrueCase,
        *,
        stage: str,
        days: int = 30,
        initials: Sequence[bool] | None = None,
        parts: dict[str, dict[str, Value]] | None = None,
        **fields: Value,
    ) -> WireRecord:
        """A police report; `parts` changes fields of a part by `korban/1`, `tersangka/2`."""
        number = self.number * 4 + sum(record.object == "laporan_polisi" for record in self._records)
        lp_id = f"EMP-S{number:06d}"
        record = wire_polri.report(
            self.rng, case, lp_id=lp_id, number=number, stage=stage, updated_at=case.reported_at + timedelta(days=days),
            initials=initials if initials is not None else [False] * len(case.victims),
        )  # fmt: skip
        changed = tuple(
            part.but(**(parts or {}).get(part.key.removeprefix(f"{lp_id}/"), {})) for part in record.parts
        )
        return self.add(replace(record, parts=changed).but(**fields))

    def documents(self, person: Person, **fields: Value) -> tuple[WireRecord, ...]:
        """All passports of a person, oldest first."""
        made = [wire_imigrasi.passport_record(self.rng, person, passport) for passport in person.passports]
        return tuple(self.add(record.but(**fields)) for record in made)

    def crossing(
        self,
        person: Person,
        at: datetime,
        *,
        post: str = "ETK",
        outward: bool,
        mode: str = "LAND",
        country: str = "MYS",
        case: TrueCase | None = None,
        passport: Passport | None = None,
        delay: timedelta = timedelta(hours=2),
        **fields: Value,
    ) -> WireRecord:
        """A crossing with a fixed delay between the post and the central system."""
        document = passport or person.passports[-1]
        key = f"PS{self.number:05d}{len(self._records):02d}"
        record = wire_imigrasi.crossing(
            self.rng, key=key, person=person, number=document.number, kind=document.kind, post=post, outward=outward, at=at,
            mode=mode, country=country, case_id=case.id if case else None, role="VICTIM" if case else None,
        )  # fmt: skip
        return self.add(replace(record.but(**fields), updated_at=at + delay))

    def placement(
        self,
        person: Person,
        on: date,
        *,
        country: str,
        occupation: str,
        case: TrueCase | None = None,
        **fields: Value,
    ) -> WireRecord:
        """A placement contract, with the worker's NIK on it."""
        record = wire_kemnaker.placement(
            self.rng, person=person, serial=self.number * 16 + len(self._records), on=on, country=country,
            occupation=occupation, status="BERANGKAT", case_id=case.id if case else None, role="VICTIM" if case else None,
        )  # fmt: skip
        changed = record.but(**({"nik": person.nik, "nama": person.name.upper()} | fields))
        return self.add(replace(changed, key=str(changed.fields["id_pmi"])))

    def deportation(
        self, person: Person, on: date, *, sector: str, case: TrueCase | None = None, **fields: Value
    ) -> WireRecord:
        """A deportee's row, without NIK unless a field says so."""
        record = wire_kemnaker.deportation(
            self.rng, key=f"DEPS{self.number:04d}{len(self._records):02d}", person=person, on=on, sector=sector,
            case_id=case.id if case else None, role="VICTIM" if case else None,
        )  # fmt: skip
        return self.add(record.but(**({"nik": "", "nama": person.name.upper()} | fields)))

    def client(
        self,
        person: Person,
        entered_on: date,
        left_on: date | None,
        *,
        kind: str = "TPPO",
        country: str = "MYS",
        outcome: str = "DIPULANGKAN",
        shelter: str = "RPTC-PTK",
        case: TrueCase | None = None,
        **fields: Value,
    ) -> WireRecord:
        """A stay in a shelter, with the client's NIK unless a field says otherwise."""
        register = f"{shelter}/{entered_on.year}/{self.number * 16 + len(self._records):06d}"
        record = wire_kemensos.client(
            self.rng, register=register, person=person,
            stay=wire_kemensos.Stay(entered_on, left_on, kind, country, outcome),
            case_id=case.id if case else None, role="VICTIM" if case else None,
        )  # fmt: skip
        known: dict[str, Value] = {"nik": person.nik, "nama": person.name, "umur": person.age_on(entered_on)}
        return self.add(record.but(**(known | fields)))

    def internship(self, person: Person, on: date, *, country: str, case: TrueCase | None) -> WireRecord:
        """An intern's row, with the intern's NIK."""
        record = wire_kemnaker.internship(
            self.rng, key=f"MGS{self.number:04d}{len(self._records):02d}", person=person, on=on, country=country,
            case_id=case.id if case else None, role="VICTIM" if case else None,
        )  # fmt: skip
        return self.add(record.but(nik=person.nik, nama=person.name))

    def prevention(self, person: Person, day: date, *, case: TrueCase, **fields: Value) -> WireRecord:
        """A prevention that concerned a person, whom it does not name."""
        record = wire_imigrasi.prevention(
            self.rng, key=f"TDS{self.number:04d}{len(self._records):02d}", day=day, country="KHM", person_id=person.id,
            case_id=case.id,
        )  # fmt: skip
        return self.add(record.but(**fields))

    def later(self, agency: Agency, key: str, field: str, value: str) -> None:
        """A second act."""
        self._later.append(LaterAct(agency, key, field, value))

    def story(self) -> Story:
        """The finished story."""
        return Story(
            self.name,
            self.title,
            tuple(self._people),
            tuple(self._cases),
            tuple(self._records),
            tuple(self._later),
        )


def wib(year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    """A moment in WIB."""
    return datetime.combine(date(year, month, day), time(hour, minute), WIB)

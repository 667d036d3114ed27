"""The synthetic people: identifiers that no real person can bear, and documents."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from hub.sandbox import names, places
from hub.sandbox.chance import happens
from hub.sandbox.names import Sex
from hub.sandbox.places import Regency

SYNTHETIC_PROVINCE = "99"  # no province; every synthetic NIK begins with it
UNASSIGNED_PREFIX = "+62860"  # no operator holds it
WOMAN_DAY_OFFSET = 40


@dataclass(frozen=True, slots=True)
class Passport:
    """A travel document; `status` is the wire's code."""

    number: str
    issued_on: date
    expires_on: date
    office: str
    status: str = "SAH"
    kind: str = "PASPOR_BIASA"


@dataclass(frozen=True, slots=True)
class Person:
    """A synthetic person as they truly are; agencies see less and worse."""

    id: str
    name: str
    sex: Sex
    born_on: date
    birth_place: str
    nik: str
    origin: Regency
    address: str
    phone: str
    citizenship: str = "IDN"
    aliases: tuple[str, ...] = ()
    passports: tuple[Passport, ...] = ()
    forged_born_on: date | None = None

    @property
    def papers_born_on(self) -> date:
        """The birth date in their documents, which for a child may be forged."""
        return self.forged_born_on or self.born_on

    def age_on(self, day: date) -> int:
        """Whole years on a day."""
        return day.year - self.born_on.year - ((day.month, day.day) < (self.born_on.month, self.born_on.day))

    @property
    def passport(self) -> Passport | None:
        """The newest passport."""
        return self.passports[-1] if self.passports else None


def nik_for(regency_code: str, born_on: date, sex: Sex, district: int, serial: int) -> str:
    """A synthetic NIK: 99, the digits of a regency, a district, the birth date (+40 for a woman) and a serial."""
    day = born_on.day + (WOMAN_DAY_OFFSET if sex == "P" else 0)
    return f"{SYNTHETIC_PROVINCE}{regency_code[3:]}{district:02d}{day:02d}{born_on:%m%y}{serial:04d}"


def passport_number(serial: int) -> str:
    """A passport number of the usual form, one letter and seven digits, unique by serial."""
    digits = (
        serial * 6_364_137 + 1_234_567
    ) % 10_000_000  # the factor shares no divisor with the modulus: no collision
    return f"{'XEBCA'[serial % 5]}{digits:07d}"


def _day_between(rng: Random, first: date, last: date) -> date:
    return first + timedelta(days=int(rng.random() * ((last - first).days + 1)))


def born_at_age(rng: Random, age: int, on: date) -> date:
    """A birth date of someone who is `age` on a day."""
    return on - timedelta(days=int(age * 365.25) + 1 + int(rng.random() * 364))


def make_person(
    rng: Random,
    person_id: str,
    *,
    serial: int,
    sex: Sex,
    born_on: date,
    origin: Regency,
    travels_on: date | None,
) -> Person:
    """A person of an origin.

    Args:
        rng: the randomness of this person's case.
        person_id: the true id.
        serial: unique in the population; identifiers are made from it, so that no two people share one.
        sex: L or P.
        born_on: the true birth date.
        origin: the regency they come from.
        travels_on: when they needed a passport, or None for one who never had any.
    """
    community = names.community(rng, origin.province)
    passports: list[Passport] = []
    if travels_on is not None:
        office = places.passport_office(origin)
        issued_on = travels_on - timedelta(days=7 + int(rng.random() * 300))
        if happens(rng, 0.08):  # an older passport beside the one used
            old_on = issued_on - timedelta(days=365 * 5 + int(rng.random() * 400))
            old_status = "KADALUARSA" if happens(rng, 0.7) else "HILANG"
            passports.append(
                Passport(passport_number(2 * serial), old_on, _five_years_after(old_on), office, old_status)
            )
        status = "DITAHAN_PELAKU" if happens(rng, 0.06) else "SAH"
        passports.append(
            Passport(passport_number(2 * serial + 1), issued_on, _five_years_after(issued_on), office, status)
        )
    district = rng.choice(origin.districts)
    # The district's two digits take what overflows the serial, so that the whole number stays unique.
    overflow, last_four = divmod(serial, 9999)
    return Person(
        id=person_id,
        name=names.full_name(rng, community, sex),
        sex=sex,
        born_on=born_on,
        birth_place=origin.name if happens(rng, 0.7) else district,
        nik=nik_for(origin.code, born_on, sex, 1 + overflow % 99, 1 + last_four),
        origin=origin,
        address=f"Dusun {rng.choice(('Melati', 'Harapan', 'Sungai Raja', 'Mawar', 'Pasir'))} RT {1 + int(rng.random() * 9):02d}, "
        f"Kec. {district}, {origin.name}",
        phone=f"{UNASSIGNED_PREFIX}{serial % 10_000_000:07d}",
        passports=tuple(passports),
    )


def with_forged_papers(rng: Random, child: Person) -> Person:
    """A child made five to eight years older: NIK and newest passport are forged from the false birth date."""
    years = 5 + int(rng.random() * 4)
    false_on = child.born_on - timedelta(days=years * 365)
    day = false_on.day + (WOMAN_DAY_OFFSET if child.sex == "P" else 0)
    nik = f"{child.nik[:6]}{day:02d}{false_on:%m%y}{child.nik[12:]}"
    passports = (*child.passports[:-1], replace(child.passports[-1], status="PALSU"))
    return replace(child, nik=nik, passports=passports, forged_born_on=false_on)


def as_sibling(child: Person, of: Person) -> Person:
    """The same person with the family name and the home of a brother or sister."""
    first, last = child.name.split()[0], of.name.split()[1:]
    return (
        replace(child, name=" ".join((first, *last)), address=of.address)
        if last
        else replace(child, address=of.address)
    )


def make_foreigner(rng: Random, person_id: str, *, serial: int, country: str, origin: Regency) -> Person:
    """A foreign suspect: no NIK, a birth date that the police rarely know."""
    return Person(
        id=person_id,
        name=names.foreign_name(rng, country),
        sex="L" if happens(rng, 0.8) else "P",
        born_on=_day_between(rng, date(1965, 1, 1), date(1995, 12, 31)),
        birth_place="",
        nik="",
        origin=origin,
        address="",
        phone=f"{UNASSIGNED_PREFIX}{serial % 10_000_000:07d}",
        citizenship=country,
    )


def _five_years_after(day: date) -> date:
    return day + timedelta(days=1826)

"""What truly happened: the trafficking cases, their victims and perpetrators, and people who are none of these."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from random import Random
from typing import Literal

from hub.clock import WIB
from hub.sandbox import names, people, places
from hub.sandbox.chance import happens
from hub.sandbox.people import Person
from hub.sandbox.places import Regency

FIRST_DAY = date(2024, 1, 8)
LAST_DAY = date(2026, 9, 20)
HORIZON = datetime(2026, 10, 31, 23, 59, 59, tzinfo=WIB)  # nothing generated is newer
SERIALS_A_CASE = 32
RESERVED_SLOTS = 100  # serials below belong to the stories

BystanderKind = Literal["WORKER", "DEPORTEE", "FAMILY", "CLIENT", "TRAVELLER"]


@dataclass(frozen=True, slots=True)
class Profile:
    """How one mode happens. `men` is the share of men; `countries` are destinations by weight."""

    modus: str
    weight: int
    countries: tuple[tuple[str, int], ...]
    men: float
    ages: tuple[int, int]
    victims: tuple[int, int]
    route: Literal["LAND", "AIR", "SEA", "NONE"]
    occupation: str | None
    roles: tuple[str, ...]


_LABOUR = ("RECRUITER", "TRANSPORTER", "HARBOURER", "RECEIVER", "DOCUMENT_FORGER")
_SCAM = ("RECRUITER", "TRAVEL_AGENT", "FINANCIER", "EXPLOITER")
_BRIDE = ("MARRIAGE_BROKER", "RECRUITER", "RECEIVER", "DOCUMENT_FORGER")
_SEX = ("EXPLOITER", "RECRUITER", "HARBOURER")
_MYS, _IDN = (("MYS", 1),), (("IDN", 1),)

PROFILES: tuple[Profile, ...] = (
    Profile("DOMESTIC_WORK_ABROAD", 22, (("MYS", 14), ("SAU", 4), ("ARE", 2), ("TWN", 2)), 0.04, (17, 44), (1, 3), "LAND",
            "DOMESTIC_WORKER", _LABOUR),
    Profile("IRREGULAR_WORKER_PLANTATION", 15, _MYS, 0.8, (17, 50), (1, 6), "LAND", "PLANTATION_WORKER", _LABOUR),
    Profile("IRREGULAR_WORKER_CONSTRUCTION", 7, (("MYS", 8), ("BRN", 1)), 0.95, (18, 48), (1, 4), "LAND",
            "CONSTRUCTION_WORKER", _LABOUR),
    Profile("IRREGULAR_WORKER_FACTORY", 6, (("MYS", 4), ("KOR", 1)), 0.5, (18, 38), (1, 4), "LAND", "FACTORY_WORKER", _LABOUR),
    Profile("ONLINE_IT_OPERATOR", 12, (("KHM", 6), ("MMR", 3), ("THA", 1)), 0.72, (18, 34), (1, 3), "AIR", None, _SCAM),
    Profile("TRANSLATOR_MANDARIN", 5, (("MMR", 3), ("KHM", 3)), 0.55, (19, 33), (1, 2), "AIR", None, _SCAM),
    Profile("MAIL_ORDER_BRIDE", 8, (("CHN", 5), ("TWN", 3)), 0.0, (16, 32), (1, 2), "AIR", None, _BRIDE),
    Profile("CONTRACT_MARRIAGE", 4, (("CHN", 3), ("IDN", 2)), 0.0, (16, 30), (1, 1), "AIR", None, _BRIDE),
    Profile("INTERNSHIP_ABROAD", 4, (("TWN", 3), ("JPN", 2)), 0.6, (19, 25), (1, 4), "AIR", "FACTORY_WORKER", ("RECRUITER", "FINANCIER")),
    Profile("SCHOLARSHIP_STUDY", 2, (("TWN", 1),), 0.5, (18, 22), (1, 2), "AIR", None, ("RECRUITER",)),
    Profile("SHIP_CREW", 5, (("TWN", 4), ("CHN", 2)), 1.0, (18, 42), (1, 4), "SEA", "SHIP_CREW", ("RECRUITER", "FINANCIER", "DOCUMENT_FORGER")),
    Profile("LOCAL_SEX_TRADE", 9, _IDN, 0.02, (15, 29), (1, 2), "NONE", None, _SEX),
    Profile("CHILD_EXPLOITATION", 6, _IDN, 0.2, (9, 17), (1, 2), "NONE", None, _SEX),
    Profile("CAFE_SINGER", 3, _MYS, 0.0, (17, 30), (1, 2), "LAND", "HOSPITALITY_WORKER", ("RECRUITER", "EXPLOITER")),
    Profile("DOMESTIC_WORK_IN_COUNTRY", 3, _IDN, 0.05, (14, 35), (1, 1), "NONE", None, ("RECRUITER", "EXPLOITER")),
    Profile("SPORTS_TEAM", 1, (("KHM", 1),), 1.0, (16, 24), (1, 2), "AIR", None, ("RECRUITER",)),
    Profile("ILLEGAL_ADOPTION", 1, (("IDN", 2), ("SGP", 1)), 0.5, (0, 1), (1, 1), "NONE", None, ("HARBOURER", "FINANCIER")),
    Profile("ORGAN_TRADE", 1, (("KHM", 1),), 0.9, (20, 38), (1, 2), "AIR", None, ("RECRUITER", "TRAVEL_AGENT")),
    Profile("FORCED_BEGGING", 1, _IDN, 0.5, (7, 16), (1, 3), "NONE", None, ("EXPLOITER",)),
    Profile("OTHER", 2, (("IDN", 1), ("MYS", 1)), 0.5, (16, 40), (1, 2), "LAND", None, ("RECRUITER", "OTHER")),
)  # fmt: skip
_PROFILE_WEIGHTS = tuple(accumulate(profile.weight for profile in PROFILES))


@dataclass(frozen=True, slots=True)
class Accused:
    """A person with the role they had in one case and the state the police give them."""

    person: Person
    roles: tuple[str, ...]
    status: str


@dataclass(frozen=True, slots=True)
class Bystander:
    """A person some agency has on record who is party to no case."""

    person: Person
    kind: BystanderKind


@dataclass(frozen=True, slots=True)
class TrueCase:
    """One trafficking case as it truly was."""

    id: str
    slot: int
    profile: Profile
    origin: Regency
    destination: str
    departed_on: date
    returned_on: date | None
    reported_at: datetime
    unit: str
    victims: tuple[Person, ...]
    accused: tuple[Accused, ...]
    bystanders: tuple[Bystander, ...] = ()

    @property
    def abroad(self) -> bool:
        """Whether the victims left the country."""
        return self.destination != "IDN"


def _accused_status(rng: Random) -> str:
    return rng.choices(
        ("TERSANGKA", "DITAHAN", "TERLAPOR", "DPO", "SAKSI"),
        (40, 25, 20, 12, 3),
    )[0]


def _accused(rng: Random, slot: int, number: int, profile: Profile, origin: Regency) -> Accused:
    serial = (RESERVED_SLOTS + slot) * SERIALS_A_CASE + 16 + number
    person_id = f"p{slot:06d}a{number}"
    role = profile.roles[min(number, len(profile.roles) - 1)] if number else profile.roles[0]
    foreign = {"RECEIVER": "MYS", "EXPLOITER": "CHN"}.get(role) if happens(rng, 0.25) else None
    if foreign is not None and profile.route != "NONE":
        return Accused(
            people.make_foreigner(rng, person_id, serial=serial, country=foreign, origin=origin),
            (role,),
            "DPO",
        )
    born_on = people.born_at_age(rng, 22 + int(rng.random() * 38), date(2025, 6, 1))
    person = people.make_person(
        rng,
        person_id,
        serial=serial,
        sex="L" if happens(rng, 0.62) else "P",
        born_on=born_on,
        origin=origin if happens(rng, 0.6) else places.regency(rng),
        travels_on=None,
    )
    if happens(rng, 0.35):
        person = replace(person, aliases=(names.alias(rng),))
    roles = (role, "HARBOURER") if role == "RECRUITER" and happens(rng, 0.15) else (role,)
    return Accused(person, roles, _accused_status(rng))


def _bystander(rng: Random, slot: int, number: int) -> Bystander:
    kind: BystanderKind = rng.choices(
        ("WORKER", "DEPORTEE", "FAMILY", "CLIENT", "TRAVELLER"),
        (30, 34, 10, 18, 8),
    )[0]
    age = (
        3 + int(rng.random() * 12) if kind == "FAMILY" and happens(rng, 0.5) else 19 + int(rng.random() * 28)
    )
    sex: names.Sex = "P" if happens(rng, 0.7 if kind in {"CLIENT", "FAMILY"} else 0.4) else "L"
    person = people.make_person(
        rng,
        f"p{slot:06d}b{number}",
        serial=(RESERVED_SLOTS + slot) * SERIALS_A_CASE + 26 + number,
        sex=sex,
        born_on=people.born_at_age(rng, age, date(2025, 6, 1)),
        origin=places.regency(rng),
        travels_on=FIRST_DAY + timedelta(days=int(rng.random() * 700))
        if kind in {"WORKER", "TRAVELLER"}
        else None,
    )
    return Bystander(person, kind)


def make_case(rng: Random, slot: int) -> TrueCase:
    """The case of a slot with people of its own; `population` lends it people of other slots."""
    profile = rng.choices(PROFILES, cum_weights=_PROFILE_WEIGHTS)[0]
    origin = places.regency(rng)
    destination = rng.choices(
        [code for code, _ in profile.countries], [weight for _, weight in profile.countries]
    )[0]
    departed_on = FIRST_DAY + timedelta(days=int(rng.random() * ((LAST_DAY - FIRST_DAY).days - 60)))
    stay = 15 + int(rng.random() ** 2 * 400)
    returned_on = departed_on + timedelta(days=stay) if destination != "IDN" and happens(rng, 0.85) else None
    if returned_on is not None and returned_on > LAST_DAY:
        returned_on = LAST_DAY if departed_on < LAST_DAY else None
    reported_on = (returned_on or departed_on + timedelta(days=20)) + timedelta(days=int(rng.random() * 14))
    reported_at = datetime.combine(reported_on, time(8 + int(rng.random() * 12), int(rng.random() * 60)), WIB)
    lowest, highest = profile.victims
    passport_on = departed_on if destination != "IDN" else None
    victims: list[Person] = []
    for number in range(lowest + int(rng.random() ** 1.6 * (highest - lowest + 1))):
        age = profile.ages[0] + int(rng.random() * (profile.ages[1] - profile.ages[0] + 1))
        without_passport = profile.route == "LAND" and happens(rng, 0.45)
        victims.append(
            people.make_person(
                rng,
                f"p{slot:06d}v{number}",
                serial=(RESERVED_SLOTS + slot) * SERIALS_A_CASE + number,
                sex="L" if happens(rng, profile.men) else "P",
                born_on=people.born_at_age(rng, age, departed_on),
                origin=origin if happens(rng, 0.75) else places.regency(rng),
                travels_on=None if without_passport else passport_on,
            )
        )
    accused_count = rng.choices((0, 1, 2, 3), (12, 52, 26, 10))[0]
    accused = tuple(_accused(rng, slot, number, profile, origin) for number in range(accused_count))
    bystanders = tuple(
        _bystander(rng, slot, number) for number in range(rng.choices((0, 1, 2, 3), (20, 35, 30, 15))[0])
    )
    return TrueCase(
        id=f"c{slot:06d}",
        slot=slot,
        profile=profile,
        origin=origin,
        destination=destination,
        departed_on=departed_on,
        returned_on=returned_on,
        reported_at=reported_at,
        unit=places.police_unit(rng, origin),
        victims=tuple(victims),
        accused=accused,
        bystanders=bystanders,
    )

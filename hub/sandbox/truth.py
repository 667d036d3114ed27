"""truth.json: for every record on the wire, who and what it is truly about; written beside the agencies.

One JSON document whose `records`, `people` and `cases` stand one a line. It holds synthetic identities in the clear:
no part of the hub but reports and tests reads it.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BufferedWriter
from pathlib import Path
from typing import Any, Literal

import orjson
from pydantic import TypeAdapter

from hub.sandbox.broken import broken_cases, broken_people
from hub.sandbox.cases import TrueCase
from hub.sandbox.people import Person
from hub.sandbox.population import Population
from hub.sandbox.stories import stories
from hub.sandbox.wire import AGENCIES, Agency, Role, WireRecord

FILE_NAME = "truth.json"
Shown = Literal["name", "nik", "birth_date", "age", "passport"]
SHOWN: tuple[Shown, ...] = ("name", "nik", "birth_date", "age", "passport")
_SHOWN_BY_FIELD: dict[str, Shown] = {
    "nama": "name", "nik": "nik", "tgl_lahir": "birth_date", "umur": "age", "no_paspor": "passport", "no_dokumen": "passport",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TrueRecord:
    """What one record on the wire is truly about.

    Attributes:
        agency: who sends it.
        object: the contract's object.
        key: the source key, `<LP id>/korban/<no_urut>` for a part; empty when the agency left it out.
        person_id: the true person, or None.
        case_id: the true case, or None.
        role: what the person truly is in that case.
        broken: why it must be in quarantine, or None.
        withdrawn: whether the agency had deleted it from the start.
        story: the named story it belongs to, or None.
        shows: the kinds of identifier filled in on the wire.
        nik: the NIK on the wire, or None.
        passport: the document number on the wire, or None.
    """

    agency: Agency
    object: str
    key: str
    person_id: str | None
    case_id: str | None
    role: Role | None
    broken: str | None
    withdrawn: bool
    story: str | None
    shows: tuple[Shown, ...]
    nik: str | None
    passport: str | None


@dataclass(frozen=True, slots=True)
class TruePerson:
    """A synthetic person and which identifiers of theirs each agency shows in any record."""

    id: str
    name: str
    sex: str
    born_on: str
    nik: str
    passports: tuple[str, ...]
    seen: dict[str, tuple[Shown, ...]]


@dataclass(frozen=True, slots=True)
class TrueCaseEntry:
    """A true case, and who truly was what in it."""

    id: str
    modus: str
    origin: str
    destination: str
    victims: tuple[str, ...]
    perpetrators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoryEntry:
    """A named story and the ids to find it by."""

    name: str
    title: str
    people: tuple[str, ...]
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Truth:
    """The whole of truth.json."""

    seed: int
    size: int
    stories: tuple[StoryEntry, ...]
    records: tuple[TrueRecord, ...]
    people: Mapping[str, TruePerson]
    cases: Mapping[str, TrueCaseEntry]
    totals: Mapping[str, int]

    def broken(self) -> tuple[TrueRecord, ...]:
        """The records which must be in quarantine."""
        return tuple(record for record in self.records if record.broken is not None)

    def of_person(self, person_id: str) -> tuple[TrueRecord, ...]:
        """All records about a person."""
        return tuple(record for record in self.records if record.person_id == person_id)


def made_by() -> str:
    """A digest of the generator's own files: data made by other code is made anew."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def flatten(records: Iterable[WireRecord]) -> Iterator[WireRecord]:
    """Records and their parts, as the wire counts them; a withdrawn report travels without parts."""
    for record in records:
        yield record
        if not record.withdrawn:
            yield from record.parts


def write(population: Population, directory: Path) -> Path:
    """Write truth.json whole or not at all, unless one by the same code, seed and size is there.

    Args:
        population: whose truth.
        directory: the sandbox's directory; made when missing.

    Returns:
        The file.
    """
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / FILE_NAME
    head = {"seed": population.seed, "size": population.size, "made_by": made_by()}
    first_line = b"{" + orjson.dumps(head)[1:-1] + b",\n"
    if path.exists():
        with path.open("rb") as present:
            if present.readline() == first_line:
                return path
    unfinished = path.with_suffix(".unfinished")
    with unfinished.open("wb") as file:
        file.write(first_line)
        _write_body(population, file)
    unfinished.replace(path)
    return path


def _write_body(population: Population, file: BufferedWriter) -> None:
    totals: Counter[str] = Counter()
    seen: dict[str, int] = {}
    _write_list(file, "records", _record_lines(population, totals, seen))
    file.write(b",\n")
    _write_list(file, "people", _person_lines(population, totals, seen))
    file.write(b",\n")
    _write_list(file, "cases", _case_lines(population, totals))
    file.write(b",\n")
    told = [
        {
            "name": each.name,
            "title": each.title,
            "people": [p.id for p in each.people],
            "cases": [c.id for c in each.cases],
        }
        for each in stories()
    ]
    file.write(
        b'"stories": '
        + orjson.dumps(told)
        + b',\n"totals": '
        + orjson.dumps(dict(sorted(totals.items())))
        + b"}\n"
    )


def _write_list(file: BufferedWriter, name: str, lines: Iterator[bytes]) -> None:
    file.write(b'"' + name.encode() + b'": [\n')
    between = b""
    for line in lines:
        file.write(between + line)
        between = b",\n"
    file.write(b"]")


def _shown(record: WireRecord) -> list[Shown]:
    shown = {kind for field, kind in _SHOWN_BY_FIELD.items() if record.fields.get(field) not in {None, "", 0}}
    return [kind for kind in SHOWN if kind in shown]


def _record_lines(population: Population, totals: Counter[str], seen: dict[str, int]) -> Iterator[bytes]:
    for agency_index, agency in enumerate(AGENCIES):
        for record in flatten(population.records(agency)):
            shown = [] if record.withdrawn and agency == "polri" else _shown(record)
            totals[f"{agency}.{record.object}"] += 1
            totals["records"] += 1
            totals["broken"] += record.broken is not None
            totals["withdrawn"] += record.withdrawn
            if record.person_id is not None:
                mask = sum(1 << SHOWN.index(kind) for kind in shown) << agency_index * len(SHOWN)
                seen[record.person_id] = seen.get(record.person_id, 0) | mask
            passport = record.fields.get("no_paspor") or record.fields.get("no_dokumen")
            yield orjson.dumps(
                {
                    "agency": agency, "object": record.object, "key": record.key, "person_id": record.person_id,
                    "case_id": record.case_id, "role": record.role, "broken": record.broken, "withdrawn": record.withdrawn,
                    "story": record.story, "shows": shown, "nik": record.fields.get("nik") or None, "passport": passport or None,
                }
            )  # fmt: skip


def _all_cases(population: Population) -> Iterator[TrueCase]:
    for story in stories():
        yield from story.cases
    yield from broken_cases()
    yield from population.cases()


def _all_people(population: Population) -> Iterator[Person]:
    for story in stories():
        yield from story.people
    yield from broken_people()
    for case in population.own_cases():
        yield from case.victims
        yield from (accused.person for accused in case.accused)
        yield from (bystander.person for bystander in case.bystanders)


def _person_lines(population: Population, totals: Counter[str], seen: dict[str, int]) -> Iterator[bytes]:
    width = len(SHOWN)
    for person in _all_people(population):
        mask = seen.get(person.id, 0)
        totals["people"] += 1
        totals["people_on_the_wire"] += person.id in seen
        by_agency = {
            agency: [kind for bit, kind in enumerate(SHOWN) if mask >> (index * width + bit) & 1]
            for index, agency in enumerate(AGENCIES)
            if mask >> index * width & (1 << width) - 1
        }
        totals["people_known_to_two_or_more_agencies"] += len(by_agency) > 1
        yield orjson.dumps(
            {
                "id": person.id, "name": person.name, "sex": person.sex, "born_on": person.born_on.isoformat(),
                "nik": person.nik, "passports": [passport.number for passport in person.passports], "seen": by_agency,
            }
        )  # fmt: skip


def _case_lines(population: Population, totals: Counter[str]) -> Iterator[bytes]:
    for case in _all_cases(population):
        totals["cases"] += 1
        yield orjson.dumps(
            {
                "id": case.id, "modus": case.profile.modus, "origin": case.origin.code, "destination": case.destination,
                "victims": [person.id for person in case.victims],
                "perpetrators": [accused.person.id for accused in case.accused],
            }
        )  # fmt: skip


def load(path: Path) -> Truth:
    """The truth of a sandbox.

    Args:
        path: truth.json itself.
    """
    raw: dict[str, Any] = orjson.loads(path.read_bytes())
    people = TypeAdapter(tuple[TruePerson, ...]).validate_python(raw["people"])
    cases = TypeAdapter(tuple[TrueCaseEntry, ...]).validate_python(raw["cases"])
    return Truth(
        seed=raw["seed"],
        size=raw["size"],
        stories=TypeAdapter(tuple[StoryEntry, ...]).validate_python(raw["stories"]),
        records=TypeAdapter(tuple[TrueRecord, ...]).validate_python(raw["records"]),
        people={person.id: person for person in people},
        cases={case.id: case for case in cases},
        totals=raw["totals"],
    )

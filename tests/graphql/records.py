"""Invented records of four agencies: every field of every entity, with and without a value, and text that is hard to quote."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from hub.identity.keyring import Keyring
from hub.ingest import batch
from hub.ingest.batch import Mapped
from hub.linkage.batch import link_batch
from schema.codes import code_list
from schema.declaration import Declaration, Kind, Rule
from schema.entities import entities
from schema.record import Json, Record, RecordKind, Role

SEED = 2026
CASES = 45
_START = datetime(2025, 1, 6, 3, 0, 0, 120, tzinfo=UTC)
_TEXTS = (
    "biasa",
    'kata "dalam" kutip',
    "garis \\ miring",
    "baris\nbaru\tdan tab",
    "100 % pasti, %s %(p0)s",
    "é, ß, 漢字, 🙂",
    "</script>",
    "\u2028 pemisah",
    # In the form of marks, with another nonce.
    "\x010123456789abcdef0123456789abcdef:c:0:5b5d",
    "\x010123456789abcdef0123456789abcdef:r:01900000-0000-7000-8000-000000000001",
    "'; DROP TABLE golden_case; --",
    ":bind",
    "Biasa",
)
STRANGE_REGION = '6"\\\n\U0001f642%'
"""A field that is sorted and filtered by has a hard text too."""
_REGIONS = ("61", "61.01", "61.02", "61.71", "64.05", "6", "7", STRANGE_REGION)
_COUNTRIES = ("MYS", "IDN", "KHM", "MMR", "SAU")
_ALWAYS = {("ServiceEvent", "category")}
NAMES = (
    "Siti Aminah Kenanga",
    "Yohanes Ambrosius Dayak",
    "Nur Hidayah Melati",
    "Bambang Sutrisno Cempaka",
    "Maria Goretti Anggrek",
    "Abdul Karim Flamboyan",
    "Theresia Lidwina Bakung",
    "Rudi Hartono Dahlia",
    "Dewi Lestari Seruni",
    'Agus "Gondrong" Teratai',
)
"""Names in the filled database, none of which is ordinary prose: found anywhere else, it has leaked."""


def _text(name: str, chance: random.Random) -> str:
    if name.endswith("region"):
        return chance.choice(_REGIONS)
    return chance.choice(_COUNTRIES if "country" in name else _TEXTS)


def _moment(chance: random.Random) -> str:
    return (
        datetime(2024, 5, 1, 23, 30, tzinfo=UTC) + timedelta(microseconds=chance.randint(0, 3))
    ).isoformat()


def _articles(chance: random.Random) -> list[Json]:
    """The one kind of objects that there is, LegalBasis."""
    return [
        {"law": "UU 21/2007", "article": article, "regime": "TPPO", "valid_on": day}
        for article, day in (("2", "2025-03-01"), ('10 "jo."', None))[: chance.randint(0, 2)]
    ]


_MAKERS: Mapping[Kind, Callable[[random.Random], Json]] = {
    Kind.TEXTS: lambda chance: sorted(chance.sample(_TEXTS, chance.randint(0, 2))),
    Kind.DATE: lambda chance: (date(2024, 1, 1) + timedelta(days=chance.randint(0, 8) * 40)).isoformat(),
    Kind.TIMESTAMP: _moment,
    Kind.INTEGER: lambda chance: chance.randint(0, 24),
    Kind.BOOLEAN: lambda chance: chance.random() < 0.5,
    Kind.MONEY: lambda chance: chance.choice(["0.00", "1500000.00", "250000000.50", "9999999999999999.99"]),
    Kind.OBJECTS: _articles,
}


def value(declaration: Declaration, chance: random.Random) -> Json:
    """A value that the field may have."""
    if declaration.codes is not None:
        codes = sorted(code_list(declaration.codes))
        if declaration.kind is Kind.CODES:
            return sorted(chance.sample(codes, chance.randint(0, min(3, len(codes)))))
        return chance.choice(codes[:4])
    if declaration.kind is Kind.TEXT:
        return _text(declaration.name, chance)
    return _MAKERS[declaration.kind](chance)


def values(entity: str, chance: random.Random, *, sealed: bool = False) -> dict[str, Json]:
    """Fields of an entity that come from sources, each there or not."""
    return {
        field.name: value(field, chance)
        for field in entities()[entity].fields
        if field.rule is not Rule.DERIVED
        and field.sealed is sealed
        and field.kind is not Kind.ID
        and (field.name != "agency" or entity == "Organisation")
        and (chance.random() < 0.7 or (entity, field.name) in _ALWAYS)
    }


def identity(number: int, chance: random.Random, *, born: date, prefix: str = "9901") -> dict[str, Json]:
    """Who a person is; the number keeps persons apart."""
    nik = f"{prefix}01{born:%d%m%y}{number % 9999 + 1:04d}"
    said: dict[str, Json] = {
        "full_name": f"{NAMES[number % len(NAMES)]} {_letters(number)}",
        "birth_date": born.isoformat(),
        "birth_place": "Sambas Kanarium",
        "address": f"Jalan Kanarium {number}, RT 02",
        "phone": f"+62812{number:07d}",
    }
    if chance.random() < 0.8:
        said["nik"] = nik
    if chance.random() < 0.5:
        said["aliases"] = [f"Si Kanarium {number}", 'alias "dua"']
    return said


def _letters(number: int) -> str:
    return "".join("BDGKLMNPRST"[int(digit)] + "AEIOU"[int(digit) % 5] for digit in f"{number:03d}")


class Population:
    """The records of one run of chance, and what was ingested of each person, for tests to compare with."""

    def __init__(self, seed: int = SEED, cases: int = CASES) -> None:
        self.chance = random.Random(seed)  # noqa: S311 -- invented records, the same in every run
        self.records: list[Record] = list(self._all(cases))

    def _all(self, cases: int) -> Iterator[Record]:
        number = 0
        for case in range(cases):
            key = f"LP-{case}"
            yield self.case(key, police_report=f"B/{case}/II/2025/POLRES SAMBAS" if case % 3 else None)
            for _ in range(self.chance.randint(0, 4)):
                yield self.person(number, Role.VICTIM, key)
                number += 1
            for _ in range(self.chance.randint(0, 2)):
                yield self.person(number, Role.PERPETRATOR, key)
                number += 1

    def case(
        self, key: str, *, agency: str = "POLRI", police_report: str | None = None, **facts: Json
    ) -> Record:
        case = values("Case", self.chance) | facts
        if self.chance.random() < 0.6:
            office = self.chance.randint(1, 5)
            case["reporting_entity"] = {
                "key": f"kantor-{office}",
                "name": _TEXTS[office],
                **{n: v for n, v in values("Organisation", self.chance).items() if n != "name"},
            }
        steps = [
            {"key": f"langkah-{step}", **values("LegalEvent", self.chance)}
            for step in range(self.chance.randint(0, 3))
        ]
        return Record(
            agency=agency,
            object="laporan",
            key=key,
            kind=RecordKind.CASE,
            source_time=_START + timedelta(minutes=len(key)),
            mapping_version="1",
            police_report=police_report,
            facts={"Case": case},
            events={"LegalEvent": steps},
        )

    def person(self, number: int, role: Role, case: str, *, agency: str = "POLRI", **changes: Any) -> Record:
        child = number % 5 == 0
        born = date(2012 if child else 1980, 1 + number % 12, 2 + number % 26)
        known = number % 7 != 0
        said = identity(number, self.chance, born=born)
        if not known:
            del said["birth_date"]
            said.pop("nik", None)
        documents: list[Json] = [
            {
                "key": f"dokumen-{one}",
                "number": f"C{number:03d}{one:04d}",
                **values("Document", self.chance),
            }
            for one in range(self.chance.randint(0, 2))
        ]
        person = values("Person", self.chance)
        person["birth_date_precision"] = "DAY" if known else None
        entity = "Victim" if role is Role.VICTIM else "Perpetrator"
        events: dict[str, Sequence[Mapping[str, Json]]] = {}
        if role is Role.VICTIM:
            events = {
                name: [
                    {"key": f"{name}-{one}", **values(name, self.chance)}
                    for one in range(self.chance.randint(0, 3))
                ]
                for name in ("ServiceEvent", "Movement", "JobPlacement", "Restitution")
            }
            for placement in events["JobPlacement"]:
                if self.chance.random() < 0.7:
                    placement["agency_organisation"] = {"key": "p3mi-1", "name": "PT Kanarium Jaya"}  # type: ignore[index] -- a dict until it is handed over
        full: dict[str, Any] = {
            "agency": agency,
            "object": "korban" if role is Role.VICTIM else "tersangka",
            "key": f"orang-{number}",
            "kind": RecordKind.PERSON,
            "source_time": _START,
            "mapping_version": "1",
            "role": role,
            "case": ("laporan", case),
            "identity": {**said, "documents": documents},
            "facts": {"Person": person, entity: values(entity, self.chance) | self._said(entity)},
            "events": events,
        }
        return Record(**(full | changes))

    def _said(self, entity: str) -> dict[str, Json]:
        """Words from which the hub derives a victim's status and stage."""
        said = {name: value(entities()["Victim"].field(name), self.chance) for name in ("status", "stage")}
        return said if entity == "Victim" and self.chance.random() < 0.7 else {}


async def ingest(connection: Any, keyring: Keyring, records: Sequence[Record], now: datetime) -> None:
    """The records written as one batch of each agency, and linked."""
    for agency in sorted({record.agency for record in records}):
        await connection.execute(
            "INSERT INTO checkpoint (agency, cursor, cursor_version) VALUES (%s, '{}', 0) ON CONFLICT DO NOTHING",
            (agency,),
        )
        found = await connection.execute("SELECT cursor_version FROM checkpoint WHERE agency = %s", (agency,))
        (version,) = await found.fetchone()
        mapped = Mapped(
            agency=agency,
            next_cursor={},
            is_last=True,
            source_uri="test:",
            records=[record for record in records if record.agency == agency],
            violations=(),
            drifts=(),
        )
        await batch.write(
            connection, keyring, mapped, seen_version=version, run_id=uuid4(), number=0, now=now
        )
    while await link_batch(connection, keyring, now):
        continue

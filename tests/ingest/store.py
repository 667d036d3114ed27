"""The hub's store as tests fill it: what agencies say, written in batches and linked, and what stands there then."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
from psycopg import AsyncConnection

from hub.identity.keyring import Keyring
from hub.ingest import batch
from hub.ingest.batch import Mapped, Written
from hub.linkage.batch import link_batch
from schema.entities import entities
from schema.record import Drift, Json, Record, RecordKind, Role, Violation

START = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
_OBJECTS = {"POLRI": "korban", "KEMENSOS": "klien_rptc", "KEMNAKER": "penempatan", "IMIGRASI": "perlintasan"}


def at(minutes: int) -> datetime:
    """A moment that many minutes after the start."""
    return START + timedelta(minutes=minutes)


def person(key: str, agency: str = "POLRI", *, time: int = 0, **changes: Any) -> Record:
    """One agency's word on a person.

    Args:
        key: of the source.
        agency: code of the agency.
        time: minutes after the start.
        changes: `nik`, `name`, `born`, `sex`, `passport` and `precision`; `victim_in` or `suspect_in`, a key of a case;
            `victim`, `suspect`, `person` and `case`, facts; the rest are members of Record.
    """
    identity: dict[str, Json] = dict(changes.pop("identity", {}))
    identity |= {
        field: said
        for name, field in (
            ("nik", "nik"),
            ("name", "full_name"),
            ("born", "birth_date"),
            ("passport", "passport"),
        )
        if (said := changes.pop(name, None)) is not None
    }
    precision = changes.pop("precision", "DAY" if "birth_date" in identity else None)
    facts: dict[str, Mapping[str, Json]] = {
        "Person": {
            "sex": changes.pop("sex", "FEMALE"),
            "birth_date_precision": precision,
            **changes.pop("person", {}),
        }
    }
    role: Role | None = None
    case: tuple[str, str] | None = None
    for name, part in (("victim_in", Role.VICTIM), ("suspect_in", Role.PERPETRATOR)):
        if (said := changes.pop(name, None)) is not None:
            role, case = part, ("kasus", said)
    for name, entity in (("victim", "Victim"), ("suspect", "Perpetrator"), ("case_facts", "Case")):
        if (said := changes.pop(name, None)) is not None:
            facts[entity] = said
    full: dict[str, Any] = {
        "agency": agency,
        "object": _OBJECTS[agency],
        "key": key,
        "kind": RecordKind.PERSON,
        "source_time": at(time),
        "mapping_version": "1",
        "role": role,
        "case": case,
        "identity": identity,
        "facts": facts,
        "raw": {"kunci": key},
    }
    return Record(**(full | changes))


def case(
    key: str, agency: str = "POLRI", *, time: int = 0, reported: str = "2025-11-03", **changes: Any
) -> Record:
    """One agency's word on a case; `facts` are of Case, and `legal` are its LegalEvents."""
    facts = {"reported_on": reported, **changes.pop("facts", {})}
    full: dict[str, Any] = {
        "agency": agency,
        "object": "kasus",
        "key": key,
        "kind": RecordKind.CASE,
        "source_time": at(time),
        "mapping_version": "1",
        "facts": {"Case": facts},
        "events": {"LegalEvent": changes.pop("legal", [])},
        "raw": {"kunci": key},
    }
    return Record(**(full | changes))


def gone(record: Record, *, time: int) -> Record:
    """The agency's word that the record is no more."""
    return Record(
        agency=record.agency,
        object=record.object,
        key=record.key,
        kind=record.kind,
        source_time=at(time),
        mapping_version="1",
        deleted=True,
    )


@dataclass
class Store:
    """A connection to a hub's database, and its keys."""

    connection: AsyncConnection[Any]
    keyring: Keyring

    async def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        cursor = await self.connection.execute(statement.encode(), values)
        return await cursor.fetchall()

    async def value(self, statement: str, *values: Any) -> Any:
        ((value,),) = await self.rows(statement, *values)
        return value

    async def version(self, agency: str) -> int:
        """The version of an agency's checkpoint, made if it is not there."""
        await self.connection.execute(
            "INSERT INTO checkpoint (agency, cursor, cursor_version) VALUES (%s, '{}', 0) ON CONFLICT DO NOTHING",
            (agency,),
        )
        return await self.value("SELECT cursor_version FROM checkpoint WHERE agency = %s", agency)

    async def write(
        self,
        records: Sequence[Record] = (),
        *,
        agency: str = "POLRI",
        violations: Sequence[Violation] = (),
        drifts: Sequence[Drift] = (),
        seen_version: int | None = None,
        now: datetime = START,
        cursor: Mapping[str, Json] | None = None,
    ) -> Written:
        """One batch of one agency."""
        seen = await self.version(agency) if seen_version is None else seen_version
        mapped = Mapped(
            agency=agency,
            next_cursor=cursor or {},
            is_last=True,
            source_uri="test:",
            records=records,
            violations=violations,
            drifts=drifts,
        )
        return await batch.write(
            self.connection, self.keyring, mapped, seen_version=seen, run_id=uuid4(), number=0, now=now
        )

    async def say(self, *records: Record, link: int | None = 1000) -> None:
        """Batches of consecutive records of one agency, each written; then all is linked, so many at a time."""
        start = 0
        for end in range(1, len(records) + 1):
            if end == len(records) or records[end].agency != records[start].agency:
                await self.write(records[start:end], agency=records[start].agency)
                start = end
        if link:
            await self.link(link)

    async def link(self, limit: int = 1000, *, now: datetime | None = None) -> None:
        moment = now or START + timedelta(days=1, seconds=await self.value("SELECT epoch FROM epoch"))
        while await link_batch(self.connection, self.keyring, moment, limit=limit):
            continue

    async def source_id(self, record: Record) -> UUID:
        table = "source_person" if record.kind is RecordKind.PERSON else "source_case"
        key = self.keyring.source_key(record.agency, record.object, record.key)
        return await self.value(
            f"SELECT source_id FROM {table} WHERE agency = %s AND object = %s AND key = %s",  # noqa: S608 -- one of the two above
            record.agency,
            record.object,
            key,
        )

    async def entity_id(self, record: Record) -> UUID:
        """The person or case that the record belongs to."""
        return await self.value(
            "SELECT entity_id FROM link WHERE source_id = %s AND valid_to IS NULL",
            await self.source_id(record),
        )

    async def partition(self, records: Iterable[Record]) -> set[frozenset[str]]:
        """Which of these records are one person or one case, each named by agency and key."""
        by_entity: dict[UUID, set[str]] = {}
        for record in records:
            by_entity.setdefault(await self.entity_id(record), set()).add(f"{record.agency} {record.key}")
        return {frozenset(names) for names in by_entity.values()}

    async def reviews(self) -> list[tuple[str, str, str | None]]:
        """Rule, reason and scope of every review task, sorted."""
        return sorted(
            await self.rows("SELECT rule, reason, restricted FROM review_task ORDER BY 1, 2"),
            key=lambda row: tuple(map(str, row)),
        )

    async def golden(self, entity: str) -> list[dict[str, Any]]:
        """Rows of a golden table with their sealed values opened, without fingerprint and epoch."""
        declared = entities()[entity]
        statement = f"SELECT * FROM {declared.table} ORDER BY {declared.key}"  # noqa: S608 -- names of the declaration
        cursor = await self.connection.execute(statement.encode())
        names = [column.name for column in cursor.description or ()]
        keys = {
            row[0]: row[1:]
            for row in await self.rows("SELECT subject_id, agency, kek_version, wrapped FROM subject_key")
        }
        found: list[dict[str, Any]] = []
        for values in await cursor.fetchall():
            row = dict(zip(names, values, strict=True))
            row_id = row[declared.key]
            for field in declared.fields:
                if field.sealed and row[field.name] is not None:
                    place = f"{declared.table}.{field.name}:{row_id}"
                    row[field.name] = self._open(keys, row[field.name], place)
            found.append({name: said for name, said in row.items() if name not in {"fingerprint", "epoch"}})
        return found

    def _open(self, keys: Mapping[UUID, tuple[Any, ...]], sealed: bytes, place: str) -> Json:
        agency, version, wrapped = keys[UUID(bytes=sealed[1:17])]
        return orjson.loads(
            self.keyring.open_sealed(sealed, place, agency=agency, kek_version=version, wrapped=wrapped)
        )

    async def view(self) -> dict[str, list[dict[str, Any]]]:
        """Every golden row."""
        return {entity: await self.golden(entity) for entity in entities()}

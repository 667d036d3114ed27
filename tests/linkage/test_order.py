"""What holds follows from what agencies say and people decide: not from the order of arrival, nor from batches.

Properties over invented records that share few identifiers, so that rules, guards and changes meet.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from psycopg import AsyncConnection

from hub.linkage.undo import unlink
from hub.view.rebuild import rebuild
from schema import reach
from schema.entities import entities
from schema.record import Record
from tests.ingest.store import START, Store, at, gone, person
from tests.ingest.store import case as said_case

PEOPLE = (
    {"name": "Siti Aminah", "born": "1990-07-01", "nik": "9901014107900001", "passport": "C1234567"},
    {"name": "Siti Aminah", "born": "1990-07-01", "nik": "9901014107900002", "passport": "C1234568"},
    {"name": "Muhammad Yusuf", "born": "2012-03-09", "nik": "9901010903120001", "passport": "C1234567"},
)
OTHER_AGENCIES = ("KEMENSOS", "KEMNAKER", "IMIGRASI")
QUICK = settings(
    max_examples=25,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@some.composite
def persons(draw: some.DrawFn, key: str, agency: str | None = None, time: int | None = None) -> Record:
    """A person as one agency knows them: some of what there is to know, perhaps with a part in one of three cases."""
    somebody = draw(some.sampled_from(PEOPLE))
    known = {name: said for name, said in somebody.items() if draw(some.booleans())}
    agency = agency or draw(some.sampled_from(("POLRI", *OTHER_AGENCIES)))
    said: dict[str, Any] = dict(known)
    part = draw(some.sampled_from(("none", "none", "victim", "victim", "suspect")))
    number = draw(some.integers(1, 3))
    if part == "victim":
        said |= {"victim_in": f"k{number}", "victim": draw(victims())}
        said["case_facts"] = {"origin_region": draw(some.sampled_from(("61.02", None)))}
    if part == "suspect":
        said |= {"suspect_in": f"k{number}", "suspect": {"suspect_status": "SUSPECT"}}
    said["person"] = {
        "education": draw(some.sampled_from(("PRIMARY", "UNKNOWN", None))),
        "residence_region": draw(some.sampled_from(("61.01", "62", None))),
    }
    said["events"] = {
        "ServiceEvent": draw(services()),
        "JobPlacement": [{"key": "p", "agency_organisation": draw(organisations())}],
    }
    return person(key, agency, time=draw(some.integers(0, 9)) if time is None else time, **said)


@some.composite
def victims(draw: some.DrawFn) -> dict[str, Any]:
    return {
        "status": draw(some.sampled_from(("PRESUMED", "IDENTIFIED", "NOT_VICTIM", None))),
        "exploitation": draw(
            some.lists(some.sampled_from(("FORCED_LABOUR", "UNKNOWN", "DEBT_BONDAGE")), max_size=2)
        ),
        "sector": draw(some.sampled_from(("A", "B", None))),
        "stage": draw(some.sampled_from(("SELF_RETURN", "SELF_RETURN", None))),
    }


@some.composite
def services(draw: some.DrawFn) -> list[dict[str, Any]]:
    count = draw(some.integers(0, 2))
    return [
        {"key": f"s{one}", "category": "RETURN", "started_on": f"2025-12-0{one + 1}"} for one in range(count)
    ]


@some.composite
def organisations(draw: some.DrawFn) -> dict[str, Any]:
    return {
        "key": draw(some.sampled_from(("o1", "o2"))),
        "name": draw(some.sampled_from(("PT Satu", "PT Dua"))),
        "region": draw(some.sampled_from(("61.71", None))),
    }


@some.composite
def cases(draw: some.DrawFn, agency: str, key: str, time: int | None = None) -> Record:
    """A case: the police number it; elsewhere it exists because somebody was a victim."""
    report = draw(some.sampled_from(("A/1/I/2025/POLRES SAMBAS", "A/2/I/2025/POLRES SAMBAS", None)))
    implied = agency != "POLRI" and report is None
    facts = {
        "origin_region": draw(some.sampled_from(("61.01", "61.03", None))),
        "means": draw(some.lists(some.sampled_from(("DECEPTION", "FORCE")), max_size=2)),
        "case_status": draw(some.sampled_from(("ACTIVE", "CLOSED", None))),
        "reporting_entity": draw(organisations()),
    }
    return said_case(
        key,
        agency,
        time=draw(some.integers(0, 9)) if time is None else time,
        reported=draw(some.sampled_from(("2025-01-05", "2025-11-03", "2026-12-24"))),
        facts=facts,
        implied=implied,
        police_report=report,
        legal=[{"key": "l", "stage": "INVESTIGATION", "occurred_on": "2025-11-20"}]
        if agency == "POLRI"
        else [],
    )


@some.composite
def worlds(draw: some.DrawFn) -> list[Record]:
    """Up to nine persons and some of the cases that they name."""
    count = draw(some.integers(2, 9))
    said: list[Record] = [draw(persons(f"p{number}")) for number in range(count)]
    wanted = sorted({(record.agency, record.case[1]) for record in said if record.case})
    said += [draw(cases(agency, key)) for agency, key in wanted if draw(some.integers(0, 5))]
    return said


def named(value: Any, names: Mapping[str, str]) -> Any:
    """The value with every id replaced by what the hub's ids have in common in every order: who they are of."""
    if isinstance(value, dict):
        return {key: named(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [named(one, names) for one in value]
    return names.get(str(value), value) if isinstance(value, (str, UUID)) else value


async def content(store: Store) -> dict[str, list[str]]:
    """The view with names for ids: an entity is named by its sources, a role by its person and case."""
    keys = {
        row[0]: f"{row[1]}:{row[2].hex()}"
        for row in await store.rows(
            "SELECT source_id, agency || ' ' || object, key FROM source_person"
            " UNION SELECT source_id, agency || ' ' || object, key FROM source_case"
        )
    }
    names = {
        str(record_id): keys[source_id]
        for record_id, source_id in await store.rows("SELECT record_id, subject_id FROM source_record")
    }
    by_entity: dict[UUID, list[str]] = {}
    for entity_id, source_id in await store.rows(
        "SELECT entity_id, source_id FROM link WHERE valid_to IS NULL"
    ):
        by_entity.setdefault(entity_id, []).append(keys[source_id])
    entity_names = {entity_id: " + ".join(sorted(ones)) for entity_id, ones in by_entity.items()}
    names |= {str(entity_id): name for entity_id, name in entity_names.items()}
    names |= {reach.of_case(entity_id): f"case {name}" for entity_id, name in entity_names.items()}
    view = await store.view()
    for entity in ("Victim", "Perpetrator"):
        key = entities()[entity].key
        names |= {
            str(row[key]): f"{entity} {named(row['person_id'], names)} in {named(row['case_id'], names)}"
            for row in view[entity]
        }
    own = {entities()[entity].key for entity in view} - {
        "person_id",
        "case_id",
        "victim_id",
        "perpetrator_id",
        "organisation_id",
    }
    return {
        entity: sorted(
            repr(named({name: one for name, one in row.items() if name not in own}, names)) for row in rows
        )
        for entity, rows in view.items()
    }


async def partition(store: Store) -> set[frozenset[str]]:
    by_entity: dict[UUID, set[str]] = {}
    for entity_id, agency, key in await store.rows(
        "SELECT l.entity_id, s.agency || s.object, s.key FROM link l JOIN (SELECT source_id, agency, object, key FROM source_person"
        " UNION ALL SELECT source_id, agency, object, key FROM source_case) s USING (source_id) WHERE l.valid_to IS NULL"
    ):
        by_entity.setdefault(entity_id, set()).add(f"{agency}:{key.hex()}")
    return {frozenset(names) for names in by_entity.values()}


GOLDEN = ", ".join(entity.table for entity in entities().values())
SAID = (
    "source_record, source_person, source_case, subject_key, link_queue, link, link_match, review_task, redirect,"
    " checkpoint, pull_run, quarantine, drift_task"
)


async def empty(owner: AsyncConnection, tables: str) -> None:
    await owner.execute(f"TRUNCATE {tables}".encode())


@given(world=worlds(), chance=some.randoms(use_true_random=False))
@QUICK
async def test_order_of_arrival_and_batches_change_nothing(store: Store, owner, world, chance):
    found = []
    for limit in (1000, 1, 3):
        await empty(owner, f"{SAID}, {GOLDEN}")
        await store.say(*world, link=limit if limit < 3 else None)
        await store.link(limit)
        found.append((await partition(store), await content(store)))
        chance.shuffle(world)

    assert found[1] == found[0]
    assert found[2] == found[0]


SOURCES = {"p1": "POLRI", "p2": "POLRI", "p3": "KEMENSOS", "p4": "KEMENSOS", "p5": "IMIGRASI"}
PLACES = [(agency, f"k{number}") for agency in ("POLRI", "KEMENSOS") for number in (1, 2, 3)]


@some.composite
def lives(draw: some.DrawFn) -> list[Any]:
    """What happens to a few sources: words new, changed, late or withdrawn, links made and taken back."""
    said: dict[str, Record] = {}
    steps: list[Any] = []
    for agency, key in PLACES:
        said[f"{agency} {key}"] = draw(cases(agency, key, 0))
    for key, agency in SOURCES.items():
        said[key] = draw(persons(key, agency, 0))
    steps += [("said", one) for one in said.values() if draw(some.integers(0, 4))]
    steps.append(("link", draw(some.integers(1, 3))))
    for number in range(draw(some.integers(1, 8))):
        time = draw(some.sampled_from((10 + number, 10 + number, 10 + number, 1)))
        match draw(some.sampled_from(("person", "person", "person", "case", "gone", "again", "unlink"))):
            case "person":
                key = draw(some.sampled_from(sorted(SOURCES)))
                said[key] = draw(persons(key, SOURCES[key], time))
                steps.append(("said", said[key]))
            case "case":
                agency, key = draw(some.sampled_from(PLACES))
                said[f"{agency} {key}"] = draw(cases(agency, key, time))
                steps.append(("said", said[f"{agency} {key}"]))
            case "gone":
                steps.append(("said", gone(said[draw(some.sampled_from(sorted(said)))], time=time)))
            case "again":
                steps.append(
                    ("said", replace(said[draw(some.sampled_from(sorted(said)))], source_time=at(time)))
                )
            case _:
                steps.append(("unlink", draw(some.integers(0, 5))))
        if draw(some.booleans()):
            steps.append(("link", draw(some.integers(1, 3))))
    return steps


async def live(store: Store, step: Any) -> None:
    what, how = step
    if isinstance(how, Record):
        await store.say(how, link=None)
    elif what == "link":
        await store.link(how)
    else:
        pairs = await store.rows(
            "SELECT a.source_id, b.source_id FROM link a JOIN link b USING (entity_id) WHERE a.kind = 'PERSON'"
            " AND a.valid_to IS NULL AND b.valid_to IS NULL AND a.source_id <> b.source_id ORDER BY 1, 2"
        )
        if pairs:
            one, other = pairs[how % len(pairs)]
            epoch = await store.value("SELECT epoch FROM epoch")
            moment = START + timedelta(days=1, seconds=epoch)
            await unlink(store.connection, store.keyring, one, other, decided_by="petugas", now=moment)


@given(life=lives())
@QUICK
async def test_the_view_is_what_a_rebuild_from_nothing_makes(store: Store, owner, life):
    await empty(owner, f"{SAID}, {GOLDEN}")
    for step in life:
        await live(store, step)
    await store.link()
    made = await store.view()

    changed = await rebuild(store.connection, store.keyring, START)
    await empty(owner, GOLDEN)
    await rebuild(store.connection, store.keyring, START)

    assert changed == 0
    assert await store.view() == made


@given(life=lives())
@QUICK
async def test_nothing_is_lost_nothing_is_doubled_and_ids_lead_home_by_one_step(store: Store, owner, life):
    await empty(owner, f"{SAID}, {GOLDEN}")
    met: set[UUID] = set()
    for step in life:
        await live(store, step)
        met.update([one for (one,) in await store.rows(ALIVE)])
    await store.link()

    linked = await store.rows("SELECT source_id FROM link WHERE valid_to IS NULL ORDER BY source_id")
    alive = {one for (one,) in await store.rows(ALIVE)}
    leads = dict(await store.rows("SELECT old_id, new_id FROM redirect"))
    belongs = dict(await store.rows(BELONGS))
    assert linked == await store.rows(
        "SELECT source_id FROM source_person UNION SELECT source_id FROM source_case ORDER BY source_id"
    )
    assert await store.rows(MIXED) == []
    assert await store.rows(TWICE) == []
    assert not leads.keys() & alive
    assert not leads.keys() & set(leads.values())
    assert {one: leads.get(one, one) for one in met & belongs.keys()} == {
        one: belongs[one] for one in met & belongs.keys()
    }


ALIVE = """SELECT person_id FROM golden_person UNION SELECT case_id FROM golden_case UNION SELECT victim_id FROM golden_victim
    UNION SELECT perpetrator_id FROM golden_perpetrator"""
BELONGS = """
    SELECT source_id, entity_id FROM link JOIN source_person USING (source_id) WHERE valid_to IS NULL AND NOT deleted
    UNION SELECT source_id, entity_id FROM link JOIN source_case USING (source_id) WHERE valid_to IS NULL AND NOT deleted
"""
MIXED = """SELECT l.entity_id FROM link l JOIN source_person s USING (source_id) WHERE l.valid_to IS NULL AND NOT s.deleted
    GROUP BY l.entity_id HAVING count(DISTINCT s.role) > 1 OR count(DISTINCT s.nik_token) > 1"""
TWICE = "SELECT person_id, case_id FROM golden_victim GROUP BY person_id, case_id HAVING count(*) > 1"

"""`asOf` beside what was answered then: over histories of words, corrections, withdrawals, merges and unmerges."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import orjson
import psycopg
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from auth.tokens import Caller
from hub.database import conninfo
from hub.graphql.catalogue import nodes
from hub.graphql.past import within
from hub.graphql.permits import Permits
from hub.graphql.rules import FENCE, fence
from hub.ledger.pseudonym import Pseudonyms
from hub.view.past import case_at
from schema.declaration import Kind
from schema.entities import ROLES, entities
from schema.tables.golden import GOLDEN
from tests.auth.parties import Clock
from tests.graphql.histories import STEPS, History, later
from tests.graphql.hub import CHILDREN, EVERY, NATION, forbidden, running
from tests.graphql.officers import client
from tests.graphql.test_statement import statements_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

KEPT_TODAY = {"isChildAtExploitation", "protectionLevel"}
"""What of today holds for the past too."""


def _fields(name, *links):
    node = nodes()[name]
    columns = [
        one.name
        for one in node.columns.values()
        if one.declaration.kind is not Kind.OBJECTS and one.name not in KEPT_TODAY
    ]
    return " ".join([*columns, *links])


def _selections():
    """Everything of a type, and of what hangs on it."""
    events = {
        one: f"{link}(first: 100) {{ totalCount nodes {{ {_fields(one)} }} }}"
        for one, link in (
            ("ServiceEvent", "serviceEvents"),
            ("Movement", "movements"),
            ("Document", "documents"),
            ("Restitution", "restitutions"),
            ("LegalEvent", "legalEvents"),
        )
    }
    placements = "jobPlacements { nodes { id agencyOrganisation { id } } }"
    legal = events.pop("LegalEvent")
    victim = _fields("Victim", *events.values(), placements)
    perpetrator = _fields("Perpetrator")
    case = _fields("Case", legal, "reportingEntity { id }")
    return {
        "case": f"{case} victims(first: 100) {{ totalCount nodes {{ {victim} }} }}"
        f" perpetrators(first: 100) {{ totalCount nodes {{ {perpetrator} case {{ id }} }} }}",
        "victim": f"{victim} case {{ {case} victims {{ totalCount }} }}",
        "perpetrator": f"{perpetrator} case {{ {case} }}",
    }


SELECTIONS = _selections()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def past_hub(cluster, filled, key_file):
    """On a copy of the filled database, whose clock goes on and on."""
    cluster.create_database("graphql_past", template=filled.name)
    async with running(cluster.url("hub_service", "graphql_past"), key_file, Clock()) as hub:
        yield hub
    cluster.drop_database("graphql_past")


async def ask(hub, root, one, at=None):
    """One row, now or as of a moment."""
    query = f"query ($i: ID!, $t: DateTime) {{ {root}(id: $i, asOf: $t) {{ {SELECTIONS[root]} }} }}"
    data = await hub.data(query, {"i": one, "t": at.isoformat() if at else None})
    return data[root]


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS, seed=st.integers(0, 1000))
@example(
    steps=[("case", 0, True), ("case", 1, True), ("person", 1, 0, 0), ("part", 0, 1), ("withdraw", 0)], seed=1
)
@example(
    steps=[("person", 1, 0, 0), ("withdraw", 0), ("case", 0, True), ("case", 1, True), ("case", 1, False)],
    seed=2,
)
async def test_what_was_answered_then_is_answered_of_then(past_hub, steps, seed):
    hub = past_hub
    history = History(hub, seed)
    before = hub.clock()
    later(hub)
    await history.say(*history.records)
    ids = [(root, one) for root, ones in (await history.ids()).items() for one in ones]
    moments = []
    for step in [None, *steps]:
        if step is not None:
            await history.take(step)
        withdrawn = {str(one) for (one,) in await hub.rows("SELECT role_id FROM source_person WHERE deleted")}
        moments.append((hub.clock(), {one: await ask(hub, *one) for one in ids}, withdrawn))

    later(hub)
    for at, answers, withdrawn in moments:
        for one, answer in answers.items():
            then = await ask(hub, *one, at)
            # The view may still lead from a withdrawn record to a person from whom it was held apart afterwards.
            parted = then is None and one[1] in withdrawn and answer is not None and answer["id"] != one[1]
            assert parted or then == answer, (one, at, steps)
    assert [await ask(hub, *one, before) for one in ids] == [None] * len(ids)
    assert any(answer for _, answers, _ in moments for answer in answers.values())


async def test_a_merge_and_an_unmerge_are_each_seen_as_of_their_time(past_hub):
    hub, history = past_hub, History(past_hub, 3)
    later(hub)
    await history.say(*history.records)
    apart = hub.clock()
    for step in (("case", 0, True), ("case", 1, True)):
        await history.take(step)
    joined = hub.clock()
    await history.take(("case", 1, False))
    later(hub)
    police, shelter, _ = (await history.ids())["case"]
    stays = min(police, shelter)

    async def told(one, at):
        answer = await ask(hub, "case", one, at)
        return answer["id"], answer["agencies"]

    assert [await told(one, apart) for one in (police, shelter)] == [
        (police, ["POLRI"]),
        (shelter, ["KEMENSOS"]),
    ]
    assert {await told(one, joined) == (stays, ["KEMENSOS", "POLRI"]) for one in (police, shelter)} == {True}
    assert await told(shelter, hub.clock()) == (shelter, ["KEMENSOS"])


async def _first_words(hub, seed, **changes):
    """A history whose first person is told with these facts of a victim, and the moment of it."""
    history = History(hub, seed)
    later(hub)
    one = history.records[3]
    facts = {**one.facts, "Victim": {"protection_level": "NORMAL"}}
    facts["Person"] = {**one.facts["Person"], "residence_region": "61.01", "birth_date_precision": "DAY"}
    said = {"facts": facts, "source_time": hub.clock()} | changes
    history.records[3] = replace(one, **said)
    history.records[0] = replace(
        history.records[0], facts={"Case": {"reported_on": "2025-02-01"}}, source_time=hub.clock()
    )
    await history.say(*history.records)
    hub.tokens.clear()
    victim_id = (await history.ids())["victim"][0]
    return history, victim_id, hub.clock()


async def _again(history, **changes):
    """The first person told anew."""
    later(history.hub)
    history.records[3] = replace(history.records[3], source_time=history.hub.clock(), **changes)
    await history.say(history.records[3])
    later(history.hub)


VICTIM = "query ($i: ID!, $t: DateTime) { victim(id: $i, asOf: $t) { id residenceRegion protectionLevel isChildAtExploitation fullName } }"


async def test_who_is_protected_today_is_protected_in_the_past_too(past_hub):
    history, victim_id, at = await _first_words(past_hub, 4)
    token = await past_hub.new_token(EVERY, purpose="investigation")
    given = {"i": victim_id, "t": at.isoformat()}
    before = (await past_hub.ask(VICTIM, given, token=token)).json()["data"]["victim"]
    facts = {**history.records[3].facts, "Victim": {"protection_level": "LPSK_PROTECTED"}}
    await _again(history, facts=facts)
    token = await past_hub.new_token(EVERY, purpose="investigation")

    after = (await past_hub.ask(VICTIM, given, token=token)).json()["data"]["victim"]

    assert (before["residenceRegion"], before["protectionLevel"]) == ("61.01", "NORMAL")
    assert (after["residenceRegion"], after["protectionLevel"]) == (None, "LPSK_PROTECTED")


async def test_who_is_known_to_have_been_a_child_is_one_in_the_past_too(past_hub):
    history, victim_id, at = await _first_words(past_hub, 5)
    given = {"i": victim_id, "t": at.isoformat()}
    before = await past_hub.data(VICTIM, given, scopes=EVERY - {CHILDREN})
    await _again(history, identity={**history.records[3].identity, "birth_date": "2015-01-01", "nik": None})

    hidden = await past_hub.data(VICTIM, given, scopes=EVERY - {CHILDREN})
    shown = await past_hub.data(VICTIM, given)

    assert before["victim"]["isChildAtExploitation"] is False
    assert hidden == {"victim": None}
    assert shown["victim"]["isChildAtExploitation"] is True


async def test_whose_key_was_destroyed_stays_erased_also_when_the_record_began_again(past_hub, cluster):
    history, victim_id, at = await _first_words(past_hub, 6)
    given = {"i": victim_id, "t": at.isoformat()}
    before = await past_hub.data(VICTIM, given)
    with psycopg.connect(conninfo(cluster.url("hub_owner", "graphql_past")), autocommit=True) as owner:
        owner.execute(
            "DELETE FROM subject_key WHERE subject_id = %s", (await history.source_id(history.records[3]),)
        )
    erased = await past_hub.data(VICTIM, given)
    await _again(history, facts=history.records[3].facts | {"Victim": {"status": "IDENTIFIED"}})
    begun = await past_hub.data(VICTIM, given)
    today = await past_hub.data(VICTIM, {"i": victim_id})

    assert before["victim"]["fullName"]
    assert erased["victim"]["fullName"] is begun["victim"]["fullName"] is None
    assert erased["victim"]["id"] == begun["victim"]["id"] == victim_id
    assert today["victim"]["fullName"] == before["victim"]["fullName"]


@pytest.mark.parametrize("closed", [0, 1], ids=["by the id that stayed", "by the id that was merged away"])
async def test_a_case_that_is_closed_today_is_closed_of_then_and_now_by_each_of_its_ids(past_hub, closed):
    hub, history = past_hub, History(past_hub, 7)
    later(hub)
    await history.say(*history.records)
    at = hub.clock()
    cases = sorted((await history.ids())["case"][:2])
    name = f"closed-{history.number}"
    scopes = frozenset({"case:read"})
    await client(
        hub,
        name,
        *({"owner": owner, "scopes": scopes, "jurisdictions": NATION} for owner in ("POLRI", "KEMENSOS")),
    )
    for step in (("case", 0, True), ("case", 1, True)):
        await history.take(step)
    query = "query ($i: ID!, $t: DateTime) { then: case(id: $i, asOf: $t) { id } now: case(id: $i) { id } }"

    async def seen():
        hub.clock.forward(seconds=2)
        token = await hub.new_token(scopes, name)
        found = [
            (await hub.ask(query, {"i": one, "t": at.isoformat()}, token=token)).json()["data"]
            for one in cases
        ]
        return [[one["then"] and one["then"]["id"], one["now"] and one["now"]["id"]] for one in found]

    before = await seen()
    await hub.rows(
        """INSERT INTO exclusion (exclusion_id, case_id, kind, excluded, sealed_reason, proposed_by, proposed_at, approved_by,
        approved_at) VALUES (gen_random_uuid(), %s, 'CLIENT', %s, '', 'a', now(), 'b', now()) RETURNING 1""",
        cases[closed],
        name,
    )

    assert before == [[cases[0], cases[0]], [cases[1], cases[0]]]
    assert await seen() == [[None, None], [None, None]]


HOLDERS = (
    ({"owner": "POLRI", "scopes": frozenset({"case:read"}), "jurisdictions": NATION},),
    (
        {
            "owner": "KEMENSOS",
            "scopes": frozenset({"case:read", "victim:read"}),
            "jurisdictions": ("61", "64"),
        },
    ),
    (
        {"owner": "KEMENSOS", "scopes": frozenset({"victim:read", CHILDREN}), "jurisdictions": NATION},
        {
            "owner": "POLRI",
            "scopes": frozenset({"case:read", "perpetrator:read"}),
            "jurisdictions": ("6101",),
        },
    ),
)
RULED = [one for one in GOLDEN if one != "Organisation"]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, seed=st.integers(0, 1000), held=st.sampled_from(HOLDERS))
async def test_what_a_permit_opens_of_a_moment_is_what_postgresql_opens_of_the_view(
    past_hub, steps, seed, held
):
    """The second fence of rows that stand in no table: of the present it gives the rows that row level security does.

    Persons are given by their parts in this case alone, where row level security gives them by any part of theirs.
    """
    hub, history = past_hub, History(past_hub, seed)
    later(hub)
    await history.say(*history.records)
    for step in steps:
        await history.take(step)
    name = f"fenced-{history.number}"
    await client(hub, name, *held)
    case_id = UUID((await history.ids())["case"][0])
    permit = await _permit(hub, name, frozenset().union(*(one["scopes"] for one in held)))
    async with hub.pool.connection() as connection, connection.transaction():
        found = await case_at(connection, hub.keyring, case_id, hub.clock())

    opened = within(permit, found)

    assert {
        entity: {row.values[entities()[entity].key] for row in opened.get(entity, ())} for entity in RULED
    } == await _fenced(hub, permit, found)


async def _permit(hub, name, scopes):
    caller = Caller(
        client_id=name,
        account_id=None,
        agency="POLRI",
        scopes=scopes,
        purpose="protection",
        jurisdiction=(),
        token_id=name,
        expires_at=hub.clock() + timedelta(minutes=5),
    )
    async with hub.readers.connection() as connection:
        return (await Permits(hub.clock).read(connection, caller)).permit


async def _fenced(hub, permit, found):
    """Ids that the role which reads is given, of the rows that the case and its parts have."""
    told = {}
    async with hub.readers.connection() as connection, connection.transaction():
        await FENCE.send(connection, fence(permit))
        for entity in RULED:
            key = entities()[entity].key
            mine = [row.values[key] for row in found.rows.get(entity, ())]
            cursor = await connection.execute(
                f"SELECT {key} FROM {GOLDEN[entity].name} WHERE {key} = ANY(%s)".encode(),  # noqa: S608 -- names of ours
                (mine,),
            )
            told[entity] = {one for (one,) in await cursor.fetchall()}
    parts = [
        (row.values, row.values[entities()[role].key] in told[role])
        for role in ROLES
        for row in found.rows.get(role, ())
    ]
    harmed = {values["person_id"] for values, given in parts if given and "victim_id" in values}
    persons = {values["person_id"] for values, given in parts if given}
    for entity, through in {
        "Person": persons,
        **dict.fromkeys(("Movement", "JobPlacement", "Document"), harmed),
    }.items():
        mine = {
            row.values[entities()[entity].key]
            for row in found.rows.get(entity, ())
            if row.values["person_id"] in through
        }
        told[entity] &= mine
    return told


async def test_conditions_below_it_are_asked_of_the_rows_of_then(past_hub):
    history, victim_id, at = await _first_words(past_hub, 8)
    case_id = (await history.ids())["case"][0]
    name = history.records[3].identity["full_name"]
    changed = {**history.records[3].identity, "full_name": "Ratna Kencana Wungu"}
    await _again(history, identity=changed)
    query = """query ($i: ID!, $t: DateTime, $n: String!, $o: String!) { case(id: $i, asOf: $t) {
        then: victims(where: {fullName: {matches: $n}}) { nodes { id } }
        now: victims(where: {fullName: {matches: $o}}) { nodes { id } }
        related: victims(where: {case: {victims: {some: {fullName: {matches: $n}}}}}) { totalCount } } }"""

    given = {"i": case_id, "n": name, "o": "Ratna Kencana Wungu"}
    then = (await past_hub.data(query, {**given, "t": at.isoformat()}))["case"]
    now = (await past_hub.data(query, given))["case"]

    assert (then["then"]["nodes"], then["now"]["nodes"]) == ([{"id": victim_id}], [])
    assert (now["then"]["nodes"], now["now"]["nodes"]) == ([], [{"id": victim_id}])
    assert (then["related"]["totalCount"] > 0, now["related"]["totalCount"]) == (True, 0)


async def test_every_field_needs_its_scopes_of_then_too(past_hub):
    query = (
        'query { case(id: "x", asOf: "2026-01-01T00:00:00Z") { modusText victims { nodes { fullName } } } }'
    )
    past_hub.tokens.clear()

    refused = forbidden(await past_hub.ask(query, scopes=("case:read",)))
    lenient = await past_hub.ask(query, scopes=("case:read",), prefer="handling=lenient")

    assert refused.keys() == {"Case.modusText", "Case.victims", "Victim", "Victim.fullName"}
    assert lenient.json()["data"] == {"case": None}


async def test_the_rows_of_then_are_noted_in_the_ledger_and_no_row_of_the_view_is_read(watched, cluster):
    hub = watched.hub
    ((case_id, at),) = await hub.rows("SELECT entity_id, valid_from FROM link WHERE kind = 'CASE' LIMIT 1")
    query = "query ($i: ID!, $t: DateTime!) { case(id: $i, asOf: $t) { id victims { totalCount nodes { id sex } } } }"
    scopes = ("case:read", "victim:read", CHILDREN)

    statements, response = await statements_of(
        watched, query, {"i": str(case_id), "t": at.isoformat()}, scopes=scopes
    )

    shown = [str(case_id), *(one["id"] for one in response.json()["data"]["case"]["victims"]["nodes"])]
    assert not [one for one in statements if "golden_" in one]
    name = Pseudonyms(hub.keyring).of
    with psycopg.connect(conninfo(cluster.url("hub_owner", "graphql_watched"))) as owner:
        ((body,),) = owner.execute("SELECT body FROM audit.record ORDER BY id DESC LIMIT 1").fetchall()
    assert set(orjson.loads(bytes(body))["subjects"]) == {name(one) for one in shown}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ('id: "x", asOf: "2999-01-01T00:00:00Z"', "asOf lies in the future"),
        ('id: "x", asOf: "2026-01-01"', None),
    ],
)
async def test_a_moment_that_has_not_come_or_is_none_is_refused(past_hub, arguments, says):
    past_hub.tokens.clear()
    response = await past_hub.ask(f"{{ case({arguments}) {{ id }} }}")

    assert response.status_code == 400
    assert says is None or says in response.json()["errors"][0]["message"]


@pytest.mark.parametrize(("count", "status"), [(3, 200), (4, 400)])
async def test_an_operation_asks_for_three_moments_at_most(past_hub, count, status):
    past_hub.tokens.clear()
    fields = [f'a{one}: victim(id: "x", asOf: "2026-01-01T00:00:00Z") {{ id }}' for one in range(count)]

    response = await past_hub.ask(f"{{ {' '.join(fields)} }}")

    assert response.status_code == status

"""What may be told of the past is decided today: permits, exclusions, protection, erasure, the ledger; and a second fence."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import orjson
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auth import grants
from auth.grants import Decision
from auth.tokens import Caller
from hub.database import conninfo
from hub.graphql.past import within
from hub.graphql.permits import Permits
from hub.graphql.rules import FENCE, fence
from hub.ledger.evidence import moment
from hub.ledger.pseudonym import Pseudonyms
from hub.view.past import case_at
from schema.entities import ROLES, entities
from schema.tables.golden import GOLDEN
from tests.auth.parties import APPROVER
from tests.graphql.histories import STEPS, History, again, first_words, later
from tests.graphql.hub import CHILDREN, EVERY, NATION, forbidden
from tests.graphql.officers import client
from tests.graphql.sdl import printed
from tests.graphql.test_statement import statements_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

VICTIM = "query ($i: ID!, $t: DateTime) { victim(id: $i, asOf: $t) { id residenceRegion protectionLevel isChildAtExploitation fullName } }"


async def test_who_is_protected_today_is_protected_in_the_past_too(past_hub):
    history, victim_id, at = await first_words(past_hub, 4)
    token = await past_hub.new_token(EVERY, purpose="investigation")
    given = {"i": victim_id, "t": at.isoformat()}
    before = (await past_hub.ask(VICTIM, given, token=token)).json()["data"]["victim"]
    facts = {**history.records[3].facts, "Victim": {"protection_level": "LPSK_PROTECTED"}}
    await again(history, facts=facts)
    token = await past_hub.new_token(EVERY, purpose="investigation")

    after = (await past_hub.ask(VICTIM, given, token=token)).json()["data"]["victim"]

    assert (before["residenceRegion"], before["protectionLevel"]) == ("61.01", "NORMAL")
    assert (after["residenceRegion"], after["protectionLevel"]) == (None, "LPSK_PROTECTED")


async def test_who_is_known_to_have_been_a_child_is_one_in_the_past_too(past_hub):
    history, victim_id, at = await first_words(past_hub, 5)
    given = {"i": victim_id, "t": at.isoformat()}
    before = await past_hub.data(VICTIM, given, scopes=EVERY - {CHILDREN})
    await again(history, identity={**history.records[3].identity, "birth_date": "2015-01-01", "nik": None})

    hidden = await past_hub.data(VICTIM, given, scopes=EVERY - {CHILDREN})
    shown = await past_hub.data(VICTIM, given)

    assert before["victim"]["isChildAtExploitation"] is False
    assert hidden == {"victim": None}
    assert shown["victim"]["isChildAtExploitation"] is True


DOCUMENTS = """query ($i: ID!, $t: DateTime) { then: victim(id: $i, asOf: $t) { documents { nodes { number } } }
    now: victim(id: $i) { documents { nodes { number } } } }"""


async def test_the_papers_of_who_is_a_child_in_another_case_are_closed_of_then_as_they_are_now(past_hub):
    hub, history = past_hub, History(past_hub, 9)
    later(hub)
    paper = {"key": "paspor", "type": "PASSPORT", "number": "X1234567"}
    one = history.records[3]
    history.records[3] = replace(one, identity={**one.identity, "documents": [paper]})
    for case, reported_on in enumerate(("2025-02-01", "2001-02-01")):
        history.records[case] = replace(history.records[case], facts={"Case": {"reported_on": reported_on}})
    await history.say(*history.records)
    given = {"i": (await history.ids())["victim"][0], "t": hub.clock().isoformat()}

    async def numbers(purpose="protection", scopes=EVERY):
        token = await hub.new_token(scopes, purpose=purpose)
        answer = (await hub.ask(DOCUMENTS, given, token=token)).json()["data"]
        return [[paper["number"] for paper in answer[one]["documents"]["nodes"]] for one in ("then", "now")]

    before = [await numbers("repatriation")]
    later(hub)
    same = history.person(1, 0, 0)
    await history.say(replace(same, identity={**same.identity, "documents": []}))
    later(hub)
    after = [
        await numbers("repatriation"),
        await numbers(),
        await numbers("repatriation", EVERY - {CHILDREN}),
    ]

    assert before == [[["X1234567"], ["X1234567"]]]
    # Whoever may not know of the child is told nothing by what is closed.
    assert after == [[[None], [None]], [["X1234567"], ["X1234567"]], [["X1234567"], ["X1234567"]]]


async def test_a_grant_that_has_been_revoked_opens_nothing_of_the_time_when_it_stood(past_hub):
    hub = past_hub
    history, _, at = await first_words(hub, 10)
    name = f"revoked-{history.number}"
    read = {"scopes": frozenset({"case:read"}), "jurisdictions": NATION}
    await client(hub, name, {**read, "owner": "POLRI"}, {**read, "owner": "KEMENSOS"})
    given = {"i": (await history.ids())["case"][0], "t": at.isoformat()}
    query = "query ($i: ID!, $t: DateTime) { case(id: $i, asOf: $t) { id } }"
    token = await hub.new_token({"case:read"}, name)
    before = await hub.ask(query, given, token=token)
    grant_ids = await hub.rows(
        "SELECT grant_id FROM access_grant WHERE grantee = %s AND owner = 'POLRI'", name
    )
    async with hub.engine.begin() as connection:
        for (grant_id,) in grant_ids:
            await connection.run_sync(
                grants.decide, APPROVER, grant_id, 1, Decision.REVOKED, "of a test", hub.clock()
            )

    after = await hub.ask(query, given, token=token)

    assert before.json()["data"] == {"case": {"id": given["i"]}}
    assert after.json()["data"] == {"case": None}


async def test_whose_key_was_destroyed_stays_erased_also_when_the_record_beganagain(past_hub, cluster):
    history, victim_id, at = await first_words(past_hub, 6)
    given = {"i": victim_id, "t": at.isoformat()}
    before = await past_hub.data(VICTIM, given)
    with psycopg.connect(conninfo(cluster.url("hub_owner", "graphql_past")), autocommit=True) as owner:
        owner.execute(
            "DELETE FROM subject_key WHERE subject_id = %s", (await history.source_id(history.records[3]),)
        )
    erased = await past_hub.data(VICTIM, given)
    await again(history, facts=history.records[3].facts | {"Victim": {"status": "IDENTIFIED"}})
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


def _uses_of_then():
    """Every field that a root with `asOf` leads to, and its scopes, by the SDL alone."""
    sdl = printed()
    for root in sdl.objects["Query"].values():
        if "asOf" in root.arguments:
            for one in sdl.objects[root.leads_to].values():
                inner = sdl.objects.get(one.leads_to, ())
                below = f" {{ {'id' if 'id' in inner else '__typename'} }}" if inner else ""
                yield (
                    root,
                    one,
                    f'{{ {root.name}(id: "x", asOf: "2026-01-01T00:00:00Z") {{ {one.name}{below} }} }}',
                )


async def test_every_field_below_it_is_closed_without_its_scope(past_hub):
    past_hub.tokens.clear()
    uses = [*_uses_of_then()]
    for root, one, query in uses:
        for scope in sorted(root.scopes | one.scopes):
            refused = forbidden(await past_hub.ask(query, scopes=EVERY - {scope}))

            assert refused.keys() & {f"Query.{root.name}", f"{root.leads_to}.{one.name}"}, query
    assert {root.leads_to for root, _, _ in uses} == {"Case", "Victim", "Perpetrator"}


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
    told = orjson.loads(bytes(body))
    assert set(told["subjects"]) == {name(one) for one in shown}
    assert told["as_of"] == [moment(at)]
    assert told["row_count"] == len(shown)

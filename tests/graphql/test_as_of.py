"""`asOf` beside what was answered then: over histories of words, corrections, withdrawals, merges and unmerges."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hub.graphql.catalogue import nodes
from schema.declaration import Kind
from tests.graphql.histories import STEPS, History, again, first_words, later

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


async def test_conditions_below_it_are_asked_of_the_rows_of_then(past_hub):
    history, victim_id, at = await first_words(past_hub, 8)
    case_id = (await history.ids())["case"][0]
    name = history.records[3].identity["full_name"]
    nik = history.records[3].identity["nik"]
    changed = {"full_name": "Ratna Kencana Wungu", "nik": None, "documents": []}
    await again(history, identity={**history.records[3].identity, **changed})
    query = """query ($i: ID!, $t: DateTime, $n: String!, $o: String!, $k: String!) { case(id: $i, asOf: $t) {
        then: victims(where: {fullName: {matches: $n}}) { nodes { id } }
        now: victims(where: {fullName: {matches: $o}}) { nodes { id } }
        numbered: victims(where: {nik: {eq: $k}}) { nodes { id } }
        papers: victims(where: {documents: {some: {number: {eq: "x-70 90 001"}}}}) { nodes { id } }
        related: victims(where: {case: {victims: {some: {fullName: {matches: $n}}}}}) { totalCount } } }"""

    given = {"i": case_id, "n": name, "o": "Ratna Kencana Wungu", "k": nik}
    then = (await past_hub.data(query, {**given, "t": at.isoformat()}))["case"]
    now = (await past_hub.data(query, given))["case"]

    assert (then["then"]["nodes"], then["now"]["nodes"]) == ([{"id": victim_id}], [])
    assert (now["then"]["nodes"], now["now"]["nodes"]) == ([], [{"id": victim_id}])
    assert (then["numbered"]["nodes"], now["numbered"]["nodes"]) == ([{"id": victim_id}], [])
    assert (then["papers"]["nodes"], now["papers"]["nodes"]) == ([{"id": victim_id}], [])
    assert (then["related"]["totalCount"] > 0, now["related"]["totalCount"]) == (True, 0)


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

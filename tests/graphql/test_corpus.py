"""Whatever the SDL allows is answered the same two ways: by the hub, and by graphql-core with plain resolvers; and denied the same."""

import json
import random
from typing import Any

import pytest
import pytest_asyncio
from graphql import parse, validate
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from schema.declaration import Kind
from schema.identifiers import is_nik
from tests.graphql.corpus import Values, question
from tests.graphql.denials import closed, denied
from tests.graphql.hub import CHILDREN, EVERY, NATION
from tests.graphql.model import as_sent
from tests.graphql.officers import client
from tests.graphql.records import NAMES
from tests.graphql.reference import Asker, Golden, Place, Reference, kinds, place_of
from tests.graphql.sdl import described

pytestmark = pytest.mark.asyncio(loop_scope="session")

NIK = "9901010101800001"
PAPER = "Z9999999"
"""Of nobody."""
NOTHING = "00000000-0000-7000-8000-000000000000"
READ = frozenset({"case:read", "victim:read", "perpetrator:read"})
IDENTITY = READ | {"victim.identity:read", "perpetrator.identity:read", CHILDREN}
HELD: dict[str, tuple[dict[str, Any], ...]] = {
    "all-of-all": tuple(
        {"owner": owner, "scopes": EVERY, "jurisdictions": NATION}
        for owner in ("POLRI", "KEMENSOS", "IMIGRASI", "KEMNAKER")
    ),
    "one-owner": ({"owner": "POLRI", "scopes": IDENTITY, "jurisdictions": NATION},),
    "one-province": (
        {"owner": "POLRI", "scopes": READ, "jurisdictions": ("61",)},
        {"owner": "KEMENSOS", "scopes": READ | {CHILDREN}, "jurisdictions": ("64", "6171")},
    ),
    "counting": ({"owner": "POLRI", "scopes": {"case:read", "victim:read"}, "jurisdictions": NATION},),
    "identity-of-one-of-two": (
        {"owner": "KEMENSOS", "scopes": READ | {CHILDREN}, "jurisdictions": NATION},
        {"owner": "POLRI", "scopes": IDENTITY - {CHILDREN}, "jurisdictions": ("61",)},
        {"owner": "IMIGRASI", "scopes": {"victim:read"}, "jurisdictions": NATION},
    ),
}
COUNTING = "counting"
"""Of the purpose that may see no identity."""
PURPOSES = ("investigation", "protection", "repatriation")
SCOPES = sorted(IDENTITY | {"victim.health:read"})


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def golden(rows_hub):
    async with rows_hub.pool.connection() as connection:
        return await Golden.read(connection, rows_hub.keyring)


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def askers(rows_hub):
    """The clients of HELD, each with what it holds for every purpose."""
    for name, held in HELD.items():
        await client(
            rows_hub,
            name,
            *({**one, "purposes": ("statistics",) if name == COUNTING else PURPOSES} for one in held),
        )
    return HELD


@pytest.fixture(scope="module")
def values(golden):
    chance = random.Random(7)  # noqa: S311 -- picks invented values
    whole = Reference(golden, Asker(EVERY, "protection", HELD["all-of-all"]))
    found = {}
    for coordinate, kind in kinds().items():
        entity, name = coordinate.split(".")
        if kind in {Kind.OBJECTS, Kind.TEXTS, Kind.MONEY} or entity == "Person":
            continue
        said = {
            as_sent(one) for one in whole.said(entity, name) if one is not None and not isinstance(one, list)
        }
        said = chance.sample(sorted(said), min(4, len(said)))
        if name == "nik":
            found[coordinate] = [*filter(is_nik, said), NIK]
        else:
            found[coordinate] = [*said, *([PAPER] if coordinate == "Document.number" else _nobodys(kind))]
    ids = [
        str(row[key])
        for entity, key in (("Case", "case_id"), ("Victim", "victim_id"), ("Perpetrator", "perpetrator_id"))
        for row in golden.tables[entity][::9]
    ]
    return Values(found, [*ids, NOTHING, "x"], [" ".join(one.split()[:2]) for one in NAMES], {})


def _nobodys(kind):
    return {
        Kind.ID: [NOTHING],
        Kind.DATE: ["2024-02-29"],
        Kind.TIMESTAMP: ["2024-05-01T23:30:00.000001+00:00"],
        Kind.INTEGER: [-1],
        Kind.BOOLEAN: [True],
        Kind.CODE: [],
        Kind.CODES: [],
    }.get(kind, ["\U0010ffff'\"\\"])


async def _cursors(hub, token):
    """Places in the middle of each root list."""
    text = "{ cases(first: 9) { pageInfo { startCursor endCursor } } victims(first: 9) { pageInfo { startCursor endCursor } } perpetrators(first: 9) { pageInfo { startCursor endCursor } } }"
    data = (await hub.ask(text, token=token, prefer="handling=lenient")).json()["data"]
    return {
        name: [one for one in page["pageInfo"].values() if one]
        for name, page in data.items()
        if page and any(page["pageInfo"].values())
    }


def _read(said, expected):
    """The hub's data with cursors read, where the other way has places."""
    if isinstance(expected, Place):
        return place_of(said)
    if isinstance(expected, dict) and isinstance(said, dict):
        return {name: _read(one, expected.get(name)) for name, one in said.items()}
    if isinstance(expected, list) and isinstance(said, list) and len(said) == len(expected):
        return [_read(one, other) for one, other in zip(said, expected, strict=True)]
    return said


def _denials(answer):
    return {
        (one["coordinate"], one["code"], tuple(one["allowedPurposes"]))
        if "allowedPurposes" in one
        else (one["coordinate"], one["code"], tuple(sorted(one["requiresScopes"][0])))
        for one in (error["extensions"] for error in answer["errors"])
    }


@settings(
    max_examples=80,
    # A seed has no smaller one: a question that fails is told as it is.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    seed=st.integers(0, 2**32),
    name=st.sampled_from(sorted(HELD)),
    purpose=st.sampled_from(PURPOSES),
    left_out=st.one_of(
        st.just(frozenset()), st.just(frozenset()), st.frozensets(st.sampled_from(SCOPES), max_size=2)
    ),
)
async def test_both_ways_give_equal_answers_and_equal_denials(
    rows_hub, golden, askers, values, seed, name, purpose, left_out
):
    held = frozenset().union(*(one["scopes"] for one in askers[name])) & frozenset(SCOPES)
    scopes = held - left_out
    purpose = "statistics" if name == COUNTING else purpose
    assume(scopes)
    token = await _token(rows_hub, name, scopes, purpose)
    here = Values(
        values.by_coordinate, values.ids, values.names, await _places(rows_hub, name, scopes, purpose, token)
    )
    asked = question(random.Random(seed), here)  # noqa: S311 -- a question to ask
    document = parse(asked.text)
    assert not validate(described(), document), asked.text
    reference = Reference(golden, Asker(scopes, purpose, askers[name]))

    response = await rows_hub.ask(asked.text, asked.variables, token=token)

    answer = response.json()
    refused = denied(document, asked.variables, scopes, purpose)
    if refused:
        assert (response.status_code, _denials(answer)) == (403, refused), asked
        return
    expected = reference.answer(document, asked.variables)
    # Naming a type uses it, which only the values tell.
    unnamed = next(filter(None, (closed(one, scopes) for one in reference.named)), None)
    if unnamed:
        assert (response.status_code, _denials(answer)) == (403, unnamed), asked
        return
    assert response.status_code == 200, (answer, asked)
    assert answer.keys() == {"data", "extensions"}, (answer, asked)
    assert json.dumps(_read(answer["data"], expected)) == json.dumps(expected), asked


TOKENS: dict[Any, str] = {}
PLACES: dict[Any, Any] = {}


async def _token(hub, name, scopes, purpose):
    key = name, scopes, purpose
    if key not in TOKENS:
        TOKENS[key] = await hub.new_token(scopes, name, purpose)
    return TOKENS[key]


async def _places(hub, name, scopes, purpose, token):
    key = name, scopes, purpose
    if key not in PLACES:
        PLACES[key] = await _cursors(hub, token)
    return PLACES[key]


async def test_the_corpus_has_every_way_of_asking_and_all_of_it_is_valid(values):
    here = Values(values.by_coordinate, values.ids, values.names, {"cases": ["x"], "victims": ["y"]})
    texts = [question(random.Random(seed), here).text for seed in range(150)]  # noqa: S311 -- the same in every run

    assert [one for one in texts if validate(described(), parse(one))] == []
    ways = (
        *("where:", "orderBy:", "after:", "some:", "none:", "matches:", "not:", "or:", "in:", "isNull:"),
        *("node(", "_entities(", "case(", "totalCount", "pageInfo", "edges", "cursor", "__typename"),
        *(
            "@skip",
            "@include",
            "...F0",
            "... on Node",
            "... on Victim",
            "fragment F1",
            "$v1: ",
            "VictimFilter = ",
        ),
    )
    assert [one for one in ways if not any(one in text for text in texts)] == []


async def test_the_second_way_tells_callers_apart(golden):
    """Otherwise that both agree would show nothing."""
    query = parse("{ victims(first: 100) { totalCount nodes { fullName residenceRegion } } }")
    answers = {
        json.dumps(Reference(golden, Asker(IDENTITY, purpose, HELD[name])).answer(query, {}))
        for name in ("all-of-all", "one-owner", "one-province", "identity-of-one-of-two")
        for purpose in PURPOSES
    }

    assert len(answers) > 8

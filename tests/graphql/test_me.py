"""What `me` says is open is open, and what it says is closed is closed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auth.scopes import SCOPES
from schema.codes import code_lists
from tests.graphql.hub import NATION
from tests.graphql.sdl import printed
from tests.graphql.test_guard import USES

pytestmark = pytest.mark.asyncio(loop_scope="session")

OF_FIELDS = [use for use in USES if use.coordinate.split(".")[0] in printed().rows]
OPENING = sorted({scope for use in USES for scope in use.way | use.own})


@settings(max_examples=20, deadline=None)
@given(
    scopes=st.sets(st.sampled_from([*OPENING, "victim.child:read"])),
    uses=st.lists(st.sampled_from(OF_FIELDS), min_size=8, max_size=8),
)
async def test_access_says_what_the_guard_does(hub, scopes, uses):
    access = (await hub.data("{ me { access { coordinate allowed requiresScopes } } }", scopes=scopes))["me"][
        "access"
    ]
    by_coordinate = {one["coordinate"]: one for one in access}

    for one in access:
        assert one["allowed"] is any(scopes.issuperset(alternative) for alternative in one["requiresScopes"])
    for use in uses:
        response = await hub.ask(use.query, scopes=scopes)
        told = by_coordinate[use.coordinate]
        if response.status_code == 200:
            assert told["allowed"]
        else:
            refused = {error["extensions"]["coordinate"] for error in response.json()["errors"]}
            kind = use.coordinate.split(".")[0]
            assert told["allowed"] is not bool({use.coordinate, kind} & refused)


async def test_access_lists_every_field_of_rows_and_nothing_else(hub):
    access = (await hub.data("{ me { access { coordinate } } }", scopes=()))["me"]["access"]

    rows = printed().rows
    assert [one["coordinate"] for one in access] == list(dict.fromkeys(one["coordinate"] for one in access))
    assert {one["coordinate"] for one in access} == {
        f"{kind}.{name}" for kind in rows for name in printed().objects[kind]
    }


async def test_a_field_that_needs_two_scopes_says_both(hub):
    access = await hub.data(
        "{ me { access { coordinate allowed requiresScopes } } }", scopes=("victim:read",)
    )
    (exploitation,) = (one for one in access["me"]["access"] if one["coordinate"] == "Case.exploitation")

    assert exploitation == {
        "coordinate": "Case.exploitation",
        "allowed": False,
        "requiresScopes": [["case:read", "victim:read"]],
    }


async def test_me_says_who_asks_and_why(hub):
    data = await hub.data(
        "{ me { clientId accountId agency purpose jurisdiction scopes expiresAt } }",
        scopes=("case:read", "person:match"),
    )

    assert data["me"] == {
        "clientId": "one",
        "accountId": None,
        "agency": "POLRI",
        "purpose": "protection",
        "jurisdiction": list(NATION),
        "scopes": ["case:read", "person:match"],
        "expiresAt": "2026-03-02T08:05:00.000000Z",
    }


async def test_every_scope_that_the_api_asks_for_is_one_of_the_closed_list():
    assert set(OPENING) <= {scope.word for scope in SCOPES}


async def test_code_lists_have_every_code_with_both_labels(hub):
    query = "{ codeLists { name codes { code labelId labelEn validFrom validTo htcds standard } } }"

    lists = (await hub.data(query, scopes=()))["codeLists"]

    assert [(one["name"], [code["code"] for code in one["codes"]]) for one in lists] == [
        (name, [code.code for code in codes]) for name, codes in code_lists().items()
    ]
    assert all(code["labelId"] and code["labelEn"] for one in lists for code in one["codes"])


async def test_code_lists_may_be_named_and_asked_for_a_day(hub):
    query = 'query ($d: Date) { codeLists(names: ["sex", "modus"], validOn: $d) { name codes { code } } }'

    now = (await hub.data(query, {"d": "2026-03-02"}, scopes=()))["codeLists"]
    before_the_law = (await hub.data(query, {"d": "2007-04-18"}, scopes=()))["codeLists"]

    assert {one["name"] for one in now} == {"sex", "modus"}
    assert [one["codes"] for one in before_the_law] == [[], []]


async def test_sources_say_how_far_each_agency_was_read(hub, filled):
    query = """{ sources { agency lastCompleteAt lastBatchAt lastFailedAt problem recordCount quarantinedCount driftCount } }"""

    data = await hub.data(query, scopes=("audit:read",))

    assert data["sources"] == [
        {
            "agency": "POLRI",
            "lastCompleteAt": "2026-03-02T08:00:00.000000Z",
            "lastBatchAt": "2026-03-02T08:00:00.000000Z",
            "lastFailedAt": None,
            "problem": None,
            "recordCount": len(filled.population.records),
            "quarantinedCount": 0,
            "driftCount": 0,
        }
    ]

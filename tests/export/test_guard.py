"""What may be exported: one list, by the guard of queries, for the client, person and purpose that asked, and nobody else."""

import pytest

from hub.export.routes import MOST_WAITING
from tests.export.conftest import VICTIMS
from tests.graphql.hub import ACCOUNT, EVERY

NEEDED = ("victim:read", "victim.identity:read", "case:read")
IDS = "{ victims { nodes { id } } }"


def told(response):
    """Code and coordinate of each error."""
    return sorted(
        (error["extensions"]["code"], error["extensions"].get("coordinate", ""))
        for error in response.json()["errors"]
    )


@pytest.mark.parametrize("missing", NEEDED)
async def test_without_a_scope_an_export_is_refused_as_the_query_is(exports, missing):
    scopes = EVERY - {missing}

    refused = await exports.ask(VICTIMS, token=await exports.hub.token(scopes))

    asked = await exports.hub.ask(VICTIMS, scopes=scopes)
    assert refused.status_code == asked.status_code == 403
    assert refused.json() == asked.json()
    assert refused.headers["WWW-Authenticate"] == asked.headers["WWW-Authenticate"]
    assert await exports.rows("SELECT count(*) FROM bulk_export") == [(0,)]


async def test_a_filter_that_only_a_variable_names_is_a_use(exports):
    scopes = EVERY - {"victim.health:read"}
    query = "query ($w: VictimFilter) { victims(where: $w) { nodes { id } } }"
    variables = {"w": {"ptsd": {"isNull": False}}}
    if (await exports.hub.ask(query, variables)).status_code != 200:
        variables = {"w": {"sex": {"isNull": False}}}
        scopes = EVERY - {"victim:read"}

    refused = await exports.ask(query, variables, token=await exports.hub.token(scopes))

    assert refused.status_code == 403
    assert refused.json() == (await exports.hub.ask(query, variables, scopes=scopes)).json()


async def test_without_a_token_nothing_is_told(exports):
    body = {"query": IDS}
    paths = [("POST", "/export"), ("GET", "/export/01900000-0000-7000-8000-000000000001")]

    answers = [await exports.hub.http.request(method, path, json=body) for method, path in paths]

    assert [(one.status_code, told(one)) for one in answers] == [(401, [("UNAUTHENTICATED", "")])] * 2


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("{ victims { nodes { id } } cases { nodes { id } } }", "an export is one list"),
        ("{ me { clientId } }", "an export is one list"),
        ('{ victim(id: "x") { id } }', "an export is one list"),
        ("{ victims { totalCount } }", "has `nodes`, once"),
        ("{ victims { nodes { id } totalCount } }", "has `nodes`, once"),
        ("{ victims { edges { node { id } } } }", "has `nodes`, once"),
        ("{ victims { nodes { id } more: nodes { id } } }", "has `nodes`, once"),
        ("{ victims(first: 10) { nodes { id } } }", "takes `where` alone"),
        ("{ victims(orderBy: [{field: STAGE_SINCE, direction: ASC}]) { nodes { id } } }", "takes `where`"),
        ("{ victims { nodes { exportMark: id } } }", "names its export"),
        ('{ victims { nodes { movements(after: "x") { nodes { at } } } } }', "leave `after` out"),
        ("{ victims { nodes { movements(first: 101) { nodes { at } } } } }", "must be 0 to 100"),
        ("{ victims { nodes { nothing } } }", "Cannot query field"),
        ("{ victims { nodes { id @include(if: false) } } }", "nothing of a row"),
        ('mutation { liftExclusion(id: "x") { id } }', "an export is one list"),
    ],
)
async def test_what_is_not_one_list_is_refused_with_what_to_do(exports, query, says):
    if query.startswith("mutation"):
        response = await exports.ask(
            query, token=await exports.hub.person_token({"exclusion:approve"} | EVERY, ACCOUNT)
        )
    else:
        response = await exports.ask(query)

    assert response.status_code == 400, response.text
    assert says in response.json()["errors"][0]["message"]
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert await exports.rows("SELECT count(*) FROM bulk_export") == [(0,)]


async def test_a_format_that_there_is_not_is_refused(exports):
    response = await exports.ask(IDS, form="csv")

    assert (response.status_code, told(response)) == (400, [("BAD_USER_INPUT", "")])


async def test_only_some_exports_of_a_client_wait_at_once(exports):
    for _ in range(MOST_WAITING):
        await exports.taken(IDS)

    refused = await exports.ask(IDS)
    other = await exports.ask(IDS, token=await exports.hub.token(client="two"))
    await exports.compute()
    again = await exports.ask(IDS)

    assert (refused.status_code, told(refused)) == (400, [("QUERY_TOO_COSTLY", "")])
    assert (other.status_code, again.status_code) == (202, 202)


async def test_another_client_person_or_purpose_finds_no_export(exports):
    path = await exports.taken(IDS)
    await exports.compute()
    hub = exports.hub
    strangers = [
        await hub.token(client="two"),
        await hub.new_token(EVERY, purpose="investigation"),
        await hub.person_token({"victim:read"}, ACCOUNT),
    ]
    nowhere = (await exports.get("/export/01900000-0000-7000-8000-000000000001")).json()

    for token in strangers:
        for below in ("", "/manifest.json", "/parts/1"):
            response = await exports.get(path + below, token=token)
            assert (response.status_code, response.json()) == (404, nowhere)
        deleted = await hub.http.delete(path, headers=await exports.headers(token))
        assert (deleted.status_code, deleted.json()) == (404, nowhere)
    assert len(await exports.parts(path)) == 1


async def test_a_token_that_does_not_cover_what_is_in_it_fetches_nothing(exports):
    path = await exports.taken(VICTIMS)
    await exports.compute()

    token = await exports.hub.token({"victim:read"})
    answers = [await exports.get(path + below, token=token) for below in ("", "/manifest.json", "/parts/1")]

    assert [one.status_code for one in answers] == [403] * 3
    assert ("FORBIDDEN", "Victim.fullName") in told(answers[0])


async def test_before_it_is_whole_there_is_no_manifest_and_no_part(exports):
    path = await exports.taken(IDS)

    answers = [await exports.get(path + below) for below in ("/manifest.json", "/parts/1")]
    await exports.compute()
    beyond = [await exports.get(path + below) for below in ("/parts/0", "/parts/2")]

    assert [(one.status_code, told(one)) for one in answers] == [(409, [("CONFLICT", "")])] * 2
    assert [one.status_code for one in beyond] == [404] * 2


async def test_a_client_that_may_send_listed_operations_alone_exports_nothing_else(exports):
    async with exports.hub.pool.connection() as connection:
        await connection.execute(
            "INSERT INTO listed_only VALUES ('one', 1, true, NULL, 'an officer', now(), 'of a test')"
        )
    exports.hub.clock.forward(seconds=10)

    refused = await exports.ask(IDS)

    asked = await exports.hub.ask(IDS)
    assert (refused.status_code, refused.json()) == (asked.status_code, asked.json())
    assert told(refused) == [("FORBIDDEN", "")]
    assert await exports.rows("SELECT count(*) FROM bulk_export") == [(0,)]

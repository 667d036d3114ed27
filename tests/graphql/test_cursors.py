"""A cursor is good for the client, the list and the order that it was given for, and for nothing else."""

import base64

import pytest
import pytest_asyncio

from tests.graphql.hub import ACCOUNT

pytestmark = pytest.mark.asyncio(loop_scope="session")

QUERY = "query ($a: String) { cases(first: 2, after: $a) { nodes { id } } }"


async def _cursor(hub, query, path, **how):
    value = await hub.data(query, **how)
    for step in path:
        value = value[step]
    return value


@pytest_asyncio.fixture(loop_scope="session")
async def cursor(hub):
    return await _cursor(
        hub, "{ cases(first: 1) { pageInfo { endCursor } } }", ("cases", "pageInfo", "endCursor")
    )


async def _refused(hub, query, cursor, **how):
    response = await hub.ask(query, {"a": cursor}, **how)
    assert response.json() == {
        "errors": [
            {
                "message": "The cursor is not one of this list; start again without `after`.",
                "extensions": {"code": "BAD_USER_INPUT"},
            }
        ]
    }
    assert response.status_code == 400


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "=",
        "null",
        "\u00e9",
        "\U0001f642",
        "\x00",
        "A" * 22,
        "A" * 5000,
        "../../etc",
        "W10",
        "-_-_" * 8,
        "a b\nc",
    ],
)
async def test_a_text_that_is_no_cursor_is_refused(hub, text):
    await _refused(hub, QUERY, text)


async def test_a_cursor_with_any_byte_changed_is_refused(hub, cursor):
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))

    for place in range(len(raw)):
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        await _refused(hub, QUERY, base64.urlsafe_b64encode(changed).decode().rstrip("="))
    for shorter in (raw[:-1], raw[:16], raw[:15], raw[1:], raw + b" "):
        await _refused(hub, QUERY, base64.urlsafe_b64encode(shorter).decode())


async def test_a_cursor_of_another_client_is_refused(hub, cursor):
    await _refused(hub, QUERY, cursor, client="two")


async def test_a_cursor_of_another_person_with_the_same_client_is_refused(hub, cursor):
    person = await hub.person_token({"case:read"}, ACCOUNT)
    own = await hub.ask("{ cases(first: 1) { pageInfo { endCursor } } }", token=person)
    of_person = own.json()["data"]["cases"]["pageInfo"]["endCursor"]

    await _refused(hub, QUERY, cursor, token=person)
    await _refused(hub, QUERY, of_person)
    assert (await hub.ask(QUERY, {"a": of_person}, token=person)).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "query ($a: String) { victims(first: 2, after: $a) { nodes { id } } }",
        "query ($a: String) { cases(first: 2) { nodes { victims(first: 1, after: $a) { nodes { id } } } } }",
        "query ($a: String) { cases(after: $a, orderBy: {field: REPORTED_ON}) { nodes { id } } }",
        "query ($a: String) { cases(after: $a, orderBy: {field: MODUS, direction: DESC}) { nodes { id } } }",
    ],
)
async def test_a_cursor_of_another_list_or_order_is_refused(hub, cursor, query):
    await _refused(hub, query, cursor)


async def test_a_cursor_of_the_other_direction_is_refused(hub):
    up = await _cursor(
        hub,
        "{ cases(first: 1, orderBy: {field: MODUS}) { pageInfo { endCursor } } }",
        ("cases", "pageInfo", "endCursor"),
    )

    await _refused(
        hub,
        "query ($a: String) { cases(after: $a, orderBy: {field: MODUS, direction: DESC}) { nodes { id } } }",
        up,
    )


async def test_a_cursor_of_a_list_below_one_type_is_refused_below_another(hub):
    of_case = await _cursor(
        hub,
        "{ cases(first: 100) { nodes { victims(first: 1) { pageInfo { endCursor } } } } }",
        ("cases", "nodes"),
    )
    cursor = next(
        one["victims"]["pageInfo"]["endCursor"] for one in of_case if one["victims"]["pageInfo"]["endCursor"]
    )

    await _refused(hub, "query ($a: String) { victims(first: 2, after: $a) { nodes { id } } }", cursor)


async def test_a_cursor_stays_good_under_an_alias_another_filter_and_another_page_size(hub, cursor, model):
    """It is a place in an order and no set of rows, so a filter may be changed on the way; the rows are judged anew."""
    query = """query ($a: String) {
        there: cases(first: 5, after: $a, where: {id: {in: []}, not: {}}) { totalCount }
        related: cases(first: 100, after: $a, where: {victims: {some: {}}}) { nodes { id } }
        all: cases(first: 100, after: $a) { nodes { id } } }"""

    data = await hub.data(query, {"a": cursor})

    behind = model.rows("Case")[1:]
    assert data["all"]["nodes"] == [{"id": str(row["id"])} for row in behind]
    assert data["related"]["nodes"] == [
        {"id": str(row["id"])} for row in behind if model.fulfils("Case", row, {"victims": {"some": {}}})
    ]


async def test_a_cursor_tells_nobody_anything_without_the_hub(hub, cursor):
    """It is signed, not sealed: what stands in it is what its client has seen, and only the hub can make one."""
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    data = await hub.data("{ cases(first: 1) { nodes { id } } }")

    assert raw[16:].decode() == f'["{data["cases"]["nodes"][0]["id"]}"]'
    assert len(raw[:16]) == 16


@pytest.mark.parametrize("first", [-1, 101, 2**31 - 1, None])
@pytest.mark.parametrize(
    "query",
    [
        "query ($n: Int) { cases(first: $n) { totalCount } }",
        "query ($n: Int) { cases(first: 1) { nodes { victims(first: $n) { nodes { id } } } } }",
        "query ($n: Int) { cases { pageInfo { hasPreviousPage } } more: cases(first: $n) { __typename } }",
    ],
)
async def test_a_page_size_outside_of_0_to_100_is_refused_wherever_it_stands(hub, query, first):
    assert await hub.refusal(query, {"n": first}) == (400, ["BAD_USER_INPUT"])


@pytest.mark.parametrize(
    "order",
    [
        "[{field: MODUS}, {field: MODUS}]",
        "[{field: MODUS}, {field: MODUS, direction: DESC}]",
        "[{field: MODUS}, {field: REPORTED_ON}, {field: OCCURRED_FROM}, {field: ORIGIN_REGION}]",
    ],
)
async def test_an_order_of_one_field_twice_or_of_four_is_refused(hub, order):
    refusal = await hub.refusal(f"{{ cases(orderBy: {order}) {{ totalCount }} }}")

    assert refusal == (400, ["BAD_USER_INPUT"])

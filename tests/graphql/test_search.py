"""Persons by name and NIK: for those who may see them, by tokens, by the same rules of rows and values, and in the ledger."""

import re

import pytest

from tests.graphql.hub import CHILDREN, EVERY, NATION, forbidden
from tests.graphql.model import is_child
from tests.graphql.officers import client
from tests.graphql.test_statement import statements_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCOPES = ("victim:read", "victim.identity:read")
NAMED = "query ($n: String!) { victims(first: 100, where: {fullName: {matches: $n}}) { totalCount nodes { id fullName aliases } } }"
NUMBERED = "query ($n: String!) { victims(first: 100, where: {nik: {eq: $n}}) { nodes { id nik } } }"


async def _everybody(hub, kind="victims", **how):
    query = f"{{ {kind}(first: 100) {{ nodes {{ id fullName nik aliases }} }} }}"
    return (await hub.data(query, **how))[kind]["nodes"]


async def test_whoever_is_called_so_is_found_and_nobody_else(hub):
    everybody = await _everybody(hub)
    for name in sorted({" ".join(one["fullName"].split()[:2]) for one in everybody if one["fullName"]}):
        found = (await hub.data(NAMED, {"n": name.lower()}))["victims"]

        expected = [one["id"] for one in everybody if (one["fullName"] or "").startswith(name)]
        assert [one["id"] for one in found["nodes"]] == expected != []
        assert found["totalCount"] == len(expected)


async def test_by_another_order_and_spelling_by_an_alias_and_by_a_nik(hub):
    everybody = await _everybody(hub)
    one = next(one for one in everybody if (one["fullName"] or "").startswith("Siti Aminah") and one["nik"])
    other = next(one for one in everybody if one["aliases"])

    by_spelling = await hub.data(NAMED, {"n": f"{one['fullName'].split()[-1]} Kenanga St."})
    by_alias = await hub.data(NAMED, {"n": other["aliases"][0]})
    by_nik = await hub.data(NUMBERED, {"n": one["nik"]})

    assert one["id"] in [node["id"] for node in by_spelling["victims"]["nodes"]]
    assert other["id"] in [node["id"] for node in by_alias["victims"]["nodes"]]
    assert by_nik["victims"]["nodes"] == [{"id": one["id"], "nik": one["nik"]}]


PAPERS = """query ($n: String!) { victims(first: 100, where: {documents: {some: {number: {eq: $n}}}}) {
    nodes { id documents(where: {number: {eq: $n}}) { totalCount nodes { number } } } } }"""


async def _papers(hub, **how):
    """Who holds which papers, by their numbers."""
    query = "{ victims(first: 100) { nodes { id documents(first: 100) { nodes { number } } } } }"
    found = {}
    for one in (await hub.data(query, **how))["victims"]["nodes"]:
        for paper in one["documents"]["nodes"]:
            found.setdefault(paper["number"], []).append(one["id"])
    return found


async def test_by_the_number_of_a_paper_whoever_holds_it_is_found_with_that_paper_alone(hub):
    papers = await _papers(hub)
    for number, holders in papers.items():
        spelled = f"{number[:3].lower()} {number[3:]}"

        found = (await hub.data(PAPERS, {"n": spelled}))["victims"]["nodes"]

        assert [(one["id"], one["documents"]) for one in found] == [
            (holder, {"totalCount": 1, "nodes": [{"number": number}]}) for holder in holders
        ]
    assert len(papers) > 20


async def test_a_paper_is_closed_to_whom_its_number_is(hub, model):
    children = {str(row["id"]) for row in model.rows("Victim") if is_child(row)}
    papers = await _papers(hub)
    number = next(one for one, holders in papers.items() if children.issuperset(holders))
    token = await hub.new_token((*SCOPES, CHILDREN), purpose="repatriation")

    short = await hub.refusal(PAPERS, {"n": "C 12-3"})
    refused = forbidden(await hub.ask(PAPERS, {"n": number}, scopes=("victim:read",)))
    of_children = (await hub.ask(PAPERS, {"n": number}, token=token)).json()["data"]["victims"]["nodes"]
    unseen = await hub.data(PAPERS, {"n": number}, scopes=EVERY - {CHILDREN})

    assert short == (400, ["BAD_USER_INPUT"])
    assert refused["DocumentFilter.number"] == [["victim.identity:read"]]
    assert (of_children, unseen["victims"]["nodes"]) == ([], [])


async def test_a_suspect_is_found_by_the_scopes_of_suspects(hub):
    query = "query ($n: String!) { perpetrators(where: {fullName: {matches: $n}}) { nodes { id } } cases(where: {perpetrators: {some: {fullName: {matches: $n}}}}) { totalCount } }"
    one = next(one for one in await _everybody(hub, "perpetrators") if one["fullName"])

    found = await hub.data(query, {"n": one["fullName"]})
    refused = forbidden(
        await hub.ask(query, {"n": one["fullName"]}, scopes=(*SCOPES, "perpetrator:read", "case:read"))
    )

    assert (found["perpetrators"]["nodes"], found["cases"]["totalCount"]) == ([{"id": one["id"]}], 1)
    assert refused == {"PerpetratorFilter.fullName": [["perpetrator.identity:read"]]}


@pytest.mark.parametrize("text", ["", "Siti", "S.A.", "FNU", "...", "a\x00b c", "x" * 3])
async def test_a_text_that_says_too_little_finds_nobody_or_is_refused_without_being_told_back(hub, text):
    response = await hub.ask(NAMED, {"n": text})

    if response.status_code == 200:
        assert response.json()["data"] == {"victims": {"totalCount": 0, "nodes": []}}
    else:
        (error,) = response.json()["errors"]
        assert error["extensions"] == {"code": "BAD_USER_INPUT"}
        assert text == "" or text not in error["message"]


@pytest.mark.parametrize("nik", ["", "1", "990101410795000x", "9901014107950000"])
async def test_what_is_no_nik_is_refused(hub, nik):
    response = await hub.ask(NUMBERED, {"n": nik})

    says = "nik: 16 digits in the form of a NIK are needed"
    assert response.json() == {"errors": [{"message": says, "extensions": {"code": "BAD_USER_INPUT"}}]}


async def test_an_operator_that_is_null_is_refused(hub):
    response = await hub.ask("{ victims(where: {fullName: {matches: null}}) { totalCount } }")

    says = "fullName: matches is null"
    assert response.json() == {"errors": [{"message": says, "extensions": {"code": "BAD_USER_INPUT"}}]}


@pytest.mark.parametrize("purpose", ["protection", "repatriation"])
async def test_a_child_is_found_by_name_for_few_purposes(hub, model, purpose):
    children = {str(row["id"]) for row in model.rows("Victim") if is_child(row)}
    child = next(one for one in await _everybody(hub) if one["id"] in children and one["fullName"])
    token = await hub.new_token((*SCOPES, CHILDREN), purpose=purpose)

    found = (await hub.ask(NAMED, {"n": child["fullName"]}, token=token)).json()["data"]["victims"]
    unseen = await hub.data(NAMED, {"n": child["fullName"]}, scopes=EVERY - {CHILDREN})

    assert found["totalCount"] == (1 if purpose == "protection" else 0)
    assert unseen["victims"]["totalCount"] == 0


async def test_a_name_that_another_owners_grant_would_open_finds_nobody(rows_hub):
    everybody = await _everybody(rows_hub)
    read = {
        "scopes": frozenset({"victim:read", CHILDREN}),
        "purposes": ("protection",),
        "jurisdictions": NATION,
    }
    named = {**read, "scopes": frozenset({"victim.identity:read"}), "owner": "POLRI"}
    await client(rows_hub, "searcher", {**read, "owner": "KEMENSOS"}, {**read, "owner": "POLRI"}, named)
    token = await rows_hub.new_token(read["scopes"] | named["scopes"], "searcher")
    seen = (await rows_hub.ask("{ victims(first: 100) { nodes { id fullName } } }", token=token)).json()
    shown = {one["id"]: one["fullName"] for one in seen["data"]["victims"]["nodes"]}

    found = {}
    for one in everybody:
        if one["fullName"]:
            answer = await rows_hub.ask(NAMED, {"n": one["fullName"]}, token=token)
            found |= {node["id"]: node["fullName"] for node in answer.json()["data"]["victims"]["nodes"]}

    assert found == {one: name for one, name in shown.items() if name}
    assert any(name is None for name in shown.values())


async def test_it_is_closed_to_purposes_that_may_see_no_identity(hub):
    token = await hub.new_token({"statistics:read", "victim:read"}, purpose="protection")

    refused = forbidden(await hub.ask(NAMED, {"n": "Siti Aminah"}, token=token))

    assert refused["VictimFilter.fullName"] == [["victim.identity:read"]]


async def test_the_server_meets_tokens_and_no_name(watched):
    statements, response = await statements_of(watched, NAMED, {"n": "Siti Kenanga"}, scopes=SCOPES)
    more, other = await statements_of(watched, PAPERS, {"n": "C0020001"}, scopes=SCOPES)

    assert (response.status_code, other.status_code) == (200, 200)
    text = " ".join([*statements, *more])
    assert "persons_found($" in text
    assert "documents_found($" in text
    assert not re.search(r"siti|kenanga|c0020001", text, re.IGNORECASE)
    assert not re.search(r"\.tokens", text)


@pytest.mark.parametrize("name", ["persons_found", "documents_found"])
async def test_tokens_are_no_part_of_the_api_and_who_reads_asks_for_ids_alone(hub, name):
    ((allowed, public),) = await hub.rows(
        "SELECT has_function_privilege('hub_reader', %(f)s, 'EXECUTE'),"
        " has_function_privilege('hub_statistics', %(f)s, 'EXECUTE')".replace(
            "%(f)s", f"'{name}(bigint[], bigint[])'"
        )
    )
    async with hub.readers.connection() as connection:
        asked = f"SELECT count(*) FROM {name}('{{}}', '{{}}')".encode()  # noqa: S608 -- one of two names
        nobody = await (await connection.execute(asked)).fetchone()

    assert (allowed, public, nobody) == (True, False, (0,))

"""`caseload` beside plain Python: distinct persons and cases in groups, over exactly the rows and values that a caller may read."""

import json

import psycopg
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.database import conninfo
from hub.graphql.catalogue import nodes
from hub.ledger.pseudonym import Pseudonyms
from schema.codes import code_list
from schema.regions import regions
from tests.auth.parties import Clock
from tests.graphql.counting import SUBJECTS, counted, part
from tests.graphql.hub import CHILDREN, EVERY, NATION, OWNERS, forbidden, running
from tests.graphql.language import Name, literal
from tests.graphql.officers import client
from tests.graphql.owners import give_owners
from tests.graphql.sdl import printed
from tests.graphql.test_non_interference import conditions
from tests.graphql.twins import HOLDERS

pytestmark = pytest.mark.asyncio(loop_scope="session")

SDL = printed()
TABLE = "total groups { key { code } count }"
NO_MEANS_NEEDED = "NOT_REQUIRED_CHILD"


def dimensions(entity):
    return st.lists(st.sampled_from(SDL.enums[f"{entity}Dimension"]), max_size=3, unique=True)


def question(subject, by, where=None, table=TABLE):
    arguments = f"by: {literal([Name(one) for one in by])}" + (f", where: {literal(where)}" if where else "")
    return f"{{ caseload {{ {subject}({arguments}) {{ {table} }} }} }}"


def _rows(model, entity, where, *, children):
    """Rows as answers have them, with the rows that they hang on."""
    cases = {str(row["id"]): row for row in model.rows("Case")}
    organisations = {str(row["id"]): row for row in model.rows("Organisation")}
    for row in model.rows(entity, children=children):
        if not model.fulfils(entity, row, where, children=children):
            continue
        answer = _told(model.answer(entity, row), children=children)
        if entity == "Case":
            office = organisations.get(str(row["reportingEntityId"]))
            yield answer | {"reportingEntity": office and model.answer("Organisation", office)}
        else:
            case = model.answer("Case", cases[str(row["caseId"])])
            yield answer | {"case": _told(case, children=children)}


def _told(answer, *, children):
    if children or answer.get("means") is None:
        return answer
    return answer | {"means": [one for one in answer["means"] if one != NO_MEANS_NEEDED]}


@settings(max_examples=60, deadline=None)
@given(data=st.data(), subject=st.sampled_from(sorted(SUBJECTS)), children=st.booleans())
async def test_any_grouping_of_any_filter_counts_each_person_once_in_each_group(
    hub, model, data, subject, children
):
    entity = SUBJECTS[subject]
    by, where = data.draw(dimensions(entity)), data.draw(conditions(nodes()[entity], sealed=False))
    scopes = EVERY if children else EVERY - {CHILDREN}

    if data.draw(st.booleans()):
        query = (
            f"query ($b: [{entity}Dimension!]!, $w: {entity}Filter)"
            f" {{ caseload {{ {subject}(by: $b, where: $w) {{ {TABLE} }} }} }}"
        )
        found = await hub.data(query, {"b": by, "w": json.loads(json.dumps(where))}, scopes=scopes)
    else:
        found = await hub.data(question(subject, by, where), scopes=scopes)

    expected = counted(entity, _rows(model, entity, where, children=children), by)
    assert found == {"caseload": {subject: expected}}


@pytest.mark.parametrize(
    ("subject", "dimension"),
    [(subject, one) for subject, entity in SUBJECTS.items() for one in SDL.enums[f"{entity}Dimension"]],
)
async def test_every_dimension_groups_by_its_field(hub, model, subject, dimension):
    entity = SUBJECTS[subject]

    found = await hub.data(question(subject, [dimension]))

    assert found["caseload"][subject] == counted(entity, _rows(model, entity, {}, children=True), [dimension])


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=HOLDERS, ids=lambda one: one.name)
async def holder(request, rows_hub):
    one = request.param
    name = f"counts-{one.name}"
    await client(rows_hub, name, *({**held, "purposes": (one.purpose,)} for held in one.held))
    return one, await rows_hub.new_token(one.scopes, name, one.purpose)


async def _listed(hub, subject, entity, parts, token):
    below = dict.fromkeys(["id", *(["personId"] if entity != "Case" else ())])
    linked = {}
    for one in parts:
        if one.link is None:
            below[one.field] = None
        else:
            linked.setdefault(one.link, {})[one.field] = None
    selection = " ".join([*below, *(f"{link} {{ {' '.join(fields)} }}" for link, fields in linked.items())])
    query = f"query ($a: String) {{ {subject}(first: 100, after: $a) {{ nodes {{ {selection} }} pageInfo {{ hasNextPage endCursor }} }} }}"
    rows, after = [], None
    while True:
        page = (await hub.ask(query, {"a": after}, token=token)).json()["data"][subject]
        rows += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return rows
        after = page["pageInfo"]["endCursor"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_a_caller_is_told_what_it_could_count_in_its_own_lists(rows_hub, holder, data):
    """Owners, regions, children, protected witnesses and values of one owner alone: the rows and values of its lists."""
    held, token = holder
    open_to = {
        subject: [
            one
            for one in SDL.enums[f"{entity}Dimension"]
            if (part(entity, one).scopes | SDL.objects["Query"][subject].scopes) <= held.scopes
        ]
        for subject, entity in SUBJECTS.items()
    }
    subject = data.draw(st.sampled_from([one for one in sorted(open_to) if open_to[one]]))
    by = data.draw(st.lists(st.sampled_from(open_to[subject]), min_size=1, max_size=3, unique=True))
    entity = SUBJECTS[subject]

    response = await rows_hub.ask(question(subject, by), token=token)
    rows = await _listed(rows_hub, subject, entity, [part(entity, one) for one in by], token)

    assert response.status_code == 200, response.text
    assert response.json()["data"]["caseload"][subject] == counted(entity, rows, by)


async def test_labels_are_those_of_the_code_lists_and_of_the_regions(hub):
    table = "groups { key { dimension code labelId labelEn } }"
    found = await hub.data(question("victims", ["SEX", "RESIDENCE_REGENCY", "CITIZENSHIPS"], table=table))
    flags = await hub.data(question("victims", ["DECEASED", "CASE_REPORTED_ON_QUARTER"], table=table))

    sexes, countries = code_list("sex"), code_list("country")
    for group in found["caseload"]["victims"]["groups"]:
        sex, region, country = group["key"]
        assert sex == _key("SEX", sex["code"], _labels(sexes, sex["code"]))
        assert region == _key("RESIDENCE_REGENCY", region["code"], _name(region["code"]))
        assert country == _key("CITIZENSHIPS", country["code"], _labels(countries, country["code"]))
    words = {"true": ("Ya", "Yes"), "false": ("Tidak", "No")}
    for group in flags["caseload"]["victims"]["groups"]:
        flag, quarter = group["key"]
        assert flag == _key("DECEASED", flag["code"], words.get(flag["code"], (None, None)))
        assert quarter == _key("CASE_REPORTED_ON_QUARTER", quarter["code"], (quarter["code"],) * 2)


def _key(dimension, code, labels):
    known = labels if code is not None else ("Tanpa keterangan", "Not stated")
    return {"dimension": dimension, "code": code, "labelId": known[0], "labelEn": known[1]}


def _labels(codes, code):
    return (codes[code].label_id, codes[code].label_en) if code in codes else (None, None)


def _name(code):
    return (regions()[code].name,) * 2 if code in regions() else (None, None)


async def test_it_says_what_it_counts_and_what_it_covers(rows_hub):
    scopes = frozenset({"case:read", "victim:read"})
    await client(
        rows_hub,
        "covers",
        {"owner": "POLRI", "scopes": scopes, "jurisdictions": ("61", "6471"), "purposes": ("protection",)},
        {"owner": "KEMENSOS", "scopes": {"victim:read", CHILDREN}, "jurisdictions": NATION},
        {"owner": "IMIGRASI", "scopes": {"victim:read"}, "jurisdictions": ()},
    )
    token = await rows_hub.new_token(scopes | {CHILDREN}, "covers")
    table = "__typename unit childrenIncluded covers { agency nationwide regions }"
    query = f"{{ caseload {{ __typename cases {{ {table} }} victims {{ {table} }} }} }}"

    answer = (await rows_hub.ask(query, token=token)).json()

    police = {"agency": "POLRI", "nationwide": False, "regions": ["61", "64.71"]}
    assert answer["data"]["caseload"] == {
        "__typename": "Caseload",
        "cases": {
            "__typename": "CaseloadTable",
            "unit": "CASE",
            "childrenIncluded": None,
            "covers": [police],
        },
        "victims": {
            "__typename": "CaseloadTable",
            "unit": "PERSON",
            "childrenIncluded": False,
            "covers": [{"agency": "KEMENSOS", "nationwide": True, "regions": []}, police],
        },
    }
    whole = await rows_hub.data("{ caseload { victims { childrenIncluded covers { agency nationwide } } } }")
    assert whole["caseload"]["victims"] == {
        "childrenIncluded": True,
        "covers": [{"agency": one, "nationwide": True} for one in sorted(OWNERS)],
    }


async def test_two_tables_stand_in_one_question_beside_lists(hub, model):
    query = """query ($b: [VictimDimension!]!) { caseload { one: victims(by: $b) { total groups { count } }
        other: victims(by: [STAGE], where: {sex: {eq: FEMALE}}) { total } cases { total groups { count } } }
        victims(first: 0) { totalCount } }"""

    data = await hub.data(query, {"b": "SEX"})

    rows = model.rows("Victim")
    assert data["caseload"]["one"]["total"] == len({row["personId"] for row in rows})
    assert data["caseload"]["other"]["total"] == len({r["personId"] for r in rows if r["sex"] == "FEMALE"})
    assert data["caseload"]["cases"] == {"total": len(model.rows("Case")), "groups": []}
    assert data["victims"]["totalCount"] == len(rows)


@pytest.mark.parametrize(
    "by",
    ["[SEX, STAGE, STATUS, SECTOR]", "[SEX, SEX]"],
    ids=["four", "twice"],
)
async def test_more_than_three_dimensions_or_one_twice_is_refused(hub, by):
    assert await hub.refusal(f"{{ caseload {{ victims(by: {by}) {{ total }} }} }}") == (
        400,
        ["BAD_USER_INPUT"],
    )


@pytest.mark.asyncio(loop_scope="function")
async def test_a_table_has_at_most_ten_thousand_groups(own_hub, cluster, own_database):
    query = "{ caseload { cases(by: [DESTINATION_COUNTRY]) { total groups { count } } } }"
    insert = """INSERT INTO golden_case (case_id, destination_country, agencies, provenance, reach, fingerprint, epoch)
        SELECT gen_random_uuid(), 'X' || n, '{POLRI}', '{}', '{POLRI}', '', 0 FROM generate_series(%s::int, %s::int) n"""
    statuses = []
    with psycopg.connect(conninfo(cluster.url("hub_owner", own_database)), autocommit=True) as owner:
        before = len((await own_hub.data(query))["caseload"]["cases"]["groups"])
        for first, last in ((1, 10_000 - before), (10_001 - before, 10_001 - before)):
            owner.execute(insert, (first, last))
            response = await own_hub.ask(query)
            statuses.append((response.status_code, len(response.json().get("errors", []))))

    assert statuses == [(200, 0), (400, 1)]
    assert response.json()["errors"][0]["extensions"]["code"] == "QUERY_TOO_COSTLY"
    assert "group by fewer dimensions" in response.json()["errors"][0]["message"]


LENIENT = "handling=lenient"


async def test_a_lenient_answer_leaves_out_a_table_of_which_a_dimension_is_refused(hub):
    query = """query ($b: [CaseDimension!]!) { caseload { closed: cases(by: $b) { total }
        open: cases(by: [MODUS]) { total } victims { total } } }"""

    response = await hub.ask(query, {"b": ["MODUS", "EXPLOITATION"]}, scopes=("case:read",), prefer=LENIENT)
    answer = response.json()

    assert response.status_code == 200
    assert answer["data"]["caseload"]["closed"] is None
    assert answer["data"]["caseload"]["victims"] is None
    assert answer["data"]["caseload"]["open"]["total"] > 0
    assert {
        (one["extensions"]["selection"], one["extensions"]["coordinate"], one["extensions"]["code"])
        for one in answer["errors"]
    } == {
        ("caseload.closed", "CaseDimension.EXPLOITATION", "FORBIDDEN"),
        ("caseload.victims", "Caseload.victims", "FORBIDDEN"),
    }


async def test_a_filter_that_is_refused_refuses_a_lenient_question_too(hub):
    query = "{ caseload { cases(where: {exploitation: {isNull: true}}) { total } } }"

    response = await hub.ask(query, scopes=("case:read",), prefer=LENIENT)

    assert forbidden(response) == {"CaseFilter.exploitation": [["victim:read"]]}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def recorded(cluster, filled, key_file):
    """A hub with more cases than a total names, and what its ledger holds of the last operation."""
    cluster.create_database("graphql_caseload", template=filled.name)
    url = cluster.url("hub_service", "graphql_caseload")
    with psycopg.connect(conninfo(cluster.url("hub_owner", "graphql_caseload"))) as owner:
        owner.execute(
            """INSERT INTO golden_case (case_id, modus, destination_country, agencies, provenance, reach, fingerprint, epoch)
            SELECT gen_random_uuid(), 'MAIL_ORDER_BRIDE', 'XX' || (n / 40), '{POLRI}', '{}', '{POLRI}', '', 0
            FROM generate_series(1, 120) n"""
        )

    async def last():
        async with await psycopg.AsyncConnection.connect(
            conninfo(cluster.url("hub_owner", "graphql_caseload"))
        ) as owner:
            found = await owner.execute("SELECT body FROM audit.record ORDER BY id DESC LIMIT 1")
            ((body,),) = await found.fetchall()
        return json.loads(bytes(body))

    async with running(url, key_file, Clock()) as hub:
        await give_owners(hub.pool)
        yield hub, last
    cluster.drop_database("graphql_caseload")


async def _cases(hub):
    return await hub.rows("SELECT case_id, destination_country FROM golden_case")


async def test_those_in_small_groups_are_named_in_the_ledger_and_the_rest_is_a_number(recorded):
    hub, last = recorded
    cases = await _cases(hub)
    name = Pseudonyms(hub.keyring).of
    sizes = {}
    for _, country in cases:
        sizes[country] = sizes.get(country, 0) + 1
    small = {name(case) for case, country in cases if sizes[country] <= 10}

    await hub.data("{ caseload { cases(by: [DESTINATION_COUNTRY]) { groups { count } } } }")
    body = await last()

    assert small
    assert len(small) < len(cases)
    assert set(body["subjects"]) == small
    assert (body["counted"], body["row_count"]) == (len(cases), 0)
    assert {"Caseload.cases", "CaseDimension.DESTINATION_COUNTRY"} <= set(body["coordinates"])


async def test_a_table_of_few_names_them_all_and_one_of_many_none(recorded):
    hub, last = recorded
    cases = await _cases(hub)
    name = Pseudonyms(hub.keyring).of
    few = [case for case, country in cases if country == "XX1"]

    await hub.data('{ caseload { cases(by: [MODUS], where: {destinationCountry: {eq: "XX1"}}) { total } } }')
    of_few = await last()
    await hub.data("{ caseload { cases { total } } }")
    of_many = await last()
    await hub.data("{ caseload { cases(by: [MODUS]) { unit covers { agency } } } }")
    of_none = await last()

    assert (len(few), set(of_few["subjects"]), of_few["counted"]) == (40, {name(one) for one in few}, 40)
    assert (of_many["subjects"], of_many["counted"]) == ([], len(cases))
    assert (of_none["subjects"], of_none["counted"]) == ([], None)


async def test_a_crowd_beside_them_does_not_hide_whom_a_small_count_tells_of(recorded):
    hub, last = recorded
    name = Pseudonyms(hub.keyring).of
    (one,) = (await hub.rows("SELECT case_id FROM golden_case WHERE police_report IS NOT NULL LIMIT 1"))[0]
    query = "query ($i: ID!) { one: cases(where: {id: {eq: $i}}) { totalCount } all: cases { totalCount } }"

    await hub.data(query, {"i": str(one)})

    assert (await last())["subjects"] == [name(one)]


async def test_the_answer_has_no_trace_of_the_marks(recorded):
    hub, _ = recorded
    response = await hub.ask("{ caseload { cases(by: [DESTINATION_COUNTRY]) { total groups { count } } } }")

    assert not [mark for mark in (":n:", ":m:", ":g:") if mark in response.text]


@pytest.mark.asyncio(loop_scope="function")
async def test_a_case_that_is_closed_to_the_caller_is_counted_in_no_table(own_hub):
    ((case_id,),) = await own_hub.rows(
        "SELECT case_id FROM golden_victim WHERE NOT coalesce(is_child_at_exploitation, false) LIMIT 1"
    )
    query = "{ caseload { cases(by: [MODUS]) { total } victims(by: [SEX]) { total groups { count } } perpetrators { total } } }"
    before = await own_hub.data(query)
    expected = {}
    for table, unit in (("case", "case_id"), ("victim", "person_id"), ("perpetrator", "person_id")):
        ((expected[f"{table}s"],),) = await own_hub.rows(
            f"SELECT count(DISTINCT {unit}) FROM golden_{table} WHERE case_id <> %s",  # noqa: S608 -- names of ours
            case_id,
        )
    await own_hub.rows(
        """INSERT INTO exclusion (exclusion_id, case_id, kind, excluded, sealed_reason, proposed_by, proposed_at, approved_by,
        approved_at) VALUES (gen_random_uuid(), %s, 'CLIENT', 'one', '', 'a', now(), 'b', now()) RETURNING 1""",
        case_id,
    )

    after = await own_hub.data(query)

    assert {name: table["total"] for name, table in after["caseload"].items()} == expected
    assert sum(group["count"] for group in after["caseload"]["victims"]["groups"]) < sum(
        group["count"] for group in before["caseload"]["victims"]["groups"]
    )

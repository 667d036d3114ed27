"""The log of a real process, whatever it was asked: events and keys of the closed list, and nobody's name or number."""

import json

import httpx
import pytest

from hub.logs import KEYS
from schema.record import RecordKind
from tests.graphql.hub import CHILDREN

NIK = "9901014508900042"
NAME = "Yosefina Kembangsepatu"
CANARIES = (NIK, NAME, "Kembangsepatu", "C7654321")
SCOPES = (
    "case:read",
    "victim:read",
    "victim.identity:read",
    "perpetrator:read",
    "perpetrator.identity:read",
    "person:match",
    CHILDREN,
)
REQUESTS = [
    {"query": "{ victims(first: 100) { nodes { fullName nik aliases birthDate birthPlace address phone documents { nodes { number } } } } }"},
    {"query": "{ perpetrators(first: 100) { nodes { fullName nik address } } }"},
    {"query": f'{{ personMatch(nik: "{NIK}") {{ known }} }}'},
    {"query": "query ($n: String, $d: Date) { personMatch(fullName: $n, birthDate: $d) { known } }", "variables": {"n": NAME, "d": "1990-08-05"}},
    {"query": f'{{ personMatch(fullName: "{NAME}") {{ known }} }}'},
    {"query": f'{{ cases(where: {{policeReport: {{eq: "{NAME}"}}}}) {{ totalCount }} }}'},
    {"query": f'{{ cases(where: {{policeReport: {{eq: "{NAME}" }} }}'},
    {"query": f'{{ cases(after: "{NAME}") {{ totalCount }} }}'},
    {"query": f"{{ cases {{ {NAME.replace(' ', '_')} }} }} # {NIK}"},
    {"query": f"query {NAME.replace(' ', '_')} {{ cases {{ totalCount }} }}", "operationName": NAME},
    {"query": f"query {NAME.replace(' ', '_')} {{ cases {{ totalCount }} }}", "operationName": NAME.replace(" ", "_")},
    {"query": "query ($w: CaseFilter) { cases(where: $w) { totalCount } }", "variables": {"w": {NAME: NIK}}},
    {"query": "query ($w: CaseFilter) { cases(where: $w) { totalCount } }", "variables": {"w": {"policeReport": {"eq": NAME + "\x00"}}}},
    {"query": "query ($n: Int!) { cases(first: $n) { totalCount } }", "variables": {"n": int(NIK)}},
    {"query": f'{{ case(id: "{NIK}") {{ id }} codeLists(names: ["{NAME}"]) {{ name }} }}'},
    {"query": "query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }", "variables": {"r": [{"__typename": NAME, "id": NIK}]}},
    {"query": "{ " + f"{NAME.replace(' ', '_')}: __typename " * 150 + "}"},
    {"query": "{ me { clientId } }", "extensions": {"persistedQuery": {"sha256Hash": NIK}}, NAME: NIK},
    {"query": NAME, "variables": [NAME]},
]  # fmt: skip


def _told(served):
    return [json.loads(line) for line in served.log.splitlines()]


@pytest.fixture(scope="module")
def asked(served):
    """The process after all these requests: its tokens, and what it answered."""
    token = served.token(*SCOPES)
    address = f"{served.url}/graphql"
    with httpx.Client(trust_env=False, headers={"Authorization": f"Bearer {token}"}) as http:
        answers = [http.post(address, json=request) for request in REQUESTS]
        answers += [
            http.post(
                address, content=f'{{"query": "{NAME}'.encode(), headers={"Content-Type": "application/json"}
            ),
            http.post(address, data={"query": NAME}),
            http.post(address, content=NIK.encode(), headers={"Content-Type": "text/plain"}),
            http.get(address, params={"query": NAME, "access_token": token}),
            http.get(f"{served.url}/{NIK}", params={"nik": NIK}),
            http.get(f"{served.url}/schema.graphql", params={"nik": NIK}),
            http.post(address, json=REQUESTS[0], headers={"Authorization": f"Bearer {NIK}.{NAME}.x"}),
            http.post(
                address, json=REQUESTS[0], headers={"X-Request-Id": NIK, "User-Agent": NAME, "Accept": NAME}
            ),
            http.post(
                f"{served.url}/oauth/token",
                data={"client_id": NAME, "client_assertion": NIK, "grant_type": NAME},
            ),
        ]
    return token, answers


def test_the_requests_read_identities_and_were_refused_in_every_way(asked, filled):
    """Otherwise the log would have had nothing to hide."""
    _, answers = asked

    texts = "".join(answer.text for answer in answers[:2])
    names = [
        record.identity["full_name"]
        for record in filled.population.records
        if record.kind is RecordKind.PERSON
    ]
    assert all(json.dumps(name, ensure_ascii=False) in texts for name in names)
    assert {answer.status_code for answer in answers} == {200, 400, 401, 404, 405, 406, 415}


def test_no_name_number_or_token_is_in_the_log(served, asked, filled):
    token, _ = asked
    persons = [record.identity for record in filled.population.records if record.kind is RecordKind.PERSON]
    secret = {token, token.rpartition(".")[2], *CANARIES, "Kanarium"}
    for identity in persons:
        secret |= {
            str(value)
            for name, value in identity.items()
            if name not in {"aliases", "documents", "birth_date"}
        }
        secret |= {document["number"] for document in identity["documents"]}

    log = served.log

    assert [value for value in secret if value in log] == []
    assert len(secret) > 300


BESIDE = {"seal.written", "sweep.ended"}
"""What a process tells of its work beside answering."""


@pytest.mark.usefixtures("asked")
def test_every_line_is_an_event_with_keys_of_the_closed_list(served):
    lines = _told(served)

    assert {key for line in lines for key in line} <= KEYS
    asked = [line for line in lines if line["event"] not in BESIDE]
    assert {line["event"] for line in asked} <= {"query.answered", "query.refused"}
    assert {line["level"] for line in asked} == {"info"}
    answered = [line for line in lines if line["event"] == "query.answered"]
    assert all(
        line.keys()
        == {"event", "level", "timestamp", "request_id", "client_id", "purpose", "plan", "duration_ms"}
        for line in answered
    )
    told = {(line["client_id"], line["purpose"]) for line in answered}
    # Officers of other tests may have asked the same process.
    assert ("one", "investigation") in told
    assert told <= {("one", "investigation"), ("one", "subject-request")}


@pytest.mark.usefixtures("asked")
def test_each_request_is_one_line_with_an_id_of_its_own(served):
    lines = _told(served)

    ids = [line["request_id"] for line in lines if line["event"] not in BESIDE]
    assert len(ids) == len(set(ids)) >= len(REQUESTS)

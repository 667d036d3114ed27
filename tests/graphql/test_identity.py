"""Sealed identity: opened it equals what the agency sent; without its key it is gone; without its scope it is not read."""

import pytest

from schema.record import RecordKind, Role
from tests.graphql.hub import EVERY, forbidden
from tests.graphql.model import camel_case, sealed

NAMES = ("full_name", "nik", "aliases", "birth_date", "birth_place", "address", "phone")
SELECTION = " ".join(camel_case(name) for name in NAMES)


async def _sent(hub, population, role):
    """What was ingested of each person, by the person's id, and the documents of each."""
    linked = await hub.rows(
        "SELECT s.key, l.entity_id FROM source_person s JOIN link l ON l.source_id = s.source_id"
    )
    person_of = {key: str(entity) for key, entity in linked}
    return {
        person_of[hub.keyring.source_key(record.agency, record.object, record.key)]: record.identity
        for record in population.records
        if record.kind is RecordKind.PERSON and record.role is role
    }


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize(("root", "role"), [("victims", Role.VICTIM), ("perpetrators", Role.PERPETRATOR)])
async def test_an_identity_that_is_opened_is_what_the_agency_sent(hub, filled, root, role):
    data = await hub.data(f"{{ {root}(first: 100) {{ nodes {{ personId {SELECTION} }} }} }}")

    sent = await _sent(hub, filled.population, role)
    assert {node.pop("personId"): node for node in data[root]["nodes"]} == {
        person: {camel_case(name): identity.get(name) for name in NAMES} for person, identity in sent.items()
    }
    assert {camel_case(name) for name in NAMES} == sealed(root[:-1].capitalize())


@pytest.mark.asyncio(loop_scope="session")
async def test_a_document_number_that_is_opened_is_what_the_agency_sent(hub, filled):
    data = await hub.data(
        "{ victims(first: 100) { nodes { personId documents(first: 100) { nodes { number } } } } }"
    )

    sent = await _sent(hub, filled.population, Role.VICTIM)
    found = {
        node["personId"]: sorted(one["number"] for one in node["documents"]["nodes"])
        for node in data["victims"]["nodes"]
    }
    assert found == {
        person: sorted(one["number"] for one in identity["documents"]) for person, identity in sent.items()
    }
    assert any(found.values())


@pytest.mark.asyncio(loop_scope="session")
async def test_a_stored_text_in_the_form_of_a_marker_is_only_text(hub, model):
    texts = (await hub.data("{ cases(first: 100) { edges { cursor node { modusText } } } }"))["cases"][
        "edges"
    ]

    assert [edge["node"]["modusText"] for edge in texts] == [row["modusText"] for row in model.rows("Case")]
    assert any(":c:0:" in (row["modusText"] or "") for row in model.rows("Case"))


@pytest.mark.asyncio(loop_scope="session")
async def test_the_identity_of_victims_does_not_open_that_of_perpetrators(hub):
    scopes = EVERY - {"perpetrator.identity:read"}

    response = await hub.ask("{ perpetrators { nodes { fullName nik } } }", scopes=scopes)

    requires = [["perpetrator.identity:read"]]
    assert forbidden(response) == {"Perpetrator.fullName": requires, "Perpetrator.nik": requires}


async def test_a_person_whose_key_was_destroyed_has_no_identity_and_stays_countable(own_hub):
    query = f"{{ victims(first: 100) {{ totalCount nodes {{ personId sex {SELECTION} documents {{ nodes {{ id number type }} }} }} }} }}"
    before = (await own_hub.data(query))["victims"]
    erased = next(node["personId"] for node in before["nodes"] if node["documents"]["nodes"] and node["nik"])

    await own_hub.rows(
        "DELETE FROM subject_key WHERE subject_id IN"
        " (SELECT source_id FROM link WHERE entity_id = %s) RETURNING subject_id",
        erased,
    )
    after = (await own_hub.data(query))["victims"]

    gone = {camel_case(name): None for name in NAMES}
    assert after == {
        "totalCount": before["totalCount"],
        "nodes": [
            node
            if node["personId"] != erased
            else {
                **node,
                **gone,
                "documents": {"nodes": [{**one, "number": None} for one in node["documents"]["nodes"]]},
            }
            for node in before["nodes"]
        ],
    }


async def test_a_sealed_value_that_was_moved_to_another_row_gives_nothing_of_the_answer(own_hub):
    await own_hub.rows(
        "UPDATE golden_person SET full_name = (SELECT p.full_name FROM golden_person p"
        " WHERE p.person_id <> golden_person.person_id AND p.full_name IS NOT NULL LIMIT 1) RETURNING person_id"
    )

    response = await own_hub.ask("{ victims { nodes { id fullName } } }")

    (error,) = response.json()["errors"]
    assert response.status_code == 500
    assert error["extensions"].keys() == {"code", "requestId"}
    assert "data" not in response.json()


@pytest.mark.asyncio(loop_scope="session")
async def test_a_person_is_matched_by_identifiers_without_any_content(hub, filled):
    victim = next(
        record
        for record in filled.population.records
        if record.role is Role.VICTIM and "nik" in record.identity and record.identity.get("birth_date")
    )
    query = """query ($nik: String, $name: String, $born: Date) {
        a: personMatch(nik: $nik) { known agencies }
        b: personMatch(fullName: $name, birthDate: $born) { known agencies }
        c: personMatch(nik: "9999990101019999") { known agencies protected } }"""
    variables = {
        "nik": victim.identity["nik"],
        "name": victim.identity["full_name"],
        "born": victim.identity["birth_date"],
    }

    data = await hub.data(query, variables, scopes=("person:match",))

    known = {"known": True, "agencies": ["POLRI"]}
    assert data == {"a": known, "b": known, "c": {"known": False, "agencies": [], "protected": False}}


@pytest.mark.asyncio(loop_scope="session")
async def test_a_suspect_is_known_to_nobody(hub, filled):
    suspect = next(
        record
        for record in filled.population.records
        if record.role is Role.PERPETRATOR and "nik" in record.identity
    )

    data = await hub.data(
        "query ($n: String) { personMatch(nik: $n) { known } }", {"n": suspect.identity["nik"]}
    )

    assert data == {"personMatch": {"known": False}}

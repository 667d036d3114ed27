"""Ids that were merged away lead to what they were merged into."""

from dataclasses import replace
from datetime import timedelta

from schema.record import RecordKind, Role
from tests.graphql.records import Population, ingest


async def _merge(hub, before=None):
    """Two cases and two persons that turn out to be one: the ids before and after.

    Args:
        hub: whose records they are.
        before: awaited with the id of the case that is merged away, while it stands.
    """
    shelter = Population(seed=7, cases=0)
    case = shelter.case("K-1", agency="KEMENSOS")
    one = shelter.person(901, Role.VICTIM, "K-1", agency="KEMENSOS")
    case = replace(case, object="laporan")
    async with hub.pool.connection() as connection:
        await ingest(connection, hub.keyring, [case, one], hub.clock())
    ids = await _ids(hub)
    if before is not None:
        await before(ids[0])
    report = "B/1/II/2025/POLRES SAMBAS"
    later = case.source_time + timedelta(days=1)
    police = await hub.rows("SELECT nik_token FROM source_person WHERE nik_token IS NOT NULL LIMIT 1")
    assert police
    changed = replace(case, police_report=report, source_time=later)
    async with hub.pool.connection() as connection:
        await ingest(connection, hub.keyring, [changed], hub.clock())
    return ids


async def _ids(hub):
    (case,) = await hub.rows(
        "SELECT l.entity_id FROM source_case s JOIN link l USING (source_id) WHERE s.agency = 'KEMENSOS' AND l.valid_to IS NULL"
    )
    (victim,) = await hub.rows("SELECT role_id FROM source_person WHERE agency = 'KEMENSOS'")
    return str(case[0]), str(victim[0])


async def test_a_case_that_was_merged_away_is_found_by_its_old_id_everywhere(own_hub):
    old, _ = await _merge(own_hub)
    new, _ = await _ids(own_hub)
    query = """query ($id: ID!, $r: [_Any!]!) { case(id: $id) { id agencies }
        _entities(representations: $r) { ... on Case { id } }
        cases(where: {id: {eq: $id}}) { totalCount } }"""

    data = await own_hub.data(query, {"id": old, "r": [{"__typename": "Case", "id": old}]})

    assert old != new
    assert data == {
        "case": {"id": new, "agencies": ["KEMENSOS", "POLRI"]},
        "_entities": [{"id": new}],
        "cases": {"totalCount": 0},
    }


async def _close(hub, case_id):
    await hub.rows(
        """INSERT INTO exclusion (exclusion_id, case_id, kind, excluded, sealed_reason, proposed_by, proposed_at,
        approved_by, approved_at) VALUES (gen_random_uuid(), %s, 'CLIENT', 'one', '', 'a', now(), 'b', now()) RETURNING 1""",
        case_id,
    )


async def test_a_case_that_is_closed_to_a_client_stays_closed_when_it_is_merged_away(own_hub):
    old, _ = await _merge(own_hub)
    new, _ = await _ids(own_hub)
    query = "query ($old: ID!, $new: ID!) { old: case(id: $old) { id } new: case(id: $new) { id } }"
    open_to_all = await own_hub.data(query, {"old": old, "new": new})

    await _close(own_hub, old)

    assert open_to_all == {"old": {"id": new}, "new": {"id": new}}
    assert await own_hub.data(query, {"old": old, "new": new}) == {"old": None, "new": None}


async def test_a_permit_that_was_read_before_the_merge_does_not_open_what_the_closed_case_was_merged_into(
    own_hub,
):
    query = "query ($id: ID!) { case(id: $id) { id } }"
    seen = []

    async def close(case_id):
        await _close(own_hub, case_id)
        seen.append(await own_hub.data(query, {"id": case_id}))

    await _merge(own_hub, before=close)
    new, _ = await _ids(own_hub)

    # The clock stands still, so that the permit of the question before is as fresh as it was.
    assert [*seen, await own_hub.data(query, {"id": new})] == [{"case": None}, {"case": None}]


async def test_a_victim_whose_person_and_case_were_merged_is_found_by_its_old_id(own_hub, filled):
    known = next(
        record
        for record in filled.population.records
        if record.kind is RecordKind.PERSON
        and record.role is Role.VICTIM
        and "nik" in record.identity
        and record.case == ("laporan", "LP-1")
    )
    (before,) = await own_hub.rows(
        "SELECT s.role_id FROM source_person s WHERE s.key = %s",
        own_hub.keyring.source_key(known.agency, known.object, known.key),
    )
    shelter = Population(seed=7, cases=0)
    case = shelter.case("K-1", agency="KEMENSOS")
    apart = replace(known, agency="KEMENSOS", case=("laporan", "K-1"), identity={}, events={})
    async with own_hub.pool.connection() as connection:
        await ingest(connection, own_hub.keyring, [case, apart], own_hub.clock())
    _, old = await _ids(own_hub)
    later = known.source_time + timedelta(days=1)
    report = "B/1/II/2025/POLRES SAMBAS"
    async with own_hub.pool.connection() as connection:
        told = [
            replace(case, police_report=report, source_time=later),
            replace(apart, identity=known.identity, source_time=later),
        ]
        await ingest(connection, own_hub.keyring, told, own_hub.clock())

    data = await own_hub.data("query ($id: ID!) { victim(id: $id) { id fullName agencies } }", {"id": old})

    assert old != str(before[0])
    assert data == {
        "victim": {
            "id": str(before[0]),
            "fullName": known.identity["full_name"],
            "agencies": ["KEMENSOS", "POLRI"],
        }
    }


async def test_an_old_id_leads_nobody_to_a_child(own_hub):
    """A redirect is looked up before the row's own rules, which still hold."""
    children = await own_hub.rows(
        "SELECT victim_id FROM golden_victim WHERE is_child_at_exploitation LIMIT 1"
    )
    old = "00000000-0000-7000-8000-00000000abcd"
    await own_hub.rows(
        "INSERT INTO redirect (old_id, new_id, kind, since) VALUES (%s, %s, 'Victim', now()) RETURNING old_id",
        old,
        children[0][0],
    )
    query = "query ($id: ID!) { victim(id: $id) { id } }"

    seen = await own_hub.data(query, {"id": old})
    unseen = await own_hub.data(query, {"id": old}, scopes=("victim:read",))

    assert seen == {"victim": {"id": str(children[0][0])}}
    assert unseen == {"victim": None}

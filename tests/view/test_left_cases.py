"""A case looks as if whoever left it had never been there."""

from tests.ingest.store import Store, case, gone, person

DEWI = {"nik": "9901014107120001", "name": "Dewi Lestari", "born": "2012-07-01"}


async def told(store: Store) -> dict[str, tuple]:
    """Status, means and origin of each case, by its day."""
    rows = await store.rows(
        "SELECT reported_on::text, case_status, means, origin_region, agencies FROM golden_case"
    )
    return {row[0]: row[1:] for row in rows}


async def test_a_victim_who_is_moved_to_another_case_leaves_nothing_behind(store: Store):
    said = {"victim": {"stage": "SELF_RETURN"}, "case_facts": {"origin_region": "61.01"}, **DEWI}
    await store.say(
        case("a", reported="2025-11-03"), case("b", reported="2025-12-03"), person("v", victim_in="a", **said)
    )
    before = await told(store)

    await store.say(person("v", victim_in="b", time=1, **said))

    left = ("ACTIVE", None, None, ["POLRI"])
    joined = ("CLOSED", ["NOT_REQUIRED_CHILD"], "61.01", ["POLRI"])
    assert before == {"2025-11-03": joined, "2025-12-03": left}
    assert await told(store) == {"2025-11-03": left, "2025-12-03": joined}


async def test_a_victim_who_is_withdrawn_leaves_nothing_behind(store: Store):
    victim = person("v", victim_in="a", case_facts={"origin_region": "61.01"}, **DEWI)
    await store.say(case("a"), victim)

    await store.say(gone(victim, time=1))

    assert await told(store) == {"2025-11-03": ("ACTIVE", None, None, ["POLRI"])}


async def test_services_that_name_no_case_stand_in_one_case_only_and_stay_there(store: Store):
    services = {"ServiceEvent": [{"key": "1", "category": "RETURN", "started_on": "2025-12-01"}]}
    await store.say(
        person("w", "KEMNAKER", victim_in="late", **DEWI),
        case("a"),
        person("v", victim_in="a", **DEWI),
        person("s", "KEMENSOS", events=services, **DEWI),
    )
    before = await store.rows("SELECT victim_id, service_event_id FROM golden_service_event")

    await store.say(case("late", "KEMNAKER", reported="2024-01-03"))

    # The first of the parts by agency is the one whose case came late: nothing may be counted twice meanwhile.
    after = await store.rows(
        "SELECT c.reported_on::text, count(*) FROM golden_service_event JOIN golden_victim USING (victim_id)"
        " JOIN golden_case c USING (case_id) GROUP BY 1"
    )
    assert before == []
    assert after == [("2024-01-03", 1)]

"""The queue is worked off in any portions: what a record says now may be seen before its own turn comes."""

from hub.view.rebuild import rebuild
from tests.ingest.store import START, Store, case, person

SERVICE = {"ServiceEvent": [{"key": "1", "category": "RETURN", "started_on": "2025-12-01"}]}
SITI = {"nik": "9901014107900001", "name": "Siti Aminah"}


async def test_a_suspect_who_is_moved_is_no_stumbling_block_for_the_case(store: Store):
    await store.say(case("a"), case("b"), person("s", suspect_in="a"))

    await store.say(
        case("b", time=1, facts={"origin_region": "61.01"}), person("s", suspect_in="b", time=1), link=1
    )

    assert await store.rows(
        "SELECT origin_region FROM golden_perpetrator JOIN golden_case USING (case_id)"
    ) == [("61.01",)]
    assert await rebuild(store.connection, store.keyring, START) == 0


async def test_a_victim_who_is_moved_leaves_the_old_case_at_once(store: Store):
    said = {"victim": {"stage": "SELF_RETURN"}, **SITI}
    await store.say(case("a", reported="2025-01-05"), case("b"), person("v", victim_in="a", **said))

    await store.say(
        case("b", time=1, facts={"origin_region": "61.01"}),
        person("v", victim_in="b", time=1, **said),
        link=1,
    )

    assert await store.rows("SELECT reported_on::text, case_status FROM golden_case ORDER BY 1") == [
        ("2025-01-05", "ACTIVE"),
        ("2025-11-03", "CLOSED"),
    ]
    assert await rebuild(store.connection, store.keyring, START) == 0


async def test_a_service_whose_record_has_lost_its_case_stands_once(store: Store):
    await store.say(
        case("a"),
        case("b", "KEMENSOS"),
        person("v", victim_in="a", **SITI),
        person("k", "KEMENSOS", victim_in="b", events=SERVICE, **SITI),
    )

    await store.say(
        case("a", time=1, facts={"origin_region": "61.01"}),
        person("k", "KEMENSOS", time=1, events=SERVICE, **SITI),
        link=1,
    )

    assert await store.value("SELECT count(*) FROM golden_service_event") == 1
    assert await store.value("SELECT count(*) FROM golden_victim") == 1
    assert await rebuild(store.connection, store.keyring, START) == 0

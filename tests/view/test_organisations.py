"""An organisation is its newest mention in what agencies say now."""

import pytest

from hub.view.rebuild import rebuild
from tests.ingest.store import START, Store, at, case, gone, person


def office(key: str, name: str, agency: str = "POLRI", *, time: int = 0, of: str = "o1"):
    return case(
        key, agency, time=time, facts={"reporting_entity": {"key": of, "name": name, "type": "POLICE_OFFICE"}}
    )


async def named(store: Store) -> list[tuple]:
    return await store.rows(
        "SELECT name, agencies, (provenance #>> '{sources,0,at}')::timestamptz FROM golden_organisation ORDER BY name"
    )


async def test_the_newest_mention_holds_whatever_came_last(store: Store):
    await store.say(office("a", "Polres Baru", time=9))
    await store.say(
        office("b", "Polres Lama", time=3),
        person(
            "w",
            "KEMNAKER",
            time=5,
            events={
                "JobPlacement": [{"key": "1", "agency_organisation": {"key": "p3mi", "name": "PT Jaya"}}]
            },
        ),
    )

    assert await named(store) == [("PT Jaya", ["KEMNAKER"], at(5)), ("Polres Baru", ["POLRI"], at(9))]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
async def test_a_tie_goes_by_agency_and_never_by_arrival(store: Store, order):
    said = (
        office("a", "menurut Polri"),
        office("a", "menurut Kemensos", "KEMENSOS"),
        office("a", "menurut Kemnaker", "KEMNAKER"),
    )

    for number in order:
        await store.say(said[number])

    assert await named(store) == [("menurut Kemensos", ["KEMENSOS"], at(0))]


async def test_the_next_newest_mention_holds_once_the_newest_is_gone(store: Store):
    newest, middle, oldest = (
        office("a", "tiga", time=9),
        office("b", "dua", time=5),
        office("c", "satu", time=1),
    )
    await store.say(oldest, middle, newest)
    found = [await named(store)]

    # A worse mention is at hand when the best one goes.
    await store.say(gone(newest, time=10), office("c", "satu lagi", time=2))
    found.append(await named(store))
    await store.say(office("b", "lain", time=11, of="o2"))
    found.append(await named(store))
    await store.say(gone(oldest, time=12))
    found.append(await named(store))

    assert [[(name, when) for name, _, when in rows] for rows in found] == [
        [("tiga", at(9))],
        [("dua", at(5))],
        [("lain", at(11)), ("satu lagi", at(2))],
        [("lain", at(11))],
    ]
    assert await rebuild(store.connection, store.keyring, START) == 0

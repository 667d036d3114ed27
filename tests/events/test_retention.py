"""Events are deleted from the oldest on, never one that is young, and the place up to which is told."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from hub import database as hub_database
from hub.events import retention
from hub.events.retention import forget
from tests.ingest.store import START, Store, gone
from tests.ingest.world import WORLD


@pytest.fixture
async def engine(database) -> AsyncIterator[AsyncEngine]:
    opened = hub_database.open_engine(database.service_url, size=2, name="test")
    yield opened
    await opened.dispose()


async def fill(store: Store, ages: list[int]) -> None:
    """Events of so many days of age."""
    await store.rows("DELETE FROM event RETURNING 1")
    await store.rows("UPDATE outbox SET head = %s, floor = 0 RETURNING 1", len(ages))
    if ages:
        await store.rows(
            "INSERT INTO event (position, entity, row_id, kind, at) SELECT n, 'Case', gen_random_uuid(), 'CHANGED',"
            " %s - age * interval '1 day' FROM unnest(%s::int[]) WITH ORDINALITY AS a (age, n) RETURNING 1",
            START,
            ages,
        )


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ages=st.lists(st.integers(0, 60), max_size=12))
async def test_none_that_is_young_is_deleted_and_none_behind_one_that_is(store: Store, engine, ages):
    await fill(store, ages)
    young = [position for position, age in enumerate(ages, 1) if age <= 30]
    first_kept = young[0] if young else len(ages) + 1

    count = await forget(engine, START - timedelta(days=30))

    assert count == first_kept - 1
    assert await store.rows("SELECT floor FROM outbox") == [(first_kept - 1,)]
    assert await store.rows("SELECT position FROM event ORDER BY 1") == [
        (n,) for n in range(first_kept, len(ages) + 1)
    ]


async def test_a_step_deletes_so_many_and_the_next_goes_on(store: Store, engine):
    await fill(store, [40] * (retention.MOST + 5))

    steps = [await forget(engine, START - timedelta(days=30)) for _ in range(3)]

    assert steps == [retention.MOST, 5, 0]
    assert await store.rows("SELECT floor, head FROM outbox") == [(retention.MOST + 5, retention.MOST + 5)]


async def test_to_whom_a_row_was_given_is_kept_as_long_as_its_end(store: Store, engine):
    await store.say(*WORLD)
    await store.say(*[gone(one, time=1) for one in WORLD])
    told_at = await store.value("SELECT max(at) FROM event")

    await forget(engine, told_at)
    kept = await store.value("SELECT count(*) FROM departed")
    await forget(engine, told_at + timedelta(seconds=1))

    assert (kept, await store.value("SELECT count(*) FROM departed")) == (3, 0)

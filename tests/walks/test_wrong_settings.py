"""Whatever is wrong is told in one line that says what to do, with an exit code, and nothing is half-done."""

import socket

import pytest

from tests.walks.conftest import free_port


def told(done) -> tuple[int, list[str]]:
    """The exit code and the lines on standard error."""
    return done.returncode, done.stderr.strip().splitlines()


def test_an_unknown_agency_is_told_with_the_known_ones(station):
    code, lines = told(station.hub("pull", "polry"))

    assert code == 2
    assert len(lines) == 1
    assert lines[0].startswith("hub: ")
    assert "polri" in lines[0]


def test_a_missing_setting_of_an_agency_is_named(make_station):
    alone = make_station()
    alone.hub("key")
    alone.hub("migrate")

    code, lines = told(alone.hub("pull", "polri"))

    assert code == 2
    assert len(lines) == 1
    assert "HUB_AGENCY__POLRI__" in lines[0]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("HUB_PROT", "8000", "did you mean HUB_PORT?"),
        ("HUB_PORT", "many", "HUB_PORT"),
        ("HUB_LOG_LEVEL", "loud", "HUB_LOG_LEVEL"),
        ("HUB_KEY_FILE_FILE", "/nowhere/at/all", "cannot be read"),
        ("HUB_AGENCY__POLRI", "x", "HUB_AGENCY__<AGENCY>__<NAME>"),
    ],
)
def test_a_wrong_setting_is_told_with_its_name(station, name, value, said):
    code, lines = told(station.hub("migrate", **{name: value}))

    assert code == 2
    assert len(lines) == 1
    assert said in lines[0]


def test_a_port_that_is_taken_is_told_before_anything_is_started(make_station):
    bare = make_station()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        served = told(bare.hub("serve", HUB_PORT=port))
        shown = told(bare.hub("demo", HUB_PORT=port))

    for code, lines in (served, shown):
        assert code == 2
        assert len(lines) == 1
        assert f"127.0.0.1:{port} cannot be listened on" in lines[0]
    assert not (bare.var / "sandbox").exists()
    assert not (bare.var / "keys").exists()


SECRET = "rahasia-" * 5


@pytest.mark.parametrize("issuer", ["https://hub.example", "http://10.1.2.3:8000"])
def test_tokens_bound_to_nothing_are_refused_where_others_reach_the_hub(make_station, issuer):
    bare = make_station()

    served = told(bare.hub("serve", HUB_DEMO_BEARER="true", HUB_ISSUER=issuer))
    shown = told(bare.hub("demo", HUB_ISSUER=issuer))

    line = "hub: HUB_DEMO_BEARER: only for a hub on a loopback address; elsewhere tokens are bound to their client"
    assert (served, shown) == ((2, [line]), (2, [line]))
    assert [one.name for one in bare.var.iterdir()] == []


def test_an_address_that_others_reach_is_no_issuer_of_such_tokens_either(make_station):
    code, lines = told(make_station().hub("serve", HUB_DEMO_BEARER="true", HUB_HOST="0.0.0.0"))  # noqa: S104 -- what is refused

    assert code == 2
    assert len(lines) == 1
    assert lines[0].startswith("hub: HUB_DEMO_BEARER: ")


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (
            {"HUB_MTLS_URL": "https://mtls.hub.example"},
            "HUB_MTLS_URL: HUB_MTLS_URL and HUB_MTLS_PROXY_SECRET are set together or not at all",
        ),
        (
            {"HUB_MTLS_PROXY_SECRET": SECRET},
            "HUB_MTLS_URL: HUB_MTLS_URL and HUB_MTLS_PROXY_SECRET are set together or not at all",
        ),
        (
            {"HUB_MTLS_URL": "https://mtls.hub.example", "HUB_MTLS_PROXY_SECRET": SECRET[:31]},
            "HUB_MTLS_PROXY_SECRET: must have at least 32 characters, random ones",
        ),
        (
            {"HUB_MAIL_URL": "smtps://mail.hub.example"},
            "HUB_MAIL_URL: HUB_MAIL_URL, HUB_MAIL_FROM and HUB_NOTICE_ADDRESSES are set together or not at all",
        ),
    ],
)
def test_half_of_a_setting_is_refused_before_anything_is_started(make_station, given, line):
    bare = make_station()

    assert told(bare.hub("serve", **given)) == (2, [f"hub: {line}"])
    assert [one.name for one in bare.var.iterdir()] == []


@pytest.mark.parametrize("given", ["*", "10.0.0.0/8, proxy.example"])
def test_a_proxy_that_is_no_address_is_refused_before_anything_is_started(make_station, given):
    bare = make_station()

    assert told(bare.hub("serve", HUB_FORWARDED_BY=given)) == (
        2,
        ["hub: HUB_FORWARDED_BY: must be IP addresses or networks such as 10.0.0.0/8, with commas between"],
    )
    assert [one.name for one in bare.var.iterdir()] == []


KNOWN = {"HUB_MTLS_URL": "https://mtls.hub.example", "HUB_MTLS_PROXY_SECRET": SECRET}
PLACE = {"HUB_GATEWAY_URL": "https://gateway.example/graphql"}
TOGETHER = (
    "HUB_GATEWAY_URL: HUB_GATEWAY_URL, HUB_GATEWAY_CERTIFICATES and HUB_MTLS_URL are set together; the gateway is known"
    " by its certificate alone"
)


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (KNOWN | PLACE, TOGETHER),
        (KNOWN | {"HUB_GATEWAY_CERTIFICATES": "A" * 43}, TOGETHER),
        (PLACE | {"HUB_GATEWAY_CERTIFICATES": "A" * 43}, TOGETHER),
        (
            KNOWN | PLACE | {"HUB_GATEWAY_CERTIFICATES": f"{'A' * 43},"},
            "HUB_GATEWAY_CERTIFICATES: must be SHA-256 thumbprints in base64url, 43 characters each, with commas between",
        ),
        (
            KNOWN | {"HUB_GATEWAY_URL": "http://gateway.example", "HUB_GATEWAY_CERTIFICATES": "A" * 43},
            "HUB_GATEWAY_URL: must be the https URL by which callers know the gateway's endpoint",
        ),
    ],
)
def test_a_gateway_that_cannot_be_known_is_refused_before_anything_is_started(make_station, given, line):
    bare = make_station()

    assert told(bare.hub("serve", **given)) == (2, [f"hub: {line}"])
    assert [one.name for one in bare.var.iterdir()] == []


def test_a_database_that_does_not_answer_is_told_without_its_password(station):
    url = f"postgresql://hub_service:geheim@127.0.0.1:{free_port()}/hub"

    for verb in (["serve"], ["migrate"], ["pull", "polri"], ["link"]):
        code, lines = told(station.hub(*verb, HUB_DATABASE_URL=url))

        assert code == 1
        assert len(lines) == 1
        assert "HUB_DATABASE_URL" in lines[0]
        assert "geheim" not in lines[0]


def test_another_schema_revision_is_told_with_the_command_to_run(station):
    cluster = station.cluster()
    cluster.create_database("bare")

    for verb in (["serve"], ["pull", "polri"], ["link"], ["rebuild"]):
        code, lines = told(station.hub(*verb, HUB_DATABASE_URL=cluster.url("hub_owner", "bare")))

        assert code == 1
        assert len(lines) == 1
        assert "run `python -m hub migrate`" in lines[0]


def test_a_missing_root_key_is_told_with_the_command_to_run(station):
    code, lines = told(station.hub("link", HUB_KEY_FILE=str(station.var / "no.key")))

    assert code == 2
    assert len(lines) == 1
    assert "`python -m hub key`" in lines[0]


def test_a_root_key_is_never_written_over(station):
    before = (station.var / "keys" / "root.key").read_bytes()

    code, lines = told(station.hub("key"))

    assert code == 2
    assert len(lines) == 1
    assert (station.var / "keys" / "root.key").read_bytes() == before


def test_a_client_that_nobody_knows_is_told_with_the_known_ones(station):
    code, lines = told(station.hub("token", "nobody"))

    assert code == 2
    assert len(lines) == 1
    assert "make demo" in lines[0]

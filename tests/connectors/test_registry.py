"""The registry: agencies found by walking, their settings checked before anything is asked."""

import re

import asyncssh
import pytest

from connectors import registry
from connectors.transport import setting
from schema.errors import SettingError
from tests.connectors.reading import nobody

AGENCIES = ("imigrasi", "kemensos", "kemnaker", "polri")


def given(agency: str) -> dict[str, str]:
    """Settings of an agency that is nowhere."""
    return {
        "polri": {"url": "https://polri.example", "client_id": "hub", "client_secret": "s"},
        "imigrasi": {"wsdl": "https://imigrasi.example/simkim?wsdl", "username": "hub", "password": "s"},
        "kemnaker": {"dsn": "postgresql://hub:s@db.example/x?sslmode=verify-full&sslrootcert=/ca.pem"},
        "kemensos": {
            "host": "sftp.example",
            "username": "hub",
            "password": "s",
            "host_key": asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode(),
        },
    }[agency]


def test_every_agency_of_the_folder_is_known_in_order():
    assert registry.agencies() == AGENCIES


@pytest.mark.parametrize("agency", AGENCIES)
def test_an_agency_is_loaded_with_its_code_its_source_and_its_mapping(agency: str):
    connector = registry.load(agency, given(agency), lookup=nobody)

    assert connector.agency == agency.upper()
    assert connector.by_lookup is (agency == "imigrasi")
    assert re.fullmatch(r"[\w.-]+", connector.mapping.version)


@pytest.mark.parametrize("agency", AGENCIES)
def test_what_a_connector_shows_of_itself_holds_no_secret(agency: str):
    secret = "rahasia-sekali"  # noqa: S105 -- invented
    settings = {name: value.replace("hub:s@", f"hub:{secret}@") for name, value in given(agency).items()}
    for each in registry.settings(agency):
        if each.secret and each.name != "dsn":
            settings[each.name] = secret

    shown = repr(registry.load(agency, settings, lookup=nobody))

    assert secret in "".join(settings.values())
    assert secret not in shown


@pytest.mark.parametrize("agency", AGENCIES)
def test_each_setting_that_must_be_set_is_told_by_its_variable(agency: str):
    for each in registry.settings(agency):
        if each.default is None:
            rest = {name: value for name, value in given(agency).items() if name != each.name}

            with pytest.raises(SettingError) as told:
                registry.load(agency, rest, lookup=nobody)

            variable = f"HUB_AGENCY__{agency.upper()}__{each.name.upper()}"
            assert str(told.value) == f"{variable}: is missing; write the {each.description}"


@pytest.mark.parametrize("agency", AGENCIES)
def test_every_agency_begins_with_the_form(agency: str):
    fields = re.findall(r"^([A-Z][a-z]+(?: basis)?): ", registry.about(agency), re.MULTILINE)

    assert fields == ["Agency", "Legal basis", "Access", "Cursor", "Caveats"]


@pytest.mark.parametrize("agency", AGENCIES)
def test_settings_are_described_for_an_operator(agency: str):
    for each in registry.settings(agency):
        assert re.fullmatch(r"[a-z][a-z_]*", each.name)
        assert not each.name.endswith("_file"), "the environment would read it as a path"
        assert each.description[0].islower()
        assert not each.description.endswith(".")


@pytest.mark.parametrize(
    ("agency", "name", "value", "advice"),
    [
        ("polri", "url", "http://polri.example", "write https; http is accepted on this machine only"),
        ("polri", "url", "https://hub:geheim@polri.example", "take user and password out of the address"),
        ("polri", "url", "polri.example", "write an address such as https://host/path"),
        ("polri", "url", "https://polri.example/?geheim=1", "take the part from ? on out of the address"),
        ("polri", "url", "https://polri.example:geheim", "write an address such as https://host/path"),
        ("polri", "client_id", "geheim\nX-Header: 1", "write one line of printable text"),
        ("polri", "ca", "geheim", "write certificates in PEM, or use ..._CA_FILE"),
        ("imigrasi", "wsdl", "file:///geheim", "write an address such as https://host/path"),
        ("kemnaker", "dsn", "postgresql://hub:geheim@db.example/x", "sslmode=verify-full"),
        ("kemensos", "port", "geheim", "write a number from 1 to 65535"),
        ("kemensos", "port", "70000", "write a number from 1 to 65535"),
        ("kemensos", "host_key", "ssh-ed25519 geheim", "as in known_hosts"),
    ],
)
def test_a_malformed_setting_is_told_by_its_variable_and_never_by_its_value(
    agency: str, name: str, value: str, advice: str
):
    with pytest.raises(SettingError) as told:
        registry.load(agency, given(agency) | {name: value}, lookup=nobody)

    assert told.value.name == f"HUB_AGENCY__{agency.upper()}__{name.upper()}"
    assert advice in str(told.value)
    assert "geheim" not in str(told.value)


def test_a_setting_that_is_not_known_is_told_with_the_one_that_was_meant():
    with pytest.raises(SettingError) as told:
        registry.load("polri", given("polri") | {"client_secrt": "geheim"}, lookup=nobody)

    assert str(told.value) == (
        "HUB_AGENCY__POLRI__CLIENT_SECRT: polri has no such setting; did you mean HUB_AGENCY__POLRI__CLIENT_SECRET?"
    )


@pytest.mark.parametrize(("word", "meant"), [("kemnakr", "did you mean kemnaker? "), ("lpsk", "")])
def test_an_agency_that_is_not_known_is_told_with_those_that_are(word: str, meant: str):
    with pytest.raises(SettingError) as told:
        registry.load(word, {}, lookup=nobody)

    expected = f"there is no such agency; {meant}known are imigrasi, kemensos, kemnaker, polri"
    assert str(told.value) == f"HUB_AGENCY__{word.upper()}: {expected}"


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
def test_this_machine_may_be_asked_without_tls(host: str):
    assert setting.web_address(f"http://{host}:8000/x") is None


@pytest.mark.parametrize("host", ["127.0.0.1.example", "10.0.0.1", "localhost.example", "169.254.169.254"])
def test_no_other_host_may(host: str):
    assert setting.web_address(f"http://{host}:8000/x") is not None

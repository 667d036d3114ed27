"""What an operator sets is read once, and what is wrong is told by the name of its variable."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from hub import settings
from hub.settings import Settings
from schema.errors import SettingError

PASSWORD = "rahasia-sekali"  # noqa: S105 -- of nobody
URL = f"postgresql://hub_service:{PASSWORD}@db.example/hub"


def refused(environment: dict[str, str]) -> str:
    with pytest.raises(SettingError) as told:
        settings.load(environment)
    return str(told.value)


def test_nothing_has_to_be_set():
    assert settings.load({}) == Settings()


def test_a_value_is_read_as_what_it_is():
    loaded = settings.load(
        {
            "HUB_VAR": "/srv/hub",
            "HUB_PORT": "9000",
            "HUB_PULL_INTERVAL_S": "0.5",
            "HUB_LOG_LEVEL": "warning",
            "HUB_DATABASE_URL": URL,
        }
    )

    assert loaded == Settings(
        var=Path("/srv/hub"),
        port=9000,
        pull_interval_s=0.5,
        log_level="warning",
        database_url=SecretStr(URL),
    )


def test_the_environment_of_the_process_is_read_when_none_is_given(monkeypatch):
    monkeypatch.setenv("HUB_PORT", "9001")

    assert settings.load().port == 9001


def test_variables_of_others_are_left_alone():
    assert settings.load({"PATH": "/bin", "HUBUNGAN": "x", "PORT": "x"}) == Settings()


def test_an_unknown_name_is_refused_with_the_one_that_is_near():
    assert refused({"HUB_PROT": "9000"}) == "HUB_PROT: there is no such setting; did you mean HUB_PORT?"


def test_an_unknown_name_that_is_near_to_none_is_refused_without_a_guess():
    assert refused({"HUB_XYZZY": "1"}) == "HUB_XYZZY: there is no such setting"


def test_the_bare_prefix_is_no_setting():
    assert refused({"HUB_": "1"}) == "HUB_: there is no such setting"


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("HUB_PORT", "eighty", "Input should be a valid integer, unable to parse string as an integer"),
        ("HUB_PORT", "0", "Input should be greater than or equal to 1"),
        ("HUB_PORT", "70000", "Input should be less than or equal to 65535"),
        ("HUB_PULL_INTERVAL_S", "0", "Input should be greater than 0"),
        ("HUB_PULL_INTERVAL_S", "inf", "Input should be a finite number"),
        ("HUB_PG_START_TIMEOUT", "nan", "Input should be a finite number"),
        ("HUB_LOG_LEVEL", "loud", "Input should be 'debug', 'info', 'warning' or 'error'"),
    ],
)
def test_a_wrong_value_is_told_by_its_variable_and_not_shown(name, value, problem):
    assert refused({name: value}) == f"{name}: {problem}"


def test_a_name_in_small_letters_is_the_same_setting():
    assert settings.load({"hub_port": "9000"}).port == 9000
    assert refused({"HUB_PORT": "9000", "hub_port": "9001"}) == "hub_port: HUB_PORT is set too; leave one out"


def test_a_wrong_value_is_told_by_the_name_under_which_it_was_given(tmp_path):
    path = tmp_path / "port"
    path.write_text("eighty")

    assert refused({"HUB_PORT_FILE": str(path)}).startswith("HUB_PORT_FILE: Input should be a valid integer")


class TestOfAFile:
    def test_a_value_may_stand_in_a_file(self, tmp_path):
        path = tmp_path / "url"
        path.write_text(URL + "\n")

        assert settings.load({"HUB_DATABASE_URL_FILE": str(path)}) == settings.load({"HUB_DATABASE_URL": URL})

    def test_the_name_of_the_root_keys_file_is_a_setting_itself(self, tmp_path):
        path = tmp_path / "root.key"

        loaded = settings.load({"HUB_KEY_FILE": str(path)})

        assert (loaded.key_file, loaded.root_key_file) == (path, path)

    def test_the_root_keys_file_may_be_named_in_a_file(self, tmp_path):
        path = tmp_path / "where"
        path.write_text("/run/keys/root.key\n")

        assert settings.load({"HUB_KEY_FILE_FILE": str(path)}).key_file == Path("/run/keys/root.key")

    def test_a_file_that_is_not_there_is_told_by_the_variable(self, tmp_path):
        message = refused({"HUB_DATABASE_URL_FILE": str(tmp_path / "none")})

        assert message == "HUB_DATABASE_URL_FILE: the file cannot be read (No such file or directory)"

    def test_a_file_that_is_no_text_is_told_by_the_variable(self, tmp_path):
        path = tmp_path / "url"
        path.write_bytes(b"\xff\xfe")

        assert refused({"HUB_DATABASE_URL_FILE": str(path)}) == (
            "HUB_DATABASE_URL_FILE: the file is not text in UTF-8"
        )

    def test_an_unknown_name_is_refused_before_its_file_is_looked_at(self):
        assert refused({"HUB_PROT_FILE": "/nowhere"}) == (
            "HUB_PROT_FILE: there is no such setting; did you mean HUB_PORT_FILE?"
        )

    def test_a_value_that_stands_in_two_places_is_refused(self, tmp_path):
        path = tmp_path / "port"
        path.write_text("9000")

        assert refused({"HUB_PORT": "9001", "HUB_PORT_FILE": str(path)}) == (
            "HUB_PORT_FILE: HUB_PORT is set too; leave one out"
        )


class TestOfAnAgency:
    def test_its_words_are_told_apart_by_two_underscores(self, tmp_path):
        path = tmp_path / "secret"
        path.write_text(PASSWORD + "\n")

        loaded = settings.load(
            {
                "HUB_AGENCY__POLRI__URL": "https://polri.example",
                "HUB_AGENCY__POLRI__CLIENT_SECRET_FILE": str(path),
                "HUB_AGENCY__KEMENSOS__URL": "https://kemensos.example",
            }
        )

        assert loaded.agency == {
            "polri": {"url": "https://polri.example", "client_secret": PASSWORD},
            "kemensos": {"url": "https://kemensos.example"},
        }

    @pytest.mark.parametrize(
        "name",
        [
            "HUB_AGENCY",
            "HUB_AGENCY_POLRI_URL",
            "HUB_AGENCY__POLRI",
            "HUB_AGENCY__POLRI__",
            "HUB_AGENCY__POLRI__TLS__CA",
            "HUB_AGENCY__POLRI___URL",
            "HUB_AGENCY____URL",
            "HUB_AGENCYS__POLRI__URL",
        ],
    )
    def test_another_form_is_refused(self, name):
        assert refused({name: "x"}) == f"{name}: write HUB_AGENCY__<AGENCY>__<NAME>"


def test_no_secret_is_shown_by_the_settings():
    loaded = settings.load(
        {
            "HUB_DATABASE_URL": URL,
            "HUB_DATABASE_OWNER_URL": URL,
            "HUB_AGENCY__POLRI__CLIENT_SECRET": PASSWORD,
        }
    )

    assert PASSWORD not in f"{loaded!r} {loaded}"


def test_settings_do_not_change():
    loaded = settings.load({})

    with pytest.raises(ValidationError, match="frozen"):
        loaded.port = 1


@pytest.mark.parametrize(
    ("environment", "issuer"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"HUB_HOST": "::1", "HUB_PORT": "81"}, "http://[::1]:81"),
        ({"HUB_ISSUER": "https://hub.example/"}, "https://hub.example"),
    ],
)
def test_the_issuer_has_no_slash_at_its_end(environment, issuer):
    assert settings.load(environment).public_issuer == issuer


def test_the_root_key_is_below_the_folder_of_the_run_unless_it_is_named():
    assert settings.load({"HUB_VAR": "/srv/hub"}).root_key_file == Path("/srv/hub/keys/root.key")


@pytest.mark.parametrize(
    ("environment", "is_known"),
    [
        ({}, True),
        ({"HUB_ISSUER": "https://hub.example"}, False),
        ({"HUB_ISSUER": "https://hub.example", "HUB_FORWARDED_BY": "10.0.0.0/8"}, True),
    ],
)
def test_callers_addresses_are_known_where_there_is_no_proxy_or_it_is_named(environment, is_known):
    assert settings.load(environment).is_address_known is is_known

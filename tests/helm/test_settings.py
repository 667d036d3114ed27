"""What the chart sets is what the hub reads: the hub's own code loads the rendered environment."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from hub import settings
from hub.settings import Settings
from tests.helm.chart import ARGO_CD, EXAMPLES, MINIMAL, PRODUCTION

NOT_SET = {
    "pg_bin_dir": "the image sets it, so that a hub without a database stops",
    "pg_start_timeout": "no embedded PostgreSQL runs in a cluster",
    **dict.fromkeys(
        (
            "query_body_bytes",
            "query_tokens",
            "query_depth",
            "query_aliases",
            "query_directives",
            "query_page",
            "query_subscriptions",
        ),
        "limits of a document are alike everywhere; extraEnv lowers one",
    ),
    "demo_bearer": "only a hub on a loopback address may have it",
}
"""Settings that the chart does not set, each with its reason."""


def load(rendered, component: str, folder: Path) -> Settings:
    """The settings as a component reads them; each secret file holds the name of its place, `SECRET/KEY`."""
    shown = rendered.secret_files(component)
    environment = {}
    for name, value in rendered.environment(component).items():
        if name.endswith("_FILE") and name != "HUB_KEY_FILE":
            file = folder / name
            file.write_text(shown[value])
            environment[name] = str(file)
        else:
            environment[name] = value
    return settings.load(environment)


def bare(name: str) -> str:
    """The setting that a variable sets."""
    plain = name.removeprefix("HUB_").lower()
    if plain.startswith("agency__"):
        return "agency"
    return plain if plain in Settings.model_fields else plain.removesuffix("_file")


def test_the_api_reads_its_settings(chart, tmp_path):
    assert load(chart.render(PRODUCTION), "api", tmp_path) == Settings(
        var=Path("/var/lib/hub"),
        database_url=SecretStr("tppo-hub/database-url"),
        database_pool_size=10,
        key_file=Path("/run/hub/key/root.key"),
        host="0.0.0.0",  # noqa: S104 -- in a pod
        port=8000,
        issuer="https://hub.example.go.id",
        forwarded_by="10.244.0.0/16",
        mtls_url="https://mtls.hub.example.go.id",
        mtls_proxy_secret=SecretStr("tppo-hub/mtls-proxy-secret"),
        mail_url=SecretStr("tppo-hub/mail-url"),
        mail_from="hub@example.go.id",
        notice_addresses="POLRI=ppdp@polri.example.go.id,SATGAS_TPPO=ppdp@satgas.example.go.id",
        gateway_url="https://gateway.example.go.id/graphql",
        gateway_certificates="A" * 43,
        pull_interval_s=600,
        log_level="info",
    )


@pytest.mark.parametrize(
    "half",
    [
        {"settings": {"mtlsUrl": "https://mtls.example.go.id"}},
        {"existingSecret": {"mtlsProxySecretKey": "mtls-proxy-secret"}},
    ],
)
def test_half_of_a_proxy_for_certificates_is_refused(chart, half):
    told = chart.refusal(half)

    assert "settings.mtlsUrl and existingSecret.mtlsProxySecretKey are given together or not at all" in told


@pytest.mark.parametrize(
    "part",
    [
        {"gatewayUrl": "https://gateway.example.go.id/graphql"},
        {"gatewayCertificates": "A" * 43},
        {"gatewayUrl": "https://gateway.example.go.id/graphql", "gatewayCertificates": "A" * 43},
    ],
)
def test_a_gateway_that_cannot_be_known_is_refused(chart, part):
    told = chart.refusal({"settings": part})

    assert "settings.gatewayUrl and settings.gatewayCertificates are given together" in told


@pytest.mark.parametrize(
    "part",
    [
        {"settings": {"mailFrom": "hub@example.go.id"}},
        {"settings": {"noticeAddresses": "POLRI=ppdp@polri.example.go.id"}},
        {"existingSecret": {"mailUrlKey": "mail-url"}},
    ],
)
def test_a_part_of_a_mail_server_is_refused(chart, part):
    told = chart.refusal(part)

    assert "existingSecret.mailUrlKey are given together or not at all" in told


def test_the_api_alone_sees_the_password_of_the_mail_server(chart):
    rendered = chart.render(PRODUCTION)

    assert [
        component
        for component in ("api", "worker", "migrate")
        if "tppo-hub/mail-url" in rendered.secret_files(component).values()
    ] == ["api"]


def test_the_api_alone_sees_the_secret_of_the_proxy(chart):
    rendered = chart.render(PRODUCTION)

    assert [
        component
        for component in ("api", "worker", "migrate")
        if "tppo-hub/mtls-proxy-secret" in rendered.secret_files(component).values()
    ] == ["api"]
    assert "mtls" not in str(chart.render(MINIMAL).all)


def test_the_worker_alone_reads_the_agencies_with_their_credentials(chart, tmp_path):
    read = load(chart.render(PRODUCTION), "worker", tmp_path)

    assert read.database_url == SecretStr("tppo-hub/database-url")
    assert read.agency == {
        "polri": {
            "url": "https://api.polri.example.go.id",
            "client_id": "tppo-hub",
            "client_secret": "tppo-polri/client-secret",
        },
        "imigrasi": {
            "wsdl": "https://soap.imigrasi.example.go.id/perlintasan?wsdl",
            "username": "tppo-hub",
            "password": "tppo-imigrasi/password",
        },
        "kemnaker": {"dsn": "tppo-kemnaker/dsn"},
        "kemensos": {
            "host": "sftp.kemensos.example.go.id",
            "port": "22",
            "username": "tppo-hub",
            "host_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "password": "tppo-kemensos/password",
        },
    }


def test_the_migration_reads_both_urls_and_little_else(chart, tmp_path):
    assert load(chart.render(MINIMAL), "migrate", tmp_path) == Settings(
        var=Path("/var/lib/hub"),
        database_url=SecretStr("tppo-hub/database-url"),
        database_owner_url=SecretStr("tppo-hub/database-owner-url"),
    )


@pytest.mark.parametrize("component", ["api", "worker", "migrate"])
def test_every_example_is_read(chart, example, component, tmp_path):
    assert load(chart.render(example), component, tmp_path).database_url is not None


def test_every_setting_is_set_by_the_chart_or_left_out_for_a_reason(chart):
    """Whoever adds a setting gives it a value in helm/, or a reason in NOT_SET."""
    names = {
        name
        for example in EXAMPLES
        for component in ("api", "worker", "migrate")
        for name in chart.render(example).environment(component)
    }

    assert {bare(name) for name in names} | NOT_SET.keys() == Settings.model_fields.keys()
    assert {bare(name) for name in names} & NOT_SET.keys() == set()


@pytest.mark.parametrize(
    ("value", "setting", "read"),
    [
        ("host", "host", "::"),
        ("logLevel", "log_level", "debug"),
        ("databasePoolSize", "database_pool_size", 100),
        ("pullIntervalS", "pull_interval_s", 2_592_000),
        ("pullIntervalS", "pull_interval_s", 0.5),
        ("queryCostLimit", "query_cost_limit", 10_000),
        ("queryBudget", "query_budget", 123_456_789_012),
        ("queryBudget", "query_budget", 0),
        ("queryTimeoutS", "query_timeout_s", 600),
        ("queryConcurrency", "query_concurrency", 0),
        ("personMatchRate", "person_match_rate", 5),
        ("oauthRate", "oauth_rate", 60),
        ("oauthFailures", "oauth_failures", 0),
        ("eventRetentionDays", "event_retention_days", 365),
        ("issuer", "issuer", "https://tppo.example.go.id:8443"),
    ],
)
def test_a_value_arrives_as_it_was_given(chart, tmp_path, value, setting, read):
    rendered = chart.render_with(MINIMAL, {"settings": {value: read}})

    assert getattr(load(rendered, "api", tmp_path), setting) == read


def test_keys_of_the_secret_can_have_other_names(chart, tmp_path):
    named = {"databaseUrlKey": "url", "databaseOwnerUrlKey": "owner", "rootKeyKey": "key"}
    rendered = chart.render_with(MINIMAL, {"existingSecret": named})

    read = load(rendered, "migrate", tmp_path)
    (root_key,) = [one for one in rendered.pod("api")["volumes"] if one["name"] == "root-key"]

    assert (read.database_url, read.database_owner_url) == (
        SecretStr("tppo-hub/url"),
        SecretStr("tppo-hub/owner"),
    )
    assert root_key["secret"]["items"] == [{"key": "key", "path": "root-key"}]


def test_a_secret_is_readable_by_the_pods_group_alone(chart, example):
    rendered = chart.render(example)

    modes = [
        volume.get("secret", volume.get("projected"))["defaultMode"]
        for pod in rendered.pods().values()
        for volume in pod["spec"]["volumes"]
        if {"secret", "projected"} & volume.keys()
    ]

    assert modes == [0o440] * 5


def test_no_credential_is_a_plain_variable(chart, example):
    rendered = chart.render(example)

    for component in ("api", "worker", "migrate"):
        for name in rendered.environment(component):
            assert name.endswith("_FILE") or not any(
                word in name for word in ("PASSWORD", "SECRET", "TOKEN", "DSN", "DATABASE_URL", "OWNER_URL")
            )


def test_a_setting_of_an_agency_is_plain_or_secret_but_not_both(chart):
    agency = {
        "settings": {"username": "a"},
        "secret": {"name": "s", "keys": {"username": "k"}},
        "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.1/32"}}], "ports": [{"port": 443}]}],
    }

    told = chart.refusal({"agencies": {"polri": agency}})

    assert "agencies.polri: username is in settings and in secret.keys; keep one" in told


def test_further_variables_and_volumes_reach_every_pod_of_the_hub(chart):
    extra = {
        "extraEnv": [{"name": "HTTPS_PROXY", "value": "http://proxy.example.go.id:3128"}],
        "extraVolumes": [{"name": "ca", "configMap": {"name": "ca"}}],
        "extraVolumeMounts": [{"name": "ca", "mountPath": "/etc/hub/ca", "readOnly": True}],
    }
    rendered = chart.render_with(ARGO_CD, extra)

    for component in ("api", "worker", "migrate"):
        assert extra["extraEnv"][0] in rendered.container(component)["env"]
        assert extra["extraVolumes"][0] in rendered.pod(component)["volumes"]
        assert extra["extraVolumeMounts"][0] in rendered.container(component)["volumeMounts"]

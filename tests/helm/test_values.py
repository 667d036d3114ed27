"""The schema of the values: closed, described, and every rule of it refuses something."""

import json
from collections.abc import Iterator

import pytest

from tests.helm import values_table
from tests.helm.chart import FOLDER, MINIMAL

DIGEST = "sha256:" + "0" * 64
PEER = {"ipBlock": {"cidr": "10.30.1.10/32"}}
EGRESS = [{"to": [PEER], "ports": [{"port": 443}]}]
OPEN = {"kubernetes", "global"}
"""Objects that others define: Kubernetes', and Helm's own value for parts of a chart."""

REFUSED = {
    "an unknown value": ({"replicas": 2}, "'replicas' not allowed"),
    "an unknown value inside": ({"api": {"replicacount": 2}}, "'replicacount' not allowed"),
    "a default taken away": ({"networkPolicy": {"dns": None}}, "missing property 'dns'"),
    "an image without a place": ({"image": {"repository": None}}, "/image/repository"),
    "the tag latest": ({"image": {"tag": "latest"}}, "/image/tag"),
    "a tag with a space": ({"image": {"tag": "0 1"}}, "/image/tag"),
    "a digest of another kind": ({"image": {"digest": "md5:0"}}, "/image/digest"),
    "a digest that is too short": ({"image": {"digest": DIGEST[:-1]}}, "/image/digest"),
    "a bad pull policy": ({"image": {"pullPolicy": "Sometimes"}}, "/image/pullPolicy"),
    "a pull secret without a name": ({"imagePullSecrets": [{}]}, "missing property 'name'"),
    "a name in capitals": ({"fullnameOverride": "Hub"}, "/fullnameOverride"),
    "a name that is too long": ({"fullnameOverride": "a" * 47}, "/fullnameOverride"),
    "no issuer": ({"settings": {"issuer": None}}, "/settings/issuer"),
    "an issuer without TLS": ({"settings": {"issuer": "http://hub.example.go.id"}}, "/settings/issuer"),
    "an issuer with a path": ({"settings": {"issuer": "https://hub.example.go.id/a"}}, "/settings/issuer"),
    "a loopback address": ({"settings": {"host": "127.0.0.1"}}, "/settings/host"),
    "an unknown log level": ({"settings": {"logLevel": "trace"}}, "/settings/logLevel"),
    "an empty pool": ({"settings": {"databasePoolSize": 0}}, "/settings/databasePoolSize"),
    "a huge pool": ({"settings": {"databasePoolSize": 101}}, "/settings/databasePoolSize"),
    "pulls without pause": ({"settings": {"pullIntervalS": 0}}, "/settings/pullIntervalS"),
    "a cost that no query has": ({"settings": {"queryCostLimit": 9_999}}, "/settings/queryCostLimit"),
    "a debt": ({"settings": {"queryBudget": -1}}, "/settings/queryBudget"),
    "queries without an end": ({"settings": {"queryTimeoutS": 0}}, "/settings/queryTimeoutS"),
    "a setting that is a secret": (
        {"settings": {"databaseUrl": "postgresql://"}},
        "'databaseUrl' not allowed",
    ),
    "no secret": ({"existingSecret": {"name": None}}, "/existingSecret/name"),
    "a key with a slash": ({"existingSecret": {"rootKeyKey": "a/b"}}, "/existingSecret/rootKeyKey"),
    "an agency in capitals": ({"agencies": {"POLRI": {"egress": EGRESS}}}, "'POLRI' not allowed"),
    "an agency of two words apart": ({"agencies": {"pol__ri": {"egress": EGRESS}}}, "'pol__ri' not allowed"),
    "an agency that cannot be reached": ({"agencies": {"polri": {}}}, "missing property 'egress'"),
    "an agency everywhere": (
        {"agencies": {"polri": {"egress": [{"to": [], "ports": [{"port": 443}]}]}}},
        "/agencies/polri/egress/0/to",
    ),
    "an agency on every port": (
        {"agencies": {"polri": {"egress": [{"to": [PEER]}]}}},
        "missing property 'ports'",
    ),
    "a password in plain": (
        {"agencies": {"polri": {"egress": EGRESS, "settings": {"password": "x"}}}},
        "/agencies/polri/settings/password",
    ),
    "a connection string in plain": (
        {"agencies": {"polri": {"egress": EGRESS, "settings": {"dsn": "x"}}}},
        "/agencies/polri/settings/dsn",
    ),
    "a setting that would be read as a file": (
        {"agencies": {"polri": {"egress": EGRESS, "settings": {"host_key_file": "x"}}}},
        "/agencies/polri/settings/host_key_file",
    ),
    "a number where a text is needed": (
        {"agencies": {"polri": {"egress": EGRESS, "settings": {"port": 22}}}},
        "/agencies/polri/settings/port",
    ),
    "credentials without a secret": (
        {"agencies": {"polri": {"egress": EGRESS, "secret": {"keys": {"token": "token"}}}}},
        "missing property 'name'",
    ),
    "no replica": ({"api": {"replicaCount": 0}}, "/api/replicaCount"),
    "half a replica": ({"api": {"replicaCount": 1.5}}, "/api/replicaCount"),
    "a scaler that scales to nothing": ({"api": {"autoscaling": {"minReplicas": 0}}}, "/minReplicas"),
    "a utilization above all": (
        {"api": {"autoscaling": {"targetCPUUtilizationPercentage": 101}}},
        "/targetCPUUtilizationPercentage",
    ),
    "a budget that stops every drain": (
        {"api": {"podDisruptionBudget": {"maxUnavailable": 0}}},
        "/maxUnavailable",
    ),
    "another probe": ({"api": {"probes": {"liveness": {"path": "/readyz"}}}}, "'path' not allowed"),
    "a probe without pause": ({"api": {"probes": {"liveness": {"periodSeconds": 0}}}}, "/periodSeconds"),
    "no time to leave the Service": ({"api": {"preStopSeconds": 0}}, "/api/preStopSeconds"),
    "another spread": ({"api": {"spread": "Never"}}, "/api/spread"),
    "an unknown resource": ({"api": {"resources": {"limits": {"gpu": 1}}}}, "'gpu' not allowed"),
    "an annotation that is no text": ({"api": {"podAnnotations": {"a": 1}}}, "/api/podAnnotations/a"),
    "two workers": ({"worker": {"replicaCount": 2}}, "'replicaCount' not allowed"),
    "a migration without an end": ({"migrations": {"activeDeadlineSeconds": 0}}, "/activeDeadlineSeconds"),
    "tries without an end": ({"migrations": {"backoffLimit": 21}}, "/migrations/backoffLimit"),
    "hooks that are neither on nor off": ({"migrations": {"useHelmHooks": "no"}}, "/migrations/useHelmHooks"),
    "another kind of Service": ({"service": {"type": "ExternalName"}}, "/service/type"),
    "a port that is none": ({"service": {"port": 65536}}, "/service/port"),
    "metrics for the world": ({"publicPaths": ["/metrics"]}, "/publicPaths/0"),
    "everything for the world": ({"publicPaths": ["/"]}, "/publicPaths/0"),
    "nothing for the world": ({"publicPaths": []}, "/publicPaths"),
    "an Ingress without TLS": ({"ingress": {"enabled": True}}, "/ingress/tlsSecretName"),
    "a route without a gateway": ({"httpRoute": {"enabled": True}}, "/httpRoute/parentRefs"),
    "clients that are everybody": ({"networkPolicy": {"clients": []}}, "/networkPolicy/clients"),
    "a database that is nowhere": (
        {"networkPolicy": {"database": {"to": None}}},
        "/networkPolicy/database/to",
    ),
    "a database that is everywhere": ({"networkPolicy": {"database": {"to": []}}}, "/database/to"),
    "scratch without a measure": ({"scratch": {"sizeLimit": "256"}}, "/scratch/sizeLimit"),
    "a HUB_ variable of one's own": (
        {"extraEnv": [{"name": "HUB_DATABASE_URL", "value": "postgresql://"}]},
        "/extraEnv/0/name",
    ),
    "a HUB_ variable in small letters": ({"extraEnv": [{"name": "hub_host"}]}, "/extraEnv/0/name"),
    "a variable without a name": ({"extraEnv": [{"value": "x"}]}, "missing property 'name'"),
}


@pytest.mark.parametrize(("values", "told"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused(chart, values, told):
    refusal = chart.refusal(values)

    assert "values don't meet the specifications of the schema" in refusal
    assert told in refusal


def test_without_values_helm_names_the_four_that_must_be_given(chart):
    answer = chart.run("template")

    assert not answer.ok
    assert {line.strip("- ") for line in answer.error.splitlines() if "missing" in line} == {
        "at '/image': missing property 'repository'",
        "at '/settings': missing property 'issuer'",
        "at '/existingSecret': missing property 'name'",
        "at '/networkPolicy/database': missing property 'to'",
    }


def test_an_agency_needs_no_egress_where_there_are_no_policies(chart):
    assert chart.refusal({"agencies": {"polri": {}}, "networkPolicy": {"enabled": False}}) == ""


def objects(node, place="") -> Iterator[tuple[str, dict]]:
    """Every object of a schema that has a type, with its place; conditions are no objects of their own."""
    if isinstance(node, dict):
        if node.get("type") == "object":
            yield place, node
        for name, inner in node.items():
            if name not in {"allOf", "not", "if", "then"}:
                yield from objects(inner, f"{place}/{name}")


def test_every_object_of_the_schema_is_closed():
    unclosed = {
        place.rpartition("/")[2]
        for place, one in objects(values_table.schema())
        if one.get("additionalProperties", True) is True
    }

    assert unclosed == OPEN


def test_every_object_of_the_schema_needs_what_has_a_default():
    def missing(node, given, place):
        if not isinstance(given, dict) or "properties" not in node:
            return
        yield from (f"{place}.{name}" for name in given if name not in node.get("required", ()))
        for name, value in given.items():
            yield from missing(node["properties"][name], value, f"{place}.{name}")

    assert list(missing(values_table.schema(), values_table.defaults(), "")) == []


def test_every_value_is_described_in_a_sentence_that_fits_a_table():
    described = values_table.values()

    assert [
        one.path for one in described if not one.description.endswith(".") or "|" in one.description
    ] == []
    assert [
        place for place, one in objects(values_table.schema()) if place and "description" not in one
    ] == []


def test_the_schema_is_laid_out_as_json_writes_it():
    text = (FOLDER / "values.schema.json").read_text()

    assert text == json.dumps(json.loads(text), indent=2) + "\n"


def test_the_table_of_values_is_current():
    text = values_table.README.read_text()

    assert values_table.renewed(text) == text, "run python tests/helm/values_table.py"
    assert values_table.table() in text


def test_a_table_that_is_not_current_is_renewed():
    begin, end = "<!-- from values.schema.json and values.yaml -->\n", "<!-- end -->"

    assert values_table.renewed(f"a\n{begin}old\n{end}\nb") == f"a\n{begin}{values_table.table()}{end}\nb"


def test_the_example_with_the_least_gives_just_what_must_be_given(chart):
    assert chart.refusal({}, MINIMAL) == ""

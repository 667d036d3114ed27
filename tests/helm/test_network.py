"""Who may call a pod, whom it may call, and which paths the world sees."""

import pytest

from tests.helm.chart import ARGO_CD, MINIMAL, NAME, PRODUCTION

DNS = {
    "to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}],
    "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}],
}
DATABASE = {
    "to": [{"ipBlock": {"cidr": "10.20.0.5/32"}}],
    "ports": [{"port": 5432, "protocol": "TCP"}],
}
PUBLIC = [
    "/graphql",
    "/schema.graphql",
    "/oauth",
    "/.well-known",
    "/console",
    "/dashboard",
    "/statistics.csv",
    "/statistics.json",
    "/export",
    "/webhooks",
    "/audit/seals",
]


def selecting(component):
    return {
        "podSelector": {
            "matchLabels": {
                "app.kubernetes.io/name": NAME,
                "app.kubernetes.io/instance": NAME,
                "app.kubernetes.io/component": component,
            }
        }
    }


def policy(rendered, component):
    return rendered.one("NetworkPolicy", f"{NAME}-{component}")["spec"]


def test_every_pod_has_one_policy_in_both_directions(chart, example):
    rendered = chart.render(example)
    policies = rendered.of("NetworkPolicy")

    for component, pod in rendered.pods().items():
        labels = pod["metadata"]["labels"]
        matching = [
            one["metadata"]["name"]
            for one in policies
            if one["spec"]["podSelector"]["matchLabels"].items() <= labels.items()
        ]
        assert matching == [f"{NAME}-{component}"]
    assert [one["spec"]["policyTypes"] for one in policies] == [["Ingress", "Egress"]] * 4


def test_the_api_is_called_by_its_clients_and_calls_names_and_database(chart):
    spec = policy(chart.render(MINIMAL), "api")

    assert spec["ingress"] == [
        {"from": [selecting("test"), {"podSelector": {}}], "ports": [{"port": 8000, "protocol": "TCP"}]}
    ]
    assert spec["egress"] == [DNS, DATABASE]


def test_the_api_reaches_issuers_that_are_named_and_the_worker_none(chart):
    issuer = {"to": [{"ipBlock": {"cidr": "203.0.113.20/32"}}], "ports": [{"port": 443, "protocol": "TCP"}]}
    rendered = chart.render(PRODUCTION)

    assert policy(rendered, "api")["egress"][2] == issuer
    assert issuer not in policy(rendered, "worker")["egress"]


def test_the_api_reaches_the_mail_server_that_is_named_and_the_worker_none(chart):
    mail = {"to": [{"ipBlock": {"cidr": "10.20.0.9/32"}}], "ports": [{"port": 465, "protocol": "TCP"}]}
    rendered = chart.render(PRODUCTION)

    assert policy(rendered, "api")["egress"][3:] == [mail]
    assert mail not in policy(rendered, "worker")["egress"]


def test_the_worker_is_called_by_nobody_and_reaches_no_agency_that_is_not_named(chart):
    spec = policy(chart.render(MINIMAL), "worker")

    assert "ingress" not in spec
    assert spec["egress"] == [DNS, DATABASE]


def test_the_worker_reaches_each_agency_at_its_own_address(chart):
    egress = policy(chart.render(PRODUCTION), "worker")["egress"]

    assert {(rule["to"][0]["ipBlock"]["cidr"], rule["ports"][0]["port"]) for rule in egress[2:]} == {
        ("10.30.1.10/32", 443),
        ("10.30.2.10/32", 443),
        ("10.30.3.10/32", 5432),
        ("10.30.4.10/32", 22),
    }


def test_the_migration_calls_names_and_database(chart):
    spec = policy(chart.render(MINIMAL), "migrate")

    assert "ingress" not in spec
    assert spec["egress"] == [DNS, DATABASE]


def test_the_test_pod_calls_names_and_the_api(chart):
    spec = policy(chart.render(MINIMAL), "test")

    assert "ingress" not in spec
    assert spec["egress"] == [
        DNS,
        {"to": [selecting("api")], "ports": [{"port": 8000, "protocol": "TCP"}]},
    ]


def test_no_rule_means_everybody_by_saying_nobody(chart, example):
    """An empty or missing list of peers allows all of them."""
    for one in chart.render(example).of("NetworkPolicy"):
        for rule in one["spec"].get("ingress", []):
            assert rule["from"]
        for rule in one["spec"]["egress"]:
            assert rule["to"]
            assert rule["ports"]


def test_policies_can_be_left_to_somebody_else(chart):
    rendered = chart.render_with(MINIMAL, {"networkPolicy": {"enabled": False}})

    assert rendered.of("NetworkPolicy") == []


@pytest.mark.parametrize("kind", ["Ingress", "HTTPRoute"])
def test_there_is_no_door_to_the_world_unless_asked_for(chart, kind):
    assert chart.render(MINIMAL).of(kind) == []


def test_the_ingress_lets_public_paths_of_the_issuers_host_in_over_tls(chart):
    spec = chart.render(PRODUCTION).one("Ingress", NAME)["spec"]
    (rule,) = spec["rules"]

    assert spec["ingressClassName"] == "nginx"
    assert spec["tls"] == [{"hosts": ["hub.example.go.id"], "secretName": "hub-tls"}]
    assert rule["host"] == "hub.example.go.id"
    assert [(one["path"], one["pathType"]) for one in rule["http"]["paths"]] == [
        (path, "Prefix") for path in PUBLIC
    ]
    assert [one["backend"] for one in rule["http"]["paths"]] == [
        {"service": {"name": NAME, "port": {"name": "http"}}}
    ] * len(PUBLIC)


def test_the_route_lets_public_paths_of_the_issuers_host_in_from_its_gateway(chart):
    route = chart.render(ARGO_CD).one("HTTPRoute", NAME)

    assert route["apiVersion"] == "gateway.networking.k8s.io/v1"
    assert route["spec"] == {
        "parentRefs": [{"name": "public", "namespace": "gateways", "sectionName": "https"}],
        "hostnames": ["hub.example.go.id"],
        "rules": [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": path}} for path in PUBLIC],
                "backendRefs": [{"name": NAME, "port": 80}],
            }
        ],
    }


def test_a_port_of_the_issuer_is_no_part_of_the_host(chart):
    rendered = chart.render_with(PRODUCTION, {"settings": {"issuer": "https://hub.example.go.id:8443"}})

    assert rendered.one("Ingress", NAME)["spec"]["rules"][0]["host"] == "hub.example.go.id"

"""Every pod fits Pod Security `restricted`, and the two Deployments start, serve and end as they should."""

import copy

import pytest

from tests.helm.chart import MINIMAL, NAME, PRODUCTION

COMPONENTS = {"api", "worker", "migrate", "test"}
WRITABLE = {"/tmp", "/var/lib/hub"}  # noqa: S108 -- a path inside the container


def restricted_faults(spec) -> list[str]:
    """What Pod Security `restricted` and our own stricter rules say against a pod."""
    security = spec.get("securityContext", {})
    rules = {
        "may run as root": security.get("runAsNonRoot") is True,
        "has no number of its own": security.get("runAsUser") == 10001,
        "has no seccomp profile": security.get("seccompProfile") == {"type": "RuntimeDefault"},
        "holds a token of Kubernetes": spec.get("automountServiceAccountToken") is False,
        "shares the host's": not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys(),
        "mounts the host": not any("hostPath" in one for one in spec["volumes"]),
    }
    for container in [*spec.get("initContainers", []), *spec["containers"]]:
        name, own = container["name"], container.get("securityContext", {})
        rules |= {
            f"{name}: may gain privileges": own.get("allowPrivilegeEscalation") is False,
            f"{name}: keeps capabilities": own.get("capabilities") == {"drop": ["ALL"]},
            f"{name}: writes to its root": own.get("readOnlyRootFilesystem") is True,
            f"{name}: has no resources": container.get("resources", {}).keys() == {"requests", "limits"},
        }
    return [fault for fault, kept in rules.items() if not kept]


def test_every_pod_is_restricted_hooks_and_tests_too(chart, example):
    pods = chart.render(example).pods()

    assert pods.keys() == COMPONENTS
    assert [fault for pod in pods.values() for fault in restricted_faults(pod["spec"])] == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda spec: spec["securityContext"].pop("runAsNonRoot"), "may run as root"),
        (lambda spec: spec["securityContext"].update(runAsUser=0), "has no number of its own"),
        (lambda spec: spec["securityContext"].pop("seccompProfile"), "has no seccomp profile"),
        (lambda spec: spec.pop("automountServiceAccountToken"), "holds a token of Kubernetes"),
        (lambda spec: spec.update(hostNetwork=True), "shares the host's"),
        (lambda spec: spec["volumes"].append({"name": "h", "hostPath": {}}), "mounts the host"),
        (
            lambda spec: spec["initContainers"][0]["securityContext"].pop("capabilities"),
            "root-key: keeps capabilities",
        ),
        (
            lambda spec: spec["containers"][0]["securityContext"].pop("allowPrivilegeEscalation"),
            "api: may gain privileges",
        ),
        (
            lambda spec: spec["containers"][0]["securityContext"].pop("readOnlyRootFilesystem"),
            "api: writes to its root",
        ),
        (lambda spec: spec["containers"][0].pop("resources"), "api: has no resources"),
    ],
)
def test_a_pod_that_is_not_restricted_is_reported(chart, change, fault):
    spec = copy.deepcopy(chart.render(MINIMAL).pod("api"))

    change(spec)

    assert restricted_faults(spec) == [fault]


@pytest.mark.parametrize("component", sorted(COMPONENTS))
def test_a_pod_writes_to_two_folders_that_end_with_it(chart, component):
    rendered = chart.render(MINIMAL)

    writable = {
        one["mountPath"]: one["name"]
        for one in rendered.container(component)["volumeMounts"]
        if not one.get("readOnly")
    }
    volumes = {one["name"]: one for one in rendered.pod(component)["volumes"]}

    assert writable.keys() == WRITABLE
    assert [volumes[name]["emptyDir"] for name in writable.values()] == [{"sizeLimit": "256Mi"}] * 2


@pytest.mark.parametrize("component", sorted(COMPONENTS))
def test_a_service_named_hub_puts_no_setting_into_a_pod(chart, component):
    rendered = chart.render_with(MINIMAL, {"fullnameOverride": "hub"})

    assert rendered.pod(component)["enableServiceLinks"] is False


@pytest.mark.parametrize(
    ("component", "verb"), [("api", "serve"), ("worker", "worker"), ("migrate", "migrate")]
)
def test_a_container_runs_a_verb_of_the_image(chart, component, verb):
    container = chart.render(MINIMAL).container(component)

    assert (container["args"], "command" in container) == ([verb], False)


@pytest.mark.parametrize(
    ("given", "image"),
    [
        ({}, "registry.example.go.id/tppo/hub:0.1.0"),
        ({"tag": "0.2.0"}, "registry.example.go.id/tppo/hub:0.2.0"),
        (
            {"tag": "0.2.0", "digest": "sha256:" + "a" * 64},
            "registry.example.go.id/tppo/hub@sha256:" + "a" * 64,
        ),
    ],
    ids=["version of the chart", "tag", "digest before tag"],
)
def test_every_container_runs_the_one_image(chart, given, image):
    pods = chart.render_with(MINIMAL, {"image": given}).pods()

    images = {
        container["image"]
        for pod in pods.values()
        for container in [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]
    }

    assert images == {image}


def test_liveness_and_start_never_touch_the_database_and_readiness_does(chart):
    api = chart.render(MINIMAL).container("api")

    assert {probe: api[f"{probe}Probe"]["httpGet"] for probe in ("startup", "liveness", "readiness")} == {
        "startup": {"path": "/livez", "port": "http"},
        "liveness": {"path": "/livez", "port": "http"},
        "readiness": {"path": "/readyz", "port": "http"},
    }


def test_an_api_pod_answers_until_it_is_out_of_the_service(chart):
    rendered = chart.render(MINIMAL)

    assert rendered.container("api")["lifecycle"] == {"preStop": {"sleep": {"seconds": 10}}}
    assert rendered.pod("api")["terminationGracePeriodSeconds"] == 60


def test_an_end_before_the_requests_under_way_is_refused(chart):
    told = chart.refusal({"api": {"preStopSeconds": 60}})

    assert "api.terminationGracePeriodSeconds must be more than api.preStopSeconds" in told


def test_the_service_finds_the_api_and_nothing_else(chart):
    rendered = chart.render(MINIMAL)
    service = rendered.one("Service", NAME)["spec"]

    found = {
        name
        for name, pod in rendered.pods().items()
        if service["selector"].items() <= pod["metadata"]["labels"].items()
    }

    assert found == {"api"}
    assert service["ports"] == [{"name": "http", "port": 80, "targetPort": "http", "appProtocol": "http"}]
    assert rendered.container("api")["ports"] == [{"name": "http", "containerPort": 8000}]


def test_replicas_are_the_autoscalers_where_there_is_one(chart):
    plain = chart.render(MINIMAL).one("Deployment", f"{NAME}-api")
    scaled = chart.render(PRODUCTION).one("Deployment", f"{NAME}-api")
    scaler = chart.render(PRODUCTION).one("HorizontalPodAutoscaler", f"{NAME}-api")

    assert plain["spec"]["replicas"] == 2
    assert "replicas" not in scaled["spec"]
    assert (scaler["apiVersion"], scaler["spec"]["minReplicas"], scaler["spec"]["maxReplicas"]) == (
        "autoscaling/v2",
        3,
        12,
    )
    assert scaler["spec"]["scaleTargetRef"]["name"] == scaled["metadata"]["name"]


def test_fewer_replicas_at_most_than_at_least_are_refused(chart):
    told = chart.refusal({"api": {"autoscaling": {"enabled": True, "minReplicas": 3, "maxReplicas": 2}}})

    assert "api.autoscaling.maxReplicas must not be less than minReplicas" in told


def test_a_drain_takes_one_api_pod_at_a_time_and_is_not_stopped_by_a_missing_database(chart):
    rendered = chart.render(MINIMAL)
    budget = rendered.one("PodDisruptionBudget", f"{NAME}-api")["spec"]

    assert (budget["maxUnavailable"], budget["unhealthyPodEvictionPolicy"]) == (1, "AlwaysAllow")
    assert budget["selector"] == rendered.one("Deployment", f"{NAME}-api")["spec"]["selector"]


def test_api_pods_are_spread_over_zones_and_nodes(chart):
    rendered = chart.render(MINIMAL)
    selector = rendered.one("Deployment", f"{NAME}-api")["spec"]["selector"]
    spread = rendered.pod("api")["topologySpreadConstraints"]

    assert [(one["topologyKey"], one["whenUnsatisfiable"], one["labelSelector"]) for one in spread] == [
        ("topology.kubernetes.io/zone", "ScheduleAnyway", selector),
        ("kubernetes.io/hostname", "ScheduleAnyway", selector),
    ]


def test_no_api_pod_is_taken_away_before_its_successor_is_ready(chart):
    strategy = chart.render(MINIMAL).one("Deployment", f"{NAME}-api")["spec"]["strategy"]

    assert strategy == {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}


def test_there_is_one_worker_and_it_ends_before_the_next_begins(chart):
    worker = chart.render(PRODUCTION).one("Deployment", f"{NAME}-worker")["spec"]

    assert (worker["replicas"], worker["strategy"]) == (1, {"type": "Recreate"})


@pytest.mark.parametrize("component", ["api", "worker"])
def test_a_changed_setting_starts_the_pods_anew(chart, component):
    def checksum(values):
        return chart.render_with(MINIMAL, values).pods()[component]["metadata"]["annotations"][
            "checksum/config"
        ]

    assert checksum({}) == checksum({"api": {"replicaCount": 5}})
    assert checksum({}) != checksum({"settings": {"logLevel": "debug"}})


def test_no_account_of_the_release_hands_out_a_token(chart, example):
    accounts = chart.render(example).of("ServiceAccount")

    assert [one["automountServiceAccountToken"] for one in accounts] == [False, False]


def test_an_account_that_is_there_already_is_used_by_every_pod(chart):
    rendered = chart.render_with(MINIMAL, {"serviceAccount": {"create": False, "name": "theirs"}})

    assert rendered.of("ServiceAccount") == []
    assert {pod["spec"]["serviceAccountName"] for pod in rendered.pods().values()} == {"theirs"}


def test_every_pod_goes_where_the_operator_wants(chart):
    placed = {
        "nodeSelector": {"pool": "tppo"},
        "tolerations": [{"key": "tppo", "operator": "Exists"}],
        "affinity": {"podAntiAffinity": {}},
        "priorityClassName": "national-service",
        "imagePullSecrets": [{"name": "registry"}],
    }

    pods = chart.render_with(MINIMAL, placed).pods()

    assert [{name: pod["spec"][name] for name in placed} for pod in pods.values()] == [placed] * 4

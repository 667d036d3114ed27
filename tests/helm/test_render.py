"""Every example is linted, rendered, and made of objects that Kubernetes knows."""

import kubernetes_validate
import pytest
import yaml

from tests.helm.chart import EXAMPLES, FOLDER, MINIMAL, NAME, PRODUCTION, Objects
from tests.house import ROOT

KUBERNETES = ("1.30", "1.34", "1.37")
"""The oldest that Chart.yaml allows, one between, and the newest whose schemas are at hand."""
CUSTOM = {"HTTPRoute", "ExternalSecret"}
"""Kinds without a schema in Kubernetes itself; their fields are asserted one by one where it matters."""


def faults(objects: Objects, version: str) -> list[str]:
    """What the schemas of a Kubernetes version say against these objects."""
    found: list[str] = []
    for one in objects.all:
        if one["kind"] in CUSTOM:
            continue
        try:
            kubernetes_validate.validate(one, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            found.append(f"{one['kind']}.{'.'.join(map(str, error.path))}: {error.message}")
    return found


def test_an_example_is_linted(chart, example):
    answer = chart.run("lint", "--strict", "--values", example)

    assert answer.ok, answer.out + answer.error


@pytest.mark.parametrize("version", KUBERNETES)
def test_an_example_is_made_of_what_kubernetes_knows(chart, example, version):
    assert faults(chart.render(example), version) == []


def test_a_misspelt_field_is_reported(chart):
    rendered = chart.render(MINIMAL).one("Service", NAME)
    misspelt = {**rendered, "spec": {**rendered["spec"], "selectors": {}}}

    assert faults(Objects([misspelt]), KUBERNETES[-1]) == [
        "Service.spec: Additional properties are not allowed ('selectors' was unexpected)"
    ]


def test_the_chart_is_for_no_kubernetes_that_was_not_checked():
    described = yaml.safe_load((FOLDER / "Chart.yaml").read_text())

    assert described["kubeVersion"] == f">={KUBERNETES[0]}.0-0"


def test_the_chart_is_of_this_version_of_the_hub():
    described = yaml.safe_load((FOLDER / "Chart.yaml").read_text())

    assert f'\nversion = "{described["appVersion"]}"\n' in (ROOT / "pyproject.toml").read_text()


def test_examples_are_numbered():
    assert [path.name for path in EXAMPLES] == ["1-minimal.yaml", "2-production.yaml", "3-argo-cd.yaml"]


def test_the_least_that_can_be_said_makes_all_that_is_always_there(chart):
    assert chart.render(MINIMAL).names() == {
        ("ConfigMap", NAME),
        ("Deployment", f"{NAME}-api"),
        ("Deployment", f"{NAME}-worker"),
        ("Job", f"{NAME}-migrate"),
        ("NetworkPolicy", f"{NAME}-api"),
        ("NetworkPolicy", f"{NAME}-migrate"),
        ("NetworkPolicy", f"{NAME}-test"),
        ("NetworkPolicy", f"{NAME}-worker"),
        ("Pod", f"{NAME}-test"),
        ("PodDisruptionBudget", f"{NAME}-api"),
        ("Service", NAME),
        ("ServiceAccount", NAME),
        ("ServiceAccount", f"{NAME}-migrate"),
    }


def test_production_adds_autoscaling_and_a_door(chart):
    added = chart.render(PRODUCTION).names() - chart.render(MINIMAL).names()

    assert added == {("HorizontalPodAutoscaler", f"{NAME}-api"), ("Ingress", NAME)}


def test_no_name_is_longer_than_kubernetes_allows(chart):
    rendered = chart.render_with(
        MINIMAL, {"fullnameOverride": "a" * 46, "migrations": {"useHelmHooks": False}}
    )

    assert max(len(name) for _, name in rendered.names()) <= 63
    assert faults(rendered, KUBERNETES[-1]) == []


def test_two_releases_of_one_namespace_share_no_name(chart):
    one = chart.render_with(MINIMAL, {}).names()
    other = chart.render_with(MINIMAL, {"fullnameOverride": "province"}).names()

    assert one & other == set()


def test_extra_objects_are_rendered_with_the_release(chart):
    wanted = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "{{ .Release.Name }}-more"},
        "data": {"issuer": "{{ .Values.settings.issuer }}"},
    }

    rendered = chart.render_with(MINIMAL, {"extraObjects": [wanted]}).one("ConfigMap", "tppo-hub-more")

    assert rendered["data"] == {"issuer": "https://hub.example.go.id"}


def test_as_part_of_another_chart_it_takes_helms_own_value(chart):
    assert chart.refusal({"global": {"region": "id"}}) == ""

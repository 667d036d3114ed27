"""The migration runs before what needs it, with nothing of the release but what it brings itself."""

from tests.helm.chart import ARGO_CD, MINIMAL, NAME

JOB = f"{NAME}-migrate"


def annotations(one):
    return one["metadata"].get("annotations", {})


def of_the_migration(rendered):
    return [one for one in rendered.all if one["metadata"]["name"].startswith(JOB)]


def test_it_is_a_hook_before_installation_and_upgrade(chart):
    job = chart.render(MINIMAL).one("Job", JOB)

    assert annotations(job) == {
        "helm.sh/hook": "pre-install,pre-upgrade",
        "helm.sh/hook-weight": "-5",
        "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded",
    }
    assert job["spec"]["ttlSecondsAfterFinished"] == 86400


def test_before_the_first_installation_it_needs_nothing_of_the_release(chart):
    """ConfigMap and account of the release do not exist yet, and a policy that lets it out must come before it."""
    rendered = chart.render(MINIMAL)
    earlier = {
        (one["kind"], one["metadata"]["name"])
        for one in rendered.all
        if annotations(one).get("helm.sh/hook") == "pre-install,pre-upgrade"
        and int(annotations(one)["helm.sh/hook-weight"]) < -5
    }

    assert earlier == {("ServiceAccount", JOB), ("NetworkPolicy", JOB)}
    assert rendered.pod("migrate")["serviceAccountName"] == JOB
    assert "envFrom" not in rendered.container("migrate")
    assert "initContainers" not in rendered.pod("migrate")


def test_it_alone_has_the_owners_url_and_it_has_no_root_key(chart, example):
    rendered = chart.render(example)
    seen = {
        component: set(rendered.secret_files(component).values())
        for component in ("api", "worker", "migrate")
    }

    assert seen["migrate"] == {"tppo-hub/database-url", "tppo-hub/database-owner-url"}
    assert {name for name, files in seen.items() if "tppo-hub/database-owner-url" in files} == {"migrate"}


def test_it_gives_up_at_once_on_a_wrong_setting_and_not_for_a_drained_node(chart):
    spec = chart.render(MINIMAL).one("Job", JOB)["spec"]

    assert (spec["backoffLimit"], spec["activeDeadlineSeconds"]) == (3, 900)
    assert spec["podFailurePolicy"]["rules"] == [
        {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]},
        {
            "action": "FailJob",
            "onExitCodes": {"containerName": "migrate", "operator": "In", "values": [2]},
        },
    ]
    assert chart.render(MINIMAL).pod("migrate")["restartPolicy"] == "Never"


def test_without_helms_hooks_it_is_an_ordinary_job_named_by_what_it_runs(chart):
    def job(values):
        rendered = chart.render_with(MINIMAL, {"migrations": {"useHelmHooks": False}, **values})
        return rendered.of("Job")[0]

    same, other = job({"api": {"replicaCount": 9}}), job({"image": {"tag": "0.2.0"}})

    assert annotations(job({})) == {}
    assert "ttlSecondsAfterFinished" not in job({})["spec"]
    assert job({})["metadata"]["name"] == same["metadata"]["name"]
    assert job({})["metadata"]["name"] != other["metadata"]["name"]


def test_argo_cd_runs_it_with_all_that_it_needs_before_the_rest(chart):
    rendered = chart.render(ARGO_CD)
    phases = {one["kind"]: annotations(one) for one in of_the_migration(rendered)}
    hook = {
        "argocd.argoproj.io/hook": "PreSync",
        "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
    }

    assert phases == {"Job": hook, "ServiceAccount": hook, "NetworkPolicy": hook}
    assert annotations(rendered.one("ExternalSecret", "tppo-hub"))["argocd.argoproj.io/sync-wave"] == "-1"


def test_it_can_be_left_to_somebody_else(chart):
    rendered = chart.render_with(MINIMAL, {"migrations": {"enabled": False}})

    assert of_the_migration(rendered) == []


def test_the_test_pod_is_a_hook_that_leaves_nothing_behind(chart):
    pod = chart.render(MINIMAL).one("Pod", f"{NAME}-test")

    assert annotations(pod) == {
        "helm.sh/hook": "test",
        "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded",
    }
    assert pod["spec"]["restartPolicy"] == "Never"

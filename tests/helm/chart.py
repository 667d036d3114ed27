"""The chart as tests read it: rendered objects, their pods, and what a container sees."""

import functools
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.house import ROOT

FOLDER = ROOT / "helm"
EXAMPLES = tuple(sorted((FOLDER / "examples").glob("*.yaml")))
MINIMAL, PRODUCTION, ARGO_CD = EXAMPLES
RELEASE = "tppo-hub"
NAME = "tppo-hub"
"""What every name begins with: the chart's name holds the release's, so that it is not said twice."""


@dataclass(frozen=True)
class Answer:
    """What helm printed, and whether it was content."""

    ok: bool
    out: str
    error: str


class Objects:
    """Kubernetes objects of one rendering."""

    def __init__(self, found: Iterable[dict[str, Any]]) -> None:
        self.all = tuple(found)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [one for one in self.all if one["kind"] == kind]

    def one(self, kind: str, name: str) -> dict[str, Any]:
        (found,) = [one for one in self.of(kind) if one["metadata"]["name"] == name]
        return found

    def names(self) -> set[tuple[str, str]]:
        return {(one["kind"], one["metadata"]["name"]) for one in self.all}

    def pods(self) -> dict[str, dict[str, Any]]:
        """Every pod, by its component: labels and annotations under `metadata`, all else under `spec`."""
        templates = [
            one if one["kind"] == "Pod" else one["spec"].get("template") for one in self.all if "spec" in one
        ]
        return {
            pod["metadata"]["labels"]["app.kubernetes.io/component"]: pod
            for pod in templates
            if pod and "containers" in pod.get("spec", {})
        }

    def pod(self, component: str) -> dict[str, Any]:
        return self.pods()[component]["spec"]

    def container(self, component: str) -> dict[str, Any]:
        (found,) = self.pod(component)["containers"]
        return found

    def environment(self, component: str) -> dict[str, str]:
        """The variables of a component's container, those of its ConfigMaps included."""
        container = self.container(component)
        found: dict[str, str] = {}
        for source in container.get("envFrom", []):
            found |= self.one("ConfigMap", source["configMapRef"]["name"])["data"]
        return found | {one["name"]: one["value"] for one in container.get("env", [])}

    def secret_files(self, component: str) -> dict[str, str]:
        """Files that a component's container sees, each with `SECRET/KEY` that it shows."""
        pod = self.pod(component)
        mounts = {one["name"]: one["mountPath"] for one in self.container(component)["volumeMounts"]}
        return {
            f"{mounts[volume['name']]}/{item['path']}": f"{secret}/{item['key']}"
            for volume in pod["volumes"]
            if volume["name"] in mounts
            for secret, items in _projected(volume)
            for item in items
        }


def _projected(volume: Mapping[str, Any]) -> list[tuple[str, Sequence[Mapping[str, str]]]]:
    if "secret" in volume:
        return [(volume["secret"]["secretName"], volume["secret"]["items"])]
    sources = volume.get("projected", {}).get("sources", [])
    return [(one["secret"]["name"], one["secret"]["items"]) for one in sources]


class Chart:
    """The chart under one helm."""

    def __init__(self, helm: Path) -> None:
        self._helm = helm
        self.render = functools.cache(self._render)

    def run(self, verb: str, *arguments: str | Path, values: Mapping[str, Any] | None = None) -> Answer:
        """What helm says of the chart.

        Args:
            verb: such as `template`.
            arguments: after the verb and the chart.
            values: that count more than all others.
        """
        command = [
            self._helm,
            verb,
            *((RELEASE,) if verb in {"template", "install"} else ()),
            FOLDER,
            *arguments,
        ]
        if values is not None:
            command += ["--values", "-"]
        given = yaml.safe_dump(dict(values)) if values is not None else ""
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=False, timeout=60)
        return Answer(done.returncode == 0, done.stdout, done.stderr)

    def _render(self, example: Path) -> Objects:
        return self.render_with(example, {})

    def render_with(self, example: Path, values: Mapping[str, Any], *arguments: str) -> Objects:
        """The objects of an example, with these values in place of its own."""
        answer = self.run("template", "--values", example, *arguments, values=values)
        assert answer.ok, answer.error
        return Objects(one for one in yaml.safe_load_all(answer.out) if one)

    def refusal(self, values: Mapping[str, Any], example: Path = MINIMAL) -> str:
        """Why helm does not render an example with these values; empty where it does."""
        answer = self.run("template", "--values", example, values=values)
        return "" if answer.ok else answer.error

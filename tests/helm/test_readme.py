"""What helm/README.md tells an operator to do works with the chart."""

import re
import subprocess

import yaml

from schema.tables.roles import GROUPS, LOGINS
from tests.helm.chart import FOLDER, MINIMAL, PRODUCTION, Objects

README = (FOLDER / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^ *```{language}\n(.*?)^ *```$", README, re.MULTILINE | re.DOTALL)


def test_the_secret_that_it_makes_has_the_keys_that_the_pods_mount(chart, programs, tmp_path):
    (block,) = [block for block in blocks("sh") if "kubectl create secret" in block]
    command = block.replace("\\\n", " ").split()
    for name in ("database-url", "database-owner-url", "root-key"):
        (tmp_path / name).write_text(name)

    made = subprocess.run(
        [programs.kubectl, *command[1:], "--dry-run=client", "--output=yaml"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )

    secret = yaml.safe_load(made.stdout)
    assert {f"{secret['metadata']['name']}/{key}" for key in secret["data"]} == mounted(chart.render(MINIMAL))


def mounted(rendered: Objects) -> set[str]:
    """`SECRET/KEY` of every file that any pod mounts from a secret."""
    found = {file for component in rendered.pods() for file in rendered.secret_files(component).values()}
    for pod in rendered.pods().values():
        found |= {
            f"{volume['secret']['secretName']}/{item['key']}"
            for volume in pod["spec"]["volumes"]
            if "secret" in volume
            for item in volume["secret"]["items"]
        }
    return found


def test_the_roles_that_it_makes_are_the_hubs():
    (block,) = blocks("sql")

    assert tuple(re.findall(r"CREATE ROLE (\w+) LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD", block)) == LOGINS
    assert tuple(re.findall(r"CREATE ROLE (\w+) NOLOGIN NOSUPERUSER NOBYPASSRLS;", block)) == GROUPS
    assert f"GRANT {', '.join(GROUPS)} TO hub_service WITH INHERIT FALSE, SET TRUE;" in block


def test_it_says_what_is_not_proven():
    text = " ".join(README.split())

    assert "Helm 4 is tested, Helm 3 is not." in text
    assert "**Installing on a real cluster is unproven**" in text


def test_every_example_is_named_in_it(example):
    assert f"(examples/{example.name})" in README


def test_the_notes_say_what_the_release_waits_for_and_what_it_does_not_do(chart):
    answer = chart.run("install", "--dry-run=client", "--values", MINIMAL)
    notes = answer.out.partition("\nNOTES:\n")[2]

    assert answer.ok, answer.error
    assert "wait for the Secret tppo-hub with the keys database-url, database-owner-url and root-key" in notes
    assert "nobody outside the cluster reaches it through this release" in notes
    assert "No agency is connected" in notes
    assert "`helm rollback` brings back the old pods but not the old schema" in notes


def test_the_notes_of_a_release_with_agencies_and_a_door_keep_quiet_about_them(chart):
    answer = chart.run("install", "--dry-run=client", "--values", PRODUCTION)
    notes = answer.out.partition("\nNOTES:\n")[2]

    assert "Clients know the hub as https://hub.example.go.id.\n" in notes
    assert "No agency is connected" not in notes

"""The locks: exact, hashed, without addresses, and of the pyproject.toml that stands beside them."""

import json
import re
import tomllib
from dataclasses import dataclass

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests import house
from tests.house import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUN_TIME = [Requirement(text) for text in PYPROJECT["project"]["dependencies"]]
DEV = [Requirement(text) for text in PYPROJECT["dependency-groups"]["dev"]]
LOCKS = house.files(".lock", "package-lock.json")
MANIFESTS = house.files("package.json")
PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?P<rest>[^\n]*)")
EXACT = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?")


@dataclass(frozen=True)
class Pin:
    """One locked version: how many hashes it has, and whether pyproject.toml itself asks for it."""

    name: str
    version: str
    hash_count: int
    asked_by: frozenset[str]


def pins(lock: str) -> list[Pin]:
    """The pins of a requirements lock.

    Raises:
        ValueError: a line is neither a pin nor part of one.
    """
    found: list[Pin] = []
    for block in re.split(r"\n(?=[^\s#])", lock.strip()):
        pin = PIN.match(block)
        if pin is None:
            raise ValueError(f"no exact version: {block.splitlines()[0]}")
        found.append(
            Pin(
                name=canonicalize_name(pin["name"]),
                version=pin["version"],
                hash_count=len(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", block)),
                asked_by=frozenset(re.findall(r"tppo-hub \((pyproject\.toml(?::\w+)?)\)", block)),
            )
        )
    return found


FUNDS = re.compile(r'\s*("url": )?"https://[^"]*",?')
"""A line of an npm lock that says where a package asks for funds; packages come from `resolved`."""


def addresses(text: str) -> list[str]:
    """Addresses in a lock, but not the page where a package asks for funds: each installer uses its own index."""
    return [line.strip() for line in text.splitlines() if "://" in line and not FUNDS.fullmatch(line)]


def stale(locked: list[Pin], wanted: list[Requirement], asked_by: str) -> list[str]:
    """What the lock and pyproject.toml do not agree on."""
    by_name: dict[str, list[Pin]] = {}
    for pin in locked:
        by_name.setdefault(pin.name, []).append(pin)
    faults: list[str] = []
    for requirement in wanted:
        versions = [pin.version for pin in by_name.get(canonicalize_name(requirement.name), [])]
        if not versions:
            faults.append(f"{requirement.name} is not locked")
        faults += [
            f"{requirement.name} {version} is not {requirement.specifier}"
            for version in versions
            if not requirement.specifier.contains(Version(version), prereleases=True)
        ]
    names = {canonicalize_name(requirement.name) for requirement in wanted}
    faults += [
        f"{pin.name} is no longer asked for"
        for pin in locked
        if asked_by in pin.asked_by and pin.name not in names
    ]
    return faults


def ranges(manifest: str) -> list[str]:
    """Dependencies of a package.json that are not one exact version."""
    content = json.loads(manifest)
    return [
        f"{name} {version}"
        for section in ("dependencies", "devDependencies", "optionalDependencies")
        for name, version in content.get(section, {}).items()
        if not EXACT.fullmatch(version)
    ]


def locked_npm(lock: str) -> list[str]:
    """Packages of an npm lock without integrity."""
    packages = json.loads(lock)["packages"]
    return [name for name, entry in packages.items() if name and "integrity" not in entry]


@pytest.mark.parametrize("lock", LOCKS, ids=house.named)
def test_a_lock_has_no_address(lock):
    assert addresses(lock.read_text()) == []


def test_an_address_in_a_lock_is_reported():
    planted = "--index-url https://example.org/simple\nfastapi==0.163.0 \\\n"
    of_npm = '"resolved": "https://example.org/a.tgz",\n"funding": {\n  "url": "https://example.org/give"\n'

    assert addresses(planted) == ["--index-url https://example.org/simple"]
    assert addresses(of_npm) == ['"resolved": "https://example.org/a.tgz",']


@pytest.mark.parametrize("lock", [lock for lock in LOCKS if lock.suffix == ".lock"], ids=house.named)
def test_every_pin_has_hashes(lock):
    assert [pin.name for pin in pins(lock.read_text()) if pin.hash_count == 0] == []


def test_a_pin_without_a_hash_and_a_range_are_reported():
    hashed = f"fastapi==0.163.0 \\\n    --hash=sha256:{'0' * 64}\n"

    assert [
        pin.hash_count for pin in pins(hashed + "httpx==0.28.1\n    # via tppo-hub (pyproject.toml)\n")
    ] == [1, 0]
    with pytest.raises(ValueError, match=r"no exact version: httpx>=0\.28"):
        pins(hashed + "httpx>=0.28\n")


def test_the_run_time_lock_is_of_this_pyproject():
    assert stale(pins((ROOT / "requirements.lock").read_text()), RUN_TIME, "pyproject.toml") == []


def test_the_dev_lock_is_of_this_pyproject():
    locked = pins((ROOT / "requirements-dev.lock").read_text())

    assert stale(locked, RUN_TIME, "pyproject.toml") == []
    assert stale(locked, DEV, "pyproject.toml:dev") == []


def test_tests_run_on_the_versions_that_are_shipped():
    run_time = {(pin.name, pin.version) for pin in pins((ROOT / "requirements.lock").read_text())}
    dev = {(pin.name, pin.version) for pin in pins((ROOT / "requirements-dev.lock").read_text())}

    assert run_time - dev == set()


def test_a_stale_lock_is_reported():
    locked = [
        Pin("httpx", "0.27.0", 1, frozenset({"pyproject.toml"})),
        Pin("zeep", "4.3.1", 1, frozenset({"pyproject.toml"})),
        Pin("lxml", "6.0.0", 1, frozenset()),
    ]

    assert stale(locked, [Requirement("httpx>=0.28"), Requirement("fastapi")], "pyproject.toml") == [
        "httpx 0.27.0 is not >=0.28",
        "fastapi is not locked",
        "zeep is no longer asked for",
    ]


@pytest.mark.parametrize("manifest", MANIFESTS, ids=house.named)
def test_an_npm_peer_is_one_exact_version_with_its_integrity(manifest):
    assert ranges(manifest.read_text()) == []
    assert locked_npm(manifest.with_name("package-lock.json").read_text()) == []


def test_a_range_in_a_manifest_is_reported():
    planted = json.dumps({"dependencies": {"a": "^1.2.3", "b": "1.2.3"}, "devDependencies": {"c": "latest"}})

    assert ranges(planted) == ["a ^1.2.3", "c latest"]

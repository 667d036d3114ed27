"""The root key's file: of its owner alone, never written over, and told about in a sentence."""

import base64
import os
import stat
from pathlib import Path

import pytest

from hub.identity.kms import KeyFile
from schema.errors import SealedValueBroken, SettingError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "root.key"


def test_a_key_made_is_its_owners_and_32_random_bytes(path: Path, tmp_path: Path):
    KeyFile.make(path)
    KeyFile.make(tmp_path / "other.key")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(base64.b64decode(path.read_text().strip(), validate=True)) == 32
    assert path.read_text() != (tmp_path / "other.key").read_text()


def test_a_key_is_never_open_to_others_whatever_the_umask(path: Path):
    before = os.umask(0)
    try:
        KeyFile.make(path)
    finally:
        os.umask(before)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_is_not_written_over(path: Path):
    KeyFile.make(path)
    kept = path.read_text()

    with pytest.raises(SettingError) as told:
        KeyFile.make(path)

    assert str(told.value) == f"HUB_KEY_FILE: {path} is there already; it is not written over"
    assert path.read_text() == kept


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610, 0o601])
def test_a_key_open_to_others_is_refused_with_the_command_to_run(path: Path, mode: int):
    KeyFile.make(path)
    path.chmod(mode)

    with pytest.raises(SettingError) as told:
        KeyFile.read(path)

    assert str(told.value) == f"HUB_KEY_FILE: {path} is open to others; run chmod 600 {path}"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"bukan kunci", "is not base64"),
        (b"\xff\xfe\x00", "is not base64"),
        (b"", "does not hold 32 bytes"),
        (base64.b64encode(b"pendek"), "does not hold 32 bytes"),
        (base64.b64encode(bytes(33)), "does not hold 32 bytes"),
    ],
)
def test_a_file_that_is_no_key_is_refused_without_its_content(path: Path, content: bytes, problem: str):
    path.parent.mkdir()
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(SettingError) as told:
        KeyFile.read(path)

    assert str(told.value) == f"HUB_KEY_FILE: {path} {problem}"
    assert told.value.__cause__ is None


def test_a_missing_key_names_the_command_that_makes_one(path: Path):
    with pytest.raises(SettingError) as told:
        KeyFile.read(path)

    assert str(told.value) == f"HUB_KEY_FILE: {path} is not there; `python -m hub key` makes one"


def test_a_folder_in_the_keys_place_is_told(path: Path):
    path.mkdir(parents=True)

    with pytest.raises(SettingError) as told:
        KeyFile.read(path)

    assert str(told.value) == f"HUB_KEY_FILE: {path} cannot be read: Is a directory"


async def test_a_key_wrapped_opens_by_its_id_and_root_only(path: Path, tmp_path: Path):
    KeyFile.make(path)
    KeyFile.make(tmp_path / "other.key")
    root, other = KeyFile.read(path), KeyFile.read(tmp_path / "other.key")
    wrapped = await root.wrap("POLRI:1", bytes(32))

    assert await KeyFile.read(path).unwrap("POLRI:1", wrapped) == bytes(32)
    for kms, key_id in ((other, "POLRI:1"), (root, "POLRI:2")):
        with pytest.raises(SealedValueBroken):
            await kms.unwrap(key_id, wrapped)

"""An export is verified without the hub, and a proof without the ledger."""

import json
import os
import stat
import subprocess
import sys

import pytest

from hub.cli.audit import Action, audit
from hub.ledger import evidence, export, proof, stored
from hub.ledger.verify import verify_export
from schema.errors import SealBroken, SettingError
from tests.house import ROOT

PER_SEAL = 3


@pytest.fixture(autouse=True)
async def sealed(ledger, sealer, clock):
    for number in range(4 * PER_SEAL):
        await ledger.record(b'{"record":%d}' % number)
        if number % PER_SEAL == PER_SEAL - 1:
            clock.go(seconds=1)
            await sealer.seal_all()
    await ledger.record(b"unsealed")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.ndjson"


@pytest.fixture
def hub(database, tmp_path):
    """`python -m hub audit ...` as a process."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        settings = {"HUB_DATABASE_URL": database.service_url, "HUB_VAR": str(tmp_path)}
        return subprocess.run(
            [sys.executable, "-m", "hub", "audit", *map(str, arguments)],
            cwd=ROOT,
            env=environment | settings,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def write(database, path, **which) -> int:
    with stored.opened(database.service_url) as ledger:
        return export.write(ledger, path, progress=lambda _: None, **which)


def changed(path, number: int, change) -> str:
    """What verification says of the export with that line changed; the file is as before afterwards."""
    before = path.read_text()
    lines = before.splitlines(keepends=True)
    lines[number] = change(lines[number])
    path.write_text("".join(lines))
    with pytest.raises(SealBroken) as told:
        verify_export(path)
    path.write_text(before)
    return str(told.value)


def test_an_export_holds_what_the_ledger_holds(database, path, verified):
    count = write(database, path)

    assert count == 13
    assert verify_export(path) == verified()
    assert [next(iter(json.loads(line))) for line in path.read_text().splitlines()] == [
        "export",
        "key",
        *["seal"] * 4,
        *["record"] * 13,
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_part_of_the_ledger_can_be_verified_alone(database, path):
    write(database, path, first=2, last=3)

    found = verify_export(path)

    assert (found.first, found.last, found.record_count, found.unsealed_count) == (2, 3, 6, 0)


@pytest.mark.parametrize("which", [{"first": 5}, {"last": 5}, {"first": 3, "last": 2}])
def test_a_part_that_is_not_there_is_not_written(database, path, which):
    with pytest.raises(SettingError, match="no seals"):
        write(database, path, **which)

    assert not path.exists()


def test_every_line_of_an_export_that_is_changed_or_gone_is_found(database, path):
    write(database, path)
    records = range(6, 6 + 12)

    assert [
        changed(path, number, lambda line: line.replace('"body":"', '"body":"AAAA')) for number in records
    ] == [f"seal {n}: its root is not that of its 3 records" for n in (1, 2, 3, 4) for _ in range(3)]
    assert [changed(path, number, lambda _: "") for number in records] == [
        f"seal {n}: it covers 3 records, and there are 2" for n in (1, 2, 3, 4) for _ in range(3)
    ]
    assert [changed(path, number, lambda line: line + line) for number in records] == [
        f"seal {n}: it covers 3 records, and there are 4" for n in (1, 2, 3, 4) for _ in range(3)
    ]
    assert [changed(path, number, lambda _: "") for number in (2, 3, 4)] == [
        f"seal {n}: it is missing" for n in (1, 2, 3)
    ]
    assert changed(path, 1, lambda _: "") == "seal 1: it is signed by a key that is not endorsed"


def test_what_is_no_export_is_told_so(path):
    for content in ("", "{}\n", "[1]\n", "no JSON", '{"export":{}}\n', '{"export":{"form":9}}\n'):
        path.write_text(content)

        with pytest.raises(SealBroken, match=r"ledger\.ndjson cannot be read"):
            verify_export(path)


def test_a_part_from_which_the_end_was_cut_is_not_whole(database, path):
    write(database, path, first=2, last=4)
    kept = [line for line in path.read_text().splitlines(keepends=True) if '"n": 4' not in line]
    path.write_text("".join(kept))

    with pytest.raises(SealBroken, match="seal 4: it is missing"):
        verify_export(path)


def test_verification_needs_no_more_than_cryptography(database, path):
    write(database, path)
    look = (
        "import sys; from pathlib import Path; from hub.ledger.verify import verify_export\n"
        "print(verify_export(Path(sys.argv[1])).record_count)\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} - set(sys.stdlib_module_names)))\n"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in ('hub', 'schema')))\n"
    )

    ran = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path += {sys.path!r}\n{look}", path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    count, packages, ours = ran.stdout.splitlines()
    assert count == "12"
    assert set(json.loads(packages.replace("'", '"'))) <= {
        "__main__",
        "_cffi_backend",
        "_openssl",
        "cryptography",
        "hub",
        "schema",
    }
    assert json.loads(ours.replace("'", '"')) == [
        "hub",
        "hub.ledger",
        "hub.ledger.evidence",
        "hub.ledger.merkle",
        "hub.ledger.verify",
        "schema",
        "schema.errors",
    ]


def test_the_module_alone_verifies_an_export_beside_kept_seals(database, path, tmp_path):
    write(database, path)
    kept = tmp_path / "seals.json"
    with stored.opened(database.service_url) as ledger:
        page = {"seals": [{"n": seal.n, "jws": seal.jws} for seal in ledger.seals()]}
    kept.write_text(json.dumps(page) + "\n" + json.dumps({"seals": [{"n": 5, "jws": "x"}]}))
    command = [sys.executable, "-m", "hub.ledger.verify", path]

    held = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    failed = subprocess.run([*command, kept], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (held.returncode, held.stderr) == (0, "")
    assert held.stdout.startswith("seals 1 to 4 hold, with 12 records; 1 came after; the first key is ")
    assert (failed.returncode, failed.stderr) == (1, "verify: seal 5: it is missing\n")


def proof_of(database, number: int) -> dict:
    with stored.opened(database.service_url) as ledger:
        record = ledger.record(number)
        seal = ledger.covering(record)
        return proof.prove(record, seal, list(ledger.records(seal, seal)), ledger.seal_keys()[0])


@pytest.fixture
def made(database, numbers):
    return proof_of(database, numbers[4])


@pytest.fixture
def numbers(owner) -> list[int]:
    """Ids of the records in their order."""
    return [number for (number,) in owner.execute("SELECT id FROM audit.record ORDER BY id")]


def test_a_proof_holds_for_its_record(database, numbers):
    with stored.opened(database.service_url) as ledger:
        published = {seal.n: seal.jws for seal in ledger.seals()}
        unsealed = ledger.covering(ledger.record(numbers[12]))
        nobody = ledger.record(numbers[12] + 1)

    for nth in range(12):
        made = json.loads(json.dumps(proof_of(database, numbers[nth])))

        assert made["seal"]["n"] == nth // PER_SEAL + 1
        assert proof.check(made, published) == b'{"record":%d}' % nth
    assert (unsealed, nobody) == (None, None)


def test_a_proof_holds_for_no_other_record_and_no_other_seal(made, database, numbers):
    others = [proof_of(database, numbers[nth]) for nth in (3, 5, 7)]
    changes = [
        {"body": "e30="},
        {"body": "?"},
        {"index": 0},
        {"index": 3},
        {"index": "x"},
        {"path": []},
        {"path": ["00" * 32, "00" * 32]},
        {"seal": {"n": 3, "jws": ""}},
        {"seal": {}},
        {"key": {}},
        *({"body": other["body"]} for other in others),
        *({"seal": other["seal"]} for other in others[2:]),
    ]

    for change in changes:
        with pytest.raises(SealBroken):
            proof.check({**made, **change})


def test_a_proof_under_a_seal_that_was_not_published_does_not_hold(made):
    assert proof.check(made) == b'{"record":4}'

    with pytest.raises(SealBroken, match="seal 2: it is not the one that was published"):
        proof.check(made, {1: made["seal"]["jws"]})


def test_no_proof_is_made_of_a_record_that_was_changed(database, thief, numbers):
    thief.execute("UPDATE audit.record SET body = 'x' WHERE id = %s", (numbers[0],))

    with pytest.raises(SealBroken, match="seal 1: its root"):
        proof_of(database, numbers[0])


def test_what_the_seals_route_answers_is_what_can_be_kept():
    pages = '{"keys":[],"seals":[{"n":1,"jws":"a"}],"next":"/audit/seals?after=1"}\n{"seals":[{"n":2,"jws":"b"}]}\n'

    assert evidence.published(pages) == {1: "a", 2: "b"}
    for wrong in ("[]", "{}", '{"seals":[{}]}', "x"):
        with pytest.raises(ValueError, match=r".*"):
            evidence.published(wrong)


def test_the_command_verifies_exports_proves_and_says_what_fails(hub, tmp_path, thief, numbers, path):
    number, unsealed = numbers[4], numbers[12]
    proven = tmp_path / "proof.json"

    held, written, made = hub("verify"), hub("export", path), hub("proof", number)
    proven.write_text(made.stdout)
    shown, from_file, early = hub("prove", proven), hub("verify", path), hub("proof", unsealed)
    thief.execute("UPDATE audit.record SET body = 'x' WHERE id = %s", (number,))
    failed = hub("verify")

    assert (held.returncode, held.stderr) == (0, "")
    assert held.stdout.startswith("seals 1 to 4 hold, with 12 records; 1 came after; the first key is ")
    assert from_file.stdout == held.stdout
    assert written.stdout == f"13 records in {path}\n"
    assert (shown.returncode, shown.stdout) == (0, '{"record":4}\n')
    assert (early.returncode, "not sealed yet" in early.stderr) == (2, True)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr == "hub: seal 2: its root is not that of its 3 records\n"


def test_a_command_that_cannot_be_done_says_why(database, monkeypatch, tmp_path):
    monkeypatch.setenv("HUB_DATABASE_URL", database.service_url)
    nothing = str(tmp_path / "nothing")
    given = [
        (Action.EXPORT, None),
        (Action.PROOF, None),
        (Action.PROOF, "x"),
        (Action.PROOF, "999"),
        (Action.PROVE, None),
        (Action.PROVE, nothing),
        (Action.VERIFY, nothing),
        (Action.EXPORT, f"{nothing}/ledger"),
    ]

    for action, target in given:
        with pytest.raises(SettingError):
            audit(action, target)
    with pytest.raises(SettingError, match="is not an answer of /audit/seals"):
        audit(Action.VERIFY, seals=[tmp_path / "nothing"])


def test_help_teaches_every_action():
    assert all(
        word in audit.__doc__ for word in ("verify [EXPORT]", "export FILE", "proof RECORD_ID", "prove FILE")
    )

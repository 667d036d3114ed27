"""`audit`: verify the read ledger, write it to a file, prove that a record is in it."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from hub.cli import context, progress
from hub.ledger import evidence, export, proof, stored
from hub.ledger.verify import Verified, told, verify, verify_export
from schema.errors import SettingError


class Action(StrEnum):
    """What can be done with the ledger."""

    VERIFY = "verify"
    EXPORT = "export"
    PROOF = "proof"
    PROVE = "prove"


def audit(
    action: Annotated[Action, typer.Argument(help="what to do, see above")],
    target: Annotated[
        str | None,
        typer.Argument(
            help="verify: an export; export: the file to write; proof: id of a record; prove: a proof"
        ),
    ] = None,
    *,
    first: Annotated[int, typer.Option("--from", min=1, help="export: number of the first seal")] = 1,
    last: Annotated[int | None, typer.Option("--to", min=1, help="export: number of the last seal")] = None,
    key: Annotated[str | None, typer.Option(help="verify: id of the first key, as it was told you")] = None,
    seals: Annotated[
        list[Path] | None,
        typer.Option(help="verify, prove: an answer of /audit/seals that was kept; may be given again"),
    ] = None,
) -> None:
    """Show that the read ledger holds: nothing changed, nothing taken out, nothing put in.

    verify [EXPORT]: looks at every seal and record, of the database or of an export, and names the first seal that fails.
    The last line has the id of the first key; compare it with the one that you were told, or give it with --key.

    export FILE: writes seals and records to a file that anybody can verify without the hub.

    proof RECORD_ID: prints a proof that the record lies under a seal, as JSON; it shows no other record.

    prove FILE: checks such a proof, without a database, and prints the record.

    Seals that were kept outside (curl HUB/audit/seals > seals.json) show what was cut off or sealed anew: --seals seals.json.

    Raises:
        SettingError: what is to be looked at is not given, or not there.
        SealBroken: it does not hold.
    """
    kept = _published(seals or [])
    if action is Action.VERIFY:
        print(told(_verified(target, kept, key)))
    elif target is None:
        raise SettingError("TARGET", f"`audit {action}` needs one; see --help")
    elif action is Action.EXPORT:
        print(_exported(Path(target), first, last))
    elif action is Action.PROOF:
        print(json.dumps(_proof(target)))
    else:
        print(proof.check(_object(Path(target)), kept if seals else None).decode())


def _verified(target: str | None, kept: dict[int, str], key: str | None) -> Verified:
    with progress.steps() as steps:
        if target is not None:
            path = Path(target)
            if not path.exists():
                raise SettingError("EXPORT", f"{path} is not there")
            return verify_export(
                path, published=kept, first_kid=key, progress=lambda count: steps.set("verify", count)
            )
        with stored.opened(_url()) as ledger:
            total = ledger.about()
            return verify(
                ledger.seal_keys(),
                ledger.seals(),
                ledger.records(),
                published=kept,
                first_kid=key,
                progress=lambda count: steps.set("verify", count, max(total, count)),
            )


def _exported(path: Path, first: int, last: int | None) -> str:
    with stored.opened(_url()) as ledger, progress.steps() as steps:
        total = ledger.about() if last is None else None
        count = export.write(
            ledger, path, first=first, last=last, progress=lambda done: steps.set("export", done, total)
        )
    return f"{count:,} records in {path}"


def _proof(target: str) -> dict[str, object]:
    if not target.isdecimal():
        raise SettingError("RECORD_ID", "it is the number of a record")
    with stored.opened(_url()) as ledger:
        record = ledger.record(int(target))
        if record is None:
            raise SettingError("RECORD_ID", f"there is no record {target}")
        seal = ledger.covering(record)
        if seal is None:
            raise SettingError("RECORD_ID", f"record {target} is not sealed yet; try again in some seconds")
        (key,) = (one for one in ledger.seal_keys() if one.kid == seal.kid)
        return proof.prove(record, seal, list(ledger.records(seal, seal)), key)


def _published(paths: list[Path]) -> dict[int, str]:
    found: dict[int, str] = {}
    for path in paths:
        try:
            found |= evidence.published(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise SettingError("--seals", f"{path} is not an answer of /audit/seals") from None
    return found


def _object(path: Path) -> dict[str, object]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, TypeError, ValueError):
        raise SettingError("FILE", f"{path} is not a proof") from None


def _url() -> str:
    return context.databases(context.read_settings()).service_url

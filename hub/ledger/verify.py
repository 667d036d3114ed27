"""Whether the ledger holds: every seal signed, none missing, none changed, and every record below the one that covers it.

Needs the standard library and `cryptography`, no database and no setting of a hub, so that an agency that keeps the seals
can run it on an export: `python -m hub.ledger.verify EXPORT`.
"""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hub.ledger import evidence, merkle
from hub.ledger.evidence import Key, Record, Seal, from_base64url, moment
from schema.errors import SealBroken

SEAL: Final = "seal+jws"
ENDORSEMENT: Final = "seal-key+jws"
"""Types of what a key signs; neither can be passed off as the other."""
NO_SEAL: Final = bytes(32)
"""What stands for the seal before the first one."""
_STEP: Final = 20_000
"""Records between two words of progress."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What holds.

    Attributes:
        first: number of the first seal; 0 where there is none.
        last: number of the last seal.
        record_count: records below these seals.
        unsealed_count: records that came after the last seal.
        first_kid: id of the key from which all others follow; it must be the one that you were told by another way.
    """

    first: int
    last: int
    record_count: int
    unsealed_count: int
    first_kid: str | None


def verify(
    keys: Sequence[Key],
    seals: Iterable[Seal],
    records: Iterable[Record],
    *,
    first: int = 1,
    last: int | None = None,
    published: Mapping[int, str] | None = None,
    first_kid: str | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Verified:
    """What holds, if all of it does.

    Args:
        keys: every one, in any order.
        seals: in the order of their numbers.
        records: in the order of era, transaction and id.
        first: number of the first seal; if it is not 1, what came before it is not looked at.
        last: number of the last seal; None if there is no telling.
        published: JWS of seals by number, as somebody has kept them.
        first_kid: id of the first key, as somebody has kept it.
        progress: told from time to time how many records have been looked at.

    Raises:
        SealBroken: names the first seal that fails, and what of it.
    """
    trusted, strangers = _endorsed(keys, first_kid)
    kept, before, covered = published or {}, None, 0
    waiting = iter(records)
    held = next(waiting, None)
    for seal in seals:
        _check_signature(seal, trusted)
        _check_place(seal, before, first)
        if kept.get(seal.n, seal.jws) != seal.jws:
            raise SealBroken(f"seal {seal.n}: it is not the one that was published")
        hashes: list[bytes] = []
        while held is not None and (held.era, held.xid) < (seal.era, seal.xid_to):
            if held.era != seal.era or held.xid < seal.xid_from:
                raise SealBroken(f"seal {seal.n}: record {held.id} lies before it and below no seal")
            hashes.append(merkle.leaf(held.body))
            covered += 1
            if covered % _STEP == 0:
                progress(covered)
            held = next(waiting, None)
        if len(hashes) != seal.count:
            raise SealBroken(f"seal {seal.n}: it covers {seal.count} records, and there are {len(hashes)}")
        if merkle.root(hashes) != seal.root:
            raise SealBroken(f"seal {seal.n}: its root is not that of its {seal.count} records")
        before = seal
    end = before.n if before else first - 1
    if last not in {None, end} or any(n > end for n in kept):
        raise SealBroken(f"seal {end + 1}: it is missing")
    if strangers:
        raise SealBroken(
            f"key {strangers[0].kid}: it is not endorsed by the key before, and has signed no seal"
        )
    unsealed = (held is not None) + sum(1 for _ in waiting)
    return Verified(
        first if before else 0, end if before else 0, covered, unsealed, next(iter(trusted), None)
    )


def _check_place(seal: Seal, before: Seal | None, first: int) -> None:
    """It follows the seal before.

    Raises:
        SealBroken: it does not.
    """
    expected = before.n + 1 if before else first
    if seal.n != expected:
        raise SealBroken(f"seal {expected}: it is missing")
    if before is None and first != 1:
        return
    if seal.prev != (sha256(before.jws.encode()).digest() if before else NO_SEAL):
        raise SealBroken(f"seal {seal.n}: it does not name the seal before")
    era, xid = (before.era, before.xid_to) if before else (1, 0)
    if (seal.era, seal.xid_from) not in {(era, xid), (era + 1, 0)} or (before is None and seal.era != 1):
        raise SealBroken(f"seal {seal.n}: it does not begin where the seal before ends")


def _check_signature(seal: Seal, trusted: Mapping[str, Key]) -> None:
    """It is signed by a key that signed then, and its columns say what was signed.

    Raises:
        SealBroken: it is not.
    """
    try:
        signed = signed_payload(seal.jws, SEAL, trusted, seal.at)
    except ValueError as fault:
        raise SealBroken(f"seal {seal.n}: {fault}") from None
    columns: dict[str, Any] = {
        "n": seal.n,
        "era": seal.era,
        "xid_from": seal.xid_from,
        "xid_to": seal.xid_to,
        "count": seal.count,
        "root": seal.root.hex(),
        "prev": seal.prev.hex(),
        "at": moment(seal.at),
    }
    if _header(seal.jws).get("kid") != seal.kid:
        raise SealBroken(f"seal {seal.n}: its kid is not what was signed")
    for name, value in columns.items():
        if signed.get(name) != value:
            raise SealBroken(f"seal {seal.n}: its {name} is not what was signed")


def signed_payload(jws: str, kind: str, keys: Mapping[str, Key], at: datetime | None) -> dict[str, Any]:
    """What a compact JWS says.

    Args:
        jws: the text.
        kind: the type that it must have.
        keys: that may have signed it, by id.
        at: when it was signed, if the key must have been in use then.

    Raises:
        ValueError: it is not such a JWS, or not signed by such a key; says what is wrong.
    """
    header = _header(jws)
    if header.get("alg") != "Ed25519" or header.get("typ") != kind:
        raise ValueError("its signature is not one of a seal")
    key = keys.get(str(header.get("kid")))
    if key is None:
        raise ValueError("it is signed by a key that is not endorsed")
    if at is not None and not key.not_before <= at < key.retire_at:
        raise ValueError("it is signed by a key that was not in use then")
    said, _, signature = jws.rpartition(".")
    try:
        Ed25519PublicKey.from_public_bytes(from_base64url(key.x)).verify(
            from_base64url(signature), said.encode()
        )
        payload: Any = json.loads(from_base64url(said.partition(".")[2]))
    except (InvalidSignature, ValueError):
        raise ValueError("its signature does not hold") from None
    if not isinstance(payload, dict):
        raise ValueError("its signature is not one of a seal")  # noqa: TRY004 -- one error for all that it may be
    return cast("dict[str, Any]", payload)


def _header(jws: str) -> dict[str, Any]:
    try:
        header: Any = json.loads(from_base64url(jws.partition(".")[0]))
    except ValueError:
        header = None
    return cast("dict[str, Any]", header) if isinstance(header, dict) else {}


def _endorsed(keys: Sequence[Key], first_kid: str | None) -> tuple[dict[str, Key], list[Key]]:
    """The keys that follow from the first one, the first one foremost; and those that do not."""
    endorsed: dict[str, Key] = {}
    strangers: list[Key] = []
    for key in sorted(keys, key=lambda one: (one.not_before, one.kid)):
        # The first key signs itself; which one that is can only be told by another way.
        is_first = not endorsed and first_kid in {None, key.kid}
        if _is_endorsed(key, {key.kid: key} if is_first else endorsed):
            endorsed[key.kid] = key
        else:
            strangers.append(key)
    return endorsed, strangers


def _is_endorsed(key: Key, by: Mapping[str, Key]) -> bool:
    said = {"jwk": key.jwk, "not_before": moment(key.not_before), "retire_at": moment(key.retire_at)}
    try:
        return signed_payload(key.endorsement, ENDORSEMENT, by, None) == said
    except ValueError:
        return False


def told(found: Verified) -> str:
    """What holds, in a line."""
    if not found.last:
        return f"no seal yet; {found.unsealed_count:,} records wait for the first"
    return (
        f"seals {found.first} to {found.last} hold, with {found.record_count:,} records;"
        f" {found.unsealed_count:,} came after; the first key is {found.first_kid}"
    )


def verify_export(
    path: Path,
    *,
    published: Mapping[int, str] | None = None,
    first_kid: str | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Verified:
    """What holds of an export, if all of it does.

    Raises:
        SealBroken: names the first seal that fails, and what of it; or the file is no export.
    """
    kept = published or {}
    try:
        export = evidence.read(path)
        return verify(
            export.keys,
            export.seals(),
            export.records(),
            first=export.first,
            last=export.last,
            published={n: jws for n, jws in kept.items() if export.last is None or n <= export.last},
            first_kid=first_kid,
            progress=progress,
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise SealBroken(f"{path.name} cannot be read: {type(fault).__name__}") from None


def main() -> None:
    """Verifies the export that the command line names, against the answers of /audit/seals that follow it.

    Raises:
        SystemExit: it does not hold.
    """
    path, *kept = map(Path, sys.argv[1:])
    seals = evidence.published("".join(one.read_text(encoding="utf-8") for one in kept))
    try:
        print(told(verify_export(path, published=seals)))  # noqa: T201 -- the command line's own
    except SealBroken as error:
        raise SystemExit(f"verify: {error}") from None


if __name__ == "__main__":
    main()

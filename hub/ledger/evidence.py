"""Keys, seals and records as evidence: what they are, and their JSON in exports and at /audit/seals.

An export is NDJSON: `{"export": ...}`, then a line `{"key": ...}` for each key, `{"seal": ...}` for each seal, and
`{"record": ...}` for each record in the order of era, transaction and id. Needs the standard library alone.
"""

import json
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, cast

FORM = 1
"""Of an export, in its first line."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key that signs seals, as it is published.

    Attributes:
        kid: its thumbprint (RFC 7638).
        x: the public key, base64url.
        not_before: when it signs its first seal.
        retire_at: when it signs no more.
        endorsement: JWS of the key before over all of this; the first key signs itself.
    """

    kid: str
    x: str
    not_before: datetime
    retire_at: datetime
    endorsement: str

    @property
    def jwk(self) -> dict[str, str]:
        """The key by RFC 8037."""
        return {"crv": "Ed25519", "kid": self.kid, "kty": "OKP", "x": self.x}


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal as it is stored; what counts is its JWS, and the rest must say the same."""

    n: int
    era: int
    xid_from: int
    xid_to: int
    count: int
    root: bytes
    prev: bytes
    at: datetime
    kid: str
    jws: str


class Record(NamedTuple):
    """A record in its place."""

    era: int
    xid: int
    id: int
    body: bytes


def moment(at: datetime) -> str:
    """A time in UTC to the microsecond, as it stands in entries and seals (RFC 3339)."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def base64url(content: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """The bytes of a text that has exactly one spelling for them.

    Raises:
        ValueError: it is spelled otherwise.
    """
    content = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64url(content) != text:
        raise ValueError("not base64url")
    return content


def key_object(key: Key) -> dict[str, str]:
    """A key as a JWK, with its time and endorsement beside."""
    period = {"not_before": moment(key.not_before), "retire_at": moment(key.retire_at)}
    return {**key.jwk, "alg": "Ed25519", "use": "sig", **period, "endorsement": key.endorsement}


def key_of(said: dict[str, Any]) -> Key:
    """The key that `key_object` wrote."""
    start, end = (datetime.fromisoformat(said[name]) for name in ("not_before", "retire_at"))
    return Key(said["kid"], said["x"], start, end, said["endorsement"])


def seal_object(seal: Seal) -> dict[str, Any]:
    """A seal as an object."""
    columns = {
        name: getattr(seal, name) for name in ("n", "era", "xid_from", "xid_to", "count", "kid", "jws")
    }
    return {**columns, "root": seal.root.hex(), "prev": seal.prev.hex(), "at": moment(seal.at)}


def seal_of(said: dict[str, Any]) -> Seal:
    """The seal that `seal_object` wrote."""
    return Seal(
        **{name: said[name] for name in ("n", "era", "xid_from", "xid_to", "count", "kid", "jws")},
        root=bytes.fromhex(said["root"]),
        prev=bytes.fromhex(said["prev"]),
        at=datetime.fromisoformat(said["at"]),
    )


def lines(
    first: int, last: int | None, keys: Iterable[Key], seals: Iterable[Seal], records: Iterable[Record]
) -> Iterator[str]:
    """The lines of an export.

    Args:
        first: number of its first seal.
        last: number of its last seal; None if it goes to the end, with records that are not sealed yet.
        keys: all of them.
        seals: in order.
        records: in order.
    """
    yield json.dumps({"export": {"form": FORM, "from": first, "to": last}}) + "\n"
    for key in keys:
        yield json.dumps({"key": key_object(key)}) + "\n"
    for seal in seals:
        yield json.dumps({"seal": seal_object(seal)}) + "\n"
    for era, xid, number, body in records:
        text = b64encode(body).decode()
        yield f'{{"record":{{"id":{number},"era":{era},"xid":{xid},"body":"{text}"}}}}\n'


@dataclass(frozen=True, slots=True)
class Export:
    """An export, read again and again: seals and records are each read when they are wanted, and never kept."""

    path: Path
    first: int
    last: int | None
    keys: tuple[Key, ...]

    def seals(self) -> Iterator[Seal]:
        """The seals, as they stand in it."""
        return (seal_of(said) for said in _objects(self.path, "seal"))

    def records(self) -> Iterator[Record]:
        """The records, as they stand in it."""
        for said in _objects(self.path, "record"):
            yield Record(said["era"], said["xid"], said["id"], b64decode(said["body"], validate=True))


def read(path: Path) -> Export:
    """The export in that file.

    Raises:
        ValueError: the file is no export.
    """
    with path.open(encoding="utf-8") as file:
        head = json.loads(file.readline() or "null")
    if not isinstance(head, dict) or "export" not in head:
        raise ValueError("not an export of the ledger")
    said = cast("dict[str, Any]", head["export"])
    if said["form"] != FORM:
        raise ValueError("an export of a form that this release does not know")
    keys = tuple(key_of(one) for one in _objects(path, "key"))
    return Export(path, said["from"], said["to"], keys)


def _objects(path: Path, kind: str) -> Iterator[dict[str, Any]]:
    """The objects of one kind; all of a kind stand together, so the rest of the file is not read for keys and seals."""
    begin, has_begun = f'{{"{kind}":', False
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.startswith(begin):
                has_begun = True
                yield json.loads(line)[kind]
            elif has_begun:
                return


def published(text: str) -> dict[int, str]:
    """The JWS of each seal of what /audit/seals has answered, by its number.

    Args:
        text: one answer, or several behind one another.

    Raises:
        ValueError: it is no such answer.
    """
    found: dict[int, str] = {}
    decoder, at = json.JSONDecoder(), 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        page, at = decoder.raw_decode(text, at)
        try:
            found |= {int(one["n"]): str(one["jws"]) for one in page["seals"]}
        except (KeyError, TypeError):
            raise ValueError("not an answer of /audit/seals") from None
    return found

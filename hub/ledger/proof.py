"""Proof that one record lies under a seal: a dozen hashes, and neither the ledger nor any other record.

Needs the standard library and `cryptography` to be checked, no database.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from hub.ledger import merkle
from hub.ledger.evidence import Key, Record, Seal, key_object, key_of
from hub.ledger.verify import SEAL, signed_payload
from schema.errors import SealBroken


def prove(record: Record, seal: Seal, beside: Sequence[Record], key: Key) -> dict[str, Any]:
    """The proof, as an object for JSON.

    Args:
        record: to prove.
        seal: that covers it.
        beside: all records of the seal, in order.
        key: that signed the seal.

    Raises:
        SealBroken: the seal does not cover these records.
    """
    hashes = merkle.leaves(one.body for one in beside)
    if merkle.root(hashes) != seal.root or record not in beside:
        raise SealBroken(f"seal {seal.n}: its root is not that of its {seal.count} records")
    index = beside.index(record)
    return {
        "record": record.id,
        "body": b64encode(record.body).decode(),
        "index": index,
        "path": [one.hex() for one in merkle.path(hashes, index)],
        "seal": {"n": seal.n, "jws": seal.jws},
        "key": key_object(key),
    }


def check(proof: dict[str, Any], published: Mapping[int, str] | None = None) -> bytes:
    """The body of the record, which lies under the seal.

    Args:
        proof: as `prove` gives it.
        published: JWS of seals by number, as somebody has kept them; without it the proof holds as far as the key in it
            is the hub's.

    Raises:
        SealBroken: the proof does not hold; says why.
    """
    try:
        n, jws = int(proof["seal"]["n"]), str(proof["seal"]["jws"])
        body, path = b64decode(proof["body"], validate=True), [bytes.fromhex(one) for one in proof["path"]]
        key = key_of(proof["key"])
        signed = signed_payload(jws, SEAL, {key.kid: key}, None)
        root, count, index = bytes.fromhex(signed["root"]), int(signed["count"]), int(proof["index"])
    except (KeyError, TypeError, ValueError) as fault:
        raise SealBroken(f"the proof cannot be read: {fault}") from None
    if signed["n"] != n or (published is not None and published.get(n) != jws):
        raise SealBroken(f"seal {n}: it is not the one that was published")
    if not merkle.includes(root, merkle.leaf(body), index, count, path):
        raise SealBroken(f"seal {n}: the record is not one of its {count}")
    return body

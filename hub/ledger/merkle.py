"""Merkle trees of RFC 9162 section 2.1: one root for many records, and short proofs that a record is below it."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

_LEAF, _NODE = b"\x00", b"\x01"
"""Leaves and nodes are hashed apart, so that no node can be passed off as a record."""


def leaf(body: bytes) -> bytes:
    """The hash of one record."""
    return sha256(_LEAF + body).digest()


def leaves(bodies: Iterable[bytes]) -> list[bytes]:
    """The hashes of records."""
    return [sha256(_LEAF + body).digest() for body in bodies]


def root(hashes: Sequence[bytes]) -> bytes:
    """The root over the hashes of records, in their order; SHA-256 of nothing where there are none."""
    if not hashes:
        return sha256().digest()
    level = list(hashes)
    while len(level) > 1:
        level = _above(level)
    return level[0]


def _above(level: list[bytes]) -> list[bytes]:
    """The next level: pairs from the left, and one that is left over rises as it is.

    It is the tree that splits at the largest power of two below n, since every left part of that is full.
    """
    pairs = iter(level)
    above = [sha256(_NODE + left + right).digest() for left, right in zip(pairs, pairs, strict=False)]
    if len(level) % 2:
        above.append(level[-1])
    return above


def path(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The inclusion proof of one record: the hashes beside its way up to the root, from below.

    Args:
        hashes: of all records below the root.
        index: of the record, from 0.

    Raises:
        IndexError: there is no such record.
    """
    if not 0 <= index < len(hashes):
        raise IndexError(index)
    found: list[bytes] = []
    level = list(hashes)
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            found.append(level[beside])
        level, index = _above(level), index // 2
    return found


def includes(above: bytes, hashed: bytes, index: int, count: int, proof: Sequence[bytes]) -> bool:
    """True if the record with that hash is the one at that index of the count records below the root.

    Args:
        above: the root.
        hashed: the hash of the record.
        index: of the record, from 0.
        count: records below the root.
        proof: as `path` gives it.

    Source: RFC 9162 section 2.1.3.2, whose names fn, sn and r these are.
    """
    if not 0 <= index < count:
        return False
    fn, sn, r = index, count - 1, hashed
    for beside in proof:
        if sn == 0:
            return False
        if fn % 2 or fn == sn:
            r = sha256(_NODE + beside + r).digest()
            while not fn % 2 and fn:
                fn, sn = fn // 2, sn // 2
        else:
            r = sha256(_NODE + r + beside).digest()
        fn, sn = fn // 2, sn // 2
    return sn == 0 and r == above

"""The tree is that of RFC 9162, beside a slow one written from its definition."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.ledger import merkle


def slow_root(bodies: list[bytes]) -> bytes:
    """MTH of RFC 9162 section 2.1.1, as it is defined there."""
    if not bodies:
        return sha256(b"").digest()
    if len(bodies) == 1:
        return sha256(b"\x00" + bodies[0]).digest()
    split = _largest_power_below(len(bodies))
    return sha256(b"\x01" + slow_root(bodies[:split]) + slow_root(bodies[split:])).digest()


def slow_path(index: int, bodies: list[bytes]) -> list[bytes]:
    """PATH of RFC 9162 section 2.1.3.1, as it is defined there."""
    if len(bodies) <= 1:
        return []
    split = _largest_power_below(len(bodies))
    if index < split:
        return [*slow_path(index, bodies[:split]), slow_root(bodies[split:])]
    return [*slow_path(index - split, bodies[split:]), slow_root(bodies[:split])]


def _largest_power_below(n: int) -> int:
    return 1 << ((n - 1).bit_length() - 1)


def bodies_of(n: int) -> list[bytes]:
    return [b"record %d" % number for number in range(n)]


@pytest.mark.parametrize("n", range(101))
def test_root_and_paths_are_those_of_the_definition(n):
    bodies = bodies_of(n)
    hashes = merkle.leaves(bodies)

    root = merkle.root(hashes)

    assert root == slow_root(bodies)
    for index in range(n):
        path = merkle.path(hashes, index)
        assert path == slow_path(index, bodies)
        assert merkle.includes(root, hashes[index], index, n, path)


def test_the_roots_that_the_certificate_transparency_log_of_google_tests_with():
    """Test vectors of google/certificate-transparency, merkle_tree_test: eight leaves."""
    leaves = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    hashes = merkle.leaves(map(bytes.fromhex, leaves))

    assert merkle.root(hashes[:1]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert merkle.root(hashes[:2]).hex() == "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    assert merkle.root(hashes[:3]).hex() == "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"
    assert merkle.root(hashes).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@given(st.data())
def test_a_proof_holds_for_its_record_at_its_place_and_for_nothing_else(data):
    n = data.draw(st.integers(1, 100))
    index, other = data.draw(st.integers(0, n - 1)), data.draw(st.integers(-1, n))
    hashes = merkle.leaves(bodies_of(n))
    root, path = merkle.root(hashes), merkle.path(hashes, index)
    changed = data.draw(st.integers(0, max(len(path) - 1, 0)))

    assert merkle.includes(root, hashes[index], index, n, path)
    assert not merkle.includes(root, merkle.leaf(b"another"), index, n, path)
    assert not merkle.includes(root, hashes[index], index, n, [*path, root])
    if path:
        assert not merkle.includes(root, hashes[index], index, n, path[:-1])
        assert not merkle.includes(
            root, hashes[index], index, n, [*path[:changed], root, *path[changed + 1 :]]
        )
    if other != index:
        assert not merkle.includes(root, hashes[index], other, n, path)


@pytest.mark.parametrize("index", [-1, 3])
def test_there_is_no_proof_of_what_is_not_there(index):
    with pytest.raises(IndexError):
        merkle.path(merkle.leaves(bodies_of(3)), index)

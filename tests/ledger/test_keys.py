"""A key is endorsed by the one before, published a month before it signs, and signs for a year."""

import json

from joserfc import jws as joserfc_jws
from joserfc.jwk import OKPKey

from hub.ledger import stored
from hub.ledger.sealer import Sealer


def life(owner) -> list[tuple[str, str]]:
    return owner.execute(
        "SELECT not_before::date::text, retire_at::date::text FROM audit.seal_key ORDER BY not_before"
    ).fetchall()


async def seal(ledger, sealer) -> None:
    await ledger.record(b"one")
    await sealer.seal_all()


async def test_the_first_seal_makes_the_first_key(ledger, sealer, owner):
    await seal(ledger, sealer)

    assert life(owner) == [("2026-03-01", "2027-03-01")]


async def test_the_next_key_is_published_a_month_before_it_signs(ledger, sealer, clock, owner, verified):
    await seal(ledger, sealer)
    clock.go(days=334)
    await seal(ledger, sealer)
    before = life(owner)
    clock.go(days=1)
    await seal(ledger, sealer)

    assert before == [("2026-03-01", "2027-03-01")]
    assert life(owner) == [*before, ("2027-03-01", "2028-02-29")]
    assert owner.execute("SELECT count(DISTINCT kid) FROM audit.seal").fetchone() == (1,)
    assert verified().last == 3


async def test_after_a_year_the_next_key_signs_and_all_holds(ledger, sealer, clock, owner, verified):
    for _ in range(6):
        await seal(ledger, sealer)
        clock.go(days=180)

    assert owner.execute("SELECT count(DISTINCT kid) FROM audit.seal").fetchone() == (3,)
    assert verified().last == 6
    assert len(life(owner)) == 3


async def test_a_hub_that_stood_still_for_years_goes_on_with_an_endorsed_key(
    ledger, sealer, clock, owner, verified
):
    await seal(ledger, sealer)
    clock.go(days=2000)
    await seal(ledger, sealer)

    assert life(owner) == [("2026-03-01", "2027-03-01"), ("2031-08-22", "2032-08-21")]
    assert verified().last == 2


async def test_sealers_of_two_processes_sign_with_the_same_keys(
    ledger, sealer, sealer_pool, keyring, clock, owner, verified
):
    other = Sealer(sealer_pool, keyring, clock)
    for _ in range(5):
        await seal(ledger, sealer)
        clock.go(days=200)
        await seal(ledger, other)

    assert verified().last == 10
    assert len(life(owner)) == owner.execute("SELECT count(DISTINCT kid) FROM audit.seal").fetchone()[0]


async def test_the_private_part_is_sealed_to_its_place_and_shown_nowhere(ledger, sealer, owner, keyring):
    await seal(ledger, sealer)

    kid, sealed = owner.execute("SELECT kid, sealed_private FROM audit.seal_key").fetchone()
    private = keyring.open(sealed, f"audit.seal_key.sealed_private:{kid}")
    everything = owner.execute("SELECT k::text || s::text FROM audit.seal_key k, audit.seal s").fetchone()[0]
    assert len(private) == 32
    assert private.hex() not in everything
    assert private.hex() not in repr(sealer._signer) + repr(vars(sealer))  # noqa: SLF001 -- what a log could show


async def test_another_library_reads_a_seal(ledger, sealer, database):
    """joserfc, which knows nothing of ours."""
    await seal(ledger, sealer)
    with stored.opened(database.service_url) as found:
        (key,), (one,) = found.seal_keys(), list(found.seals())

    read = joserfc_jws.deserialize_compact(one.jws, OKPKey.import_key(key.jwk), algorithms=["Ed25519"])

    assert key.kid == OKPKey.import_key({**key.jwk, "kid": ""}).thumbprint()
    assert read.headers() == {"alg": "Ed25519", "kid": key.kid, "typ": "seal+jws"}
    assert json.loads(read.payload) == {
        "n": 1,
        "era": 1,
        "xid_from": 0,
        "xid_to": one.xid_to,
        "count": 1,
        "root": one.root.hex(),
        "prev": "00" * 32,
        "at": "2026-03-01T08:00:00.000000Z",
    }

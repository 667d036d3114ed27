"""Whatever the owner of the database changes, verification names the seal: update, delete, insert, swap."""

from contextlib import closing
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.ledger import keys, merkle, stored
from hub.ledger.evidence import moment
from hub.ledger.keys import Signer, public_jwk
from hub.ledger.stored import Stored
from hub.ledger.verify import ENDORSEMENT, SEAL, verify
from schema.errors import SealBroken

PER_SEAL = 5
SEALS = 4
EVERY = range(1, PER_SEAL * SEALS + 1)


@pytest.fixture(autouse=True)
async def sealed(ledger, sealer, clock):
    """Four seals over five records each, of transactions of their own; and one record that came after."""
    for number in range(PER_SEAL * SEALS):
        await ledger.record(b"record %d" % number)
        if number % PER_SEAL == PER_SEAL - 1:
            clock.go(seconds=1)
            await sealer.seal_all()
    await ledger.record(b"unsealed")


@pytest.fixture
def published(database) -> dict[int, str]:
    """The seals as somebody has kept them before anything was done to them."""
    with stored.opened(database.service_url) as ledger:
        return {seal.n: seal.jws for seal in ledger.seals()}


@pytest.fixture
def broken(thief):
    """What verification says of a ledger after the thief's statement, which is taken back then."""

    def look(statement: str = "SELECT", values: object = None, **more: Any) -> str:
        with thief.transaction(force_rollback=True):
            thief.execute(statement, values)
            with closing(Stored(thief)) as ledger, pytest.raises(SealBroken) as told:
                verify(ledger.seal_keys(), ledger.seals(), ledger.records(), **more)
        return str(told.value)

    return look


def seal_of(nth: int) -> int:
    return (nth - 1) // PER_SEAL + 1


def nth_id(thief, nth: int) -> int:
    return thief.execute("SELECT id FROM audit.record ORDER BY id OFFSET %s LIMIT 1", (nth - 1,)).fetchone()[
        0
    ]


def test_untouched_it_holds(verified, published):
    found = verified(published=published)

    assert (found.first, found.last, found.record_count, found.unsealed_count) == (1, 4, 20, 1)


def test_a_changed_record_breaks_its_seal(thief, broken):
    change = "UPDATE audit.record SET body = body || ' ' WHERE id = %s"

    told = [broken(change, (nth_id(thief, nth),)) for nth in EVERY]

    assert told == [f"seal {seal_of(nth)}: its root is not that of its 5 records" for nth in EVERY]


def test_a_deleted_record_breaks_its_seal(thief, broken):
    told = [broken("DELETE FROM audit.record WHERE id = %s", (nth_id(thief, nth),)) for nth in EVERY]

    assert told == [f"seal {seal_of(nth)}: it covers 5 records, and there are 4" for nth in EVERY]


def test_an_inserted_record_breaks_the_seal_where_it_is_put(thief, broken):
    insert = (
        "INSERT INTO audit.record (era, xid, body) SELECT era, xid, 'added' FROM audit.record WHERE id = %s"
    )

    told = [broken(insert, (nth_id(thief, nth),)) for nth in EVERY]

    assert told == [f"seal {seal_of(nth)}: it covers 5 records, and there are 6" for nth in EVERY]


def test_two_records_that_have_changed_places_break_the_first_of_their_seals(thief, broken):
    pairs = [(one, other) for one in EVERY for other in EVERY if one < other]
    swap = """UPDATE audit.record r SET body = o.body FROM audit.record o
              WHERE (r.id, o.id) IN ((%(one)s, %(other)s), (%(other)s, %(one)s))"""

    told = [broken(swap, {"one": nth_id(thief, one), "other": nth_id(thief, other)}) for one, other in pairs]

    assert told == [f"seal {seal_of(one)}: its root is not that of its 5 records" for one, _ in pairs]


def test_a_record_that_was_moved_to_another_seal_breaks_both_and_the_first_is_named(thief, broken):
    move = "UPDATE audit.record SET xid = (SELECT xid FROM audit.record WHERE id = %s) WHERE id = %s"

    told = broken(move, (nth_id(thief, 17), nth_id(thief, 8)))

    assert told == "seal 2: it covers 5 records, and there are 4"


def test_a_record_of_an_era_that_never_was_is_found(broken):
    for era in (0, -7):
        told = broken("INSERT INTO audit.record (era, body) VALUES (%s, 'added')", (era,))

        assert told.startswith("seal 1: record ")
        assert told.endswith(" lies before it and below no seal")


def test_a_deleted_seal_is_missing(broken):
    told = [broken("DELETE FROM audit.seal WHERE n = %s", (n,)) for n in range(1, SEALS)]

    assert told == [f"seal {n}: it is missing" for n in range(1, SEALS)]


def test_a_tail_that_was_cut_off_is_missing_for_who_has_kept_the_seals(thief, broken, published):
    thief.execute("DELETE FROM audit.seal WHERE n = 4")
    thief.execute("DELETE FROM audit.record WHERE id >= %s", (nth_id(thief, 16),))

    assert broken(published=published) == "seal 4: it is missing"


async def test_a_tail_that_was_sealed_anew_is_not_the_one_that_was_published(
    thief, broken, published, sealer, verified
):
    thief.execute("DELETE FROM audit.seal WHERE n = 4")
    thief.execute("DELETE FROM audit.record WHERE id = %s", (nth_id(thief, 18),))
    await sealer.seal_all()

    assert verified().last == 4
    assert broken(published=published) == "seal 4: it is not the one that was published"


CHANGED = {
    "era": "era + 1",
    "xid_from": "'1'",
    "xid_to": "(xid_to::text::bigint + 1)::text::xid8",
    "count": "count + 1",
    "root": "sha256(root)",
    "prev": "sha256(prev)",
    "at": "at + interval '1 microsecond'",
    "kid": "'another'",
}
BENT = [
    "jws || 'A'",
    "left(jws, -1) || CASE right(jws, 1) WHEN 'A' THEN 'B' ELSE 'A' END",
    "'{}'",
    "''",
    "'..'",
]


def test_a_changed_seal_breaks(broken):
    for n in range(1, SEALS + 1):
        for column, value in CHANGED.items():
            told = broken(f"UPDATE audit.seal SET {column} = {value} WHERE n = {n}")  # noqa: S608 -- of this test

            assert told == f"seal {n}: its {column} is not what was signed"


def test_a_changed_signature_breaks(broken):
    for n in range(1, SEALS + 1):
        for value in BENT:
            told = broken(f"UPDATE audit.seal SET jws = {value} WHERE n = {n}")  # noqa: S608 -- of this test

            assert told.startswith(f"seal {n}: its signature ")


def test_seals_that_have_changed_places_break(broken):
    swap = (
        "DELETE FROM audit.seal WHERE n = 2;"
        "UPDATE audit.seal SET n = 2 WHERE n = 3;"
        "INSERT INTO audit.seal SELECT 3, era, xid_from, xid_to, count, root, prev, at, kid, jws"
        " FROM audit.seal WHERE n = 2"
    )

    assert broken(swap) == "seal 2: its n is not what was signed"


def test_a_seal_that_was_copied_from_another_breaks(broken):
    copy = """INSERT INTO audit.seal SELECT 5, era, xid_from, xid_to, count, root, prev, at, kid, jws
              FROM audit.seal WHERE n = 4"""

    assert broken(copy) == "seal 5: its n is not what was signed"


class Forger:
    """Signs with a key of its own, and gets all else right."""

    def __init__(self, thief) -> None:
        self.thief = thief
        self.private = Ed25519PrivateKey.generate()

    def publish(self, endorser: Signer | None = None) -> Signer:
        start, end = self.thief.execute(
            "SELECT min(not_before), max(retire_at) FROM audit.seal_key"
        ).fetchone()
        jwk = public_jwk(self.private)
        signer = Signer(jwk["kid"], self.private, start, end)
        said = {"jwk": jwk, "not_before": moment(start), "retire_at": moment(end)}
        endorsement = (endorser or signer).sign(ENDORSEMENT, said)
        self.thief.execute(
            "INSERT INTO audit.seal_key VALUES (%s, %s, '', %s, %s, %s)",
            (jwk["kid"], keys.json.dumps(jwk), start, end, endorsement),
        )
        return signer

    def seal_anew(self, signer: Signer, first: int) -> None:
        """Every seal from that one on, over the records as they are now."""
        before = self.thief.execute("SELECT jws FROM audit.seal WHERE n = %s", (first - 1,)).fetchone()
        prev = merkle.sha256(before[0].encode()).digest() if before else bytes(32)
        rows = self.thief.execute(
            """SELECT n, era, xid_from::text::bigint, xid_to::text::bigint, at FROM audit.seal
               WHERE n >= %s ORDER BY n""",
            (first,),
        ).fetchall()
        for n, era, start, end, at in rows:
            bodies = self.thief.execute(
                "SELECT body FROM audit.record WHERE era = %s AND xid >= %s::text::xid8 AND xid < %s::text::xid8"
                " ORDER BY xid, id",
                (era, str(start), str(end)),
            ).fetchall()
            root = merkle.root(merkle.leaves(body for (body,) in bodies))
            jws = signer.sign(
                SEAL,
                {
                    "n": n,
                    "era": era,
                    "xid_from": start,
                    "xid_to": end,
                    "count": len(bodies),
                    "root": root.hex(),
                    "prev": prev.hex(),
                    "at": moment(at),
                },
            )
            self.thief.execute(
                "UPDATE audit.seal SET count = %s, root = %s, prev = %s, kid = %s, jws = %s WHERE n = %s",
                (len(bodies), root, prev, signer.kid, jws, n),
            )
            prev = merkle.sha256(jws.encode()).digest()


def test_a_forger_s_key_is_not_endorsed(thief, broken):
    forger = Forger(thief)
    thief.execute("DELETE FROM audit.record WHERE id = %s", (nth_id(thief, 8),))

    forger.seal_anew(forger.publish(), 2)

    # The key signs itself, as the first one does; whichever of the two is taken for the first, one seal is foreign.
    assert broken() in {f"seal {n}: it is signed by a key that is not endorsed" for n in (1, 2)}


def test_a_key_that_nobody_endorsed_is_found_before_it_signs(thief, verified):
    first_kid = verified().first_kid

    kid = Forger(thief).publish().kid

    with pytest.raises(SealBroken, match=f"key {kid}: it is not endorsed"):
        verified(first_kid=first_kid)


def test_a_history_that_was_written_anew_from_the_first_key_on_is_not_the_one_that_is_known(
    thief, verified, broken, published
):
    first_kid = verified().first_kid
    forger = Forger(thief)
    thief.execute("DELETE FROM audit.record WHERE id = %s", (nth_id(thief, 8),))
    forged = forger.publish()
    forger.seal_anew(forged, 1)
    thief.execute("DELETE FROM audit.seal_key WHERE kid <> %s", (forged.kid,))

    assert verified().first_kid == forged.kid
    assert broken(first_kid=first_kid) == "seal 1: it is signed by a key that is not endorsed"
    assert broken(published=published) == "seal 1: it is not the one that was published"


def test_a_changed_key_signs_nothing(broken):
    for change in (
        "retire_at = retire_at + interval '1 day'",
        "not_before = not_before - interval '1 day'",
        "public_jwk = '{}'",
        "endorsement = 'x'",
        "kid = 'another'",
    ):
        told = broken(f"UPDATE audit.seal_key SET {change}")  # noqa: S608 -- of this test

        assert told == "seal 1: it is signed by a key that is not endorsed"

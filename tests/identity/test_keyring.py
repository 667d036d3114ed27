"""The keyring of a database: made once, by whoever has the right root key."""

import asyncio
import os
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from hub.clock import now
from hub.database import Pool
from hub.identity.keyring import Keyring
from hub.identity.kms import KeyFile
from schema.errors import SealedValueBroken

AGENCIES = ("POLRI", "IMIGRASI", "KEMNAKER", "KEMENSOS")
OWN = ("hub:token", "hub:hash", "hub:sign", "hub:vault")


@pytest.fixture
def root(key_file: Path) -> KeyFile:
    return KeyFile.read(key_file)


async def load(pool: Pool, kms: KeyFile, agencies: tuple[str, ...] = AGENCIES) -> Keyring:
    async with pool.connection() as connection:
        return await Keyring.load(connection, kms, agencies, now())


def marks(keyring: Keyring) -> tuple[bytes, ...]:
    """What tells two keyrings apart without a look at a key."""
    return (keyring.token("b", "v"), keyring.digest(b"v"), keyring.sign("l", b"v"))


def rows(database) -> list[tuple[str, int, bytes]]:
    with psycopg.connect(database.owner_url.replace("+psycopg", "")) as connection:
        return connection.execute("SELECT agency, version, wrapped FROM agency_key ORDER BY 1, 2").fetchall()


async def test_an_empty_database_gets_a_key_for_each_name(pool: Pool, root: KeyFile, database):
    await load(pool, root)

    assert [(name, version) for name, version, _ in rows(database)] == sorted(
        (name, 1) for name in (*AGENCIES, *OWN)
    )
    assert len({wrapped for *_, wrapped in rows(database)}) == len(AGENCIES) + len(OWN)


async def test_the_next_start_reads_the_same_keys(pool: Pool, root: KeyFile, database):
    first = await load(pool, root)
    made, stored = first.new_subject("POLRI", UUID(int=7)), rows(database)

    second = await load(pool, root)

    assert marks(second) == marks(first)
    assert second.subject("POLRI", UUID(int=7), made.kek_version, made.wrapped) == made
    assert rows(database) == stored


async def test_a_new_agency_gets_a_key_and_the_others_keep_theirs(pool: Pool, root: KeyFile, database):
    await load(pool, root, ("POLRI",))
    before = rows(database)

    await load(pool, root, ("POLRI", "BP2MI"))

    assert [row for row in rows(database) if row[0] != "BP2MI"] == before
    assert [row[:2] for row in rows(database) if row[0] == "BP2MI"] == [("BP2MI", 1)]


async def test_starters_at_once_make_one_keyring(pool: Pool, root: KeyFile, database):
    # Each has its agencies in another order: locks taken in the given order would close a ring.
    orders = [AGENCIES, AGENCIES[::-1], AGENCIES[2:] + AGENCIES[:2], AGENCIES[::-1]]

    made = await asyncio.gather(*(load(pool, root, order) for order in orders))

    assert {marks(keyring) for keyring in made} == {marks(made[0])}
    subject = made[0].new_subject("KEMENSOS", UUID(int=7))
    for keyring in made:
        assert keyring.subject("KEMENSOS", UUID(int=7), 1, subject.wrapped) == subject
    assert len(rows(database)) == len(AGENCIES) + len(OWN)


async def test_a_wrong_root_key_raises_shows_nothing_and_leaves_no_row(pool: Pool, root: KeyFile, database):
    await load(pool, root, ("POLRI",))
    before, wrong = rows(database), os.urandom(32)

    with pytest.raises(SealedValueBroken) as told:
        await load(pool, KeyFile(wrong), ("POLRI", "BP2MI"))

    assert rows(database) == before
    assert str(told.value) == SealedValueBroken.__doc__
    assert wrong.hex() not in repr(told.value)
    assert marks(await load(pool, root, ("POLRI", "BP2MI"))) == marks(await load(pool, root, ("POLRI",)))


async def test_of_two_root_keys_at_once_the_loser_leaves_no_row(pool: Pool, database):
    roots = [KeyFile(os.urandom(32)) for _ in range(2)]
    theirs = [("POLRI", "BP2MI"), ("POLRI", "KPAI")]

    told = await asyncio.gather(
        *(load(pool, kms, agencies) for kms, agencies in zip(roots, theirs, strict=True)),
        return_exceptions=True,
    )

    winner = next(place for place, result in enumerate(told) if isinstance(result, Keyring))
    assert isinstance(told[1 - winner], SealedValueBroken)
    assert [name for name, *_ in rows(database)] == sorted((*OWN, *theirs[winner]))


async def test_a_key_moved_to_another_agency_does_not_open(pool: Pool, root: KeyFile, database):
    await load(pool, root)
    with psycopg.connect(database.owner_url.replace("+psycopg", "")) as connection:
        connection.execute(
            "UPDATE agency_key SET wrapped = (SELECT wrapped FROM agency_key WHERE agency = 'POLRI')"
            " WHERE agency = 'KEMENSOS'"
        )

    with pytest.raises(SealedValueBroken):
        await load(pool, root)

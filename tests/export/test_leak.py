"""A leaked row names its export, in whatever file it turns up; nobody else can make or read a mark."""

import json
import os
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.export import leak
from hub.export.marks import FORM, Marks
from hub.identity.keyring import Keyring
from tests.export.conftest import VICTIMS


@pytest.fixture
def marks(exports):
    return Marks(exports.hub.keyring)


async def found_in(exports, marks, path):
    async with exports.hub.pool.connection() as connection:
        sources = await leak.sources(connection, marks, leak.marks_in(path))
    return [(str(one.export_id), one.client_id, one.purpose, one.row_count) for one in sources]


@pytest.mark.parametrize("form", ["ndjson", "parquet"])
async def test_a_file_leads_to_its_export_and_no_other(exports, marks, tmp_path, form):
    other = await exports.taken(VICTIMS, token=await exports.hub.token(client="two"))
    path = await exports.taken(VICTIMS, form=form)
    await exports.compute()
    (part,) = await exports.parts(path)
    file = tmp_path / "found"
    file.write_bytes(part)

    found = await found_in(exports, marks, file)

    ((count,),) = await exports.rows("SELECT count(*) FROM golden_victim")
    assert found == [(path.rpartition("/")[2], "one", "protection", count)]
    assert other != path


async def test_rows_copied_into_another_text_lead_there_too_also_after_the_export_was_closed(
    exports, marks, tmp_path
):
    path = await exports.taken(VICTIMS)
    await exports.compute()
    (part,) = await exports.parts(path)
    rows = [json.loads(line) for line in part.splitlines()[:3]]
    file = tmp_path / "found.csv"
    file.write_text("\n".join(f"{row['sex']};{row['exportMark']};x" for row in rows), encoding="utf-8")

    await exports.hub.http.delete(path, headers=await exports.headers())

    assert await found_in(exports, marks, file) == [(path.rpartition("/")[2], "one", "protection", 3)]
    assert [marks.read(row["exportMark"])[1] for row in rows] == [UUID(row["id"]).hex[-16:] for row in rows]


async def test_a_file_without_marks_leads_nowhere(exports, marks, tmp_path):
    await exports.whole(VICTIMS)
    file = tmp_path / "other"
    file.write_text(
        " ".join(str(uuid4()) + " AAAAAAAAAAAAAAAAAAAAAA abcdefghijklmnopqrstuA" for _ in range(50))
    )

    assert await found_in(exports, marks, file) == []


def ring():
    """A hub's keys."""
    return Keyring({f"hub:{name}": {1: os.urandom(32)} for name in ("token", "hash", "sign", "vault")})


@given(number=st.integers(1, 2**40), keys=st.lists(st.uuids(), min_size=1, max_size=20, unique=True))
def test_a_mark_tells_what_was_put_in_and_looks_like_one(number, keys):
    marks = Marks(RING)

    made = marks.of(number, keys)

    assert all(FORM.fullmatch(one) for one in made)
    assert [marks.read(one) for one in made] == [(number, key.hex[-16:]) for key in keys]


def test_marks_of_two_hubs_are_not_alike():
    assert Marks(ring()).of(1, [UUID(int=7)]) != Marks(RING).of(1, [UUID(int=7)])


RING = ring()

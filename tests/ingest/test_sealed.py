"""Who holds the database alone reads no identity."""

import base64
from datetime import date
from urllib.parse import quote

from schema.record import BrokenRule, Violation
from tests.ingest.store import Store, case, person

NAME, ALIAS, PLACE = "Kenanga Melatiwati", "Si Cempakawati", "Dusun Flamboyanwati"
NIK, PASSPORT, PHONE = "9901014702910007", "X7654321", "+6281234567890"
ADDRESS = "Jalan Bougenvilwati Nomor 73"
BORN = date(1991, 2, 7)
DAYS = ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%Y/%m/%d", "%Y%m%d", "%d%m%Y", "%d%m%y", "%m/%d/%Y", "%d.%m.%Y")
CANARIES = (
    NAME,
    *NAME.split(),
    ALIAS,
    "Cempakawati",
    PLACE,
    "Flamboyanwati",
    NIK,
    PASSPORT,
    PHONE,
    PHONE.removeprefix("+62"),
    ADDRESS,
    "Bougenvilwati",
    *(BORN.strftime(form) for form in DAYS),
    "7 Februari 1991",
)


def forms(canary: str) -> set[bytes]:
    """The ways in which a value could stand in a column: plain, encoded, backwards, inside another base64."""
    plain = {canary, canary.upper(), canary.lower(), canary.replace(" ", ""), canary[::-1], quote(canary)}
    found = {one.encode() for one in plain} | {one.encode("utf-16-le") for one in plain}
    for one in [*found]:
        found.add(one.hex().encode())
        # Inside a longer text base64 begins at any of three places; what does not depend on the neighbours is compared.
        for shift in range(3):
            whole = base64.b64encode(b"\0" * shift + one)
            found.add(whole[4 if shift else 0 : (shift + len(one)) // 3 * 4])
            found.add(
                whole[4 if shift else 0 : (shift + len(one)) // 3 * 4].translate(
                    bytes.maketrans(b"+/", b"-_")
                )
            )
    return {one.lower() for one in found if len(one) >= 6}


def shown(value: object) -> bytes:
    """A column as it is on disk, and text that hides in bytes."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value) + b" " + bytes(value).hex().encode()
    return repr(value).encode()


async def test_no_column_of_any_table_shows_an_identity_in_any_form(store: Store, owner):
    identity = {
        "address": ADDRESS,
        "phone": PHONE,
        "aliases": [ALIAS],
        "birth_place": PLACE,
        "documents": [{"key": "passport", "type": "PASSPORT_ORDINARY", "number": PASSPORT}],
    }
    said = {"nik": NIK, "passport": PASSPORT, "name": NAME, "born": BORN.isoformat(), "identity": identity}
    raw = {
        "nama": NAME,
        "nik": NIK,
        "hp": PHONE,
        "alamat": ADDRESS,
        "tgl_lahir": "07/02/1991",
        "no_paspor": PASSPORT,
    }
    await store.say(
        person(NIK, victim_in="k", raw=raw, **said),
        case("k", raw={"pelapor": NAME}),
        person(PASSPORT, "IMIGRASI", raw=raw, **said),
        # A borrowed NIK and a suspect of the same name, so that matches, reviews and redirects have rows too.
        person("c", "KEMENSOS", victim_in="s", raw=raw, **said),
        person("b", "KEMENSOS", nik=NIK, name="Bambang Sutrisno", raw=raw),
        person(NAME, "KEMNAKER", suspect_in="k", raw=raw, **said),
    )
    rule = BrokenRule(rule="nik", path="korban.nik", problem="has not the form of a NIK")
    await store.write(
        violations=[
            Violation(
                agency="POLRI",
                object="korban",
                key=key,
                source_time=None,
                rules=(rule,),
                raw=raw,
                mapping_version="1",
            )
            for key in (NIK, None)
        ]
    )
    tables = await (
        await owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    ).fetchall()

    held: dict[str, bytes] = {}
    for (table,) in tables:
        cursor = await owner.execute(f'SELECT * FROM "{table}"'.encode())  # noqa: S608 -- a name from the catalogue
        rows = await cursor.fetchall()
        for position, column in enumerate(cursor.description or ()):
            held[f"{table}.{column.name}"] = b"\n".join(shown(row[position]) for row in rows).lower()

    filled = {place.split(".")[0] for place, content in held.items() if content}
    assert filled >= {
        "source_record",
        "golden_person",
        "golden_document",
        "link_match",
        "review_task",
        "quarantine",
    }
    assert [row["full_name"] for row in await store.golden("Person") if row["full_name"] == NAME]
    wanted = {canary: forms(canary) for canary in CANARIES}
    assert [
        (place, canary)
        for place, content in held.items()
        for canary, spelled in wanted.items()
        if any(form in content for form in spelled)
    ] == []


def test_the_forms_are_found_where_they_stand():
    nested = base64.b64encode(b'{"nama": "' + NAME.encode() + b'"}').lower()

    assert any(form in nested for form in forms(NAME))
    assert any(form in shown(NIK.encode()).lower() for form in forms(NIK))
    assert any(form in shown({"x": [ALIAS.upper()]}).lower() for form in forms(ALIAS))

"""Rows of workbooks, and workbooks that would end the process."""

import io
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from connectors.transport import workbook
from connectors.transport.unread import Unreadable
from connectors.transport.workbook import Limits

SHEET, TEXTS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


def book_of(*rows: list) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


SOUND = book_of(["no_register", "nama"], ["A/1", "a"])


def with_part(name: str, content: bytes) -> bytes:
    """A sound workbook in which one part has another content."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(SOUND)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part.filename, old.read(part))
        new.writestr(name, content)
    return made.getvalue()


def sheet(rows: str) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def test_values_come_as_text_numbers_and_iso_dates():
    content = book_of(
        ["no_register", "umur", "tgl", "waktu", "aktif", None],
        ["A/1", 29, date(2025, 1, 2), datetime(2025, 1, 2, 3, 4, 5), True, None],  # noqa: DTZ001 -- a workbook has no zones
        [None, None, None, None, None, None],
        ["A/2", 1.5, "02-01-2025", None, False, "catatan"],
    )

    assert list(workbook.rows(content, "no_register")) == [
        {
            "no_register": "A/1",
            "umur": 29,
            "tgl": "2025-01-02",
            "waktu": "2025-01-02T03:04:05",
            "aktif": True,
        },
        {
            "no_register": "A/2",
            "umur": 1.5,
            "tgl": "02-01-2025",
            "waktu": "",
            "aktif": False,
            "kolom_6": "catatan",
        },
    ]


def test_a_cell_at_the_far_corner_is_refused_before_the_sheet_is_laid_out():
    book = Workbook()
    book.active["A1"], book.active["XFD1048576"] = "no_register", "x"
    made = io.BytesIO()
    book.save(made)

    with pytest.raises(Unreadable, match="reaches beyond row 50000 or column 60"):
        workbook.rows(made.getvalue(), "no_register")


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1048576"><c t="str"><v>x</v></c></row>',
        '<row r="1"><c r="BZ1" t="str"><v>x</v></c></row>',
        '<row r="1">' + "<c/>" * 61 + "</row>",
        "<row/>" * 50_001,
    ],
)
def test_a_far_place_is_refused_however_it_is_written(rows: str):
    with pytest.raises(Unreadable, match="reaches beyond"):
        workbook.rows(with_part(SHEET, sheet(rows)), "no_register")


def test_parts_that_inflate_a_thousandfold_are_refused_before_they_are_held():
    bomb = with_part(SHEET, sheet("") + b" " * (80 << 20))

    assert len(bomb) < 1 << 20
    with pytest.raises(Unreadable, match="inflate beyond"):
        workbook.rows(bomb, "no_register")


def test_a_directory_that_lies_about_sizes_is_not_believed():
    bomb = bytearray(with_part(SHEET, sheet("") + b" " * (80 << 20)))
    entry = bomb.rindex(b"PK\x01\x02", 0, bomb.rindex(SHEET.encode()))
    bomb[entry + 24 : entry + 28] = (1000).to_bytes(4, "little")

    with pytest.raises(Unreadable):
        workbook.rows(bytes(bomb), "no_register")


def test_a_long_text_that_many_cells_repeat_is_counted_as_often():
    text = "x" * (1 << 20)
    texts = (
        f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>{text}</t></si></sst>'
    )
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 70))
    content = io.BytesIO(with_part(TEXTS, texts.encode()))
    made = io.BytesIO()
    with zipfile.ZipFile(content) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, sheet(cells) if part.filename == SHEET else old.read(part))

    with pytest.raises(Unreadable, match="letters"):
        workbook.rows(made.getvalue(), "no_register")


def test_more_parts_than_any_workbook_has_are_refused():
    made = io.BytesIO(SOUND)
    with zipfile.ZipFile(made, "a") as archive:
        for number in range(200):
            archive.writestr(f"xl/{number}.xml", b"<a/>")

    with pytest.raises(Unreadable, match="more than 200 parts"):
        workbook.rows(made.getvalue(), "no_register")


def test_a_document_type_is_refused():
    evil = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>' + sheet("")

    with pytest.raises(Unreadable, match="document type"):
        workbook.rows(with_part(SHEET, evil), "no_register")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "no ZIP"),
        (b"no_register;nama\r\n", "no ZIP"),
        (SOUND[: len(SOUND) // 2], "no ZIP"),
        (with_part(SHEET, b"<worksheet><row>"), "no workbook"),
        (with_part("xl/workbook.xml", b"<a/>"), "no workbook"),
        (book_of(["nama", "kota"], ["a", "b"]), "no header"),
        (book_of(["no_register", "nama", "nama"], ["A/1", "a", "b"]), "no header"),
        (book_of(), "no header"),
    ],
)
def test_what_is_no_workbook_with_a_header_is_refused(content: bytes, problem: str):
    with pytest.raises(Unreadable, match=problem):
        workbook.rows(content, "no_register")


def test_limits_are_for_the_caller_to_set():
    rows = [["no_register"], *([f"A/{number}"] for number in range(9))]

    assert len(list(workbook.rows(book_of(*rows), "no_register", Limits(rows=10)))) == 9
    with pytest.raises(Unreadable):
        workbook.rows(book_of(*rows), "no_register", Limits(rows=9))


def test_a_workbook_is_whole_when_its_directory_is_there():
    assert workbook.is_whole(SOUND)
    assert not workbook.is_whole(SOUND[:-30])

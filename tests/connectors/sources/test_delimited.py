"""Rows of CSV files as shelters write them, rubbish included."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.transport import delimited
from connectors.transport.unread import Unreadable

HEADER = b"no_register;nama;kota\r\n"


def read(*lines: bytes, header: bytes = HEADER) -> list[dict]:
    return list(delimited.rows(header + b"".join(lines), "no_register"))


def row(register: str, name: str, town: str) -> dict:
    return {"no_register": register, "nama": name, "kota": town}


def test_each_line_has_its_own_encoding():
    lines = ("A/1;Hélène;Sambas\r\n".encode(), "A/2;Hélène;Sambas\r\n".encode("cp1252"))

    assert read(*lines) == [row("A/1", "Hélène", "Sambas"), row("A/2", "Hélène", "Sambas")]


def test_a_byte_order_mark_is_no_part_of_the_first_name():
    assert read(b"A/1;a;b\r\n", header=b"\xef\xbb\xbf" + HEADER) == [row("A/1", "a", "b")]


def test_a_byte_that_no_encoding_knows_loses_its_letter_and_not_the_line():
    assert read(b"A/1;a\x81\xff;b\r\n") == [row("A/1", "a\ufffdÿ", "b")]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_every_line_end_is_one(end: bytes):
    content = end.join([b"no_register;nama;kota", b"A/1;a;b", b"A/2;c;d"])

    assert list(delimited.rows(content, "no_register")) == [row("A/1", "a", "b"), row("A/2", "c", "d")]


def test_a_line_with_too_few_or_too_many_cells_comes_as_it_is():
    assert read(b"A/1;a\r\n", b"A/2;a;b;c\r\n", b"A/3;a;b\r\n") == [
        {"baris": "A/1;a"},
        {"baris": "A/2;a;b;c"},
        row("A/3", "a", "b"),
    ]


def test_lines_without_any_text_are_left_out():
    assert read(b"\r\n", b";;\r\n", b"  \r\n", b"A/1;a;b\r\n") == [row("A/1", "a", "b")]


def test_quotes_hold_delimiters_and_line_ends():
    assert read(b'A/1;"Siti; ""Ti""\r\nbinti A";b\r\n', b"A/2;c;d\r\n") == [
        row("A/1", 'Siti; "Ti"\nbinti A', "b"),
        row("A/2", "c", "d"),
    ]


@pytest.mark.parametrize("quoted", [b'A/1;"a;b\r\n', b'A/1;a";b\r\n', b'A/1;"a"x;b\r\n'])
def test_a_stray_quote_is_a_letter_and_swallows_no_row(quoted: bytes):
    following = [b"A/%d;c;d\r\n" % number for number in range(2, 30)]

    rows = read(quoted, *following)

    assert rows[0]["nama"] in {'"a', 'a"', '"a"x'}
    assert rows[1:] == [row(f"A/{number}", "c", "d") for number in range(2, 30)]


def test_two_stray_quotes_swallow_no_row_between_them():
    rows = read(b'A/1;"a;b\r\n', b"A/2;c;d\r\n", b'A/3;"e;f\r\n')

    assert [each["no_register"] for each in rows] == ["A/1", "A/2", "A/3"]


def test_a_row_between_two_stray_quotes_is_not_taken_for_a_part_of_a_cell():
    rows = read(b'"x\r\n', b"A/1;a;b\r\n", b'y";c;d\r\n')

    assert rows == [{"baris": '"x'}, row("A/1", "a", "b"), row('y"', "c", "d")]


def test_a_cell_beyond_every_measure_fails_no_other_line():
    long = b"A/1;" + b"x" * 200_000 + b";b\r\n"

    assert read(long, b"A/2;c;d\r\n") == [row("A/1", "x" * 200_000, "b"), row("A/2", "c", "d")]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n", "empty"),
        (b"nama;kota\r\nA/1;a\r\n", "no header"),
        (b"no_register,nama,kota\r\nA/1,a,b\r\n", "no header"),
        (b"no_register;nama;nama\r\nA/1;a;b\r\n", "no header"),
        (b"A/1;a;b\r\n", "no header"),
        (b"PK\x03\x04\x00\x00;no_register\x00", "no header"),
    ],
)
def test_without_a_header_nothing_is_read(content: bytes, problem: str):
    with pytest.raises(Unreadable, match=problem):
        delimited.rows(content, "no_register")


def test_a_file_is_whole_when_its_last_line_has_an_end():
    assert delimited.is_whole(HEADER)
    assert not delimited.is_whole(HEADER + b"A/1;a")


@given(st.lists(st.text('";ab\r\n\xe9', max_size=12).map(str.encode) | st.binary(max_size=40), max_size=12))
def test_whatever_the_lines_are_every_register_number_survives(lines: list[bytes]):
    known = [b"A/%d;a;b\r\n" % number for number in range(len(lines) + 1)]
    rubbish = [line + b"\r\n" for line in lines]
    mixed = [known[0], *(line for pair in zip(rubbish, known[1:], strict=True) for line in pair)]

    rows = read(*mixed)

    registers = [each.get("no_register") for each in rows if each.get("kota") == "b" and each["nama"] == "a"]
    assert [each for each in registers if each.startswith("A/")] == [f"A/{n}" for n in range(len(known))]

"""Rows of the first sheet of an XLSX workbook that cannot grow beyond its limits while it is read.

A workbook of a few kilobytes can ask for terabytes: by entries that inflate, by one cell at the far corner, for which
the reader lays out the whole sheet, and by many cells that repeat one long text. The reader, being native code, would
end the process. So the entries are inflated here and counted first, and it gets only what was counted.
"""

import datetime as dt
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO

from lxml import etree
from python_calamine import CalamineError, CalamineWorkbook

from connectors.transport.unread import Unreadable
from schema.record import Json

_MIB = 1 << 20
_CHUNK_BYTES = 1 << 16
_LETTERS = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a workbook may grow to.

    Attributes:
        part_count: entries of the archive.
        inflated_bytes: all XML of it together.
        rows: the lowest row.
        columns: the rightmost column.
        text_length: letters of all cells together, repeated texts as often as they stand there.
    """

    part_count: int = 200
    inflated_bytes: int = 64 * _MIB
    rows: int = 50_000
    columns: int = 60
    text_length: int = 64 * _MIB


def is_whole(content: bytes) -> bool:
    """Whether the archive's directory, which stands at its end, is there."""
    return zipfile.is_zipfile(BytesIO(content))


def rows(content: bytes, key: str, limits: Limits = Limits()) -> Iterator[dict[str, Json]]:
    """Every row by column name: text as text, numbers as numbers, dates as ISO 8601; empty rows are left out.

    Args:
        content: of the file.
        key: a column which the header must name.
        limits: beyond which nothing is read.

    Raises:
        Unreadable: it is no workbook, has no such header, or would grow beyond a limit.
    """
    try:
        counted = _counted(content, limits)
        sheet = CalamineWorkbook.from_filelike(BytesIO(counted)).get_sheet_by_index(0)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError):
        raise Unreadable("it is no ZIP archive that can be read") from None
    except (etree.XMLSyntaxError, CalamineError, IndexError, ValueError):
        raise Unreadable("it is no workbook that can be read") from None
    found = (row for row in map(_values, sheet.iter_rows()) if any(value != "" for value in row))
    header = [str(name).strip() for name in next(found, None) or ()]
    named = [name for name in header if name]
    if key not in named or len(set(named)) != len(named):
        raise Unreadable(f"its first row is no header with `{key}`, each name once")
    return (_row(header, values) for values in found)


def _row(header: Sequence[str], values: Sequence[Json]) -> dict[str, Json]:
    """The row by name; a value under a column without a name keeps its place."""
    named = {
        name or f"kolom_{number}": value
        for number, (name, value) in enumerate(zip(header, values, strict=True), 1)
    }
    return {name: value for name, value in named.items() if name in header or value != ""}


def _values(cells: Sequence[object]) -> list[Json]:
    return [_value(cell) for cell in cells]


def _value(cell: object) -> Json:
    match cell:
        case bool() | str() | int():
            return cell
        case float():
            return int(cell) if cell.is_integer() else cell
        case dt.datetime() if cell.time() == dt.time():
            return cell.date().isoformat()
        case dt.date() | dt.time():
            return cell.isoformat()
        case _:
            return str(cell)


def _counted(content: bytes, limits: Limits) -> bytes:
    """The XML of a workbook as an archive without compression, after all of it has been counted.

    Raises:
        Unreadable: it would grow beyond a limit.
    """
    kept = BytesIO()
    parts: dict[str, bytes] = {}
    left = limits.inflated_bytes
    with zipfile.ZipFile(BytesIO(content)) as archive:
        if len(archive.infolist()) > limits.part_count:
            raise Unreadable(f"it has more than {limits.part_count} parts")
        for part in archive.infolist():
            if part.filename.endswith((".xml", ".rels")):
                parts[part.filename] = _inflated(archive, part, left)
                left -= len(parts[part.filename])
    _Count(limits).add(parts)
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_STORED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return kept.getvalue()


def _inflated(archive: zipfile.ZipFile, part: zipfile.ZipInfo, most: int) -> bytes:
    """A part, inflated piece by piece: what its directory says about its size is not believed.

    Raises:
        Unreadable: it is larger than what is left.
    """
    inflated = bytearray()
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            inflated += chunk
            if len(inflated) > most:
                raise Unreadable("its parts inflate beyond the limit")
    return bytes(inflated)


class _Count:
    """The extent of the cells, whichever part they stand in, and the length of their texts."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lengths: list[int] = []
        self._text_length = 0

    def add(self, parts: dict[str, bytes]) -> None:
        """Count every part.

        Raises:
            Unreadable: a limit is passed, or a part has a document type.
        """
        for part in parts.values():
            if b"<!DOCTYPE" in part:
                raise Unreadable("it has a document type")
            for element in _elements(part, "{*}si"):
                self._lengths.append(sum(len(text) for text in element.itertext()))
        for part in parts.values():
            self._add_cells(part)

    def _add_cells(self, part: bytes) -> None:
        row_count = in_row = 0
        for element in _elements(part, ("{*}c", "{*}row")):
            if etree.QName(element).localname == "row":
                row_count, in_row = row_count + 1, 0
            else:
                in_row += 1
                self._text_length += self._length(element)
            self._reach(element.get("r", ""), row_count, in_row)
        if self._text_length > self._limits.text_length:
            raise Unreadable(f"its cells hold more than {self._limits.text_length} letters")

    def _reach(self, reference: str, row: int, column: int) -> None:
        """Count a place such as `XFD1048576`, or a row such as `1048576`.

        Args:
            reference: empty where the place follows from the order.
            row: by the order.
            column: by the order.

        Raises:
            Unreadable: it lies beyond a limit.
        """
        letters = reference.rstrip("0123456789")
        digits = reference[len(letters) :]
        named = 0
        for letter in letters.upper():
            named = named * _LETTERS + ord(letter) - ord("@")
        if max(row, int(digits or 0)) > self._limits.rows or max(column, named) > self._limits.columns:
            raise Unreadable(f"it reaches beyond row {self._limits.rows} or column {self._limits.columns}")

    def _length(self, cell: "etree._Element") -> int:  # pyright: ignore[reportPrivateUsage] -- lxml's only name for it
        text = "".join(str(part) for part in cell.itertext())
        if cell.get("t") != "s":
            return len(text)
        number = int(text)
        return self._lengths[number] if number < len(self._lengths) else 0


def _elements(part: bytes, names: str | Sequence[str]) -> Iterator["etree._Element"]:  # pyright: ignore[reportPrivateUsage] -- lxml's only name for it
    """The elements of these names, each forgotten once it was looked at."""
    found = etree.iterparse(
        BytesIO(part), tag=names, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    for _, element in found:
        yield element
        element.clear()

"""The files a shelter system drops: CSV in two encodings, monthly workbooks, withdrawals, and one to be left alone."""

import csv
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from io import BytesIO, StringIO
from itertools import cycle
from pathlib import Path

from openpyxl import Workbook

from hub.sandbox.wire import Value, WireRecord, dashed
from hub.sandbox.wire_kemensos import COLUMNS, LAST_DROP, XLSX_SHELTERS

DROP_FOLDER = "keluar"
MIXED_STORY = "many_services"  # its file mixes encodings
_BOM = b"\xef\xbb\xbf"
_ZIP_TIME = (2026, 1, 1, 0, 0, 0)
Row = Mapping[str, Value]


def csv_text(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """Rows as a text of `;` and CRLF, with a header row."""
    text = StringIO(newline="")
    writer = csv.DictWriter(text, columns, delimiter=";", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def utf8_with_bom(text: str) -> bytes:
    """As the newer export writes it."""
    return _BOM + text.encode()


def cp1252(text: str) -> bytes:
    """As the older export writes it; what CP1252 lacks becomes a question mark."""
    return text.encode("cp1252", errors="replace")


def mixed(text: str) -> bytes:
    """A UTF-8 file with BOM into which every second line with an accent was pasted as CP1252."""
    encoders = cycle((cp1252, str.encode))
    lines = [line.encode() if line.isascii() else next(encoders)(line) for line in text.split("\r\n")]
    return _BOM + b"\r\n".join(lines)


def workbook(rows: Iterable[Row]) -> bytes:
    """Rows on the first sheet; the same rows give the same bytes."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Rekap")
    sheet.append(list(COLUMNS))
    for row in rows:
        sheet.append([row[name] if row[name] != "" else None for name in COLUMNS])
    raw = BytesIO()
    book.save(raw)
    return _without_times(raw.getvalue())


def _without_times(book: bytes) -> bytes:
    """The workbook without the moments that openpyxl writes into it."""
    still = BytesIO()
    with zipfile.ZipFile(BytesIO(book)) as made, zipfile.ZipFile(still, "w", zipfile.ZIP_DEFLATED) as kept:
        for item in made.infolist():
            content = made.read(item)
            if item.filename == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2026-01-01T00:00:00Z", content)
            kept.writestr(zipfile.ZipInfo(item.filename, _ZIP_TIME), content, zipfile.ZIP_DEFLATED)
    return still.getvalue()


def drop_day(day: date) -> date:
    """The day a row is dropped: the 10th, the 20th or the end of its month, within what the sandbox knows."""
    if day.day <= 10:  # noqa: PLR2004 -- a day of the month
        return day.replace(day=10)
    if day.day <= 20:  # noqa: PLR2004 -- a day of the month
        return day.replace(day=20)
    return min((day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1), LAST_DROP)


def encode(number: int, text: str) -> bytes:
    """The text of the n-th drop: the two encodings take turns."""
    return utf8_with_bom(text) if number % 2 == 0 else cp1252(text)


def write_drops(records: Iterable[WireRecord], folder: Path) -> int:
    """Write every file of the population.

    Args:
        records: stays in any order.
        folder: empty and there.

    Returns:
        The number of files.
    """
    dropped: defaultdict[date, list[Row]] = defaultdict(list)
    books: defaultdict[str, list[Row]] = defaultdict(list)
    withdrawn: defaultdict[date, list[Row]] = defaultdict(list)
    niks: list[str] = []
    mixed_days: set[date] = set()
    for record in records:
        day = record.updated_at.date()
        register = str(record.fields["no_register"])
        if register.startswith(XLSX_SHELTERS):
            books[f"{day:%Y%m}"].append(record.fields)
        else:
            _drop_row(record, day, dropped)
        if record.story == MIXED_STORY:
            mixed_days.add(drop_day(day))
        if record.withdrawn:
            day = min(drop_day(day) + timedelta(days=14), LAST_DROP)
            withdrawn[day].append({"no_register": register, "tgl_batal": dashed(day)})
        if record.fields["nik"]:
            niks.append(str(record.fields["nik"]))
    for number, day in enumerate(sorted(dropped)):
        text = csv_text(COLUMNS, dropped[day])
        content = mixed(text) if day in mixed_days else encode(number, text)
        (folder / f"klien_rptc_{day:%Y%m%d}.csv").write_bytes(content)
    for month, rows in books.items():
        (folder / f"klien_rptc_rekap_{month}.xlsx").write_bytes(workbook(rows))
    for day, rows in withdrawn.items():
        text = csv_text(("no_register", "tgl_batal"), rows)
        (folder / f"klien_rptc_batal_{day:%Y%m%d}.csv").write_bytes(utf8_with_bom(text))
    (folder / f"dtsen_{LAST_DROP:%Y%m}.csv").write_bytes(utf8_with_bom(_dtsen(niks)))
    return len(dropped) + len(books) + len(withdrawn) + 1


def _drop_row(record: WireRecord, day: date, dropped: defaultdict[date, list[Row]]) -> None:
    """A stay is dropped when the client enters and again, complete, when they have left."""
    last = drop_day(day)
    dropped[last].append(record.fields)
    if not record.fields["tgl_keluar"] or record.broken:
        return
    entered = str(record.fields["tgl_masuk"])
    first = drop_day(date(int(entered[6:]), int(entered[3:5]), int(entered[:2])))
    if first < last:
        unknown_yet = {
            "tgl_keluar": "",
            "tindak_lanjut": "",
            "monitoring_1": "",
            "monitoring_2": "",
            "monitoring_3": "",
        }
        dropped[first].append({**record.fields, **unknown_yet})


def _dtsen(niks: Iterable[str]) -> str:
    """Social registry rows, which the hub has no purpose for."""
    rows: list[Row] = [
        {
            "nik": nik,
            "no_kk": f"99{nik[2:12]}0001",
            "desil": 1 + index % 10,
            "bansos": ("PKH", "BPNT", "")[index % 3],
        }
        for index, nik in enumerate(niks)
    ]
    return csv_text(("nik", "no_kk", "desil", "bansos"), rows)

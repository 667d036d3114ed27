"""Rows as NDJSON or Parquet, bytes as soon as they stand; no more than a row group is ever in memory."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# pyarrow has no types.

from collections.abc import Mapping, Sequence
from io import BytesIO, RawIOBase
from typing import Any, Final, Protocol

import pyarrow.json as arrow_json
import pyarrow.parquet as arrow_parquet

from hub.export.columns import columns_of
from hub.export.order import Format
from hub.export.question import Wanted

GROUP: Final = 10_000
"""Rows of a row group of Parquet; the last of a part is smaller."""
MEDIA: Final[Mapping[Format, str]] = {
    "ndjson": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}


class Writer(Protocol):
    """Writes one part."""

    def add(self, lines: Sequence[str]) -> bytes:
        """What stands after these rows, each a JSON object."""
        ...

    def end(self) -> bytes:
        """What is left at the end of the part."""
        ...


class Ndjson:
    """A JSON object in each line."""

    def add(self, lines: Sequence[str]) -> bytes:
        """What stands after these rows."""
        return ("\n".join(lines) + "\n").encode() if lines else b""

    def end(self) -> bytes:
        """Nothing: a part ends with a line."""
        return b""


class _Sink(RawIOBase):
    """A file that is taken away as it grows."""

    def __init__(self) -> None:
        super().__init__()
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self._written += data
        return len(data)

    def taken(self) -> bytes:
        """What was written since the last time."""
        found = bytes(self._written)
        self._written.clear()
        return found


class Parquet:
    """A file of row groups.

    Args:
        wanted: the export.
        metadata: of the file.
    """

    def __init__(self, wanted: Wanted, metadata: Mapping[str, str]) -> None:
        self._columns = columns_of(wanted, metadata)
        self._sink = _Sink()
        self._writer = arrow_parquet.ParquetWriter(self._sink, self._columns.kept, compression="zstd")
        self._waiting: list[str] = []

    def add(self, lines: Sequence[str]) -> bytes:
        """What stands after these rows."""
        self._waiting += lines
        if len(self._waiting) >= GROUP:
            self._write()
        return self._sink.taken()

    def end(self) -> bytes:
        """The last row group, and the file's footer."""
        self._write()
        self._writer.close()
        return self._sink.taken()

    def _write(self) -> None:
        if not self._waiting:
            return
        text = "\n".join(self._waiting).encode()
        self._waiting.clear()
        table = arrow_json.read_json(
            BytesIO(text),
            read_options=arrow_json.ReadOptions(use_threads=False, block_size=len(text) + 1),
            parse_options=arrow_json.ParseOptions(
                explicit_schema=self._columns.wire, unexpected_field_behavior="error"
            ),
        )
        self._writer.write_table(table.cast(self._columns.kept))


def writer(form: Format, wanted: Wanted, metadata: Mapping[str, str]) -> Writer:
    """A writer of one part.

    Args:
        form: of the export.
        wanted: what it is.
        metadata: of a file that has any.
    """
    return Ndjson() if form == "ndjson" else Parquet(wanted, metadata)

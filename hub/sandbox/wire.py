"""One record as an agency sends it, together with the truth about it, which never travels."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal

from hub.clock import WIB
from hub.sandbox.cases import HORIZON

Agency = Literal["polri", "imigrasi", "kemnaker", "kemensos"]
Role = Literal["VICTIM", "PERPETRATOR"]
Value = str | int | bool | None
AGENCIES: tuple[Agency, ...] = ("polri", "imigrasi", "kemnaker", "kemensos")


@dataclass(frozen=True, slots=True)
class WireRecord:
    """A record on the wire.

    Attributes:
        agency: who sends it.
        object: the contract's object, e.g. `laporan_polisi`.
        key: the source key; empty when the agency left it out.
        fields: wire fields by contract name, and the envelope's identity, but not its times.
        updated_at: when the agency last touched it, aware.
        person_id: the true person, or None.
        case_id: the true case, or None.
        role: what the person truly is in that case.
        broken: why the hub must put it in quarantine, or None.
        withdrawn: whether the agency has deleted it.
        parts: korban and tersangka of a report.
        story: the named story it belongs to.
    """

    agency: Agency
    object: str
    key: str
    fields: Mapping[str, Value]
    updated_at: datetime
    person_id: str | None = None
    case_id: str | None = None
    role: Role | None = None
    broken: str | None = None
    withdrawn: bool = False
    parts: tuple["WireRecord", ...] = field(default=())
    story: str | None = None

    def but(self, **fields: Value) -> "WireRecord":
        """The same record with some wire fields changed."""
        return replace(self, fields={**self.fields, **fields})

    def broken_by(self, reason: str, **fields: Value) -> "WireRecord":
        """The same record with wire fields that no contract allows."""
        return replace(self.but(**fields), broken=reason)

    def as_withdrawn(self) -> "WireRecord":
        """The same record, deleted by its agency."""
        return replace(self, withdrawn=True)


def at_most_horizon(moment: datetime) -> datetime:
    """The moment, or the last one the sandbox knows."""
    return min(moment, HORIZON)


def stamp(moment: datetime) -> str:
    """ISO 8601 in WIB to the second; such texts sort as the times do."""
    return moment.astimezone(WIB).isoformat(timespec="seconds")


def dashed(day: date) -> str:
    """dd-mm-yyyy."""
    return f"{day:%d-%m-%Y}"


def slashed(day: date) -> str:
    """dd/mm/yyyy."""
    return f"{day:%d/%m/%Y}"


MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip


def written_out(day: date) -> str:
    """A date as a notice writes it, e.g. 17 Juli 2023."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"

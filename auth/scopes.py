"""The closed vocabulary of scopes and purposes, one declaration each.

Grammar: `resource[.part]:action`, never a parameter. A new word is one declaration here and an ADR.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType


class ScopeClass(StrEnum):
    """How carefully a scope is granted."""

    OPEN = "open"
    NORMAL = "normal"
    SENSITIVE = "sensitive"
    RESTRICTED = "restricted"
    """Also needs the owner's officer, and ends within 90 days."""
    OFFICER = "officer"
    SYSTEM = "system"


@dataclass(frozen=True, kw_only=True)
class Scope:
    """One word, what it opens, and how carefully it is granted."""

    word: str
    scope_class: ScopeClass
    name_id: str
    name_en: str
    humans_only: bool = False
    """True where no client gets it by its own credentials, whatever has been granted to it."""


@dataclass(frozen=True, kw_only=True)
class Purpose:
    """Why a caller asks; a token carries exactly one."""

    word: str
    legal_basis: str
    """Row of the register of legal bases. For people to read: no code decides by it."""
    name_id: str
    name_en: str


SCOPES = (
    Scope(
        word="statistics:read",
        scope_class=ScopeClass.OPEN,
        name_id="Membaca statistik yang telah dirilis",
        name_en="Read published statistics",
    ),
    Scope(
        word="case:read",
        scope_class=ScopeClass.NORMAL,
        name_id="Membaca fakta kasus dan proses hukum, tanpa orang",
        name_en="Read case facts and the legal process, without persons",
    ),
    Scope(
        word="case:write",
        scope_class=ScopeClass.NORMAL,
        name_id="Mengubah kasus milik instansi sendiri",
        name_en="Change cases of the own agency",
    ),
    Scope(
        word="victim:read",
        scope_class=ScopeClass.SENSITIVE,
        name_id="Membaca korban secara pseudonim",
        name_en="Read victims pseudonymously",
    ),
    Scope(
        word="victim.identity:read",
        scope_class=ScopeClass.RESTRICTED,
        name_id="Membaca identitas korban",
        name_en="Read the identity of victims",
    ),
    Scope(
        word="victim.health:read",
        scope_class=ScopeClass.RESTRICTED,
        name_id="Membaca kesehatan dan trauma korban",
        name_en="Read the health and trauma of victims",
    ),
    Scope(
        word="victim.child:read",
        scope_class=ScopeClass.RESTRICTED,
        name_id="Menyertakan korban di bawah 18 tahun",
        name_en="Include victims under 18",
    ),
    Scope(
        word="perpetrator:read",
        scope_class=ScopeClass.SENSITIVE,
        name_id="Membaca peran, tahap, dakwaan, dan putusan pelaku",
        name_en="Read role, stage, charge and verdict of perpetrators",
    ),
    Scope(
        word="perpetrator.identity:read",
        scope_class=ScopeClass.RESTRICTED,
        name_id="Membaca identitas pelaku",
        name_en="Read the identity of perpetrators",
    ),
    Scope(
        word="person:match",
        scope_class=ScopeClass.SENSITIVE,
        name_id="Menanyakan apakah seseorang dikenal",
        name_en="Ask whether a person is known",
    ),
    Scope(
        word="document:read",
        scope_class=ScopeClass.RESTRICTED,
        name_id="Membaca berkas bukti",
        name_en="Read evidence files",
    ),
    Scope(
        word="protection:read",
        scope_class=ScopeClass.SENSITIVE,
        name_id="Membaca permohonan perlindungan, pada subgraf LPSK",
        name_en="Read requests for protection, at the subgraph of the LPSK",
    ),
    Scope(
        word="link:review",
        scope_class=ScopeClass.SENSITIVE,
        name_id="Memutuskan tautan yang belum pasti",
        name_en="Decide uncertain links",
    ),
    Scope(
        word="link.overlap:review",
        scope_class=ScopeClass.RESTRICTED,
        name_id="Menelaah orang yang menjadi korban sekaligus pelaku",
        name_en="Review persons in both roles",
    ),
    Scope(
        word="connector:run",
        scope_class=ScopeClass.SYSTEM,
        name_id="Menarik dan memutar ulang data instansi",
        name_en="Pull and replay agencies' data",
    ),
    Scope(
        word="connector:manage",
        scope_class=ScopeClass.SYSTEM,
        name_id="Mengelola pemetaan, perubahan sumber, dan karantina",
        name_en="Manage mapping, drift and quarantine",
    ),
    Scope(
        word="scope:manage",
        scope_class=ScopeClass.OFFICER,
        name_id="Mengusulkan pemberian izin",
        name_en="Propose grants",
        humans_only=True,
    ),
    Scope(
        word="scope:approve",
        scope_class=ScopeClass.OFFICER,
        name_id="Menyetujui pemberian izin",
        name_en="Approve grants",
        humans_only=True,
    ),
    Scope(
        word="audit:read",
        scope_class=ScopeClass.OFFICER,
        name_id="Membaca catatan audit, segel, dan verifikasinya",
        name_en="Read the ledger, its seals and their verification",
    ),
    Scope(
        word="subject-request:manage",
        scope_class=ScopeClass.OFFICER,
        name_id="Menangani permintaan subjek data",
        name_en="Handle reports, restriction and erasure for data subjects",
    ),
    Scope(
        word="key:manage",
        scope_class=ScopeClass.OFFICER,
        name_id="Mengelola kunci klien dan rotasi kunci",
        name_en="Manage keys of clients and the rotation of keys",
    ),
    Scope(
        word="token:introspect",
        scope_class=ScopeClass.SYSTEM,
        name_id="Memeriksa token",
        name_en="Introspect tokens",
    ),
    Scope(
        word="break-glass:use",
        scope_class=ScopeClass.RESTRICTED,
        name_id="Menyatakan keadaan darurat",
        name_en="Declare an emergency",
    ),
)

PURPOSES = (
    Purpose(
        word="investigation",
        legal_basis="UU PDP art. 20(2)(e), authority by law",
        name_id="Penyelidikan dan penyidikan",
        name_en="Investigation",
    ),
    Purpose(
        word="prosecution",
        legal_basis="UU PDP art. 20(2)(e)",
        name_id="Penuntutan",
        name_en="Prosecution",
    ),
    Purpose(
        word="protection",
        legal_basis="UU PDP art. 20(2)(d) or (e); UU 21/2007 art. 44-46",
        name_id="Pelindungan saksi dan korban",
        name_en="Protection",
    ),
    Purpose(
        word="repatriation",
        legal_basis="UU PDP art. 20(2)(e); UU 21/2007 art. 51",
        name_id="Pemulangan dan reintegrasi",
        name_en="Repatriation",
    ),
    Purpose(
        word="restitution",
        legal_basis="UU PDP art. 20(2)(e); UU 21/2007 art. 48",
        name_id="Restitusi",
        name_en="Restitution",
    ),
    Purpose(
        word="statistics",
        legal_basis="UU PDP art. 20(2)(e)",
        name_id="Statistik",
        name_en="Statistics",
    ),
    Purpose(
        word="subject-request",
        legal_basis="UU PDP art. 20(2)(c), duties from the rights in art. 5-13",
        name_id="Permintaan subjek data",
        name_en="Request of a data subject",
    ),
    Purpose(
        word="emergency",
        legal_basis="UU PDP art. 20(2)(d), vital interest",
        name_id="Keadaan darurat",
        name_en="Emergency",
    ),
)


@cache
def scopes() -> MappingProxyType[str, Scope]:
    """Every scope by its word, in the order of declaration."""
    return MappingProxyType({scope.word: scope for scope in SCOPES})


@cache
def purposes() -> MappingProxyType[str, Purpose]:
    """Every purpose by its word, in the order of declaration."""
    return MappingProxyType({purpose.word: purpose for purpose in PURPOSES})

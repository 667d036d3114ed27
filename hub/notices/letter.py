"""A notice as a letter, in Indonesian and English: that something waits for officers, and nothing of a person."""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final
from uuid import UUID

from hub.clock import WIB
from hub.console.routes import CONSOLE

_SUBJECT: Final = "[Hub TPPO] Akses darurat dinyatakan / Emergency access declared"
_TEXT: Final = """\
Akses darurat ke satu kasus telah dinyatakan dan berlaku 15 menit.
Petugas dari instansi Anda, selain yang menyatakannya, perlu meninjaunya sebelum {due}.
Tanpa putusan sampai waktu itu, klien yang menyatakannya ditangguhkan.

Emergency access to one case has been declared; it holds for 15 minutes.
An officer of your agency, other than the one who declared it, reviews it before {due}.
Without a verdict by then the client that declared it is suspended.

Nomor / number: {about}
Dinyatakan / declared: {created}
Tinjau di / review at: {console}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What an agency's officers are told.

    Attributes:
        notice_id: of the notice.
        agency: whose officers are told.
        about: the emergency.
        due_at: when it must have been reviewed.
        created_at: when it was declared.
    """

    notice_id: UUID
    agency: str
    about: UUID
    due_at: datetime
    created_at: datetime


def letter(notice: Notice, *, issuer: str, sender: str, to: str) -> EmailMessage:
    """The letter of a notice; the same notice has the same Message-ID, however often it is sent.

    Args:
        notice: of an emergency.
        issuer: URL under which officers know the hub.
        sender: address that it comes from.
        to: address of the agency's officers.
    """
    found = EmailMessage()
    found["From"], found["To"], found["Subject"] = sender, to, _SUBJECT
    found["Date"] = format_datetime(notice.created_at)
    found["Message-ID"] = f"<{notice.notice_id}@{sender.rpartition('@')[2]}>"
    found["Auto-Submitted"] = "auto-generated"
    found.set_content(
        _TEXT.format(
            due=_day(notice.due_at),
            about=notice.about,
            created=_day(notice.created_at),
            console=f"{issuer}{CONSOLE}/emergencies/{notice.about}",
        )
    )
    return found


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(WIB):%Y-%m-%d %H:%M} WIB"

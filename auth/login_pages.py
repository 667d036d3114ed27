"""The pages of the login, in Indonesian and English: small, without scripts, and without a word about anybody.

Source: WCAG 2.2 AA; security.md section 8.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from starlette.responses import HTMLResponse

from auth.consent import language

_STYLE: Final = (
    "body{font:1.125rem/1.5 system-ui,sans-serif;color:#1b1b1b;background:#fff;margin:0 auto;max-width:38rem;"
    "padding:2rem 1rem}h1{font-size:1.75rem;line-height:1.2}a{color:#0b4f8a}a:focus-visible{outline:3px solid #b45309;"
    "outline-offset:2px}ul{list-style:none;padding:0}li{margin:.75rem 0}li a{display:block;border:2px solid #0b4f8a;"
    "border-radius:.25rem;padding:.75rem 1rem}"
)
_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept-Language, Cookie",
}
"""Of every answer of the login, redirects too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What a page says in one language: a heading, paragraphs, and the words of its link where it has one."""

    heading: str
    paragraphs: tuple[str, ...]
    link: str = ""


_PAGES: Final[Mapping[str, Mapping[str, Text]]] = {
    "choose": {
        "id": Text(heading="Masuk", paragraphs=("Pilih layanan masuk instansi Anda.",)),
        "en": Text(heading="Log in", paragraphs=("Choose the login of your agency.",)),
    },
    "nobody": {
        "id": Text(
            heading="Belum dapat masuk",
            paragraphs=(
                "Belum ada layanan masuk yang disetujui.",
                "Hubungi pejabat pelindungan data (PPDP) instansi Anda.",
            ),
        ),
        "en": Text(
            heading="Nobody can log in yet",
            paragraphs=(
                "No login has been approved yet.",
                "Ask the data protection officer (PPDP) of your agency.",
            ),
        ),
    },
    "malformed": {
        "id": Text(
            heading="Tautan tidak lengkap",
            paragraphs=("Kembali ke halaman asal Anda, lalu masuk dari sana.",),
        ),
        "en": Text(
            heading="This link is incomplete",
            paragraphs=("Go back to the page that you came from, and log in from there.",),
        ),
    },
    "again": {
        "id": Text(
            heading="Anda belum masuk",
            paragraphs=(
                "Proses masuk tidak selesai: terlalu lama, dibatalkan, atau dimulai di peramban lain.",
                "Jika terjadi lagi, hubungi pejabat pelindungan data (PPDP) instansi Anda.",
            ),
            link="Coba masuk lagi",
        ),
        "en": Text(
            heading="You are not logged in",
            paragraphs=(
                "The login did not come to its end: it took too long, was cancelled, or began in another browser.",
                "If it happens again, ask the data protection officer (PPDP) of your agency.",
            ),
            link="Try to log in again",
        ),
    },
    "unavailable": {
        "id": Text(
            heading="Layanan masuk tidak menjawab",
            paragraphs=("Coba lagi setengah menit lagi.",),
            link="Coba masuk lagi",
        ),
        "en": Text(
            heading="The login does not answer",
            paragraphs=("Try again in half a minute.",),
            link="Try to log in again",
        ),
    },
    "unregistered": {
        "id": Text(
            heading="Anda tidak memiliki akses",
            paragraphs=(
                "Akun yang Anda pakai tidak dapat digunakan di sini.",
                "Hubungi pejabat pelindungan data (PPDP) instansi Anda.",
            ),
        ),
        "en": Text(
            heading="You have no access",
            paragraphs=(
                "The account that you used cannot be used here.",
                "Ask the data protection officer (PPDP) of your agency.",
            ),
        ),
    },
    "in": {
        "id": Text(
            heading="Anda sudah masuk", paragraphs=("Tutup tab ini, lalu lanjutkan di tab asal Anda.",)
        ),
        "en": Text(
            heading="You are logged in",
            paragraphs=("Close this tab, and go on in the one that you came from.",),
        ),
    },
    "out": {
        "id": Text(
            heading="Anda sudah keluar",
            paragraphs=("Layanan masuk instansi Anda mungkin masih terbuka; keluarlah di sana juga.",),
        ),
        "en": Text(
            heading="You are logged out",
            paragraphs=("The login of your agency may still be open; log out there too.",),
        ),
    },
}


def page(
    name: str,
    accept_language: str,
    *,
    status: int = 200,
    link: str = "",
    choices: Sequence[tuple[str, str]] = (),
) -> HTMLResponse:
    """One page.

    Args:
        name: of the page.
        accept_language: the header of the request.
        status: of the answer.
        link: where the page's one link leads; none where empty.
        choices: what can be chosen: words and address.
    """
    chosen = language(accept_language)
    text = _PAGES[name][chosen]
    parts = [f"<h1>{escape(text.heading)}</h1>", *(f"<p>{escape(one)}</p>" for one in text.paragraphs)]
    if choices:
        listed = "".join(f'<li><a href="{escape(url)}">{escape(words)}</a></li>' for words, url in choices)
        parts.append(f"<ul>{listed}</ul>")
    if link and text.link:
        parts.append(f'<p><a href="{escape(link)}">{escape(text.link)}</a></p>')
    body = (
        f'<!doctype html><html lang="{chosen}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{escape(text.heading)} - TPPO hub'
        f"</title><style>{_STYLE}</style></head><body><main>{''.join(parts)}</main></body></html>"
    )
    return HTMLResponse(body, status, {**HEADERS, "Content-Language": chosen})

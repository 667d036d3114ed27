"""The pages that a person sees at the authorization endpoint: what is asked, and why it cannot be; Indonesian or English.

Nothing on them runs: no script, no image, no font, no address but ours and the one that the person goes back to.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from string import Template
from typing import Final
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse

from auth import places, scopes
from auth.clients import Client
from auth.granted import Granted
from auth.scopes import ScopeClass
from schema.codes import code_list

_FRAME: Final = Template(files("auth").joinpath("consent.html").read_text(encoding="utf-8"))
_STYLE: Final = (
    "body{margin:0;font:1rem/1.5 system-ui,sans-serif;color:#1b1b1b;background:#fff}"
    "main{max-width:40rem;margin:0 auto;padding:1.5rem}"
    "h1{font-size:1.5rem}h2{font-size:1.125rem;margin-top:1.5rem}"
    "dt{font-weight:600}dd{margin:0 0 .5rem}li{margin:.25rem 0}"
    "button{font:inherit;padding:.6rem 1.4rem;margin:1rem 1rem 0 0;border:2px solid #1a4480;border-radius:.25rem;"
    "min-height:2.75rem;background:#fff;color:#1a4480;cursor:pointer}"
    "button.allow{background:#1a4480;color:#fff}button:focus-visible{outline:3px solid #b35900;outline-offset:2px}"
    ".careful{color:#7a1f00;font-weight:600}"
)
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_RANGE: Final = re.compile(
    r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]{1,40})?\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?))?\s*"
)

_WORDS: Final = {
    "id": {
        "title": "Izinkan akses?",
        "intro": "Sebuah sistem meminta izin membaca atau mengubah data atas nama Anda.",
        "client": "Sistem",
        "agency": "Instansi sistem",
        "no_agency": "Tanpa instansi",
        "yours": "Anda bertindak untuk",
        "purpose": "Tujuan",
        "scopes": "Yang diminta",
        "careful": "data terbatas",
        "life": "Izin ini berlaku paling lama 5 menit dan setiap pembacaan dicatat.",
        "allow": "Izinkan",
        "refuse": "Tolak",
        "stopped": "Permintaan tidak dapat dilanjutkan",
        "again": "Tidak ada data yang dibagikan. Kembalilah ke sistem Anda dan mulai lagi dari sana.",
        "form": "Permintaan ini tidak lengkap. Halaman ini hanya dapat dibuka dari sistem yang terdaftar.",
        "over": "Permintaan ini tidak dikenal, sudah dipakai, atau waktunya habis.",
        "forged": "Keputusan ini tidak berasal dari halaman kami.",
        "often": "Terlalu banyak permintaan dari jaringan Anda. Tunggu sebentar.",
    },
    "en": {
        "title": "Allow access?",
        "intro": "A system asks to read or change data on your behalf.",
        "client": "System",
        "agency": "Agency of the system",
        "no_agency": "No agency",
        "yours": "You act for",
        "purpose": "Purpose",
        "scopes": "What is asked",
        "careful": "restricted data",
        "life": "This lasts 5 minutes at most, and every read is recorded.",
        "allow": "Allow",
        "refuse": "Refuse",
        "stopped": "The request cannot go on",
        "again": "No data was shared. Go back to your system and start again from there.",
        "form": "This request is incomplete. This page opens only from a registered system.",
        "over": "This request is unknown, was used before, or its time is over.",
        "forged": "This decision does not come from our page.",
        "often": "Too many requests came from your network. Wait a moment.",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person is asked.

    Attributes:
        client: that asks.
        agency: that the person acts for.
        allowed: what of it is within the person's grants.
        redirect_uri: where the person goes back to.
        request_uri: of the request.
        csrf: that the decision must carry.
    """

    client: Client
    agency: str
    allowed: Granted
    redirect_uri: str
    request_uri: str
    csrf: str


def language(accepted: str | None) -> str:
    """`en` where a browser prefers it to Indonesian, else `id`.

    Args:
        accepted: the header Accept-Language.
    """
    found = [_RANGE.fullmatch(one) for one in (accepted or "")[:1000].split(",")]
    weights = {
        {"in": "id"}.get(one[1].lower(), one[1].lower()): float(one[2] or 1) for one in reversed(found) if one
    }
    return "en" if weights.get("en", 0) > weights.get("id", 0) else "id"


def page(asked: Asked, lang: str) -> HTMLResponse:
    """The page that asks, with a button for each answer."""
    words = _WORDS[lang]
    client = asked.client
    facts = [
        (words["client"], client.description),
        (words["agency"], _agency(client.agency, lang)),
        (words["yours"], _agency(asked.agency, lang)),
        (words["purpose"], _name(scopes.purposes()[asked.allowed.purpose], lang)),
    ]
    hidden = {"client_id": client.client_id, "request_uri": asked.request_uri, "csrf": asked.csrf}
    body = [
        f"<p>{words['intro']}</p>",
        "<dl>",
        *(f"<dt>{escape(term)}</dt><dd>{escape(fact)}</dd>" for term, fact in facts),
        "</dl>",
        f'<h2 id="asked">{words["scopes"]}</h2>',
        '<ul aria-labelledby="asked">',
        *_scopes(asked.allowed.scopes, lang),
        "</ul>",
        f"<p>{words['life']}</p>",
        f'<form method="post" action="{places.AUTHORIZE}">',
        *(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in hidden.items()),
        f'<button class="allow" name="decision" value="allow">{words["allow"]}</button>',
        f'<button name="decision" value="refuse">{words["refuse"]}</button>',
        "</form>",
    ]
    return _response(200, words["title"], "\n".join(body), lang, _origin(asked.redirect_uri))


def stopped(reason: str, lang: str, status: int = 400) -> HTMLResponse:
    """The page that says why nothing goes on; it repeats nothing of the request and leads nowhere.

    Args:
        reason: `form`, `over`, `forged` or `often`.
        lang: `id` or `en`.
        status: of the answer.
    """
    words = _WORDS[lang]
    return _response(status, words["stopped"], f"<p>{words[reason]}</p>\n<p>{words['again']}</p>", lang)


def _scopes(asked: Iterable[str], lang: str) -> list[str]:
    lines: list[str] = []
    for word, scope in scopes.scopes().items():
        if word in asked:
            mark = ""
            if scope.scope_class is ScopeClass.RESTRICTED:
                mark = f' <span class="careful">({_WORDS[lang]["careful"]})</span>'
            lines.append(f"<li>{escape(_name(scope, lang))}{mark}</li>")
    return lines


def _name(word: scopes.Scope | scopes.Purpose, lang: str) -> str:
    return word.name_en if lang == "en" else word.name_id


def _agency(agency: str | None, lang: str) -> str:
    if agency is None:
        return _WORDS[lang]["no_agency"]
    found = code_list("agency").get(agency)
    if found is None:
        return agency
    return found.label_en if lang == "en" else found.label_id


def _origin(uri: str) -> str:
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"


def _response(status: int, title: str, body: str, lang: str, goes_to: str = "") -> HTMLResponse:
    # Browsers hold form-action against the redirect that answers a form, too, so the client's origin is in it.
    policy = [
        "default-src 'none'",
        f"style-src 'sha256-{_STYLE_HASH}'",
        f"form-action 'self' {goes_to}".rstrip(),
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
    headers = {
        "Content-Security-Policy": "; ".join(policy),
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Vary": "Accept-Language, Cookie",
        "Content-Language": lang,
    }
    text = _FRAME.substitute(lang=lang, title=escape(title), style=_STYLE, body=body)
    return HTMLResponse(text, status, headers)

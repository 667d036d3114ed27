"""Articles of law under which a case is handled, out of a sentence of them.

Source: UU 1/2023 (criminal code) in force from 2 January 2026, in place of UU 1/1946; domain reference, section 1.
"""

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from schema.record import Json

OLD_CODE, NEW_CODE = "UU 1/1946", "UU 1/2023"
NEW_CODE_FROM = date(2026, 1, 2)
_PART = re.compile(
    r"(?:\b(?:pasal|psl|ps)\b\.?|\bjo\b\.?|\bdan\b|,)\s*(?:(?:pasal|psl|ps)\b\.?\s*)?"
    r"(?P<article>[0-9]{1,4}[A-Z]{0,2})\b"
    r"(?:\s*ayat\s*\(?(?P<paragraph>[0-9]{1,2})\)?)?(?:\s*huruf\s*\(?(?P<letter>[a-z])\b\)?)?"
    r"|(?P<law>(?:UU|Undang[- ]Undang)(?:\s*(?:RI|No\.?|Nomor))*\s*(?P<number>[0-9]{1,3})"
    r"\s*(?:/|Tahun|Th\.?)\s*(?P<year>[0-9]{4}))"
    r"|(?P<code>\bKUHA?P\b)",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def articles(text: str) -> tuple[tuple[str, str], ...]:
    """(law, article) of each article in the text, in its order; an article whose law is not named is left out.

    Args:
        text: such as `Pasal 4 jo Pasal 10 UU 21/2007; Pasal 81 UU 18/2017`.
    """
    found: list[tuple[str, str]] = []
    for sentence in text.split(";"):
        waiting: list[str] = []
        for part in _PART.finditer(sentence):
            if part["article"]:
                waiting.append(_article(part))
                continue
            law = part["code"].upper() if part["code"] else f"UU {int(part['number'])}/{part['year']}"
            found += [(law, article) for article in waiting]
            waiting = []
    return tuple(dict.fromkeys(found))


def _article(part: re.Match[str]) -> str:
    text = part["article"].upper()
    if part["paragraph"]:
        text += f" ayat ({part['paragraph']})"
    if part["letter"]:
        text += f" huruf {part['letter'].lower()}"
    return text


def legal_basis(found: Sequence[tuple[str, str]], on: date) -> list[Json]:
    """Each article with the criminal code beside which it holds, as LegalBasis has it.

    Args:
        found: of `articles`.
        on: first day of the event. An article of the new code cannot hold before that code is in force.
    """
    basis: list[Json] = []
    for law, article in found:
        valid_on = max(on, NEW_CODE_FROM) if law == NEW_CODE else on
        regime = NEW_CODE if valid_on >= NEW_CODE_FROM else OLD_CODE
        basis.append({"law": law, "article": article, "regime": regime, "valid_on": valid_on.isoformat()})
    return basis

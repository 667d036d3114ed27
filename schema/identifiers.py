"""Grammar of the identifiers that agencies use: NIK, passport, police report number, telephone.

Source: domain facts of Polri's KEP/464/II/2021 (LP), Dukcapil (NIK), ITU-T E.164.
"""

import re
from datetime import date

_NIK = re.compile(
    r"[0-9]{6}(0[1-9]|[12][0-9]|3[01]|4[1-9]|[56][0-9]|7[01])(0[1-9]|1[0-2])[0-9]{2}(?!0000)[0-9]{4}"
)
_PASSPORT = re.compile(r"[A-Z]{1,2}[0-9]{6,7}")
_SHORTEST_PAPER = 5
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_LP = re.compile(
    r"\s*L\.?\s?P\.?[\s/.\-]*([ABC])[\s/.\-]+0*([0-9]{1,6})[\s/.\-]+"
    r"(XII|XI|IX|IV|VIII|VII|VI|V|III|II|I|X)[\s/.\-]+([0-9]{4})[\s/.\-]+(\S.*?)\s*",
    re.IGNORECASE | re.DOTALL,
)
_RANK = {
    "POLSEK": 0,
    "POLRES": 1,
    "POLRESTA": 1,
    "POLRESTABES": 1,
    "POLDA": 2,
    "BARESKRIM": 3,
    "MABES": 4,
}
_UNIT = re.compile(rf"\b({'|'.join(_RANK)})\b")
_INSIDE = re.compile(r" (?:SPKT|(?:SAT ?|DIT ?|UNIT )?RESKRIM(?:UM|SUS)?|UNIT|SUBDIT|POLRI)\b.*")
"""A desk that is named after its unit, and the police whose unit it is: neither tells units apart."""


def is_nik(text: str) -> bool:
    """True if the 16 digits have the form of a NIK; says nothing about existence.

    A province of `99` is accepted: it marks synthetic persons and belongs to no real one.
    """
    return _NIK.fullmatch(text) is not None


def nik_birth_date(nik: str, on: date) -> date | None:
    """The birth date inside a NIK, the latest that is not after `on`; None if no such day exists.

    Args:
        nik: 16 digits for which `is_nik` is true.
        on: day of the record; decides the century, since YY alone does not.
    """
    day, month, year = int(nik[6:8]), int(nik[8:10]), int(nik[10:12])
    day = day - 40 if day > 40 else day  # noqa: PLR2004 -- a woman's day is DD + 40
    for century in (2000, 1900):
        try:
            born = date(century + year, month, day)
        except ValueError:
            continue
        if born <= on:
            return born
    return None


def passport(text: str) -> str | None:
    """The passport number in upper case without spaces; None if it has another form than 1-2 letters, 6-7 digits."""
    number = re.sub(r"[\s.\-]", "", text).upper()
    return number if _PASSPORT.fullmatch(number) else None


def paper(text: str) -> str | None:
    """A document's number in upper case without what only parts it; None if it has fewer than 5 letters and digits."""
    number = re.sub(r"[\W_]", "", text).upper()
    return number if len(number) >= _SHORTEST_PAPER else None


def phone(text: str) -> str | None:
    """The number in E.164, `08...` read as Indonesian; None if it is no number."""
    digits = re.sub(r"[\s().\-]", "", text)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    elif digits.startswith("0"):
        digits = "+62" + digits[1:]
    elif digits.startswith("62"):
        digits = "+" + digits
    # No Indonesian number begins with 0 behind the country code: +62 (0)812 is +62 812.
    digits = re.sub(r"^\+620", "+62", digits)
    return digits if _PHONE.fullmatch(digits) else None


def police_report(text: str) -> str | None:
    """The key of a police report: `model/number/month/year/unit`, unit the finest of Polsek, Polres, Polda, Bareskrim.

    Two spellings of one report have one key. None if the text is no LP number: it is kept as text and joins nothing.
    """
    match = _LP.fullmatch(text)
    if match is None:
        return None
    model, number, month, year, rest = (part.upper() for part in match.groups())
    unit = _finest_unit(re.sub(r"[\s/.\-]+", " ", rest).strip())
    return f"{model}/{int(number)}/{month}/{year}/{unit}"


def _finest_unit(text: str) -> str:
    starts = [found.start() for found in _UNIT.finditer(text)]
    if not starts:
        return text
    parts = [text[start:end].strip() for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    return _INSIDE.sub("", min(parts, key=lambda part: _RANK[part.split(" ", 1)[0]]))

"""Days and moments in every spelling that the agencies' exports have; times without a zone are WIB.

Source: domain reference, section 4 (dates seen in exports) and 5.3 (ages).
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

WIB = timezone(timedelta(hours=7), "WIB")
OLDEST_AGE = 120
_YEARS = range(1900, 2101)
_EXCEL_EPOCH = date(1899, 12, 30)
_HALF_A_YEAR = timedelta(days=183)
_TIME = r"(?:[ T]+(?P<hour>[0-9]{1,2})[:.](?P<minute>[0-9]{2})(?:[:.](?P<second>[0-9]{2}))?(?: *WIB)?)?"
_DAY_FIRST = re.compile(r"(?P<day>[0-9]{1,2})[-/.](?P<month>[0-9]{1,2})[-/.](?P<year>[0-9]{4})" + _TIME)
_YEAR_FIRST = re.compile(r"(?P<year>[0-9]{4})[-/](?P<month>[0-9]{1,2})[-/](?P<day>[0-9]{1,2})" + _TIME)
_WRITTEN_OUT = re.compile(r"(?P<day>[0-9]{1,2})[ -]+(?P<month>[A-Za-z]+)\.?[ -]+(?P<year>[0-9]{4})" + _TIME)
_SERIAL = re.compile(r"([0-9]{5})(?:\.0+)?")
_COMPACT = re.compile(r"[0-9]{14}")
_ZONED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9:.]+(?:Z|[+-][0-9]{2}:?[0-9]{2})?")
_UNTIL = re.compile(r"\s*(?:\bs/d\b|\bs\.d\.|\bsd\b|\bsampai(?: dengan)?\b)\s*", re.IGNORECASE)
_MONTHS = {
    "jan": 1, "feb": 2, "peb": 2, "mar": 3, "apr": 4, "mei": 5, "may": 5, "jun": 6, "jul": 7, "agu": 8, "agt": 8, "ags": 8,
    "aug": 8, "sep": 9, "okt": 10, "oct": 10, "nov": 11, "nop": 11, "des": 12, "dec": 12,
}  # fmt: skip


def day_of(text: str) -> date | None:
    """The day; None where the text is no day that exists between 1900 and 2100.

    Reads dd-mm-yyyy and dd/mm/yyyy (with a time or without), yyyy-mm-dd, `17 Juli 2023` and the serial number that a
    workbook has for a day.
    """
    match = _DAY_FIRST.fullmatch(text) or _YEAR_FIRST.fullmatch(text) or _WRITTEN_OUT.fullmatch(text)
    if match is None:
        serial = _SERIAL.fullmatch(text)
        return _EXCEL_EPOCH + timedelta(days=int(serial[1])) if serial else None
    named = match["month"]
    month = int(named) if named.isdecimal() else _MONTHS.get(named[:3].lower(), 0)
    year, hour, minute, second = (int(match[part] or 0) for part in ("year", "hour", "minute", "second"))
    if year not in _YEARS:
        return None
    try:
        return datetime(year, month, int(match["day"]), hour, minute, second, tzinfo=WIB).date()
    except ValueError:
        return None


def days_of(text: str) -> tuple[date, date | None] | None:
    """First and last day of `dd-mm-yyyy s/d dd-mm-yyyy`; last is None for a single day; None if either is no day."""
    single = day_of(text)
    if single is not None:
        return single, None
    parts = _UNTIL.split(text)
    days = [day_of(part) for part in parts]
    if len(days) != 2 or days[0] is None or days[1] is None or days[1] < days[0]:  # noqa: PLR2004 -- from and to
        return None
    return days[0], days[1]


def moment_of(text: str) -> datetime | None:
    """The moment, aware UTC, of ISO 8601 or yyyyMMddHHmmss; None where the text is no moment that exists."""
    try:
        if _COMPACT.fullmatch(text):
            moment = datetime.strptime(text, "%Y%m%d%H%M%S")  # noqa: DTZ007 -- WIB is set below
        elif _ZONED.fullmatch(text):
            moment = datetime.fromisoformat(text)
        else:
            return None
    except ValueError:
        return None
    if moment.year not in _YEARS:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=WIB)).astimezone(UTC)


def noon_of(day: date) -> datetime:
    """Noon WIB of a day without a time, aware UTC: the day stays the same wherever it is read."""
    return datetime.combine(day, time(12), WIB).astimezone(UTC)


def born_at_age(age: int, on: date) -> date:
    """The middle of the year in which somebody was born who has this age on a day; never exact.

    Args:
        age: full years, 0 to OLDEST_AGE.
        on: the day on which the age held.
    """
    day = 28 if (on.month, on.day) == (2, 29) else on.day
    return date(on.year - age, on.month, day) - _HALF_A_YEAR

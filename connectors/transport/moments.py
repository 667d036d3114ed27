"""Times as agencies write them, and the mark from which the next pull must read so that it misses nothing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]
"""Gives the present moment, aware UTC."""

WIB = timezone(timedelta(hours=7), "WIB")
"""West Indonesian time; what an agency writes without a zone is meant in it."""

OVERLAP = timedelta(minutes=10)
"""How long before its mark a pull begins: for ties, and for changes that became visible later than their time."""


def now() -> datetime:
    """The present moment, aware UTC."""
    return datetime.now(UTC)


def utc(moment: datetime) -> datetime:
    """The same moment in UTC; without a zone it is WIB."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=WIB)).astimezone(UTC)


def moment_of(value: object) -> datetime | None:
    """The moment of an ISO 8601 text, aware UTC, or None where the value is no such text."""
    if not isinstance(value, str):
        return None
    try:
        return utc(datetime.fromisoformat(value))
    except (ValueError, OverflowError):
        return None


def later(one: datetime | None, other: datetime | None) -> datetime | None:
    """The later of two moments of which either may be unknown."""
    return max((moment for moment in (one, other) if moment is not None), default=None)


def mark(newest: datetime | None, began_at: datetime) -> datetime | None:
    """The moment up to which everything has been read.

    A change may become visible after one with a later time, and a clerk's clock may be years ahead: what has a time
    after the beginning of the pass, or shortly before it, can still have unseen company. So the mark never passes the
    beginning, and the next pass starts OVERLAP before it.

    Args:
        newest: the latest time that was seen, in this pass or before.
        began_at: when the pass began, also where it was broken off and resumed since.
    """
    return None if newest is None else min(newest, began_at)


def before(moment: datetime, span: timedelta) -> datetime:
    """The moment that lies so long before, or the first there is."""
    try:
        return moment - span
    except OverflowError:
        return datetime.min.replace(tzinfo=moment.tzinfo)

"""When an attempt that failed is made again, and when no more."""

from datetime import timedelta
from typing import Final

GIVEN_UP_AFTER: Final = timedelta(days=3)
_MINUTE, _HOUR = 60, 3600
_DELAYS_S: Final = (5, 30, 2 * _MINUTE, 10 * _MINUTE, 30 * _MINUTE, _HOUR, 2 * _HOUR, 4 * _HOUR)
_PAUSES_S: Final = (1, 5, 30, 2 * _MINUTE, 5 * _MINUTE)


def delay(attempts: int) -> timedelta:
    """How long an event that an endpoint refused waits for its next attempt.

    Args:
        attempts: made so far, n >= 1.
    """
    return timedelta(seconds=_DELAYS_S[min(attempts, len(_DELAYS_S)) - 1])


def pause(failures: int) -> timedelta:
    """How long an endpoint that does not answer is left alone.

    Args:
        failures: in a row, n >= 1.
    """
    return timedelta(seconds=_PAUSES_S[min(failures, len(_PAUSES_S)) - 1])

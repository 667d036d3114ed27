"""Acts that need a fresh or a strong login: the resource says so, and the client sends the person to log in (RFC 9470)."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from auth.access_token import LEEWAY
from auth.challenge import LoginTooOld
from auth.tokens import Caller

FRESH: Final = timedelta(minutes=5)
"""How old the login of an officer may be who opens something."""


def require(
    caller: Caller, now: datetime, *, max_age: timedelta | None = None, acr_values: Collection[str] = ()
) -> None:
    """Returns if the person has logged in lately and strongly enough.

    Args:
        caller: of the request.
        now: aware UTC.
        max_age: how old the login may be; None for any age.
        acr_values: levels of which one is needed; none for any level.

    Raises:
        LoginTooOld: they have not, or the caller is a system, which never logs in. Its challenge says what is needed.
    """
    since = caller.authenticated_at
    is_young = since is not None and (max_age is None or since + max_age + LEEWAY > now)
    if not is_young or (acr_values and caller.acr not in acr_values):
        seconds = None if max_age is None else int(max_age.total_seconds())
        raise LoginTooOld(max_age_s=seconds, acr_values=acr_values)

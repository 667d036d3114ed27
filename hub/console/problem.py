"""What stopped an act, as the page says it: in words of its kind, and in the API's own."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from auth.accounts import AccountRefused
from auth.challenge import LoginTooOld
from auth.clients import ClientRefused
from auth.emergencies import EmergencyRefused
from auth.exclusions import ExclusionRefused
from auth.grant import GrantRefused, NotYours
from schema.errors import AlreadyDecided, HubError, InputInvalid, SelfApproval

KINDS: Final[tuple[type[HubError], ...]] = (
    SelfApproval,
    AlreadyDecided,
    NotYours,
    GrantRefused,
    EmergencyRefused,
    ExclusionRefused,
    ClientRefused,
    AccountRefused,
    InputInvalid,
    LoginTooOld,
)
"""Each has words in the catalogue, `error.NAME`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that stopped an act.

    Attributes:
        word: of the catalogue.
        detail: the API's sentence, in English; empty where the word says it all.
        field: of the form, where one must be written anew.
    """

    word: str
    detail: str = ""
    field: str = ""


def of_error(error: HubError) -> Problem:
    """The problem that an error is."""
    name = next((kind.__name__ for kind in KINDS if isinstance(error, kind)), "DecisionError")
    is_told = not isinstance(error, LoginTooOld)
    return Problem(word=f"error.{name}", detail=str(error) if is_told else "")


def of_fields(fields: Iterable[str]) -> tuple[Problem, ...]:
    """A problem for each field that was not filled in as it must be."""
    return tuple(Problem(word=f"missing.{name}", field=name) for name in fields)

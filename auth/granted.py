"""What a token is issued for: scopes and one purpose, within what is held; never a silent shrink."""

# pyright: reportUnknownMemberType=false
# Authlib has no types of its own, and those that the checker brings for it are partial.

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from authlib.oauth2.rfc6749 import InvalidRequestError, InvalidScopeError

from auth import permit, scopes
from auth.holdings import Holding, Standing
from auth.scopes import ScopeClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What a token says of scopes, purpose and place, and until when the grants behind it last.

    Attributes:
        scopes: asked for and held.
        purpose: one word.
        holdings: that give them.
    """

    scopes: frozenset[str]
    purpose: str
    holdings: tuple[Holding, ...]

    @property
    def jurisdiction(self) -> tuple[str, ...]:
        """Kemendagri codes of all grants together, sorted."""
        return tuple(sorted({code for one in self.holdings for code in one.jurisdictions}))

    @property
    def ends_at(self) -> datetime | None:
        """When the first of its grants ends; None where there is none."""
        return min((one.valid_to for one in self.holdings), default=None)


NOTHING: Final = Granted(scopes=frozenset(), purpose="", holdings=())


def granted(standing: Standing, scope: str | None, purpose: str | None, *, is_person: bool) -> Granted:
    """What may be issued of what is asked.

    Args:
        standing: of who asks, now.
        scope: as asked, joined by spaces; None for all that is held for the purpose.
        purpose: as asked; None where only one is held.
        is_person: a person has logged in; some scopes are for persons only and some for systems only.

    Raises:
        InvalidRequestError: the purpose is missing or unknown.
        InvalidScopeError: a scope or the purpose exceeds what is held.
    """
    chosen = _purpose(standing.holdings, purpose)
    giving = permit.serving(standing.holdings, chosen)
    held = frozenset(word for one in giving for word in one.scopes if _is_for(word, is_person=is_person))
    wanted = held if scope is None else frozenset(scope.split())
    if not wanted or not wanted <= held:
        raise InvalidScopeError(
            "A scope is unknown, was not granted for this purpose, or is not for such a client; ask the data protection officer."
        )
    return Granted(scopes=wanted, purpose=chosen, holdings=permit.serving(giving, chosen, wanted))


def _is_for(word: str, *, is_person: bool) -> bool:
    found = scopes.scopes().get(word)
    if found is None:
        return False
    return found.scope_class is not ScopeClass.SYSTEM if is_person else not found.humans_only


def _purpose(holdings: tuple[Holding, ...], asked: str | None) -> str:
    held = {word for one in holdings for word in one.purposes}
    if asked is None:
        if len(held) != 1:
            raise InvalidRequestError("purpose is needed: one of those that you hold a grant for.")
        return held.pop()
    if asked not in scopes.purposes():
        raise InvalidRequestError("purpose is not one of the closed list.")
    if asked not in held:
        raise InvalidScopeError("There is no live grant for this purpose; ask the data protection officer.")
    return asked

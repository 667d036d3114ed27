"""What a caller may do at this moment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from auth import access_token
from auth.holdings import Holding, Standing
from auth.tokens import Caller
from schema.codes import code_list


@dataclass(frozen=True, kw_only=True)
class Permit:
    """The caller, and what of its token is alive now. Made once for each request, only handed down.

    Attributes:
        caller: of the token.
        holdings: grants that are alive, serve the token's purpose and give at least one of its scopes.
        scopes: of the token, alive now.
        excluded: cases that are closed to the caller.
    """

    caller: Caller
    holdings: tuple[Holding, ...] = ()
    scopes: frozenset[str] = field(default=frozenset())
    excluded: tuple[UUID, ...] = ()
    _reach: dict[str, tuple[str, ...]] = field(
        default_factory=dict[str, tuple[str, ...]], repr=False, compare=False
    )

    def allows(self, required: Sequence[Sequence[str]]) -> bool:
        """True if all scopes of at least one of the alternatives are held.

        Args:
            required: `@requiresScopes`: outer OR, inner AND. `[[]]` asks for nothing; `[]` is never allowed.
        """
        return any(self.scopes.issuperset(alternative) for alternative in required)

    def serves(self, purposes: Iterable[str] | None) -> bool:
        """True if the token's purpose is among those; None stands for all."""
        return purposes is None or self.caller.purpose in purposes

    def reach(self, scope: str) -> tuple[str, ...]:
        """The words that open rows for what this scope opens (schema.reach), sorted; none where it is not alive."""
        found = self._reach.get(scope)
        if found is None:
            giving = self._giving(scope)
            words = {word for one in giving for word in one.reach(self.caller.agency)}
            found = self._reach[scope] = tuple(sorted(words))
        return found

    def owners(self, scope: str) -> tuple[str, ...]:
        """The agencies whose own words this scope opens, sorted; an emergency opens those of all."""
        giving = self._giving(scope)
        if any(one.case_id is not None for one in giving):
            return tuple(sorted(code_list("agency")))
        return tuple(sorted({one.owner for one in giving if one.owner is not None}))

    def _giving(self, scope: str) -> list[Holding]:
        return [one for one in self.holdings if scope in one.scopes] if scope in self.scopes else []

    def covers(self, other: "Permit") -> bool:
        """True if nothing is closed that the other permit opens: no scope, no row, no value, and no case more.

        Args:
            other: of the same client, person and purpose, as it was some time ago.
        """
        return (
            self.scopes >= other.scopes
            and set(self.excluded) <= set(other.excluded)
            and all(
                set(self.reach(scope)) >= set(other.reach(scope))
                and set(self.owners(scope)) >= set(other.owners(scope))
                for scope in other.scopes
            )
        )

    @property
    def emergency(self) -> Holding | None:
        """The emergency under which the caller acts, if it does."""
        return next((one for one in self.holdings if one.case_id is not None), None)


def permit_of(caller: Caller, standing: Standing, now: datetime) -> Permit:
    """The permit, from what stands now.

    Nothing is alive for a caller that is gone or suspended, or whose token has ended.

    Args:
        caller: of the token.
        standing: of the caller, read in this request's transaction.
        now: aware UTC.
    """
    if standing.is_suspended or now >= caller.expires_at + access_token.LEEWAY:
        return Permit(caller=caller)
    holdings = serving(standing.holdings, caller.purpose, caller.scopes)
    held = frozenset[str]().union(*(one.scopes for one in holdings))
    return Permit(caller=caller, holdings=holdings, scopes=caller.scopes & held, excluded=standing.excluded)


def serving(
    holdings: Iterable[Holding], purpose: str, scopes: frozenset[str] | None = None
) -> tuple[Holding, ...]:
    """The holdings that serve a purpose, and give at least one of these scopes where some are named."""
    return tuple(
        one
        for one in holdings
        if purpose in one.purposes and (scopes is None or not scopes.isdisjoint(one.scopes))
    )

"""Row rules of a permit that decide about a statement's shape, and the settings by which PostgreSQL repeats all of them.

The rules themselves are conditions of the statement (hub.graphql.source). Row level security is the second fence: the
role that reads sees no row at all unless these settings have been made in the same transaction.
"""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final, TypeAlias
from uuid import UUID

from sqlalchemy import Text, bindparam, cast, func, select, true

from auth.permit import Permit
from hub.graphql.catalogue import nodes
from hub.graphql.prepared import Statement, constant, prepared
from schema.entities import entities
from schema.tables.golden import REACHED
from schema.tables.grants import access_version

CHILDREN: Final = "victim.child:read"
PROTECTED: Final = "LPSK_PROTECTED"
NO_MEANS_NEEDED: Final = "NOT_REQUIRED_CHILD"
NO_CASE: Final = UUID(int=0)
"""What is said where no case is closed to the caller: an empty setting is what a session has left, and opens nothing."""
Uneven: TypeAlias = frozenset[tuple[str, str]]
"""Types and scopes of theirs that open fewer of their rows than the type's own scope does."""


@cache
def _scopes_of_columns() -> tuple[tuple[str, str, str], ...]:
    """(type, its own scope, another scope of one of its columns), each once."""
    found = {
        (node.name, node.scope, column.scope)
        for node in nodes().values()
        for column in node.columns.values()
        if column.scope not in {None, node.scope}
    }
    return tuple(sorted((name, own, str(other)) for name, own, other in found))


def uneven(permit: Permit) -> Uneven:
    """The scopes that open fewer rows than their type's own; mostly none, where each grant has all scopes of a type."""
    if len(permit.holdings) <= 1:
        return frozenset()
    return frozenset(
        (name, scope)
        for name, own, scope in _scopes_of_columns()
        if scope in permit.scopes
        and (permit.reach(scope) != permit.reach(own) or permit.owners(scope) != permit.owners(own))
    )


def _reach(entity: str) -> Callable[[Permit], str]:
    scope = entities()[entity].scope
    return lambda permit: ",".join(permit.reach(scope))


SETTINGS: Final[Mapping[str, Callable[[Permit], str]]] = MappingProxyType(
    {
        **{f"hub.{entity.lower()}": _reach(entity) for entity in REACHED},
        "hub.child": lambda permit: ",".join(permit.reach(CHILDREN)),
        "hub.case_owners": lambda permit: ",".join(permit.owners("case:read")),
        "hub.victim_owners": lambda permit: ",".join(permit.owners("victim:read")),
        "hub.excluded": lambda permit: ",".join(str(one) for one in permit.excluded or (NO_CASE,)),
    }
)
"""What row level security reads, by setting; each is a list joined by commas."""

FENCE: Final[Statement] = prepared(
    select(
        cast(select(access_version.c.version).scalar_subquery(), Text()),
        *(
            func.set_config(
                constant(name), bindparam(name.replace(".", "_"), type_=Text(), required=False), true()
            )
            for name in SETTINGS
        ),
    )
)
"""Makes the settings for the transaction in which it runs, and for no other; its first column is the version of all that
decides about permits, as that transaction sees it."""


def fence(permit: Permit) -> dict[str, str]:
    """The values of `FENCE` for a permit."""
    return {name.replace(".", "_"): of(permit) for name, of in SETTINGS.items()}

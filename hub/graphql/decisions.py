"""The root of decisions: what may be changed, and by whom. Each operation stands or falls as a whole."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import strawberry
from strawberry.federation.schema_directives import Cost

from auth.officer_rights import RIGHTS
from hub.graphql import emergencies, exclusions, granting, listing, weights
from hub.graphql.catalogue import Scopes
from hub.graphql.types import scoped

_LISTS: Final[Mapping[str, tuple[Callable[..., Any], Any]]] = {
    "grants": (granting.grants, list[granting.Grant] | None),
    "emergencies": (emergencies.emergencies, list[emergencies.Emergency] | None),
    "exclusions": (exclusions.exclusions, list[exclusions.Exclusion] | None),
    "operationLists": (listing.operation_lists, list[listing.OperationList] | None),
}
_DECISIONS: Final[Mapping[str, tuple[Callable[..., Any], Any]]] = {
    "proposeGrant": (granting.propose_grant, granting.Grant | None),
    "renewGrant": (granting.renew_grant, granting.Grant | None),
    "decideGrant": (granting.decide_grant, granting.Grant | None),
    "declareEmergency": (emergencies.declare_emergency, emergencies.Emergency | None),
    "reviewEmergency": (emergencies.review_emergency, emergencies.Emergency | None),
    "proposeExclusion": (exclusions.propose_exclusion, exclusions.Exclusion | None),
    "approveExclusion": (exclusions.approve_exclusion, exclusions.Exclusion | None),
    "liftExclusion": (exclusions.lift_exclusion, exclusions.Exclusion | None),
    "proposeOperation": (listing.propose_operation, listing.ListedOperation | None),
    "approveOperation": (listing.approve_operation, listing.ListedOperation | None),
    "removeOperation": (listing.remove_operation, listing.ListedOperation | None),
    "setListedOnly": (listing.set_listed_only, listing.OperationList | None),
}

REQUIRES: Final[Mapping[str, Scopes]] = MappingProxyType(
    {
        name: ((RIGHTS[name],),)
        for name in (*(f"Query.{one}" for one in _LISTS), *(f"Mutation.{one}" for one in _DECISIONS))
    }
)
"""Scopes of decisions and of the lists that officers decide by, by coordinate."""


def _root(fields: Mapping[str, tuple[Callable[..., Any], Any]], name: str, root: str, weight: int) -> type:
    namespace: dict[str, Any] = {"__annotations__": {}, "__module__": __name__}
    for field, (resolver, annotation) in fields.items():
        text = (resolver.__doc__ or "").strip()
        requires, directives = REQUIRES[f"{root}.{field}"], [Cost(weight=weight)]
        made = scoped(requires, directives=directives, resolver=resolver, name=field, description=text)
        namespace[f"{field}_"] = made
        namespace["__annotations__"][f"{field}_"] = annotation
    return type(name, (), namespace)


Lists: Final = strawberry.type(_root(_LISTS, "Lists", "Query", weights.ANSWER))
"""Fields of Query for officers."""

Mutation: Final = strawberry.type(
    _root(_DECISIONS, "Mutation", "Mutation", weights.DECISION),
    description="What may be decided; an operation of several decisions takes all of them or none.",
)

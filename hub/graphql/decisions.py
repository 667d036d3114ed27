"""The root of decisions: what may be changed, and by whom. Each operation stands or falls as a whole."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import strawberry
from strawberry.federation.schema_directives import Cost

from hub.graphql import emergencies, exclusions, granting, listing, weights
from hub.graphql.catalogue import Scopes
from hub.graphql.types import scoped

_PROPOSE, _APPROVE, _EMERGENCY = "scope:manage", "scope:approve", "break-glass:use"

_LISTS: Final[Mapping[str, tuple[Callable[..., Any], Any, str]]] = {
    "grants": (granting.grants, list[granting.Grant] | None, _PROPOSE),
    "emergencies": (emergencies.emergencies, list[emergencies.Emergency] | None, _PROPOSE),
    "exclusions": (exclusions.exclusions, list[exclusions.Exclusion] | None, _APPROVE),
    "operationLists": (listing.operation_lists, list[listing.OperationList] | None, _PROPOSE),
}
_DECISIONS: Final[Mapping[str, tuple[Callable[..., Any], Any, str]]] = {
    "proposeGrant": (granting.propose_grant, granting.Grant | None, _PROPOSE),
    "renewGrant": (granting.renew_grant, granting.Grant | None, _PROPOSE),
    "decideGrant": (granting.decide_grant, granting.Grant | None, _APPROVE),
    "declareEmergency": (emergencies.declare_emergency, emergencies.Emergency | None, _EMERGENCY),
    "reviewEmergency": (emergencies.review_emergency, emergencies.Emergency | None, _APPROVE),
    "proposeExclusion": (exclusions.propose_exclusion, exclusions.Exclusion | None, _PROPOSE),
    "approveExclusion": (exclusions.approve_exclusion, exclusions.Exclusion | None, _APPROVE),
    "liftExclusion": (exclusions.lift_exclusion, exclusions.Exclusion | None, _APPROVE),
    "proposeOperation": (listing.propose_operation, listing.ListedOperation | None, _PROPOSE),
    "approveOperation": (listing.approve_operation, listing.ListedOperation | None, _APPROVE),
    "removeOperation": (listing.remove_operation, listing.ListedOperation | None, _APPROVE),
    "setListedOnly": (listing.set_listed_only, listing.OperationList | None, _APPROVE),
}

REQUIRES: Final[Mapping[str, Scopes]] = MappingProxyType(
    {
        **{f"Query.{name}": ((scope,),) for name, (_, _, scope) in _LISTS.items()},
        **{f"Mutation.{name}": ((scope,),) for name, (_, _, scope) in _DECISIONS.items()},
    }
)
"""Scopes of decisions and of the lists that officers decide by, by coordinate."""


def _root(fields: Mapping[str, tuple[Callable[..., Any], Any, str]], name: str, weight: int) -> type:
    namespace: dict[str, Any] = {"__annotations__": {}, "__module__": __name__}
    for field, (resolver, annotation, scope) in fields.items():
        text = (resolver.__doc__ or "").strip()
        directives = [Cost(weight=weight)]
        made = scoped(((scope,),), directives=directives, resolver=resolver, name=field, description=text)
        namespace[f"{field}_"] = made
        namespace["__annotations__"][f"{field}_"] = annotation
    return type(name, (), namespace)


Lists: Final = strawberry.type(_root(_LISTS, "Lists", weights.ANSWER))
"""Fields of Query for officers."""

Mutation: Final = strawberry.type(
    _root(_DECISIONS, "Mutation", weights.DECISION),
    description="What may be decided; an operation of several decisions takes all of them or none.",
)

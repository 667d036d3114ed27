"""What officers do and the scope that each needs: one table for the API, the command line behind it, and the console.

A name is the API's own coordinate, so that the ledger says the same of an act whichever door it came through; what only the
console shows has a name of its own.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_PROPOSE, _APPROVE, _EMERGENCY, _AUDIT = "scope:manage", "scope:approve", "break-glass:use", "audit:read"

RIGHTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Query.grants": _PROPOSE,
        "Query.emergencies": _PROPOSE,
        "Query.exclusions": _APPROVE,
        "Query.operationLists": _PROPOSE,
        "Mutation.proposeGrant": _PROPOSE,
        "Mutation.renewGrant": _PROPOSE,
        "Mutation.decideGrant": _APPROVE,
        "Mutation.declareEmergency": _EMERGENCY,
        "Mutation.reviewEmergency": _APPROVE,
        "Mutation.proposeExclusion": _PROPOSE,
        "Mutation.approveExclusion": _APPROVE,
        "Mutation.liftExclusion": _APPROVE,
        "Mutation.proposeOperation": _PROPOSE,
        "Mutation.approveOperation": _APPROVE,
        "Mutation.removeOperation": _APPROVE,
        "Mutation.setListedOnly": _APPROVE,
        "Console.clients": _PROPOSE,
        "Console.suspendClient": _APPROVE,
        "Console.issuers": _PROPOSE,
        "Console.ledger": _AUDIT,
        "Console.seals": _AUDIT,
    }
)
"""Scope by coordinate."""

OFFICERS: Final = frozenset({_PROPOSE, _APPROVE, _AUDIT})
"""Whoever holds one of these is an officer for whom the console is."""

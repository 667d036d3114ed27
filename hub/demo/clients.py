"""Demo clients: one for each kind of user, with keys of their own, registered in this hub and nowhere else."""

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from joserfc.jwk import OKPKey
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from auth import clients, grants, holdings
from auth.clients import Client
from auth.grant import CENTRAL, Officer, Proposal
from auth.grants import LONGEST_RESTRICTED, Decision
from auth.scopes import purposes
from connectors import registry
from hub.clock import Clock
from schema.regions import regions


@dataclass(frozen=True, kw_only=True)
class DemoClient:
    """What a demo client may ask for."""

    client_id: str
    agency: str | None
    description: str
    scopes: tuple[str, ...]
    purposes: tuple[str, ...]
    jurisdiction: tuple[str, ...]


_NATION = tuple(code for code, region in regions().items() if region.parent is None)

OWNERS = tuple(agency.upper() for agency in registry.agencies())
"""Agencies of the sandbox, each of which owns what it sends."""
SUBGRAPHS = {"LPSK": frozenset({"protection:read"})}
"""Agencies that answer for themselves behind a gateway, and the scopes that they alone open."""
_ASKS = Officer(account_id="demo#asks", agency=CENTRAL)
_APPROVES = Officer(account_id="demo#approves", agency=CENTRAL)

DEMO_CLIENTS: tuple[DemoClient, ...] = (
    DemoClient(
        client_id="polda-kalbar",
        agency="POLRI",
        description="Integrator: case system of Polda Kalimantan Barat",
        scopes=(
            "case:read",
            "victim:read",
            "victim.child:read",
            "victim.identity:read",
            "perpetrator:read",
            "perpetrator.identity:read",
            "person:match",
        ),
        purposes=("investigation",),
        jurisdiction=("61",),
    ),
    DemoClient(
        client_id="shelter-kemensos",
        agency="KEMENSOS",
        description="Integrator: shelters of the Ministry of Social Affairs",
        scopes=(
            "case:read",
            "victim:read",
            "victim.child:read",
            "victim.identity:read",
            "person:match",
            "protection:read",
        ),
        purposes=("protection", "repatriation"),
        jurisdiction=_NATION,
    ),
    DemoClient(
        client_id="border-entikong",
        agency="IMIGRASI",
        description="Integrator: counter of the border post, which may only ask whether a person is known",
        scopes=("person:match",),
        purposes=("protection",),
        jurisdiction=("61",),
    ),
    DemoClient(
        client_id="dashboard-satgas",
        agency="SATGAS_TPPO",
        description="Dashboard developer: task force secretariat, no identity, no children",
        scopes=("case:read", "victim:read"),
        purposes=("statistics",),
        jurisdiction=_NATION,
    ),
    DemoClient(
        client_id="officer-pdp",
        agency="SATGAS_TPPO",
        description="Data protection officer: sees what is open to whom, and no case",
        scopes=("audit:read",),
        purposes=("subject-request",),
        jurisdiction=(),
    ),
)


async def register(engine: AsyncEngine, path: Path, clock: Clock) -> None:
    """Registers the demo clients and writes their private keys, mode 0600; what is there already stays.

    Args:
        engine: as the service's role.
        path: of clients.json.
        clock: gives the present.
    """
    entries = _entries(path)
    async with engine.begin() as connection:
        for demo, entry in zip(DEMO_CLIENTS, entries, strict=True):
            await connection.run_sync(_register, demo, entry["private_jwk"], clock)


def _entries(path: Path) -> list[dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = {}
    if path.exists():
        kept = {one["client_id"]: one["private_jwk"] for one in json.loads(path.read_text())}
    entries = [_entry(demo, kept.get(demo.client_id)) for demo in DEMO_CLIENTS]
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(entries, file, indent=1)
    return entries


def _entry(demo: DemoClient, private_jwk: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "client_id": demo.client_id,
        "agency": demo.agency,
        "description": demo.description,
        "scopes": list(demo.scopes),
        "purposes": list(demo.purposes),
        "jurisdiction": list(demo.jurisdiction),
        "private_jwk": private_jwk or _new_key(),
        "dpop": False,
    }


def _new_key() -> dict[str, Any]:
    return dict(OKPKey.generate_key("Ed25519", auto_kid=True).as_dict(private=True))


def _register(connection: Connection, demo: DemoClient, private_jwk: dict[str, Any], clock: Clock) -> None:
    public = {"keys": [{name: value for name, value in private_jwk.items() if name != "d"}]}
    if clients.load(connection, demo.client_id) is not None:
        clients.replace_keys(connection, demo.client_id, public)
        _entitle(connection, demo, clock())
        return
    clients.register(
        connection,
        Client(
            client_id=demo.client_id,
            agency=demo.agency,
            description=demo.description,
            public_jwks=public,
            bearer_allowed=True,
            created_at=clock(),
        ),
    )
    _entitle(connection, demo, clock())


def _entitle(connection: Connection, demo: DemoClient, now: datetime) -> None:
    if not holdings.standing(connection, demo.client_id, None, now).holdings:
        entitle(connection, demo, demo.client_id, now)


def entitle(connection: Connection, demo: DemoClient, grantee: str, now: datetime) -> None:
    """A live grant of each owner, through the same door as any other: one asks, two approve.

    Args:
        connection: inside a transaction.
        demo: says what is granted.
        grantee: a client_id or an account_id.
        now: aware UTC.
    """
    of_subgraphs = frozenset[str]().union(*SUBGRAPHS.values())
    asked_of = {owner: frozenset(demo.scopes) - of_subgraphs for owner in OWNERS}
    asked_of |= {owner: words & frozenset(demo.scopes) for owner, words in SUBGRAPHS.items()}
    for owner, words in asked_of.items():
        if not words:
            continue
        proposal = Proposal(
            grantee=grantee,
            owner=owner,
            scopes=words,
            purposes=demo.purposes,
            legal_basis=purposes()[demo.purposes[0]].legal_basis,
            agreement="DEMO/2026",
            justification="Demonstration on synthetic records",
            jurisdictions=demo.jurisdiction,
            valid_from=now,
            valid_to=now + LONGEST_RESTRICTED,
        )
        asked = grants.propose(connection, _ASKS, proposal, now)
        approvals = [(_APPROVES, Decision.APPROVED)]
        if asked.needs_owner:
            approvals.append((Officer(account_id=f"demo#{owner}", agency=owner), Decision.OWNER_APPROVED))
        for officer, decision in approvals:
            grants.decide(connection, officer, asked.grant_id, asked.version, decision, "Demonstration", now)

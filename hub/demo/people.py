"""Demo people, who log in at the sandbox's login: officers and some who work on cases, with grants of their own.

Beside the explorer, which is for everybody, the demo has a client that people use: `token` gets tokens for them by it.
"""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from joserfc.jwk import OKPKey
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from auth import accounts, clients, first_officers, grants, holdings, issuers
from auth.accounts import Account
from auth.clients import Client
from auth.grant import CENTRAL, Officer, Proposal
from auth.grants import LONGEST, Decision
from auth.issuers import TrustedIssuer, Use
from auth.scopes import purposes
from hub.clock import Clock
from hub.demo.clients import DEMO_CLIENTS, DemoClient, entitle
from hub.sandbox import sso
from hub.sandbox.sso import OFFICES, Office

DESK: Final = "officer-desk"
"""The client that the demo's people use; of no agency, so that it serves those of all."""
REDIRECT: Final = "http://127.0.0.1/officer-desk/back"
"""Nothing listens there: `token` reads the code from the redirect and goes no further."""
_NAME: Final = "SSO simulasi (demo)"
_REASON: Final = "Demonstration on synthetic records"
_LIKE: Final = {"penyidik": "polda-kalbar", "pendamping": "shelter-kemensos", "analis": "dashboard-satgas"}
"""Who works on cases holds what that client of the same agency holds."""


async def register(engine: AsyncEngine, path: Path, clock: Clock, issuer: str) -> None:
    """Registers people, their grants, the login that vouches for them, and their client; what is there stays.

    Args:
        engine: as the service's role.
        path: of people.json, written with mode 0600.
        clock: gives the present.
        issuer: of the sandbox's login.
    """
    private_jwk = _kept_key(path)
    _write(path, issuer, private_jwk)
    async with engine.begin() as connection:
        await connection.run_sync(_register, issuer, private_jwk, clock())


def account_id(issuer: str, office: Office) -> str:
    """Of the officer, as the hub knows them."""
    return f"{issuer}#{office.subject}"


def _like(office: Office) -> DemoClient | None:
    """The demo client that holds what the person holds; None for an officer."""
    return next((one for one in DEMO_CLIENTS if one.client_id == _LIKE.get(office.subject)), None)


def _kept_key(path: Path) -> dict[str, Any]:
    if path.exists():
        return json.loads(path.read_text())["client"]["private_jwk"]
    return dict(OKPKey.generate_key("Ed25519", auto_kid=True).as_dict(private=True))


def _write(path: Path, issuer: str, private_jwk: dict[str, Any]) -> None:
    content = {
        "sso": issuer,
        "client": {"client_id": DESK, "redirect_uri": REDIRECT, "private_jwk": private_jwk},
        "people": [
            {
                "account_id": account_id(issuer, one),
                "name": one.subject,
                "agency": one.agency,
                "title": one.title,
                "scopes": sorted(first_officers.SCOPES if like is None else like.scopes),
                "purposes": [first_officers.PURPOSE] if like is None else list(like.purposes),
            }
            for one, like in ((one, _like(one)) for one in OFFICES)
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=1)


def _register(connection: Connection, issuer: str, private_jwk: dict[str, Any], now: datetime) -> None:
    people = [(_account(issuer, one, now), _like(one)) for one in OFFICES]
    first, second = people[0][0], people[1][0]
    if first_officers.is_open(connection):
        first_officers.bootstrap(connection, first, second, now)
    pair = (_officer(first), _officer(second))
    _trust(connection, issuer, pair, now)
    _register_desk(connection, private_jwk, now)
    for account, like in people:
        if accounts.load(connection, account.account_id) is None:
            accounts.register(connection, account)
        if holdings.standing(connection, DESK, account.account_id, now).holdings:
            continue
        if like is None:
            _entitle(connection, account, pair, now)
        else:
            entitle(connection, like, account.account_id, now)


def _account(issuer: str, office: Office, now: datetime) -> Account:
    return Account(
        account_id=account_id(issuer, office), agency=office.agency, title=office.title, created_at=now
    )


def _officer(account: Account) -> Officer:
    return Officer(account_id=account.account_id, agency=account.agency)


def _trust(connection: Connection, issuer: str, pair: tuple[Officer, Officer], now: datetime) -> None:
    """The sandbox's login stands, and none of an earlier sandbox at another port."""
    standing = issuers.standing(connection, Use.PEOPLE)
    for one in standing:
        if _is_of_demo(one) and one.proposal.issuer != issuer:
            issuers.withdraw(connection, pair[0], one.trust_id, now)
    if any(one.proposal.issuer == issuer for one in standing):
        return
    proposal = issuers.Proposal(
        issuer=issuer,
        name=_NAME,
        agency=CENTRAL,
        use=Use.PEOPLE,
        audience=sso.CLIENT_ID,
        algorithms=("ES256",),
    )
    made = issuers.propose(connection, pair[0], proposal, now)
    issuers.approve(connection, pair[1], made.trust_id, now)


def _is_of_demo(one: TrustedIssuer) -> bool:
    return one.is_loopback and one.proposal.name == _NAME


def _register_desk(connection: Connection, private_jwk: dict[str, Any], now: datetime) -> None:
    public = {"keys": [{name: value for name, value in private_jwk.items() if name != "d"}]}
    if clients.load(connection, DESK) is not None:
        clients.replace_keys(connection, DESK, public)
        return
    desk = Client(
        client_id=DESK,
        agency=None,
        description="Demo: what officers use to ask the hub",
        public_jwks=public,
        redirect_uris=(REDIRECT,),
        bearer_allowed=True,
        created_at=now,
    )
    clients.register(connection, desk)


def _entitle(connection: Connection, account: Account, pair: tuple[Officer, Officer], now: datetime) -> None:
    """The officer holds a grant, proposed by one central officer and approved by the other, who is not the person."""
    proposal = Proposal(
        grantee=account.account_id,
        owner=account.agency,
        scopes=first_officers.SCOPES,
        purposes=(first_officers.PURPOSE,),
        legal_basis=purposes()[first_officers.PURPOSE].legal_basis,
        agreement="DEMO/2026",
        justification=_REASON,
        jurisdictions=(),
        valid_from=now,
        valid_to=now + LONGEST,
    )
    asks, approves = pair if account.account_id != pair[1].account_id else pair[::-1]
    made = grants.propose(connection, asks, proposal, now)
    grants.decide(connection, approves, made.grant_id, made.version, Decision.APPROVED, _REASON, now)

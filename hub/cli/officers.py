"""`officers`: the first two officers, and the login that vouches for them."""

from typing import Annotated

import typer
from sqlalchemy import Connection

from auth import first_officers, issuers
from auth.accounts import Account
from auth.grant import CENTRAL, Officer
from auth.issuers import Proposal, Use
from hub import clock, database
from hub.cli import context
from hub.cli.context import Databases


def officers(
    issuer: Annotated[str, typer.Argument(help="URL of the government's login, as its id_tokens say it")],
    first: Annotated[str, typer.Argument(help="`sub` of the first officer there")],
    second: Annotated[str, typer.Argument(help="`sub` of the second officer there; another person")],
    *,
    client_id: Annotated[str, typer.Option(help="of the hub at that login")] = "tppo-hub",
    name: Annotated[str, typer.Option(help="of that login, as people read it")] = "SSO Pemerintah",
    algorithm: Annotated[
        str, typer.Option(help="with which it signs: ES256, PS256, Ed25519 or RS256")
    ] = "ES256",
) -> None:
    """Enrol the first two officers of the secretariat and trust the login that vouches for them. Works once.

    They approve all that comes after them, in the hub itself: further officers, issuers, grants.
    """
    proposal = Proposal(
        issuer=issuer,
        name=name,
        agency=CENTRAL,
        use=Use.PEOPLE,
        audience=client_id,
        algorithms=(algorithm,),
    )
    urls = context.databases(context.read_settings())
    context.run(_begin(urls, proposal, (first, second)))
    print(f"two officers of {CENTRAL}, who log in at {issuer}; their grants end within a year")


async def _begin(urls: Databases, proposal: Proposal, subjects: tuple[str, str]) -> None:
    engine = database.open_engine(urls.service_url, size=1, name="officers")
    try:
        async with engine.begin() as connection:
            await connection.run_sync(begin, proposal, subjects)
    finally:
        await engine.dispose()


def begin(connection: Connection, proposal: Proposal, subjects: tuple[str, str]) -> None:
    """The officers and their login, in one transaction: the first one proposes the login and the second approves it.

    Args:
        connection: of the service's role.
        proposal: of the login.
        subjects: of two persons there.

    Raises:
        DecisionError: there are officers already, or something about the two or the login breaks a rule.
    """
    now = clock.now()
    pair = [
        Account(
            account_id=f"{proposal.issuer}#{subject}",
            agency=CENTRAL,
            title="Data protection officer (PPDP)",
            created_at=now,
        )
        for subject in subjects
    ]
    first_officers.bootstrap(connection, pair[0], pair[1], now)
    proposer, approver = (Officer(account_id=one.account_id, agency=one.agency) for one in pair)
    made = issuers.propose(connection, proposer, proposal, now)
    issuers.approve(connection, approver, made.trust_id, now)

"""Officers and clients of a test's own hub: who may do what is told by grants, made as officers make them."""

from collections.abc import Iterable, Mapping
from typing import Any

from auth import clients
from auth.clients import Client
from auth.scopes import purposes as words
from tests.auth.parties import enrol, grant, public
from tests.graphql.hub import OFFICER, PRIVATE, Hub

PROPOSES = "https://sso.example#proposes"
APPROVES = "https://sso.example#approves"
SHELTER = "https://sso.example#shelter"
POLICE = "https://sso.example#police"
IMMIGRATION = "https://sso.example#immigration"
AGENCY = {
    PROPOSES: "SATGAS_TPPO",
    APPROVES: "SATGAS_TPPO",
    SHELTER: "KEMENSOS",
    POLICE: "POLRI",
    IMMIGRATION: "IMIGRASI",
}


async def enrol_officers(hub: Hub) -> None:
    """Officers of three agencies, each with the rights to propose and to approve."""
    async with hub.engine.begin() as connection:
        for account_id, agency in AGENCY.items():
            await connection.run_sync(
                enrol,
                hub.clock(),
                account_id,
                agency,
                scopes=OFFICER,
                purposes=("subject-request",),
                jurisdictions=(),
                owner=agency,
            )


async def client(
    hub: Hub, client_id: str, *held: Mapping[str, Any], agency: str = "POLRI", unit: str | None = None
) -> None:
    """A client with these grants.

    Args:
        hub: of the test.
        client_id: its name.
        held: what tests.auth.parties.grant takes, for each grant.
        agency: that it speaks for.
        unit: of the agency.
    """
    async with hub.engine.begin() as connection:
        await connection.run_sync(
            clients.register,
            Client(
                client_id=client_id,
                agency=agency,
                unit=unit,
                description="of a test",
                public_jwks={"keys": [public(PRIVATE)]},
                bearer_allowed=True,
                created_at=hub.clock(),
            ),
        )
        for one in held:
            await connection.run_sync(grant, hub.clock(), client_id, **one)


async def as_person(
    hub: Hub, account_id: str, query: str, variables: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The answer to a person who holds the officers' rights."""
    token = await hub.person_token(OFFICER, account_id, purpose="subject-request")
    response = await hub.ask(query, variables, token=token)
    return response.json()


async def ids(
    hub: Hub, client_id: str, field: str, scopes: Iterable[str], purpose: str = "protection"
) -> set[str]:
    """The ids of all rows of a list that a client is given."""
    assert purpose in words()
    token = await hub.new_token(scopes, client_id, purpose)
    query = f"query ($a: String) {{ {field}(first: 100, after: $a) {{ totalCount nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }}"
    found: list[str] = []
    after = None
    while True:
        response = await hub.ask(query, {"a": after}, token=token)
        assert response.status_code == 200, response.text
        page = response.json()["data"][field]
        found += [one["id"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            assert len(found) == page["totalCount"] == len(set(found))
            return set(found)

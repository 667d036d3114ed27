"""A whole federation that tests ask: hub, sample subgraph, the proxy for certificates, and a gateway; and its callers."""

import asyncio
import contextlib
import json
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg

from auth import access_token
from auth.access_token import AccessToken, new_id, sign
from auth.client_proof import dpop_proof
from auth.confirmation import Confirmation
from auth.keys import Keys
from hub import database, embedded
from hub.clock import now
from hub.database import conninfo
from hub.identity.keyring import Keyring
from hub.identity.kms import KeyFile
from tests.auth.proofs import thumbprint_of
from tests.graphql import gateways
from tests.graphql.gateways import Certificate
from tests.graphql.hub import AGENCIES, EVERY, GRAPHQL, PRIVATE
from tests.graphql.serving import Served, free_port, serve

REGIONS = ("61.01", "64.02")


@dataclass
class Federation:
    """Everything that runs, and who may ask it."""

    hub: Served
    proxy: str
    gateway: str
    subgraph: str
    certificate: Certificate
    stranger: Certificate
    trusts: Path
    cases: list[str]
    database: str
    owner_url: str
    log: Path
    keys: Keys
    asked: dict[tuple[str, str, frozenset[str]], tuple[str, float]]

    def token(
        self, scopes: Iterable[str] = EVERY, *, client: str = "one", purpose: str = "protection"
    ) -> str:
        """A token of the demo's form, kept for half of its life."""
        key = (client, purpose, frozenset(scopes))
        token, asked_at = self.asked.get(key, ("", float("-inf")))
        if time.monotonic() - asked_at > access_token.LIFE.total_seconds() / 2:
            token = self.hub.token(*sorted(scopes), client=client, purpose=purpose)
            self.asked[key] = token, time.monotonic()
        return token

    def signed(
        self,
        *,
        scopes: Iterable[str] = EVERY,
        life_s: int = 300,
        audience: str | None = None,
        bound: bool = False,
        certificate: str | None = None,
    ) -> str:
        """A token with the hub's own key, as no client would get it from the hub."""
        confirmation = Confirmation(jkt=thumbprint_of(PRIVATE)) if bound else None
        token = AccessToken(
            token_id=new_id(),
            client_id="one",
            subject="one",
            audience=audience or f"{self.hub.url}/graphql",
            scopes=frozenset(scopes),
            purpose="protection",
            agency="POLRI",
            jurisdiction=("61", "64"),
            issued_at=now() - timedelta(seconds=600),
            expires_at=now() + timedelta(seconds=life_s),
            confirmation=Confirmation(x5t=certificate) if certificate else confirmation,
        )
        return sign(token, self.hub.url, self.keys.signing())

    def proof(self, token: str, uri: str, nonce: str | None = "", key: Mapping[str, Any] = PRIVATE) -> str:
        """A proof of the key that names a place; with a nonce that the hub gives now, unless another is named."""
        if nonce == "":
            nonce = httpx.post(f"{self.hub.url}/oauth/token", trust_env=False).headers["DPoP-Nonce"]
        return dpop_proof(key, method="POST", uri=uri, now=now(), token=token, nonce=nonce)

    def ask(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        *,
        at: str | None = None,
        token: str | None = None,
        scheme: str = "Bearer",
        over: Certificate | None = None,
        **headers: str,
    ) -> httpx.Response:
        """What a place says, the gateway unless one is named, over a connection with a certificate where one is given."""
        full = {"Accept": GRAPHQL} | headers
        if token is not None:
            full["Authorization"] = f"{scheme} {token}"
        tls: dict[str, Any] = {}
        if over is not None:
            context = ssl.create_default_context(cafile=self.trusts)
            context.load_cert_chain(over.path, over.key)
            tls = {"verify": context}
        body = {"query": query, "variables": dict(variables or {})}
        return httpx.post(at or self.gateway, json=body, headers=full, trust_env=False, timeout=60, **tls)

    def data(self, query: str, variables: Mapping[str, Any] | None = None, **how: Any) -> Any:
        """The data of an answer without errors."""
        response = self.ask(query, variables, **({"token": self.token()} | how))
        answer = response.json()
        assert "errors" not in answer, answer
        return answer["data"]

    def records(self) -> list[dict[str, Any]]:
        """Bodies of the ledger, the oldest first."""
        with psycopg.connect(conninfo(self.owner_url)) as connection:
            rows = connection.execute("SELECT body FROM audit.record ORDER BY id").fetchall()
        return [json.loads(bytes(body)) for (body,) in rows]


def told(response: httpx.Response) -> set[tuple[str, str | None, str]]:
    """What an answer refuses: code, coordinate, and the scopes that open it."""
    return {
        (
            error["extensions"]["code"],
            error["extensions"].get("coordinate"),
            json.dumps(error["extensions"].get("requiresScopes")),
        )
        for error in response.json()["errors"]
    }


def requests_of(cases: list[str]) -> list[dict[str, Any]]:
    """What the agency of the subgraph has: a request for each of ten cases, in two regions, every third one of a child."""
    return [
        {
            "id": f"LPSK-{number}",
            "caseId": case,
            "region": REGIONS[number % 2],
            "status": "RECEIVED",
            "receivedOn": f"2026-01-{number + 1:02}",
            "isChild": number % 3 == 2,
        }
        for number, case in enumerate(cases[:10])
    ]


async def _keys(url: str, key_file: Path) -> Keys:
    async with database.open_pool(url, size=1, name="test") as pool, pool.connection() as connection:
        keyring = await Keyring.load(connection, KeyFile.read(key_file), AGENCIES, now())
    engine = database.open_engine(url, size=1, name="test")
    keys = Keys(engine, keyring, now)
    await keys.fresh()
    await engine.dispose()
    return keys


@contextlib.contextmanager
def federation(cluster: embedded.Cluster, name: str, key_file: Path, folder: Path) -> Iterator[Federation]:
    """All of it on a database, until the block ends. The gateway reaches the hub by the proxy, with its certificate."""
    gateways.need(gateways.GATEWAY)
    url = cluster.url("hub_service", name)
    with psycopg.connect(conninfo(url)) as connection:
        cases = [
            str(case)
            for (case,) in connection.execute("SELECT case_id FROM golden_case ORDER BY case_id").fetchall()
        ]
    ports = {part: free_port() for part in ("hub", "gateway", "subgraph")}
    place = f"http://127.0.0.1:{ports['gateway']}/graphql"
    hub_url = f"http://127.0.0.1:{ports['hub']}"
    of_proxy, of_gateway, of_stranger = (
        Certificate.make(folder, one) for one in ("proxy", "gateway", "stranger")
    )
    with contextlib.ExitStack() as stack:
        proxy = stack.enter_context(gateways.proxy(folder, hub_url, of_proxy))
        hub = stack.enter_context(
            serve(
                url,
                key_file,
                folder,
                HUB_PORT=str(ports["hub"]),
                HUB_MTLS_URL=proxy,
                HUB_MTLS_PROXY_SECRET=gateways.SECRET,
                HUB_GATEWAY_URL=place,
                HUB_GATEWAY_CERTIFICATES=of_gateway.thumbprint,
            )
        )
        subgraph = stack.enter_context(
            gateways.subgraph(folder, ports["subgraph"], requests_of(cases), hub=hub.url, gateway=place)
        )
        gateway = stack.enter_context(
            gateways.gateway(
                folder,
                ports["gateway"],
                gateways.supergraph(f"{proxy}/graphql", subgraph),
                issuer=hub.url,
                GATEWAY_CERTIFICATE=str(of_gateway.path),
                GATEWAY_KEY=str(of_gateway.key),
                GATEWAY_TRUSTS=str(of_proxy.path),
            )
        )
        yield Federation(
            hub=hub,
            proxy=f"{proxy}/graphql",
            gateway=gateway,
            subgraph=subgraph,
            certificate=of_gateway,
            stranger=of_stranger,
            trusts=of_proxy.path,
            cases=cases,
            database=url,
            owner_url=cluster.url("hub_owner", name),
            log=cluster.layout.log,
            keys=asyncio.run(_keys(url, key_file)),
            asked={},
        )

"""What a token costs the resource: one that is known, one that is new, and the proof that comes with each request."""

import asyncio
import hashlib
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from auth import access_token
from auth.access_token import AccessToken
from auth.confirmation import Confirmation
from auth.keys import Keys
from auth.revocations import Revocations
from auth.tokens import Verifier
from hub.clock import now
from tests.auth.parties import PRIVATE, PlaceSealer
from tests.auth.proofs import proof, thumbprint_of
from tests.bench.figures import Line, Outcome, below
from tests.bench.ground import ground

_ISSUER = "https://hub.example"
_AUDIENCE = f"{_ISSUER}/graphql"
_ROUNDS = 7
_KNOWN, _NEW, _PROOFS = 20_000, 300, 100
_KNOWN_TARGET_NS = 5_000


def run(progress: Console, *, small: bool) -> Outcome:
    """The figures of one process without a load beside it.

    Args:
        progress: unused; it takes seconds.
        small: tiny sizes.
    """
    del progress
    with ground() as place, place.store("token") as store:
        measured = asyncio.run(_measured(store.service_url, 20 if small else 1))
    beyond = measured["known"] - measured["hash and look-up"]
    lines = [
        Line("known token", f"{measured['known']:,.0f} ns"),
        below("known token, beyond hash and look-up", beyond, _KNOWN_TARGET_NS, "ns"),
        Line("new token, verified in full", f"{measured['new']:,.0f} ns"),
        Line("known token with a proof, ES256", f"{measured['proof es256']:,.0f} ns"),
        Line("known token with a proof, Ed25519", f"{measured['proof ed25519']:,.0f} ns"),
        Line("known token with a proof, PS256", f"{measured['proof ps256']:,.0f} ns"),
    ]
    return Outcome("token", lines, {"nanoseconds": measured}, None)


async def _measured(url: str, part: int) -> dict[str, float]:
    engine = create_async_engine(url)
    try:
        return await _with(engine, part)
    finally:
        await engine.dispose()


async def _with(engine: AsyncEngine, part: int) -> dict[str, float]:
    keys, revocations = Keys(engine, PlaceSealer(), now), Revocations(engine, now)
    parts: dict[str, Any] = {
        "issuer": _ISSUER,
        "audience": _AUDIENCE,
        "keys": keys,
        "revocations": revocations,
    }
    verifier = Verifier(**parts, clock=now, bearer_demo=True)
    await keys.fresh()
    bearer = _token(keys, None)
    header = f"Bearer {bearer}"
    known, digest = {hashlib.sha256(bearer.encode()).digest(): bearer}, bearer

    async def bare(_: int) -> None:
        known.get(hashlib.sha256(digest.encode()).digest())

    async def hit(_: int) -> None:
        await verifier.verify(header)

    news = [f"Bearer {_token(keys, None)}" for _ in range(_NEW // part)]

    async def new(number: int) -> None:
        if number == 0:
            verifier._cache.clear()  # noqa: SLF001 - so that each is new again
        await verifier.verify(news[number])

    measured = {
        "hash and look-up": await _median(bare, _KNOWN // part),
        "known": await _median(hit, _KNOWN // part),
        "new": await _median(new, len(news)),
    }
    for name in ("es256", "ed25519", "ps256"):
        token = _token(keys, Confirmation(jkt=thumbprint_of(PRIVATE[name])))
        _know(verifier, token)
        measured[f"proof {name}"] = await _proven(verifier, token, name, _PROOFS // part)
    return measured


def _know(verifier: Verifier, token: str) -> None:
    """The token is known from now on, as if somebody had proved to hold its key, so that the proof alone is measured."""
    digest = hashlib.sha256(token.encode()).digest()
    verifier._remember(digest, verifier._read(token))  # noqa: SLF001 - see above


async def _proven(verifier: Verifier, token: str, key: str, count: int) -> float:
    """Nanoseconds of one request with a proof; the proofs of a round are signed before its time begins."""
    rounds: list[float] = []
    for _ in range(_ROUNDS):
        nonce = verifier.nonce_header()["DPoP-Nonce"]
        sent = [[proof(now(), nonce, key=key, htu=_AUDIENCE, token=token)] for _ in range(count)]
        began = time.perf_counter_ns()
        for one in sent:
            await verifier.verify(f"DPoP {token}", proofs=one)
        rounds.append((time.perf_counter_ns() - began) / count)
    return statistics.median(rounds)


def _token(keys: Keys, bound: Confirmation | None) -> str:
    issued = now()
    token = AccessToken(
        token_id=access_token.new_id(),
        client_id="polri-lapor",
        subject="polri-lapor",
        audience=_AUDIENCE,
        scopes=frozenset({"case:read", "victim:read"}),
        purpose="investigation",
        agency="POLRI",
        jurisdiction=("61", "6171"),
        issued_at=issued,
        expires_at=issued + access_token.LIFE,
        confirmation=bound,
        grant_set="g" * 12,
    )
    return access_token.sign(token, _ISSUER, keys.signing())


async def _median(work: Callable[[int], Awaitable[None]], count: int) -> float:
    """Nanoseconds of one call: the median of the rounds."""
    rounds: list[float] = []
    for _ in range(_ROUNDS):
        began = time.perf_counter_ns()
        for number in range(count):
            await work(number)
        rounds.append((time.perf_counter_ns() - began) / count)
    return statistics.median(rounds)

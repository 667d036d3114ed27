"""npm's oidc-provider as a process: an agency's issuer, and the government's login, by other hands."""

import asyncio
import contextlib
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey, RSAKey

from tests.auth.issuers.foreign import listen

FOLDER = Path(__file__).parents[2] / "peers" / "oidc-provider"
AUDIENCE = "https://hub.example"
_PIPE = asyncio.subprocess.PIPE
_KEYS = {
    "ES256": lambda kid: ECKey.generate_key(
        "P-256", {"kid": kid, "use": "sig", "alg": "ES256"}, private=True
    ),
    "RS256": lambda kid: RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"}, private=True),
}


def new_keys(kid: str) -> list[dict[str, Any]]:
    """One private key of each algorithm."""
    return [make(f"{kid}-{name}").as_dict(private=True) for name, make in _KEYS.items()]


async def need_provider() -> None:
    """The provider can be run; else the test is skipped, and says why."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are needed for the third-party OpenID provider")
    if (FOLDER / "node_modules" / "oidc-provider").is_dir():
        return
    process = await asyncio.create_subprocess_exec(
        "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=FOLDER, stdout=_PIPE, stderr=_PIPE
    )
    _, errors = await process.communicate()
    if process.returncode:
        pytest.skip(f"npm ci in {FOLDER} failed: {errors.decode()[-300:]}")


@dataclass(frozen=True)
class Running:
    """A provider that answers."""

    issuer: str

    async def access_token(self, **form: str) -> str:
        """What it gives its client `lapor`."""
        full = {"grant_type": "client_credentials", "scope": "perkara.baca"} | form
        async with httpx.AsyncClient() as http:
            answer = await http.post(
                f"{self.issuer}/token", data=full, auth=("lapor", "not-a-secret-of-anything")
            )
        assert answer.status_code == 200, answer.text
        return answer.json()["access_token"]


def free_port() -> int:
    with listen() as listener:
        return listener.getsockname()[1]


@contextlib.asynccontextmanager
async def running(
    *,
    keys: list[dict[str, Any]],
    port: int | None = None,
    algorithm: str = "ES256",
    hub: str = "http://127.0.0.1:1",
    life_s: int = 300,
):
    """A provider with those keys; another one at the same port is the same issuer.

    Args:
        keys: private ones, the first of each algorithm signs.
        port: where it listens; any where None.
        algorithm: with which it signs.
        hub: issuer of the hub, where people come back to.
        life_s: of its access tokens.
    """
    chosen = port or free_port()
    settings = {
        "port": chosen,
        "hub": hub,
        "audience": AUDIENCE,
        "jwks": {"keys": keys},
        "algorithm": algorithm,
        "redirectUri": f"{hub}/oauth/login/callback",
        "life": life_s,
    }
    process = await asyncio.create_subprocess_exec(
        "node", "provider.mjs", cwd=FOLDER, stdin=_PIPE, stdout=_PIPE, stderr=_PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(settings).encode() + b"\n")
    try:
        told = await asyncio.wait_for(process.stdout.readline(), 30)
        if told != b"ready\n":
            process.kill()
            raise AssertionError((await process.communicate())[1].decode()[-2000:])
        yield Running(f"http://127.0.0.1:{chosen}")
    finally:
        process.stdin.close()  # the end of its input is its own
        try:
            _, errors = await asyncio.wait_for(process.communicate(), 10)
            sys.stderr.write(errors.decode()[-2000:])  # shown by pytest where the test fails
        except TimeoutError:
            process.kill()
            raise

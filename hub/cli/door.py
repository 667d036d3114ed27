"""The hub's API as officers use it from a terminal: by the same door and rules as everybody."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from auth import client_proof
from hub import clock
from hub.demo import desk
from hub.settings import Settings
from schema.errors import DecisionError, NotAuthenticated, SettingError, SourceUnavailable


class Door:
    """The hub's API as one officer sees it."""

    def __init__(
        self, settings: Settings, officer: str | None, token_file: Path | None, proof_key: Path | None
    ) -> None:
        """The door of one officer.

        Args:
            settings: of this process; its issuer is where the hub answers.
            officer: one of the demo's, who logs in; None elsewhere.
            token_file: of an access token, `-` for standard input; None in the demo.
            proof_key: of the private key (JWK) that the token is bound to.

        Raises:
            SettingError: neither or both of officer and token are given, or the key cannot be read.
        """
        if (officer is None) == (token_file is None):
            raise SettingError("--as", "say who you are: --as in the demo, --token-file elsewhere")
        self._settings = settings
        self._officer = officer
        self._token_file = token_file
        self._proof_key = None if proof_key is None else _key(proof_key)

    def ask(self, query: str, variables: Mapping[str, Any], scope: str) -> dict[str, Any]:
        """The data of an answer without errors.

        Args:
            query: the document.
            variables: of it.
            scope: that a token of the demo is asked for.

        Raises:
            NotAuthenticated: the token is none of the hub's, or the login is too old.
            DecisionError: the hub refuses; says why.
            SourceUnavailable: the hub does not answer.
        """
        token = self._token(scope)
        answer = self._post(query, variables, token, None)
        if self._proof_key is not None and "use_dpop_nonce" in answer.headers.get("WWW-Authenticate", ""):
            answer = self._post(query, variables, token, answer.headers.get("DPoP-Nonce"))
        told = answer.json()
        if told.get("errors"):
            error = told["errors"][0]
            known = {"UNAUTHENTICATED": NotAuthenticated}
            raise known.get(error["extensions"]["code"], DecisionError)(error["message"])
        return dict(told["data"])

    def _post(
        self, query: str, variables: Mapping[str, Any], token: str, nonce: str | None
    ) -> httpx.Response:
        url = f"{self._settings.public_issuer}/graphql"
        try:
            return httpx.post(
                url,
                json={"query": query, "variables": variables},
                headers=self._headers(url, token, nonce),
                timeout=30,
            )
        except httpx.HTTPError:
            raise SourceUnavailable("hub", f"{url} does not answer") from None

    def _headers(self, url: str, token: str, nonce: str | None) -> dict[str, str]:
        if self._proof_key is None:
            return {"Authorization": f"Bearer {token}"}
        proof = client_proof.dpop_proof(
            self._proof_key, method="POST", uri=url, now=clock.now(), token=token, nonce=nonce
        )
        return {"Authorization": f"DPoP {token}", "DPoP": proof}

    def _token(self, scope: str) -> str:
        if self._officer is not None:
            people = self._settings.var / "demo" / "people.json"
            if not desk.knows(people, self._officer):
                raise SettingError(
                    "--as", f"{self._officer} is none of {', '.join(desk.names(people)) or 'the demo'}"
                )
            return desk.fetch(people, self._officer, self._settings.public_issuer, scope=scope, purpose=None)
        path = str(self._token_file)
        try:
            return (sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")).strip()
        except OSError:
            raise SettingError("--token-file", f"{path} cannot be read") from None


def _key(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        raise SettingError("--proof-key", f"{path} is not there, or no JSON") from None

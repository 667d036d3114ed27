"""`token CLIENT`: an access token of a demo client, or of a demo officer who logs in."""

import json
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from auth.assertion import CLIENT_ASSERTION_TYPE, client_assertion
from hub import clock
from hub.cli import context
from hub.demo import desk
from schema.errors import SettingError, SourceUnavailable


def token(
    client: Annotated[
        str,
        typer.Argument(
            help="a client of var/demo/clients.json, or an account or name of var/demo/people.json"
        ),
    ],
    *,
    scope: Annotated[
        str | None, typer.Option(help="scopes, joined by spaces; without it all of the client's")
    ] = None,
    purpose: Annotated[
        str | None, typer.Option(help="one of the client's purposes; needed if it has several")
    ] = None,
) -> None:
    """Print an access token of a demo client or officer, valid 300 s: Authorization: Bearer $(python -m hub token CLIENT).

    An officer logs in at the sandbox's login and consents, as in a browser.
    """
    settings = context.read_settings()
    people = settings.var / "demo" / "people.json"
    if desk.knows(people, client):
        print(desk.fetch(people, client, settings.public_issuer, scope=scope, purpose=purpose))
        return
    print(
        fetch(
            settings.var / "demo" / "clients.json",
            client,
            settings.public_issuer,
            scope=scope,
            purpose=purpose,
        )
    )


def fetch(clients: Path, client_id: str, issuer: str, *, scope: str | None, purpose: str | None) -> str:
    """An access token from a running hub.

    Args:
        clients: file with the demo's private keys.
        client_id: one of them.
        issuer: of the running hub.
        scope: joined by spaces, or None for all.
        purpose: one word, or None where the client has one only.

    Raises:
        SettingError: there is no such client, or the hub refuses the request.
        SourceUnavailable: the hub does not answer.
    """
    if not clients.exists():
        raise SettingError("HUB_VAR", f"{clients} is not there; `make demo` makes it")
    known: dict[str, Any] = {one["client_id"]: one for one in json.loads(clients.read_text())}
    if client_id not in known:
        raise SettingError(
            "CLIENT", f"{client_id} is none of {', '.join(sorted(known))}, and no officer of people.json"
        )
    assertion = client_assertion(known[client_id]["private_jwk"], client_id, issuer, clock.now())
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_assertion_type": CLIENT_ASSERTION_TYPE,
        "client_assertion": assertion,
    }
    form |= {"scope": scope} if scope else {}
    form |= {"purpose": purpose} if purpose else {}
    try:
        answer = httpx.post(f"{issuer}/oauth/token", data=form, timeout=10)
    except httpx.HTTPError:
        raise SourceUnavailable("hub", f"{issuer} does not answer; is `make demo` running?") from None
    if not answer.is_success:
        told = answer.json()
        raise SettingError("CLIENT", f"{told.get('error')}: {told.get('error_description', '')}")
    return str(answer.json()["access_token"])

"""`subgraph`: a sample of an agency's own subgraph."""

from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from hub.cli import context
from hub.clock import now
from hub.sandbox import subgraph as sample
from hub.sandbox.subgraph_tokens import Tokens
from schema.errors import SettingError


def subgraph(
    *,
    rows: Annotated[
        Path, typer.Option(help="JSON list of {id, caseId, region, status, receivedOn, isChild}")
    ] = Path("requests.json"),
    port: Annotated[int, typer.Option(help="of 127.0.0.1")] = 8001,
    hub: Annotated[str, typer.Option(help="issuer of the tokens; without it HUB_ISSUER")] = "",
    gateway: Annotated[str, typer.Option(help="URL that callers' DPoP proofs name")] = "",
    sdl: Annotated[bool, typer.Option("--sdl", help="print the SDL and end")] = False,
) -> None:
    """Serve requests for protection as the LPSK's own subgraph would, beside the hub, until SIGTERM.

    Raises:
        SettingError: the rows cannot be read.
    """
    if sdl:
        print(sample.SCHEMA.as_str())
        return
    issuer = (hub or context.read_settings().public_issuer).rstrip("/")
    tokens = Tokens(hub=issuer, gateway=gateway or f"http://127.0.0.1:{port}/graphql", clock=now)
    try:
        app = sample.application(tokens, sample.read(rows))
    except (OSError, ValueError) as fault:
        raise SettingError("--rows", f"{rows} is no file of requests for protection ({fault})") from None
    uvicorn.run(app, host="127.0.0.1", port=port, log_config=None, access_log=False)

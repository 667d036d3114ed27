"""`sandbox`: four synthetic agencies over their own protocols."""

from typing import Annotated

import typer

from hub.cli import context
from hub.sandbox import run
from hub.sandbox.population import DEFAULT_SEED, DEFAULT_SIZE


def sandbox(
    *,
    seed: Annotated[
        int, typer.Option(help="of the synthetic population; the same seed gives the same people")
    ] = DEFAULT_SEED,
    size: Annotated[int, typer.Option(help="number of cases")] = DEFAULT_SIZE,
    stop: Annotated[bool, typer.Option("--stop", help="end the agencies that run")] = False,
) -> None:
    """Start four synthetic agencies (or attach to those that run) and print the settings that connect the hub to them.

    Police over REST, immigration over SOAP, manpower as a database replica, social affairs over SFTP.
    Each has a control door that makes it fail, stall, send rubbish, change or delete a record.
    """
    directory = context.read_settings().var / "sandbox"
    if stop:
        print(f"ended: {', '.join(run.stop(directory)) or 'none ran'}")
        return
    for one in run.start(directory, seed=seed, size=size, detach=True):
        for name, value in one.settings.items():
            print(f"export HUB_AGENCY__{one.agency.upper()}__{name.upper()}='{value}'")
        print(f"# {one.agency}: process {one.pid}, control door {one.control}")

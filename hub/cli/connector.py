"""`connector AGENCY`: what an agency's connector is and what it must be told."""

from typing import Annotated

import typer

from connectors import registry
from connectors.transport.setting import variable


def connector(
    agency: Annotated[
        str | None, typer.Argument(help="word of the agency; without it, all are named")
    ] = None,
) -> None:
    """Print which agencies there are, or what one is: legal basis, access, caveats, and its settings.

    A setting without a default must be set; a secret one is better kept in a file and named by its variable with _FILE behind.
    """
    if agency is None:
        print("\n".join(registry.agencies()))
        return
    print(registry.about(agency))
    print()
    for setting in registry.settings(agency):
        kind = "must be set" if setting.default is None else f"default {setting.default!r}"
        secret = ", secret" if setting.secret else ""
        print(f"{variable(agency, setting.name)}: {setting.description} ({kind}{secret})")

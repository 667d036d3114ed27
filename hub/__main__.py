"""`python -m hub`: the verbs of the command line. Making and starting are two commands; only `demo` joins them."""

import sys
from importlib import import_module

import typer

from schema.errors import HubError, SettingError

VERBS = (
    "demo",
    "serve",
    "worker",
    "migrate",
    "key",
    "officers",
    "pull",
    "link",
    "rebuild",
    "connector",
    "audit",
    "export",
    "grant",
    "operations",
    "token",
    "sandbox",
    "subgraph",
    "schema",
)
"""Each is a function of its own name in a module of its own name in hub.cli, in the order in which help shows them."""


def _about() -> None:
    """GraphQL data exchange hub for Indonesia's fight against human trafficking (TPPO).

    A first look: `demo`. A server of your own: `key`, `migrate`, `officers`, then `serve` and `worker`.
    Every setting is an environment variable HUB_*; docs/operations.md has them all.
    """


def command_line(wanted: str | None) -> typer.Typer:
    """The command line with the verb that is wanted, or with all of them.

    One verb needs the servers, another the database alone; loading only what is asked for keeps each quick.

    Args:
        wanted: the first word given, if any.
    """
    app = typer.Typer(
        name="python -m hub", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
    )
    app.callback()(_about)
    for verb in (wanted,) if wanted in VERBS else VERBS:
        app.command()(getattr(import_module(f"hub.cli.{verb}"), verb))
    return app


def main() -> None:
    """Runs one verb; an error of the hub is one line that says what to do, 2 for a setting and 1 for all else.

    Raises:
        SystemExit: the verb failed.
    """
    try:
        command_line(sys.argv[1] if len(sys.argv) > 1 else None)()
    except HubError as error:
        print(f"hub: {error}", file=sys.stderr)  # noqa: T201 -- the command line's own
        raise SystemExit(2 if isinstance(error, SettingError) else 1) from None


if __name__ == "__main__":
    main()

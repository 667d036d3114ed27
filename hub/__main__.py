"""`python -m hub`: the verbs of the command line. Making and starting are two commands; only `demo` joins them."""

import typer

from hub.cli import context
from hub.cli.demo import demo
from hub.cli.key import key
from hub.cli.link import link
from hub.cli.migrate import migrate
from hub.cli.pull import pull
from hub.cli.rebuild import rebuild
from hub.cli.sandbox import sandbox
from hub.cli.schema import schema
from hub.cli.serve import serve
from hub.cli.token import token
from hub.cli.worker import worker
from schema.errors import HubError

_HELP = """GraphQL data exchange hub for Indonesia's fight against human trafficking (TPPO).

A first look: `demo`. A server of your own: `key`, `migrate`, then `serve` and `worker`.
Every setting is an environment variable HUB_*; see docs/operations.md.
"""

app = typer.Typer(
    name="python -m hub",
    help=_HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for verb in (demo, serve, worker, migrate, key, pull, link, rebuild, token, sandbox, schema):
    app.command()(verb)


def main() -> None:
    """Runs one verb; an error of the hub is one line that says what to do."""
    try:
        app()
    except HubError as error:
        context.fail(error)


if __name__ == "__main__":
    main()

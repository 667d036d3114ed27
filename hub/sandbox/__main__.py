"""`python -m hub.sandbox <agency>`: be one agency, or the login, until told to end. `run.start` calls it."""

import argparse
import asyncio
import importlib
from pathlib import Path

from hub.sandbox.population import DEFAULT_SEED, DEFAULT_SIZE, Population
from hub.sandbox.wire import AGENCIES


def main() -> None:
    """Read the arguments and be the agency, or the login."""
    parser = argparse.ArgumentParser(prog="python -m hub.sandbox", description="Be one synthetic agency.")
    parser.add_argument("agency", choices=(*AGENCIES, "sso"))
    parser.add_argument(
        "--directory", type=Path, required=True, help="where <agency>.json and the agency's data go"
    )
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--size", type=int, default=DEFAULT_SIZE, help="number of random cases")
    parser.add_argument("--parent", type=int, default=None, help="end with this parent process")
    arguments = parser.parse_args()
    directory: Path = arguments.directory
    directory.mkdir(parents=True, exist_ok=True)
    # Only the agency's own module is loaded: the others bring servers this process does not need.
    module = importlib.import_module(f"hub.sandbox.{arguments.agency}")
    population = Population(arguments.seed, arguments.size)
    asyncio.run(module.run(directory.resolve(), population, parent=arguments.parent))


if __name__ == "__main__":
    main()

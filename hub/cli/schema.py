"""`schema`: the SDL, printed or compared."""

from pathlib import Path
from typing import Annotated

import typer

from hub.graphql.sdl import printed
from schema.errors import InputInvalid

KEPT = Path(__file__).resolve().parent.parent.parent / "schema" / "hub.graphql"


def schema(
    *,
    write: Annotated[bool, typer.Option("--write", help="write it to schema/hub.graphql")] = False,
    check: Annotated[bool, typer.Option("--check", help="fail if schema/hub.graphql is another")] = False,
) -> None:
    """Print the SDL of the API, write it to where it is kept, or compare it with what is kept.

    Raises:
        InputInvalid: what is kept is another.
    """
    text = printed()
    if write:
        KEPT.write_text(text, encoding="utf-8")
        print(f"schema in {KEPT}")
    elif check:
        if not KEPT.exists() or KEPT.read_text(encoding="utf-8") != text:
            raise InputInvalid(
                f"{KEPT} is not what the code prints; run `make schema` and look at the difference"
            )
        print(f"{KEPT} is current")
    else:
        print(text, end="")

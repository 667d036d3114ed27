"""From a page's values to its text: templates whose every word comes from the catalogue, and whose every value is escaped."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hub.console.said import Said
from hub.console.visit import Shown, Visit

TEMPLATES: Final = Path(__file__).resolve().parent / "templates"
LANGUAGES: Final = ("id", "en")
NAVIGATION: Final[Mapping[str, tuple[str, str | None]]] = {
    "/console": ("nav.overview", None),
    "/console/grants": ("nav.grants", "Query.grants"),
    "/console/emergencies": ("nav.emergencies", "Query.emergencies"),
    "/console/exclusions": ("nav.exclusions", "Query.exclusions"),
    "/console/clients": ("nav.clients", "Console.clients"),
    "/console/issuers": ("nav.issuers", "Console.issuers"),
    "/console/ledger": ("nav.ledger", "Console.ledger"),
    "/console/seals": ("nav.seals", "Console.seals"),
}
"""Where the pages lead: the word, and what the officer must be allowed; None where every officer is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every page has.

    Attributes:
        lang: `id` or `en`.
        visit: of whom; None where nobody has logged in.
        csrf: that a form of the page carries.
        here: the page's path.
        switch: query of the link that changes the language; None where a change would lose what was written.
    """

    lang: str
    visit: Visit | None
    csrf: str
    here: str
    switch: str | None


def rendered(frame: Frame, shown: Shown) -> str:
    """The page as HTML."""
    visit = frame.visit
    leads = [
        (path, word)
        for path, (word, coordinate) in NAVIGATION.items()
        if visit is not None and (coordinate is None or visit.may(coordinate))
    ]
    return (
        environment()
        .get_template(f"{shown.template}.html")
        .render(
            frame=frame,
            page=shown.template,
            leads=leads,
            say=Said(frame.lang),
            may=_nothing if visit is None else visit.may,
            **{"problems": (), **shown.values},
        )
    )


def _nothing(coordinate: str) -> bool:
    """Whoever has not logged in may do nothing."""
    del coordinate
    return False


@cache
def environment() -> Environment:
    """The templates; a name that a page does not give is an error and not nothing."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

"""The addresses of the console: what each shows or does, and so which right it needs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.routing import BaseRoute, Route

from hub.assets import Assets
from hub.console import (
    clients,
    deciding,
    emergencies,
    exclusions,
    grants,
    issuers,
    ledger,
    overview,
    proposing,
    seals,
)
from hub.console.door import Door, Parts
from hub.console.visit import Done, Shown, Visit
from schema.errors import HubError

CONSOLE: Final = "/console"
ASSETS: Final = Path(__file__).resolve().parent / "assets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is looked at.

    Attributes:
        path: below `CONSOLE`.
        coordinates: of auth.officer_rights: what it shows; each needs its right. None: whoever is an officer may.
        show: makes it.
    """

    path: str
    coordinates: tuple[str, ...]
    show: Callable[[Visit], Shown]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What is done by sending a form.

    Attributes:
        path: below `CONSOLE`.
        coordinate: of auth.officer_rights.
        act: does it, or shows the next page of a form.
        again: the page with the form once more, where the act is refused.
    """

    path: str
    coordinate: str
    act: Callable[[Visit], Done | Shown]
    again: Callable[[Visit, HubError], Shown]


_ONE: Final = "/{id:uuid}"
PAGES: Final = (
    Page(path="", coordinates=(), show=overview.show),
    Page(path="/grants", coordinates=("Query.grants",), show=grants.listed),
    Page(path=f"/grants{_ONE}", coordinates=("Query.grants",), show=grants.one),
    Page(
        path=f"/grants{_ONE}/decide",
        coordinates=("Query.grants", "Mutation.decideGrant"),
        show=deciding.asked,
    ),
    Page(
        path=f"/grants{_ONE}/renew",
        coordinates=("Query.grants", "Mutation.renewGrant"),
        show=proposing.renewing,
    ),
    Page(path="/propose", coordinates=("Mutation.proposeGrant",), show=proposing.begun),
    Page(path="/emergencies", coordinates=("Query.emergencies",), show=emergencies.listed),
    Page(path=f"/emergencies{_ONE}", coordinates=("Query.emergencies",), show=emergencies.one),
    Page(path="/exclusions", coordinates=("Query.exclusions",), show=exclusions.listed),
    Page(path="/exclusions/propose", coordinates=("Mutation.proposeExclusion",), show=exclusions.begun),
    Page(path=f"/exclusions{_ONE}", coordinates=("Query.exclusions",), show=exclusions.one),
    Page(path="/clients", coordinates=("Console.clients",), show=clients.listed),
    Page(path="/issuers", coordinates=("Console.issuers",), show=issuers.listed),
    Page(path="/ledger", coordinates=(ledger.COORDINATE,), show=ledger.show),
    Page(path="/seals", coordinates=("Console.seals",), show=seals.show),
)
ACTS: Final = (
    Act(
        path=f"/grants{_ONE}/decide",
        coordinate="Mutation.decideGrant",
        act=deciding.decide,
        again=deciding.refused,
    ),
    Act(path="/propose", coordinate="Mutation.proposeGrant", act=proposing.step, again=proposing.refused),
    Act(
        path="/propose/confirm",
        coordinate="Mutation.proposeGrant",
        act=proposing.confirm,
        again=proposing.refused,
    ),
    Act(
        path=f"/grants{_ONE}/renew",
        coordinate="Mutation.renewGrant",
        act=proposing.step,
        again=proposing.refused,
    ),
    Act(
        path=f"/grants{_ONE}/renew/confirm",
        coordinate="Mutation.renewGrant",
        act=proposing.confirm_renewal,
        again=proposing.refused,
    ),
    Act(
        path=f"/emergencies{_ONE}/review",
        coordinate="Mutation.reviewEmergency",
        act=emergencies.review,
        again=emergencies.refused,
    ),
    Act(
        path="/exclusions/propose",
        coordinate="Mutation.proposeExclusion",
        act=exclusions.propose,
        again=exclusions.refused,
    ),
    Act(
        path=f"/exclusions{_ONE}/approve",
        coordinate="Mutation.approveExclusion",
        act=exclusions.approve,
        again=exclusions.refused_one,
    ),
    Act(
        path=f"/exclusions{_ONE}/lift",
        coordinate="Mutation.liftExclusion",
        act=exclusions.lift,
        again=exclusions.refused_one,
    ),
    Act(
        path="/clients/suspend",
        coordinate="Console.suspendClient",
        act=clients.suspend,
        again=clients.refused,
    ),
)


def console_routes(parts: Parts) -> list[BaseRoute]:
    """The console.

    Args:
        parts: of the process.
    """
    door = Door(parts)
    return [
        *(
            Route(f"{CONSOLE}{one.path}", door.page(one.coordinates, one.show), methods=["GET"])
            for one in PAGES
        ),
        *(
            Route(f"{CONSOLE}{one.path}", door.act(one.coordinate, one.act, one.again), methods=["POST"])
            for one in ACTS
        ),
        Route(f"{CONSOLE}/language/{{lang}}", door.language, methods=["GET"]),
        Route(f"{CONSOLE}/assets/{{path:path}}", Assets(ASSETS).answer, methods=["GET"]),
        Route(f"{CONSOLE}/{{_:path}}", door.missing, methods=["GET", "POST"]),
    ]

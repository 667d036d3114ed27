"""Clients: whose systems may ask, and the one thing that an officer does at once when a key is lost."""

from typing import Any

from auth import clients
from hub.console import problem
from hub.console.visit import Done, Shown, Visit
from schema.errors import HubError


def listed(visit: Visit) -> Shown:
    """The clients of the officer's agency, all of them for the secretariat."""
    return _shown(visit)


def _shown(visit: Visit, **more: Any) -> Shown:
    values = {
        "clients": clients.listed(visit.connection, visit.officer),
        "fixed": clients.CONSOLE,
        "may_suspend": visit.may("Console.suspendClient"),
        **more,
    }
    return Shown(template="clients", values=values)


def suspend(visit: Visit) -> Done:
    """The client gets no token any more, and its tokens are refused."""
    client = clients.suspend_as(visit.connection, visit.officer, visit.form.text("client_id"), visit.now)
    return Done(to="/console/clients", about=client.client_id)


def refused(visit: Visit, error: HubError) -> Shown:
    """The list once more, and why nothing was suspended."""
    return _shown(visit, problems=(problem.of_error(error),))

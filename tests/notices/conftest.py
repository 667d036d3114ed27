"""A mail server that nobody here wrote, and a database with notices."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller

from hub.notices.post import Post, mail_server
from tests.graphql.serving import free_port
from tests.vouching import certificate

__all__ = ["certificate"]

SENDER = "hub@example.go.id"
ADDRESSES = {"POLRI": "ppdp@polri.example.go.id", "SATGAS_TPPO": "ppdp@satgas.example.go.id"}


@dataclass
class Mailbox:
    """What a server has taken, and whether it takes any."""

    letters: list[EmailMessage] = field(default_factory=list[EmailMessage])
    takes: bool = True
    unknown: frozenset[str] = frozenset()

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, _server: object, _session: object, envelope: Any, address: str, _options: object
    ) -> str:
        """Somebody is to get a letter."""
        if address in self.unknown:
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 known"

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802 -- aiosmtpd's name
        """A letter has come."""
        if not self.takes:
            return "451 come again"
        self.letters.append(cast("EmailMessage", message_from_bytes(envelope.content, policy=policy.default)))
        return "250 taken"


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@contextmanager
def taking(mailbox: Mailbox, **options: Any) -> Iterator[int]:
    """The port on which a server takes letters for the mailbox."""
    port = free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    yield port
    controller.stop()


@pytest.fixture
def post(mailbox: Mailbox) -> Iterator[Post]:
    with taking(mailbox) as port:
        yield Post(
            server=mail_server(f"smtp://127.0.0.1:{port}"),
            sender=SENDER,
            addresses=ADDRESSES,
            issuer="https://hub.example.go.id",
        )

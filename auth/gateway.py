"""A gateway between callers and the hub: the URL that callers' proofs name there, and how the hub knows the gateway.

A proof of possession names the place that it was sent to (RFC 9449 `htu`), so one that was made for a gateway is none for the
hub. The hub takes it all the same from a gateway that it knows, over a connection with the gateway's own certificate, and only
there: the gateway gets no right by this, and a token and proof that leak from it are worth nothing elsewhere (ADR-0035).
"""

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from auth import dpop
from schema.errors import SettingError

OPERATION: Final = "Hub-Gateway-Operation"
"""Header by which a gateway says that requests are parts of one operation of one caller."""
_OPERATION_LENGTH: Final = range(16, 65)
_THUMBPRINT_LENGTH: Final = 43
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class Gateway:
    """The gateway that the hub knows.

    Args:
        url: of its GraphQL endpoint, as callers know it; https, or a loopback address.
        certificates: SHA-256 of its client certificates in base64url (RFC 8705 `x5t#S256`), the next one among them while
            it is changed.

    Raises:
        SettingError: one of them is not of that form.
    """

    def __init__(self, *, url: str, certificates: Iterable[str]) -> None:
        parts = urlsplit(url)
        if not parts.hostname or not (
            parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        ):
            raise SettingError(
                "HUB_GATEWAY_URL", "must be the https URL by which callers know the gateway's endpoint"
            )
        self.url = dpop.normalised(url)
        self._certificates = frozenset(certificates)
        if not self._certificates or any(len(one) != _THUMBPRINT_LENGTH for one in self._certificates):
            raise SettingError(
                "HUB_GATEWAY_CERTIFICATES",
                "must be SHA-256 thumbprints in base64url, 43 characters each, with commas between",
            )

    def has(self, certificate: str | None) -> bool:
        """True for the thumbprint of one of its certificates."""
        return certificate is not None and certificate in self._certificates


def operation(headers: Headers) -> str | None:
    """What the gateway calls the operation that a request is part of; None where it does not say so in due form."""
    said = headers.getlist(OPERATION)
    return said[0] if len(said) == 1 and len(said[0]) in _OPERATION_LENGTH else None

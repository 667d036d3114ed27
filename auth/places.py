"""Where the endpoints stand, below the configured issuer: no header ever changes that."""

from typing import Final
from urllib.parse import urlsplit

TOKEN: Final = "/oauth/token"  # noqa: S105 - a path
PAR: Final = "/oauth/par"
AUTHORIZE: Final = "/oauth/authorize"
INTROSPECT: Final = "/oauth/introspect"
REVOKE: Final = "/oauth/revoke"
JWKS: Final = "/oauth/jwks"
SESSION: Final = "/oauth/session"
SESSION_TOKEN: Final = "/oauth/session/token"  # noqa: S105 - a path
_WELL_KNOWN: Final = "/.well-known/oauth-authorization-server"


def well_known_path(issuer: str) -> str:
    """Where the metadata stand: an issuer with a path has it behind the well-known part (RFC 8414 section 3.1)."""
    return _WELL_KNOWN + urlsplit(issuer).path.rstrip("/")


def url(issuer: str, path: str) -> str:
    """The URL of a path of ours, from the configured issuer."""
    return issuer.rstrip("/") + path

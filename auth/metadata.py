"""What the server says about itself (RFC 8414), checked before it starts."""

from typing import Any, Final
from urllib.parse import urlsplit

from authlib.oauth2.rfc8414 import AuthorizationServerMetadata

from auth import jws, scopes
from auth.client_authentication import METHOD
from schema.errors import SettingError

TOKEN: Final = "/oauth/token"  # noqa: S105 - a path
INTROSPECT: Final = "/oauth/introspect"
REVOKE: Final = "/oauth/revoke"
JWKS: Final = "/oauth/jwks"
_WELL_KNOWN: Final = "/.well-known/oauth-authorization-server"


def well_known_path(issuer: str) -> str:
    """Where the metadata stand: an issuer with a path has it behind the well-known part (section 3.1)."""
    return _WELL_KNOWN + urlsplit(issuer).path.rstrip("/")


def url(issuer: str, path: str) -> str:
    """The endpoint's URL, from the configured issuer."""
    return issuer.rstrip("/") + path


def document(issuer: str) -> dict[str, Any]:
    """The metadata.

    Raises:
        SettingError: they do not hold together; the issuer must be https, or a loopback address.
    """
    algorithms = list(jws.CLIENT_ALGORITHMS)
    metadata = AuthorizationServerMetadata(
        {
            "issuer": issuer,
            "token_endpoint": url(issuer, TOKEN),
            "introspection_endpoint": url(issuer, INTROSPECT),
            "revocation_endpoint": url(issuer, REVOKE),
            "jwks_uri": url(issuer, JWKS),
            "scopes_supported": list(scopes.scopes()),
            "response_types_supported": ["code"],  # required and never empty, though no grant uses it yet
            "grant_types_supported": ["client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer"],
            "token_endpoint_auth_methods_supported": [METHOD],
            "token_endpoint_auth_signing_alg_values_supported": algorithms,
            "introspection_endpoint_auth_methods_supported": [METHOD],
            "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
            "revocation_endpoint_auth_methods_supported": [METHOD],
            "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        }
    )
    try:
        metadata.validate()
    except ValueError as error:
        raise SettingError("HUB_ISSUER", f"{error}; only a loopback address may be plain http") from None
    return dict(metadata)

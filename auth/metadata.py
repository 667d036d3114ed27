"""What the server says about itself (RFC 8414), checked before it starts."""

from typing import Any

from authlib.oauth2.rfc8414 import AuthorizationServerMetadata

from auth import dpop, jws, places, scopes
from auth.client_authentication import METHOD
from auth.places import url
from schema.errors import SettingError

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_MTLS_ALIASES = {
    "token_endpoint": places.TOKEN,
    "introspection_endpoint": places.INTROSPECT,
    "revocation_endpoint": places.REVOKE,
    "pushed_authorization_request_endpoint": places.PAR,
}


def document(issuer: str, *, people: bool = False, mtls_host: str | None = None) -> dict[str, Any]:
    """The metadata.

    Args:
        issuer: URL without query.
        people: people log in here; else only systems get tokens.
        mtls_host: URL where a proxy asks for certificates (RFC 8705 section 5); None without.

    Raises:
        SettingError: they do not hold together; the issuer must be https, or a loopback address.
    """
    metadata = AuthorizationServerMetadata(_of_systems(issuer) | (_of_people(issuer) if people else {}))
    if mtls_host is not None:
        metadata["tls_client_certificate_bound_access_tokens"] = True
        metadata["mtls_endpoint_aliases"] = {
            name: url(mtls_host, path) for name, path in _MTLS_ALIASES.items() if name in metadata
        }
    try:
        metadata.validate()
    except ValueError as error:
        raise SettingError("HUB_ISSUER", f"{error}; only a loopback address may be plain http") from None
    return dict(metadata)


def _of_systems(issuer: str) -> dict[str, Any]:
    algorithms = list(jws.CLIENT_ALGORITHMS)
    return {
        "issuer": issuer,
        "token_endpoint": url(issuer, places.TOKEN),
        "introspection_endpoint": url(issuer, places.INTROSPECT),
        "revocation_endpoint": url(issuer, places.REVOKE),
        "jwks_uri": url(issuer, places.JWKS),
        "scopes_supported": list(scopes.scopes()),
        "response_types_supported": ["code"],  # required and never empty, also where nobody logs in
        "grant_types_supported": ["client_credentials", JWT_BEARER],
        "token_endpoint_auth_methods_supported": [METHOD],
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint_auth_methods_supported": [METHOD],
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint_auth_methods_supported": [METHOD],
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "dpop_signing_alg_values_supported": list(dpop.ALGORITHMS),
    }


def _of_people(issuer: str) -> dict[str, Any]:
    return {
        "authorization_endpoint": url(issuer, places.AUTHORIZE),
        "pushed_authorization_request_endpoint": url(issuer, places.PAR),
        "require_pushed_authorization_requests": True,
        "response_modes_supported": ["query"],
        "grant_types_supported": ["client_credentials", JWT_BEARER, "authorization_code"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    }

"""A client's certificate, as the proxy hands it over that has ended the TLS connection (RFC 8705, RFC 9440).

Anyone can send the header, so it is believed only beside a secret that the proxy and the hub share; without it the header
is as if it were not there.
"""

import base64
import binascii
import hashlib
import hmac
from typing import Final

from starlette.datastructures import Headers

from schema.errors import SettingError

CERTIFICATE_HEADER: Final = "Client-Cert"
SECRET_HEADER: Final = "Hub-Proxy-Secret"  # noqa: S105 - a name
_MOST_BYTES: Final = 16_384
_SECRET_LENGTH: Final = 32


class ClientCertificates:
    """Reads the certificate of a connection.

    Args:
        secret: that the proxy sends with each request, at least 32 characters.
        host: URL of the proxy's own host name, where alone certificates are asked for (`mtls_endpoint_aliases`).
        certificate_header: a structured field of one byte sequence, the certificate in DER (RFC 9440 section 2.2).
        secret_header: where the proxy sends the secret.

    Raises:
        SettingError: the secret is short.
    """

    def __init__(
        self,
        *,
        secret: str,
        host: str,
        certificate_header: str = CERTIFICATE_HEADER,
        secret_header: str = SECRET_HEADER,
    ) -> None:
        if len(secret) < _SECRET_LENGTH:
            raise SettingError(
                "HUB_MTLS_PROXY_SECRET", f"must have at least {_SECRET_LENGTH} characters, random ones"
            )
        self._secret = secret.encode()
        self.host = host.rstrip("/")
        self._certificate_header = certificate_header
        self._secret_header = secret_header

    def thumbprint(self, headers: Headers) -> str | None:
        """SHA-256 of the certificate in base64url; None where the proxy did not hand over exactly one."""
        secrets = headers.getlist(self._secret_header)
        if len(secrets) != 1 or not hmac.compare_digest(secrets[0].encode(), self._secret):
            return None
        sent = headers.getlist(self._certificate_header)
        return _thumbprint(sent[0]) if len(sent) == 1 and len(sent[0]) <= _MOST_BYTES else None


def _thumbprint(field: str) -> str | None:
    value = field.strip()
    if len(value) <= len("::") or value[0] != ":" or value[-1] != ":":
        return None
    try:
        der = base64.b64decode(value[1:-1], validate=True)
    except binascii.Error:
        return None
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()

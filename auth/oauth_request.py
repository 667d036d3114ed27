"""An OAuth2 request, read from HTTP before the database is touched."""

from collections import Counter
from typing import Final
from urllib.parse import parse_qsl

from authlib.oauth2.rfc6749 import InvalidRequestError
from starlette.requests import Request

from auth.adapter import FormRequest
from auth.client_certificate import ClientCertificates
from auth.tokens import PROOF

BODY_BYTES: Final = 65_536
_FORM: Final = "application/x-www-form-urlencoded"


async def read(http: Request, uri: str, certificates: ClientCertificates | None = None) -> FormRequest:
    """The request.

    Args:
        http: its body has not been read yet.
        uri: of the endpoint, from the configured issuer.
        certificates: how a proxy hands over the connection's certificate; None where no token is bound to one.

    Raises:
        InvalidRequestError: not a form, too large, not UTF-8, or a parameter stands twice.
    """
    if http.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise InvalidRequestError(f"Send the parameters as {_FORM}.")
    body = await _body(http)
    try:
        pairs = parse_qsl(body.decode("ascii"), errors="strict", max_num_fields=50)
    except ValueError:
        raise InvalidRequestError("The form is malformed.") from None
    if any(count > 1 for count in Counter(name for name, _ in pairs).values()):
        raise InvalidRequestError("A parameter stands twice.")
    return FormRequest(
        uri,
        dict(pairs),
        http.headers,
        proofs=http.headers.getlist(PROOF),
        certificate=None if certificates is None else certificates.thumbprint(http.headers),
    )


async def _body(http: Request) -> bytes:
    body = bytearray()
    async for chunk in http.stream():
        body += chunk
        if len(body) > BODY_BYTES:
            raise InvalidRequestError("The form is too large.", status_code=413)
    return bytes(body)

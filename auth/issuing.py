"""An access token issued: the one place where what was granted becomes a token, bound to its client, and the answer."""

# pyright: reportUnknownMemberType=false
# Authlib has no types of its own, and those that the checker brings for it are partial.

import base64
import hashlib
from datetime import datetime
from typing import Any, Final

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error

from auth import access_token, confirmation, one_time
from auth.adapter import FormRequest, Issuing
from auth.clients import Client
from auth.confirmation import Confirmation
from auth.granted import Granted
from auth.holdings import Holding
from auth.login import Login

_UNBOUND: Final = (
    "This client needs a sender-constrained token: send a DPoP proof, or come with a certificate; "
    "only a client marked so in the demo may have a bearer token."
)
_GRANT_SET_BYTES: Final = 9


class InvalidProofError(OAuth2Error):
    """The DPoP proof is not one for this request (RFC 9449 section 5)."""

    error = "invalid_dpop_proof"


class UseNonceError(OAuth2Error):
    """The DPoP proof needs a nonce of ours (RFC 9449 section 8)."""

    error = "use_dpop_nonce"


def bound_to(request: FormRequest, server: Issuing) -> Confirmation | None:
    """What the token of this request is bound to; None only for a bearer client of the demo.

    The proof is spent by this, so it is called once, after the client has authenticated.

    Raises:
        InvalidProofError: there is a proof, and it is not one for this request or was used before.
        InvalidRequestError: there is neither a proof nor a certificate, and the client needs one.
    """
    jkt = proven_key(request, server)
    if jkt is not None:
        return Confirmation(jkt=jkt)
    if request.certificate is not None:
        return Confirmation(x5t=request.certificate)
    _require_bearer(request.registered, server)
    return None


def proven_key(request: FormRequest, server: Issuing) -> str | None:
    """The thumbprint of the key that the client has proved to hold; None where it sent no proof.

    Raises:
        InvalidProofError: the proof is not one for this request, or was used before.
    """
    if request.proof_fault is not None:
        raise request.proof_fault
    proof = request.proof
    if proof is None:
        return None
    is_fresh = one_time.spend(
        server.connection(),
        kind="proof",
        client_id=proof.jkt,
        value=proof.jti,
        expires_at=proof.expires_at,
    )
    if not is_fresh:
        raise InvalidProofError("The DPoP proof was used before; sign a new one for each request.")
    return proof.jkt


def _require_bearer(client: Client, server: Issuing) -> None:
    if not (client.bearer_allowed and server.bearer_demo):
        raise InvalidRequestError(_UNBOUND)


def answer(
    server: Issuing,
    client: Client,
    subject: str,
    agency: str | None,
    granted: Granted,
    *,
    bound: Confirmation | None = None,
    acr: str | None = None,
    authenticated_at: datetime | None = None,
    token_id: str | None = None,
    login: Login | None = None,
) -> dict[str, Any]:
    """The token endpoint's answer (RFC 6749 section 5.1), without a refresh token.

    Args:
        server: that issues.
        client: that receives it.
        subject: whom it speaks of: the client, or a person's account.
        agency: that the subject acts for.
        granted: what it is issued for. It ends with the first of the grants, and after 300 s at the latest.
        bound: what `bound_to` has found.
        acr: how strongly the person has logged in.
        authenticated_at: when the person has logged in.
        token_id: its jti; None for a new one.
        login: that it ends with, and that says how and when the person has logged in; None where it outlives one.

    Raises:
        InvalidRequestError: it would be bound to nothing, and the client is not one of the demo.
    """
    if bound is None:
        _require_bearer(client, server)
    now = server.clock()
    ends = [now + access_token.LIFE, granted.ends_at, login and login.expires_at]
    ends_at = min(one for one in ends if one is not None)
    token = access_token.AccessToken(
        token_id=token_id or access_token.new_id(),
        client_id=client.client_id,
        subject=subject,
        audience=server.audience,
        scopes=granted.scopes,
        purpose=granted.purpose,
        agency=agency,
        jurisdiction=granted.jurisdiction,
        issued_at=now,
        expires_at=ends_at,
        confirmation=bound,
        acr=acr if login is None else login.acr,
        authenticated_at=authenticated_at if login is None else login.authenticated_at,
        login_id=login and login.login_id,
        grant_set=_grant_set(granted.holdings),
        case_id=next((one.case_id for one in granted.holdings if one.case_id is not None), None),
    )
    return {
        "access_token": access_token.sign(token, server.issuer, server.keys.signing()),
        "token_type": confirmation.token_type(bound),
        "expires_in": int((ends_at - now).total_seconds()),
        "scope": " ".join(sorted(token.scopes)),
    }


def _grant_set(holdings: tuple[Holding, ...]) -> str | None:
    """A short name of exactly these grants in these versions; it tells nothing of them."""
    if not holdings:
        return None
    names = "\n".join(sorted(one.name for one in holdings))
    return base64.urlsafe_b64encode(hashlib.sha256(names.encode()).digest()[:_GRANT_SET_BYTES]).decode()

"""What a refusal at the resource says to the client: `WWW-Authenticate`, and why.

Source: RFC 6750 section 3; RFC 9449 section 7.1 and 9; RFC 9470 section 3.
"""

from collections.abc import Iterable
from typing import ClassVar

from auth import dpop
from schema.errors import NotAuthenticated


class ProofInvalid(NotAuthenticated):
    """The DPoP proof is missing, or not one for this request and this token."""

    word: ClassVar[str] = "invalid_dpop_proof"


class NonceWanted(ProofInvalid):
    """The DPoP proof needs a nonce that this server gave lately."""

    word = "use_dpop_nonce"


class LoginTooOld(NotAuthenticated):
    """The person must log in again, or more strongly, for this."""

    word: ClassVar[str] = "insufficient_user_authentication"

    def __init__(self, *, max_age_s: int | None = None, acr_values: Iterable[str] = ()) -> None:
        """Args: max_age_s: how old the login may be. acr_values: levels that are strong enough."""
        super().__init__("Log in again for this: send the person to /oauth/authorize with max_age.")
        self.max_age_s = max_age_s
        self.acr_values = tuple(acr_values)


def challenge(
    error: NotAuthenticated | None, *, token_sent: bool, bearer: bool, scopes: Iterable[str] = ()
) -> str:
    """The value of `WWW-Authenticate`: DPoP, and Bearer too where a token can be sent so.

    Args:
        error: why the token is refused; None for a token in order that lacks scopes.
        token_sent: False where there was none, which is then no error of it (RFC 6750 section 3.1).
        bearer: a token can come without a proof: in the demo, or bound to a certificate.
        scopes: that are missing.
    """
    parameters = _parameters(error, scopes) if token_sent else {}
    of_proof = isinstance(error, ProofInvalid)
    sent = [_scheme("DPoP", parameters | {"algs": " ".join(dpop.ALGORITHMS)})]
    if bearer:
        sent.append(_scheme("Bearer", {} if of_proof else parameters))
    return ", ".join(sent)


def _parameters(error: NotAuthenticated | None, scopes: Iterable[str]) -> dict[str, str]:
    if error is None:
        return {"error": "insufficient_scope", "scope": " ".join(sorted(scopes))}
    if isinstance(error, ProofInvalid):
        return {"error": error.word}
    if isinstance(error, LoginTooOld):
        wanted = {"error": error.word}
        if error.acr_values:
            wanted["acr_values"] = " ".join(error.acr_values)
        return wanted if error.max_age_s is None else wanted | {"max_age": str(error.max_age_s)}
    return {"error": "invalid_token"}


def _scheme(name: str, parameters: dict[str, str]) -> str:
    return f"{name} " + ", ".join(
        f'{key}="{value}"' for key, value in ({"realm": "hub"} | parameters).items()
    )

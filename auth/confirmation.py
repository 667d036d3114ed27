"""`cnf`: the key or the certificate that a token is bound to, so that a thief of the token alone has nothing.

Source: RFC 7800 section 3; RFC 9449 section 6 (`jkt`); RFC 8705 section 3.1 (`x5t#S256`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self, cast

from auth import jws

_X5T: Final = "x5t#S256"
_THUMBPRINT_LENGTH: Final = 43
"""A SHA-256 digest in base64url."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What a token is bound to; exactly one of the two is there.

    Attributes:
        jkt: thumbprint (RFC 7638) of the key that signs the client's proofs.
        x5t: SHA-256 of the client's certificate in DER, base64url.
    """

    jkt: str | None = None
    x5t: str | None = None

    def claim(self) -> dict[str, str]:
        """The value of `cnf`."""
        return {"jkt": self.jkt} if self.jkt is not None else {_X5T: str(self.x5t)}

    @property
    def token_type(self) -> str:
        """How such a token is sent: a proof goes with DPoP, a certificate with the connection itself."""
        return "Bearer" if self.jkt is None else "DPoP"

    @classmethod
    def read(cls, claim: object) -> Self:
        """The binding that a claim says.

        Raises:
            Refused: it is none that we make.
        """
        if isinstance(claim, Mapping):
            said = cast("Mapping[str, Any]", claim)
            value = said.get("jkt", said.get(_X5T))
            if len(said) == 1 and isinstance(value, str) and len(value) == _THUMBPRINT_LENGTH:
                return cls(jkt=value) if "jkt" in said else cls(x5t=value)
        raise jws.Refused("it is bound in a way that we do not know")


def token_type(confirmation: Confirmation | None) -> str:
    """`token_type` of a token with that binding, or with none."""
    return "Bearer" if confirmation is None else confirmation.token_type

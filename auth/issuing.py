"""An access token issued: the one place where what was granted becomes a token and the answer that carries it."""

from typing import Any

from auth import access_token
from auth.adapter import Issuing
from auth.clients import Client
from auth.granted import Granted


def answer(
    server: Issuing, client: Client, subject: str, agency: str | None, granted: Granted
) -> dict[str, Any]:
    """The token endpoint's answer (RFC 6749 section 5.1), without a refresh token.

    Args:
        server: that issues.
        client: that receives it.
        subject: whom it speaks of: the client, or a person's account.
        agency: that the subject acts for.
        granted: what it is issued for. It ends with the first of the grants, and after 300 s at the latest.
    """
    now = server.clock()
    ends_at = min(now + access_token.LIFE, granted.ends_at or now + access_token.LIFE)
    token = access_token.AccessToken(
        token_id=access_token.new_id(),
        client_id=client.client_id,
        subject=subject,
        audience=server.audience,
        scopes=granted.scopes,
        purpose=granted.purpose,
        agency=agency,
        jurisdiction=granted.jurisdiction,
        issued_at=now,
        expires_at=ends_at,
    )
    return {
        "access_token": access_token.sign(token, server.issuer, server.keys.signing()),
        "token_type": "Bearer",
        "expires_in": int((ends_at - now).total_seconds()),
        "scope": " ".join(sorted(token.scopes)),
    }

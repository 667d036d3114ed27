"""Access tokens of officers in files, as a terminal of theirs would have them, for a hub that serves."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey, thumbprint

from auth import accounts
from auth.access_token import AccessToken, new_id, sign
from auth.confirmation import Confirmation
from auth.keys import Keys
from hub import database
from hub.clock import now
from hub.identity.keyring import Keyring
from hub.identity.kms import KeyFile
from tests.auth.parties import enrol
from tests.graphql.hub import AGENCIES, OFFICER
from tests.graphql.officers import AGENCY, APPROVES, PROPOSES

KEY = ECKey.generate_key("P-256").as_dict(private=True)


async def tokens_of_officers(url: str, key_file: Path, issuer: str) -> dict[str, str]:
    """Tokens of two officers, who are enrolled if they are not; `bound` is bound to KEY.

    Args:
        url: of the hub's database, as its service.
        key_file: root key.
        issuer: of the hub that serves.
    """
    engine = database.open_engine(url, size=1, name="test")
    async with database.open_pool(url, size=1, name="test") as pool, pool.connection() as connection:
        keyring = await Keyring.load(connection, KeyFile.read(key_file), AGENCIES, now())
    keys = Keys(engine, keyring, now)
    await keys.fresh()
    async with engine.begin() as bound:
        for account_id in (PROPOSES, APPROVES):
            if await bound.run_sync(accounts.load, account_id) is None:
                held: dict[str, Any] = {
                    "scopes": OFFICER,
                    "purposes": ("subject-request",),
                    "jurisdictions": (),
                }
                await bound.run_sync(
                    enrol, now(), account_id, AGENCY[account_id], owner=AGENCY[account_id], **held
                )
    public = {name: KEY[name] for name in ("kty", "crv", "x", "y")}
    bindings = {"proposes": None, "approves": None, "bound": Confirmation(jkt=thumbprint(public))}
    made = {
        name: sign(
            AccessToken(
                token_id=new_id(),
                client_id="one",
                subject=APPROVES if name == "approves" else PROPOSES,
                audience=f"{issuer}/graphql",
                scopes=OFFICER,
                purpose="subject-request",
                agency=AGENCY[PROPOSES],
                jurisdiction=(),
                issued_at=now(),
                expires_at=now() + timedelta(seconds=300),
                authenticated_at=now(),
                confirmation=binding,
            ),
            issuer,
            keys.signing(),
        )
        for name, binding in bindings.items()
    }
    await engine.dispose()
    return made

"""What an export holds, with counts and hashes, signed by the key that seals the ledger.

A recipient who has the hub's keys (/audit/seals) can show years later what was given to whom, why, and that nothing of it
was changed. Source: RFC 7515 (the signature), RFC 8785 (the bytes that are signed).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from psycopg import AsyncConnection

from auth.scopes import PURPOSES
from hub.export.order import Order
from hub.export.question import MARK
from hub.export.store import Part
from hub.export.writers import MEDIA
from hub.ledger.evidence import moment

KIND: Final = "export-manifest+jws"
"""Type of the signature; no seal and no endorsement can be passed off as one."""
FORM: Final = 1

_GRANTS: Final = """
    SELECT g.grant_id::text, g.version, g.owner, g.legal_basis, g.agreement, g.valid_to FROM access_grant g
    JOIN unnest(%s::uuid[], %s::integer[]) AS h (grant_id, version) USING (grant_id, version) ORDER BY 1, 2
"""


async def manifest_of(
    connection: AsyncConnection[Any], order: Order, parts: Sequence[Part], ended_at: datetime
) -> dict[str, Any]:
    """The manifest of an export whose parts are all there.

    Args:
        connection: of the service's role.
        order: the export.
        parts: of it, in order.
        ended_at: aware UTC.
    """
    holdings, caller = order.permit.holdings, order.caller
    held = ([one.grant_id for one in holdings], [one.version for one in holdings])
    grants = await (await connection.execute(_GRANTS, held)).fetchall()
    moments = sorted({part.snapshot_at for part in parts})
    freshness = {part.snapshot_at: part.freshness for part in parts}
    return {
        "form": FORM,
        "export": str(order.export_id),
        "client": caller.client_id,
        "account": caller.account_id,
        "agency": caller.agency,
        "purpose": caller.purpose,
        "legalBasis": next(one.legal_basis for one in PURPOSES if one.word == caller.purpose),
        "grants": [
            {
                "grant": f"{grant}/{version}",
                "owner": owner,
                "legalBasis": basis,
                "agreement": agreement,
                "validTo": moment(valid_to),
            }
            for grant, version, owner, basis, agreement, valid_to in grants
        ],
        "operation": order.operation.hex(),
        "coordinates": list(order.coordinates),
        "format": order.format,
        "mediaType": MEDIA[order.format],
        "watermark": MARK,
        "rowCount": sum(part.row_count for part in parts),
        "byteCount": sum(part.byte_count for part in parts),
        "snapshots": [{"at": moment(at), "freshness": freshness[at]} for at in moments],
        "parts": [
            {
                "part": part.n,
                "rowCount": part.row_count,
                "byteCount": part.byte_count,
                "sha256": part.sha256.hex(),
                "snapshot": moments.index(part.snapshot_at),
            }
            for part in parts
        ],
        "askedAt": moment(order.asked_at),
        "endedAt": moment(ended_at),
        "expiresAt": moment(order.expires_at),
    }

"""What a client or a person holds at this moment: the grants that are alive, read in the request's own transaction.

A grant is alive while it is inside its period, approved by all who must approve it, neither refused, suspended nor
revoked, and not followed by a newer approved version. Nothing has to run for it to end.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, DateTime, Interval, Text, bindparam, text

from schema import reach

EMERGENCY: Final = "emergency"
EMERGENCY_SCOPES: Final = frozenset(
    [
        "case:read",
        "victim:read",
        "victim.identity:read",
        "victim.health:read",
        "victim.child:read",
        "perpetrator:read",
        "perpetrator.identity:read",
    ]
)
"""What an emergency opens, of one case and its persons."""
REVIEW_WITHIN: Final = timedelta(hours=72)
"""An emergency that nobody has reviewed by then suspends its client (UU PDP art. 46: 3x24 hours)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One grant that is alive, or an emergency, which opens one case whoever owns its rows."""

    grant_id: UUID
    version: int
    owner: str | None
    """The agency whose data it opens; None for an emergency."""
    scopes: frozenset[str]
    purposes: tuple[str, ...]
    jurisdictions: tuple[str, ...]
    valid_to: datetime
    case_id: UUID | None = None
    due_at: datetime | None = None
    """Until when an emergency must be reviewed."""

    @property
    def name(self) -> str:
        """As the ledger names it."""
        return f"{self.grant_id}/{self.version}"

    def reach(self, agency: str | None) -> list[str]:
        """The words that it gives a holder who speaks for that agency (schema.reach)."""
        if self.case_id is not None:
            return [reach.of_case(self.case_id)]
        if self.owner is None:
            return []
        return reach.of_grant(self.owner, self.jurisdictions, is_own=self.owner == agency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """All that is true of a caller at one moment.

    Attributes:
        is_suspended: client or person is, or an emergency of theirs was not reviewed in time.
        holdings: alive, in a fixed order.
        excluded: cases that are closed to the caller, whatever they hold, and what they have been merged into since.
        version: of all that decides about it (table access_version); -1 where the caller is unknown.
    """

    is_suspended: bool
    holdings: tuple[Holding, ...]
    excluded: tuple[UUID, ...]
    version: int = -1


NOBODY: Final = Standing(is_suspended=True, holdings=(), excluded=())
"""Of a caller that is not known."""

STANDING: Final = text("""
    SELECT coalesce(c.suspended_at <= p.now, false) OR coalesce(a.suspended_at <= p.now, false)
             OR (p.account_id IS NOT NULL AND a.account_id IS NULL)
             OR EXISTS (SELECT FROM emergency e WHERE e.client_id = p.client_id
                          AND e.account_id IS NOT DISTINCT FROM p.account_id
                          AND e.declared_at <= p.now - p.review_within
                          AND NOT EXISTS (SELECT FROM emergency_review r WHERE r.emergency_id = e.emergency_id)),
           CAST((SELECT jsonb_agg(to_jsonb(h) ORDER BY h.grant_id) FROM (
               SELECT g.grant_id, g.version, g.owner, g.scopes, g.purposes, g.jurisdictions, g.valid_to,
                      CAST(NULL AS uuid) AS case_id, CAST(NULL AS timestamptz) AS due_at
               FROM grant_standing g
               WHERE g.grantee = coalesce(p.account_id, p.client_id) AND g.valid_from <= p.now AND p.now < g.valid_to
                 AND g.is_approved AND NOT g.is_revoked AND NOT g.is_suspended
                 AND NOT EXISTS (SELECT FROM grant_standing n WHERE n.grant_id = g.grant_id
                                   AND n.version > g.version AND n.is_approved AND n.valid_from <= p.now)
               UNION ALL
               SELECT e.emergency_id, 1, NULL, NULL, NULL, NULL, e.expires_at, e.case_id,
                      e.declared_at + p.review_within
               FROM emergency e
               WHERE e.client_id = p.client_id AND e.account_id IS NOT DISTINCT FROM p.account_id
                 AND e.declared_at <= p.now AND p.now < e.expires_at) h) AS text),
           ARRAY(SELECT DISTINCT unnest(array_remove(ARRAY[x.case_id, r.new_id], NULL)) AS case_id
                 FROM exclusion x LEFT JOIN redirect r ON r.old_id = x.case_id
                 WHERE x.approved_at IS NOT NULL AND x.lifted_at IS NULL
                   AND ((x.kind = 'AGENCY' AND x.excluded = coalesce(a.agency, c.agency))
                        OR (x.kind = 'UNIT' AND x.excluded = c.unit)
                        OR (x.kind = 'CLIENT' AND x.excluded = p.client_id)
                        OR (x.kind = 'ACCOUNT' AND x.excluded = p.account_id)) ORDER BY case_id),
           (SELECT version FROM access_version)
    FROM (SELECT CAST(:client_id AS text) AS client_id, CAST(:account_id AS text) AS account_id,
                 CAST(:now AS timestamptz) AS now, CAST(:review_within AS interval) AS review_within) p
    JOIN client c ON c.client_id = p.client_id
    LEFT JOIN account a ON a.account_id = p.account_id
""").bindparams(
    bindparam("client_id", type_=Text(), required=False),
    bindparam("account_id", type_=Text(), required=False),
    bindparam("now", type_=DateTime(timezone=True), required=False),
    bindparam("review_within", type_=Interval(), required=False),
)
"""One row of a caller: is_suspended, holdings as JSON text or NULL, excluded cases, and the version of all that.

No row for an unknown client.
"""


def asked(client_id: str, account_id: str | None, now: datetime) -> dict[str, Any]:
    """The values that `STANDING` takes; see `standing`."""
    return {"client_id": client_id, "account_id": account_id, "now": now, "review_within": REVIEW_WITHIN}


def standing_of(row: Sequence[Any] | None) -> Standing:
    """What `STANDING` found."""
    if row is None:
        return NOBODY
    is_suspended, listed, excluded, version = row
    return Standing(
        is_suspended=bool(is_suspended),
        holdings=() if listed is None else holdings_of(str(listed)),
        excluded=tuple(excluded),
        version=version,
    )


@lru_cache(maxsize=1024)
def holdings_of(listed: str) -> tuple[Holding, ...]:
    """Parsed once for as long as the grants of a caller stay what they are; the text has no value of a person."""
    return tuple(_holding(one) for one in json.loads(listed))


def listed(holdings: Iterable[Holding]) -> list[dict[str, Any]]:
    """Holdings as JSON, which `holdings_of` reads again."""
    return [
        {
            "grant_id": str(one.grant_id),
            "version": one.version,
            "owner": one.owner,
            "scopes": sorted(one.scopes),
            "purposes": list(one.purposes),
            "jurisdictions": list(one.jurisdictions),
            "valid_to": one.valid_to.isoformat(),
            "case_id": None if one.case_id is None else str(one.case_id),
            "due_at": None if one.due_at is None else one.due_at.isoformat(),
        }
        for one in holdings
    ]


def _holding(one: dict[str, Any]) -> Holding:
    case_id, due_at = one["case_id"], one["due_at"]
    is_emergency = case_id is not None
    return Holding(
        grant_id=UUID(one["grant_id"]),
        version=one["version"],
        owner=one["owner"],
        scopes=EMERGENCY_SCOPES if is_emergency else frozenset(one["scopes"]),
        purposes=(EMERGENCY,) if is_emergency else tuple(one["purposes"]),
        jurisdictions=tuple(one["jurisdictions"] or ()),
        valid_to=datetime.fromisoformat(one["valid_to"]),
        case_id=UUID(case_id) if is_emergency else None,
        due_at=datetime.fromisoformat(due_at) if due_at is not None else None,
    )


def standing(connection: Connection, client_id: str, account_id: str | None, now: datetime) -> Standing:
    """What is true of a client, or of a person who uses it, now.

    Args:
        connection: inside the request's transaction.
        client_id: of the client.
        account_id: of the person; None where the client acts for itself.
        now: aware UTC.
    """
    return standing_of(connection.execute(STANDING, asked(client_id, account_id, now)).one_or_none())

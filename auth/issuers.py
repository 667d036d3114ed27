"""Trusted issuers: who may vouch for people, or for foreign systems, and how far. Each is a row that two officers made.

    proposed -> approved (the one that stood for this issuer and use is replaced) -> withdrawn

An issuer can only narrow: what it says is mapped to our words, cut at its ceiling, and cut again at the live grants of
the client that presents its token. The functions take a synchronous connection; elsewhere
`await connection.run_sync(issuers.propose, ...)`.

Source: RFC 7523, RFC 8414; security.md section 3; ADR-0030.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, cast
from uuid import UUID, uuid4

from sqlalchemy import Connection, func, insert, select, update

from auth import egress, jws, scopes
from auth.grant import Officer
from auth.scopes import ScopeClass
from schema.codes import code_list
from schema.errors import AlreadyDecided, DecisionError, SelfApproval
from schema.tables import people

ALGORITHMS: Final = ("PS256", "ES256", "Ed25519", "RS256")
"""What a row may name. RS256 is here for logins and gateways that can do nothing else, and only where a row says so."""

_LOCK: Final = 7_700_030_001
"""Key of the advisory lock under which rows are decided on, one after the other."""
_WORD: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,200}")
"""A word of a foreign scope (RFC 6749 section 3.3)."""
_NAME: Final = range(3, 121)
_AUDIENCE: Final = range(1, 401)
_ISSUER_LENGTH: Final = 200
_NEVER_FOR_SYSTEMS: Final = frozenset([ScopeClass.OFFICER, ScopeClass.SYSTEM])


class IssuerRefused(DecisionError):
    """The issuer cannot be trusted so."""


class NotYourIssuer(DecisionError):
    """An officer of another agency must do this."""


class Use(StrEnum):
    """What an issuer is trusted with."""

    SYSTEMS = "SYSTEMS"
    """Access tokens of its clients are exchanged for ours."""
    PEOPLE = "PEOPLE"
    """People log in by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What an officer proposes to trust.

    Attributes:
        issuer: exactly as its tokens say it: https without query and fragment, or http on a loopback address.
        name: as people read it.
        agency: for which it speaks, a code of the list `agency`. One of PEOPLE vouches for people of this agency only;
            one of the secretariat's for people of every agency.
        use: what it is trusted with.
        audience: `aud` of its tokens; for PEOPLE our client_id there.
        algorithms: with which it signs, n >= 1.
        ceiling: scopes that it can never exceed; none for PEOPLE, whose scopes come from their own grants.
        scope_map: its word -> a word of auth.scopes, all of them below the ceiling.
        plain_jwt: whether `typ: JWT` is tolerated, and `azp` in place of `client_id`.
    """

    issuer: str
    name: str
    agency: str
    use: Use
    audience: str
    algorithms: tuple[str, ...]
    ceiling: frozenset[str] = frozenset()
    scope_map: Mapping[str, str] = field(default_factory=dict[str, str])
    plain_jwt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedIssuer:
    """A row, and where it stands."""

    trust_id: UUID
    proposal: Proposal
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    withdrawn_by: str | None
    withdrawn_at: datetime | None

    @property
    def is_standing(self) -> bool:
        """True once it is approved, until it is withdrawn or replaced."""
        return self.approved_at is not None and self.withdrawn_at is None

    @property
    def is_loopback(self) -> bool:
        """True for an issuer on this machine, as in demos and tests: it and its endpoints are asked there and nowhere else."""
        return egress.is_loopback_url(self.proposal.issuer)

    @property
    def registry(self) -> jws.PinnedRegistry:
        """The algorithms of the row, and no others; the old spelling of Ed25519 counts as it."""
        pinned = self.proposal.algorithms
        return jws.PinnedRegistry(*pinned, *(["EdDSA"] if "Ed25519" in pinned else []))

    def mapped(self, words: Sequence[str]) -> frozenset[str]:
        """What its words mean here, below its ceiling; a word that the map does not know means nothing."""
        known = self.proposal.scope_map
        return frozenset(known[word] for word in words if word in known) & self.proposal.ceiling


def propose(connection: Connection, officer: Officer, proposal: Proposal, now: datetime) -> TrustedIssuer:
    """The row, which opens nothing until another officer has approved it.

    Raises:
        IssuerRefused: the proposal breaks a rule; says which.
        NotYourIssuer: the officer is neither of that agency nor of the secretariat.
    """
    _check(proposal)
    if not officer.is_central and officer.agency != proposal.agency:
        raise NotYourIssuer("an officer of the agency, or of the secretariat, proposes its issuer")
    trust_id = uuid4()
    row = {
        "trust_id": trust_id,
        "issuer": proposal.issuer,
        "name": proposal.name,
        "agency": proposal.agency,
        "use": proposal.use.value,
        "audience": proposal.audience,
        "algorithms": sorted({jws.spelling(name) for name in proposal.algorithms}),
        "ceiling": sorted(proposal.ceiling),
        "scope_map": dict(proposal.scope_map),
        "plain_jwt": proposal.plain_jwt,
        "proposed_by": officer.account_id,
        "proposed_at": now,
    }
    connection.execute(insert(people.trusted_issuer).values(row))
    return load(connection, trust_id)


def approve(connection: Connection, officer: Officer, trust_id: UUID, now: datetime) -> TrustedIssuer:
    """The row, standing from now on; the one that stood for the same issuer and use is withdrawn.

    Raises:
        IssuerRefused: there is no such row.
        SelfApproval: the officer proposed it.
        NotYourIssuer: the officer is not of the secretariat.
        AlreadyDecided: it was approved or withdrawn.
    """
    connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    found = load(connection, trust_id)
    if found.approved_at is not None or found.withdrawn_at is not None:
        raise AlreadyDecided
    if not officer.is_central:
        raise NotYourIssuer("an officer of the secretariat approves an issuer")
    if officer.account_id == found.proposed_by:
        raise SelfApproval
    for before in standing(connection, found.proposal.use, found.proposal.issuer):
        _withdraw(connection, officer, before, now)
    table = people.trusted_issuer
    decided = {"approved_by": officer.account_id, "approved_at": now}
    connection.execute(update(table).where(table.c.trust_id == trust_id).values(decided))
    return load(connection, trust_id)


def withdraw(connection: Connection, officer: Officer, trust_id: UUID, now: datetime) -> TrustedIssuer:
    """The row, trusted no more: its logins end and its tokens are refused at the next request. One officer is enough.

    Raises:
        IssuerRefused: there is no such row.
        NotYourIssuer: the officer is neither of that agency nor of the secretariat.
        AlreadyDecided: it was withdrawn.
    """
    connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    found = load(connection, trust_id)
    if not officer.is_central and officer.agency != found.proposal.agency:
        raise NotYourIssuer("an officer of the agency, or of the secretariat, withdraws its issuer")
    if found.withdrawn_at is not None:
        raise AlreadyDecided
    _withdraw(connection, officer, found, now)
    return load(connection, trust_id)


def _withdraw(connection: Connection, officer: Officer, found: TrustedIssuer, now: datetime) -> None:
    table = people.trusted_issuer
    decided = {"withdrawn_by": officer.account_id, "withdrawn_at": now}
    connection.execute(update(table).where(table.c.trust_id == found.trust_id).values(decided))


def load(connection: Connection, trust_id: UUID) -> TrustedIssuer:
    """The row of that id.

    Raises:
        IssuerRefused: there is none.
    """
    table = people.trusted_issuer
    row = connection.execute(select(table).where(table.c.trust_id == trust_id)).mappings().one_or_none()
    if row is None:
        raise IssuerRefused("there is no trusted issuer of this id")
    return _issuer(row)


def standing(connection: Connection, use: Use, issuer: str | None = None) -> list[TrustedIssuer]:
    """The rows that are approved and not withdrawn, by name.

    Args:
        connection: inside the transaction of the request.
        use: what they are trusted with.
        issuer: only this one, of which there is at most one.
    """
    table = people.trusted_issuer
    statement = select(table).where(
        table.c.use == use.value, table.c.approved_at.is_not(None), table.c.withdrawn_at.is_(None)
    )
    if issuer is not None:
        statement = statement.where(table.c.issuer == issuer)
    return [
        _issuer(row)
        for row in connection.execute(statement.order_by(table.c.name, table.c.issuer)).mappings()
    ]


def listed(connection: Connection) -> list[TrustedIssuer]:
    """Every row there ever was, the newest first."""
    table = people.trusted_issuer
    statement = select(table).order_by(table.c.proposed_at.desc(), table.c.trust_id)
    return [_issuer(row) for row in connection.execute(statement).mappings()]


def _issuer(row: Mapping[Any, Any]) -> TrustedIssuer:
    proposal = Proposal(
        issuer=row["issuer"],
        name=row["name"],
        agency=row["agency"],
        use=Use(row["use"]),
        audience=row["audience"],
        algorithms=tuple(row["algorithms"]),
        ceiling=frozenset(row["ceiling"]),
        scope_map=cast("dict[str, str]", row["scope_map"]),
        plain_jwt=row["plain_jwt"],
    )
    return TrustedIssuer(
        trust_id=row["trust_id"],
        proposal=proposal,
        proposed_by=row["proposed_by"],
        proposed_at=row["proposed_at"],
        approved_by=row["approved_by"],
        approved_at=row["approved_at"],
        withdrawn_by=row["withdrawn_by"],
        withdrawn_at=row["withdrawn_at"],
    )


def _check(proposal: Proposal) -> None:
    issuer, words = proposal.issuer, scopes.scopes()
    _refuse_unless(
        len(issuer) <= _ISSUER_LENGTH and "?" not in issuer and egress.is_secure_url(issuer, loopback=True),
        "issuer: https, or http on 127.0.0.1 or [::1], without user, query and fragment",
    )
    _refuse_unless(len(proposal.name.strip()) in _NAME, f"name: {_NAME.start} to {_NAME.stop - 1} characters")
    _refuse_unless(proposal.agency in code_list("agency"), "agency: not a code of the list `agency`")
    _refuse_unless(
        len(proposal.audience) in _AUDIENCE and proposal.audience.isprintable(),
        f"audience: {_AUDIENCE.start} to {_AUDIENCE.stop - 1} characters",
    )
    _refuse_unless(
        bool(proposal.algorithms) and {jws.spelling(name) for name in proposal.algorithms} <= {*ALGORITHMS},
        f"algorithms: at least one of {', '.join(ALGORITHMS)}",
    )
    _refuse_unless(proposal.ceiling <= words.keys(), "ceiling: a scope is not of the closed list")
    _refuse_unless(
        {*proposal.scope_map.values()} <= proposal.ceiling, "scopeMap: it leads to a scope above the ceiling"
    )
    _refuse_unless(
        all(_WORD.fullmatch(word) for word in proposal.scope_map),
        "scopeMap: a word of the issuer is malformed",
    )
    if proposal.use is Use.PEOPLE:
        _refuse_unless(
            not proposal.ceiling and not proposal.plain_jwt,
            "ceiling, plainJwt: people have their own grants; leave these out",
        )
        return
    _refuse_unless(
        bool(proposal.scope_map), "scopeMap: without any word none of the issuer's tokens opens anything"
    )
    for word in sorted(proposal.ceiling):
        if words[word].humans_only or words[word].scope_class in _NEVER_FOR_SYSTEMS:
            raise IssuerRefused(
                f"ceiling: {word} is for officers or for the hub's own clients, never for a foreign system"
            )


def _refuse_unless(holds: bool, problem: str) -> None:
    if not holds:
        raise IssuerRefused(problem)

"""A proposal while it is written: what each step of the form has brought so far, kept in the form itself and nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from auth.grant import Grant, Proposal
from hub.clock import WIB
from hub.console.form import Form
from schema import reach

STEPS: Final[Mapping[str, tuple[str, ...]]] = {
    "who": ("grantee", "owner"),
    "scopes": ("scopes",),
    "purposes": ("purposes",),
    "basis": ("legal_basis", "agreement", "justification"),
    "where": ("where", "provinces", "regencies"),
    "until": ("valid_from", "valid_to"),
    "check": (),
}
"""The steps in their order, each with the fields that it asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Fields as they are written in the form.

    Attributes:
        grantee: a client_id or account_id.
        owner: agency whose data it opens.
        scopes: ticked.
        purposes: ticked.
        legal_basis: in words.
        agreement: its number.
        justification: in words.
        where: `nation`, `some` or `none`.
        provinces: ticked, codes of two digits.
        regencies: codes of four digits, with spaces between.
        valid_from: first day, ISO.
        valid_to: last day, ISO.
    """

    grantee: str = ""
    owner: str = ""
    scopes: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    legal_basis: str = ""
    agreement: str = ""
    justification: str = ""
    where: str = ""
    provinces: tuple[str, ...] = ()
    regencies: str = ""
    valid_from: str = ""
    valid_to: str = ""

    @classmethod
    def of_form(cls, form: Form) -> "Draft":
        """What the form brings."""
        found: dict[str, Any] = {}
        for one in fields(cls):
            found[one.name] = form.texts(one.name) if one.default == () else form.text(one.name)
        return cls(**found)

    @classmethod
    def of_grant(cls, grant: Grant, now: datetime) -> "Draft":
        """What the next version of a grant begins with: the same, for as long again, from today or its end."""
        proposal = grant.proposal
        codes = set(proposal.jurisdictions)
        is_nation = codes >= reach.provinces()
        begins = max(now, proposal.valid_to).astimezone(WIB).date()
        days = (proposal.valid_to - proposal.valid_from).days
        return cls(
            grantee=proposal.grantee,
            owner=proposal.owner,
            scopes=tuple(sorted(proposal.scopes)),
            purposes=proposal.purposes,
            legal_basis=proposal.legal_basis,
            agreement=proposal.agreement,
            justification=proposal.justification,
            where="nation" if is_nation else "some" if codes else "none",
            provinces=() if is_nation else tuple(sorted(code for code in codes if code in reach.provinces())),
            regencies="" if is_nation else " ".join(sorted(codes - reach.provinces())),
            valid_from=begins.isoformat(),
            valid_to=(begins + timedelta(days=max(days - 1, 0))).isoformat(),
        )

    def hidden(self, step: str) -> list[tuple[str, str]]:
        """The fields that the step does not ask for, as the form carries them on."""
        carried: list[tuple[str, str]] = []
        for one in fields(self):
            if one.name in STEPS[step]:
                continue
            value: str | tuple[str, ...] = getattr(self, one.name)
            texts = value if isinstance(value, tuple) else (value,)
            carried += [(one.name, text) for text in texts]
        return carried

    @property
    def jurisdictions(self) -> tuple[str, ...]:
        """The codes of all places, sorted."""
        if self.where == "nation":
            return tuple(sorted(reach.provinces()))
        if self.where == "none":
            return ()
        return tuple(sorted({*self.provinces, *self.regencies.replace(",", " ").split()}))

    def proposal(self, now: datetime) -> Proposal:
        """What is proposed; the first day begins now where it is today, the last one is over at midnight in the west.

        Args:
            now: aware UTC.

        Raises:
            ValueError: a day is none.
        """
        begins = datetime.combine(date.fromisoformat(self.valid_from), time(), WIB)
        ends = datetime.combine(date.fromisoformat(self.valid_to), time(), WIB) + timedelta(days=1)
        is_today = begins.date() == now.astimezone(WIB).date()
        return Proposal(
            grantee=self.grantee,
            owner=self.owner,
            scopes=frozenset(self.scopes),
            purposes=self.purposes,
            legal_basis=self.legal_basis,
            agreement=self.agreement,
            justification=self.justification,
            jurisdictions=self.jurisdictions,
            valid_from=now if is_today else begins,
            valid_to=ends,
        )

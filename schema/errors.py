"""Every error of the hub, by who must act.

HubError
├── SettingError            the operator, before anything has started
├── SourceError             agency or operator
│   ├── SourceUnavailable   try again later
│   ├── SourceRejected      our credentials are refused
│   └── SourceChanged       the mapping no longer fits
├── RecordError             the agency mends one record; the rest goes on
│   ├── IdentifierInvalid
│   ├── ValueUnknown
│   ├── ValueMalformed
│   └── FieldMissing
├── AccessError             the caller
│   ├── NotAuthenticated
│   └── UseRefused
├── QueryError              the developer
│   ├── InputInvalid
│   │   └── CursorInvalid
│   ├── QueryTooCostly
│   └── NotFresh
├── DecisionError           officer, reviewer
│   ├── SelfApproval
│   └── AlreadyDecided
├── AuditError              nobody goes on
│   ├── AuditUnavailable
│   └── SealBroken
└── StoreError              the operator of the database
    ├── StoreUnreachable
    ├── RevisionMismatch
    └── SealedValueBroken   the root key or the stored bytes are others
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


class HubError(Exception):
    """Something went wrong in the hub."""

    code: ClassVar[str] = "INTERNAL"
    retriable: ClassVar[bool] = False

    def __init__(self, message: str = "") -> None:
        """Args: message: what happened and what to do; the class's own sentence when empty."""
        super().__init__(message or (type(self).__doc__ or "").splitlines()[0])


class SettingError(HubError):
    """A setting is missing or wrong."""

    def __init__(self, name: str, problem: str) -> None:
        """Args: name: the environment variable. problem: what is wrong and what to write instead."""
        super().__init__(f"{name}: {problem}")
        self.name = name


class SourceError(HubError):
    """An agency's system did not give what its contract says."""

    def __init__(self, agency: str, problem: str = "") -> None:
        """Args: agency: its word in the code. problem: without any value of a record."""
        super().__init__(f"{agency}: {problem or (type(self).__doc__ or '').splitlines()[0]}")
        self.agency = agency


class SourceUnavailable(SourceError):
    """The agency's system does not answer; the checkpoint stays and the next pull goes on from it."""

    retriable = True


class SourceRejected(SourceError):
    """The agency's system refuses our credentials; renew HUB_AGENCY__<AGENCY>__* settings."""


class SourceChanged(SourceError):
    """The agency's answers no longer fit its contract; mend the mapping."""


class RecordError(HubError):
    """One record breaks a rule and goes to quarantine."""

    rule: ClassVar[str] = "record"

    def __init__(self, path: str, problem: str = "") -> None:
        """Args: path: the wire field, never its value. problem: the rule in words."""
        super().__init__(f"{path}: {problem or (type(self).__doc__ or '').splitlines()[0]}")
        self.path = path


class IdentifierInvalid(RecordError):
    """The identifier does not follow its grammar."""

    rule = "identifier_invalid"


class ValueUnknown(RecordError):
    """The value is not in the mapping's table; add it to [values] or ask the agency."""

    rule = "value_unknown"


class ValueMalformed(RecordError):
    """The value does not have the form that the contract gives it."""

    rule = "value_malformed"


class FieldMissing(RecordError):
    """A required field is absent or empty."""

    rule = "field_missing"


class AccessError(HubError):
    """The caller may not do this."""

    code = "FORBIDDEN"


class NotAuthenticated(AccessError):
    """A valid access token is needed; ask /oauth/token for one."""

    code = "UNAUTHENTICATED"


@dataclass(frozen=True, kw_only=True)
class MissingScope:
    """One use of a field that the permit does not cover."""

    coordinate: str
    requires: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class MissingPurpose:
    """One use of a field that the token's purpose does not allow."""

    coordinate: str
    purposes: tuple[str, ...]


class UseRefused(AccessError):
    """The token lacks scopes that the operation needs, or its purpose does not open a field."""

    def __init__(self, missing: Sequence[MissingScope | MissingPurpose]) -> None:
        """Args: missing: every refused coordinate, for each reason once, n >= 1."""
        super().__init__("not opened: " + ", ".join(dict.fromkeys(use.coordinate for use in missing)))
        self.missing = tuple(missing)


class QueryError(HubError):
    """The operation cannot be answered as it is written."""

    code = "BAD_USER_INPUT"


class InputInvalid(QueryError):
    """An argument has a value that the schema does not allow."""


class CursorInvalid(InputInvalid):
    """The cursor is not one of this list; start again without `after`."""


class QueryTooCostly(QueryError):
    """The operation asks for more than the limits allow."""

    code = "QUERY_TOO_COSTLY"


class NotFresh(QueryError):
    """The data are older than the operation accepts."""

    code = "NOT_FRESH"


class DecisionError(HubError):
    """The decision cannot be taken."""

    code = "CONFLICT"


class SelfApproval(DecisionError):
    """Whoever proposed may not approve."""


class AlreadyDecided(DecisionError):
    """Somebody has decided this already."""


class AuditError(HubError):
    """The evidence cannot be written or does not hold, so nothing is read."""


class AuditUnavailable(AuditError):
    """The ledger cannot be written."""


class SealBroken(AuditError):
    """A seal of the ledger does not verify."""


class StoreError(HubError):
    """The hub's database does not serve."""


class StoreUnreachable(StoreError):
    """The database does not answer; check HUB_DATABASE_URL and that the server runs."""

    retriable = True


class RevisionMismatch(StoreError):
    """The database has another schema revision than this code; run `python -m hub migrate`."""


class SealedValueBroken(StoreError):
    """A sealed value does not open: another key, another place, or changed bytes; check HUB_KEY_FILE."""

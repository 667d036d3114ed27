"""Who may see what, why and until when: grants, emergencies and exclusions, each with the decisions taken on it.

Nothing here is ever changed or taken away: a change is a new version, a decision is a new row, and the state of each is
what its decisions say: the view `grant_standing` (its migration has it) is the one place where that is worked out.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from schema.tables.metadata import metadata

access_grant = Table(
    "access_grant",
    metadata,
    Column("grant_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False, comment="from 1; a renewal is the next one"),
    Column("grantee", Text, nullable=False, comment="a client_id, or an account_id"),
    Column("owner", Text, nullable=False, comment="the agency whose data it opens"),
    Column("scopes", ARRAY(Text), nullable=False, comment="words of auth.scopes"),
    Column("purposes", ARRAY(Text), nullable=False, comment="words of auth.scopes"),
    Column("legal_basis", Text, nullable=False, comment="row of the register of legal bases"),
    Column("agreement", Text, nullable=False, comment="number of the agreement between the agencies"),
    Column("justification", Text, nullable=False),
    Column("jurisdictions", ARRAY(Text), nullable=False, comment="Kemendagri codes of 2 or 4 digits"),
    Column("valid_from", DateTime(timezone=True), nullable=False),
    Column("valid_to", DateTime(timezone=True), nullable=False, comment="it is over then, without any job"),
    Column("needs_owner", Boolean, nullable=False, comment="an officer of the owner must approve too"),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("grant_id", "version"),
    UniqueConstraint("grant_id", "version", "proposed_by"),
    CheckConstraint("valid_from < valid_to", name="period"),
    CheckConstraint("cardinality(scopes) > 0 AND cardinality(purposes) > 0", name="something"),
    Index("ix_access_grant_grantee", "grantee", "valid_to"),
)

grant_decision = Table(
    "grant_decision",
    metadata,
    Column(
        "decision_id",
        BigInteger,
        Identity(),
        primary_key=True,
        comment="in the order in which they were taken",
    ),
    Column("grant_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column(
        "proposed_by", Text, nullable=False, comment="of the grant, so that four eyes are a rule of the table"
    ),
    Column("kind", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", DateTime(timezone=True), nullable=False),
    Column("reason", Text, nullable=False),
    ForeignKeyConstraint(
        ["grant_id", "version", "proposed_by"],
        ["access_grant.grant_id", "access_grant.version", "access_grant.proposed_by"],
        name="fk_grant_decision_grant",
    ),
    CheckConstraint(
        "kind IN ('APPROVED', 'OWNER_APPROVED', 'REFUSED', 'SUSPENDED', 'RESUMED', 'REVOKED')", name="kind"
    ),
    CheckConstraint(
        "kind NOT IN ('APPROVED', 'OWNER_APPROVED') OR decided_by <> proposed_by", name="four_eyes"
    ),
    Index("ix_grant_decision_grant", "grant_id", "version"),
    Index(
        "uq_grant_decision_once",
        "grant_id",
        "version",
        "kind",
        unique=True,
        postgresql_where=text("kind IN ('APPROVED', 'OWNER_APPROVED', 'REFUSED', 'REVOKED')"),
    ),
    Index(
        "uq_grant_decision_approver",
        "grant_id",
        "version",
        "decided_by",
        unique=True,
        postgresql_where=text("kind IN ('APPROVED', 'OWNER_APPROVED')"),
    ),
)

exclusion = Table(
    "exclusion",
    metadata,
    Column("exclusion_id", Uuid, primary_key=True),
    Column("case_id", Uuid, nullable=False, index=True),
    Column(
        "kind", Text, nullable=False, comment="whom it keeps out: an agency, a unit, a client or an account"
    ),
    Column("excluded", Text, nullable=False),
    Column("sealed_reason", LargeBinary, nullable=False, comment="sealed to its place"),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", DateTime(timezone=True), nullable=False),
    Column("approved_by", Text),
    Column("approved_at", DateTime(timezone=True)),
    Column("lifted_by", Text),
    Column("lifted_at", DateTime(timezone=True)),
    CheckConstraint("kind IN ('AGENCY', 'UNIT', 'CLIENT', 'ACCOUNT')", name="kind"),
    CheckConstraint("approved_by <> proposed_by", name="four_eyes"),
    CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approval"),
    CheckConstraint("(lifted_by IS NULL) = (lifted_at IS NULL)", name="lifting"),
    Index("ix_exclusion_excluded", "kind", "excluded"),
)

emergency = Table(
    "emergency",
    metadata,
    Column("emergency_id", Uuid, primary_key=True),
    Column("client_id", Text, nullable=False, index=True),
    Column("account_id", Text, comment="the person, where one declared it"),
    Column("agency", Text, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("reason", Text, nullable=False, comment="of a closed list"),
    Column("sealed_words", LargeBinary, nullable=False, comment="the reason in words, sealed to its place"),
    Column("declared_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("declared_at < expires_at", name="period"),
)

emergency_review = Table(
    "emergency_review",
    metadata,
    Column("emergency_id", Uuid, primary_key=True, comment="reviewed once"),
    Column("verdict", Text, nullable=False),
    Column("reviewed_by", Text, nullable=False),
    Column("reviewed_at", DateTime(timezone=True), nullable=False),
    Column("words", Text, nullable=False),
    ForeignKeyConstraint(["emergency_id"], ["emergency.emergency_id"]),
    CheckConstraint("verdict IN ('JUSTIFIED', 'UNJUSTIFIED')", name="verdict"),
)

notice = Table(
    "notice",
    metadata,
    Column("notice_id", Uuid, primary_key=True),
    Column("agency", Text, nullable=False, comment="to whose officers it goes"),
    Column("kind", Text, nullable=False),
    Column("about", Uuid, nullable=False, comment="the emergency, grant or exclusion"),
    Column("due_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("told_at", DateTime(timezone=True), comment="when a mail server took it, where there is one"),
    Index("ix_notice_agency", "agency", "created_at"),
    Index("ix_notice_waiting", "created_at", postgresql_where=text("told_at IS NULL")),
)

access_version = Table(
    "access_version",
    metadata,
    Column("singleton", BigInteger, primary_key=True, autoincrement=False),
    Column(
        "version",
        BigInteger,
        nullable=False,
        comment="rises with every change of what decides who may do what",
    ),
    CheckConstraint("singleton = 1", name="one_row"),
)
"""A trigger on each table that decides who may do what counts its changes here, so that what was read can be kept."""

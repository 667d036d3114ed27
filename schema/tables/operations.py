"""Which operations a client may send by their hash, and whether it may send any other.

Nothing here is ever changed or taken away: a decision is a new row, and the state of each is what its decisions say.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from schema.tables.metadata import metadata

listed_operation = Table(
    "listed_operation",
    metadata,
    Column("listing_id", Uuid, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("document_hash", LargeBinary, nullable=False, index=True, comment="SHA-256 of the document"),
    Column("document", Text, nullable=False, comment="without texts among its literals"),
    Column("names", ARRAY(Text), nullable=False, comment="of its operations"),
    Column("purpose", Text, comment="the only one for which it is listed; NULL for every one"),
    Column("expires_at", DateTime(timezone=True), nullable=False, comment="it is over then, without any job"),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("listing_id", "proposed_by"),
    CheckConstraint("octet_length(document_hash) = 32", name="document_hash"),
    CheckConstraint("proposed_at < expires_at", name="period"),
    Index("ix_listed_operation_client", "client_id", "expires_at"),
)

listing_decision = Table(
    "listing_decision",
    metadata,
    Column("listing_id", Uuid, nullable=False),
    Column(
        "proposed_by",
        Text,
        nullable=False,
        comment="of the listing, so that four eyes are a rule of the table",
    ),
    Column("kind", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("listing_id", "kind"),
    ForeignKeyConstraint(
        ["listing_id", "proposed_by"],
        ["listed_operation.listing_id", "listed_operation.proposed_by"],
        name="fk_listing_decision_listing",
    ),
    CheckConstraint("kind IN ('APPROVED', 'REMOVED')", name="kind"),
    CheckConstraint("kind <> 'APPROVED' OR decided_by <> proposed_by", name="four_eyes"),
)

listed_only = Table(
    "listed_only",
    metadata,
    Column("client_id", Text, nullable=False),
    Column("version", Integer, nullable=False, comment="from 1; the last one holds"),
    Column("is_listed_only", Boolean, nullable=False, comment="it may send listed operations alone"),
    Column(
        "narrowed_by",
        Text,
        comment="of the version before, so that four eyes on opening are a rule of the table",
    ),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", DateTime(timezone=True), nullable=False),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("client_id", "version"),
    CheckConstraint("is_listed_only = (narrowed_by IS NULL)", name="narrowed"),
    CheckConstraint("is_listed_only OR decided_by <> narrowed_by", name="four_eyes"),
)

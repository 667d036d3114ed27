"""Operations that a client may send by their hash, and clients that may send no other."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "listed_operation",
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("document_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the document"),
        sa.Column("document", sa.Text(), nullable=False, comment="without texts among its literals"),
        sa.Column("names", postgresql.ARRAY(Text()), nullable=False, comment="of its operations"),
        sa.Column(
            "purpose",
            sa.Text(),
            nullable=True,
            comment="the only one for which it is listed; NULL for every one",
        ),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="it is over then, without any job",
        ),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "octet_length(document_hash) = 32", name=op.f("ck_listed_operation_document_hash")
        ),
        sa.CheckConstraint("proposed_at < expires_at", name=op.f("ck_listed_operation_period")),
        sa.PrimaryKeyConstraint("listing_id", name=op.f("pk_listed_operation")),
        sa.UniqueConstraint(
            "listing_id", "proposed_by", name=op.f("uq_listed_operation_listing_id_proposed_by")
        ),
    )
    op.create_index(
        op.f("ix_listed_operation_document_hash"), "listed_operation", ["document_hash"], unique=False
    )
    op.create_index(
        "ix_listed_operation_client", "listed_operation", ["client_id", "expires_at"], unique=False
    )
    op.create_table(
        "listing_decision",
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column(
            "proposed_by",
            sa.Text(),
            nullable=False,
            comment="of the listing, so that four eyes are a rule of the table",
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('APPROVED', 'REMOVED')", name=op.f("ck_listing_decision_kind")),
        sa.CheckConstraint(
            "kind <> 'APPROVED' OR decided_by <> proposed_by", name=op.f("ck_listing_decision_four_eyes")
        ),
        sa.ForeignKeyConstraint(
            ["listing_id", "proposed_by"],
            ["listed_operation.listing_id", "listed_operation.proposed_by"],
            name="fk_listing_decision_listing",
        ),
        sa.PrimaryKeyConstraint("listing_id", "kind", name=op.f("pk_listing_decision")),
    )
    op.create_table(
        "listed_only",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="from 1; the last one holds"),
        sa.Column(
            "is_listed_only", sa.Boolean(), nullable=False, comment="it may send listed operations alone"
        ),
        sa.Column(
            "narrowed_by",
            sa.Text(),
            nullable=True,
            comment="of the version before, so that four eyes on opening are a rule of the table",
        ),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("is_listed_only = (narrowed_by IS NULL)", name=op.f("ck_listed_only_narrowed")),
        sa.CheckConstraint(
            "is_listed_only OR decided_by <> narrowed_by", name=op.f("ck_listed_only_four_eyes")
        ),
        sa.PrimaryKeyConstraint("client_id", "version", name=op.f("pk_listed_only")),
    )
    for table in ("listed_operation", "listing_decision", "listed_only"):
        op.execute(f"GRANT SELECT, INSERT ON {table} TO hub_service")

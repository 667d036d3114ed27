"""Bulk exports and their sealed parts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SIGNS = "sealed to its place; signs seals, manifests of exports and the next key, nothing else"


def upgrade() -> None:
    op.create_table(
        "bulk_export",
        sa.Column("export_id", sa.Uuid(), nullable=False),
        sa.Column(
            "number",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="as the mark of each row names it",
        ),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True, comment="the person, where one asked"),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("jurisdiction", postgresql.ARRAY(Text()), nullable=False, comment="of the token"),
        sa.Column("scopes", postgresql.ARRAY(Text()), nullable=False, comment="of the token"),
        sa.Column(
            "holdings",
            postgresql.JSONB(astext_type=Text()),
            nullable=False,
            comment="the grants that it stands on, as they were",
        ),
        sa.Column(
            "excluded",
            postgresql.ARRAY(sa.Uuid()),
            nullable=False,
            comment="cases that were closed to the caller",
        ),
        sa.Column("operation", sa.LargeBinary(), nullable=False, comment="SHA-256 of the document"),
        sa.Column("coordinates", postgresql.ARRAY(Text()), nullable=False),
        sa.Column(
            "sealed_question",
            sa.LargeBinary(),
            nullable=True,
            comment="document and variables; NULL once nobody needs them any more",
        ),
        sa.Column(
            "sealed_key", sa.LargeBinary(), nullable=True, comment="of its parts; NULL once it is destroyed"
        ),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True, comment="of the error that ended it"),
        sa.Column("row_count", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True, comment="rows that there were when it began"),
        sa.Column("part_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_key", sa.Uuid(), nullable=True, comment="of the last row of the last whole part"),
        sa.Column("manifest", sa.Text(), nullable=True),
        sa.Column("jws", sa.Text(), nullable=True, comment="over the manifest"),
        sa.Column("lease", sa.Uuid(), nullable=True, comment="of the process that computes it"),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True, comment="by the server's clock"),
        sa.Column(
            "attempts",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="since the last whole part",
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("format IN ('ndjson', 'parquet')", name=op.f("ck_bulk_export_format")),
        sa.CheckConstraint(
            "state IN ('OPEN', 'DONE', 'FAILED', 'WITHDRAWN', 'DELETED', 'EXPIRED')",
            name=op.f("ck_bulk_export_state"),
        ),
        sa.CheckConstraint(
            "state IN ('OPEN', 'DONE') OR sealed_key IS NULL", name=op.f("ck_bulk_export_closed")
        ),
        sa.PrimaryKeyConstraint("export_id", name=op.f("pk_bulk_export")),
        sa.UniqueConstraint("number", name=op.f("uq_bulk_export_number")),
    )
    op.create_index(
        "ix_bulk_export_alive",
        "bulk_export",
        ["asked_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('OPEN', 'DONE')"),
    )
    op.create_index("ix_bulk_export_client", "bulk_export", ["client_id", "asked_at"], unique=False)
    op.create_table(
        "bulk_export_part",
        sa.Column("export_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False, comment="from 1"),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("byte_count", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("snapshot_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "freshness",
            postgresql.JSONB(astext_type=Text()),
            nullable=False,
            comment="of each agency, in that snapshot",
        ),
        sa.ForeignKeyConstraint(
            ["export_id"],
            ["bulk_export.export_id"],
            name=op.f("fk_bulk_export_part_export_id_bulk_export"),
        ),
        sa.PrimaryKeyConstraint("export_id", "part", name=op.f("pk_bulk_export_part")),
    )
    op.create_table(
        "bulk_export_chunk",
        sa.Column("export_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column(
            "n",
            sa.Integer(),
            nullable=False,
            comment="from 0; all but the last of a part are of one length",
        ),
        sa.Column("sealed", sa.LargeBinary(), nullable=False, comment="to its place, under the export's key"),
        sa.ForeignKeyConstraint(
            ["export_id"],
            ["bulk_export.export_id"],
            name=op.f("fk_bulk_export_chunk_export_id_bulk_export"),
        ),
        sa.PrimaryKeyConstraint("export_id", "part", "n", name=op.f("pk_bulk_export_chunk")),
    )
    # Ciphertext does not get shorter; trying costs what sealing costs.
    op.execute("ALTER TABLE bulk_export_chunk ALTER COLUMN sealed SET STORAGE EXTERNAL")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON bulk_export, bulk_export_part, bulk_export_chunk TO hub_service"
    )
    op.execute(f"COMMENT ON COLUMN audit.seal_key.sealed_private IS '{SIGNS}'")

"""The read ledger and its seals: inserted, never changed."""

import sqlalchemy as sa
from alembic import op

from schema.tables.ledger import Xid8

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA audit")
    op.create_table(
        "record",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "era",
            sa.Integer(),
            nullable=False,
            comment="rises when transaction ids start anew, as after a restore",
        ),
        sa.Column("xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column(
            "body",
            sa.LargeBinary(),
            nullable=False,
            comment="the bytes that are hashed; no identity, no variables",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record")),
        schema="audit",
    )
    op.create_index("ix_record_order", "record", ["era", "xid", "id"], unique=False, schema="audit")
    op.create_table(
        "seal",
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("era", sa.Integer(), nullable=False),
        sa.Column("xid_from", Xid8(), nullable=False),
        sa.Column("xid_to", Xid8(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("prev", sa.LargeBinary(), nullable=False, comment="SHA-256 of the JWS of the seal before"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("jws", sa.Text(), nullable=False),
        sa.Column("stamp", sa.LargeBinary(), nullable=True, comment="RFC 3161, where there is an authority"),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_seal")),
        schema="audit",
    )
    op.create_table(
        "seal_key",
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("public_jwk", sa.Text(), nullable=False),
        sa.Column(
            "sealed_private",
            sa.LargeBinary(),
            nullable=False,
            comment="sealed to its place; signs seals and nothing else",
        ),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retire_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_seal_key")),
        schema="audit",
    )

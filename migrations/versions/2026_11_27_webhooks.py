"""Endpoints of clients that are told of events, what waits for them, and the keys that sign it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False, comment="whose grants decide what it is told"),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False, comment="as of a token"),
        sa.Column("scopes", postgresql.ARRAY(Text()), nullable=False, comment="as of a token"),
        sa.Column("types", postgresql.ARRAY(Text()), nullable=False, comment="of events, as Entity.KIND"),
        sa.Column("position", sa.BigInteger(), nullable=False, comment="events up to here were taken up"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True, comment="why it is disabled, a word of ours"),
        sa.Column(
            "failures",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="since it last answered",
        ),
        sa.Column(
            "resume_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="it is ill, and left alone until then",
        ),
        sa.Column("lease", sa.Uuid(), nullable=True, comment="of the process that sends to it now"),
        sa.Column(
            "leased_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="another process may send from then",
        ),
        sa.CheckConstraint("(disabled_at IS NULL) = (reason IS NULL)", name=op.f("ck_webhook_disabled")),
        sa.PrimaryKeyConstraint("webhook_id", name=op.f("pk_webhook")),
    )
    op.create_index("ix_webhook_client_id", "webhook", ["client_id"], unique=False)
    op.create_table(
        "webhook_key",
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False, comment="Ed25519, 32 bytes"),
        sa.Column("sealed_private", sa.LargeBinary(), nullable=False, comment="sealed to its place"),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False, comment="signs from then"),
        sa.Column("retire_at", sa.DateTime(timezone=True), nullable=False, comment="signs until then"),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_webhook_key")),
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False, comment="of the event"),
        sa.Column(
            "row_id", sa.Uuid(), nullable=False, comment="of the event: one waits for the one before it"
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column(
            "since", sa.DateTime(timezone=True), nullable=False, comment="it is given up so long after"
        ),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "status",
            sa.Integer(),
            nullable=True,
            comment="of HTTP, at the last attempt; NULL where there was no answer",
        ),
        sa.CheckConstraint("state IN ('WAITING', 'DEAD')", name=op.f("ck_webhook_delivery_state")),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhook.webhook_id"], name=op.f("fk_webhook_delivery_webhook_id_webhook")
        ),
        sa.PrimaryKeyConstraint("webhook_id", "position", name=op.f("pk_webhook_delivery")),
    )
    op.create_index(
        "ix_webhook_delivery_row", "webhook_delivery", ["webhook_id", "row_id", "position"], unique=False
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON webhook TO hub_service")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_delivery TO hub_service")
    op.execute("GRANT SELECT, INSERT ON webhook_key TO hub_service")

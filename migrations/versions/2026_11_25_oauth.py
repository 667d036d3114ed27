"""Flows of the authorization server that are under way."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "authorization_code",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the code"),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("code_challenge", sa.Text(), nullable=False, comment="S256"),
        sa.Column("dpop_jkt", sa.Text(), nullable=True),
        sa.Column("scopes", postgresql.ARRAY(Text()), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("acr", sa.Text(), nullable=True),
        sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "token_id",
            sa.Text(),
            nullable=True,
            comment="jti of what was issued for it, revoked if the code comes again",
        ),
        sa.CheckConstraint(
            "(spent_at IS NULL) = (token_id IS NULL)", name=op.f("ck_authorization_code_spent")
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_authorization_code")),
    )
    op.create_index(
        op.f("ix_authorization_code_expires_at"), "authorization_code", ["expires_at"], unique=False
    )
    op.create_table(
        "pushed_request",
        sa.Column("uri_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the request_uri"),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column(
            "parameters",
            postgresql.JSONB(astext_type=Text()),
            nullable=False,
            comment="as pushed and checked (RFC 9126)",
        ),
        sa.Column(
            "dpop_jkt",
            sa.Text(),
            nullable=True,
            comment="thumbprint of the key that the code will be bound to",
        ),
        sa.Column(
            "opened_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when a browser first came with it",
        ),
        sa.Column(
            "browser_hash",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the cookie of that browser; no other may go on",
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(opened_at IS NULL) = (browser_hash IS NULL)", name=op.f("ck_pushed_request_opened")
        ),
        sa.PrimaryKeyConstraint("uri_hash", name=op.f("pk_pushed_request")),
    )
    op.create_index(op.f("ix_pushed_request_expires_at"), "pushed_request", ["expires_at"], unique=False)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON authorization_code TO hub_service")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON pushed_request TO hub_service")

"""Issuers that vouch for people and for foreign systems, and logins."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "login",
        sa.Column("cookie_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the cookie's value"),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column(
            "trust_id",
            sa.Uuid(),
            nullable=False,
            comment="of the issuer; the login ends when that is withdrawn",
        ),
        sa.Column("acr", sa.Text(), nullable=True, comment="level of authentication as the issuer says it"),
        sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False, comment="idle since"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("cookie_hash", name=op.f("pk_login")),
    )
    op.create_index(op.f("ix_login_account_id"), "login", ["account_id"], unique=False)
    op.create_index(op.f("ix_login_expires_at"), "login", ["expires_at"], unique=False)
    op.create_table(
        "login_attempt",
        sa.Column("state_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of OIDC's state"),
        sa.Column(
            "browser_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the cookie that began it"
        ),
        sa.Column("trust_id", sa.Uuid(), nullable=False, comment="of the issuer"),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("sealed_verifier", sa.LargeBinary(), nullable=False, comment="PKCE, sealed to its place"),
        sa.Column("max_age_s", sa.Integer(), nullable=False, comment="how old the authentication may be"),
        sa.Column("return_to", sa.Text(), nullable=False, comment="a path of ours"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_login_attempt")),
    )
    op.create_index(op.f("ix_login_attempt_expires_at"), "login_attempt", ["expires_at"], unique=False)
    op.create_table(
        "trusted_issuer",
        sa.Column("trust_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column(
            "name", sa.Text(), nullable=False, comment="as people read it where they choose how to log in"
        ),
        sa.Column("agency", sa.Text(), nullable=False, comment="the agency for which its tokens speak"),
        sa.Column(
            "use",
            sa.Text(),
            nullable=False,
            comment="SYSTEMS: its tokens are exchanged; PEOPLE: people log in by it",
        ),
        sa.Column(
            "audience", sa.Text(), nullable=False, comment="aud of its tokens; for PEOPLE our client_id there"
        ),
        sa.Column("algorithms", postgresql.ARRAY(Text()), nullable=False),
        sa.Column(
            "ceiling", postgresql.ARRAY(Text()), nullable=False, comment="scopes that it can never exceed"
        ),
        sa.Column(
            "scope_map",
            postgresql.JSONB(astext_type=Text()),
            nullable=False,
            comment="its word -> a word of auth.scopes",
        ),
        sa.Column(
            "plain_jwt",
            sa.Boolean(),
            nullable=False,
            comment="typ JWT is tolerated, and azp in place of client_id",
        ),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("use IN ('SYSTEMS', 'PEOPLE')", name=op.f("ck_trusted_issuer_use")),
        sa.CheckConstraint(
            "(approved_by IS NULL) = (approved_at IS NULL)", name=op.f("ck_trusted_issuer_approval")
        ),
        sa.CheckConstraint(
            "(withdrawn_by IS NULL) = (withdrawn_at IS NULL)", name=op.f("ck_trusted_issuer_withdrawal")
        ),
        sa.CheckConstraint(
            "algorithms <@ ARRAY['PS256', 'ES256', 'Ed25519', 'RS256'] AND cardinality(algorithms) > 0",
            name=op.f("ck_trusted_issuer_algorithms"),
        ),
        sa.CheckConstraint("approved_by <> proposed_by", name=op.f("ck_trusted_issuer_four_eyes")),
        sa.PrimaryKeyConstraint("trust_id", name=op.f("pk_trusted_issuer")),
    )
    op.create_index(
        "uq_trusted_issuer_standing",
        "trusted_issuer",
        ["issuer", "use"],
        unique=True,
        postgresql_where=sa.text("approved_at IS NOT NULL AND withdrawn_at IS NULL"),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON login TO hub_service")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON login_attempt TO hub_service")
    # What was approved is what stands: the service can decide on a row, and change nothing else of it.
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (approved_by, approved_at, withdrawn_by, withdrawn_at)"
        " ON trusted_issuer TO hub_service"
    )

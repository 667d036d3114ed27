"""The read ledger and its seals: inserted by one role, sealed by another, read by a third, changed by nobody."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = ("era", "record", "seal", "seal_key")


def upgrade() -> None:
    op.execute("CREATE SCHEMA audit")
    op.execute(
        """CREATE TABLE audit.era (
               era integer NOT NULL,
               system bigint NOT NULL,
               opened_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
               CONSTRAINT pk_era PRIMARY KEY (era))"""
    )
    op.execute(
        """CREATE TABLE audit.record (
               id bigint GENERATED ALWAYS AS IDENTITY,
               era integer NOT NULL,
               xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
               at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
               body bytea NOT NULL,
               CONSTRAINT pk_record PRIMARY KEY (id))"""
    )
    op.execute("CREATE INDEX ix_record_order ON audit.record (era, xid, id)")
    op.execute(
        """CREATE TABLE audit.seal (
               n bigint NOT NULL,
               era integer NOT NULL,
               xid_from xid8 NOT NULL,
               xid_to xid8 NOT NULL,
               count integer NOT NULL,
               root bytea NOT NULL,
               prev bytea NOT NULL,
               at timestamp with time zone NOT NULL,
               kid text NOT NULL,
               jws text NOT NULL,
               stamp bytea,
               CONSTRAINT pk_seal PRIMARY KEY (n))"""
    )
    op.execute("CREATE INDEX ix_seal_order ON audit.seal (era, xid_to)")
    op.execute(
        """CREATE TABLE audit.seal_key (
               kid text NOT NULL,
               public_jwk text NOT NULL,
               sealed_private bytea NOT NULL,
               not_before timestamp with time zone NOT NULL,
               retire_at timestamp with time zone NOT NULL,
               endorsement text NOT NULL,
               CONSTRAINT pk_seal_key PRIMARY KEY (kid))"""
    )
    for column, comment in (
        ("era.era", "rises when transaction ids start anew, as after a restore"),
        ("era.system", "identifier of the server whose transaction ids the era counts"),
        ("record.era", "rises when transaction ids start anew, as after a restore"),
        ("record.body", "the bytes that are hashed; no identity, no variables"),
        ("seal.prev", "SHA-256 of the JWS of the seal before"),
        ("seal.stamp", "RFC 3161, where there is an authority"),
        ("seal_key.sealed_private", "sealed to its place; signs seals and the next key, nothing else"),
        ("seal_key.endorsement", "JWS of the key before over this one; the first key signs itself"),
    ):
        op.execute(f"COMMENT ON COLUMN audit.{column} IS '{comment}'")
    _refuse_changes()
    _give_rights()


def _refuse_changes() -> None:
    op.execute(
        """CREATE FUNCTION audit.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
           BEGIN
               RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
                   MESSAGE = 'audit.' || TG_TABLE_NAME || ' is append-only: ' || TG_OP || ' refused';
           END $$"""
    )
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.{table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse()"
        )
        # Also where a session plays a replica, which ordinary triggers do not see.
        op.execute(f"ALTER TABLE audit.{table} ENABLE ALWAYS TRIGGER {table}_is_append_only")


def _give_rights() -> None:
    op.execute("GRANT USAGE ON SCHEMA audit TO hub_service, hub_sealer, hub_auditor")
    # Its id, transaction and time a record gets from the server: whoever writes can choose none of them.
    op.execute("GRANT INSERT (era, body) ON audit.record TO hub_service")
    op.execute("GRANT SELECT, INSERT ON audit.era TO hub_service")
    op.execute("GRANT SELECT ON audit.seal TO hub_service")
    op.execute("GRANT SELECT ON audit.era, audit.record TO hub_sealer")
    op.execute("GRANT SELECT, INSERT ON audit.seal, audit.seal_key TO hub_sealer")
    op.execute("GRANT SELECT ON audit.era, audit.record, audit.seal TO hub_auditor")
    public = "kid, public_jwk, not_before, retire_at, endorsement"
    op.execute(f"GRANT SELECT ({public}) ON audit.seal_key TO hub_service, hub_auditor")

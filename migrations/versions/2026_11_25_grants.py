"""Grants, exclusions and emergencies; what a client holds is told by its grants alone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


STANDING = """
    CREATE VIEW grant_standing WITH (security_invoker = true) AS
    SELECT g.*,
           coalesce(v.approved, false) AND (NOT g.needs_owner OR coalesce(v.owner_approved, false))
             AND NOT coalesce(v.refused, false) AS is_approved,
           coalesce(v.refused, false) AS is_refused,
           coalesce(w.revoked, false) AS is_revoked,
           coalesce(w.latest = 'SUSPENDED', false) AS is_suspended
    FROM access_grant g
    LEFT JOIN LATERAL (
        SELECT bool_or(d.kind = 'APPROVED') AS approved, bool_or(d.kind = 'OWNER_APPROVED') AS owner_approved,
               bool_or(d.kind = 'REFUSED') AS refused
        FROM grant_decision d WHERE d.grant_id = g.grant_id AND d.version = g.version) v ON true
    LEFT JOIN LATERAL (
        SELECT bool_or(d.kind = 'REVOKED') AS revoked,
               (array_agg(d.kind ORDER BY d.decision_id DESC)
                   FILTER (WHERE d.kind IN ('SUSPENDED', 'RESUMED')))[1] AS latest
        FROM grant_decision d WHERE d.grant_id = g.grant_id) w ON true
"""
"""What the decisions on each version of a grant say together; revoking and suspending concern all its versions."""


VERSIONED = (
    *("client", "account", "access_grant", "grant_decision"),
    *("exclusion", "emergency", "emergency_review"),
)
"""Tables that decide what a caller may do."""

COUNT = """
    CREATE FUNCTION count_access_change() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN UPDATE access_version SET version = version + 1; RETURN NULL; END'
"""


def listed(setting: str) -> str:
    """A setting's list, read once for a statement; NULL where it was not made, which lets no row through."""
    return f"(SELECT string_to_array(NULLIF(current_setting('hub.{setting}', true), ''), ','))"


NOT_EXCLUDED = f"case_id <> ALL (CAST({listed('excluded')} AS uuid[]))"
ROWS = {
    "golden_case": f"reach && {listed('case')} AND {NOT_EXCLUDED}",
    "golden_victim": f"reach && {listed('victim')} AND {NOT_EXCLUDED}"
    f" AND (is_child_at_exploitation IS NOT TRUE OR reach && {listed('child')})",
    "golden_perpetrator": f"reach && {listed('perpetrator')} AND {NOT_EXCLUDED}",
    "golden_person": "EXISTS (SELECT FROM golden_victim v WHERE v.person_id = golden_person.person_id)"
    " OR EXISTS (SELECT FROM golden_perpetrator p WHERE p.person_id = golden_person.person_id)",
    "golden_legal_event": f"agencies && {listed('case_owners')}"
    " AND EXISTS (SELECT FROM golden_case c WHERE c.case_id = golden_legal_event.case_id)",
    **{
        f"golden_{table}": f"agencies && {listed('victim_owners')}"
        f" AND EXISTS (SELECT FROM golden_victim v WHERE v.victim_id = golden_{table}.victim_id)"
        for table in ("service_event", "restitution")
    },
    **{
        f"golden_{table}": f"agencies && {listed('victim_owners')}"
        f" AND EXISTS (SELECT FROM golden_victim v WHERE v.person_id = golden_{table}.person_id)"
        for table in ("movement", "job_placement", "document")
    },
    # A session that has made a setting once finds it empty afterwards, and no longer NULL.
    "golden_organisation": f"cardinality({listed('case')}) > 0",
}
"""Which rows whoever reads is given, by table: the rules of a permit once more, as the second fence."""

READ = (
    *ROWS,
    *("redirect", "subject_key", "checkpoint"),
    *("client", "account", "access_grant", "grant_decision", "grant_standing"),
    *("emergency", "emergency_review", "exclusion", "access_version"),
)
"""All that hub_reader may select from."""

RECOMPUTE = """
    INSERT INTO link_queue (kind, source_id)
    SELECT 'PERSON', source_id FROM source_person UNION ALL SELECT 'CASE', source_id FROM source_case
"""
"""Rows that were there have no reach yet, so nobody is given them until the worker has come by."""


def upgrade() -> None:
    op.create_table(
        "access_grant",
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="from 1; a renewal is the next one"),
        sa.Column("grantee", sa.Text(), nullable=False, comment="a client_id, or an account_id"),
        sa.Column("owner", sa.Text(), nullable=False, comment="the agency whose data it opens"),
        sa.Column("scopes", postgresql.ARRAY(Text()), nullable=False, comment="words of auth.scopes"),
        sa.Column("purposes", postgresql.ARRAY(Text()), nullable=False, comment="words of auth.scopes"),
        sa.Column("legal_basis", sa.Text(), nullable=False, comment="row of the register of legal bases"),
        sa.Column(
            "agreement", sa.Text(), nullable=False, comment="number of the agreement between the agencies"
        ),
        sa.Column("justification", sa.Text(), nullable=False),
        sa.Column(
            "jurisdictions",
            postgresql.ARRAY(Text()),
            nullable=False,
            comment="Kemendagri codes of 2 or 4 digits",
        ),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "valid_to", sa.DateTime(timezone=True), nullable=False, comment="it is over then, without any job"
        ),
        sa.Column(
            "needs_owner", sa.Boolean(), nullable=False, comment="an officer of the owner must approve too"
        ),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "cardinality(scopes) > 0 AND cardinality(purposes) > 0", name=op.f("ck_access_grant_something")
        ),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_access_grant_period")),
        sa.PrimaryKeyConstraint("grant_id", "version", name=op.f("pk_access_grant")),
        sa.UniqueConstraint(
            "grant_id", "version", "proposed_by", name=op.f("uq_access_grant_grant_id_version_proposed_by")
        ),
    )
    op.create_index("ix_access_grant_grantee", "access_grant", ["grantee", "valid_to"], unique=False)
    op.create_table(
        "account",
        sa.Column(
            "account_id", sa.Text(), nullable=False, comment="ISSUER#SUB, as the issuer that vouches says"
        ),
        sa.Column("agency", sa.Text(), nullable=False, comment="the one agency that the person acts for"),
        sa.Column(
            "title",
            sa.Text(),
            nullable=False,
            comment="an office, such as a data protection officer's; never a name",
        ),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account")),
    )
    op.create_table(
        "emergency",
        sa.Column("emergency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True, comment="the person, where one declared it"),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, comment="of a closed list"),
        sa.Column(
            "sealed_words",
            sa.LargeBinary(),
            nullable=False,
            comment="the reason in words, sealed to its place",
        ),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("declared_at < expires_at", name=op.f("ck_emergency_period")),
        sa.PrimaryKeyConstraint("emergency_id", name=op.f("pk_emergency")),
    )
    op.create_index(op.f("ix_emergency_client_id"), "emergency", ["client_id"], unique=False)
    op.create_table(
        "exclusion",
        sa.Column("exclusion_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="whom it keeps out: an agency, a unit, a client or an account",
        ),
        sa.Column("excluded", sa.Text(), nullable=False),
        sa.Column("sealed_reason", sa.LargeBinary(), nullable=False, comment="sealed to its place"),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('AGENCY', 'UNIT', 'CLIENT', 'ACCOUNT')", name=op.f("ck_exclusion_kind")),
        sa.CheckConstraint(
            "(approved_by IS NULL) = (approved_at IS NULL)", name=op.f("ck_exclusion_approval")
        ),
        sa.CheckConstraint("(lifted_by IS NULL) = (lifted_at IS NULL)", name=op.f("ck_exclusion_lifting")),
        sa.CheckConstraint("approved_by <> proposed_by", name=op.f("ck_exclusion_four_eyes")),
        sa.PrimaryKeyConstraint("exclusion_id", name=op.f("pk_exclusion")),
    )
    op.create_index(op.f("ix_exclusion_case_id"), "exclusion", ["case_id"], unique=False)
    op.create_index("ix_exclusion_excluded", "exclusion", ["kind", "excluded"], unique=False)
    op.create_table(
        "notice",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False, comment="to whose officers it goes"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=False, comment="the emergency, grant or exclusion"),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_agency", "notice", ["agency", "created_at"], unique=False)
    op.create_table(
        "emergency_review",
        sa.Column("emergency_id", sa.Uuid(), nullable=False, comment="reviewed once"),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reviewed_by", sa.Text(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('JUSTIFIED', 'UNJUSTIFIED')", name=op.f("ck_emergency_review_verdict")
        ),
        sa.ForeignKeyConstraint(
            ["emergency_id"],
            ["emergency.emergency_id"],
            name=op.f("fk_emergency_review_emergency_id_emergency"),
        ),
        sa.PrimaryKeyConstraint("emergency_id", name=op.f("pk_emergency_review")),
    )
    op.create_table(
        "grant_decision",
        sa.Column(
            "decision_id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="in the order in which they were taken",
        ),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "proposed_by",
            sa.Text(),
            nullable=False,
            comment="of the grant, so that four eyes are a rule of the table",
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('APPROVED', 'OWNER_APPROVED', 'REFUSED', 'SUSPENDED', 'RESUMED', 'REVOKED')",
            name=op.f("ck_grant_decision_kind"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('APPROVED', 'OWNER_APPROVED') OR decided_by <> proposed_by",
            name=op.f("ck_grant_decision_four_eyes"),
        ),
        sa.ForeignKeyConstraint(
            ["grant_id", "version", "proposed_by"],
            ["access_grant.grant_id", "access_grant.version", "access_grant.proposed_by"],
            name="fk_grant_decision_grant",
        ),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_grant_decision")),
    )
    op.create_index("ix_grant_decision_grant", "grant_decision", ["grant_id", "version"], unique=False)
    op.create_index(
        "uq_grant_decision_approver",
        "grant_decision",
        ["grant_id", "version", "decided_by"],
        unique=True,
        postgresql_where=sa.text("kind IN ('APPROVED', 'OWNER_APPROVED')"),
    )
    op.create_index(
        "uq_grant_decision_once",
        "grant_decision",
        ["grant_id", "version", "kind"],
        unique=True,
        postgresql_where=sa.text("kind IN ('APPROVED', 'OWNER_APPROVED', 'REFUSED', 'REVOKED')"),
    )
    op.add_column(
        "client",
        sa.Column(
            "unit",
            sa.Text(),
            nullable=True,
            comment="office of the agency, where a case can be closed to one",
        ),
    )
    op.add_column(
        "client",
        sa.Column(
            "redirect_uris",
            postgresql.ARRAY(Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="of what people log in to",
        ),
    )
    op.drop_column("client", "jurisdiction")
    op.drop_column("client", "purposes")
    op.drop_column("client", "scopes")
    op.add_column(
        "golden_case",
        sa.Column("reach", postgresql.ARRAY(Text()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column(
        "golden_perpetrator",
        sa.Column("reach", postgresql.ARRAY(Text()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column(
        "golden_victim",
        sa.Column("reach", postgresql.ARRAY(Text()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.execute("GRANT SELECT, INSERT ON access_grant TO hub_service")
    op.execute("GRANT SELECT, INSERT ON grant_decision TO hub_service")
    op.execute("GRANT SELECT, INSERT ON emergency TO hub_service")
    op.execute("GRANT SELECT, INSERT ON emergency_review TO hub_service")
    op.execute("GRANT SELECT, INSERT, UPDATE ON account TO hub_service")
    op.execute("GRANT SELECT, INSERT, UPDATE ON exclusion TO hub_service")
    op.execute("GRANT SELECT, INSERT, UPDATE ON notice TO hub_service")
    op.create_table(
        "access_version",
        sa.Column("singleton", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "version",
            sa.BigInteger(),
            nullable=False,
            comment="rises with every change of what decides who may do what",
        ),
        sa.CheckConstraint("singleton = 1", name=op.f("ck_access_version_one_row")),
        sa.PrimaryKeyConstraint("singleton", name=op.f("pk_access_version")),
    )
    op.execute(STANDING)
    op.execute("GRANT SELECT ON grant_standing TO hub_service")
    op.execute(RECOMPUTE)
    for table, rule in ROWS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY service ON {table} TO hub_service USING (true) WITH CHECK (true)")
        op.execute(f"CREATE POLICY reader ON {table} FOR SELECT TO hub_reader USING ({rule})")
    op.execute("GRANT USAGE ON SCHEMA public TO hub_reader")
    op.execute(f"GRANT SELECT ON {', '.join(READ)} TO hub_reader")
    op.execute("INSERT INTO access_version (singleton, version) VALUES (1, 0)")
    op.execute("GRANT SELECT, UPDATE ON access_version TO hub_service")
    op.execute(COUNT)
    for table in VERSIONED:
        op.execute(
            f"CREATE TRIGGER counts AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION count_access_change()"
        )

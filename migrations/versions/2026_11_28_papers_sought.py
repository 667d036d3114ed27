"""Papers are found by tokens of their numbers, and nothing is opened for it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

FOUND = """
    CREATE FUNCTION documents_found(one bigint[], other bigint[]) RETURNS SETOF uuid
    LANGUAGE sql STABLE STRICT SECURITY DEFINER ROWS 10
    BEGIN ATOMIC
        SELECT document_id FROM golden_document WHERE cardinality(one) > 0 AND tokens @> one
        UNION
        SELECT document_id FROM golden_document WHERE cardinality(other) > 0 AND tokens @> other;
    END
"""
"""Ids of papers that have all of one of two lists of tokens; as `persons_found` (0016), which says why it reads as the owner."""

RECOMPUTE = """
    INSERT INTO link_queue (kind, source_id)
    SELECT 'PERSON', source_id FROM source_person EXCEPT SELECT kind, source_id FROM link_queue
"""
"""Papers that were there have no tokens yet, and are found once the worker has come by."""


def upgrade() -> None:
    op.add_column(
        "golden_document",
        sa.Column(
            "tokens", postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False
        ),
    )
    op.create_index(
        "ix_golden_document_tokens", "golden_document", ["tokens"], unique=False, postgresql_using="gin"
    )
    op.execute(FOUND)
    op.execute("REVOKE ALL ON FUNCTION documents_found(bigint[], bigint[]) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION documents_found(bigint[], bigint[]) TO hub_reader")
    op.execute(RECOMPUTE)

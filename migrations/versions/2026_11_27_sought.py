"""Persons are found by tokens of their names and numbers, and nothing is opened for it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

FOUND = """
    CREATE FUNCTION persons_found(one bigint[], other bigint[]) RETURNS SETOF uuid
    LANGUAGE sql STABLE STRICT SECURITY DEFINER ROWS 10
    BEGIN ATOMIC
        SELECT person_id FROM golden_person WHERE cardinality(one) > 0 AND tokens @> one
        UNION
        SELECT person_id FROM golden_person WHERE cardinality(other) > 0 AND tokens @> other;
    END
"""
"""Ids of persons that have all of one of two lists of tokens.

It reads as the owner of the tables: behind row level security no index of the tokens would serve, and every person would
be asked. What it gives are ids alone; whoever reads gets the rows of those that it may see by the rules of these rows.
"""

RECOMPUTE = """
    INSERT INTO link_queue (kind, source_id)
    SELECT 'PERSON', source_id FROM source_person EXCEPT SELECT kind, source_id FROM link_queue
"""
"""Persons that were there have no tokens yet, and are found once the worker has come by."""


def upgrade() -> None:
    op.add_column(
        "golden_person",
        sa.Column(
            "tokens", postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False
        ),
    )
    op.create_index(
        "ix_golden_person_tokens", "golden_person", ["tokens"], unique=False, postgresql_using="gin"
    )
    op.execute(FOUND)
    op.execute("REVOKE ALL ON FUNCTION persons_found(bigint[], bigint[]) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION persons_found(bigint[], bigint[]) TO hub_reader")
    op.execute(RECOMPUTE)
